//! `GET /in/{district}/launch/{application}`: a tile of the portal. The person goes to the
//! application's first redirect URI with a code and without `state`, as applications of this
//! dialect expect of a login that they did not start.

use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::ApplicationId;

use super::show;
use crate::app::App;
use crate::extract::Visit;
use crate::login::dispatch::{self, Beginning};
use crate::reply::Fault;

/// Launches an application.
pub async fn launch(
    State(app): State<App>,
    visit: Visit,
    Path((shortname, application)): Path<(String, String)>,
) -> Response {
    match begin(&app, &visit, &shortname, &application).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn begin(
    app: &App,
    visit: &Visit,
    shortname: &str,
    application: &str,
) -> Result<Response, Fault> {
    let settings = app.settings();
    let district = show::district(&settings, shortname)?.id;
    let id: Option<ApplicationId> = application.parse().ok();

    let application =
        id.and_then(|id| settings.application(id)).ok_or(&error::UNKNOWN_APPLICATION)?;
    let primary = application
        .verify_redirect(None)
        .map_err(|_| Fault::from(&error::REDIRECT_URI_NOT_REGISTERED))?;

    let beginning = Beginning::unasked("portal", application.id, &primary, district);
    dispatch::begin(app, visit, settings.clone(), beginning).await
}
