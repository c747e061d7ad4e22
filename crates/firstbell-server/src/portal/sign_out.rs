//! `POST /in/{district}/sign-out`: "I'm done". Ends the broker session of this browser; sessions
//! of applications are theirs to end (`docs/compatibility.md`, "No single logout").

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::error;
use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::show;
use crate::app::App;
use crate::extract::{Visit, csrf};
use crate::login::visitor;
use crate::reply::cookie::{self, Kept};
use crate::reply::page::{Frame, SignedOut};
use crate::reply::{Fault, html, redirect};

/// The form.
#[derive(Debug, Deserialize)]
pub struct Sent {
    csrf: String,
}

/// `GET` of the form's address: somebody changed the language or reloaded.
pub async fn show_portal(
    State(app): State<App>,
    visit: Visit,
    Path(shortname): Path<String>,
) -> Response {
    match show::district(&app.settings(), &shortname) {
        Ok(district) => redirect::onward(&format!("/in/{}", district.shortname)),
        Err(fault) => fault.page(&app, &visit).await,
    }
}

/// Ends the session.
pub async fn sign_out(
    State(app): State<App>,
    visit: Visit,
    Path(shortname): Path<String>,
    headers: HeaderMap,
    form: Result<Form<Sent>, FormRejection>,
) -> Response {
    match end(&app, &visit, &shortname, &headers, form).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn end(
    app: &App,
    visit: &Visit,
    shortname: &str,
    headers: &HeaderMap,
    form: Result<Form<Sent>, FormRejection>,
) -> Result<Response, Fault> {
    let settings = app.settings();
    let district = show::district(&settings, shortname)?;
    let (district_name, portal) = (district.name.clone(), format!("/in/{}", district.shortname));
    let forged = || Fault::from(&error::FORM_FORGED).then(&portal);
    let Form(form) = form.map_err(|_| forged())?;

    if let Some(session) = &visit.session {
        csrf::check(app, visit, headers, &form.csrf).map_err(|_| forged())?;

        let (hash, now) = (session.hash(), app.now());
        app.store().write(move |tx| visitor::end(tx, &hash, now)).await?;
    }

    let page = SignedOut {
        frame: Frame::default(),
        district_name: Some(district_name),
        sign_in_href: portal,
    };
    let mut response = html::page(app, visit, StatusCode::OK, |text| page.render(text));
    let headers = response.headers_mut();
    cookie::set(headers, app.transport(), app.cookie_names().session, "", Kept::Not);
    cookie::set(headers, app.transport(), app.cookie_names().acting, "", Kept::Not);
    // Pages of the session must not come back with the back button.
    let everything_cached = HeaderValue::from_static("\"cache\"");
    headers.insert(HeaderName::from_static("clear-site-data"), everything_cached);
    Ok(response)
}
