//! A file as rows under a header: every check that needs no other file is made here.

use std::borrow::Cow;
use std::io::Read;

use crate::fault::RosterFault;
use crate::header::{At, Check, Header};
use crate::problem::{Place, Problems, Words};
use crate::rows::{Row, Rows, Stopped};
use crate::snapshot::{DetailName, DetailNames, PackedDetails};
use crate::source::{Refused, RosterFile};
use crate::words::Rule;

/// The longest id, name, user name or password, in bytes.
pub(crate) const MOST_KEY_BYTES: usize = 500;

/// The longest other cell, in bytes.
const MOST_TEXT_BYTES: usize = 4_096;

/// A file that is being read.
pub(crate) struct Table<'s> {
    rows: Rows<Box<dyn Read + 's>>,
    pub header: Header,
    row: Row,
    text: String,
    /// Rows so far.
    pub count: u64,
    /// Whether the file ended before its end.
    pub cut_off: bool,
}

impl<'s> Table<'s> {
    /// Opens a file and reads its header. `None` if no row of it can be read.
    pub fn open(
        file: RosterFile,
        source: std::io::Result<Box<dyn Read + 's>>,
        wire_names: &mut DetailNames,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut row = Row::default();
        let opened = source
            .map_err(|cause| Stopped {
                fault: RosterFault::FileUnreadable,
                line: 1,
                cause: Some(cause),
            })
            .and_then(|source| {
                let mut rows = Rows::open(source)?;
                let found = rows.next(&mut row)?;
                Ok((rows, found))
            });
        let place = Place { file: file.name(), ..Place::default() };
        match opened {
            Ok((rows, true)) => {
                if let Some(fault) = row.flaw {
                    problems.add(fault, Place { line: Some(row.line), ..place });
                    return None;
                }
                let header = Header::read(file, &row, wire_names, problems)?;
                let text = String::new();
                Some(Self { rows, header, row, text, count: 0, cut_off: false })
            }
            Ok((_, false)) => {
                problems.add(RosterFault::FileEmpty, place);
                None
            }
            Err(stopped) => {
                add_stopped(&stopped, file, problems);
                None
            }
        }
    }

    /// How many bytes of the file have been read.
    pub fn bytes_read(&self) -> u64 {
        self.rows.bytes_read()
    }

    /// Reads the next row that says anything; what is wrong with it by itself goes to `problems`.
    pub fn next(&mut self, problems: &mut Problems) -> Option<Line<'_>> {
        loop {
            match self.rows.next(&mut self.row) {
                Ok(true) => {}
                Ok(false) => return None,
                Err(stopped) => {
                    self.cut_off = true;
                    add_stopped(&stopped, self.header.file, problems);
                    return None;
                }
            }
            if self.row.bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
                break;
            }
        }
        self.count += 1;
        let is_utf8 = self.take_text();
        let mut line = Line {
            header: &self.header,
            text: &self.text,
            ends: &self.row.ends,
            number: self.row.line,
            is_whole: is_utf8 && self.row.flaw.is_none(),
        };
        if !is_utf8 {
            line.add_not_utf8(problems);
        }
        if let Some(flaw) = self.row.flaw {
            problems.add(flaw, line.place(At(None)));
        }
        line.is_whole &= line.has_right_width(problems);
        if line.is_whole {
            line.check_cells(problems);
        }
        Some(line)
    }

    /// Makes text of the row's bytes; false, with `�` in the text, if they are no UTF-8.
    fn take_text(&mut self) -> bool {
        self.text.clear();
        let bytes = std::mem::take(&mut self.row.bytes);
        match String::from_utf8(bytes) {
            Ok(text) if self.row.ends.iter().all(|&end| text.is_char_boundary(end)) => {
                self.row.bytes = std::mem::replace(&mut self.text, text).into_bytes();
                return true;
            }
            Ok(text) => self.row.bytes = text.into_bytes(),
            Err(error) => self.row.bytes = error.into_bytes(),
        }
        let mut ends = Vec::with_capacity(self.row.ends.len());
        for cell in self.row.cells() {
            self.text.push_str(&String::from_utf8_lossy(cell));
            ends.push(self.text.len());
        }
        self.row.ends = ends;
        false
    }
}

/// Adds why a file cannot be read further.
pub(crate) fn add_stopped(stopped: &Stopped, file: RosterFile, problems: &mut Problems) {
    let refused = stopped
        .cause
        .as_ref()
        .and_then(|cause| cause.get_ref()?.downcast_ref::<Refused>())
        .map(|refused| refused.0);
    let place = Place { file: file.name(), line: Some(stopped.line), ..Place::default() };
    let words = || Words {
        reason: stopped
            .cause
            .as_ref()
            .filter(|_| refused.is_none())
            .map(|cause| format!("{}: {cause}", stopped.fault.reason())),
        remedy: None,
    };
    problems.add_with(refused.unwrap_or(stopped.fault), place, words);
}

