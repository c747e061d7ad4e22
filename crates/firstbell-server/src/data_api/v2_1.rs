//! `/v2.1/…` for tokens of people, and the unversioned `/me`, which speaks this dialect.

use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::id::RoleId;
use firstbell_core::sharing::{self, OutOfScope};
use firstbell_protocol::data_api::v2_1;
use firstbell_protocol::vocabulary::RoleKind;

use super::print::{self, NOT_FOUND};
use crate::app::App;
use crate::extract::Bearer;
use crate::reply::data_json::{self, DataFault};

/// `GET /v2.1/me`.
///
/// # Errors
/// See [`DataFault`].
pub async fn me(bearer: Bearer) -> Result<Response, DataFault> {
    print::person(&bearer, |person, role| Ok(data_json::object(&v2_1::me(person, role))))
}

/// `GET /v2.1/students/{id}`.
///
/// # Errors
/// See [`DataFault`].
pub async fn student(bearer: Bearer, Path(id): Path<String>) -> Result<Response, DataFault> {
    role(&bearer, RoleKind::Student, &id)
}

/// `GET /v2.1/teachers/{id}`.
///
/// # Errors
/// See [`DataFault`].
pub async fn teacher(bearer: Bearer, Path(id): Path<String>) -> Result<Response, DataFault> {
    role(&bearer, RoleKind::Teacher, &id)
}

/// `GET /v2.1/school_admins/{id}`.
///
/// # Errors
/// See [`DataFault`].
pub async fn school_admin(bearer: Bearer, Path(id): Path<String>) -> Result<Response, DataFault> {
    role(&bearer, RoleKind::Staff, &id)
}

/// `GET /v2.1/district_admins/{id}`.
///
/// # Errors
/// See [`DataFault`].
pub async fn district_admin(bearer: Bearer, Path(id): Path<String>) -> Result<Response, DataFault> {
    role(&bearer, RoleKind::DistrictAdmin, &id)
}

fn role(bearer: &Bearer, kind: RoleKind, id: &str) -> Result<Response, DataFault> {
    let asked: RoleId = id.parse().map_err(|_| NOT_FOUND)?;

    sharing::reach_role(&bearer.entry()?, kind, asked)?;

    print::person(bearer, |person, _| {
        let found = person.roles.iter().find(|role| role.kind == kind && role.id == id);
        let role = found.ok_or(OutOfScope)?;
        Ok(data_json::object(&v2_1::role_object(person, *role)))
    })
}

/// `GET /v2.1/districts/{id}`.
///
/// # Errors
/// See [`DataFault`].
pub async fn district(
    State(app): State<App>,
    bearer: Bearer,
    Path(id): Path<String>,
) -> Result<Response, DataFault> {
    print::district(&app, &bearer, &id, |district| data_json::object(&v2_1::district(district)))
}
