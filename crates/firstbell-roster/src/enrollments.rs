//! Who is in which section, while a roster is read: by far the most of what it says. A pair is eight
//! bytes. That a row repeats an earlier one is found without keeping them twice: a filter says of
//! nearly all rows that they are new, and the few others are looked at when all have been read.

use std::hash::{BuildHasher as _, RandomState};

use crate::snapshot::Index;

/// Pairs of a block: blocks never move.
const BLOCK: usize = 1 << 20;

/// Bits of the filter for each pair, at the least: of a hundred that are new it lets a few pass for
/// known.
const BITS: usize = 8;

/// Bits that are set for a pair.
const SET: u32 = 4;

/// A section, and a student in it.
pub(crate) type Pair = (Index, Index);

/// What pairs are sorted by: one number is compared faster than two.
fn place_of((section, student): Pair) -> u64 {
    u64::from(section.number()) << 32 | u64::from(student.number())
}

/// A row that says what an earlier row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repetition {
    pub pair: Pair,
    pub line: u64,
}

/// The enrolments of a roster.
#[derive(Default)]
pub(crate) struct Enrollments {
    blocks: Vec<Vec<Pair>>,
    filter: Filter,
    /// Rows that may repeat an earlier one.
    doubtful: Vec<Repetition>,
    /// How many pairs there are more than once, counted each time but the first.
    repeated: usize,
}

impl Enrollments {
    pub fn push(&mut self, pair: Pair, line: u64) {
        if self.blocks.last().is_none_or(|block| block.len() >= BLOCK) {
            // The first one grows with a small roster.
            let room = if self.blocks.is_empty() { 0 } else { BLOCK };
            self.blocks.push(Vec::with_capacity(room));
        }
        if self.filter.is_full() {
            self.filter = Filter::of(self.filter.bits.len() * 2, self.blocks.iter().flatten());
        }
        if self.filter.has_or_add(pair) {
            self.doubtful.push(Repetition { pair, line });
        }
        if let Some(block) = self.blocks.last_mut() {
            block.push(pair);
        }
    }

    /// How many there are, each once.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum::<usize>() - self.repeated
    }

    /// Ends the reading of rows: the repetitions among them, by line.
    pub fn settle(&mut self) -> Vec<Repetition> {
        self.filter = Filter::default();
        self.blocks.iter_mut().for_each(|block| block.sort_unstable_by_key(|pair| place_of(*pair)));
        let mut doubtful = std::mem::take(&mut self.doubtful);
        doubtful.sort_unstable_by_key(|row| (row.pair, row.line));
        let mut repetitions: Vec<Repetition> = Vec::new();
        for rows in doubtful.chunk_by(|one, next| one.pair == next.pair) {
            let Some(first) = rows.first() else { continue };
            // The filter was sure of one of them at the most.
            let is_first_here = self.count(first.pair) == rows.len();
            repetitions.extend(rows.iter().skip(usize::from(is_first_here)));
        }
        repetitions.sort_unstable_by_key(|row| row.line);
        self.repeated = repetitions.len();
        repetitions
    }

    fn count(&self, pair: Pair) -> usize {
        let of_block = |block: &Vec<Pair>| {
            let from = block.partition_point(|one| *one < pair);
            block.iter().skip(from).take_while(|one| **one == pair).count()
        };
        self.blocks.iter().map(of_block).sum()
    }

    /// Keeps those whose sections stay, under their new positions. Not before they are settled.
    pub fn renumber(&mut self, position: impl Fn(Index) -> Option<Index>) {
        for block in &mut self.blocks {
            block.retain_mut(|pair| {
                let new = position(pair.0);
                pair.0 = new.unwrap_or(pair.0);
                new.is_some()
            });
            block.sort_unstable_by_key(|pair| place_of(*pair));
        }
        let all: usize = self.blocks.iter().map(Vec::len).sum();
        self.repeated = all - self.in_order().count();
    }

    /// Gives each pair what stands for it and puts them in that order.
    pub fn rank(&mut self, rank: impl Fn(Pair) -> Pair) {
        for block in &mut self.blocks {
            for pair in &mut *block {
                *pair = rank(*pair);
            }
            block.sort_unstable_by_key(|pair| place_of(*pair));
        }
    }

    /// All pairs in order, each once. They must be settled.
    pub fn in_order(&self) -> impl Iterator<Item = Pair> {
        let mut heads: Vec<&[Pair]> = self.blocks.iter().map(Vec::as_slice).collect();
        let mut last = None;
        std::iter::from_fn(move || {
            loop {
                let (at, pair) = least(&heads)?;
                if let Some(head) = heads.get_mut(at) {
                    *head = head.split_first().map_or(&[], |(_, rest)| rest);
                }
                if last.replace(pair) != Some(pair) {
                    return Some(pair);
                }
            }
        })
    }
}

