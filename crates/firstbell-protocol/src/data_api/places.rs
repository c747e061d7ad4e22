//! What people belong to, as an application may see it, in no dialect yet: districts, schools,
//! terms, courses, sections, resources. Dates are `YYYY-MM-DD`, times ISO 8601 with milliseconds.

use super::{Facts, LmsStatus, Member, Name, Told};

/// A district.
#[derive(Debug, Clone, Copy, Default)]
pub struct District<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name, if it is shared.
    pub name: Option<&'a str>,
    /// Where its people log in, if that is shared.
    pub portal_url: Option<&'a str>,
    /// How they prove who they are, in the dialect's words, if that is shared.
    pub login_methods: Option<&'a [&'a str]>,
    /// What applications with the roster are told of it; None for all others.
    pub record: Option<DistrictRecord<'a>>,
}

/// What an application with the roster is told of a [`District`].
#[derive(Debug, Clone, Copy, Default)]
pub struct DistrictRecord<'a> {
    /// How its roster comes in: `sftp` for files.
    pub sis_type: &'a str,
    /// `running`, `pending`, `error`, `paused` or `success`.
    pub state: &'a str,
    /// What is wrong, where something is.
    pub error: Option<&'a str>,
    /// Time of the last roster that came in.
    pub last_sync: Option<&'a str>,
    /// Date since which the application reads it.
    pub launch_date: Option<&'a str>,
    /// Time at which rosters begin to be left alone.
    pub pause_start: Option<&'a str>,
    /// Time at which that ends.
    pub pause_end: Option<&'a str>,
    /// Number in the directory of Market Data Retrieval.
    pub mdr_number: Option<&'a str>,
    /// Number at the National Center for Education Statistics.
    pub nces_id: Option<&'a str>,
    /// Whom to write to.
    pub contact: Option<DistrictContact<'a>>,
    /// `canvas`, `schoology` or `google_classroom`, where one is connected.
    pub lms_type: Option<&'a str>,
    /// How that connection stands.
    pub lms_state: Option<&'a str>,
    /// Time of the last attendance that came in.
    pub last_attendance_sync: Option<&'a str>,
}

/// Whom to write to in a [`District`].
#[derive(Debug, Clone, Copy)]
pub struct DistrictContact<'a> {
    /// Who it is.
    pub member: Member<'a>,
    /// The name.
    pub name: Name<'a>,
    /// The email address.
    pub email: Option<&'a str>,
    /// The title.
    pub title: Option<&'a str>,
}

/// A school.
#[derive(Debug, Clone, Copy)]
pub struct School<'a> {
    /// Its id.
    pub id: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The number by which the district knows it.
    pub school_number: &'a str,
    /// The id in the student information system.
    pub sis_id: &'a str,
    /// Everything else: grades, principal, address, telephone.
    pub facts: Facts<'a>,
    /// Of [`Told::ROSTER`], which schools always are, and [`Told::EXT`], what is told.
    pub told: Told,
    /// Time at which the roster first named it.
    pub created: Option<&'a str>,
    /// Time at which the roster last changed it.
    pub last_modified: Option<&'a str>,
}

/// A term: semester, quarter, year.
#[derive(Debug, Clone, Copy)]
pub struct Term<'a> {
    /// Its id.
    pub id: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// Its name, if it has one.
    pub name: Option<&'a str>,
    /// First day.
    pub start_date: Option<&'a str>,
    /// Last day.
    pub end_date: Option<&'a str>,
}

/// A course.
#[derive(Debug, Clone, Copy)]
pub struct Course<'a> {
    /// Its id.
    pub id: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// Its name, if it has one.
    pub name: Option<&'a str>,
    /// Its number in the catalogue, if it has one.
    pub number: Option<&'a str>,
}

/// A section.
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
    /// Its primary teacher, where they are told.
    pub primary: Option<Member<'a>>,
    /// Its teachers, as far as they are told, the primary one first.
    pub teachers: &'a [Member<'a>],
    /// Its students, as far as they are told; in any order.
    pub students: &'a [Member<'a>],
    /// What applications with the roster are told of it; None for all others.
    pub record: Option<SectionRecord<'a>>,
}

/// What an application with the roster is told of a [`Section`].
#[derive(Debug, Clone, Copy)]
pub struct SectionRecord<'a> {
    /// The school that holds it.
    pub school: &'a str,
    /// The id in the student information system.
    pub sis_id: &'a str,
    /// The course it is held of.
    pub course: Option<&'a str>,
    /// The term it runs in.
    pub term: Option<&'a str>,
    /// Everything else: `section_number`, `period`, `ext.*`.
    pub facts: Facts<'a>,
    /// Of [`Told::ROSTER`], which sections always are, and [`Told::EXT`], what is told.
    pub told: Told,
    /// Time at which the roster first named it.
    pub created: Option<&'a str>,
    /// Time at which the roster last changed it.
    pub last_modified: Option<&'a str>,
    /// Whether it is in the learning management system, where the application is told.
    pub lms_status: Option<LmsStatus>,
}

/// Something that an application offers, by the district's roster. There are none in v2.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// Its id.
    pub id: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// The id by which the application knows it.
    pub resource_id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Who uses it: `teacher`, `student`.
    pub roles: &'a [&'a str],
    /// Time at which the roster first named it.
    pub created: Option<&'a str>,
    /// Time at which the roster last changed it.
    pub updated: Option<&'a str>,
}
