//! `/userinfo`: who somebody is, for applications that speak OpenID Connect, and for those of the
//! Classroom tier, which get no ID tokens (OpenID Connect Core section 5.3).

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::roster::Email;
use firstbell_core::secret::Secret;
use firstbell_core::sharing::{self, Field, Needs, Ties};
use firstbell_protocol::data_api::Name;
use firstbell_protocol::oauth::bearer;
use firstbell_protocol::oidc::{NameForm, UserInfo};
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};

use crate::app::App;
use crate::extract::bearer::{AnyBearer, Bearer, INVALID};
use crate::login::visitor;
use crate::reply::data_json::{self, DataFault};

/// `GET /userinfo`: the token stands in the header.
///
/// # Errors
/// See [`DataFault`].
pub async fn show(State(app): State<App>, bearer: Bearer) -> Result<Response, DataFault> {
    let ties = schools(&app, &bearer).await?;

    print(&bearer, &ties)
}

/// `POST /userinfo`: the token stands in the header or in the form, not in both.
///
/// # Errors
/// See [`DataFault`].
pub async fn show_posted(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, DataFault> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let presented = bearer::in_header_or_form(text(AUTHORIZATION), text(CONTENT_TYPE), &body)
        .map_err(|_| TWICE)?
        .ok_or(INVALID)?;

    let bearer = AnyBearer::of(&app, &Secret::from_text(presented)).await?.of_person()?;
    let ties = schools(&app, &bearer).await?;

    print(&bearer, &ties)
}

const TWICE: DataFault = DataFault::new(
    &error::TOKEN_REQUEST_MALFORMED,
    "Send the access token once: in the Authorization header, or in the form",
);

/// The schools of the person, if the application sees them.
async fn schools(app: &App, bearer: &Bearer) -> Result<Ties, DataFault> {
    let kind = bearer.entry()?.role.kind;
    if !bearer.application()?.tier.shares(kind, Field::Schools) {
        return Ok(Ties::default());
    }
    let needs = Needs { schools: true, ..Needs::default() };
    Ok(visitor::ties(app.store(), bearer.grant.district, &bearer.user, needs).await?)
}

fn print(bearer: &Bearer, ties: &Ties) -> Result<Response, DataFault> {
    let (application, entry) = (bearer.application()?, bearer.entry()?);
    let view = sharing::view(application, &bearer.user, &entry);

    let of_role = ties.schools.iter().filter(|(role, _)| *role == entry.role.id);
    let schools: Vec<_> = of_role.map(|(_, school)| school.hex()).collect();
    let schools: Vec<_> = schools.iter().map(firstbell_core::id::Hex::as_str).collect();
    let (user, role) = (view.id.hex(), entry.role.id.hex());
    let district = bearer.grant.district.hex();
    let switches = application.switches;
    Ok(data_json::object(&UserInfo {
        user: &user,
        role: &role,
        user_type: entry.role.kind,
        district: &district,
        email: view.email.map(Email::as_str),
        email_verified: switches.email_verified,
        name: Name { first: view.first_name, middle: view.middle_name, last: &view.last_name },
        name_form: if switches.standard_claims { NameForm::Standard } else { NameForm::Object },
        schools: &schools,
        authorized_by: view.authorized_by.name(),
    }))
}
