//! What an import would change. The roster crate compares a district's files with what is
//! [`Present`] and makes a [`RosterChange`], in one piece or in many ([`RosterPieces`]); the store
//! applies that as one change.

mod back;
mod pieces;
mod present;

use std::collections::{HashMap, HashSet};

use super::{Contact, Course, Resource, School, Section, Term, User};
use crate::id::{CourseId, ResourceId, RoleId, SchoolId, SectionId, TermId, UserId};
use crate::secret::Secret;

pub use back::back_to;
pub use pieces::RosterPieces;
pub use present::{BoundRecord, Present};

/// The kinds of record that have an id of their own in a student information system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A school.
    School,
    /// A term, known by its name and dates.
    Term,
    /// A course, known by its name and number.
    Course,
    /// A section.
    Section,
    /// A student's role.
    Student,
    /// A teacher's role.
    Teacher,
    /// A staff member's role.
    Staff,
    /// A district administrator's role.
    DistrictAdmin,
    /// A contact, known by the id that its system gives it, else by what it says of itself.
    Contact,
    /// A resource.
    Resource,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::School,
        Self::Term,
        Self::Course,
        Self::Section,
        Self::Student,
        Self::Teacher,
        Self::Staff,
        Self::DistrictAdmin,
        Self::Contact,
        Self::Resource,
    ];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Term => "term",
            Self::Course => "course",
            Self::Section => "section",
            Self::Student => "student",
            Self::Teacher => "teacher",
            Self::Staff => "staff",
            Self::DistrictAdmin => "district_admin",
            Self::Contact => "contact",
            Self::Resource => "resource",
        }
    }
}

/// The kinds of record of which a roster has many, so that an import would rather not read those again
/// that are as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManyKind {
    /// Sections, with their teachers.
    Section,
    /// People other than contacts, with their roles.
    Person,
    /// Enrolments.
    Enrollment,
    /// Contacts, with their students.
    Contact,
}

impl ManyKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Section, Self::Person, Self::Enrollment, Self::Contact];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Section => "section",
            Self::Person => "person",
            Self::Enrollment => "enrollment",
            Self::Contact => "contact",
        }
    }
}

/// That a record of the student information system has an id of ours, for ever: a record that
/// leaves and comes back keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// What kind of record it is.
    pub kind: RecordKind,
    /// Its id in the student information system.
    pub sis_id: String,
    /// The twelve bytes of its id here.
    pub id: [u8; 12],
    /// For roles and contacts: the person who holds it.
    pub user: Option<UserId>,
}

/// A person and the schools of each of their roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterPerson {
    /// The person. `created`, `last_modified`, `suspended_since` and `generation` are the store's to
    /// keep: the store sets the first two and leaves the others as they were.
    pub user: User,
    /// Which role is held at which school, by role; of a role the primary school first, the others
    /// sorted.
    pub schools: Vec<(RoleId, SchoolId)>,
}

/// A student in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Enrollment {
    /// The section.
    pub section: SectionId,
    /// The student's role.
    pub student: RoleId,
}

/// A password that a roster brings for somebody who has none yet.
#[derive(Debug, Clone)]
pub struct ProvisionedPassword {
    /// Whose it is.
    pub role: RoleId,
    /// What the person types as their name, as the roster wrote it.
    pub login_name: String,
    /// The password.
    pub password: Secret,
}

/// What a district's roster holds now.
#[derive(Debug, Clone, Default)]
pub struct CurrentRoster {
    /// All bindings ever made, also of records that have left: kind and SIS id to id and person.
    pub bindings: HashMap<(RecordKind, String), ([u8; 12], Option<UserId>)>,
    /// Schools.
    pub schools: HashMap<SchoolId, School>,
    /// Terms.
    pub terms: HashMap<TermId, Term>,
    /// Courses.
    pub courses: HashMap<CourseId, Course>,
    /// Sections.
    pub sections: HashMap<SectionId, Section>,
    /// People.
    pub people: HashMap<UserId, RosterPerson>,
    /// Enrolments.
    pub enrollments: HashSet<Enrollment>,
    /// Contacts.
    pub contacts: HashMap<UserId, Contact>,
    /// Resources.
    pub resources: HashMap<ResourceId, Resource>,
    /// What [`RosterChange::digests`] of the change was that made it so.
    pub digests: HashMap<ManyKind, Vec<u8>>,
}

/// What happens to the records of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed<T, K> {
    /// Records that are new.
    pub added: Vec<T>,
    /// Records that take the place of the one with the same id.
    pub replaced: Vec<T>,
    /// Records that leave.
    pub removed: Vec<K>,
}

impl<T, K> Default for Changed<T, K> {
    fn default() -> Self {
        Self { added: Vec::new(), replaced: Vec::new(), removed: Vec::new() }
    }
}

impl<T, K> Changed<T, K> {
    /// How many records it touches.
    pub fn len(&self) -> usize {
        self.added.len() + self.replaced.len() + self.removed.len()
    }

    /// Whether nothing happens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Everything that one import changes in a district.
#[derive(Debug, Clone, Default)]
pub struct RosterChange {
    /// New bindings.
    pub bindings: Vec<Binding>,
    /// Roles whose person is another one from now on (two records turned out to be one person,
    /// or one person two).
    pub rebound: Vec<Binding>,
    /// Schools.
    pub schools: Changed<School, SchoolId>,
    /// Terms.
    pub terms: Changed<Term, TermId>,
    /// Courses.
    pub courses: Changed<Course, CourseId>,
    /// Sections. One whose enrolments change is among `replaced` even where nothing else of it does:
    /// a section is modified when its members are.
    pub sections: Changed<Section, SectionId>,
    /// People.
    pub people: Changed<RosterPerson, UserId>,
    /// Enrolments; they are never replaced.
    pub enrollments: Changed<Enrollment, Enrollment>,
    /// Contacts.
    pub contacts: Changed<Contact, UserId>,
    /// Resources.
    pub resources: Changed<Resource, ResourceId>,
    /// Passwords for login names that have none yet.
    pub passwords: Vec<ProvisionedPassword>,
    /// What the records of a kind come to when all of this is applied, in words of whoever plans: a
    /// store keeps them with the version that it makes, and gives them back with
    /// [`Present::digests`] for as long as that is the present one. A change without them is as good.
    pub digests: Vec<(ManyKind, Vec<u8>)>,
}

impl RosterChange {
    /// How many records it touches. Rebound roles and passwords are none.
    pub fn records(&self) -> usize {
        self.bindings.len()
            + self.schools.len()
            + self.terms.len()
            + self.courses.len()
            + self.sections.len()
            + self.people.len()
            + self.enrollments.len()
            + self.contacts.len()
            + self.resources.len()
    }

    /// Whether the roster stays as it is. Passwords do not count: the store keeps the ones that
    /// are there. Nor do digests: they change nothing.
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
            && self.rebound.is_empty()
            && self.schools.is_empty()
            && self.terms.is_empty()
            && self.courses.is_empty()
            && self.sections.is_empty()
            && self.people.is_empty()
            && self.enrollments.is_empty()
            && self.contacts.is_empty()
            && self.resources.is_empty()
    }
}
