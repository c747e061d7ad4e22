//! A planned change on its way to the store: what of it can be much is on disk, each kind in the
//! order of its ids, and comes in pieces.

mod written;

use std::collections::BTreeMap;
use std::io;

use firstbell_core::id::{RoleId, SectionId, UserId};
use firstbell_core::roster::change::{
    Binding, Enrollment, ProvisionedPassword, RosterChange, RosterPerson, RosterPieces,
};
use firstbell_core::roster::{Contact, Section};

use crate::spill::{Record, Sequence, Sorted, SortedReader, Sorter};
pub(crate) use written::put_person;
use written::{password, put_password};

/// Records of one piece.
const PIECE: usize = 3_000;

/// What happens to the records of a kind of which there are many.
pub(crate) struct Many<T, K> {
    pub added: Sequence<T>,
    pub replaced: Sequence<T>,
    pub removed: Sequence<K>,
}

impl<T, K> Default for Many<T, K> {
    fn default() -> Self {
        Self {
            added: Sequence::default(),
            replaced: Sequence::default(),
            removed: Sequence::default(),
        }
    }
}

impl<T: Record, K: Record> Many<T, K> {
    fn len(&self) -> usize {
        self.added.len() + self.replaced.len() + self.removed.len()
    }
}

/// Everything that one import changes in a district.
#[derive(Default)]
pub struct PlannedChange {
    /// What there is little of, and roles whose person is another one.
    pub(crate) few: RosterChange,
    /// By the name of their kind in the database: in the order of their keys there.
    pub(crate) bindings: BTreeMap<&'static str, Sequence<Binding>>,
    pub(crate) sections: Many<Section, SectionId>,
    pub(crate) people: Many<RosterPerson, UserId>,
    pub(crate) enrollments: Many<Enrollment, Enrollment>,
    pub(crate) contacts: Many<Contact, UserId>,
    pub(crate) passwords: Sorter,
    pub(crate) sorted: Sorted,
}

/// Counts only: it holds names and passwords.
impl std::fmt::Debug for PlannedChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlannedChange").field("records", &self.records()).finish_non_exhaustive()
    }
}

impl PlannedChange {
    /// Whether the roster stays as it is. Passwords do not count.
    pub fn is_empty(&self) -> bool {
        self.records() == 0 && self.few.rebound.is_empty()
    }

    /// Takes the passwords that the roster brings, whether they are known or not.
    pub fn take_passwords(&mut self) -> Passwords {
        Passwords(std::mem::take(&mut self.sorted))
    }

    /// The whole change, in memory.
    ///
    /// # Errors
    /// When it cannot be read from where it is kept.
    pub fn gather(mut self) -> io::Result<RosterChange> {
        let passwords = self.take_passwords();
        let mut all = RosterChange::default();
        while let Some(mut piece) = self.next_piece()? {
            all.bindings.append(&mut piece.bindings);
            all.rebound.append(&mut piece.rebound);
            append(&mut all.schools, piece.schools);
            append(&mut all.terms, piece.terms);
            append(&mut all.courses, piece.courses);
            append(&mut all.sections, piece.sections);
            append(&mut all.people, piece.people);
            append(&mut all.enrollments, piece.enrollments);
            append(&mut all.contacts, piece.contacts);
            append(&mut all.resources, piece.resources);
            all.digests.append(&mut piece.digests);
        }
        let mut reader = passwords.reader()?;
        while let Some((_, password)) = reader.next()? {
            all.passwords.push(password);
        }
        Ok(all)
    }

    /// A piece with what `take` finds; none if it finds nothing.
    fn piece<T>(
        list: &mut Sequence<T>,
        into: impl FnOnce(&mut RosterChange) -> &mut Vec<T>,
    ) -> io::Result<Option<RosterChange>>
    where
        T: Record,
    {
        let mut piece = RosterChange::default();
        let records = into(&mut piece);
        while records.len() < PIECE
            && let Some(record) = list.next()?
        {
            records.push(record);
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

fn append<T, K>(
    all: &mut firstbell_core::roster::change::Changed<T, K>,
    mut more: firstbell_core::roster::change::Changed<T, K>,
) {
    all.added.append(&mut more.added);
    all.replaced.append(&mut more.replaced);
    all.removed.append(&mut more.removed);
}

/// The first of these that gives a piece.
macro_rules! first_of {
    ($self:ident: $($($part:ident).+),+ $(,)?) => {$(
        if let Some(piece) = Self::piece(&mut $self.$($part).+, |piece| &mut piece.$($part).+)? {
            return Ok(Some(piece));
        }
    )+};
}

impl RosterPieces for PlannedChange {
    fn records(&self) -> usize {
        self.few.records()
            + self.bindings.values().map(Sequence::len).sum::<usize>()
            + self.sections.len()
            + self.people.len()
            + self.enrollments.len()
            + self.contacts.len()
    }

    fn changes_nothing(&self) -> bool {
        self.is_empty()
    }

    fn next_piece(&mut self) -> io::Result<Option<RosterChange>> {
        if let Some(few) = self.few.next_piece()? {
            return Ok(Some(few));
        }
        for of_kind in self.bindings.values_mut() {
            if let Some(piece) = Self::piece(of_kind, |piece| &mut piece.bindings)? {
                return Ok(Some(piece));
            }
        }
        first_of!(self:
            sections.added, sections.replaced, sections.removed,
            people.added, people.replaced, people.removed,
            enrollments.added, enrollments.removed,
            contacts.added, contacts.replaced, contacts.removed,
        );
        Ok(None)
    }
}

/// The passwords that a roster brings, by login name.
#[derive(Default)]
pub struct Passwords(Sorted);

impl Passwords {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A reader of them all, from the first on.
    ///
    /// # Errors
    /// When they cannot be read from where they are kept.
    pub fn reader(&self) -> io::Result<PasswordReader<'_>> {
        Ok(PasswordReader(self.0.reader()?))
    }
}

/// Counts only.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passwords", self.len())
    }
}

/// Reads passwords one after the other, by folded login name in the order of bytes.
pub struct PasswordReader<'p>(SortedReader<'p>);

impl PasswordReader<'_> {
    /// The next one, and its login name folded.
    ///
    /// # Errors
    /// When it cannot be read from where it is kept.
    #[expect(clippy::should_implement_trait, reason = "it can fail")]
    pub fn next(&mut self) -> io::Result<Option<(String, ProvisionedPassword)>> {
        let Some((name, value)) = self.0.next()? else { return Ok(None) };
        let read = String::from_utf8(name).ok().zip(password(&value));
        read.map(Some).ok_or(io::ErrorKind::InvalidData.into())
    }
}

impl PlannedChange {
    /// Notes a password for whoever logs in with this name, folded.
    pub(crate) fn provision(&mut self, folded: &str, role: RoleId, login_name: &str, given: &str) {
        let mut value = Vec::new();
        put_password(&mut value, role, login_name, given);
        self.passwords.push(folded.as_bytes(), &value);
    }
}
