//! "Share your classes?" A teacher whose district has not connected an application of the Classroom
//! tier may do so for her own classes (seed: Classroom SSO). `GET /login/{login}/classes` asks which,
//! `POST` records what she agreed to, with an audit entry, and leads back to the dispatcher.
//!
//! Only sections that she teaches at the moment of her answer are recorded. An administrator who acts
//! as her cannot agree in her name.

use axum::extract::rejection::RawFormRejection;
use axum::extract::{RawForm, State};
use axum::response::Response;
use firstbell_core::application::{Application, TeacherLink};
use firstbell_core::error;
use firstbell_core::id::{DistrictId, SectionId};
use firstbell_core::login::impersonation;
use firstbell_core::login::step::{PendingLogin, Step, Visitor};
use firstbell_core::login::trace::Hop;
use firstbell_core::roster::{Role, RoleKind, User};
use firstbell_core::sharing::{Classroom, Needs};
use firstbell_store::{AuditEntry, StoreError, Tx};
use http::{HeaderMap, StatusCode};

use super::begun::NamedLogin;
use super::situation::Situation;
use crate::app::App;
use crate::extract::{Visit, csrf};
use crate::reply::page::{ClassroomConsent, ClassroomProblem, Frame, SectionChoice};
use crate::reply::{Fault, html, redirect};

/// `GET /login/{login}/classes`.
pub async fn ask(State(app): State<App>, visit: Visit, login: NamedLogin) -> Response {
    match question(&app, &visit, &login).await {
        Ok(response) => response,
        Err(fault) => fault.of_login(Some(login.hash())).page(&app, &visit).await,
    }
}

async fn question(app: &App, visit: &Visit, login: &NamedLogin) -> Result<Response, Fault> {
    let pending = login.load(app, visit).await?;
    let Some(desk) = Desk::load(app, visit, &pending).await? else {
        return Ok(redirect::onward(&login.path("")));
    };

    let classes = desk.classes(app).await?;

    Ok(desk.page(app, visit, login, &classes, None))
}

/// `POST /login/{login}/classes`.
pub async fn agree(
    State(app): State<App>,
    visit: Visit,
    login: NamedLogin,
    headers: HeaderMap,
    answered: Result<RawForm, RawFormRejection>,
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
    answered: Result<RawForm, RawFormRejection>,
) -> Result<Response, Fault> {
    let answered = answered.map_err(|_| &error::PARAMETER_MALFORMED).map(Answered::read)?;
    let pending = login.load(app, visit).await?;
    csrf::check(app, visit, headers, &answered.csrf).map_err(|fault| fault.then(login.path("")))?;
    let Some(desk) = Desk::load(app, visit, &pending).await? else {
        return Ok(redirect::onward(&login.path("")));
    };

    let is_connected =
        !answered.sections.is_empty() && desk.connect(app, login, answered.sections).await?;

    if !is_connected {
        let classes = desk.classes(app).await?;
        let problem = Some(ClassroomProblem::NothingChosen);
        return Ok(desk.page(app, visit, login, &classes, problem));
    }
    metrics::counter!("firstbell_classroom_links_total", "change" => "connected").increment(1);
    Ok(redirect::onward(&login.path("")))
}

/// The form. `section` stands there once for each section that is chosen.
#[derive(Default)]
struct Answered {
    csrf: String,
    sections: Vec<SectionId>,
}

impl Answered {
    fn read(RawForm(bytes): RawForm) -> Self {
        let mut answered = Self::default();
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            match &*name {
                "csrf" => answered.csrf = value.into_owned(),
                "section" => answered.sections.extend(value.parse::<SectionId>()),
                _ => {}
            }
        }
        answered
    }
}

/// The question for one teacher.
struct Desk {
    visitor: Visitor,
    application: Application,
    portal: String,
}

