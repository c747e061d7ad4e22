//! "Is this you?" An application that sends `confirmed=false` wants a student who is logged in already
//! to say that it is really them, because the one who sits there may be somebody else (seed: shared
//! devices for students). `GET /login/{login}/confirm` asks, `POST` takes the answer: "yes" vouches
//! for this session in this login, "no" ends the session.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use firstbell_core::login::step::Step;
use firstbell_core::login::trace::Hop;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::begun::{self, NamedLogin};
use super::{dispatch, visitor};
use crate::app::App;
use crate::extract::{Visit, csrf};
use crate::reply::cookie::{self, Kept};
use crate::reply::page::{Confirm, Frame};
use crate::reply::{Fault, html, redirect};

/// The form.
#[derive(Deserialize)]
pub struct Answered {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    answer: String,
}

/// `GET /login/{login}/confirm`.
pub async fn ask(State(app): State<App>, visit: Visit, login: NamedLogin) -> Response {
    match question(&app, &visit, &login).await {
        Ok(response) => response,
        Err(fault) => fault.of_login(Some(login.hash())).page(&app, &visit).await,
    }
}

async fn question(app: &App, visit: &Visit, login: &NamedLogin) -> Result<Response, Fault> {
    let pending = login.load(app, visit).await?;
    if dispatch::step_of(app, visit, &pending).await? != Step::Confirm {
        return Ok(redirect::onward(&login.path("")));
    }
    let mut settings = app.settings();
    let Some(visitor) = visitor::load(app, visit, &mut settings, None).await? else {
        return Ok(redirect::onward(&login.path("")));
    };

    let name = &visitor.user.name;
    let page = Confirm {
        frame: Frame::of(visit),
        first_name: name.first.clone(),
        last_initial: name.last.chars().next().map(String::from),
        initials: name.initials(),
        application_name: begun::application_name(&pending, &settings),
        action: login.path("/confirm"),
        csrf_token: csrf::of(visit),
    };
    Ok(html::page(app, visit, StatusCode::OK, |text| page.render(text)))
}

/// `POST /login/{login}/confirm`.
pub async fn answer(
    State(app): State<App>,
    visit: Visit,
    login: NamedLogin,
    headers: HeaderMap,
    answered: Result<Form<Answered>, FormRejection>,
) -> Response {
    match take(&app, &visit, &login, &headers, answered).await {
        Ok(response) => response,
        Err(fault) => fault.of_login(Some(login.hash())).page(&app, &visit).await,
    }
}

async fn take(
    app: &App,
    visit: &Visit,
    login: &NamedLogin,
    headers: &HeaderMap,
    answered: Result<Form<Answered>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(answered) = answered.map_err(Fault::of_form)?;
    let pending = login.load(app, visit).await?;
    csrf::check(app, visit, headers, &answered.csrf).map_err(|fault| fault.then(login.path("")))?;
    if dispatch::step_of(app, visit, &pending).await? != Step::Confirm {
        return Ok(redirect::onward(&login.path("")));
    }
    let Some(session) = visit.session.as_ref().map(firstbell_core::secret::Secret::hash) else {
        return Ok(redirect::onward(&login.path("")));
    };

    // Whatever is not a clear "yes" is a "no".
    let is_them = answered.answer == "yes";

    let (hash, at) = (login.hash(), app.now());
    app.store()
        .write(move |tx| {
            let decision = if is_them {
                tx.vouch_for(&hash, &session)?;
                "it is them"
            } else {
                visitor::end(tx, &session, at)?;
                "it is somebody else"
            };
            tx.add_hop(&hash, &Hop::new(at, "is this you?", decision))
        })
        .await?;

    let mut response = redirect::onward(&login.path(""));
    if !is_them {
        let name = app.cookie_names().session;
        cookie::set(response.headers_mut(), app.transport(), name, "", Kept::Not);
    }
    Ok(response)
}
