//! `GET /oauth/authorize`: an application asks who somebody is (RFC 6749 section 4.1.1).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::login::authorize::{self, AuthorizeRefusal};
use firstbell_core::login::step::Destination;
use firstbell_protocol::oauth::AuthorizeRequest;

use crate::app::App;
use crate::extract::Visit;
use crate::login::dispatch::{self, Beginning};
use crate::reply::{Fault, redirect};

/// Admits the request and lets the login begin.
pub async fn admit(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    match begin(&app, &visit, query.as_deref().unwrap_or_default()).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit),
    }
}

async fn begin(app: &App, visit: &Visit, query: &str) -> Result<Response, Fault> {
    let request = AuthorizeRequest::parse(query).map_err(|_| &error::REQUEST_TOO_LARGE)?;

    let settings = app.settings();

    let admitted =
        match authorize::admit(&request, |client_id| settings.application_by_client(client_id)) {
            Ok(admitted) => admitted,
            Err(AuthorizeRefusal::Page(refusal)) => return Err(refusal.into()),
            Err(AuthorizeRefusal::Redirect { redirect, state, cause }) => {
                return Ok(redirect::with_refusal(&redirect, cause.face(), state.as_ref()));
            }
        };

    let beginning = Beginning {
        destination: Destination::Application {
            application: admitted.application.id,
            redirect: admitted.redirect.uri().clone(),
            state: admitted.state,
        },
        district: admitted.district,
    };

    dispatch::begin(app, visit, settings.clone(), beginning).await
}
