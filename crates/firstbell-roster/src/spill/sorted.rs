//! Keys in order, more than fit in memory: sorted by the bufferful, merged when they are read. Equal
//! keys stay in the order in which they came.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::ops::Range;

use super::{PREFIX, Spill, end_of};

/// So many bytes of keys and values are sorted in memory.
const MOST: usize = 4 << 20;

/// The buffer of a run that is being read.
const ROOM: usize = 32 * 1024;

/// Takes keys in any order.
#[derive(Default)]
pub(crate) struct Sorter {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    sorted: Sorted,
    last: Vec<u8>,
}

/// Where a key, and the value behind it, stand among the bytes.
struct Entry {
    start: u32,
    key: u32,
    value: u32,
}

impl Sorter {
    pub fn push(&mut self, key: &[u8], value: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        // All three are bounded: a bufferful, and a row.
        let bounded = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let (start, key, value) = (bounded(start), bounded(key.len()), bounded(value.len()));
        self.entries.push(Entry { start, key, value });
        if self.bytes.len() >= MOST {
            self.flush();
        }
    }

    /// All keys, to be read.
    ///
    /// # Errors
    /// When they could not be written.
    pub fn finish(mut self) -> io::Result<Sorted> {
        self.flush();
        if !self.sorted.spill.pending.is_empty() {
            self.sorted.spill.flush();
        }
        self.sorted.spill.check()?;
        Ok(self.sorted)
    }

    /// Writes a run, or lengthens the last one where this one follows it.
    fn flush(&mut self) {
        let Self { bytes, entries, sorted, last } = self;
        let part = |start: u32, length: u32| {
            let start = start as usize;
            bytes.get(start..start + length as usize).unwrap_or_default()
        };
        let key = |entry: &Entry| part(entry.start, entry.key);
        // Stable.
        entries.sort_by(|one, next| key(one).cmp(key(next)));
        let (Some(first), Some(greatest)) = (entries.first(), entries.last()) else { return };
        let begins = sorted.spill.end();
        let follows = key(first) >= last.as_slice();
        last.clear();
        last.extend_from_slice(key(greatest));
        for entry in entries.iter() {
            sorted.spill.append(|to| {
                to.extend_from_slice(&entry.key.to_le_bytes());
                to.extend_from_slice(part(entry.start, entry.key + entry.value));
            });
        }
        sorted.count += entries.len();
        let ends = sorted.spill.end();
        match sorted.runs.last_mut() {
            Some(run) if follows => run.end = ends,
            _ => sorted.runs.push(begins..ends),
        }
        bytes.clear();
        entries.clear();
    }
}

/// Keys in order, as often as they are wanted.
#[derive(Default)]
pub(crate) struct Sorted {
    spill: Spill,
    pub(super) runs: Vec<Range<u64>>,
    count: usize,
}

impl Sorted {
    pub fn len(&self) -> usize {
        self.count
    }

    /// A reader from the first key on.
    ///
    /// # Errors
    /// When the keys cannot be read.
    pub fn reader(&self) -> io::Result<SortedReader<'_>> {
        let mut reader =
            SortedReader { spill: &self.spill, runs: Vec::new(), heads: BinaryHeap::new() };
        for range in &self.runs {
            let run = Run { range: range.clone(), bytes: Vec::new(), at: 0 };
            reader.runs.push(run);
            reader.advance(reader.runs.len() - 1)?;
        }
        Ok(reader)
    }
}

/// Reads keys in order.
pub(crate) struct SortedReader<'s> {
    spill: &'s Spill,
    runs: Vec<Run>,
    heads: BinaryHeap<Reverse<Head>>,
}

/// The next key of a run, the run, and the value.
type Head = (Vec<u8>, usize, Vec<u8>);

struct Run {
    /// What is not in the buffer yet.
    range: Range<u64>,
    bytes: Vec<u8>,
    at: usize,
}

impl SortedReader<'_> {
    /// The next key and its value.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn next(&mut self) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
        let Some(Reverse((key, run, value))) = self.heads.pop() else { return Ok(None) };
        self.advance(run)?;
        Ok(Some((key, value)))
    }

    fn advance(&mut self, number: usize) -> io::Result<()> {
        let Some(run) = self.runs.get_mut(number) else { return Ok(()) };
        if let Some((key, value)) = run.next(self.spill)? {
            self.heads.push(Reverse((key, number, value)));
        }
        Ok(())
    }
}

impl Run {
    fn next(&mut self, spill: &Spill) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
        loop {
            let end = end_of(&self.bytes, self.at).filter(|end| *end <= self.bytes.len());
            if let Some(end) = end {
                let record = self.bytes.get(self.at + PREFIX..end).unwrap_or_default();
                self.at = end;
                return split(record).map(Some).ok_or(io::ErrorKind::InvalidData.into());
            }
            if self.range.is_empty() {
                return Ok(None);
            }
            self.bytes.drain(..self.at);
            self.at = 0;
            let kept = self.bytes.len();
            let left = usize::try_from(self.range.end - self.range.start).unwrap_or(usize::MAX);
            let more = left.min(ROOM.max(kept));
            self.bytes.resize(kept + more, 0);
            spill.read_at(self.range.start, self.bytes.get_mut(kept..).unwrap_or_default())?;
            self.range.start += more as u64;
        }
    }
}

fn split(record: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (length, rest) = record.split_first_chunk()?;
    let (key, value) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some((key.to_vec(), value.to_vec()))
}
