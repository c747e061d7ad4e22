//! `/v3.0/…` for tokens of people.

use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::id::UserId;
use firstbell_core::sharing;
use firstbell_protocol::data_api::v3_0;

use super::print::{self, NOT_FOUND};
use crate::app::App;
use crate::extract::Bearer;
use crate::reply::data_json::{self, DataFault};

/// `GET /v3.0/me`.
///
/// # Errors
/// See [`DataFault`].
pub async fn me(bearer: Bearer) -> Result<Response, DataFault> {
    print::person(&bearer, |person, _| Ok(data_json::object(&v3_0::me(person))))
}

/// `GET /v3.0/users/{id}`: a token of a person reads that person only.
///
/// # Errors
/// See [`DataFault`].
pub async fn user(bearer: Bearer, Path(id): Path<String>) -> Result<Response, DataFault> {
    let asked: UserId = id.parse().map_err(|_| NOT_FOUND)?;

    sharing::reach_person(&bearer.user, asked)?;

    print::person(&bearer, |person, _| Ok(data_json::object(&v3_0::user(person))))
}

/// `GET /v3.0/districts/{id}`.
///
/// # Errors
/// See [`DataFault`].
pub async fn district(
    State(app): State<App>,
    bearer: Bearer,
    Path(id): Path<String>,
) -> Result<Response, DataFault> {
    print::district(&app, &bearer, &id, |district| data_json::object(&v3_0::district(district)))
}
