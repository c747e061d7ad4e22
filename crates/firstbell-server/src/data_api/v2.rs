//! The paths of the v2 dialects for tokens of people, and the unversioned `/me`.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use firstbell_core::id::{RoleId, SectionId};
use firstbell_core::sharing::{self, OutOfScope};
use firstbell_protocol::data_api::v2::Dialect;
use firstbell_protocol::vocabulary::RoleKind;

use super::classes::Classes;
use super::print::{self, NOT_FOUND};
use crate::app::App;
use crate::extract::{AnyBearer, Bearer};
use crate::reply::data_json::{self, DataFault};

/// `{prefix}/me`, `/students/{id}`, `/teachers/{id}`, `/school_admins/{id}`, `/district_admins/{id}`,
/// `/districts/{id}`, and for the Classroom tier `/teachers/{id}/sections`,
/// `/students/{id}/sections`, `/sections/{id}`, `/sections/{id}/students`.
pub fn routes(dialect: Dialect) -> Router<App> {
    let at = |path: &str| format!("{}{path}", dialect.prefix);
    let mut routes = Router::new()
        .route(&at("/me"), get(async move |bearer| me(dialect, bearer)))
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
            &at("/sections/{id}"),
            get(async move |State(app): State<App>, bearer, Path(id): Path<String>| {
                section(dialect, &app, bearer, &id).await
            }),
        )
        .route(
            &at("/sections/{id}/students"),
            get(async move |State(app): State<App>, bearer, Path(id): Path<String>| {
                students(dialect, &app, bearer, &id).await
            }),
        );
    for kind in RoleKind::ALL {
        let path = at(&format!("/{}s/{{id}}", kind.v2_name()));
        routes = routes.route(
            &path,
            get(async move |bearer: Bearer, Path(id): Path<String>| {
                role(dialect, kind, &bearer, &id)
            }),
        );
        if matches!(kind, RoleKind::Student | RoleKind::Teacher) {
            routes = routes.route(
                &format!("{path}/sections"),
                get(async move |State(app): State<App>, bearer, Path(id): Path<String>| {
                    sections(dialect, kind, &app, bearer, &id).await
                }),
            );
        }
    }
    routes
}

/// The unversioned `/me`, in this dialect.
pub fn unversioned(dialect: Dialect) -> Router<App> {
    Router::new().route("/me", get(async move |bearer| me(dialect, bearer)))
}

#[expect(clippy::needless_pass_by_value, reason = "extracted")]
fn me(dialect: Dialect, bearer: Bearer) -> Result<Response, DataFault> {
    print::person(&bearer, |person, role| Ok(data_json::object(&dialect.me(person, role))))
}

fn role(
    dialect: Dialect,
    kind: RoleKind,
    bearer: &Bearer,
    id: &str,
) -> Result<Response, DataFault> {
    let asked: RoleId = id.parse().map_err(|_| NOT_FOUND)?;

    sharing::reach_role(&bearer.entry()?, kind, asked)?;

    print::person(bearer, |person, _| {
        let found = person.roles.iter().find(|role| role.kind == kind && role.id == id);
        let role = found.ok_or(OutOfScope)?;
        Ok(data_json::object(&dialect.role(person, *role)))
    })
}

async fn sections(
    dialect: Dialect,
    kind: RoleKind,
    app: &App,
    bearer: Bearer,
    id: &str,
) -> Result<Response, DataFault> {
    let asked: RoleId = id.parse().map_err(|_| NOT_FOUND)?;

    sharing::reach_role(&bearer.entry()?, kind, asked)?;
    let classes = Classes::all(app, bearer).await?;

    Ok(print::sections(&classes.sections()?, |sections| {
        data_json::object(&dialect.sections(kind, id, sections))
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

async fn students(
    dialect: Dialect,
    app: &App,
    bearer: Bearer,
    id: &str,
) -> Result<Response, DataFault> {
    let asked: SectionId = id.parse().map_err(|_| NOT_FOUND)?;

    let classes = Classes::one(app, bearer, asked).await?;
    let views = classes.people(Some(RoleKind::Student))?;

    let (bearer, tier) = (classes.bearer(), classes.bearer().application()?.tier);
    Ok(print::people(&views, bearer.grant.district, tier, |people| {
        data_json::object(&dialect.students(id, people))
    }))
}
