//! The dispatcher: what happens next in a login. [`begin`] starts one, `GET /login/{login}`
//! ([`resume`]) goes on with one that waited for its person. Both ask
//! `firstbell_core::login::step::next`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use firstbell_core::application::{Application, VerifiedRedirect};
use firstbell_core::error;
use firstbell_core::id::DistrictId;
use firstbell_core::login::code::{self, Grant};
use firstbell_core::login::step::{self, Destination, Door, PendingLogin, Step, Visitor};
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_store::StoreError;
use http::StatusCode;

use super::begun::{self, NamedLogin};
use super::visitor;
use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::Visit;
use crate::reply::cookie::{self, Kept};
use crate::reply::{Fault, redirect};
use crate::settings::Settings;

/// A browser keeps its own mark for a year: it tells known browsers from new ones when somebody
/// guesses passwords.
const BROWSER_MARK_KEPT_FOR: std::time::Duration = std::time::Duration::from_hours(24 * 365);

/// A login that begins.
#[derive(Debug)]
pub struct Beginning {
    /// Where the person wants to be.
    pub destination: Destination,
    /// Whose login page it is, if that is known.
    pub district: Option<DistrictId>,
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
    let Beginning { destination, district } = beginning;
    let situation = Situation::load(app, visit, settings, &destination, district).await?;

    match situation.step() {
        Step::ChooseDistrict | Step::SignIn(_) => {
            record(app, visit, destination, situation.district).await
        }
        step => situation.finish(app, visit, &destination, step, None).await,
    }
}

/// `GET /login/{login}`: goes on with a login.
pub async fn resume(State(app): State<App>, visit: Visit, login: NamedLogin) -> Response {
    match go_on(&app, &visit, &login).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit),
    }
}

async fn go_on(app: &App, visit: &Visit, login: &NamedLogin) -> Result<Response, Fault> {
    let pending = login.load(app, visit).await?;
    let situation =
        Situation::load(app, visit, app.settings(), &pending.destination, pending.district).await?;

    match situation.step() {
        Step::ChooseDistrict => Ok(redirect::onward(&login.path("/district"))),
        Step::SignIn(_) => Ok(redirect::onward(&login.path("/sign-in"))),
        step => {
            let waiting = Some(login.hash());
            situation.finish(app, visit, &pending.destination, step, waiting).await
        }
    }
}

/// Records a login that must wait for its person, and sends the browser to the dispatcher.
async fn record(
    app: &App,
    visit: &Visit,
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
    let pending = PendingLogin { destination, district, browser, began: app.now() };

    app.store().write(move |tx| tx.record_pending_login(&hash, &pending)).await?;

    let mut response = redirect::onward(&begun::path(&login, ""));
    let name = app.cookie_names().browser;
    let kept = Kept::For(BROWSER_MARK_KEPT_FOR);
    cookie::set(response.headers_mut(), app.transport(), name, mark.expose(), kept);
    Ok(response)
}

/// Everything that decides about the next step of a login.
struct Situation {
    settings: Arc<Settings>,
    district: Option<DistrictId>,
    visitor: Option<Visitor>,
    application: Option<Application>,
}

impl Situation {
    async fn load(
        app: &App,
        visit: &Visit,
        settings: Arc<Settings>,
        destination: &Destination,
        district: Option<DistrictId>,
    ) -> Result<Self, Fault> {
        let application = match destination {
            Destination::Application { application, .. } => {
                let found = settings.application(*application);
                Some(found.ok_or(&error::UNKNOWN_APPLICATION)?.clone())
            }
            Destination::Portal => None,
        };
        let only = application.as_ref().map(|application| application.id);
        let visitor = visitor::load(app, visit, &settings, only).await?;
        // A district that is not there is one to choose anew.
        let district = district.filter(|id| settings.district(*id).is_some());
        let district = match &visitor {
            Some(_) => district,
            None => district.or_else(|| settings.only_district().map(|district| district.id)),
        };
        Ok(Self { settings, district, visitor, application })
    }

    fn step(&self) -> Step {
        let door = self.application.as_ref().map(|application| Door {
            application,
            connection: self.visitor.as_ref().and_then(|visitor| {
                self.settings.connection(application.id, visitor.session.district)
            }),
        });
        step::next(self.district, self.visitor.as_ref(), door)
    }

    /// Does the step that ends a login: a refusal, which leaves a waiting login as it is, because
    /// the person may come back as somebody else; the portal; or a code.
    async fn finish(
        &self,
        app: &App,
        visit: &Visit,
        destination: &Destination,
        step: Step,
        waiting: Option<SecretHash>,
    ) -> Result<Response, Fault> {
        match (step, destination, &self.visitor, &self.application) {
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
                Destination::Application { redirect, state, .. },
                Some(visitor),
                Some(application),
            ) => {
                let redirect = application
                    .verify_redirect(Some(redirect))
                    .map_err(|_| &error::REDIRECT_URI_NOT_REGISTERED)?;
                if visit.is_looking_ahead {
                    return Ok(StatusCode::NO_CONTENT.into_response());
                }
                let grant = Grant {
                    application: application.id,
                    district: visitor.session.district,
                    user: visitor.user.id,
                    role,
                };
                let code = issue(app, visit, grant, &redirect, waiting).await?;
                let scope = application.tier.scope();
                Ok(redirect::with_code(&redirect, &code, scope, state.as_ref()))
            }
            (Step::Refuse(refusal), _, visitor, application) => {
                let mut fault = Fault::from(refusal);
                if let Some(application) = application {
                    fault = fault.toward(&application.name);
                }
                if let Some(visitor) = visitor {
                    fault = fault.of(visitor.user.name.full());
                    if let Some(district) = self.settings.district(visitor.session.district) {
                        fault = fault.then(format!("/in/{}", district.shortname));
                    }
                }
                Err(fault)
            }
            // The steps that wait for a person were taken before.
            _ => Err((&error::SERVER_TROUBLE).into()),
        }
    }
}

/// Records a new code. A login that waited is finished in the same transaction: it gives one code
/// however often its address is opened.
async fn issue(
    app: &App,
    visit: &Visit,
    grant: Grant,
    redirect: &VerifiedRedirect,
    waiting: Option<SecretHash>,
) -> Result<Secret, Fault> {
    let (secret, code) = code::issue(grant, redirect.uri().clone(), app.now(), &mut Entropy);

    let is_recorded = app
        .store()
        .write(move |tx| {
            if let Some(login) = waiting
                && tx.finish_pending_login(&login)?.is_none()
            {
                return Ok(false);
            }
            tx.record_code(&code)?;
            Ok::<_, StoreError>(true)
        })
        .await?;

    if !is_recorded {
        return Err(Fault::from(&error::LOGIN_EXPIRED).then(begun::home(visit)));
    }
    metrics::counter!("firstbell_codes_issued_total").increment(1);
    Ok(secret)
}
