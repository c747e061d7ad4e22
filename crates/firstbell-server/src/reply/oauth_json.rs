//! Replies of the token endpoint (RFC 6749 sections 5.1 and 5.2).

use axum::Json;
use axum::response::{IntoResponse, Response};
use firstbell_core::error::Face;
use firstbell_protocol::oauth::{ErrorBody, TokenResponse};
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::fault::RETRY_SOON;
use crate::extract::client_auth::ClientRefusal;

/// A token for the application.
#[must_use]
pub fn token(token: TokenResponse) -> Response {
    uncached(Json(token).into_response())
}

/// A JSON object for one application.
pub fn object(object: &impl Serialize) -> Response {
    uncached(Json(object).into_response())
}

/// Nothing but that it is done.
#[must_use]
pub fn done() -> Response {
    uncached(StatusCode::OK.into_response())
}

/// A refusal: what went wrong for the program, and a sentence for its developer.
#[derive(Debug)]
pub struct TokenFault {
    face: &'static Face,
    description: String,
}

impl TokenFault {
    /// The refusal of this face, in words for the developer.
    pub fn new(face: &'static Face, description: impl Into<String>) -> Self {
        Self { face, description: description.into() }
    }
}

impl From<ClientRefusal> for TokenFault {
    fn from(refusal: ClientRefusal) -> Self {
        Self::new(refusal.face(), refusal.to_string())
    }
}

impl From<firstbell_store::StoreError> for TokenFault {
    fn from(error: firstbell_store::StoreError) -> Self {
        let (face, description) = super::data_json::store_trouble(&error);
        Self::new(face, description)
    }
}

impl IntoResponse for TokenFault {
    fn into_response(self) -> Response {
        metrics::counter!("firstbell_refusals_total", "code" => self.face.code).increment(1);
        let status =
            StatusCode::from_u16(self.face.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Where there are too many of them the counter is enough.
        if status != StatusCode::TOO_MANY_REQUESTS {
            tracing::info!(
                code = self.face.code,
                description = self.description,
                "a token request was refused"
            );
        }
        let body = ErrorBody {
            error: self.face.oauth_name.to_owned(),
            error_description: Some(self.description),
        };
        let mut response = uncached((status, Json(body)).into_response());
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(RETRY_AFTER, RETRY_SOON);
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Basic realm=\"oauth\"");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
