//! `GET /oauth/authorize`: an application asks who somebody is (RFC 6749 section 4.1.1).

use axum::extract::rejection::StringRejection;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::login::authorize::{self, AuthorizeRefusal};
use firstbell_core::login::step::{Destination, ResponseKind};
use firstbell_protocol::oauth::authorize_request::MOST_QUERY_BYTES;
use firstbell_protocol::oauth::{AuthorizeRequest, BodyKind};
use firstbell_protocol::vocabulary::ClientId;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::app::App;
use crate::extract::Visit;
use crate::login::dispatch::{self, Beginning};
use crate::oauth::id_token::{self};
use crate::reply::redirect::Answer;
use crate::reply::{Fault, redirect};

/// Admits the request and lets the login begin.
pub async fn admit(State(app): State<App>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    match begin(&app, &visit, query.as_deref().unwrap_or_default()).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

/// The same request sent as a form (OpenID Connect Core section 3.1.2.1). A form from another site
/// brings no cookies along, so the browser is sent on to ask once more with GET.
pub async fn admit_form(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<String, StringRejection>,
) -> Response {
    match form(&headers, query.as_deref(), body) {
        Ok(form) => match ask_again(&app, &form) {
            Ok(response) => response,
            Err(fault) => fault.page(&app, &visit).await,
        },
        Err(fault) => fault.page(&app, &visit).await,
    }
}

/// Sends the browser on to ask once more. Nothing is repeated that leads nowhere.
fn ask_again(app: &App, form: &str) -> Result<Response, Fault> {
    let request = AuthorizeRequest::parse(form).map_err(|_| &error::REQUEST_TOO_LARGE)?;
    let settings = app.settings();
    let find = |client_id: &ClientId| settings.application_by_client(client_id);
    match authorize::admit(&request, app.now(), find) {
        Err(AuthorizeRefusal::Page(refusal)) => Err(refusal.into()),
        Ok(_) | Err(AuthorizeRefusal::Redirect { .. }) => {
            Ok(redirect::onward(&format!("/oauth/authorize?{form}")))
        }
    }
}

/// A form, and nothing beside it in the query that could say otherwise.
fn form(
    headers: &HeaderMap,
    query: Option<&str>,
    body: Result<String, StringRejection>,
) -> Result<String, Fault> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = BodyKind::of(content_type).is_ok_and(|kind| kind == BodyKind::Form);
    let body = body.map_err(|_| &error::PARAMETER_MALFORMED)?;
    if body.len() > MOST_QUERY_BYTES {
        return Err((&error::REQUEST_TOO_LARGE).into());
    }
    let is_query = body.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if is_form && is_query && query.is_none_or(str::is_empty) {
        Ok(body)
    } else {
        Err((&error::PARAMETER_MALFORMED).into())
    }
}

async fn begin(app: &App, visit: &Visit, query: &str) -> Result<Response, Fault> {
    let request = AuthorizeRequest::parse(query).map_err(|_| &error::REQUEST_TOO_LARGE)?;

    let settings = app.settings();

    let find = |client_id: &ClientId| settings.application_by_client(client_id);
    let admitted = match authorize::admit(&request, app.now(), find) {
        Ok(admitted) => admitted,
        Err(AuthorizeRefusal::Page(refusal)) => return Err(refusal.into()),
        Err(AuthorizeRefusal::Redirect { redirect, state, cause }) => {
            let application = request.client_id.given().and_then(find);
            let issuer = application.and_then(|application| dispatch::issuer(app, application));
            let kind = ResponseKind::Code;
            let answer = Answer { redirect: &redirect, state: state.as_ref(), issuer, kind };
            return Ok(answer.refusal(cause.face().oauth_name));
        }
    };

    let mut demands = admitted.demands;
    if let Some(hint) = &admitted.id_token_hint {
        if let Ok(user) = id_token::hinted(app, admitted.application, hint) {
            demands.hinted = Some(user);
        } else {
            let issuer = dispatch::issuer(app, admitted.application);
            let state = admitted.state.as_ref();
            let kind = demands.response;
            let answer = Answer { redirect: &admitted.redirect, state, issuer, kind };
            return Ok(answer.refusal(error::PARAMETER_MALFORMED.oauth_name));
        }
    }

    let beginning = Beginning {
        door: "authorize",
        destination: Destination::Application {
            application: admitted.application.id,
            redirect: admitted.redirect.uri().clone(),
            state: admitted.state,
            demands,
        },
        district: admitted.district,
        silent: admitted.silent,
    };

    dispatch::begin(app, visit, settings.clone(), beginning).await
}
