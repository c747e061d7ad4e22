//! Name and password. `GET /login/{login}/sign-in` shows the page,
//! `POST /login/{login}/password` takes the form:
//!
//! 1. The form comes from our own page, in the browser that began the login.
//! 2. The try is counted before the password is looked at (`firstbell_core::login::throttle`).
//! 3. The password is checked on its own pool; a name that does not exist costs the same.
//! 4. The person is looked up in the roster, an older session of this browser ends, a new one
//!    begins, and the browser goes back to the dispatcher.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::DistrictId;
use firstbell_core::login::credential::{Credential, Verifier, fold_login_name};
use firstbell_core::login::matching::{Identity, NoEntry};
use firstbell_core::login::step::PendingLogin;
use firstbell_core::login::throttle::{self, TooManyTries};
use firstbell_core::login::trace::Hop;
use firstbell_core::roster::DistrictPolicy;
use firstbell_core::secret::{Random, Secret, SecretHash};
use firstbell_core::time::Timestamp;
use firstbell_store::{StoreError, Tx};
use firstbell_upstream::password::{self, Asked, Checked};
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use super::arrival::Arrival;
use super::begun::{self, NamedLogin};
use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::{Visit, same_origin};
use crate::reply::cookie::{self, Kept};
use crate::reply::fault::chain;
use crate::reply::page::{Busy, Frame, SignIn, SignInProblem};
use crate::reply::{Fault, html, redirect};

/// When it is worth trying again after the pool was full.
const BUSY_RETRY_SECONDS: u64 = 15;

/// How long a browser remembers whose login page was used on it.
const DISTRICT_REMEMBERED_FOR: std::time::Duration = std::time::Duration::from_hours(24 * 180);

/// The form.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
}

/// `GET /login/{login}/sign-in`.
pub async fn show(State(app): State<App>, visit: Visit, login: NamedLogin) -> Response {
    match form(&app, &visit, &login).await {
        Ok(response) => response,
        Err(fault) => fault.of_login(Some(login.hash())).page(&app, &visit).await,
    }
}

async fn form(app: &App, visit: &Visit, login: &NamedLogin) -> Result<Response, Fault> {
    let pending = login.load(app, visit).await?;

    let Some(desk) = Desk::of(app, visit, login, &pending) else {
        return Ok(redirect::onward(&login.path("")));
    };

    Ok(desk.page(StatusCode::OK, "", None))
}

/// `POST /login/{login}/password`.
pub async fn with_password(
    State(app): State<App>,
    visit: Visit,
    login: NamedLogin,
    headers: HeaderMap,
    typed: Result<Form<Typed>, FormRejection>,
) -> Response {
    match sign_in(&app, &visit, &login, &headers, typed).await {
        Ok(response) => response,
        Err(fault) => fault.of_login(Some(login.hash())).page(&app, &visit).await,
    }
}

