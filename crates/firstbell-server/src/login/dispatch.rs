//! The dispatcher: what happens next in a login. [`begin`] starts one, `GET /login/{login}`
//! ([`resume`]) goes on with one that waited for its person. Both ask
//! `firstbell_core::login::step::next`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use firstbell_core::application::{Application, RedirectUri, VerifiedRedirect};
use firstbell_core::error;
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::authorize::RedirectRefusal;
use firstbell_core::login::step::{Demands, Destination, PendingLogin, Step};
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_core::sharing;
use firstbell_protocol::oauth::error::UNAUTHORIZED_USER;
use http::StatusCode;

use super::begun::{self, NamedLogin};
use super::bounces;
use super::passage::Passage;
use super::situation::Situation;
use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::Visit;
use crate::reply::cookie::{self, Kept};
use crate::reply::redirect::Answer;
use crate::reply::{Fault, redirect};
use crate::settings::Settings;

/// A browser keeps its own mark for a year: it tells known browsers from new ones when somebody
/// guesses passwords.
const BROWSER_MARK_KEPT_FOR: std::time::Duration = std::time::Duration::from_hours(24 * 365);

/// A login that begins.
#[derive(Debug)]
pub struct Beginning {
    /// Through which door: the name of the first hop in a trace.
    pub door: &'static str,
    /// Where the person wants to be.
    pub destination: Destination,
    /// Whose login page it is, if that is known.
    pub district: Option<DistrictId>,
    /// Nothing may be asked of the person (`prompt=none`).
    pub silent: bool,
}

impl Beginning {
    /// A login that the application did not ask for: no state, no demands.
    #[must_use]
    pub fn unasked(
        door: &'static str,
        application: ApplicationId,
        redirect: &VerifiedRedirect,
        district: DistrictId,
    ) -> Self {
        let redirect = redirect.uri().clone();
        let demands = Demands { unasked: true, ..Demands::default() };
        let destination = Destination::Application { application, redirect, state: None, demands };
        Self { door, destination, district: Some(district), silent: false }
    }
}

/// Begins a login. Where nothing is asked of the person, it ends here too.
///
/// # Errors
/// A refusal, to be shown as a page.
pub async fn begin(
    app: &App,
    visit: &Visit,
    settings: Arc<Settings>,
    beginning: Beginning,
) -> Result<Response, Fault> {
    let Beginning { door, destination, district, silent } = beginning;
    let situation = Situation::load(app, visit, settings, &destination, district).await?;

    match situation.step(&destination, None) {
        step if silent => situation.finish_silently(app, visit, &destination, step).await,
        step @ (Step::ChooseDistrict | Step::SignIn(_) | Step::Confirm | Step::AskTeacher) => {
            let district = match step {
                // Whoever must sign in anew signs in to the district that they came from.
                Step::SignIn(theirs) => Some(theirs),
                _ => situation.district,
            };
            record(app, visit, door, &situation, destination, district).await
        }
        step => situation.finish(app, visit, &destination, step, None).await,
    }
}

/// `GET /login/{login}`: goes on with a login.
pub async fn resume(State(app): State<App>, visit: Visit, login: NamedLogin) -> Response {
    match go_on(&app, &visit, &login).await {
        Ok(response) => response,
        Err(fault) => fault.of_login(Some(login.hash())).page(&app, &visit).await,
    }
}

/// The step that a login is at.
///
/// # Errors
/// When its application is gone, or the database cannot be read.
pub async fn step_of(app: &App, visit: &Visit, pending: &PendingLogin) -> Result<Step, Fault> {
    let destination = &pending.destination;
    let situation =
        Situation::load(app, visit, app.settings(), destination, pending.district).await?;
    Ok(situation.step(destination, Some(pending)))
}

async fn go_on(app: &App, visit: &Visit, login: &NamedLogin) -> Result<Response, Fault> {
    let pending = login.load(app, visit).await?;
    let destination = &pending.destination;
    let situation =
        Situation::load(app, visit, app.settings(), destination, pending.district).await?;

    match situation.step(destination, Some(&pending)) {
        Step::ChooseDistrict => Ok(redirect::onward(&login.path("/district"))),
        Step::SignIn(_) => Ok(redirect::onward(&login.path("/sign-in"))),
        Step::Confirm => Ok(redirect::onward(&login.path("/confirm"))),
        Step::AskTeacher => Ok(redirect::onward(&login.path("/classes"))),
        step => {
            let waiting = Some(login.hash());
            situation.finish(app, visit, destination, step, waiting).await
        }
    }
}

/// Records a login that must wait for its person, and sends the browser to the dispatcher.
async fn record(
    app: &App,
    visit: &Visit,
    door: &'static str,
    situation: &Situation,
    destination: Destination,
    district: Option<DistrictId>,
) -> Result<Response, Fault> {
    if visit.is_looking_ahead {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if !app.may_begin_waiting() {
        return Err((&error::SERVER_BUSY).into());
    }
    let login = Secret::generate("", &mut Entropy);
    let new_mark = visit.browser.is_none().then(|| Secret::generate("", &mut Entropy));
    let Some(mark) = visit.browser.as_ref().or(new_mark.as_ref()) else {
        return Err((&error::SERVER_TROUBLE).into());
    };
    let (hash, browser) = (login.hash(), mark.hash());
    let hop = situation.first_hop(app.now(), door, &destination);
    let pending = PendingLogin {
        destination,
        district,
        browser,
        began: app.now(),
        present: situation.visitor.as_ref().map(|visitor| visitor.session.secret_hash),
        vouched: None,
    };

    app.store()
        .write(move |tx| {
            tx.record_pending_login(&hash, &pending)?;
            tx.begin_hops(&hash, &hop)
        })
        .await?;

    let mut response = redirect::onward(&begun::path(&login, ""));
    let name = app.cookie_names().browser;
    let kept = Kept::For(BROWSER_MARK_KEPT_FOR);
    cookie::set(response.headers_mut(), app.transport(), name, mark.expose(), kept);
    Ok(response)
}

/// Our issuer identifier, for an application that wants it in answers. One that speaks OpenID Connect
/// always gets it: the discovery document says that we send it, so a client that reads that refuses
/// an answer without it (RFC 9207 section 2.4).
#[must_use]
pub fn issuer<'a>(app: &'a App, application: &Application) -> Option<&'a str> {
    let switches = application.switches;
    (switches.iss_parameter || switches.oidc).then(|| app.urls().auth_base())
}

