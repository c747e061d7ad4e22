//! Contacts while a roster is read. A state has some millions of them on its students' rows, so they
//! are on disk, and what a contact is to a student is sixteen bytes; nothing is kept twice to find it
//! again.
//!
//! A contact is known by the id that its system gives it; without one by name and email, else by
//! name and phone, else by name and what the row calls it. [`Stated::write_key`] says so.

use std::hash::{BuildHasher, RandomState};

use firstbell_core::roster::contact::MOST_OF_A_STUDENT;

use crate::positions::Positions;
use crate::snapshot::{Index, SEPARATOR};
use crate::spill::Spilled;

mod written;

pub(crate) use written::TiedContact;

/// The parts of a contact's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    SisId,
    First,
    Middle,
    Last,
    Email,
    Phone,
}

impl Part {
    pub const ALL: [Self; 6] =
        [Self::SisId, Self::First, Self::Middle, Self::Last, Self::Email, Self::Phone];
}

/// A word of one of the vocabularies of contacts, in a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Word(u8);

impl Word {
    const ALL: [&'static str; 14] = [
        "Other",
        "Parent",
        "Grandparent",
        "Self",
        "Aunt/Uncle",
        "Sibling",
        "Parent/Guardian",
        "Emergency",
        "Primary",
        "Secondary",
        "Family",
        "Cell",
        "Home",
        "Work",
    ];

    /// The word of this spelling.
    pub fn named(word: &str) -> Option<Self> {
        let at = Self::ALL.iter().position(|known| *known == word)?;
        u8::try_from(at).ok().map(Self)
    }

    pub fn text(self) -> &'static str {
        Self::ALL.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

/// What one row says of a contact.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stated<'a> {
    /// By [`Part`]; empty where the row says nothing.
    pub texts: [&'a str; Part::ALL.len()],
    pub phone_type: Option<Word>,
    pub relationship: Option<Word>,
    pub kind: Option<Word>,
}

impl<'a> Stated<'a> {
    pub fn text(&self, part: Part) -> &'a str {
        self.texts.get(part as usize).copied().unwrap_or_default()
    }

    /// Whether there is anything by which the contact could be called or called up.
    pub fn is_nameless(&self) -> bool {
        self.texts.iter().all(|text| text.is_empty())
    }

    /// Writes what stands for the id that most contacts do not have. A derived key begins with a
    /// control character, which no cell can hold: it never equals the id of another contact.
    pub fn write_key(&self, key: &mut String) {
        key.clear();
        let sis_id = self.text(Part::SisId);
        if !sis_id.is_empty() {
            key.push_str(sis_id);
            return;
        }
        let (email, phone) = (self.text(Part::Email), self.text(Part::Phone));
        let by = match (email.is_empty(), phone.is_empty()) {
            (false, _) => "email",
            (true, false) => "phone",
            (true, true) => "words",
        };
        for part in [by, self.text(Part::First), self.text(Part::Middle), self.text(Part::Last)] {
            key.push_str(SEPARATOR);
            key.push_str(part);
        }
        key.push_str(SEPARATOR);
        match by {
            // Two addresses that differ only in case are one.
            "email" => key.extend(email.chars().flat_map(char::to_lowercase)),
            "phone" => key.push_str(phone),
            _ => {
                for word in [self.kind, self.relationship, self.phone_type] {
                    key.push_str(word.map_or("", Word::text));
                    key.push_str(SEPARATOR);
                }
            }
        }
    }
}

/// A contact.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ContactRecord {
    text: Box<str>,
    ends: [u16; Part::ALL.len()],
    pub phone_type: Option<Word>,
    /// What the first row called it: part of what it is known by where it says little else.
    relationship: Option<Word>,
    kind: Option<Word>,
}

impl ContactRecord {
    fn new(stated: &Stated<'_>) -> Self {
        let mut text = String::with_capacity(stated.texts.iter().map(|part| part.len()).sum());
        let ends = stated.texts.map(|part| {
            text.push_str(part);
            // Six cells of at most 4,096 bytes.
            u16::try_from(text.len()).unwrap_or(u16::MAX)
        });
        let Stated { phone_type, relationship, kind, .. } = *stated;
        Self { text: text.into_boxed_str(), ends, phone_type, relationship, kind }
    }

    pub fn stated(&self) -> Stated<'_> {
        let mut start = 0;
        let texts = self.ends.map(|end| {
            let part = self.text.get(start..usize::from(end)).unwrap_or_default();
            start = usize::from(end);
            part
        });
        let Self { phone_type, relationship, kind, .. } = *self;
        Stated { texts, phone_type, relationship, kind }
    }

    /// Takes what another row of the same contact adds; the column in which it says something
    /// else, if there is one. What the first row says holds.
    fn merge(&mut self, later: &Stated<'_>) -> Option<Disagreement> {
        let mut merged = self.stated();
        let mut adds = false;
        let mut disagreement = None;
        for (part, (mine, theirs)) in
            Part::ALL.into_iter().zip(merged.texts.iter_mut().zip(later.texts))
        {
            if mine.is_empty() && !theirs.is_empty() {
                *mine = theirs;
                adds = true;
            } else if !theirs.is_empty() && !is_same(part, mine, theirs) {
                disagreement = disagreement.or(Some(Disagreement::Text(part)));
            }
        }
        if adds {
            *self = Self::new(&merged);
        }
        disagreement.or_else(|| {
            settle_word(&mut self.phone_type, later.phone_type).then_some(Disagreement::PhoneType)
        })
    }
}

