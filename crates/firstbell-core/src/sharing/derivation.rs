//! How an answer came about: what [`super::why`] tells beside the answer itself.

use std::fmt;

use firstbell_protocol::vocabulary::RoleKind;

use super::{Field, SharingRefusal};
use crate::application::ConnectionState;
use crate::roster::district::ClassroomPolicy;
use crate::time::Timestamp;

/// An answer and what led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derivation {
    /// What was found, in the order in which it was looked at.
    pub findings: Vec<Finding>,
    /// The role in which the person enters, or why they do not.
    pub verdict: Result<RoleKind, SharingRefusal>,
    /// The fields that the application sees of the person; none where they do not enter.
    pub fields: &'static [Field],
}

/// One thing that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Whether the person is suspended, and since when.
    Suspension(Option<Timestamp>),
    /// Whether the application is turned off.
    Application {
        /// Since when.
        disabled: Option<Timestamp>,
    },
    /// What the district has said about the application.
    Connection(Option<ConnectionState>),
    /// Whether a sharing rule fits a role of the person.
    Rule {
        /// Which rule, counted from one.
        number: usize,
        /// Which role.
        kind: RoleKind,
        /// The part that does not fit; none where the rule fits.
        misfit: Option<Misfit>,
    },
    /// The district shares all staff.
    AllStaff(RoleKind),
    /// Whether the application serves the role.
    Served {
        /// Which role.
        kind: RoleKind,
        /// Whether it does.
        served: bool,
    },
    /// Whether the district lets its teachers connect the application.
    Classroom {
        /// Which applications they may connect.
        policy: ClassroomPolicy,
        /// Whether this one is recommended.
        recommended: bool,
    },
    /// Whether a teacher has let the application in for the person.
    TeacherLink(bool),
    /// In which role the person enters.
    Enters(RoleKind),
}

/// The part of a sharing rule that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// Another kind of role.
    Role,
    /// None of the rule's schools.
    School,
    /// None of the rule's sections.
    Section,
    /// Another grade.
    Grade,
    /// None of the rule's subjects.
    Subject,
}

impl Misfit {
    const fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::School => "school",
            Self::Section => "section",
            Self::Grade => "grade",
            Self::Subject => "subject",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suspension(None) => write!(f, "the person is not suspended"),
            Self::Suspension(Some(since)) => write!(f, "the person is suspended since {since}"),
            Self::Application { disabled: None } => write!(f, "the application is turned on"),
            Self::Application { disabled: Some(since) } => {
                write!(f, "the application is turned off since {since}")
            }
            Self::Connection(None) => {
                write!(f, "the district has said nothing about the application")
            }
            Self::Connection(Some(state)) => {
                write!(f, "for the district the application is {}", state.name())
            }
            Self::Rule { number, kind, misfit: None } => {
                write!(f, "sharing rule {number} fits the role {}", kind.name())
            }
            Self::Rule { number, kind, misfit: Some(part) } => {
                let (kind, part) = (kind.name(), part.name());
                write!(f, "sharing rule {number} does not fit the role {kind}: {part}")
            }
            Self::AllStaff(kind) => {
                write!(f, "the district shares all staff, and so the role {}", kind.name())
            }
            Self::Served { kind, served: true } => {
                write!(f, "the application serves the role {}", kind.name())
            }
            Self::Served { kind, served: false } => {
                write!(f, "the application does not serve the role {}", kind.name())
            }
            Self::Classroom { policy, recommended } => {
                let which = match policy {
                    ClassroomPolicy::Allowed => "any application",
                    ClassroomPolicy::Recommended => "applications that it recommends",
                    ClassroomPolicy::Off => "no application",
                };
                let this = if *recommended { "is recommended" } else { "is not recommended" };
                write!(f, "the district lets its teachers connect {which}; this one {this}")
            }
            Self::TeacherLink(true) => write!(f, "a teacher has connected the application"),
            Self::TeacherLink(false) => write!(f, "no teacher has connected the application"),
            Self::Enters(kind) => write!(f, "the person enters as {}", kind.name()),
        }
    }
}

/// Who listens to an answer coming about.
pub(super) trait Tell {
    fn tell(&mut self, finding: impl FnOnce() -> Finding);
}

/// Nobody does: the way of every login.
pub(super) struct Silent;

impl Tell for Silent {
    fn tell(&mut self, _: impl FnOnce() -> Finding) {}
}

impl Tell for Vec<Finding> {
    fn tell(&mut self, finding: impl FnOnce() -> Finding) {
        self.push(finding());
    }
}
