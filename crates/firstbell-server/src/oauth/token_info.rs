//! `GET /oauth/tokeninfo`: for which application a token was made.

use axum::response::Response;
use firstbell_protocol::oauth::TokenInfo;

use crate::extract::AnyBearer;
use crate::reply::data_json::{self, DataFault};

/// Names the application and what the token may read.
///
/// # Errors
/// See [`DataFault`].
pub async fn show(bearer: AnyBearer) -> Result<Response, DataFault> {
    let application = bearer.application()?;

    Ok(data_json::object(&TokenInfo {
        client_id: application.client_id.as_str(),
        scopes: application.tier.scope().split(' ').collect(),
    }))
}
