//! From what sharing grants to what a dialect prints. No field is chosen here: a [`View`] holds only
//! what the application may see.

use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::{ApplicationId, DistrictId, Hex};
use firstbell_core::roster::{self, Email};
use firstbell_core::sharing::{self, AccessTier, Member, OutOfScope, SectionView, View};
use firstbell_core::time::Timestamp;
use firstbell_protocol::data_api::{
    self, AtMe, District, DistrictRecord, Facts, Name, Person, PersonRole, Section, Told,
};

use crate::app::App;
use crate::extract::{Bearer, DistrictBearer};
use crate::reply::data_json::DataFault;
use crate::settings::Settings;

/// How people of a district log in, in the dialect's words.
const LOGIN_METHODS: &[&str] = &["Clever Passwords"];

/// There is nothing there that is told.
pub const NOT_FOUND: DataFault = DataFault::new(&error::OBJECT_NOT_FOUND, "Resource not found");

/// Prints the token's person as the application may see them. `print` gets the person and the
/// role of the login.
pub fn person(
    bearer: &Bearer,
    print: impl FnOnce(&Person<'_>, PersonRole<'_>) -> Result<Response, DataFault>,
) -> Result<Response, DataFault> {
    let (application, entry) = (bearer.application()?, bearer.entry()?);
    let view = sharing::view(application, &bearer.user, &entry);
    let by_admin = bearer.grant.impersonator.is_some() && application.switches.impersonation_mark;
    let spelt = SpeltPerson::of(&view, bearer.grant.district, application.tier);
    let roles = spelt.roles();
    let entered = entry.role.id.hex();
    let role = roles.iter().find(|role| *role.id == *entered).ok_or(OutOfScope)?;
    print(&Person { by_admin, ..spelt.person(&roles) }, *role)
}

/// What an application sees of a person, with ids and times spelt out.
struct SpeltPerson<'a> {
    view: &'a View<'a>,
    id: Hex,
    district: Hex,
    roles: Vec<Hex>,
    created: Option<String>,
    last_modified: Option<String>,
    at_me: AtMe,
}

impl<'a> SpeltPerson<'a> {
    fn of(view: &'a View<'a>, district: DistrictId, tier: AccessTier) -> Self {
        Self {
            view,
            id: view.id.hex(),
            district: district.hex(),
            roles: view.roles.iter().map(|role| role.id.hex()).collect(),
            created: view.created.map(|at| at.to_string()),
            last_modified: view.last_modified.map(|at| at.to_string()),
            at_me: match tier {
                AccessTier::Classroom => AtMe::Person,
                AccessTier::DistrictSso | AccessTier::SecureSync => AtMe::Ids,
            },
        }
    }

    fn roles(&self) -> Vec<PersonRole<'_>> {
        let roles = self.view.roles.iter().zip(&self.roles);
        let spelt = roles.map(|(role, id)| PersonRole {
            kind: role.kind,
            id,
            grade: role.grade,
            sis_id: role.sis_id,
            schools: None,
            facts: Facts::NONE,
            told: Told::NOTHING,
        });
        spelt.collect()
    }

    fn person<'s>(&'s self, roles: &'s [PersonRole<'s>]) -> Person<'s> {
        let view = self.view;
        Person {
            id: &self.id,
            district: &self.district,
            email: view.email.map(Email::as_str),
            name: Name { first: view.first_name, middle: view.middle_name, last: &view.last_name },
            created: self.created.as_deref(),
            last_modified: self.last_modified.as_deref(),
            at_me: self.at_me,
            roles,
            authorized_by: view.authorized_by.name(),
            by_admin: false,
            lms_status: None,
        }
    }
}

