//! Records that do not fit in memory: a state has millions of them. They are written compactly one
//! after the other to a file without a name, which nobody else can open and which is gone with the
//! process, however that ends ([`Spill`]); what stays in memory is where each begins ([`Spilled`]),
//! or nothing at all where they are only read from first to last ([`Sequence`], [`Sorter`]).
//!
//! The records of a small roster never leave the buffers; what is sorted always does. What goes wrong with the file is kept until somebody
//! asks ([`Spill::check`]): nothing of a roster whose spill failed may be used.

mod encoding;
mod sorted;

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::unix::fs::FileExt as _;

pub(crate) use encoding::{Bytes, Read, Record, put_number, put_optional, put_text};
pub(crate) use sorted::{Sorted, SortedReader, Sorter};

use crate::snapshot::Index;

/// So much is written at a time, and read at a time from first to last.
const BUFFER: usize = 64 * 1024;

/// So much is read at a time elsewhere: more than most records have.
const NEARBY: usize = 1024;

/// What stands before each record: its length.
const PREFIX: usize = 4;

/// Bytes that were written once and are read again.
#[derive(Default)]
pub(crate) struct Spill {
    file: Option<File>,
    /// How many bytes the file has.
    written: u64,
    /// What follows them.
    pending: Vec<u8>,
    window: Window,
    failed: Option<io::Error>,
}

/// A part of the file.
#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
    /// Where the last record ended.
    next: u64,
}

impl Spill {
    /// Writes one record; says where it begins.
    pub fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> u64 {
        let (at, start) = (self.end(), self.pending.len());
        self.pending.extend([0; PREFIX]);
        write(&mut self.pending);
        let length = self.pending.len() - start - PREFIX;
        // A row is bounded in bytes, and so is what is made of it.
        let length = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
        if let Some(prefix) = self.pending.get_mut(start..start + PREFIX) {
            prefix.copy_from_slice(&length);
        }
        if self.pending.len() >= BUFFER {
            self.flush();
        }
        at
    }

    /// The record that begins here.
    pub fn record(&mut self, at: u64) -> Option<&[u8]> {
        match self.find(at) {
            Ok(found) => {
                let Found { in_pending, start, end } = found;
                let bytes = if in_pending { &self.pending } else { &self.window.bytes };
                bytes.get(start..end)
            }
            Err(error) => {
                self.fail(error);
                None
            }
        }
    }

    /// Where the next record will begin.
    pub fn end(&self) -> u64 {
        self.written + self.pending.len() as u64
    }

    /// What has gone wrong, once.
    pub fn check(&mut self) -> io::Result<()> {
        self.failed.take().map_or(Ok(()), Err)
    }

    fn fail(&mut self, error: io::Error) {
        self.failed.get_or_insert(error);
    }

    fn flush(&mut self) {
        if let Err(error) = self.try_flush() {
            self.fail(error);
        }
        self.written += self.pending.len() as u64;
        self.pending.clear();
    }

    fn try_flush(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.write_all_at(&self.pending, self.written)
    }

    fn find(&mut self, at: u64) -> io::Result<Found> {
        if let Some(start) = at.checked_sub(self.written) {
            let start = position(start)?;
            let end = end_of(&self.pending, start).ok_or(io::ErrorKind::UnexpectedEof)?;
            return Ok(Found { in_pending: true, start: start + PREFIX, end });
        }
        let found = self.in_window(at)?;
        self.window.next = at + (found.end - found.start + PREFIX) as u64;
        Ok(found)
    }

    fn in_window(&mut self, at: u64) -> io::Result<Found> {
        let mut room = match at.checked_sub(self.window.next) {
            Some(gap) if gap < NEARBY as u64 => BUFFER,
            _ => NEARBY,
        };
        loop {
            if let Some(start) = at.checked_sub(self.window.start) {
                let start = position(start)?;
                match end_of(&self.window.bytes, start) {
                    Some(end) if end <= self.window.bytes.len() => {
                        return Ok(Found { in_pending: false, start: start + PREFIX, end });
                    }
                    Some(end) => room = room.max(end - start),
                    None => {}
                }
            }
            let before = (self.window.start, self.window.bytes.len());
            let left = usize::try_from(self.written - at).unwrap_or(usize::MAX);
            self.window.bytes.resize(room.min(left), 0);
            self.window.start = at;
            let file = self.file.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?;
            file.read_exact_at(&mut self.window.bytes, at)?;
            if before == (at, self.window.bytes.len()) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Reads bytes that are in no window: for readers with buffers of their own. All must have been
    /// flushed.
    fn read_at(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        let file = self.file.as_ref().ok_or(io::ErrorKind::UnexpectedEof)?;
        file.read_exact_at(bytes, at)
    }
}

/// Where a record is in one of the buffers.
struct Found {
    in_pending: bool,
    start: usize,
    end: usize,
}

fn position(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof.into())
}

/// Where the record ends whose prefix begins at `start`, if the prefix is there.
fn end_of(bytes: &[u8], start: usize) -> Option<usize> {
    let prefix = bytes.get(start..start.checked_add(PREFIX)?)?;
    let length = u32::from_le_bytes(prefix.try_into().ok()?);
    Some(start + PREFIX + usize::try_from(length).ok()?)
}

/// A list whose records are on disk. The one that was touched last stays in memory: rows of one
/// person mostly stand together.
pub(crate) struct Spilled<T> {
    spill: Spill,
    starts: Vec<u64>,
    hot: Option<Hot<T>>,
}

/// A record in memory, and as it was written if it ever was.
struct Hot<T> {
    at: Index,
    record: T,
    written: Option<Vec<u8>>,
}

impl<T> Default for Spilled<T> {
    fn default() -> Self {
        Self { spill: Spill::default(), starts: Vec::new(), hot: None }
    }
}

impl<T: Record> Spilled<T> {
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// The positions of all records.
    pub fn positions(&self) -> impl Iterator<Item = Index> + use<T> {
        (0..self.len()).filter_map(Index::of)
    }

