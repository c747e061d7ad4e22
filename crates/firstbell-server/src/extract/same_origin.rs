//! Whether a form comes from one of our own pages: by Fetch Metadata where the browser sends it,
//! by `Origin` else. A request with neither comes from no browser that could be tricked; such a
//! form still needs the secret that our page put into it.

use http::HeaderMap;
use http::header::{HOST, ORIGIN};

use crate::config::PublicUrls;
use crate::reply::cookie::Transport;

/// Whether the headers of a POST allow that it comes from our own page. Over HTTP/2 there is no
/// `Host`, and a proxy may have changed it, so an origin that is one of our base URLs fits too.
pub fn is_from_our_page(headers: &HeaderMap, urls: &PublicUrls) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    let host = headers.get(HOST).and_then(|value| value.to_str().ok());
    let scheme = match urls.transport() {
        Transport::Https => "https://",
        Transport::Http => "http://",
    };
    let origin_host = origin.strip_prefix(scheme);
    let is_the_host_asked = origin_host.is_some() && origin_host == host;
    is_the_host_asked || origin == urls.auth_base() || origin == urls.api_base()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(pairs: &[(&'static str, &'static str)]) -> bool {
        let urls = PublicUrls::new("https://login.example", "https://api.example").unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, http::HeaderValue::from_static(value));
        }
        is_from_our_page(&headers, &urls)
    }

    #[test]
    fn forms_from_elsewhere_are_told_by_their_headers() {
        for (expected, headers) in [
            (true, &[("sec-fetch-site", "same-origin")][..]),
            (true, &[("sec-fetch-site", "none")]),
            (false, &[("sec-fetch-site", "cross-site")]),
            (false, &[("sec-fetch-site", "same-site")]),
            (true, &[("origin", "https://a.example"), ("host", "a.example")]),
            (false, &[("origin", "https://b.example"), ("host", "a.example")]),
            (false, &[("origin", "http://a.example"), ("host", "a.example")]),
            (false, &[("origin", "null"), ("host", "a.example")]),
            (
                false,
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://a.example"),
                    ("host", "a.example"),
                ],
            ),
            (true, &[("host", "a.example")]),
            (true, &[("origin", "https://login.example")]),
            (false, &[("origin", "https://evil.example")]),
        ] {
            assert_eq!(judged(headers), expected, "{headers:?}");
        }
    }
}
