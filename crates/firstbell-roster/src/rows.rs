//! Rows of a CSV file (RFC 4180), read as a stream: bounded, and sure of its lines.
//!
//! Why not the `csv` crate: it takes a quote that never closes for the end of the file, reads a
//! line of any length, and counts neither the lines it skips nor those that end in CR alone. A
//! person who mends a roster by hand needs just these three. The tests compare the two on
//! everything that both accept.

use std::io::{ErrorKind, Read};

use memchr::{memchr, memchr_iter, memchr3};

use crate::fault::RosterFault;

/// The longest row, in bytes, with all its quoted line ends. Real rows have a few hundred.
pub const MOST_ROW_BYTES: usize = 1 << 20;

const CHUNK_BYTES: usize = 64 * 1024;

/// One row: its cells one after the other in one buffer, without quotes.
#[derive(Debug, Default)]
pub(crate) struct Row {
    /// The bytes of all cells.
    pub bytes: Vec<u8>,
    /// Where each cell ends.
    pub ends: Vec<usize>,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// What is wrong with the row's bytes, if anything is.
    pub flaw: Option<RosterFault>,
}

impl Row {
    pub fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let cell = self.bytes.get(start..end).unwrap_or_default();
            start = end;
            cell
        })
    }
}

/// Why no further row can be read.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub fault: RosterFault,
    /// The line to look at.
    pub line: u64,
    pub cause: Option<std::io::Error>,
}

/// A source of rows.
pub(crate) struct Rows<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    filled: usize,
    bytes_read: u64,
    /// The line of the next byte, from 1.
    line: u64,
    /// Where the row at hand begins, in bytes from the start.
    row_start: u64,
}

impl<R: Read> Rows<R> {
    /// Looks at the first bytes: a byte-order mark is eaten, what is no UTF-8 text is refused.
    pub fn open(source: R) -> Result<Self, Stopped> {
        let mut rows = Self {
            source,
            buffer: vec![0; CHUNK_BYTES],
            at: 0,
            filled: 0,
            bytes_read: 0,
            line: 1,
            row_start: 0,
        };
        while rows.filled < FIRST_BYTES && rows.fill()? {}
        let start = rows.rest();
        if let Some(fault) = foreign(start) {
            return Err(Self::stop(fault, 1));
        }
        if start.starts_with(b"\xef\xbb\xbf") {
            rows.at = 3;
        }
        Ok(rows)
    }