fn is_same(part: Part, one: &str, other: &str) -> bool {
    one == other || part == Part::Email && one.to_lowercase() == other.to_lowercase()
}

/// Takes a word where none is known; true if another one is.
fn settle_word(known: &mut Option<Word>, later: Option<Word>) -> bool {
    *known = known.or(later);
    later.is_some() && *known != later
}

/// What two rows say differently of one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disagreement {
    Text(Part),
    PhoneType,
    Relationship,
    Kind,
}

/// What a contact is to a student.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tie {
    pub contact: Index,
    pub student: Index,
    pub relationship: Option<Word>,
    pub kind: Option<Word>,
    /// The same student's tie before this one, if it is not [`NONE`].
    before: Index,
}

/// No tie.
const NONE: Index = Index::LEFT_OUT;

/// The contacts of a roster.
pub(crate) struct Contacts<H = RandomState> {
    pub records: Spilled<ContactRecord>,
    ties: Vec<Tie>,
    /// Records by what they are known by.
    found: Positions<H>,
    /// The last tie of each student, if it is not [`NONE`].
    last: Vec<Index>,
    /// Room for a key, and for one to compare it with.
    keys: (String, String),
}

impl<H: Default> Default for Contacts<H> {
    fn default() -> Self {
        let (records, found) = (Spilled::default(), Positions::default());
        Self { records, ties: Vec::new(), found, last: Vec::new(), keys: Default::default() }
    }
}

/// What became of a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tied {
    /// The student has one contact more.
    New,
    /// The student has as many as a student can have, and this is not one of them.
    TooMany,
    /// An earlier row said so, or said something else, which holds.
    Known(Option<Disagreement>),
}

impl<H: BuildHasher + Default> Contacts<H> {
    /// The contact that a row states, and in which column an earlier row says something else.
    pub fn record(&mut self, stated: &Stated<'_>) -> (Index, Option<Disagreement>) {
        let Self { records, found, keys: (key, other), .. } = self;
        stated.write_key(key);
        let hash = found.hash(key);
        let known = found.find(hash, |number| {
            let record = records.get_mut(Index::of_number(number));
            record.is_some_and(|record| {
                record.stated().write_key(other);
                key == other
            })
        });
        if let Some(at) = known.map(Index::of_number) {
            return (at, records.get_mut(at).and_then(|record| record.merge(stated)));
        }
        let at = records.push(ContactRecord::new(stated));
        found.insert(hash, at.number());
        (at, None)
    }

    /// Ties a contact to a student, once.
    pub fn tie(&mut self, contact: Index, student: Index, stated: &Stated<'_>) -> Tied {
        if self.last.len() <= student.position() {
            self.last.resize(student.position() + 1, NONE);
        }
        let last = self.last.get(student.position()).copied().unwrap_or(NONE);
        let mut count = 0;
        let mut next = last;
        while let Some(tie) = self.ties.get_mut(next.position()) {
            if tie.contact == contact {
                let differs = settle_word(&mut tie.relationship, stated.relationship)
                    .then_some(Disagreement::Relationship);
                let other = settle_word(&mut tie.kind, stated.kind).then_some(Disagreement::Kind);
                return Tied::Known(differs.or(other));
            }
            count += 1;
            next = tie.before;
        }
        if count >= MOST_OF_A_STUDENT {
            return Tied::TooMany;
        }
        let at = Index::next(&self.ties);
        let Stated { relationship, kind, .. } = *stated;
        self.ties.push(Tie { contact, student, relationship, kind, before: last });
        if let Some(slot) = self.last.get_mut(student.position()) {
            *slot = at;
        }
        Tied::New
    }

    /// The contacts that nobody is tied to.
    pub fn of_nobody(&self) -> Vec<Index> {
        let mut is_tied = vec![false; self.records.len()];
        for tie in &self.ties {
            if let Some(slot) = is_tied.get_mut(tie.contact.position()) {
                *slot = true;
            }
        }
        let all = self.records.positions().zip(is_tied);
        all.filter_map(|(at, is_tied)| (!is_tied).then_some(at)).collect()
    }