    /// All of it, in memory.
    #[cfg(test)]
    pub fn all(&mut self) -> Vec<T> {
        self.positions().map(|at| self.get(at).expect("a record")).collect()
    }

    /// The position of the record that will be added next.
    pub fn next(&self) -> Index {
        Index::next(&self.starts)
    }

    pub fn push(&mut self, record: T) -> Index {
        self.cool();
        let at = self.next();
        self.starts.push(0);
        self.hot = Some(Hot { at, record, written: None });
        at
    }

    /// A record, as it is now.
    pub fn get(&mut self, at: Index) -> Option<T> {
        self.read(at, T::read)
    }

    /// What `read` makes of the bytes of a record.
    pub fn read<R>(
        &mut self,
        at: Index,
        read: impl FnOnce(&mut Bytes<'_>) -> Option<R>,
    ) -> Option<R> {
        if self.hot.as_ref().is_some_and(|hot| hot.at == at) {
            self.cool();
        }
        let start = *self.starts.get(at.position())?;
        let record = self.spill.record(start)?;
        let found = read(&mut Bytes::new(record));
        if found.is_none() {
            self.spill.fail(io::ErrorKind::InvalidData.into());
        }
        found
    }

    /// A record, to be changed.
    pub fn get_mut(&mut self, at: Index) -> Option<&mut T> {
        if self.hot.as_ref().is_none_or(|hot| hot.at != at) {
            self.cool();
            let start = *self.starts.get(at.position())?;
            let written = self.spill.record(start)?.to_vec();
            let Some(record) = T::read(&mut Bytes::new(&written)) else {
                self.spill.fail(io::ErrorKind::InvalidData.into());
                return None;
            };
            self.hot = Some(Hot { at, record, written: Some(written) });
        }
        self.hot.as_mut().map(|hot| &mut hot.record)
    }

    /// What has gone wrong, once.
    pub fn check(&mut self) -> io::Result<()> {
        self.cool();
        self.spill.check()
    }

    /// Notes that something went wrong on the way here.
    pub fn fail(&mut self, error: io::Error) {
        self.spill.fail(error);
    }

    /// Writes the record that is in memory, anew if it has changed.
    fn cool(&mut self) {
        let Some(Hot { at, record, written }) = self.hot.take() else { return };
        if let Some(written) = written {
            let mut now = Vec::with_capacity(written.len());
            record.write(&mut now);
            if now == written {
                return;
            }
        }
        let start = self.spill.append(|to| record.write(to));
        if let Some(slot) = self.starts.get_mut(at.position()) {
            *slot = start;
        }
    }
}

/// Records that are read from first to last only.
pub(crate) struct Sequence<T> {
    spill: Spill,
    count: usize,
    /// Where the next one to be read begins.
    at: u64,
    of: PhantomData<fn() -> T>,
}

impl<T> Default for Sequence<T> {
    fn default() -> Self {
        Self { spill: Spill::default(), count: 0, at: 0, of: PhantomData }
    }
}

impl<T: Record> Sequence<T> {
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn push(&mut self, record: &T) {
        self.spill.append(|to| record.write(to));
        self.count += 1;
    }

    /// The next record; none at the end.
    ///
    /// # Errors
    /// When one could not be written or read.
    pub fn next(&mut self) -> io::Result<Option<T>> {
        self.spill.check()?;
        if self.at >= self.spill.end() {
            return Ok(None);
        }
        let Some(bytes) = self.spill.record(self.at) else {
            return Err(self.spill.check().err().unwrap_or(io::ErrorKind::InvalidData.into()));
        };
        self.at += (PREFIX + bytes.len()) as u64;
        T::read(&mut Bytes::new(bytes)).map(Some).ok_or(io::ErrorKind::InvalidData.into())
    }

    /// Begins anew with the first.
    pub fn rewind(&mut self) {
        self.at = 0;
    }
}

#[cfg(test)]
mod tests;
