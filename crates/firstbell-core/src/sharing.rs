//! The one answer to "may this application see this person, which fields, and which rule says so".
//!
//! Who may enter is [`admit`]; the whole derivation of the same answer is [`why`]. Every reply that
//! tells an application something about a person is made from a [`View`], and only [`view`] makes
//! one. What a token reaches beside its own person is decided by the `reach_…` functions.

mod derivation;
mod fields;
mod reach;
mod sections;
mod synced;
#[cfg(test)]
mod tests;
mod ties;

pub use derivation::{Derivation, Finding, Misfit};
pub use fields::{AccessTier, Field, RoleView, View, classmate, view};
pub use reach::{
    DistrictRefusal, OutOfScope, is_told, reach_classmates, reach_district, reach_person,
    reach_role, reach_section, reads_district, reads_sections,
};
pub use sections::{Classroom, Member, SectionView, section_view};
pub use synced::{Column, PersonSeen, RoleSeen, Synced, named_sections, place_column, role_column};
pub use ties::{Needs, SectionTie, Ties};

use firstbell_protocol::vocabulary::RoleKind;

use crate::application::{
    Application, Connection, ConnectionState, Sharing, SharingRule, TeacherLink,
};
use crate::error::{self, Face};
use crate::id::{RoleId, SchoolId, SectionId};
use crate::roster::district::ClassroomPolicy;
use crate::roster::{Role, User};
use derivation::{Silent, Tell};

/// Why a person may not enter an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharingRefusal {
    /// An administrator has suspended the person.
    #[error("the person is suspended")]
    Suspended,
    /// The application is turned off.
    #[error("the application is turned off")]
    Disabled,
    /// The person's district has not connected the application.
    #[error("the district has not connected the application")]
    NotConnected,
    /// The person's district has paused the application.
    #[error("the district has paused the application")]
    Paused,
    /// The district shares others, but not this person.
    #[error("the district does not share this person with the application")]
    NotShared,
    /// The application serves none of the person's roles.
    #[error("the application serves none of the person's roles")]
    UserTypeNotServed,
    /// The person teaches, and may connect the application herself.
    #[error("the teacher has not connected the application, and may")]
    TeacherMayConnect,
    /// The person learns, and none of the person's teachers has connected the application.
    #[error("no teacher of the student has connected the application")]
    TeacherNotConnected,
    /// The district does not let its teachers connect this application.
    #[error("the district does not let its teachers connect the application")]
    ClassroomOff,
    /// What teachers connect is for them and their students.
    #[error("what teachers connect is for teachers and their students")]
    ClassroomUserType,
}

impl SharingRefusal {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::Suspended => &error::PERSON_SUSPENDED,
            // Whether there is such an application is not told.
            Self::Disabled => &error::UNKNOWN_APPLICATION,
            Self::NotConnected | Self::TeacherMayConnect => &error::APPLICATION_NOT_CONNECTED,
            Self::Paused => &error::CONNECTION_PAUSED,
            Self::NotShared => &error::PERSON_NOT_SHARED,
            Self::UserTypeNotServed => &error::USER_TYPE_NOT_SUPPORTED,
            Self::TeacherNotConnected => &error::TEACHER_NOT_CONNECTED,
            Self::ClassroomOff => &error::CLASSROOM_OFF,
            Self::ClassroomUserType => &error::CLASSROOM_USER_TYPE,
        }
    }

    /// Whether an application that asked for `return_unshared=true` is told
    /// `unauthorized-user`: the person has no access, or is of a type that it does not serve. That
    /// a person is suspended or an application turned off is not the application's to know.
    pub const fn is_lack_of_access(self) -> bool {
        !matches!(self, Self::Suspended | Self::Disabled)
    }
}

/// A person at the door of an application.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The application.
    pub application: &'a Application,
    /// What the person's district has said about it.
    pub connection: Option<&'a Connection>,
    /// Whether the district lets its teachers connect applications.
    pub classroom: ClassroomPolicy,
    /// The person.
    pub user: &'a User,
    /// The role they logged in with.
    pub login_role: RoleId,
    /// What they are tied to, as far as [`Needs::of`] wants it.
    pub ties: &'a Ties,
}

/// Who let an application in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorizedBy {
    /// The district.
    District,
    /// A teacher.
    Teacher,
}

