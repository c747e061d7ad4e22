//! From what sharing grants to what a dialect prints. No field is chosen here: a
//! [`View`] holds only what the application may see.

use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::DistrictId;
use firstbell_core::roster::{self, Email};
use firstbell_core::sharing::{self, OutOfScope, View};
use firstbell_protocol::data_api::{District, Name, Person, PersonRole};

use crate::app::App;
use crate::extract::Bearer;
use crate::reply::data_json::DataFault;

/// How people of a district log in, in the dialect's words.
const LOGIN_METHODS: &[&str] = &["Clever Passwords"];

/// The text of the path is no id.
pub const NOT_FOUND: DataFault = DataFault::new(&error::OBJECT_NOT_FOUND, "Resource not found");

/// Prints the token's person as the application may see them. `print` gets the person and the
/// role of the login.
pub fn person(
    bearer: &Bearer,
    print: impl FnOnce(&Person<'_>, PersonRole<'_>) -> Result<Response, DataFault>,
) -> Result<Response, DataFault> {
    let (application, entry) = (bearer.application()?, bearer.entry()?);
    let view = sharing::view(application, &bearer.user, &entry);
    let by_admin = bearer.grant.impersonator.is_some() && application.switches.impersonation_mark;
    seen(&view, bearer.grant.district, by_admin, |person| {
        let entered = entry.role.id.hex();
        let role = person.roles.iter().find(|role| role.id == entered.as_str());
        print(person, *role.ok_or(OutOfScope)?)
    })
}

/// Hands on what an application sees of a person in the words of the dialects.
pub fn seen<T>(
    view: &View<'_>,
    district: DistrictId,
    by_admin: bool,
    print: impl FnOnce(&Person<'_>) -> T,
) -> T {
    let hexes: Vec<_> = view.roles.iter().map(|role| (role, role.id.hex())).collect();
    let roles: Vec<_> = hexes
        .iter()
        .map(|(role, hex)| PersonRole {
            kind: role.kind,
            id: hex,
            grade: role.grade,
            sis_id: role.sis_id,
        })
        .collect();
    let (id, district) = (view.id.hex(), district.hex());
    let (created, last_modified) = (view.created.to_string(), view.last_modified.to_string());
    print(&Person {
        id: &id,
        district: &district,
        email: view.email.map(Email::as_str),
        name: Name { first: view.first_name, middle: view.middle_name, last: &view.last_name },
        created: &created,
        last_modified: &last_modified,
        roles: &roles,
        authorized_by: view.authorized_by.name(),
        by_admin,
    })
}

/// Prints the token's own district.
pub fn district(
    app: &App,
    bearer: &Bearer,
    id: &str,
    print: impl FnOnce(District<'_>) -> Response,
) -> Result<Response, DataFault> {
    let asked: DistrictId = id.parse().map_err(|_| NOT_FOUND)?;
    sharing::reach_district(bearer.grant.district, asked)?;
    let found = bearer.settings().district(asked).ok_or(NOT_FOUND)?;
    let portal_url = portal_url(app, found);
    let id = found.id.hex();
    Ok(print(District {
        id: &id,
        name: &found.name,
        portal_url: &portal_url,
        login_methods: LOGIN_METHODS,
    }))
}

fn portal_url(app: &App, district: &roster::District) -> String {
    format!("{}/in/{}", app.urls().auth_base(), district.shortname)
}
