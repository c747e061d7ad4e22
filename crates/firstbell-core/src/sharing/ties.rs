//! What ties a person to schools, sections and teachers, as far as an answer depends on it.

use super::AccessTier;
use crate::application::{Application, Connection, ConnectionState, SharingRule, TeacherLink};
use crate::id::{RoleId, SchoolId, SectionId};

/// What a person is tied to in the roster. Each part may be left empty unless [`Needs`] names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ties {
    /// At which school which role is held.
    pub schools: Vec<(RoleId, SchoolId)>,
    /// Which role is in which section: a student's as its student, a teacher's as its teacher.
    pub sections: Vec<SectionTie>,
    /// What the person, or a teacher of the person's sections, has let in.
    pub links: Vec<TeacherLink>,
}

/// A role in a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionTie {
    /// The role.
    pub role: RoleId,
    /// The section.
    pub section: SectionId,
    /// The school that holds it.
    pub school: SchoolId,
    /// The section's grade in the roster's words.
    pub grade: Option<String>,
    /// The section's subject in the roster's words.
    pub subject: Option<String>,
}

/// Which of a person's [`Ties`] an answer depends on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// The schools.
    pub schools: bool,
    /// The sections.
    pub sections: bool,
    /// What teachers have let in; it comes with the sections.
    pub links: bool,
}

impl Needs {
    /// What [`admit`] must be told of a person who wants to enter the application.
    pub fn of(application: &Application, connection: Option<&Connection>) -> Self {
        match connection {
            Some(connection) if connection.state == ConnectionState::Active => {
                let rules = || connection.sharing.rules.iter();
                let by_section = |rule: &SharingRule| {
                    rule.sections.is_some() || rule.subjects.is_some() || rule.grades.is_some()
                };
                Self {
                    schools: rules().any(|rule| rule.schools.is_some()),
                    sections: rules().any(by_section),
                    links: false,
                }
            }
            _ => {
                let links = application.tier == AccessTier::Classroom;
                Self { schools: false, sections: links, links }
            }
        }
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            schools: self.schools || other.schools,
            sections: self.sections || other.sections,
            links: self.links || other.links,
        }
    }

    /// Whether nothing is needed.
    pub const fn is_nothing(self) -> bool {
        !(self.schools || self.sections || self.links)
    }
}
