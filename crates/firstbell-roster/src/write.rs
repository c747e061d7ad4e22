//! Rosters out: a district's records become the files that [`crate::read`] takes, so that a district
//! leaves as easily as it came. [`csv`] writes the CSV dialect, [`oneroster`] a OneRoster 1.2
//! export.
//!
//! Whoever has the records ([`Outgoing`]) gives them in pages, some of them several times, because a
//! header names the columns of all rows: so little is held at a time, however large the district.
//! What is read again is what was written: no id changes, and nothing else that the dialect can say.
//!
//! Passwords are in no file. Cells are data: one that a spreadsheet would take for a formula stands
//! as it is, for programs to read back.

use std::collections::HashMap;
use std::io;

use firstbell_core::id::RoleId;
use firstbell_core::roster::change::RosterPerson;
use firstbell_core::roster::{Contact, Course, Resource, RoleKind, School, Term};
use firstbell_core::sharing::{Classroom, Member};

mod grid;
mod oneroster;
mod plain;
mod target;

pub use oneroster::{
    common_grade, contact_word, cut_name, role_word, said_of_origin, write as oneroster,
};
pub use plain::write as csv;
pub use target::Target;

/// After which record a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub [u8; 12]);

/// Some records, and where the others are.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The records; there may be none in a page that is not the last.
    pub records: Vec<T>,
    /// Where the next page begins; None at the end.
    pub next: Option<Cursor>,
}

/// A record whose id in the files is not among what it says.
#[derive(Debug, Clone)]
pub struct Keyed<T> {
    /// The record.
    pub record: T,
    /// What the district's binding of it says; None where that is not for whoever gets the files.
    pub key: Option<String>,
}

/// Which people are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// All of them.
    Everybody,
    /// Those with a role of this kind.
    In(RoleKind),
}

/// A roster on its way out: each record as whoever gets the files may see it. Pages come in an order
/// of their own, and are the same whenever they are asked for.
pub trait Outgoing {
    /// Why a page cannot be had, or a file not be written.
    type Error: From<io::Error>;

    /// Schools.
    ///
    /// # Errors
    /// When they cannot be read.
    fn schools(&mut self, after: Option<Cursor>) -> Result<Page<School>, Self::Error>;

    /// Terms.
    ///
    /// # Errors
    /// When they cannot be read.
    fn terms(&mut self, after: Option<Cursor>) -> Result<Page<Keyed<Term>>, Self::Error>;

    /// Courses.
    ///
    /// # Errors
    /// When they cannot be read.
    fn courses(&mut self, after: Option<Cursor>) -> Result<Page<Keyed<Course>>, Self::Error>;

    /// People with their roles and schools.
    ///
    /// # Errors
    /// When they cannot be read.
    fn people(
        &mut self,
        among: Among,
        after: Option<Cursor>,
    ) -> Result<Page<RosterPerson>, Self::Error>;

    /// Contacts, with what they are to whom.
    ///
    /// # Errors
    /// When they cannot be read.
    fn contacts(&mut self, after: Option<Cursor>) -> Result<Page<Contact>, Self::Error>;

    /// The contacts of one student.
    ///
    /// # Errors
    /// When they cannot be read.
    fn contacts_of(&mut self, student: RoleId) -> Result<Vec<Contact>, Self::Error>;

    /// Sections and who is in them.
    ///
    /// # Errors
    /// When they cannot be read.
    fn sections(&mut self, after: Option<Cursor>) -> Result<Page<Classroom>, Self::Error>;

    /// Resources and the courses that they are assigned to.
    ///
    /// # Errors
    /// When they cannot be read.
    fn resources(&mut self, after: Option<Cursor>) -> Result<Page<Resource>, Self::Error>;

    /// The ids that these roles have in the district's systems.
    ///
    /// # Errors
    /// When they cannot be read.
    fn sis_ids(&mut self, members: &[Member]) -> Result<HashMap<RoleId, String>, Self::Error>;
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Schools.
    pub schools: u64,
    /// People with a role, each once for each.
    pub roles: u64,
    /// Sections.
    pub sections: u64,
    /// Enrolments of students.
    pub enrollments: u64,
    /// Contacts, each once for each of their students.
    pub contacts: u64,
    /// Resources.
    pub resources: u64,
}

/// Gives all records of a kind to `take`, page by page.
fn each<O: Outgoing + ?Sized, T>(
    roster: &mut O,
    page: impl Fn(&mut O, Option<Cursor>) -> Result<Page<T>, O::Error>,
    mut take: impl FnMut(&mut O, T) -> Result<(), O::Error>,
) -> Result<(), O::Error> {
    let mut after = None;
    loop {
        let Page { records, next } = page(roster, after)?;
        for record in records {
            take(roster, record)?;
        }
        if next.is_none() {
            return Ok(());
        }
        after = next;
    }
}
