//! `/in/{district}/classes`: the applications that a teacher has connected for her own classes. `POST`
//! takes one back: from the next request on nobody gets in who came by her (`core::sharing::admit`
//! judges each request anew).

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use firstbell_core::application::TeacherLink;
use firstbell_core::error;
use firstbell_core::id::{ApplicationId, SectionId};
use firstbell_core::login::impersonation;
use firstbell_core::login::step::Visitor;
use firstbell_core::roster::District;
use firstbell_core::sharing::Needs;
use firstbell_core::time::Timestamp;
use firstbell_store::{AuditEntry, StoreError};
use http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::show;
use crate::app::App;
use crate::extract::{Visit, csrf};
use crate::login::visitor;
use crate::reply::page::{ClassroomApplication, ClassroomApplications, Frame};
use crate::reply::{Fault, html, redirect};
use crate::settings::Settings;

/// The form.
#[derive(Deserialize)]
pub struct Sent {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    application: String,
}

/// `GET /in/{district}/classes`.
pub async fn show(State(app): State<App>, visit: Visit, Path(shortname): Path<String>) -> Response {
    match list(&app, &visit, &shortname).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn list(app: &App, visit: &Visit, shortname: &str) -> Result<Response, Fault> {
    let Some(desk) = Desk::load(app, visit, shortname).await? else {
        return Ok(redirect::onward(&format!("/in/{shortname}")));
    };

    let connected = desk.connected(app).await?;

    let page = ClassroomApplications {
        frame: Frame::of(visit),
        applications: connected,
        stop_action: format!("{}/classes", desk.portal),
        csrf_token: csrf::of(visit),
        portal_href: desk.portal,
    };
    Ok(html::page(app, visit, StatusCode::OK, |text| page.render(text)))
}

/// `POST /in/{district}/classes`.
pub async fn withdraw(
    State(app): State<App>,
    visit: Visit,
    Path(shortname): Path<String>,
    headers: HeaderMap,
    sent: Result<Form<Sent>, FormRejection>,
) -> Response {
    match take_back(&app, &visit, &shortname, &headers, sent).await {
        Ok(response) => response,
        Err(fault) => fault.page(&app, &visit).await,
    }
}

async fn take_back(
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
    let application: ApplicationId =
        sent.application.parse().map_err(|_| &error::PARAMETER_MALFORMED)?;

    impersonation::forbid(&desk.teacher.session)
        .map_err(|refusal| Fault::from(refusal.face()).then(&desk.portal))?;

    let (district, teacher, now) = (desk.district.id, desk.teacher.user.id, app.now());
    app.store()
        .write(move |tx| {
            let mut own = tx.district(district);
            if own.unlink(application, teacher)? {
                let entry = AuditEntry {
                    action: "classroom.withdrawn",
                    actor: Some(teacher),
                    subject: Some(teacher),
                    application: Some(application),
                    detail: String::new(),
                };
                own.audit(&entry, now)?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;

    metrics::counter!("firstbell_classroom_links_total", "change" => "withdrawn").increment(1);
    Ok(redirect::onward(&format!("{}/classes", desk.portal)))
}

/// The page for one teacher.
struct Desk {
    settings: Arc<Settings>,
    district: District,
    portal: String,
    teacher: Visitor,
}

impl Desk {
    /// None where nobody is logged in to the district.
    async fn load(app: &App, visit: &Visit, shortname: &str) -> Result<Option<Self>, Fault> {
        let mut settings = app.settings();
        let district = show::district(&settings, shortname)?.clone();
        let visitor = visitor::load(app, visit, &mut settings, None).await?;
        let portal = format!("/in/{}", district.shortname);
        let here = visitor.filter(|visitor| visitor.session.district == district.id);
        Ok(here.map(|teacher| Self { settings, district, portal, teacher }))
    }

    /// What she has connected, with the names of the classes that are shared.
    async fn connected(&self, app: &App) -> Result<Vec<ClassroomApplication>, Fault> {
        let (district, user) = (self.district.id, self.teacher.user.clone());
        let links = app
            .store()
            .read_at_length(move |tx| {
                let mut own = tx.district(district);
                let needs = Needs { sections: true, ..Needs::default() };
                let ties = own.ties_of(&user, needs)?;
                let teaches = |id: SectionId| ties.sections.iter().any(|tie| tie.section == id);
                let mut links: Vec<(TeacherLink, Vec<String>)> = Vec::new();
                for link in own.links_of(user.id)? {
                    let mut names = Vec::new();
                    for section in link.sections.iter().filter(|section| teaches(**section)) {
                        names.extend(own.classroom(*section)?.map(|room| room.section.name));
                    }
                    names.sort_unstable();
                    links.push((link, names));
                }
                Ok::<_, StoreError>(links)
            })
            .await?;
        let shown = |(link, classes): (TeacherLink, Vec<String>)| {
            let application = self.settings.application(link.application)?;
            Some(ClassroomApplication {
                id: link.application.to_string(),
                name: application.name.clone(),
                since: date(link.since)?,
                classes,
            })
        };
        Ok(links.into_iter().filter_map(shown).collect())
    }
}

/// The day in UTC.
fn date(at: Timestamp) -> Option<Date> {
    let at = jiff::Timestamp::from_millisecond(at.milliseconds()).ok()?;
    Some(at.to_zoned(TimeZone::UTC).date())
}
