//! A browser's request to one of our pages: its cookies, its language, and whether a person is
//! really looking.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use firstbell_core::secret::Secret;
use http::header::{ACCEPT_LANGUAGE, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

use crate::app::App;
use crate::reply::text::Language;

/// The cookies we set. Over HTTPS their names carry the `__Host-` prefix, which keeps other hosts
/// of the domain from setting them (RFC 6265bis section 4.1.3.2).
#[derive(Debug, Clone, Copy)]
pub struct CookieNames {
    /// The broker session.
    pub session: &'static str,
    /// The browser's own mark, to which begun logins are bound.
    pub browser: &'static str,
    /// The language the person chose.
    pub language: &'static str,
    /// The shortname of the district whose page was used last.
    pub district: &'static str,
    /// How often the browser was just sent back to an application.
    pub bounces: &'static str,
}

impl CookieNames {
    /// For a service that browsers reach over HTTPS.
    pub const HTTPS: Self = Self {
        session: "__Host-firstbell_session",
        browser: "__Host-firstbell_browser",
        language: "__Host-firstbell_language",
        district: "__Host-firstbell_district",
        bounces: "__Host-firstbell_bounces",
    };

    /// For development over plain HTTP.
    pub const HTTP: Self = Self {
        session: "firstbell_session",
        browser: "firstbell_browser",
        language: "firstbell_language",
        district: "firstbell_district",
        bounces: "firstbell_bounces",
    };
}

/// A browser's request.
#[derive(Debug)]
pub struct Visit {
    /// The secret of the broker session, if the browser has one.
    pub session: Option<Secret>,
    /// The browser's own mark, if it has one.
    pub browser: Option<Secret>,
    /// The district whose login page was used last on this browser.
    pub remembered_district: Option<String>,
    /// What the browser says about having been sent back to applications (`login/bounces.rs`).
    pub bounces: Option<String>,
    /// The language to answer in.
    pub language: Language,
    /// The language that this very request asks for with `?lang=`; it is then remembered.
    pub chosen_language: Option<Language>,
    /// The query, for the links to other languages.
    pub query: String,
    /// The path, for the log; the name of a pending login, which is a secret, is cut out of it.
    pub path: String,
    /// Whether a browser only looks ahead (`Sec-Purpose: prefetch`, or HEAD): then nothing is
    /// issued.
    pub is_looking_ahead: bool,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let names = app.cookie_names();
        let mut visit = Self {
            session: None,
            browser: None,
            remembered_district: None,
            bounces: None,
            language: Language::En,
            chosen_language: None,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            path: without_secret(parts.uri.path()),
            is_looking_ahead: parts.method == Method::HEAD || looks_ahead(&parts.headers),
        };
        let mut remembered_language = None;
        for (name, value) in cookies(&parts.headers) {
            if name == names.session {
                visit.session = Some(Secret::from_text(value));
            } else if name == names.browser {
                visit.browser = Some(Secret::from_text(value));
            } else if name == names.district {
                visit.remembered_district = Some(value.to_owned());
            } else if name == names.bounces {
                visit.bounces = Some(value.to_owned());
            } else if name == names.language {
                remembered_language = Some(value);
            }
        }
        let asked = visit.query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        visit.language = Language::choose(asked.or(remembered_language), accepted);
        visit.chosen_language =
            asked.filter(|tag| *tag == visit.language.tag()).map(|_| visit.language);
        Ok(visit)
    }
}

/// All cookies of a request, name and value, in the order in which they were sent (RFC 6265
/// section 4.2.1). A header that is not visible ASCII is passed over whole.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
}

/// `/login/…/sign-in` for `/login/0123…/sign-in`.
fn without_secret(path: &str) -> String {
    let Some((login, step)) =
        path.strip_prefix("/login/").map(|rest| rest.split_once('/').unwrap_or((rest, "")))
    else {
        return path.to_owned();
    };
    let shown = if login.is_empty() { "" } else { "…" };
    format!("/login/{shown}/{step}")
}

fn looks_ahead(headers: &HeaderMap) -> bool {
    let says_prefetch = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("prefetch"))
    };
    ["sec-purpose", "purpose"].iter().any(|name| headers.get(*name).is_some_and(says_prefetch))
}

#[cfg(test)]
mod tests {
    use super::without_secret;

    #[test]
    fn the_name_of_a_pending_login_is_cut_out_of_its_path() {
        for (path, shown) in [
            ("/in/ada", "/in/ada"),
            ("/login", "/login"),
            ("/login/0123456789", "/login/…/"),
            ("/login/0123456789/sign-in", "/login/…/sign-in"),
        ] {
            assert_eq!(without_secret(path), shown);
        }
    }
}
