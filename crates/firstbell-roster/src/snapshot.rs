//! What a roster says, whatever files it came in: validated, neutral, compact. Records refer to
//! each other by position; ids of ours come later, in [`crate::plan`].

use std::fmt;

use firstbell_core::roster::{Email, PersonName, RoleKind};

use crate::contacts::TiedContact;
use crate::enrollments::Enrollments;
use crate::problem::Listed;
use crate::source::RosterFile;
use crate::spill::Spilled;

mod details;
mod written;

pub(crate) use details::{DetailName, DetailNames, PackedDetails};
pub(crate) use written::LoginParts;

/// Between the parts of a key that stands for an id. No cell can hold it: control characters are
/// refused.
pub(crate) const SEPARATOR: &str = "\u{1f}";

/// A district as its roster describes it.
pub struct Snapshot {
    pub(crate) detail_names: DetailNames,
    pub(crate) schools: Vec<SchoolRecord>,
    pub(crate) terms: Vec<TermRecord>,
    pub(crate) courses: Vec<CourseRecord>,
    pub(crate) sections: Spilled<SectionRecord>,
    pub(crate) roles: Roles,
    /// Teachers, staff and district administrators, joined to people.
    pub(crate) adults: Vec<Adult>,
    pub(crate) enrollments: Enrollments,
    pub(crate) contacts: Spilled<TiedContact>,
    pub(crate) resources: Vec<ResourceRecord>,
    /// Why what was read could not be kept, if anything went wrong: then there is no roster.
    pub(crate) failed: Option<std::io::Error>,
    /// What somebody should know, though the roster is good.
    pub warnings: Listed,
}

impl Snapshot {
    /// How many schools there are.
    pub fn schools(&self) -> usize {
        self.schools.len()
    }

    /// How many sections there are.
    pub fn sections(&self) -> usize {
        self.sections.len()
    }

    /// How many roles of this kind there are.
    pub fn roles(&self, kind: RoleKind) -> usize {
        self.roles.of(kind).len()
    }

    /// How many people there are: a teacher who is also staff is one.
    pub fn people(&self) -> usize {
        self.roles.students.len() + self.adults.len()
    }

    /// How many enrolments there are.
    pub fn enrollments(&self) -> usize {
        self.enrollments.len()
    }

    /// How many contacts there are, each once, however many students they are called about.
    pub fn contacts(&self) -> usize {
        self.contacts.len()
    }

    /// How many resources there are.
    pub fn resources(&self) -> usize {
        self.resources.len()
    }

    /// Asks all lists whether they are whole.
    pub(crate) fn note_failures(&mut self) {
        let roles = RoleKind::ALL.map(|kind| self.roles.of_mut(kind).check());
        let others = [self.sections.check(), self.contacts.check()];
        let first = roles.into_iter().chain(others).find_map(Result::err);
        self.failed = self.failed.take().or(first);
    }
}

/// Counts only: a roster holds names and passwords.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("schools", &self.schools())
            .field("sections", &self.sections())
            .field("people", &self.people())
            .field("enrollments", &self.enrollments())
            .field("contacts", &self.contacts())
            .field("resources", &self.resources())
            .field("warnings", &self.warnings.total())
            .finish_non_exhaustive()
    }
}

/// A position in one of the lists of a [`Snapshot`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Index(u32);

impl Index {
    /// Stands for a record that is there and was not kept.
    pub const LEFT_OUT: Self = Self(u32::MAX);

    /// The position of the next record of a list. A roster is bounded in bytes, so that it cannot
    /// have four thousand million records.
    pub fn next<T>(list: &[T]) -> Self {
        Self(u32::try_from(list.len()).unwrap_or(u32::MAX))
    }

    /// This position, if a roster can have so many records.
    pub fn of(position: usize) -> Option<Self> {
        u32::try_from(position).ok().map(Self)
    }

    pub fn position(self) -> usize {
        self.0 as usize
    }

    /// The position as a number of four bytes.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The position of this number.
    pub const fn of_number(number: u32) -> Self {
        Self(number)
    }
}

#[derive(Debug)]
pub(crate) struct SchoolRecord {
    pub sis_id: Box<str>,
    pub name: Box<str>,
    pub number: Box<str>,
    pub details: PackedDetails,
}

/// A term is known by its id, or where the files give terms none by its name and dates together.
#[derive(Debug, PartialEq, Eq, Hash, Clone)]
pub(crate) struct TermRecord {
    pub sis_id: Option<Box<str>>,
    pub name: Box<str>,
    pub start: Option<Box<str>>,
    pub end: Option<Box<str>>,
}

