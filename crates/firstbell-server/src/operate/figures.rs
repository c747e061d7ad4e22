//! `/metrics`, on an address of its own (`server.metrics_listen`): how many people log in, and how many
//! tries fail, is for the operator alone.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::CONTENT_TYPE;

use crate::app::App;

/// `GET /metrics` and nothing else.
pub fn router(app: App) -> Router {
    Router::new().route("/metrics", get(show)).with_state(app)
}

/// The figures, in the text format of Prometheus.
async fn show(State(app): State<App>) -> Response {
    let waiting = u32::try_from(app.passwords().waiting()).unwrap_or(u32::MAX);
    metrics::gauge!("firstbell_passwords_waiting").set(waiting);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], app.figures()).into_response()
}
