//! `/.well-known/…`: what clients read to find everything else.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use firstbell_protocol::oidc::Discovery;
use http::StatusCode;

use crate::app::App;
use crate::reply::document;

/// `GET /.well-known/openid-configuration` (OpenID Connect Discovery section 4). What it says is
/// configured, whatever the `Host` of the request.
pub async fn openid_configuration(State(app): State<App>) -> Response {
    let urls = app.urls();
    match serde_json::to_vec(&Discovery::new(urls.auth_base(), urls.api_base())) {
        Ok(text) => document::json(text.into()),
        Err(error) => {
            tracing::error!(%error, "the discovery document cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