/// Prints several people.
pub fn people<T>(
    views: &[View<'_>],
    district: DistrictId,
    tier: AccessTier,
    print: impl FnOnce(&[Person<'_>]) -> T,
) -> T {
    let spelt: Vec<_> = views.iter().map(|view| SpeltPerson::of(view, district, tier)).collect();
    let roles: Vec<_> = spelt.iter().map(SpeltPerson::roles).collect();
    let people: Vec<_> =
        spelt.iter().zip(&roles).map(|(spelt, roles)| spelt.person(roles)).collect();
    print(&people)
}

/// Prints sections.
pub fn sections<T>(views: &[SectionView<'_>], print: impl FnOnce(&[Section<'_>]) -> T) -> T {
    let spelt: Vec<_> = views.iter().map(SpeltSection::of).collect();
    let members: Vec<_> =
        spelt.iter().map(|it| (refer(&it.teachers), refer(&it.students))).collect();
    let sections: Vec<_> = spelt
        .iter()
        .zip(&members)
        .map(|(spelt, (teachers, students))| Section {
            id: &spelt.id,
            district: &spelt.district,
            name: spelt.view.name,
            grade: spelt.view.grade,
            subject: spelt.view.subject,
            primary: spelt.primary.as_ref().map(|(role, user)| data_api::Member { role, user }),
            teachers,
            students,
            record: None,
        })
        .collect();
    print(&sections)
}

/// What an application sees of a section, with ids spelt out.
struct SpeltSection<'a> {
    view: &'a SectionView<'a>,
    id: Hex,
    district: Hex,
    primary: Option<(Hex, Hex)>,
    teachers: Vec<(Hex, Hex)>,
    students: Vec<(Hex, Hex)>,
}

impl<'a> SpeltSection<'a> {
    fn of(view: &'a SectionView<'a>) -> Self {
        let spell = |member: &Member| (member.role.hex(), member.user.hex());
        Self {
            view,
            id: view.id.hex(),
            district: view.district.hex(),
            primary: view.primary.as_ref().map(spell),
            teachers: view.teachers.iter().map(spell).collect(),
            students: view.students.iter().map(spell).collect(),
        }
    }
}

fn refer(members: &[(Hex, Hex)]) -> Vec<data_api::Member<'_>> {
    members.iter().map(|(role, user)| data_api::Member { role, user }).collect()
}

/// Prints the district of a person's token.
///
/// # Errors
/// When it was withdrawn in this very moment.
pub fn district(
    app: &App,
    bearer: &Bearer,
    print: impl FnOnce(District<'_>) -> Response,
) -> Result<Response, DataFault> {
    let found = bearer.settings().district(bearer.grant.district).ok_or(NOT_FOUND)?;
    let is_shared = bearer.application()?.tier.shares_district();
    let portal_url = portal_url(app, found);
    let id = found.id.hex();
    Ok(print(District {
        id: &id,
        name: is_shared.then_some(&found.name),
        portal_url: is_shared.then_some(&portal_url),
        login_methods: is_shared.then_some(LOGIN_METHODS),
        record: None,
    }))
}

/// What an application is told of a district whose roster it reads.
pub struct DistrictTold {
    id: Hex,
    name: String,
    portal_url: String,
    launch_date: String,
    last_sync: Option<String>,
}

impl DistrictTold {
    /// What is told of the token's district, but for its roster.
    ///
    /// # Errors
    /// When it was withdrawn in this very moment.
    pub fn of(app: &App, bearer: &DistrictBearer) -> Result<Self, DataFault> {
        let whose = (bearer.application().id, bearer.district());
        Self::in_settings(app, bearer.settings(), whose)
    }

    /// What an application is told of a district, but for its roster.
    ///
    /// # Errors
    /// When it is not connected there.
    pub fn in_settings(
        app: &App,
        settings: &Settings,
        (application, district): (ApplicationId, DistrictId),
    ) -> Result<Self, DataFault> {
        let found = settings.district(district).ok_or(NOT_FOUND)?;
        let connection = settings.connection(application, district).ok_or(NOT_FOUND)?;
        let since = connection.since.to_string();
        Ok(Self {
            id: found.id.hex(),
            name: found.name.clone(),
            portal_url: portal_url(app, found),
            launch_date: since.get(..10).unwrap_or_default().to_owned(),
            last_sync: None,
        })
    }

    /// The same with the time of its last roster.
    pub fn synced(&self, at: Option<Timestamp>) -> Self {
        Self {
            id: self.id,
            name: self.name.clone(),
            portal_url: self.portal_url.clone(),
            launch_date: self.launch_date.clone(),
            last_sync: at.map(|at| at.to_string()),
        }
    }

    /// The district as dialects print it. Rosters come as files, whatever brings them.
    pub fn district(&self) -> District<'_> {
        District {
            id: &self.id,
            name: Some(&self.name),
            portal_url: Some(&self.portal_url),
            login_methods: Some(LOGIN_METHODS),
            record: Some(DistrictRecord {
                sis_type: "sftp",
                state: "running",
                launch_date: Some(&self.launch_date),
                last_sync: self.last_sync.as_deref(),
                ..DistrictRecord::default()
            }),
        }
    }
}

fn portal_url(app: &App, district: &roster::District) -> String {
    format!("{}/in/{}", app.urls().auth_base(), district.shortname)
}
