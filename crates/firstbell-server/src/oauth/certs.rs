//! `GET /oauth/certs`: the keys with which ID tokens are verified (RFC 7517 section 5).

use axum::extract::State;
use axum::response::Response;

use crate::app::App;
use crate::reply::document;

/// The keys that are published at this moment.
pub async fn show(State(app): State<App>) -> Response {
    document::json(app.keys().document())
}