    /// Forgets what is needed only while reading, and puts each contact's students with it. A
    /// contact without one is nobody's and left out.
    pub fn finish(self) -> (Spilled<TiedContact>, std::io::Result<()>) {
        let Self { mut records, mut ties, .. } = self;
        ties.sort_unstable_by_key(|tie| (tie.contact, tie.student));
        let mut tied = Spilled::default();
        for ties in ties.chunk_by(|one, next| one.contact == next.contact) {
            let Some(record) = ties.first().and_then(|tie| records.get(tie.contact)) else {
                continue;
            };
            tied.push(TiedContact { record, ties: ties.to_vec() });
        }
        (tied, records.check())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::positions::AllAlike;
    use crate::words::Rule;

    fn stated(texts: [&str; 4]) -> Stated<'_> {
        let [sis_id, last, email, phone] = texts;
        Stated { texts: [sis_id, "", "", last, email, phone], ..Stated::default() }
    }

    #[test]
    fn a_contact_is_known_by_the_first_of_four_things_that_it_has() {
        let mut contacts = <Contacts>::default();
        let mut at = |texts| contacts.record(&stated(texts)).0.position();
        assert_eq!(at(["K1", "Eva", "eva@x.example", "1"]), 0);
        assert_eq!(at(["K1", "", "", ""]), 0);
        assert_eq!(at(["", "Eva", "eva@x.example", "1"]), 1);
        assert_eq!(at(["", "Eva", "EVA@x.example", "2"]), 1);
        assert_eq!(at(["", "Eva", "", "1"]), 2);
        assert_eq!(at(["", "Eva", "", "2"]), 3);
        assert_eq!(at(["", "Eva", "", ""]), 4);
    }

    #[test]
    fn contacts_whose_hashes_are_equal_are_told_apart() {
        let mut contacts = Contacts::<AllAlike>::default();
        for number in 0..100 {
            let id = format!("K{number}");
            assert_eq!(contacts.record(&stated([&id, "Eva", "", ""])).0.position(), number);
        }
        for number in 0..100 {
            let id = format!("K{number}");
            assert_eq!(contacts.record(&stated([&id, "Eva", "", ""])).0.position(), number);
        }
        assert_eq!(contacts.records.len(), 100);
    }

    #[test]
    fn no_key_that_is_derived_equals_an_id() {
        let mut key = String::new();
        for texts in [["", "Eva", "e@x", ""], ["", "Eva", "", "1"], ["", "Eva", "", ""]] {
            stated(texts).write_key(&mut key);
            assert!(key.starts_with(char::is_control), "{key:?}");
        }
    }

    #[test]
    fn a_later_row_fills_in_and_never_takes_away() {
        let mut contacts = <Contacts>::default();
        contacts.record(&stated(["K1", "Eva", "", ""]));
        assert_eq!(contacts.record(&stated(["K1", "", "eva@x", ""])).1, None);
        let (_, disagreement) = contacts.record(&stated(["K1", "Ava", "EVA@X", "1"]));
        assert_eq!(disagreement, Some(Disagreement::Text(Part::Last)));
        let known = contacts.records.get(Index::default()).expect("a contact");
        assert_eq!(known.stated().texts, ["K1", "", "", "Eva", "eva@x", "1"]);
    }

    #[test]
    fn a_student_has_each_contact_once() {
        let mut contacts = <Contacts>::default();
        let student = Index::of(7).expect("a position");
        let mother = Stated { relationship: Word::named("Parent"), ..Stated::default() };
        let aunt = Stated { relationship: Word::named("Aunt/Uncle"), ..Stated::default() };
        let [first, second] = [0, 1].map(|at| Index::of(at).expect("a position"));
        assert_eq!(contacts.tie(first, student, &mother), Tied::New);
        assert_eq!(contacts.tie(second, student, &aunt), Tied::New);
        assert_eq!(contacts.tie(first, student, &mother), Tied::Known(None));
        let other = contacts.tie(first, student, &aunt);
        assert_eq!(other, Tied::Known(Some(Disagreement::Relationship)));
        for more in 2..5 {
            let more = Index::of(more).expect("a position");
            assert_eq!(contacts.tie(more, student, &aunt), Tied::New);
        }
        let sixth = Index::of(5).expect("a position");
        assert_eq!(contacts.tie(sixth, student, &aunt), Tied::TooMany);
        assert_eq!(contacts.ties.len(), 5);
    }

    #[test]
    fn every_word_that_a_rule_gives_fits_in_a_byte() {
        for (rule, cells) in [
            (Rule::Relationship, "Parent, Grandparent, Self, Aunt/Uncle, Sibling, Other"),
            (Rule::ContactType, "Parent/Guardian, Emergency, Primary, Secondary, Family, Other"),
            (Rule::PhoneType, "Cell, Home, Work, Other"),
        ] {
            for cell in cells.split(", ") {
                assert_eq!(Word::named(&rule.read(cell).value).map(Word::text), Some(cell));
                assert_eq!(rule.read(cell).fault, None, "{cell}");
            }
        }
        assert!(size_of::<Tie>() <= 16, "{}", size_of::<Tie>());
    }
}
