//! Sections (classes that meet), the courses they are held of and the terms they run in.

use super::details::Details;
use crate::id::{CourseId, RoleId, SchoolId, SectionId, TermId};

/// A term: semester, quarter, year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Its identifier.
    pub id: TermId,
    /// Its name, as the sections file gives it.
    pub name: String,
    /// First day, `YYYY-MM-DD`.
    pub start_date: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    pub end_date: Option<String>,
}

/// A course, known by its name and number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Its identifier.
    pub id: CourseId,
    /// Its name.
    pub name: String,
    /// Its number in the district's catalogue.
    pub number: String,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its identifier.
    pub id: SectionId,
    /// The school that holds it.
    pub school: SchoolId,
    /// Its id in the student information system, unique in the district.
    pub sis_id: String,
    /// Its name.
    pub name: String,
    /// The course it is held of.
    pub course: Option<CourseId>,
    /// The term it runs in.
    pub term: Option<TermId>,
    /// Its teachers' roles, the primary teacher first; never empty.
    pub teachers: Vec<RoleId>,
    /// Everything else: number, grade, period, subject.
    pub details: Details,
}
