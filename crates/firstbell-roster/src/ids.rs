//! The ids of one file, for those that refer to them: all texts in one, and where each ends.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::fault::RosterFault;
use crate::header::At;
use crate::positions::Positions;
use crate::problem::{Place, Problems, Words};
use crate::snapshot::Index;
use crate::source::RosterFile;
use crate::table::{Line, Table};

/// Texts of ids are kept in blocks of this size, so that no block is ever copied to a larger one.
const BLOCK: usize = 256 * 1024;

/// The ids of one file, for those that refer to them.
#[derive(Default)]
pub(crate) struct Ids<H = RandomState> {
    texts: Texts,
    /// What each text stands for; none if it was forgotten.
    stands_for: Vec<Option<Index>>,
    found: Positions<H>,
    /// The text that was asked for last: rows about one record mostly stand together.
    recent: Cell<u32>,
    /// Whether the file was read to its end: if not, an unknown id says nothing.
    complete: bool,
    /// The ids by [`alike_form`], made when somebody first asks.
    alike: OnceCell<Positions>,
}

impl<H: BuildHasher + Default> Ids<H> {
    pub fn get(&self, id: &str) -> Option<Index> {
        let recent = self.recent.get();
        if self.texts.get(recent) == Some(id) {
            return self.stands_for.get(recent as usize).copied().flatten();
        }
        let hash = self.found.hash(id);
        let number = self.found.find(hash, |number| self.texts.get(number) == Some(id))?;
        self.recent.set(number);
        self.stands_for.get(number as usize).copied().flatten()
    }

    /// Adds an id that is not there.
    pub fn insert(&mut self, id: &str, position: Index) {
        let number = self.texts.push(id);
        self.stands_for.push(Some(position));
        self.found.insert(self.found.hash(id), number);
    }

    /// Notes that the file was read, and warns of ids that only a careful eye tells apart.
    pub fn complete(&mut self, table: &Table<'_>, column: &str, problems: &mut Problems) {
        self.complete = !table.cut_off;
        let mut known = self.known();
        known.sort_unstable_by_key(|&(position, number)| (position, self.texts.get(number)));
        let mut alike = Positions::<RandomState>::default();
        for (_, number) in known {
            let Some(id) = self.texts.get(number) else { continue };
            let form = alike_form(id);
            let hash = alike.hash(&form);
            let Some(other) = self.find_alike(&alike, hash, &form) else {
                alike.insert(hash, number);
                continue;
            };
            alike.replace(hash, other, number);
            let place = Place {
                file: table.header.file.name(),
                column: Some(column),
                value: Some(id),
                ..Place::default()
            };
            problems.add_with(RosterFault::IdsAlike, place, || Words {
                reason: Some(format!(
                    "\"{}\" differs from it in case or leading zeros only",
                    crate::problem::shown(self.texts.get(other).unwrap_or_default())
                )),
                remedy: None,
            });
        }
    }

    /// Forgets the ids that stand for no record, and gives them back.
    pub fn part_from(&mut self, is_gone: impl Fn(Index) -> bool) -> HashMap<Index, Box<str>> {
        let mut gone = HashMap::new();
        for (number, slot) in (0u32..).zip(&mut self.stands_for) {
            if let Some(at) = slot.filter(|at| is_gone(*at)) {
                gone.insert(at, self.texts.get(number).unwrap_or_default().into());
                *slot = None;
            }
        }
        gone
    }

    /// The record that a cell refers to; `None`, with a refusal, if there is none.
    pub fn resolve(
        &self,
        line: &Line<'_>,
        at: At,
        target: RosterFile,
        problems: &mut Problems,
    ) -> Option<Index> {
        let id = line.filled(at)?;
        // Where it stands is of interest only if there is none.
        self.get(id).or_else(|| self.resolve_id(id, line.place(at), target, problems))
    }