async fn sign_in(
    app: &App,
    visit: &Visit,
    login: &NamedLogin,
    headers: &HeaderMap,
    typed: Result<Form<Typed>, FormRejection>,
) -> Result<Response, Fault> {
    if !same_origin::is_from_our_page(headers, app.urls()) {
        return Err(Fault::from(&error::FORM_FORGED).then("/login"));
    }
    let Form(typed) = typed.map_err(Fault::of_form)?;
    let pending = login.load(app, visit).await?;
    let Some(desk) = Desk::of(app, visit, login, &pending) else {
        return Ok(redirect::onward(&login.path("")));
    };
    let username = typed.username.trim();
    if username.is_empty() || typed.password.is_empty() {
        let problem = Some(SignInProblem::Empty);
        return Ok(desk.page(StatusCode::UNPROCESSABLE_ENTITY, username, problem));
    }
    let is_no_name = username.len() > 254 || username.contains(char::is_control);
    if is_no_name || typed.password.len() > password::MOST_BYTES {
        let problem = Some(SignInProblem::Mismatch);
        return Ok(desk.page(StatusCode::UNAUTHORIZED, "", problem));
    }

    let name = fold_login_name(username);
    let attempt = match admit(app, desk.district, name, &pending, login.hash()).await? {
        Ok(attempt) => attempt,
        Err(TooManyTries { wait }) => {
            let problem = Some(SignInProblem::SlowDown { wait_seconds: wait.as_secs().max(1) });
            return Ok(desk.page(StatusCode::TOO_MANY_REQUESTS, username, problem));
        }
    };

    let mut salt = [0; 16];
    Entropy.fill(&mut salt);
    let kept = attempt.credential.as_ref().map(|credential| credential.verifier.clone());
    let presented = Secret::from_text(typed.password);
    let asked = Asked { district: desk.district, browser: pending.browser };
    let checked = app.passwords().check(asked, kept, presented, salt).await;
    let Ok(checked) = checked else {
        attempt.take_back(app).await?;
        return Ok(desk.busy());
    };

    let (Checked::Right(upgrade), Some(credential)) = (checked, attempt.credential.clone()) else {
        attempt.note("name and password do not go together", app).await;
        metrics::counter!("firstbell_sign_ins_total", "outcome" => "mismatch").increment(1);
        let problem = Some(SignInProblem::Mismatch);
        return Ok(desk.page(StatusCode::UNAUTHORIZED, username, problem));
    };

    let replaced = visit.session.as_ref().map(Secret::hash);
    let begun =
        begin_session(app, &attempt, credential, upgrade, replaced, desk.policy.clone()).await?;

    let session = begun.map_err(|refusal| {
        metrics::counter!("firstbell_sign_ins_total", "outcome" => "refused").increment(1);
        Fault::from(refusal.face()).of_login(Some(login.hash()))
    })?;
    metrics::counter!("firstbell_sign_ins_total", "outcome" => "signed_in").increment(1);
    Ok(desk.onward(login, &session))
}

/// The login page of one district for one login.
struct Desk<'a> {
    app: &'a App,
    visit: &'a Visit,
    district: DistrictId,
    district_name: String,
    district_shortname: String,
    policy: DistrictPolicy,
    application_name: Option<String>,
    login: &'a NamedLogin,
}

impl<'a> Desk<'a> {
    /// None while the login does not know its district.
    fn of(
        app: &'a App,
        visit: &'a Visit,
        login: &'a NamedLogin,
        pending: &PendingLogin,
    ) -> Option<Self> {
        let settings = app.settings();
        let district = match pending.district {
            Some(id) => settings.district(id),
            None => settings.only_district(),
        }?;
        Some(Self {
            app,
            visit,
            district: district.id,
            district_name: district.name.clone(),
            district_shortname: district.shortname.to_string(),
            policy: district.policy.clone(),
            application_name: begun::application_name(pending, &settings),
            login,
        })
    }

    fn page(&self, status: StatusCode, username: &str, problem: Option<SignInProblem>) -> Response {
        let page = SignIn {
            frame: Frame::without_query(self.visit),
            district_name: self.district_name.clone(),
            action: self.login.path("/password"),
            username: username.to_owned(),
            problem,
            change_district_href: self.login.path("/district"),
            application_name: self.application_name.clone(),
        };
        let mut response = html::page(self.app, self.visit, status, |text| page.render(text));
        if let Some(SignInProblem::SlowDown { wait_seconds }) = problem {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait_seconds));
        }
        response
    }

    fn busy(&self) -> Response {
        let page = Busy {
            frame: Frame::without_query(self.visit),
            retry_after_seconds: BUSY_RETRY_SECONDS,
            retry_href: self.login.path("/sign-in"),
        };
        metrics::counter!("firstbell_sign_ins_total", "outcome" => "busy").increment(1);
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let mut response = html::page(self.app, self.visit, status, |text| page.render(text));
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(BUSY_RETRY_SECONDS));
        response
    }

    /// Back to the dispatcher with the session's cookie, which lives as long as the browser is
    /// open: a Chromebook that is handed on is closed first.
    fn onward(&self, login: &NamedLogin, session: &Secret) -> Response {
        let names = self.app.cookie_names();
        let transport = self.app.transport();
        let mut response = redirect::onward(&login.path(""));
        let headers = response.headers_mut();
        cookie::set(headers, transport, names.session, session.expose(), Kept::WhileOpen);
        // Whoever was here, and as whom, is over.
        cookie::set(headers, transport, names.acting, "", Kept::Not);
        let kept = Kept::For(DISTRICT_REMEMBERED_FOR);
        cookie::set(headers, transport, names.district, &self.district_shortname, kept);
        response
    }
}

