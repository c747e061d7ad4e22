//! `/v3.0/…` for tokens of people.

use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::id::UserId;
use firstbell_core::sharing::{self, OutOfScope};
use firstbell_protocol::data_api::v3_0;

use super::print::{self, NOT_FOUND};
use crate::app::App;
use crate::extract::{AnyBearer, Bearer};
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
    bearer: AnyBearer,
    Path(id): Path<String>,
) -> Result<Response, DataFault> {
    print::district(&app, &bearer, &id, |district| data_json::object(&v3_0::district(district)))
}

/// `GET /v3.0/districts`: a district's token reads its own.
///
/// # Errors
/// See [`DataFault`].
pub async fn districts(State(app): State<App>, bearer: AnyBearer) -> Result<Response, DataFault> {
    if !bearer.is_of_district() {
        return Err(OutOfScope.into());
    }
    let own = bearer.district().to_string();
    print::district(&app, &bearer, &own, |one| data_json::object(&v3_0::districts(one)))
}
