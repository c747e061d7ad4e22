//! What has not changed need not be read. The records of a kind, in the order of their ids, are cut into
//! stretches, and each has a digest of all that the files say of it. The change brings them along, and
//! the store keeps them with the version that it makes: where a stretch of the next files has the digest
//! of then, the district has these very records, and nothing between them (`docs/decisions/0015`).
//!
//! Where a stretch begins is decided by ids alone, so that one record more or less changes one stretch
//! and not all that follow.

use aws_lc_rs::digest::{Context, SHA256};
use firstbell_core::id::{SectionId, UserId};
use firstbell_core::roster::change::{Enrollment, RosterPerson};
use firstbell_core::roster::{Contact, Section};

use super::PlanError;
use super::walk::{Met, Pages, leave, meet};
use crate::change::put_person;
use crate::snapshot::Index;
use crate::spill::Record as _;

/// To be raised whenever [`Told`] writes a record otherwise: digests of before are then of no use, and
/// everything is read until an import changes something. (Where stretches begin may change at any time: those
/// that end elsewhere differ.)
const FORMAT: u8 = 1;

const PLACE: usize = 12;
const DIGEST: usize = 32;

/// By what records are cut into stretches: those of one place stay together.
pub(super) trait Placed: Copy + Ord {
    /// One of so many places begins a stretch. Fewer would mean that less is read for the sake of one change,
    /// and that more is kept.
    const PLACES: u32 = 128;

    fn place(self) -> [u8; PLACE];
}

impl Placed for SectionId {
    fn place(self) -> [u8; PLACE] {
        self.to_bytes()
    }
}

impl Placed for UserId {
    fn place(self) -> [u8; PLACE] {
        self.to_bytes()
    }
}

impl Placed for Enrollment {
    /// Each section is a place of many.
    const PLACES: u32 = 16;

    fn place(self) -> [u8; PLACE] {
        self.section.to_bytes()
    }
}

/// What is told of a record in a digest: all that is compared, in bytes that end by themselves.
pub(super) trait Told {
    fn tell(&self, to: &mut Vec<u8>);
}

impl Told for (Section, Index) {
    fn tell(&self, to: &mut Vec<u8>) {
        self.0.write(to);
    }
}

impl Told for RosterPerson {
    fn tell(&self, to: &mut Vec<u8>) {
        put_person(to, self);
    }
}

impl Told for Enrollment {
    fn tell(&self, to: &mut Vec<u8>) {
        self.write(to);
    }
}

impl Told for Contact {
    fn tell(&self, to: &mut Vec<u8>) {
        self.write(to);
    }
}

/// The stretches of a kind, in order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Stretches(Vec<Stretch>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    /// The place of its first record.
    first: [u8; PLACE],
    /// Of all that is told of its records, one after the other.
    digest: [u8; DIGEST],
}

impl Stretches {
    /// As a store keeps them: the format, then place and digest of each.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.0.len() * (PLACE + DIGEST));
        bytes.push(FORMAT);
        for stretch in &self.0 {
            bytes.extend(stretch.first);
            bytes.extend(stretch.digest);
        }
        bytes
    }

    /// What a store has kept; none where that is of another format.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let kept = bytes.strip_prefix(&[FORMAT])?;
        let (stretches, []) = kept.as_chunks::<{ PLACE + DIGEST }>() else { return None };
        let stretch = |bytes: &[u8; PLACE + DIGEST]| {
            let (first, digest) = bytes.split_first_chunk()?;
            Some(Stretch { first: *first, digest: digest.try_into().ok()? })
        };
        stretches.iter().map(stretch).collect::<Option<_>>().map(Self)
    }
}

/// What is said of a record.
pub(super) enum Seen<B, T> {
    /// Both have it, and the district's was not read.
    Same(T),
    Met(Met<B, T>),
}

/// Walks as [`walk`](super::walk::walk) does, past the stretches that are as `known` has them. Gives back
/// the stretches of the files.
pub(super) fn walk_past<K, T, B, E, F, I>(
    ours: impl FnMut() -> Option<T>,
    id: impl Fn(&T) -> K,
    known: Option<Stretches>,
    pages: Pages<K, B, F, I>,
    each: impl FnMut(Seen<B, T>),
) -> Result<Stretches, PlanError<E>>
where
    K: Placed,
    T: Told,
    F: FnMut(Option<K>) -> Result<Vec<B>, E>,
    I: Fn(&B) -> K,
{
    walk_in_stretches(K::PLACES, ours, id, known, pages, each)
}

fn walk_in_stretches<K, T, B, E, F, I>(
    places: u32,
    mut ours: impl FnMut() -> Option<T>,
    id: impl Fn(&T) -> K,
    known: Option<Stretches>,
    mut pages: Pages<K, B, F, I>,
    mut each: impl FnMut(Seen<B, T>),
) -> Result<Stretches, PlanError<E>>
where
    K: Placed,
    T: Told,
    F: FnMut(Option<K>) -> Result<Vec<B>, E>,
    I: Fn(&B) -> K,
{
    // Whether every known stretch that begins before here was passed. Behind one that was not, the district
    // may have records that no file has.
    let mut all_passed = known.is_some();
    let mut known = known.unwrap_or_default().0.into_iter().peekable();
    let mut found = Stretches::default();
    let (mut records, mut following) = (Vec::new(), None);
    let mut told = Vec::new();
    while let Some(first) = following.take().or_else(&mut ours) {
        let mut place = id(&first);
        let begins = place.place();
        told.clear();
        first.tell(&mut told);
        records.push(first);
        for record in std::iter::from_fn(&mut ours) {
            let next = id(&record);
            if next.place() != place.place() && is_begin(next.place(), places) {
                following = Some(record);
                break;
            }
            place = next;
            record.tell(&mut told);
            records.push(record);
        }
        let stretch = Stretch { first: begins, digest: digest(&told) };
        found.0.push(stretch);
        while known.next_if(|known| known.first < begins).is_some() {
            all_passed = false;
        }
        if known.next_if_eq(&stretch).is_some() {
            if !all_passed && let Some(first) = records.first().map(&id) {
                leave(&mut pages, |before| before < first, |met| each(Seen::Met(met)))?;
            }
            pages.pass(place);
            all_passed = true;
            records.drain(..).for_each(|record| each(Seen::Same(record)));
        } else {
            for record in records.drain(..) {
                let place = id(&record);
                meet(record, place, &mut pages, |met| each(Seen::Met(met)))?;
            }
        }
    }
    if !all_passed || known.next().is_some() {
        leave(&mut pages, |_| true, |met| each(Seen::Met(met)))?;
    }
    Ok(found)
}

/// Whether a stretch begins here. Ids that were made together differ in their last bytes only, and count
/// up.
fn is_begin(place: [u8; PLACE], places: u32) -> bool {
    let [.., a, b, c, d] = place;
    // The golden ratio's bits, which part neighbours; the upper half is what they part best.
    let mixed = u32::from_be_bytes([a, b, c, d]).wrapping_mul(0x9E37_79B9);
    (mixed >> 16).is_multiple_of(places)
}

fn digest(told: &[u8]) -> [u8; DIGEST] {
    let mut context = Context::new(&SHA256);
    context.update(told);
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

#[cfg(test)]
mod tests;
