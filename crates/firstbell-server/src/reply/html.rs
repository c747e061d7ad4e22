//! A page as a reply: never cached, loads nothing from elsewhere, never inside a foreign frame.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, VARY};
use http::{HeaderValue, StatusCode};

use super::cookie::{self, Kept};
use super::page::PageError;
use super::text::Text;
use crate::app::App;
use crate::extract::Visit;

/// A form's `Origin` is `null` without a referrer, so pages keep theirs for our own host.
const REFERRER: &str = "same-origin";

/// There is no `form-action`: browsers apply it to the redirects that follow a form, and a login
/// ends in a redirect to whatever address the application registered.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

const LANGUAGE_REMEMBERED_FOR: std::time::Duration = std::time::Duration::from_hours(24 * 365);

/// Renders a page in the visit's language.
pub fn page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    render: impl FnOnce(&Text<'_>) -> Result<String, PageError>,
) -> Response {
    match render(&app.texts().text(visit.language)) {
        Ok(html) => reply(app, visit, status, html),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong. Please try again.")
                .into_response()
        }
    }
}

fn reply(app: &App, visit: &Visit, status: StatusCode, html: String) -> Response {
    let mut response = (status, axum::response::Html(html)).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, REFERRER),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
        (VARY, "Cookie, Accept-Language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(language) = visit.chosen_language {
        let name = app.cookie_names().language;
        let kept = Kept::For(LANGUAGE_REMEMBERED_FOR);
        cookie::set(headers, app.transport(), name, language.tag(), kept);
    }
    response
}