/// A course is known by its id, or where the files give courses none by its name and number
/// together.
#[derive(Debug, PartialEq, Eq, Hash, Clone)]
pub(crate) struct CourseRecord {
    pub sis_id: Option<Box<str>>,
    pub name: Box<str>,
    pub number: Box<str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SectionRecord {
    pub sis_id: Box<str>,
    pub school: Index,
    pub name: Box<str>,
    pub course: Option<Index>,
    pub term: Option<Index>,
    /// The primary teacher first, each once.
    pub teachers: Box<[Index]>,
    pub details: PackedDetails,
}

/// Something to learn with.
#[derive(Debug)]
pub(crate) struct ResourceRecord {
    pub sis_id: Box<str>,
    pub title: Box<str>,
    /// In the order of [`RoleKind`]; never empty.
    pub roles: Box<[RoleKind]>,
    /// Each once.
    pub courses: Vec<Index>,
}

impl ResourceRecord {
    /// Assigns it to these courses too.
    pub fn assign(&mut self, courses: &[Index]) {
        for course in courses {
            if !self.courses.contains(course) {
                self.courses.push(*course);
            }
        }
    }
}

/// One role of somebody, as one file states it.
#[derive(Clone)]
pub(crate) struct RoleRecord {
    pub sis_id: Box<str>,
    pub name: PersonName,
    pub email: Option<Email>,
    /// Each once, in the order of the rows: the first is the primary school.
    pub schools: Vec<Index>,
    pub details: PackedDetails,
    /// As the Username column has it.
    pub username: Option<Box<str>>,
    pub password: Option<Box<str>>,
    /// The file that states it.
    pub file: RosterFile,
    /// The line of the first row that does.
    pub line: u64,
}

/// The roles of a district, by kind, in the order of their files.
#[derive(Default)]
pub(crate) struct Roles {
    pub students: Spilled<RoleRecord>,
    pub teachers: Spilled<RoleRecord>,
    pub staff: Spilled<RoleRecord>,
    pub district_admins: Spilled<RoleRecord>,
}

impl Roles {
    pub fn of(&self, kind: RoleKind) -> &Spilled<RoleRecord> {
        match kind {
            RoleKind::Student => &self.students,
            RoleKind::Teacher => &self.teachers,
            RoleKind::Staff => &self.staff,
            RoleKind::DistrictAdmin => &self.district_admins,
        }
    }

    pub fn of_mut(&mut self, kind: RoleKind) -> &mut Spilled<RoleRecord> {
        match kind {
            RoleKind::Student => &mut self.students,
            RoleKind::Teacher => &mut self.teachers,
            RoleKind::Staff => &mut self.staff,
            RoleKind::DistrictAdmin => &mut self.district_admins,
        }
    }

    pub fn get(&mut self, kind: RoleKind, index: Index) -> Option<RoleRecord> {
        self.of_mut(kind).get(index)
    }

    /// What of a role is asked for to tell people apart: a fraction of reading all of it.
    pub fn login_parts(&mut self, kind: RoleKind, index: Index) -> Option<LoginParts> {
        self.of_mut(kind).read(index, LoginParts::read)
    }
}

/// The roles of one person who is no student; at least one is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Adult {
    pub teacher: Option<Index>,
    pub staff: Option<Index>,
    pub district_admin: Option<Index>,
}

impl Adult {
    /// The person's role of this kind.
    pub fn role(self, kind: RoleKind) -> Option<Index> {
        match kind {
            RoleKind::Student => None,
            RoleKind::Teacher => self.teacher,
            RoleKind::Staff => self.staff,
            RoleKind::DistrictAdmin => self.district_admin,
        }
    }

    /// Both people's roles; where both have one of a kind, this one's.
    pub fn with(self, other: Self) -> Self {
        Self {
            teacher: self.teacher.or(other.teacher),
            staff: self.staff.or(other.staff),
            district_admin: self.district_admin.or(other.district_admin),
        }
    }

    /// The person's roles in the order of [`RoleKind`].
    pub fn roles(self) -> impl Iterator<Item = (RoleKind, Index)> {
        [
            (RoleKind::Teacher, self.teacher),
            (RoleKind::Staff, self.staff),
            (RoleKind::DistrictAdmin, self.district_admin),
        ]
        .into_iter()
        .filter_map(|(kind, index)| index.map(|index| (kind, index)))
    }
}