    /// How many bytes have come from the source.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Reads the next row that is not an empty line; false at the end.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, Stopped> {
        row.bytes.clear();
        row.ends.clear();
        row.flaw = None;
        while let Some(b'\r' | b'\n') = self.peek()? {
            self.take_line_end(None)?;
        }
        if self.peek()?.is_none() {
            return Ok(false);
        }
        row.line = self.line;
        self.row_start = self.position();
        if self.take_simple(row) {
            return Ok(true);
        }
        loop {
            let another_follows = self.read_cell(row)?;
            row.ends.push(row.bytes.len());
            if !another_follows {
                return Ok(true);
            }
        }
    }

    /// Takes the row at once if the buffer has all of it and nothing is quoted or odd, as nearly all
    /// rows are; false, and nothing is taken, if not.
    fn take_simple(&mut self, row: &mut Row) -> bool {
        let rest = self.buffer.get(self.at..self.filled).unwrap_or_default();
        let Some((line, _)) = memchr(b'\n', rest).and_then(|end| rest.split_at_checked(end)) else {
            return false;
        };
        let taken = line.len() + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if memchr3(b'"', b'\r', 0, line).is_some() {
            return false;
        }
        let mut start = 0;
        for end in memchr_iter(b',', line).chain([line.len()]) {
            row.bytes.extend_from_slice(line.get(start..end).unwrap_or_default());
            row.ends.push(row.bytes.len());
            start = end + 1;
        }
        self.at += taken;
        self.line += 1;
        true
    }

    /// Reads one cell and what ends it; true if that was a comma.
    fn read_cell(&mut self, row: &mut Row) -> Result<bool, Stopped> {
        let quoted = self.peek()? == Some(b'"');
        if quoted {
            self.at += 1;
            self.read_quoted(row)?;
        }
        let closed = row.bytes.len();
        let another_follows = self.read_plain(row)?;
        // After a closing quote, spaces may stand before the comma and nothing else.
        let stray = row.bytes.get(closed..).is_some_and(|rest| !rest.trim_ascii().is_empty());
        if quoted && stray {
            row.flaw = row.flaw.or(Some(RosterFault::QuoteMisplaced));
        }
        Ok(another_follows)
    }

    fn read_plain(&mut self, row: &mut Row) -> Result<bool, Stopped> {
        loop {
            self.take_run(row, |byte| matches!(byte, b',' | b'\r' | b'\n' | 0));
            if self.position() - self.row_start > MOST_ROW_BYTES as u64 {
                return Err(Self::stop(RosterFault::LineTooLong, row.line));
            }
            match self.peek()? {
                None => return Ok(false),
                Some(b',') => {
                    self.at += 1;
                    return Ok(true);
                }
                Some(b'\r' | b'\n') => {
                    self.take_line_end(None)?;
                    return Ok(false);
                }
                Some(0) => self.take_nul(row),
                Some(_) => {}
            }
        }
    }

    /// Reads up to the closing quote, and that.
    fn read_quoted(&mut self, row: &mut Row) -> Result<(), Stopped> {
        let opened = self.line;
        loop {
            self.take_run(row, |byte| matches!(byte, b'"' | b'\r' | b'\n' | 0));
            if self.position() - self.row_start > MOST_ROW_BYTES as u64 {
                return Err(Self::stop(RosterFault::QuoteNeverClosed, opened));
            }
            match self.peek()? {
                None => return Err(Self::stop(RosterFault::QuoteNeverClosed, opened)),
                Some(b'"') => {
                    self.at += 1;
                    if self.peek()? != Some(b'"') {
                        return Ok(());
                    }
                    self.at += 1;
                    row.bytes.push(b'"');
                }
                Some(b'\r' | b'\n') => self.take_line_end(Some(row))?,
                Some(0) => self.take_nul(row),
                Some(_) => {}
            }
        }
    }

    /// Takes what the buffer holds up to the first byte that `ends` the run.
    fn take_run(&mut self, row: &mut Row, ends: impl Fn(u8) -> bool) {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| ends(byte)).unwrap_or(rest.len());
        row.bytes.extend_from_slice(rest.get(..length).unwrap_or_default());
        self.at += length;
    }

    fn take_nul(&mut self, row: &mut Row) {
        row.flaw = Some(RosterFault::NulByte);
        row.bytes.push(0);
        self.at += 1;
    }

    /// Takes CR LF, CR or LF; within quotes they belong to the cell.
    fn take_line_end(&mut self, mut cell: Option<&mut Row>) -> Result<(), Stopped> {
        for part in [b'\r', b'\n'] {
            if self.peek()? == Some(part) {
                self.at += 1;
                if let Some(row) = &mut cell {
                    row.bytes.push(part);
                }
            }
        }
        self.line += 1;
        Ok(())
    }

    fn peek(&mut self) -> Result<Option<u8>, Stopped> {
        if self.at == self.filled {
            self.at = 0;
            self.filled = 0;
            self.fill()?;
        }
        Ok(self.rest().first().copied())
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.filled).unwrap_or_default()
    }

    fn position(&self) -> u64 {
        self.bytes_read - (self.filled - self.at) as u64
    }

    /// Reads once more behind what the buffer holds; false at the end of the source.
    fn fill(&mut self) -> Result<bool, Stopped> {
        loop {
            let Some(room) = self.buffer.get_mut(self.filled..) else { return Ok(false) };
            match self.source.read(room) {
                Ok(count) => {
                    self.filled += count;
                    self.bytes_read += count as u64;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(cause) => {
                    let stopped = Self::stop(RosterFault::FileUnreadable, self.line);
                    return Err(Stopped { cause: Some(cause), ..stopped });
                }
            }
        }
    }

    fn stop(fault: RosterFault, line: u64) -> Stopped {
        Stopped { fault, line, cause: None }
    }
}

/// How many first bytes [`foreign`] wants to see.
const FIRST_BYTES: usize = 16;

/// What a file is that its first bytes show not to be UTF-8 text.
fn foreign(start: &[u8]) -> Option<RosterFault> {
    const DOCUMENTS: [&[u8]; 6] =
        [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf", b"\x1f\x8b", b"<?xml"];
    let marked = start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff");
    // Latin letters in UTF-16 have a zero for one half.
    let unmarked = matches!(start, [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..]);
    if marked || unmarked {
        return Some(RosterFault::Utf16);
    }
    let lower = start.trim_ascii_start().to_ascii_lowercase();
    let page = lower.starts_with(b"<!doctype") || lower.starts_with(b"<html");
    (page || DOCUMENTS.iter().any(|first| start.starts_with(first))).then_some(RosterFault::NotCsv)
}

#[cfg(test)]
mod tests;
