//! The same four answers to everybody.

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::response::IntoResponse;
use axum::routing::{get, post};

const CALLBACK: &str = "http://127.0.0.1:9/callback?code=0f1e2d3c4b5a69788796a5b4c3d2e1f001122334\
                        &scope=read%3Auser_id&state=af0ifjsldkj";
const TOKEN: &str =
    r#"{"access_token":"il0f1e2d3c4b5a69788796a5b4c3d2e1f0011223","token_type":"bearer"}"#;
const ME: &str = r#"{"type":"user","data":{"id":"6741f0a1b2c3d4e5f6071829","district":"6741f0a1b2c3d4e5f6071800","type":"user","authorized_by":"district"},"links":[{"rel":"self","uri":"/me"}]}"#;
const USER: &str = r#"{"data":{"id":"6741f0a1b2c3d4e5f6071829","district":"6741f0a1b2c3d4e5f6071800","name":{"first":"Ana","last":"Núñez"},"roles":{"student":{"legacy_id":"6741f0a1b2c3d4e5f607182a","sis_id":"100001"}}},"links":[{"rel":"self","uri":"/v3.0/users/6741f0a1b2c3d4e5f6071829"}]}"#;

/// The four routes.
pub fn router() -> Router {
    Router::new()
        .route("/oauth/authorize", get(async || (StatusCode::FOUND, [(LOCATION, CALLBACK)])))
        .route("/oauth/tokens", post(async |_: String| json(TOKEN)))
        .route("/v3.0/me", get(async || json(ME)))
        .route("/v3.0/users/{id}", get(async || json(USER)))
}

fn json(text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], text)
}
