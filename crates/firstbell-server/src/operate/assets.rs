//! `/assets/…`: the files that pages load. Their address holds a hash of their content.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use crate::assets::{self, Asset};

/// `GET /assets/{hash}/{name}`.
pub async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    match assets::find(&hash, &name) {
        Some(asset) => reply(asset, "public, max-age=31536000, immutable"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /favicon.ico`, which browsers ask for by habit.
pub async fn favicon() -> Response {
    match assets::named("favicon.svg") {
        Some(asset) => reply(asset, "public, max-age=86400"),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn reply(asset: Asset, cached: &'static str) -> Response {
    let mut response = asset.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cached));
    response
}
