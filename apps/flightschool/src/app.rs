//! All URLs on one page, what every reply carries, and what the handlers share.

use std::time::SystemTime;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use firstbell_client::Firstbell;

use crate::browser::{Site, is_same_origin};
use crate::config::Surroundings;
use crate::store::Store;
use crate::trouble::Trouble;
use crate::{home, login};

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) site: Site,
    pub(crate) firstbell: Firstbell,
    pub(crate) store: Store,
    pub(crate) surroundings: Surroundings,
}

impl App {
    pub(crate) fn now(&self) -> SystemTime {
        (self.surroundings.now)()
    }

    /// 32 bytes that nobody can guess.
    pub(crate) fn random(&self) -> std::io::Result<[u8; 32]> {
        let mut bytes = [0; 32];
        (self.surroundings.random)(&mut bytes)?;
        Ok(bytes)
    }
}

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/", get(home::landing))
        .route("/login", get(login::start))
        .route("/oauth/callback", get(login::callback))
        .route("/home", get(home::home))
        .route("/profile/grade", post(home::choose_grade))
        .route("/logout", post(home::log_out))
        .route("/assets/flightschool.css", get(stylesheet))
        .route("/assets/favicon.svg", get(favicon))
        .fallback(async || Trouble::NotFound)
        .method_not_allowed_fallback(async || Trouble::WrongMethod)
        .layer(DefaultBodyLimit::max(4 * 1024))
        .layer(from_fn_with_state(app.clone(), frame))
        .with_state(app)
}

/// Around every request: what changes something must come from our own pages, and every reply
/// carries the same protection.
async fn frame(State(app): State<App>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = if reads || is_same_origin(request.headers(), &app.site) {
        next.run(request).await
    } else {
        Trouble::ForeignForm.into_response()
    };

    let headers = response.headers_mut();
    for (name, value) in PROTECTION {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.site.is_https {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// `same-origin` and not `no-referrer`: with the latter, browsers send `Origin: null` with our own
/// forms (Fetch standard, "append a request Origin header"). Nothing reaches a foreign origin
/// either way.
const PROTECTION: [(HeaderName, &str); 7] = [
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'",
    ),
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "same-origin"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

async fn stylesheet() -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("../assets/flightschool.css"))
}

async fn favicon() -> impl IntoResponse {
    asset("image/svg+xml", include_str!("../assets/favicon.svg"))
}

fn asset(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "public, max-age=3600")], text)
}
