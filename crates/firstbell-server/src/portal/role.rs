//! `POST /in/{district}/role`: a person of several roles goes on in another one. The session stays.

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::id::RoleId;
use http::HeaderMap;
use serde::Deserialize;

use super::show;
use crate::app::App;
use crate::extract::{Visit, csrf};
use crate::login::visitor;
use crate::reply::{Fault, redirect};

/// The form.
#[derive(Deserialize)]
pub struct Chosen {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    role: String,
}

/// Switches the role.
pub async fn switch(
    State(app): State<App>,
    visit: Visit,
    Path(shortname): Path<String>,
    headers: HeaderMap,
    chosen: Result<Form<Chosen>, FormRejection>,
) -> Response {
    match take(&app, &visit, &shortname, &headers, chosen).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn take(
    app: &App,
    visit: &Visit,
    shortname: &str,
    headers: &HeaderMap,
    chosen: Result<Form<Chosen>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(chosen) = chosen.map_err(Fault::of_form)?;
    let mut settings = app.settings();
    let portal = format!("/in/{}", show::district(&settings, shortname)?.shortname);
    csrf::check(app, visit, headers, &chosen.csrf).map_err(|fault| fault.then(&portal))?;
    let visitor = visitor::load(app, visit, &mut settings, None).await?;

    // A role that is not theirs, or a session that has ended meanwhile: the portal knows what to do.
    let wanted: Option<RoleId> = chosen.role.parse().ok();
    let role = visitor.as_ref().zip(wanted).and_then(|(visitor, wanted)| {
        let role = visitor.user.role_by_id(wanted)?;
        Some((visitor.session.secret_hash, role.id))
    });

    if let Some((session, role)) = role {
        app.store().write(move |tx| tx.switch_role(&session, role)).await?;
    }

    Ok(redirect::onward(&portal))
}
