//! Replies of the Data API: the envelope, a printer for each family of dialects (`v2`, `v3`), and a
//! file a dialect (`v2_0`, `v2_1`, `v3_0`, `v3_1`) with what sets it apart. Each prints the same
//! [`Person`], [`Section`] and [`District`], which hold only what the application may see: that is
//! decided before anything reaches this crate.

pub mod envelope;
pub mod v2;
pub mod v2_0;
pub mod v2_1;
pub mod v3;
pub mod v3_0;
pub mod v3_1;

pub use envelope::{DataError, Envelope, Item, Link, List};

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
    /// Its name, if it is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// Where its people log in, if that is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal_url: Option<&'a str>,
    /// How they prove who they are, in the dialect's words, if that is shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login_methods: Option<&'a [&'a str]>,
}

/// A section as an application may see it, in no dialect yet.
#[derive(Debug, Clone, Copy)]
pub struct Section<'a> {
    /// Its id.
    pub id: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its grade, if it is known.
    pub grade: Option<&'a str>,
    /// Its subject, if it is known.
    pub subject: Option<&'a str>,
    /// Its teachers, the primary one first.
    pub teachers: &'a [Member<'a>],
    /// Its students, as far as they are told.
    pub students: &'a [Member<'a>],
}

/// Somebody in a [`Section`].
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The id of the role, which names them in the v2 dialects.
    pub role: &'a str,
    /// The person's id, which names them in the v3 dialects.
    pub user: &'a str,
}

/// A section as it is printed: people are named by the ids of the dialect.
#[derive(Debug, serde::Serialize)]
pub struct SectionObject<'a> {
    id: &'a str,
    district: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    teacher: Option<&'a str>,
    teachers: Vec<&'a str>,
    students: Vec<&'a str>,
}

impl<'a> SectionObject<'a> {
    /// The section with its people named by `id`.
    fn of(section: &Section<'a>, id: impl Fn(&Member<'a>) -> &'a str) -> Self {
        let teachers: Vec<_> = section.teachers.iter().map(&id).collect();
        let mut students: Vec<_> = section.students.iter().map(&id).collect();
        students.sort_unstable();
        Self {
            id: section.id,
            district: section.district,
            name: section.name,
            grade: section.grade,
            subject: section.subject,
            teacher: teachers.first().copied(),
            teachers,
            students,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) const TEACHER: PersonRole<'_> = PersonRole {
        kind: RoleKind::Teacher,
        id: "6298ef2e9e30ed3d9066e118",
        grade: None,
        sis_id: None,
    };
    pub(crate) const ADMIN: PersonRole<'_> = PersonRole {
        kind: RoleKind::DistrictAdmin,
        id: "62817af1d65e86e415b6f68d",
        grade: None,
        sis_id: None,
    };
    pub(crate) const STUDENT: PersonRole<'_> = PersonRole {
        kind: RoleKind::Student,
        id: "628000000000000000000001",
        grade: Some("4"),
        sis_id: None,
    };

    pub(crate) fn person<'a>(roles: &'a [PersonRole<'a>]) -> Person<'a> {
        Person {
            id: "62817c88dc4dc002ea40b594",
            district: "62817af12d430f5d54001f99",
            email: Some("pe@bot.example"),
            name: Name { first: "PE", middle: None, last: "Bot" },
            created: Some("2022-05-15T22:20:03.535Z"),
            last_modified: Some("2024-07-10T16:22:11.422Z"),
            at_me: AtMe::Ids,
            roles,
            authorized_by: "district",
            by_admin: false,
        }
    }

    const TEACHERS: &[Member<'_>] = &[
        Member { role: "6298ef2e9e30ed3d9066e118", user: "62817c88dc4dc002ea40b594" },
        Member { role: "6298ef2e9e30ed3d9066e100", user: "62817c88dc4dc002ea40b500" },
    ];
    const STUDENTS: &[Member<'_>] = &[
        Member { role: "628000000000000000000002", user: "629000000000000000000001" },
        Member { role: "628000000000000000000001", user: "629000000000000000000002" },
    ];

    pub(crate) fn section() -> Section<'static> {
        Section {
            id: "62817b0a2d430f5d5400200a",
            district: "62817af12d430f5d54001f99",
            name: "Math 4",
            grade: Some("TransitionalKindergarten"),
            subject: Some("math"),
            teachers: TEACHERS,
            students: STUDENTS,
        }
    }
}
