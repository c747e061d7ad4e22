//! Contacts: parents, guardians and whoever else a school calls about a student. They are no users:
//! they never log in, and are never joined to a student or to staff.

use super::details::Details;
use super::user::{Email, PersonName};
use crate::id::{RoleId, UserId};

/// The most contacts that a student has.
pub const MOST_OF_A_STUDENT: usize = 5;

/// Somebody to call about one or several students.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The contact's identifier among people: `id` in v3.
    pub id: UserId,
    /// The identifier of the role: `legacy_id` in v3, `id` in v2.
    pub role: RoleId,
    /// The id in the student information system, where it gives contacts one.
    pub sis_id: Option<String>,
    /// The name. Most systems give it as one text, which stands in `last` then.
    pub name: PersonName,
    /// The email address.
    pub email: Option<Email>,
    /// Everything else that the roster said, by wire name: `phone`, `phone_type`.
    pub details: Details,
    /// Whose contact it is, by the students' roles, sorted; never empty.
    pub students: Vec<Relationship>,
}

/// What a contact is to a student.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relationship {
    /// The student's role.
    pub student: RoleId,
    /// The word for it: `Parent`, `Grandparent`, in the dialect's vocabulary.
    pub relationship: Option<String>,
    /// When they are called: `Parent/Guardian`, `Emergency`, in the dialect's vocabulary.
    pub kind: Option<String>,
}