impl AuthorizedBy {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::Teacher => "teacher",
        }
    }
}

/// That a person may enter an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The role in which they do: the role they logged in with if it is one of `roles`, else the
    /// first of those.
    pub role: &'a Role,
    /// The roles that are shared with the application and that it serves; never empty.
    pub roles: Vec<&'a Role>,
    /// Who let the application in.
    pub authorized_by: AuthorizedBy,
}

/// Whether the person may enter the application, and in which role.
///
/// # Errors
/// The first of [`SharingRefusal`] that holds.
pub fn admit<'a>(case: &Case<'a>) -> Result<Entry<'a>, SharingRefusal> {
    judge(case, &mut Silent)
}

/// The same answer with everything that led to it.
pub fn why(case: &Case<'_>) -> Derivation {
    let mut findings = Vec::new();
    let verdict = judge(case, &mut findings);
    let (fields, verdict) = match verdict {
        Ok(entry) => (case.application.tier.fields(entry.role.kind), Ok(entry.role.kind)),
        Err(refusal) => (&[][..], Err(refusal)),
    };
    Derivation { findings, verdict, fields }
}

fn judge<'a>(case: &Case<'a>, tell: &mut impl Tell) -> Result<Entry<'a>, SharingRefusal> {
    tell.tell(|| Finding::Suspension(case.user.suspended_since));
    if case.user.suspended_since.is_some() {
        return Err(SharingRefusal::Suspended);
    }
    tell.tell(|| Finding::Application { disabled: case.application.disabled });
    if case.application.disabled.is_some() {
        return Err(SharingRefusal::Disabled);
    }
    let state = case.connection.map(|connection| connection.state);
    tell.tell(|| Finding::Connection(state));
    match (case.connection, state) {
        (Some(connection), Some(ConnectionState::Active)) => {
            by_district(case, &connection.sharing, tell)
        }
        (_, Some(ConnectionState::Paused)) => Err(SharingRefusal::Paused),
        (_, Some(ConnectionState::Blocked)) => Err(SharingRefusal::NotConnected),
        _ if case.application.tier == AccessTier::Classroom => by_teacher(case, state, tell),
        _ => Err(SharingRefusal::NotConnected),
    }
}

/// The district has let the application in.
fn by_district<'a>(
    case: &Case<'a>,
    sharing: &Sharing,
    tell: &mut impl Tell,
) -> Result<Entry<'a>, SharingRefusal> {
    let mut roles = Vec::new();
    let mut any_shared = false;
    for role in &case.user.roles {
        if !is_shared(sharing, role, case.ties, tell) {
            continue;
        }
        any_shared = true;
        let served = case.application.serves(role.kind);
        tell.tell(|| Finding::Served { kind: role.kind, served });
        if served {
            roles.push(role);
        }
    }
    let refusal =
        if any_shared { SharingRefusal::UserTypeNotServed } else { SharingRefusal::NotShared };
    let role = entered(case, &roles).ok_or(refusal)?;
    tell.tell(|| Finding::Enters(role.kind));
    Ok(Entry { role, roles, authorized_by: AuthorizedBy::District })
}