/// The least first pair, and which of the lists it is in.
fn least(heads: &[&[Pair]]) -> Option<(usize, Pair)> {
    let firsts = heads.iter().enumerate().filter_map(|(at, head)| Some((at, *head.first()?)));
    firsts.min_by_key(|(_, pair)| *pair)
}

/// Says of a pair that it is surely new, or that it may be known (a Bloom filter).
#[derive(Default)]
struct Filter {
    /// A power of two of words.
    bits: Vec<u64>,
    count: usize,
    hasher: RandomState,
}

impl Filter {
    fn of<'p>(words: usize, pairs: impl Iterator<Item = &'p Pair>) -> Self {
        let bits = vec![0; words.max(64)];
        let mut filter = Self { bits, ..Self::default() };
        for pair in pairs {
            filter.has_or_add(*pair);
        }
        filter
    }

    fn is_full(&self) -> bool {
        self.count * BITS >= self.bits.len() * 64
    }

    fn has_or_add(&mut self, pair: Pair) -> bool {
        self.count += 1;
        let hash = self.hasher.hash_one(pair);
        // All in one word, because a word costs a trip to memory.
        let bits = (0..SET).fold(0u64, |bits, at| bits | 1 << (hash >> (40 + 6 * at) & 63));
        let at = usize::try_from(hash).unwrap_or_default() & (self.bits.len() - 1);
        let Some(word) = self.bits.get_mut(at) else { return true };
        let has = *word & bits == bits;
        *word |= bits;
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(section: usize, student: usize) -> Pair {
        (Index::of(section).expect("a place"), Index::of(student).expect("a place"))
    }

    #[test]
    fn a_repetition_is_found_wherever_it_stands_and_the_first_row_holds() {
        let mut enrollments = Enrollments::default();
        let mut state = 1usize;
        let mut seen = std::collections::HashSet::new();
        let mut expected = Vec::new();
        for line in 2..200_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(99);
            let pair = pair((state >> 40) % 400, (state >> 20) % 4_000);
            if !seen.insert(pair) {
                expected.push(Repetition { pair, line });
            }
            enrollments.push(pair, line);
        }
        assert!(expected.len() > 10_000);
        assert_eq!(enrollments.settle(), expected);
        assert_eq!(enrollments.len(), seen.len());
        let all: Vec<Pair> = enrollments.in_order().collect();
        let mut each: Vec<Pair> = seen.into_iter().collect();
        each.sort_unstable();
        assert_eq!(all, each);

        // Every other section goes.
        let half =
            |at: Index| Index::of(at.position() / 2).filter(|_| at.position().is_multiple_of(2));
        enrollments.renumber(half);
        let kept = each.iter().filter_map(|(section, who)| Some((half(*section)?, *who)));
        let kept: Vec<Pair> = kept.collect();
        let all: Vec<Pair> = enrollments.in_order().collect();
        assert_eq!(all, kept);
        assert_eq!(enrollments.len(), kept.len());
    }

    #[test]
    fn a_filter_that_takes_new_ones_for_known_hides_nobody() {
        let mut enrollments = Enrollments::default();
        for student in 0..100 {
            enrollments.filter.bits.fill(u64::MAX);
            enrollments.push(pair(1, student), student as u64);
        }
        enrollments.push(pair(1, 5), 100);
        assert_eq!(enrollments.settle(), [Repetition { pair: pair(1, 5), line: 100 }]);
        assert_eq!(enrollments.len(), 100);
    }
}
