//! What a browser tells and is told: our origin, our two cookies (RFC 6265), and whether a form
//! came from our own page.

use axum::http::header::{COOKIE, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};
use firstbell_client::LoginStart;
use url::Url;

/// How browsers reach us.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Scheme, host and port.
    pub(crate) origin: String,
    pub(crate) is_https: bool,
}

impl Site {
    /// Reads a public base URL.
    pub(crate) fn new(public_base: &str) -> anyhow::Result<Self> {
        let url = Url::parse(public_base)?;
        anyhow::ensure!(matches!(url.scheme(), "http" | "https"), "it is not http or https");
        anyhow::ensure!(url.path() == "/" && url.query().is_none(), "it has a path or a query");
        Ok(Self { origin: url.origin().ascii_serialization(), is_https: url.scheme() == "https" })
    }

    fn cookie_name(&self, cookie: Cookie) -> &'static str {
        match (cookie, self.is_https) {
            (Cookie::Session, true) => "__Host-flightschool",
            (Cookie::Session, false) => "flightschool",
            (Cookie::Login, true) => "__Host-flightschool-login",
            (Cookie::Login, false) => "flightschool-login",
        }
    }

    /// The value of one of our cookies.
    pub(crate) fn read_cookie<'h>(
        &self,
        headers: &'h HeaderMap,
        cookie: Cookie,
    ) -> Option<&'h str> {
        let wanted = self.cookie_name(cookie);
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == wanted && !value.is_empty()).then_some(value))
    }

    /// A `Set-Cookie` header; an empty value removes the cookie. The session's has no lifetime: it
    /// goes when the browser closes.
    pub(crate) fn set_cookie(&self, cookie: Cookie, value: &str) -> HeaderValue {
        let name = self.cookie_name(cookie);
        let secure = if self.is_https { "; Secure" } else { "" };
        let lifetime = match cookie {
            _ if value.is_empty() => "; Max-Age=0".to_owned(),
            Cookie::Login => format!("; Max-Age={}", LoginStart::COOKIE_LIFETIME.as_secs()),
            Cookie::Session => String::new(),
        };
        let header = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{lifetime}");
        // Names and values are ours: letters, digits, dots and dashes.
        HeaderValue::try_from(header).unwrap_or(HeaderValue::from_static(""))
    }
}

/// Our two cookies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cookie {
    /// Who is logged in.
    Session,
    /// Which logins this browser has begun.
    Login,
}

/// Whether a request that changes something was sent by a page of ours. Browsers say so in
/// `Sec-Fetch-Site`, older ones in `Origin`; what says nothing is no browser's form.
pub(crate) fn is_same_origin(headers: &HeaderMap, site: &Site) -> bool {
    let said = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    let origin_fits = said(ORIGIN.as_str()).map(|origin| origin == site.origin.as_bytes());
    match said("sec-fetch-site") {
        Some(from) => from == b"same-origin" && origin_fits != Some(false),
        None => origin_fits == Some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn over_https_cookies_are_bound_to_this_host() {
        let site = Site::new("https://flightschool.example/").expect("a site");
        let cookie = site.set_cookie(Cookie::Session, "abc");
        let expected = "__Host-flightschool=abc; Path=/; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(cookie, expected);
    }

    #[test]
    fn the_login_cookie_lives_ten_minutes_and_an_empty_one_not_at_all() {
        let site = Site::new("http://127.0.0.1:3001").expect("a site");
        let cookie = site.set_cookie(Cookie::Login, "1.2-3");
        let expected = "flightschool-login=1.2-3; Path=/; HttpOnly; SameSite=Lax; Max-Age=600";
        assert_eq!(cookie, expected);
        let cookie = site.set_cookie(Cookie::Session, "");
        assert_eq!(cookie, "flightschool=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }

    #[test]
    fn cookies_are_found_among_others() {
        let site = Site::new("http://127.0.0.1:3001").expect("a site");
        let headers =
            headers(&[("cookie", "a=b; flightschool-login=x=y"), ("cookie", "flightschool=k")]);
        assert_eq!(site.read_cookie(&headers, Cookie::Session), Some("k"));
        assert_eq!(site.read_cookie(&headers, Cookie::Login), Some("x=y"));
        assert_eq!(site.read_cookie(&HeaderMap::new(), Cookie::Login), None);
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let site = Site::new("https://flightschool.example").expect("a site");
        for (expected, pairs) in [
            (
                true,
                &[("sec-fetch-site", "same-origin"), ("origin", "https://flightschool.example")][..],
            ),
            (true, &[("sec-fetch-site", "same-origin")]),
            (true, &[("origin", "https://flightschool.example")]),
            (false, &[]),
            (false, &[("origin", "null")]),
            (false, &[("origin", "https://evil.example")]),
            (false, &[("sec-fetch-site", "cross-site")]),
            (false, &[("sec-fetch-site", "same-site"), ("origin", "https://flightschool.example")]),
            (false, &[("sec-fetch-site", "none")]),
            (false, &[("sec-fetch-site", "same-origin"), ("origin", "null")]),
        ] {
            assert_eq!(is_same_origin(&headers(pairs), &site), expected, "{pairs:?}");
        }
    }

    #[test]
    fn a_public_base_is_an_origin() {
        assert_eq!(
            Site::new("http://127.0.0.1:3001/").expect("a site").origin,
            "http://127.0.0.1:3001"
        );
        for bad in [
            "",
            "flightschool.example",
            "ftp://a.example",
            "https://a.example/path",
            "https://a/?x",
        ] {
            assert!(Site::new(bad).is_err(), "{bad}");
        }
    }
}
