//! A browser's request to one of our pages: its cookies, its language, and whether a person is
//! really looking.

use std::convert::Infallible;
use std::sync::OnceLock;

use axum::extract::{FromRequestParts, MatchedPath};
use firstbell_core::secret::Secret;
use http::header::{ACCEPT_LANGUAGE, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method};

use crate::app::App;
use crate::login::visitor;
use crate::reply::page::ImpersonationBanner;
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
    /// That an administrator acts as somebody else; it only says that there is something to look up.
    pub acting: &'static str,
}

impl CookieNames {
    /// For a service that browsers reach over HTTPS.
    pub const HTTPS: Self = Self {
        session: "__Host-firstbell_session",
        browser: "__Host-firstbell_browser",
        language: "__Host-firstbell_language",
        district: "__Host-firstbell_district",
        bounces: "__Host-firstbell_bounces",
        acting: "__Host-firstbell_acting",
    };

    /// For development over plain HTTP.
    pub const HTTP: Self = Self {
        session: "firstbell_session",
        browser: "firstbell_browser",
        language: "firstbell_language",
        district: "firstbell_district",
        bounces: "firstbell_bounces",
        acting: "firstbell_acting",
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
    /// Who acts as whom in this session, once that was looked up; every page then says so.
    pub banner: OnceLock<ImpersonationBanner>,
    /// The language to answer in.
    pub language: Language,
    /// The language that this very request asks for with `?lang=`; it is then remembered.
    pub chosen_language: Option<Language>,
    /// The query, for the links to other languages.
    pub query: String,
    /// The route that the path took, for logs and traces: nothing that was sent stands in it.
    pub route: String,
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
            banner: OnceLock::new(),
            language: Language::En,
            chosen_language: None,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            route: parts
                .extensions
                .get::<MatchedPath>()
                .map_or_else(|| "elsewhere".to_owned(), |route| route.as_str().to_owned()),
            is_looking_ahead: parts.method == Method::HEAD || looks_ahead(&parts.headers),
        };
        let mut remembered_language = None;
        let mut is_acting = false;
        for (name, value) in cookies(&parts.headers) {
            if name == names.session {
                visit.session = Some(Secret::from_text(value));
            } else if name == names.browser {
                visit.browser = Some(Secret::from_text(value));
            } else if name == names.district {
                visit.remembered_district = Some(value.to_owned());
            } else if name == names.bounces {
                visit.bounces = Some(value.to_owned());
            } else if name == names.acting {
                is_acting = true;
            } else if name == names.language {
                remembered_language = Some(value);
            }
        }
        let asked = visit.query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        visit.language = Language::choose(asked.or(remembered_language), accepted);
        visit.chosen_language =
            asked.filter(|tag| *tag == visit.language.tag()).map(|_| visit.language);
        if is_acting {
            visitor::look_up_banner(app, &visit).await;
        }
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

fn looks_ahead(headers: &HeaderMap) -> bool {
    let says_prefetch = |value: &HeaderValue| {
        value.to_str().is_ok_and(|text| text.to_ascii_lowercase().contains("prefetch"))
    };
    ["sec-purpose", "purpose"].iter().any(|name| headers.get(*name).is_some_and(says_prefetch))
}
