//! Positions of records by a hash of what they are known by: eight bytes a slot, whatever the texts
//! are long. A hash says who it may be; whoever asks compares the texts themselves, so that no two
//! people are one because their hashes are.

use std::hash::{BuildHasher, RandomState};

/// Nothing is here.
const EMPTY: u64 = u64::MAX;

/// Positions by hash.
pub(crate) struct Positions<H = RandomState> {
    /// Half of the hash, and the position.
    slots: Vec<u64>,
    count: usize,
    hasher: H,
}

impl<H: Default> Default for Positions<H> {
    fn default() -> Self {
        Self { slots: Vec::new(), count: 0, hasher: H::default() }
    }
}

impl<H: BuildHasher> Positions<H> {
    /// The hash of a text: keyed, so that nobody can make texts whose hashes are equal.
    pub fn hash(&self, text: &str) -> u32 {
        u32::try_from(self.hasher.hash_one(text) >> 32).unwrap_or_default()
    }

    /// The first position under this hash of which `is_it` says that it is the one.
    pub fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        self.probe(hash).find_map(|slot| {
            let found = *self.slots.get(slot)?;
            let (half, position) = halves(found);
            (half == hash && is_it(position)).then_some(position)
        })
    }

    /// Puts one position in the place of another under the same hash.
    pub fn replace(&mut self, hash: u32, position: u32, with: u32) {
        let found =
            self.probe(hash).find(|at| self.slots.get(*at) == Some(&joined(hash, position)));
        if let Some(slot) = found.and_then(|at| self.slots.get_mut(at)) {
            *slot = joined(hash, with);
        }
    }

    /// Adds a position that is not there.
    pub fn insert(&mut self, hash: u32, position: u32) {
        if (self.count + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.count += 1;
        self.put(joined(hash, position));
    }

    fn grow(&mut self) {
        let room = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; room]);
        old.into_iter().filter(|slot| *slot != EMPTY).for_each(|slot| self.put(slot));
    }

    fn put(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = halves(slot).0 as usize & mask;
        while self.slots.get(at).is_some_and(|taken| *taken != EMPTY) {
            at = (at + 1) & mask;
        }
        if let Some(free) = self.slots.get_mut(at) {
            *free = slot;
        }
    }

    /// The slots in which something of this hash can be.
    fn probe(&self, hash: u32) -> impl Iterator<Item = usize> {
        let room = self.slots.len();
        let first = hash as usize;
        (0..room)
            .map(move |step| (first + step) & (room - 1))
            .take_while(|at| self.slots.get(*at).is_some_and(|slot| *slot != EMPTY))
    }
}

fn joined(hash: u32, position: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(position)
}

fn halves(slot: u64) -> (u32, u32) {
    let half = |bits: u64| u32::try_from(bits & 0xffff_ffff).unwrap_or_default();
    (half(slot >> 32), half(slot))
}

/// Gives every text the same hash.
#[cfg(test)]
#[derive(Default)]
pub(crate) struct AllAlike;

#[cfg(test)]
impl BuildHasher for AllAlike {
    type Hasher = Alike;

    fn build_hasher(&self) -> Alike {
        Alike
    }
}

#[cfg(test)]
pub(crate) struct Alike;

#[cfg(test)]
impl std::hash::Hasher for Alike {
    fn finish(&self) -> u64 {
        0x1234_5678_9abc_def0
    }

    fn write(&mut self, _: &[u8]) {}
}
