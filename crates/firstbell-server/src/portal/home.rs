//! `GET /`: what Firstbell is, and the way in.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use crate::app::App;
use crate::extract::Visit;
use crate::reply::html;
use crate::reply::page::{Frame, Home};

/// Shows the front page.
pub async fn show(State(app): State<App>, visit: Visit) -> Response {
    let page = Home { frame: Frame::of(&visit) };
    html::page(&app, &visit, StatusCode::OK, |text| page.render(text))
}
