//! The difference an import is about to make, as people read it before they agree.

use std::collections::BTreeMap;
use std::fmt;

use firstbell_core::id::UserId;
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::sync::hold::Part;
use firstbell_core::roster::sync::{Counted, Impact};

use crate::problem::visible;

/// How many examples of each kind of change are kept.
const MOST_EXAMPLES: usize = 5;

/// What is counted separately. A person is counted once, under their first role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SummaryKind {
    /// Schools.
    School,
    /// Terms.
    Term,
    /// Courses.
    Course,
    /// Sections.
    Section,
    /// Students.
    Student,
    /// People who teach, whatever else they do.
    Teacher,
    /// People on the staff who do not teach.
    Staff,
    /// District administrators who are neither.
    DistrictAdmin,
    /// Enrolments.
    Enrollment,
    /// Contacts of students.
    Contact,
    /// Resources.
    Resource,
}

impl SummaryKind {
    /// All kinds, as they are printed.
    pub const ALL: [Self; 11] = [
        Self::School,
        Self::Term,
        Self::Course,
        Self::Section,
        Self::Student,
        Self::Teacher,
        Self::Staff,
        Self::DistrictAdmin,
        Self::Enrollment,
        Self::Contact,
        Self::Resource,
    ];

    /// What a person with this first role is counted as.
    pub(crate) const fn of_role(kind: RoleKind) -> Self {
        match kind {
            RoleKind::Student => Self::Student,
            RoleKind::Teacher => Self::Teacher,
            RoleKind::Staff => Self::Staff,
            RoleKind::DistrictAdmin => Self::DistrictAdmin,
        }
    }

    /// What the rules of a hold count it as; terms, courses and the like come and go with what they
    /// belong to.
    const fn counted(self) -> Option<Counted> {
        match self {
            Self::School => Some(Counted::Schools),
            Self::Section => Some(Counted::Sections),
            Self::Student => Some(Counted::Students),
            Self::Teacher => Some(Counted::Teachers),
            Self::Staff => Some(Counted::Staff),
            Self::DistrictAdmin => Some(Counted::DistrictAdmins),
            Self::Enrollment => Some(Counted::Enrollments),
            Self::Term | Self::Course | Self::Contact | Self::Resource => None,
        }
    }

    const fn is_people(self) -> bool {
        matches!(self, Self::Student | Self::Teacher | Self::Staff | Self::DistrictAdmin)
    }

    /// The plural, as people say it.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::School => "schools",
            Self::Term => "terms",
            Self::Course => "courses",
            Self::Section => "sections",
            Self::Student => "students",
            Self::Teacher => "teachers",
            Self::Staff => "staff",
            Self::DistrictAdmin => "district administrators",
            Self::Enrollment => "enrolments",
            Self::Contact => "contacts",
            Self::Resource => "resources",
        }
    }
}

/// What happens to the records of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many are new.
    pub added: usize,
    /// How many change.
    pub changed: usize,
    /// How many leave.
    pub removed: usize,
    /// How many stay as they are.
    pub unchanged: usize,
    /// Up to five of the new ones.
    pub added_examples: Vec<String>,
    /// Up to five of those that change.
    pub changed_examples: Vec<String>,
    /// Up to five of those that leave.
    pub removed_examples: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, label: impl FnOnce() -> String) {
        self.added += 1;
        keep(&mut self.added_examples, label);
    }

    pub(crate) fn change(&mut self, label: impl FnOnce() -> String) {
        self.changed += 1;
        keep(&mut self.changed_examples, label);
    }

    pub(crate) fn remove(&mut self, label: impl FnOnce() -> String) {
        self.removed += 1;
        keep(&mut self.removed_examples, label);
    }

    /// Whether there are any, before the import or after it.
    fn is_any(&self) -> bool {
        self.added + self.before() > 0
    }

    /// How many there are before the import.
    pub fn before(&self) -> usize {
        self.unchanged + self.changed + self.removed
    }
}

fn keep(examples: &mut Vec<String>, label: impl FnOnce() -> String) {
    if examples.len() < MOST_EXAMPLES {
        let label = label();
        if !label.is_empty() {
            examples.push(visible(&label));
        }
    }
}

/// Why somebody's id changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityReason {
    /// Two records turned out to be one person, and the other's id is kept.
    Joined,
    /// One person turned out to be two, and the other keeps the id.
    Parted,
    /// In the version to which one goes back another person held the role.
    Returned,
}

/// Why contacts who are otherwise the same get new ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContactIdReason {
    /// The roster now gives contacts ids of their own, and did not before.
    Given,
    /// The roster gives contacts ids no longer.
    Dropped,
    /// The roster gives contacts other ids than before.
    Changed,
}

impl ContactIdReason {
    /// The reason in words.
    const fn words(self) -> &'static str {
        match self {
            Self::Given => "the roster now has Contact_sis_id, or the like, and did not before",
            Self::Dropped => "the roster has Contact_sis_id, or the like, no longer",
            Self::Changed => "the roster gives them another Contact_sis_id, or the like",
        }
    }
}

/// A role whose person has another id from now on: applications that know the old one take the
/// person for somebody new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityChange {
    /// Which role.
    pub role: RoleKind,
    /// Its id in the student information system.
    pub sis_id: String,
    /// The person's name.
    pub name: String,
    /// The person's id so far.
    pub from: UserId,
    /// The person's id from now on.
    pub to: UserId,
    /// Why.
    pub reason: IdentityReason,
}

