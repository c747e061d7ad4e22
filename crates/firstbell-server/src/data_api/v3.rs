//! The paths of the v3 dialects for tokens of people.

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use firstbell_core::error;
use firstbell_core::id::{SectionId, UserId};
use firstbell_core::sharing::{self, OutOfScope};
use firstbell_protocol::data_api::v3::Dialect;
use firstbell_protocol::vocabulary::RoleKind;
use serde::Deserialize;

use super::classes::Classes;
use super::print::{self, NOT_FOUND};
use crate::app::App;
use crate::extract::{AnyBearer, Bearer};
use crate::reply::data_json::{self, DataFault};

/// `{prefix}/me`, `/users/{id}`, `/districts/{id}`, and for the Classroom tier
/// `/users/{id}/sections`, `/sections/{id}`, `/sections/{id}/users`.
pub fn routes(dialect: Dialect) -> Router<App> {
    let at = |path: &str| format!("{}{path}", dialect.prefix);
    Router::new()
        .route(
            &at("/me"),
            get(async move |bearer: Bearer| {
                print::person(&bearer, |person, _| Ok(data_json::object(&dialect.me(person))))
            }),
        )
        .route(
            &at("/users/{id}"),
            get(async move |bearer: Bearer, Path(id): Path<String>| user(dialect, &bearer, &id)),
        )
        .route(
            &at("/districts"),
            get(async move |State(app): State<App>, bearer: AnyBearer| {
                print::districts(&app, &bearer, |it| data_json::object(&dialect.districts(it)))
            }),
        )
        .route(
            &at("/districts/{id}"),
            get(async move |State(app): State<App>, bearer: AnyBearer, Path(id): Path<String>| {
                print::district(&app, &bearer, &id, |it| data_json::object(&dialect.district(it)))
            }),
        )
        .route(
            &at("/users/{id}/sections"),
            get(async move |State(app): State<App>, bearer, Path(id): Path<String>| {
                sections(dialect, &app, bearer, &id).await
            }),
        )
        .route(
            &at("/sections/{id}"),
            get(async move |State(app): State<App>, bearer, Path(id): Path<String>| {
                section(dialect, &app, bearer, &id).await
            }),
        )
        .route(
            &at("/sections/{id}/users"),
            get(async move |State(app): State<App>, bearer, Path(id): Path<String>, asked| {
                users(dialect, &app, bearer, &id, asked).await
            }),
        )
}

/// A token of a person reads that person only.
fn user(dialect: Dialect, bearer: &Bearer, id: &str) -> Result<Response, DataFault> {
    let asked: UserId = id.parse().map_err(|_| NOT_FOUND)?;

    sharing::reach_person(&bearer.user, asked)?;

    print::person(bearer, |person, _| Ok(data_json::object(&dialect.user(person))))
}

async fn sections(
    dialect: Dialect,
    app: &App,
    bearer: Bearer,
    id: &str,
) -> Result<Response, DataFault> {
    let asked: UserId = id.parse().map_err(|_| NOT_FOUND)?;

    sharing::reach_person(&bearer.user, asked)?;
    let classes = Classes::all(app, bearer).await?;

    Ok(print::sections(&classes.sections()?, |sections| {
        data_json::object(&dialect.sections(id, sections))
    }))
}

async fn section(
    dialect: Dialect,
    app: &App,
    bearer: Bearer,
    id: &str,
) -> Result<Response, DataFault> {
    let asked: SectionId = id.parse().map_err(|_| NOT_FOUND)?;

    let classes = Classes::one(app, bearer, asked).await?;

    print::sections(&classes.sections()?, |sections| {
        let section = sections.first().ok_or(OutOfScope)?;
        Ok(data_json::object(&dialect.section(section)))
    })
}

/// What narrows a list of people.
#[derive(Deserialize)]
struct Asked {
    role: Option<String>,
}

impl Asked {
    /// The kind of role; an empty one counts as not sent.
    fn role(&self) -> Result<Option<RoleKind>, DataFault> {
        match self.role.as_deref() {
            None | Some("") => Ok(None),
            Some("student") => Ok(Some(RoleKind::Student)),
            Some("teacher") => Ok(Some(RoleKind::Teacher)),
            Some(_) => Err(MALFORMED),
        }
    }
}

const MALFORMED: DataFault =
    DataFault::new(&error::PARAMETER_MALFORMED, "role is student or teacher");

async fn users(
    dialect: Dialect,
    app: &App,
    bearer: Bearer,
    id: &str,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, DataFault> {
    let Query(asked) = asked.map_err(|_| MALFORMED)?;
    let section: SectionId = id.parse().map_err(|_| NOT_FOUND)?;
    let role = asked.role()?;

    let classes = Classes::one(app, bearer, section).await?;
    let views = classes.people(role)?;

    let (bearer, tier) = (classes.bearer(), classes.bearer().application()?.tier);
    Ok(print::people(&views, bearer.grant.district, tier, |people| {
        data_json::object(&dialect.users(id, role, people))
    }))
}
