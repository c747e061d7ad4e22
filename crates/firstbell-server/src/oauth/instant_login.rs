//! `GET /oauth/instant-login`: an Instant Login Link (seed: best practices, "users arriving from the
//! portal or an Instant Login Link"). It leads to an application as a tile of the portal does: to its
//! primary redirect URI, or to the registered one that the link names, without `state`.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::DistrictId;
use firstbell_protocol::vocabulary::{ClientId, RedirectUri};
use serde::Deserialize;

use crate::app::App;
use crate::extract::Visit;
use crate::login::dispatch;
use crate::reply::Fault;

/// The link's query. Other parameters that such links are known to carry are ignored.
#[derive(Deserialize)]
pub struct Link {
    client_id: Option<String>,
    district_id: Option<String>,
    redirect_uri: Option<String>,
}

/// Follows the link.
pub async fn follow(
    State(app): State<App>,
    visit: Visit,
    link: Result<Query<Link>, QueryRejection>,
) -> Response {
    match begin(&app, &visit, link).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn begin(
    app: &App,
    visit: &Visit,
    link: Result<Query<Link>, QueryRejection>,
) -> Result<Response, Fault> {
    let Query(link) = link.map_err(|_| &error::PARAMETER_MALFORMED)?;
    let client_id: Option<ClientId> = link.client_id.and_then(|text| text.parse().ok());
    let district: Option<DistrictId> = link.district_id.and_then(|text| text.parse().ok());
    let sent = link.redirect_uri.filter(|text| !text.is_empty());

    let settings = app.settings();
    let application = client_id
        .and_then(|client_id| settings.application_by_client(&client_id))
        .filter(|application| application.disabled.is_none())
        .ok_or(&error::UNKNOWN_APPLICATION)?;
    let district = district
        .filter(|district| settings.district(*district).is_some())
        .ok_or_else(|| Fault::from(&error::DISTRICT_UNKNOWN).then("/login"))?;

    let not_registered =
        || Fault::from(&error::REDIRECT_URI_NOT_REGISTERED).toward(&application.name);
    let sent: Option<RedirectUri> =
        sent.map(|text| text.parse()).transpose().map_err(|_| not_registered())?;
    let redirect = application.verify_redirect(sent.as_ref()).map_err(|_| not_registered())?;

    let beginning =
        dispatch::Beginning::unasked("instant-login", application.id, &redirect, district);
    dispatch::begin(app, visit, settings.clone(), beginning).await
}
