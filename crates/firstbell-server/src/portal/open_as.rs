//! `/in/{district}/open-as`: a district administrator opens the portal as somebody else, to see what
//! they see (seed: identifying impersonations). The rules are `firstbell_core::login::impersonation`;
//! what was done, and why, stands in the district's audit log.

use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::UserId;
use firstbell_core::login::impersonation::{self, ImpersonationRefusal};
use firstbell_core::login::session::Session;
use firstbell_core::login::step::Visitor;
use firstbell_core::roster::{District, RoleKind};
use firstbell_core::secret::Secret;
use firstbell_store::{AuditEntry, FoundUser, StoreError};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::show;
use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::{Visit, csrf};
use crate::login::visitor;
use crate::reply::cookie::{self, Kept};
use crate::reply::page::{
    ChosenPerson, FoundPerson, Frame, OpenAs, OpenAsProblem, OpenAsStage, RoleLabel,
};
use crate::reply::{Fault, html, redirect};

/// So many people are shown.
const MOST_SHOWN: usize = 20;

/// What was asked.
#[derive(Default, Deserialize)]
pub struct Asked {
    q: Option<String>,
    person: Option<String>,
}

/// The form.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    reason: String,
}

/// The form of "Stop".
#[derive(Deserialize)]
pub struct Stopped {
    #[serde(default)]
    csrf: String,
}

