//! Which fields an application sees of a person: its access tier says so.

use std::borrow::Cow;

use firstbell_protocol::vocabulary::RoleKind;

use super::{AuthorizedBy, Entry};
use crate::application::Application;
use crate::id::{RoleId, UserId};
use crate::roster::{Email, Role, User};
use crate::time::Timestamp;

/// How much an application sees of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTier {
    /// Who somebody is, and nothing of the roster (seed: District SSO).
    DistrictSso,
    /// A teacher and the classes she shares; of students no more than a first name, the first
    /// letter of the last and the grade (seed: Classroom SSO).
    Classroom,
    /// The roster, as far as the district shares it.
    SecureSync,
}

/// Something of a person that is shared or not. Id, type and district always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// First name.
    FirstName,
    /// Middle name.
    MiddleName,
    /// Last name.
    LastName,
    /// The first letter of the last name.
    LastInitial,
    /// Email address.
    Email,
    /// Grade.
    Grade,
    /// The id in the student information system.
    SisId,
    /// Sections, and who is in them.
    Sections,
    /// When the roster first named the person and last changed them.
    Dates,
    /// The schools at which the role is held.
    Schools,
}

impl Field {
    /// The name for administrators.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FirstName => "first name",
            Self::MiddleName => "middle name",
            Self::LastName => "last name",
            Self::LastInitial => "last initial",
            Self::Email => "email",
            Self::Grade => "grade",
            Self::SisId => "SIS id",
            Self::Sections => "sections",
            Self::Dates => "dates of the record",
            Self::Schools => "schools",
        }
    }
}

impl AccessTier {
    /// All tiers.
    pub const ALL: [Self; 3] = [Self::DistrictSso, Self::Classroom, Self::SecureSync];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DistrictSso => "district_sso",
            Self::Classroom => "classroom",
            Self::SecureSync => "secure_sync",
        }
    }

    /// What the tier may read, in the order in which `scope` names it.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::DistrictSso => {
                "read:district_admins_basic read:school_admins_basic read:students_basic \
                 read:teachers_basic read:user_id"
            }
            Self::Classroom => {
                "read:sections_limited read:students_limited read:teachers_limited read:user_id"
            }
            Self::SecureSync => {
                "read:district_admins read:districts read:resources read:school_admins \
                 read:schools read:sections read:student_contacts read:students read:teachers \
                 read:user_id"
            }
        }
    }

    /// The fields that the tier shares of a person in this kind of role.
    pub const fn fields(self, kind: RoleKind) -> &'static [Field] {
        use Field as F;
        match (self, kind) {
            (Self::DistrictSso, _) => &[F::FirstName, F::LastName, F::Email, F::Dates],
            (Self::Classroom, RoleKind::Student) => {
                &[F::FirstName, F::LastInitial, F::Grade, F::Sections]
            }
            (Self::Classroom, RoleKind::Teacher) => {
                &[F::FirstName, F::MiddleName, F::LastName, F::Email, F::Sections]
            }
            (Self::Classroom, _) => &[F::FirstName, F::LastName, F::Email],
            (Self::SecureSync, _) => &[
                F::FirstName,
                F::MiddleName,
                F::LastName,
                F::Email,
                F::Grade,
                F::SisId,
                F::Sections,
                F::Dates,
                F::Schools,
            ],
        }
    }

    /// Whether applications of the tier see the district's name and where its people log in; its id
    /// they always see.
    pub const fn shares_district(self) -> bool {
        !matches!(self, Self::Classroom)
    }

    /// Whether the tier shares a field of a person in this kind of role.
    pub fn shares(self, kind: RoleKind, field: Field) -> bool {
        self.fields(kind).contains(&field)
    }
}

/// What an application may see of a person.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The person's id.
    pub id: UserId,
    /// First name.
    pub first_name: &'a str,
    /// Middle name, where it is shared and there is one.
    pub middle_name: Option<&'a str>,
    /// Last name, or its first letter.
    pub last_name: Cow<'a, str>,
    /// The email address, where it is shared and there is one.
    pub email: Option<&'a Email>,
    /// When the roster first named the person, where that is shared.
    pub created: Option<Timestamp>,
    /// When the roster last changed the person, where that is shared.
    pub last_modified: Option<Timestamp>,
    /// The person's roles that the application sees.
    pub roles: Vec<RoleView<'a>>,
    /// Who let the application in.
    pub authorized_by: AuthorizedBy,
}

/// What an application may see of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoleView<'a> {
    /// Which role.
    pub kind: RoleKind,
    /// Its id.
    pub id: RoleId,
    /// The grade of a student, where it is shared and known.
    pub grade: Option<&'a str>,
    /// The id in the student information system, where it is shared.
    pub sis_id: Option<&'a str>,
}

/// The person as the application sees them. A role that is not shared or not served is not told.
pub fn view<'a>(application: &Application, user: &'a User, entry: &Entry<'a>) -> View<'a> {
    seen(application.tier, user, entry.role.kind, &entry.roles, entry.authorized_by)
}

/// A person of a section that the application sees, as it sees them there: `role` is the one they
/// have in the section.
pub fn classmate<'a>(
    application: &Application,
    user: &'a User,
    role: &'a Role,
    authorized_by: AuthorizedBy,
) -> View<'a> {
    seen(application.tier, user, role.kind, &[role], authorized_by)
}

fn seen<'a>(
    tier: AccessTier,
    user: &'a User,
    kind: RoleKind,
    roles: &[&'a Role],
    authorized_by: AuthorizedBy,
) -> View<'a> {
    let shares = |field| tier.shares(kind, field);
    let last = user.name.last.as_str();
    let last_name = match (shares(Field::LastName), shares(Field::LastInitial)) {
        (true, _) => Cow::Borrowed(last),
        (false, true) => Cow::Owned(last.chars().take(1).collect()),
        (false, false) => Cow::Borrowed(""),
    };
    let role_view = |role: &&'a Role| RoleView {
        kind: role.kind,
        id: role.id,
        grade: role
            .details
            .get("grade")
            .filter(|_| role.kind == RoleKind::Student && tier.shares(role.kind, Field::Grade)),
        sis_id: tier.shares(role.kind, Field::SisId).then_some(role.sis_id.as_str()),
    };
    View {
        id: user.id,
        first_name: &user.name.first,
        middle_name: user.name.middle.as_deref().filter(|_| shares(Field::MiddleName)),
        last_name,
        email: user.email.as_ref().filter(|_| shares(Field::Email)),
        created: Some(user.created).filter(|_| shares(Field::Dates)),
        last_modified: Some(user.last_modified).filter(|_| shares(Field::Dates)),
        roles: roles.iter().map(role_view).collect(),
        authorized_by,
    }
}
