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
/// role of the login, if the application may see that.
pub fn person(
    bearer: &Bearer,
    print: impl FnOnce(&Person<'_>, PersonRole<'_>) -> Result<Response, DataFault>,
) -> Result<Response, DataFault> {
    let View { id, first_name, last_name, email, created, last_modified, roles } =
        sharing::view(bearer.application()?, &bearer.user);
    let entered = bearer.role()?.id;
    let hexes: Vec<_> = roles.iter().map(|(kind, id)| (*kind, *id, id.hex())).collect();
    let told: Vec<_> =
        hexes.iter().map(|(kind, _, hex)| PersonRole { kind: *kind, id: hex }).collect();
    let position = hexes.iter().position(|(_, id, _)| *id == entered);
    let role = position.and_then(|position| told.get(position)).ok_or(OutOfScope)?;
    let (id, district) = (id.hex(), bearer.grant.district.hex());
    let (created, last_modified) = (created.to_string(), last_modified.to_string());
    let person = Person {
        id: &id,
        district: &district,
        email: email.map(Email::as_str),
        name: Name { first: first_name, middle: None, last: last_name },
        created: &created,
        last_modified: &last_modified,
        roles: &told,
    };
    print(&person, *role)
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
