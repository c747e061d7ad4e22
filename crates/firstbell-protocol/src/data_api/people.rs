//! People as an application may see them, in no dialect yet.

use super::{Facts, Told};
use crate::vocabulary::RoleKind;

/// A person as an application may see them.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The person's id (24 hexadecimal digits), the same in every role.
    pub id: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// The email address, if it is shared and known.
    pub email: Option<&'a str>,
    /// The name.
    pub name: Name<'a>,
    /// When the roster first named the person, ISO 8601 with milliseconds, if it is shared.
    pub created: Option<&'a str>,
    /// When the roster last changed the person, ISO 8601 with milliseconds, if it is shared.
    pub last_modified: Option<&'a str>,
    /// How much `/me` says of it.
    pub at_me: AtMe,
    /// The roles, in the order of [`RoleKind`]; never empty.
    pub roles: &'a [PersonRole<'a>],
    /// Who let the application in: `district` or `teacher`.
    pub authorized_by: &'a str,
    /// Whether an administrator acts as the person, where the application is told.
    pub by_admin: bool,
    /// Whether the person is in the learning management system, where the application is told.
    pub lms_status: Option<LmsStatus>,
}

/// How much `/me` of the v2 dialects says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtMe {
    /// Which role of which district it is.
    Ids,
    /// Also name, email and grade, as far as they are shared (seed: Classroom SSO).
    Person,
}

/// One role of a [`Person`].
#[derive(Debug, Clone, Copy)]
pub struct PersonRole<'a> {
    /// Which role.
    pub kind: RoleKind,
    /// The role's own id: `legacy_id` in v3, `id` in v2.
    pub id: &'a str,
    /// The grade of a student, if it is shared and known. Where it is None, `facts` may say it.
    pub grade: Option<&'a str>,
    /// The id in the student information system, if it is shared.
    pub sis_id: Option<&'a str>,
    /// The schools at which the role is held, the primary one first. None where schools are not
    /// shared.
    pub schools: Option<&'a [&'a str]>,
    /// Everything else that the roster says of the role and the application may see.
    pub facts: Facts<'a>,
    /// Which groups of `facts` the application is told, known or not.
    pub told: Told,
}

/// A name, as far as it is shared.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Name<'a> {
    /// Given name.
    pub first: &'a str,
    /// Middle name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle: Option<&'a str>,
    /// Family name.
    pub last: &'a str,
}

/// Whether something has its counterpart in the district's learning management system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LmsStatus {
    /// It has.
    Synced,
    /// It has none yet.
    NotSynced,
}

/// Somebody whom a school calls about a student: in v3 a user with the role `contact`, in v2 an
/// object of its own kind.
#[derive(Debug, Clone, Copy)]
pub struct Contact<'a> {
    /// The id in the v3 dialects.
    pub id: &'a str,
    /// The id in the v2 dialects; `legacy_id` in v3.
    pub role: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// The name; often there is only a family name.
    pub name: Name<'a>,
    /// The email address, if it is known.
    pub email: Option<&'a str>,
    /// The telephone number, if it is known.
    pub phone: Option<&'a str>,
    /// Which telephone that is: `Cell`, `Home`, `Work`, `Other`.
    pub phone_type: Option<&'a str>,
    /// The id in the student information system, if there is one.
    pub sis_id: Option<&'a str>,
    /// Whose contact it is, as far as the application may see these students; by ascending student.
    pub students: &'a [Relationship<'a>],
    /// When the roster first named the contact, ISO 8601 with milliseconds.
    pub created: Option<&'a str>,
    /// When the roster last changed the contact, ISO 8601 with milliseconds.
    pub last_modified: Option<&'a str>,
}

/// What a [`Contact`] is to a student.
#[derive(Debug, Clone, Copy)]
pub struct Relationship<'a> {
    /// The student.
    pub student: Member<'a>,
    /// `Parent`, `Grandparent`, `Self`, `Aunt/Uncle`, `Sibling`, `Other`.
    pub relationship: Option<&'a str>,
    /// `Parent/Guardian`, `Emergency`, `Primary`, `Secondary`, `Family`, `Other`.
    pub kind: Option<&'a str>,
}

/// Somebody whom another object names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'a> {
    /// The id of the role, which names them in the v2 dialects.
    pub role: &'a str,
    /// The person's id, which names them in the v3 dialects.
    pub user: &'a str,
}
