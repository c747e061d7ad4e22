//! Replies of the Data API: the envelope, and one printer a dialect. A dialect is a file here
//! (`v2_1`, `v3_0`); each prints the same [`Person`], which holds only what the application may
//! see: that is decided before anything reaches this crate.

pub mod envelope;
pub mod v2_1;
pub mod v3_0;

pub use envelope::{DataError, Envelope, Link};

use crate::vocabulary::RoleKind;

/// A person as an application may see them, in no dialect yet.
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
    /// When the roster first named the person, ISO 8601 with milliseconds.
    pub created: &'a str,
    /// When the roster last changed the person, ISO 8601 with milliseconds.
    pub last_modified: &'a str,
    /// The roles, in the order of [`RoleKind`]; never empty.
    pub roles: &'a [PersonRole<'a>],
    /// Who let the application in: `district` or `teacher`.
    pub authorized_by: &'a str,
    /// Whether an administrator acts as the person, where the application is told.
    pub by_admin: bool,
}

/// One role of a [`Person`].
#[derive(Debug, Clone, Copy)]
pub struct PersonRole<'a> {
    /// Which role.
    pub kind: RoleKind,
    /// The role's own id: `legacy_id` in v3, `id` in v2.
    pub id: &'a str,
    /// The grade of a student, if it is shared and known.
    pub grade: Option<&'a str>,
    /// The id in the student information system, if it is shared.
    pub sis_id: Option<&'a str>,
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

/// A district as an application may see it.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct District<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Where its people log in.
    pub portal_url: &'a str,
    /// How they prove who they are, in the dialect's words.
    pub login_methods: &'a [&'a str],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