/// The cell without the spaces around it. Most have none, which two bytes tell.
fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [] => cell,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => cell,
        _ => cell.trim(),
    }
}

/// One row of a [`Table`].
pub(crate) struct Line<'t> {
    pub header: &'t Header,
    text: &'t str,
    ends: &'t [usize],
    /// The line of the file on which the row begins.
    pub number: u64,
    /// Whether its cells stand where they should: of a row that is not whole, only the ids are
    /// looked at, so that what refers to them is not refused too.
    pub is_whole: bool,
}

impl<'t> Line<'t> {
    /// The cell, without the spaces around it; empty if there is none.
    pub fn cell(&self, at: At) -> &'t str {
        at.0.map_or("", |index| self.cell_at(index))
    }

    /// The cell, unless it is empty.
    pub fn filled(&self, at: At) -> Option<&'t str> {
        Some(self.cell(at)).filter(|cell| !cell.is_empty())
    }

    fn cell_at(&self, index: usize) -> &'t str {
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => self.ends.get(before).copied().unwrap_or(usize::MAX),
        };
        let end = self.ends.get(index).copied().unwrap_or_default();
        trimmed(self.text.get(start..end).unwrap_or_default())
    }

    /// The place of a cell, for a problem. Passwords are not shown.
    pub fn place(&self, at: At) -> Place<'t> {
        let column = self.header.name(at);
        let secret = column.is_some_and(|name| name.eq_ignore_ascii_case("password"));
        Place {
            file: self.header.file.name(),
            line: Some(self.number),
            column,
            value: if secret { None } else { self.filled(at) },
        }
    }

    /// The passed-on cells, read by their rules; none of a row that is not whole.
    pub fn details(&self, problems: &mut Problems) -> PackedDetails {
        PackedDetails::new(self.detail_cells(problems))
    }

    /// The same, to be added to.
    pub fn detail_cells(&self, problems: &mut Problems) -> Vec<(DetailName, Cow<'t, str>)> {
        if !self.is_whole {
            return Vec::new();
        }
        let mut details = Vec::with_capacity(self.header.details.len());
        for column in &self.header.details {
            if let Some(value) = self.read_by(column.rule, column.at, problems) {
                details.push((column.name, value));
            }
        }
        details
    }

    /// What a cell says by a rule; none if it is empty, or says nothing that the rule knows.
    pub fn read_by(&self, rule: Rule, at: At, problems: &mut Problems) -> Option<Cow<'t, str>> {
        let reading = rule.read(self.filled(at)?);
        if let Some(fault) = reading.fault {
            let words = || Words {
                reason: None,
                remedy: rule.words().map(|words| format!("it knows: {words}")),
            };
            problems.add_with(fault, self.place(at), words);
        }
        Some(reading.value).filter(|value| !value.is_empty())
    }

    fn add_not_utf8(&self, problems: &mut Problems) {
        let broken = (0..self.ends.len()).find(|&index| self.cell_at(index).contains('\u{fffd}'));
        problems.add(RosterFault::NotUtf8, self.place(At(broken)));
    }

    /// As many cells as the header, but for empty ones at the end.
    fn has_right_width(&self, problems: &mut Problems) -> bool {
        let (cells, columns) = (self.ends.len(), self.header.names.len());
        let surplus = (columns..cells).any(|index| !self.cell_at(index).is_empty());
        if cells < columns || surplus {
            let words = || Words {
                reason: Some(format!("the row has {cells} cells and the header {columns}")),
                remedy: None,
            };
            problems.add_with(RosterFault::RowRagged, self.place(At(None)), words);
            return false;
        }
        true
    }

    fn check_cells(&self, problems: &mut Problems) {
        for &at in &self.header.required {
            if self.cell(at).is_empty() {
                problems.add(RosterFault::CellEmpty, self.place(at));
            }
        }
        // Most rows have nothing that could be wrong; they are not looked at cell by cell.
        // Without a way out of the loop, many bytes are looked at in one step.
        let is_odd = |byte: u8| matches!(byte, ..b' ' | 0x7f | 0xc2);
        let has_control = self.text.bytes().fold(false, |found, byte| found | is_odd(byte));
        if !has_control && self.text.len() <= MOST_KEY_BYTES {
            return;
        }
        for (index, &check) in self.header.checks.iter().enumerate() {
            let cell = self.cell_at(index);
            let (most, line_ends) = match check {
                Check::Unread => continue,
                Check::Key => (MOST_KEY_BYTES, false),
                Check::Text => (MOST_TEXT_BYTES, true),
            };
            let is_layout = |letter| line_ends && matches!(letter, '\t' | '\r' | '\n');
            if cell.len() > most {
                problems.add(RosterFault::CellTooLong, self.place(At(Some(index))));
            } else if cell.chars().any(|letter| letter.is_control() && !is_layout(letter)) {
                problems.add(RosterFault::ControlCharacter, self.place(At(Some(index))));
            }
        }
    }
}
