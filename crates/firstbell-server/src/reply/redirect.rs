//! Sending a browser on.

use axum::response::{IntoResponse, Response};
use firstbell_core::application::VerifiedRedirect;
use firstbell_core::error::Face;
use firstbell_core::secret::Secret;
use firstbell_protocol::vocabulary::State;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};

/// To another page of ours, to be asked for with GET (RFC 9110 section 15.4.4).
pub fn onward(path: &str) -> Response {
    reply(StatusCode::SEE_OTHER, path)
}

/// To the application, with a code (RFC 6749 section 4.1.2): `code` and `scope` always, `state`
/// only where one was sent.
pub fn with_code(
    redirect: &VerifiedRedirect,
    code: &Secret,
    scope: &str,
    state: Option<&State>,
) -> Response {
    let mark = state.map_or("", State::as_str);
    let parameters = [("code", code.expose()), ("scope", scope), ("state", mark)];
    let sent = if state.is_some() { &parameters[..] } else { &parameters[..2] };
    reply(StatusCode::FOUND, &redirect.uri().with_query(sent))
}

/// To the application, with a refusal (RFC 6749 section 4.1.2.1).
pub fn with_refusal(redirect: &VerifiedRedirect, face: &Face, state: Option<&State>) -> Response {
    let mark = state.map_or("", State::as_str);
    let parameters = [("error", face.oauth_name), ("state", mark)];
    let sent = if state.is_some() { &parameters[..] } else { &parameters[..1] };
    reply(StatusCode::FOUND, &redirect.uri().with_query(sent))
}

/// A code must not be kept by a cache, and no page on the way should learn where it came from.
fn reply(status: StatusCode, location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        tracing::error!("a redirect cannot be written as a header");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