/// `GET /in/{district}/open-as`.
pub async fn ask(
    State(app): State<App>,
    visit: Visit,
    Path(shortname): Path<String>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    match page(&app, &visit, &shortname, &asked).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn page(app: &App, visit: &Visit, shortname: &str, asked: &Asked) -> Result<Response, Fault> {
    let Some(desk) = Desk::load(app, visit, shortname).await? else {
        return Ok(redirect::onward(&format!("/in/{shortname}")));
    };

    impersonation::may_begin(&desk.admin.session, &desk.admin.user)
        .map_err(|it| desk.refuse(it))?;

    let chosen = asked.person.as_deref().and_then(|text| text.parse().ok());
    let stage = match chosen {
        Some(person) => {
            let person = desk.person(app, person).await?;
            OpenAsStage::Chosen(desk.chosen(visit, &person, String::new(), None))
        }
        None => desk.search(app, asked.q.as_deref().unwrap_or_default()).await?,
    };
    Ok(desk.page(app, visit, StatusCode::OK, stage))
}

/// `POST /in/{district}/open-as`.
pub async fn begin(
    State(app): State<App>,
    visit: Visit,
    Path(shortname): Path<String>,
    headers: HeaderMap,
    sent: Result<Form<Sent>, FormRejection>,
) -> Response {
    match open(&app, &visit, &shortname, &headers, sent).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn open(
    app: &App,
    visit: &Visit,
    shortname: &str,
    headers: &HeaderMap,
    sent: Result<Form<Sent>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(sent) = sent.map_err(Fault::of_form)?;
    let Some(desk) = Desk::load(app, visit, shortname).await? else {
        return Ok(redirect::onward(&format!("/in/{shortname}")));
    };
    csrf::check(app, visit, headers, &sent.csrf).map_err(|fault| fault.then(&desk.portal))?;
    let may = impersonation::may_begin(&desk.admin.session, &desk.admin.user);
    may.map_err(|refusal| desk.refuse(refusal))?;
    let id: UserId = sent.person.parse().map_err(|_| &error::PARAMETER_MALFORMED)?;
    let person = desk.person(app, id).await?;

    let (admin, now) = (&desk.admin, app.now());
    let begun = impersonation::begin(
        &admin.session,
        &admin.user,
        &person.user,
        &sent.reason,
        now,
        &mut Entropy,
    );
    let (secret, session) = match begun {
        Ok(begun) => begun,
        Err(
            refusal @ (ImpersonationRefusal::ReasonTooShort | ImpersonationRefusal::ReasonTooLong),
        ) => {
            let problem = match refusal {
                ImpersonationRefusal::ReasonTooShort => OpenAsProblem::ReasonTooShort,
                _ => OpenAsProblem::ReasonTooLong,
            };
            let chosen = desk.chosen(visit, &person, sent.reason, Some(problem));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(desk.page(app, visit, status, OpenAsStage::Chosen(chosen)));
        }
        Err(refusal) => {
            desk.record_refusal(app, person.user.id, refusal).await?;
            return Err(desk.refuse(refusal));
        }
    };

    let entry = AuditEntry {
        action: "impersonation.begun",
        actor: Some(admin.user.id),
        subject: Some(person.user.id),
        application: None,
        detail: sent.reason.trim().to_owned(),
    };
    if !replace(app, admin.session.clone(), session, entry).await? {
        return Ok(redirect::onward(&desk.portal));
    }

    Ok(desk.go_on(app, &secret, true))
}

/// `POST /in/{district}/open-as/stop`.
pub async fn stop(
    State(app): State<App>,
    visit: Visit,
    Path(shortname): Path<String>,
    headers: HeaderMap,
    sent: Result<Form<Stopped>, FormRejection>,
) -> Response {
    match end(&app, &visit, &shortname, &headers, sent).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn end(
    app: &App,
    visit: &Visit,
    shortname: &str,
    headers: &HeaderMap,
    sent: Result<Form<Stopped>, FormRejection>,
) -> Result<Response, Fault> {
    let Form(sent) = sent.map_err(Fault::of_form)?;
    let Some(desk) = Desk::load(app, visit, shortname).await? else {
        return Ok(redirect::onward(&format!("/in/{shortname}")));
    };
    csrf::check(app, visit, headers, &sent.csrf).map_err(|fault| fault.then(&desk.portal))?;

    let acting = desk.admin.session.clone();
    let Some((secret, own)) = impersonation::end(&acting, app.now(), &mut Entropy) else {
        return Ok(redirect::onward(&desk.portal));
    };

    let entry = AuditEntry {
        action: "impersonation.ended",
        actor: Some(own.user),
        subject: Some(acting.user),
        application: None,
        detail: String::new(),
    };
    if !replace(app, acting, own, entry).await? {
        return Ok(redirect::onward(&desk.portal));
    }

    Ok(desk.go_on(app, &secret, false))
}

/// Puts one session in the place of another, as one change with its audit record. Not where the old
/// one has ended meanwhile: nobody comes back to life.
async fn replace(
    app: &App,
    old: Session,
    new: Session,
    entry: AuditEntry,
) -> Result<bool, StoreError> {
    let now = app.now();
    app.store()
        .write(move |tx| {
            if !tx.end_session(&old.secret_hash)? {
                return Ok(false);
            }
            tx.begin_session(&new, None)?;
            tx.district(new.district).audit(&entry, now)?;
            Ok(true)
        })
        .await
}

/// The page for one administrator.
struct Desk {
    district: District,
    portal: String,
    admin: Visitor,
}

impl Desk {
    /// None where nobody is logged in to the district.
    async fn load(app: &App, visit: &Visit, shortname: &str) -> Result<Option<Self>, Fault> {
        let mut settings = app.settings();
        let district = show::district(&settings, shortname)?.clone();
        let admin = visitor::load(app, visit, &mut settings, None).await?;
        let portal = format!("/in/{}", district.shortname);
        let here = admin.filter(|admin| admin.session.district == district.id);
        Ok(here.map(|admin| Self { district, portal, admin }))
    }

    fn path(&self) -> String {
        format!("{}/open-as", self.portal)
    }

    fn refuse(&self, refusal: ImpersonationRefusal) -> Fault {
        Fault::from(refusal.face())
            .then(&self.portal)
            .because("administrator", self.admin.user.id)
            .because("because", refusal)
    }

    /// Writes down that somebody was not to be impersonated.
    async fn record_refusal(
        &self,
        app: &App,
        subject: UserId,
        refusal: ImpersonationRefusal,
    ) -> Result<(), StoreError> {
        let (district, now) = (self.district.id, app.now());
        let entry = AuditEntry {
            action: "impersonation.refused",
            actor: Some(self.admin.user.id),
            subject: Some(subject),
            application: None,
            detail: refusal.to_string(),
        };
        app.store().write(move |tx| tx.district(district).audit(&entry, now)).await
    }

    fn page(&self, app: &App, visit: &Visit, status: StatusCode, stage: OpenAsStage) -> Response {
        let page = OpenAs {
            frame: Frame::of(visit),
            district_name: self.district.name.clone(),
            stage,
            search_action: self.path(),
            portal_href: self.portal.clone(),
        };
        html::page(app, visit, status, |text| page.render(text))
    }

    /// The person with this id, with a school's name. One of another district is not found.
    async fn person(&self, app: &App, id: UserId) -> Result<FoundUser, Fault> {
        let district = self.district.id;
        let found = app.store().read(move |tx| tx.district(district).found_user(id)).await?;
        found.ok_or_else(|| Fault::from(&error::PERSON_NOT_IN_ROSTER).then(self.path()))
    }

    async fn search(&self, app: &App, typed: &str) -> Result<OpenAsStage, Fault> {
        let query: String = typed.trim().chars().take(100).collect();
        if query.is_empty() {
            return Ok(OpenAsStage::Search);
        }
        let (district, words) = (self.district.id, query.clone());
        let mut found = app
            .store()
            .read_at_length(move |tx| tx.district(district).find_users(&words, MOST_SHOWN + 1))
            .await?;
        let has_more = found.len() > MOST_SHOWN;
        found.truncate(MOST_SHOWN);
        let may = |person: &&FoundUser| person.user.role(RoleKind::DistrictAdmin).is_none();
        let people = found.iter().filter(may).map(|person| self.shown(person)).collect();
        Ok(OpenAsStage::Found { query, people, has_more })
    }

    fn shown(&self, found: &FoundUser) -> FoundPerson {
        let FoundUser { user, school } = found;
        let role = user.roles.first();
        FoundPerson {
            name: user.name.full(),
            role: role.map_or(RoleLabel::Staff, |role| show::label(role.kind)),
            grade: role.and_then(|role| role.details.get("grade").map(str::to_owned)),
            school: school.clone(),
            href: format!("{}?person={}", self.path(), user.id),
        }
    }

    fn chosen(
        &self,
        visit: &Visit,
        person: &FoundUser,
        reason: String,
        problem: Option<OpenAsProblem>,
    ) -> ChosenPerson {
        ChosenPerson {
            person: self.shown(person),
            person_id: person.user.id.to_string(),
            action: self.path(),
            csrf_token: csrf::of(visit),
            reason,
            problem,
        }
    }

    /// To the portal, with the session that is now the browser's.
    fn go_on(&self, app: &App, session: &Secret, is_acting: bool) -> Response {
        let (names, transport) = (app.cookie_names(), app.transport());
        let mut response = redirect::onward(&self.portal);
        let headers = response.headers_mut();
        cookie::set(headers, transport, names.session, session.expose(), Kept::WhileOpen);
        let kept = if is_acting { Kept::For(impersonation::LONGEST) } else { Kept::Not };
        cookie::set(headers, transport, names.acting, "1", kept);
        response
    }
}