    /// The same for one id of a cell that may have several.
    pub fn resolve_id(
        &self,
        id: &str,
        place: Place<'_>,
        target: RosterFile,
        problems: &mut Problems,
    ) -> Option<Index> {
        let found = self.get(id);
        if found.is_none() && self.complete {
            let words = || Words {
                reason: Some(format!("no row of {} has this id", target.name())),
                remedy: self.likely(id).map(|likely| {
                    format!("if \"{}\" is meant, write it so", crate::problem::shown(likely))
                }),
            };
            problems.add_with(RosterFault::ReferenceUnknown, place, words);
        }
        found
    }

    /// An id that was probably meant: spreadsheets drop leading zeros and people change case.
    fn likely(&self, id: &str) -> Option<&str> {
        let alike = self.alike.get_or_init(|| {
            let mut alike = Positions::default();
            for (_, number) in self.known() {
                let hash = alike.hash(&alike_form(self.texts.get(number).unwrap_or_default()));
                alike.insert(hash, number);
            }
            alike
        });
        let form = alike_form(id);
        self.texts.get(self.find_alike(alike, alike.hash(&form), &form)?)
    }

    fn find_alike(&self, alike: &Positions, hash: u32, form: &str) -> Option<u32> {
        alike.find(hash, |number| self.texts.get(number).is_some_and(|id| alike_form(id) == form))
    }

    /// What is not forgotten, with the numbers of the texts.
    fn known(&self) -> Vec<(Index, u32)> {
        let numbered = (0u32..).zip(&self.stands_for);
        numbered.filter_map(|(number, position)| Some(((*position)?, number))).collect()
    }
}

/// Texts one after the other.
#[derive(Default)]
struct Texts {
    blocks: Vec<String>,
    /// The block of each text and where it begins there: it ends where the next one begins.
    places: Vec<(u16, u32)>,
}

impl Texts {
    fn push(&mut self, text: &str) -> u32 {
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let fits = |block: &String| block.len() + text.len() <= BLOCK;
        if !self.blocks.last().is_some_and(fits) {
            self.blocks.push(String::with_capacity(BLOCK.max(text.len())));
        }
        // A roster is bounded in bytes: it has a few thousand blocks at the most.
        let block = u16::try_from(self.blocks.len() - 1).unwrap_or(u16::MAX);
        if let Some(last) = self.blocks.last_mut() {
            self.places.push((block, u32::try_from(last.len()).unwrap_or(u32::MAX)));
            last.push_str(text);
        }
        number
    }

    fn get(&self, number: u32) -> Option<&str> {
        let &(block, start) = self.places.get(number as usize)?;
        let text = self.blocks.get(usize::from(block))?;
        let end = match self.places.get(number as usize + 1) {
            Some(&(next, end)) if next == block => end as usize,
            _ => text.len(),
        };
        text.get(start as usize..end)
    }
}

fn alike_form(id: &str) -> String {
    let folded = id.to_lowercase();
    let bare = folded.trim_start_matches('0');
    if bare.is_empty() { folded } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::positions::AllAlike;

    #[test]
    fn ids_whose_hashes_are_equal_are_told_apart() {
        let mut ids = Ids::<AllAlike>::default();
        for number in 0..300 {
            ids.insert(&format!("S{number}"), Index::of(number).expect("a position"));
        }
        for number in (0..300).rev() {
            assert_eq!(ids.get(&format!("S{number}")), Index::of(number));
        }
        assert_eq!(ids.get("S300"), None);
    }

    #[test]
    fn ids_of_several_blocks_are_found() {
        let mut ids = Ids::<RandomState>::default();
        let id = |number| format!("{number}-{}", "x".repeat(400));
        (0..2_000).for_each(|number| ids.insert(&id(number), Index::of(number).expect("a place")));
        assert!(ids.texts.blocks.len() > 2);
        for number in [0, 1_999, 7, 7, 1_000] {
            assert_eq!(ids.get(&id(number)), Index::of(number));
        }
        let gone = ids.part_from(|at| at.position() == 7);
        assert_eq!(gone.len(), 1);
        assert_eq!(ids.get(&id(7)), None);
        assert_eq!(ids.get(&id(8)), Index::of(8));
    }
}