impl Situation {
    /// Does the step that ends a login: a refusal, which leaves a waiting login as it is, because
    /// the person may come back as somebody else; the portal; or an answer to the application.
    async fn finish(
        &self,
        app: &App,
        visit: &Visit,
        destination: &Destination,
        step: Step,
        waiting: Option<SecretHash>,
    ) -> Result<Response, Fault> {
        match (step, destination, &self.visitor, self.application()) {
            (Step::EnterPortal, _, Some(visitor), _) => {
                let district = self.settings.district(visitor.session.district);
                let district = district.ok_or(&error::DISTRICT_UNKNOWN)?;
                if let Some(login) = waiting {
                    app.store().write(move |tx| tx.finish_pending_login(&login)).await?;
                }
                Ok(redirect::onward(&format!("/in/{}", district.shortname)))
            }
            (
                Step::Issue(role),
                Destination::Application { redirect, state, demands, .. },
                Some(visitor),
                Some(application),
            ) => {
                let redirect = verified(application, redirect)?;
                if visit.is_looking_ahead {
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
                let passage = Passage {
                    application,
                    visitor,
                    role,
                    redirect: &redirect,
                    state: state.as_ref(),
                    demands,
                    waiting,
                };
                passage.take(app, visit).await
            }
            (
                Step::Refuse(refusal),
                Destination::Application { demands, .. },
                Some(visitor),
                Some(application),
            ) if demands.return_unshared && refusal.is_lack_of_access() => {
                if visit.is_looking_ahead {
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
                if let Some(login) = waiting {
                    app.store().write(move |tx| tx.finish_pending_login(&login)).await?;
                }
                tracing::info!(
                    district.id = %visitor.session.district, application.id = %application.id,
                    %refusal, "a person without access goes back to the application"
                );
                let answer = refuse(app, application, destination, UNAUTHORIZED_USER)?;
                bounces::count(app, visit, answer)
            }
            (Step::Refuse(refusal), _, visitor, application) => {
                let mut fault = Fault::from(refusal).of_login(waiting);
                if let Some(application) = application {
                    fault = fault.toward(&application.name);
                    fault = fault.because("client_id", &application.client_id);
                }
                if let Some(visitor) = visitor {
                    fault = fault.of(visitor.user.name.full());
                    fault = fault.because("person", visitor.user.id);
                    if let Some(district) = self.settings.district(visitor.session.district) {
                        fault = fault.then(format!("/in/{}", district.shortname));
                    }
                    if let Some(door) = self.door() {
                        for finding in sharing::why(&visitor.at(door)).findings {
                            fault = fault.because("because", finding);
                        }
                    }
                }
                Err(fault)
            }
            (Step::Superseded, ..) => Err(Fault::from(&error::LOGIN_SUPERSEDED)
                .of_login(waiting)
                .then(begun::home(visit))),
            // The steps that wait for a person were taken before.
            _ => Err((&error::SERVER_TROUBLE).into()),
        }
    }

    /// Ends a login of which the person may see nothing: with a code, or with the reason why not.
    async fn finish_silently(
        &self,
        app: &App,
        visit: &Visit,
        destination: &Destination,
        step: Step,
    ) -> Result<Response, Fault> {
        let returns = matches!(destination,
            Destination::Application { demands, .. } if demands.return_unshared);
        let face = match step {
            Step::ChooseDistrict | Step::SignIn(_) => RedirectRefusal::LoginRequired.face(),
            Step::Confirm | Step::AskTeacher => RedirectRefusal::InteractionRequired.face(),
            Step::Refuse(refusal) if refusal.is_lack_of_access() && !returns => refusal.face(),
            step => return self.finish(app, visit, destination, step, None).await,
        };
        let application = self.application().ok_or(&error::SERVER_TROUBLE)?;
        refuse(app, application, destination, face.oauth_name)
    }
}

/// Where an application takes its users back, as it is registered now.
fn verified(application: &Application, redirect: &RedirectUri) -> Result<VerifiedRedirect, Fault> {
    let verified = application.verify_redirect(Some(redirect));
    verified.map_err(|_| Fault::from(&error::REDIRECT_URI_NOT_REGISTERED).toward(&application.name))
}

/// An answer to the application that says no.
fn refuse(
    app: &App,
    application: &Application,
    destination: &Destination,
    error: &str,
) -> Result<Response, Fault> {
    let Destination::Application { redirect, state, demands, .. } = destination else {
        return Err((&error::SERVER_TROUBLE).into());
    };
    let answer = Answer {
        redirect: &verified(application, redirect)?,
        state: state.as_ref(),
        issuer: issuer(app, application),
        kind: demands.response,
    };
    Ok(answer.refusal(error))
}