/// The role they logged in with if it is among these, else the first.
fn entered<'a>(case: &Case<'_>, roles: &[&'a Role]) -> Option<&'a Role> {
    roles.iter().find(|role| role.id == case.login_role).or_else(|| roles.first()).copied()
}

fn is_shared(sharing: &Sharing, role: &Role, ties: &Ties, tell: &mut impl Tell) -> bool {
    for (number, rule) in (1..).zip(&sharing.rules) {
        let misfit = misfit(rule, role, ties);
        tell.tell(|| Finding::Rule { number, kind: role.kind, misfit });
        if misfit.is_none() {
            return true;
        }
    }
    let is_staff = matches!(role.kind, RoleKind::Staff | RoleKind::DistrictAdmin);
    if sharing.all_staff && is_staff {
        tell.tell(|| Finding::AllStaff(role.kind));
    }
    sharing.all_staff && is_staff
}

/// The first part of the rule that does not fit the role.
fn misfit(given: &SharingRule, role: &Role, ties: &Ties) -> Option<Misfit> {
    let sections = || ties.sections.iter().filter(|tie| tie.role == role.id);
    let named = |list: &[String], name: Option<&str>| {
        name.is_some_and(|name| list.iter().any(|known| known.eq_ignore_ascii_case(name)))
    };
    let fits_roles = |kinds: &Vec<RoleKind>| kinds.contains(&role.kind);
    let fits_schools = |schools: &Vec<SchoolId>| {
        (role.kind == RoleKind::DistrictAdmin && !schools.is_empty())
            || ties.schools.iter().any(|(of, school)| *of == role.id && schools.contains(school))
    };
    let fits_sections =
        |shared: &Vec<SectionId>| sections().any(|tie| shared.contains(&tie.section));
    let fits_grades = |grades: &Vec<String>| match role.kind {
        RoleKind::Student => named(grades, role.details.get("grade")),
        _ => sections().any(|tie| named(grades, tie.grade.as_deref())),
    };
    let fits_subjects =
        |subjects: &Vec<String>| sections().any(|tie| named(subjects, tie.subject.as_deref()));

    let parts = [
        (Misfit::Role, given.roles.as_ref().is_none_or(fits_roles)),
        (Misfit::School, given.schools.as_ref().is_none_or(fits_schools)),
        (Misfit::Section, given.sections.as_ref().is_none_or(fits_sections)),
        (Misfit::Grade, given.grades.as_ref().is_none_or(fits_grades)),
        (Misfit::Subject, given.subjects.as_ref().is_none_or(fits_subjects)),
    ];
    parts.into_iter().find(|(_, fits)| !fits).map(|(part, _)| part)
}

/// The district has not let the application in; a teacher may have.
fn by_teacher<'a>(
    case: &Case<'a>,
    state: Option<ConnectionState>,
    tell: &mut impl Tell,
) -> Result<Entry<'a>, SharingRefusal> {
    let recommended = state == Some(ConnectionState::Recommended);
    tell.tell(|| Finding::Classroom { policy: case.classroom, recommended });
    let allowed = match case.classroom {
        ClassroomPolicy::Allowed => true,
        ClassroomPolicy::Recommended => recommended,
        ClassroomPolicy::Off => false,
    };
    if !allowed {
        return Err(SharingRefusal::ClassroomOff);
    }
    let of_kind = |kind| case.user.role(kind);
    let role = of_kind(RoleKind::Teacher)
        .or_else(|| of_kind(RoleKind::Student))
        .ok_or(SharingRefusal::ClassroomUserType)?;
    let served = case.application.serves(role.kind);
    tell.tell(|| Finding::Served { kind: role.kind, served });
    if !served {
        return Err(SharingRefusal::UserTypeNotServed);
    }
    let is_linked = links(case).next().is_some();
    tell.tell(|| Finding::TeacherLink(is_linked));
    if !is_linked {
        return Err(match role.kind {
            RoleKind::Teacher => SharingRefusal::TeacherMayConnect,
            _ => SharingRefusal::TeacherNotConnected,
        });
    }
    tell.tell(|| Finding::Enters(role.kind));
    Ok(Entry { role, roles: vec![role], authorized_by: AuthorizedBy::Teacher })
}

/// The links that let the person in: a teacher's own; of a student, those that share a section the
/// student is in.
fn links<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a TeacherLink> {
    let (user, sections) = (case.user, &case.ties.sections);
    let teaches = user.role(RoleKind::Teacher).is_some();
    let application = case.application.id;
    case.ties.links.iter().filter(move |link| {
        let shares_one = || sections.iter().any(|tie| link.sections.contains(&tie.section));
        let is_theirs = if teaches { link.teacher == user.id } else { shares_one() };
        link.application == application && is_theirs
    })
}

/// Whether the application has a place among the person's own applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// They may enter it.
    Open,
    /// It does not serve their type; they may go to its website (seed: administrators see the
    /// application with a flag, students and teachers do not see it).
    WebsiteOnly,
    /// They do not see it.
    None,
}

/// Where the application stands in the person's portal.
pub fn place(case: &Case<'_>) -> Place {
    match admit(case) {
        Ok(_) => Place::Open,
        Err(SharingRefusal::UserTypeNotServed) => {
            let kind = case.user.role_by_id(case.login_role).map(|role| role.kind);
            match kind {
                Some(RoleKind::Staff | RoleKind::DistrictAdmin) => Place::WebsiteOnly,
                _ => Place::None,
            }
        }
        Err(_) => Place::None,
    }
}