/// A try that was counted.
#[derive(Clone)]
struct Attempt {
    district: DistrictId,
    subject: SecretHash,
    browser: SecretHash,
    credential: Option<Credential>,
    login: SecretHash,
    at: Timestamp,
}

async fn admit(
    app: &App,
    district: DistrictId,
    name: String,
    pending: &PendingLogin,
    login: SecretHash,
) -> Result<Result<Attempt, TooManyTries>, StoreError> {
    let (at, browser) = (app.now(), pending.browser);
    app.store()
        .write(move |tx| {
            let credential = tx.district(district).credential(&name)?;
            let role = credential.as_ref().map(|credential| credential.role);
            let subject = throttle::subject(district, &name, role);
            let before = tx.district(district).tries(subject.as_bytes(), &browser)?;

            let counted = match throttle::admit(before, at) {
                Ok(counted) => counted,
                Err(refusal) => return Ok(Err(refusal)),
            };

            tx.district(district).record_tries(subject.as_bytes(), &browser, &counted)?;
            Ok(Ok(Attempt { district, subject, browser, credential, login, at }))
        })
        .await
}

impl Attempt {
    /// Adds to the trace of the login what became of the try.
    async fn note(&self, decision: &'static str, app: &App) {
        let (login, at) = (self.login, self.at);
        let whose = match &self.credential {
            Some(credential) => format!("role {}", credential.role),
            None => "nobody".to_owned(),
        };
        let hop = Hop::new(at, "sign-in", decision).with("the name is of", whose);
        if let Err(error) = app.store().write(move |tx| tx.add_hop(&login, &hop)).await {
            tracing::warn!(cause = chain(&error), "a hop was not written down");
        }
    }

    /// Uncounts a try that was never checked.
    async fn take_back(self, app: &App) -> Result<(), StoreError> {
        app.store()
            .write(move |tx| {
                let (subject, mut district) = (self.subject.as_bytes(), tx.district(self.district));
                let counted = district.tries(subject, &self.browser)?;
                district.record_tries(subject, &self.browser, &throttle::take_back(counted))
            })
            .await
    }
}

async fn begin_session(
    app: &App,
    attempt: &Attempt,
    credential: Credential,
    upgrade: Option<Verifier>,
    replaced: Option<SecretHash>,
    policy: DistrictPolicy,
) -> Result<Result<Secret, NoEntry>, StoreError> {
    let now = app.now();
    let attempt = attempt.clone();
    app.store()
        .write(move |tx| {
            forgive(tx, &attempt, &credential, upgrade.as_ref())?;
            let found = tx.district(attempt.district).user_by_role(credential.role)?;

            let arrival = Arrival {
                district: attempt.district,
                identity: Identity::Role(credential.role),
                found,
                replaced,
                policy: policy.clone(),
                login: attempt.login,
                // Not when the password was typed: it may have waited for its turn.
                now,
            };
            arrival.begin_session(tx)
        })
        .await
}

/// The password was right: its tries are forgotten, this browser is known from now on, and a
/// password that a roster brought is kept as Argon2id from its first use.
fn forgive(
    tx: &mut Tx<'_>,
    attempt: &Attempt,
    credential: &Credential,
    upgrade: Option<&Verifier>,
) -> Result<(), StoreError> {
    let mut district = tx.district(attempt.district);
    // Only what was checked is upgraded: somebody may have set another password meanwhile.
    if let Some(verifier) = upgrade.cloned()
        && district.credential(&credential.login_name)?.as_ref() == Some(credential)
    {
        district.put_credential(&Credential { verifier, ..credential.clone() })?;
    }
    let subject = attempt.subject.as_bytes();
    district.forget_tries(subject, &attempt.browser)?;
    district.know_browser(subject, &attempt.browser, attempt.at)
}