impl Desk {
    /// None where the dispatcher has something else to say: nobody is logged in, the application is
    /// connected already, or may not be.
    async fn load(app: &App, visit: &Visit, pending: &PendingLogin) -> Result<Option<Self>, Fault> {
        let destination = &pending.destination;
        let situation =
            Situation::load(app, visit, app.settings(), destination, pending.district).await?;
        if let Some(visitor) = &situation.visitor {
            impersonation::forbid(&visitor.session).map_err(|refusal| {
                Fault::from(refusal.face()).because("person", visitor.user.id)
            })?;
        }
        if situation.step(destination, Some(pending)) != Step::AskTeacher {
            return Ok(None);
        }
        let application = situation.application().cloned();
        let Situation { settings, visitor, .. } = situation;
        Ok(visitor.zip(application).map(|(visitor, application)| {
            let district = settings.district(visitor.session.district);
            let portal = district.map_or_else(|| "/".into(), |it| format!("/in/{}", it.shortname));
            Self { visitor, application, portal }
        }))
    }

    /// The sections that she teaches now.
    async fn classes(&self, app: &App) -> Result<Vec<Classroom>, StoreError> {
        let (district, user) = (self.visitor.session.district, self.visitor.user.clone());
        app.store().read_at_length(move |tx| taught_by(tx, district, &user)).await
    }

    fn page(
        &self,
        app: &App,
        visit: &Visit,
        login: &NamedLogin,
        classes: &[Classroom],
        problem: Option<ClassroomProblem>,
    ) -> Response {
        let choice = |room: &Classroom| SectionChoice {
            id: room.section.id.to_string(),
            name: room.section.name.clone(),
            detail: detail(room),
            students: u32::try_from(room.students.len()).unwrap_or(u32::MAX),
            is_checked: problem.is_none(),
        };
        let page = ClassroomConsent {
            frame: Frame::of(visit),
            application_name: self.application.name.clone(),
            teacher_name: self.visitor.user.name.full(),
            sections: classes.iter().map(choice).collect(),
            action: login.path("/classes"),
            csrf_token: csrf::of(visit),
            decline_href: self.portal.clone(),
            problem,
        };
        let status = problem.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
        html::page(app, visit, status, |text| page.render(text))
    }

    /// Records what she agreed to; false where none of the sections is hers any more.
    async fn connect(
        &self,
        app: &App,
        login: &NamedLogin,
        chosen: Vec<SectionId>,
    ) -> Result<bool, StoreError> {
        let (hash, now) = (login.hash(), app.now());
        let (district, user) = (self.visitor.session.district, self.visitor.user.clone());
        let application = self.application.id;
        app.store()
            .write(move |tx| {
                let mut sections: Vec<_> =
                    taught_by(tx, district, &user)?.into_iter().map(|it| it.section.id).collect();
                sections.retain(|section| chosen.contains(section));
                if sections.is_empty() {
                    return Ok(false);
                }
                let count = sections.len();
                let named: Vec<_> = sections.iter().map(SectionId::to_string).collect();
                let link =
                    TeacherLink { application, district, teacher: user.id, sections, since: now };
                let entry = AuditEntry {
                    action: "classroom.connected",
                    actor: Some(user.id),
                    subject: Some(user.id),
                    application: Some(application),
                    detail: format!("sections {}", named.join(" ")),
                };
                let mut own = tx.district(district);
                own.link(&link)?;
                own.audit(&entry, now)?;
                let hop = Hop::new(now, "classes", "shared by the teacher").with("sections", count);
                tx.add_hop(&hash, &hop)?;
                Ok::<_, StoreError>(true)
            })
            .await
    }
}

/// The sections that a person teaches now, by their names.
fn taught_by(
    tx: &mut Tx<'_>,
    district: DistrictId,
    user: &User,
) -> Result<Vec<Classroom>, StoreError> {
    let teaches: Option<&Role> = user.role(RoleKind::Teacher);
    let mut district = tx.district(district);
    let needs = Needs { sections: true, ..Needs::default() };
    let mut rooms = Vec::new();
    for tie in district.ties_of(user, needs)?.sections {
        if teaches.is_some_and(|role| role.id == tie.role) {
            rooms.extend(district.classroom(tie.section)?);
        }
    }
    rooms.sort_by(|one, other| {
        let key = |room: &Classroom| (room.section.name.to_lowercase(), room.section.id);
        key(one).cmp(&key(other))
    });
    Ok(rooms)
}

/// What tells two sections of one name apart.
fn detail(room: &Classroom) -> Option<String> {
    let details = &room.section.details;
    let named = ["period", "subject"].into_iter().filter_map(|name| details.get(name));
    let named: Vec<_> = named.filter(|text| !text.is_empty()).collect();
    (!named.is_empty()).then(|| named.join(" · "))
}
