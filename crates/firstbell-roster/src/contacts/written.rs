//! Contacts as they are written to disk.

use super::{ContactRecord, NONE, Part, Tie, Word};
use crate::snapshot::Index;
use crate::spill::{Bytes, Read, Record, put_number, put_text};

/// A contact and what it is to whom; of somebody, always.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TiedContact {
    pub record: ContactRecord,
    pub ties: Vec<Tie>,
}

impl Record for ContactRecord {
    fn write(&self, to: &mut Vec<u8>) {
        put_text(to, &self.text);
        self.ends.iter().for_each(|end| put_number(to, (*end).into()));
        for word in [self.phone_type, self.relationship, self.kind] {
            put_word(to, word);
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let text = from.text()?.into();
        let mut ends = [0; Part::ALL.len()];
        for end in &mut ends {
            *end = u16::try_from(from.number()?).ok()?;
        }
        Some(Self {
            text,
            ends,
            phone_type: word(from)?,
            relationship: word(from)?,
            kind: word(from)?,
        })
    }
}

impl Record for TiedContact {
    fn write(&self, to: &mut Vec<u8>) {
        self.record.write(to);
        for tie in &self.ties {
            put_number(to, tie.contact.number().into());
            put_number(to, tie.student.number().into());
            put_word(to, tie.relationship);
            put_word(to, tie.kind);
        }
    }

    fn read(from: &mut Bytes<'_>) -> Option<Self> {
        let record = ContactRecord::read(from)?;
        let mut ties = Vec::with_capacity(1);
        while !from.is_empty() {
            let mut index = || u32::try_from(from.number()?).ok().map(Index::of_number);
            let (contact, student) = (index()?, index()?);
            let (relationship, kind) = (word(from)?, word(from)?);
            ties.push(Tie { contact, student, relationship, kind, before: NONE });
        }
        Some(Self { record, ties })
    }
}

fn put_word(to: &mut Vec<u8>, word: Option<Word>) {
    to.push(word.map_or(0, |Word(number)| number + 1));
}

fn word(from: &mut Bytes<'_>) -> Read<Option<Word>> {
    let number = *from.take(1)?.first()?;
    let word = number.checked_sub(1).map(Word);
    word.is_none_or(|Word(at)| usize::from(at) < Word::ALL.len()).then_some(word)
}