impl fmt::Display for IdentityChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.reason {
            IdentityReason::Joined => {
                "now has the email of another record and is one person with it"
            }
            IdentityReason::Parted => "no longer has the email of the other records of this person",
            IdentityReason::Returned => "was held by another person in that version",
        };
        let (name, sis_id) = (visible(&self.name), visible(&self.sis_id));
        let (role, from, to) = (self.role.name(), self.from, self.to);
        write!(f, "{name} ({role} {sis_id}) {why}: id {from} becomes {to}")
    }
}

/// The difference an import is about to make.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    tallies: BTreeMap<SummaryKind, Tally>,
    /// People whose id changes, and why.
    pub identity_changes: Vec<IdentityChange>,
    /// People who keep their id and get both another name and another email: one or two are
    /// weddings, hundreds are a column that slipped by a row.
    pub other_name_and_email: usize,
    /// Students who leave under one SIS id and come under another, with the same name and birth date
    /// or the same email: a few are mended records, hundreds another student information system.
    pub renumbered_students: usize,
    /// Login names of people who stay that go to somebody else: a few are mended records, hundreds are
    /// a Username column that slipped by a row.
    pub login_names_that_move: usize,
    /// Login names that people have who stay, whether they keep them or not.
    pub login_names_that_stay: usize,
    /// Contacts who get new ids though only the id that the roster gives them changes, and why.
    pub contact_id_changes: BTreeMap<ContactIdReason, usize>,
    /// How many passwords the roster brings; those of people who have one are not touched.
    pub passwords: usize,
}

impl Summary {
    /// What happens to the records of this kind.
    pub fn tally(&self, kind: SummaryKind) -> Tally {
        self.tallies.get(&kind).cloned().unwrap_or_default()
    }

    pub(crate) fn tally_mut(&mut self, kind: SummaryKind) -> &mut Tally {
        self.tallies.entry(kind).or_default()
    }

    /// What of this somebody may have to be asked about.
    pub fn impact(&self) -> Impact {
        let mut parts = Vec::new();
        let (mut staying, mut students) = (0, 0);
        for kind in SummaryKind::ALL {
            let Some(what) = kind.counted() else { continue };
            let (removed, before) = match self.tallies.get(&kind) {
                Some(tally) => (tally.removed, tally.before()),
                None => (0, 0),
            };
            parts.push(part(what, removed, before));
            if kind.is_people() {
                staying += before - removed;
            }
            if kind == SummaryKind::Student {
                students = before;
            }
        }
        parts.push(part(Counted::Renamed, self.other_name_and_email, staying));
        parts.push(part(Counted::Renumbered, self.renumbered_students, students));
        let (moving, names) = (self.login_names_that_move, self.login_names_that_stay);
        parts.push(part(Counted::LoginNames, moving, names));
        Impact(parts)
    }

    /// What a person should look at before they agree, a sentence each: whose id changes and why, and
    /// what looks like a slip.
    pub fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> =
            self.identity_changes.iter().map(ToString::to_string).collect();
        notes.extend(self.slips());
        notes
    }

    /// What looks like a slip, a sentence each.
    pub fn slips(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.other_name_and_email > 0 {
            let count = self.other_name_and_email;
            notes.push(format!("{count} people get both another name and another email"));
        }
        if self.renumbered_students > 0 {
            let count = self.renumbered_students;
            notes.push(format!(
                "{count} students come under another SIS id, with the name and birth date or the email \
                 that they had: applications will take them for somebody new"
            ));
        }
        if self.login_names_that_move > 0 {
            let count = self.login_names_that_move;
            notes.push(format!(
                "{count} login names go to somebody else, who comes in with the password that the \
                 files bring"
            ));
        }
        for (reason, count) in &self.contact_id_changes {
            notes.push(format!("{count} contacts get new ids: {}", reason.words()));
        }
        notes
    }

    /// Whether nothing is added, changed or removed, and nobody's id changes.
    pub fn is_empty(&self) -> bool {
        self.identity_changes.is_empty()
            && self.tallies.values().all(|tally| tally.added + tally.changed + tally.removed == 0)
    }
}

fn part(what: Counted, part: usize, whole: usize) -> Part {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Part { what, part: count(part), whole: count(whole) }
}

/// One line a kind, its examples below it.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in SummaryKind::ALL {
            let Some(tally) = self.tallies.get(&kind).filter(|tally| tally.is_any()) else {
                continue;
            };
            writeln!(f, "{:<24}{}", kind.plural(), Counts(tally))?;
            for (sign, examples, count) in [
                ('+', &tally.added_examples, tally.added),
                ('~', &tally.changed_examples, tally.changed),
                ('-', &tally.removed_examples, tally.removed),
            ] {
                for example in examples {
                    writeln!(f, "    {sign} {example}")?;
                }
                if !examples.is_empty() && count > examples.len() {
                    writeln!(f, "    {sign} … and {} more", count - examples.len())?;
                }
            }
        }
        for note in self.notes() {
            writeln!(f, "! {note}")?;
        }
        Ok(())
    }
}

struct Counts<'t>(&'t Tally);

impl fmt::Display for Counts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { added, changed, removed, unchanged, .. } = self.0;
        write!(f, "{added} new, {changed} changed, {removed} removed, {unchanged} unchanged")
    }
}
