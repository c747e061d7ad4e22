//! The rows of one file of changes, the last of each record.

use std::collections::HashMap;

use jiff::Timestamp;

use super::super::OneRosterFile;
use super::{Export, cell};
use crate::fault::RosterFault;
use crate::header::same_name;
use crate::problem::{Place, Problems};
use crate::rows::Stopped;

/// When a row was last modified; a row that does not say so was before every other.
pub(super) fn moment(cell: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(cell).ok()?;
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

/// A row of changes.
pub(super) struct Change {
    modified: Option<Timestamp>,
    pub is_removal: bool,
    /// Its place among the rows, which is the order of those that are new.
    place: usize,
    bytes: Box<[u8]>,
    ends: Box<[usize]>,
}

/// The changes of one file, the last of each record.
pub(super) struct Changes {
    pub names: Vec<String>,
    by_id: HashMap<Box<[u8]>, Change>,
}

impl Changes {
    pub fn read(
        file: OneRosterFile,
        delta: &mut Export,
        problems: &mut Problems,
    ) -> Result<Self, Stopped> {
        let mut reader = delta.rows(file)?;
        let [id, status, modified] =
            ["sourcedId", "status", "dateLastModified"].map(|name| (name, reader.at(name)));
        let mut changes = Self { names: reader.names.clone(), by_id: HashMap::new() };
        for (name, at) in [id, status, modified] {
            if at.is_none() {
                let column = Some(name);
                let place = Place { file: file.name(), line: Some(1), column, ..Place::default() };
                problems.add(RosterFault::ColumnMissing, place);
                return Ok(changes);
            }
        }
        let mut place = 0;
        while let Some(row) = reader.next()? {
            let told = |column| Place {
                file: file.name(),
                line: Some(row.line),
                column: Some(column),
                ..Place::default()
            };
            let moment = moment(cell(row, modified.1));
            if cell(row, id.1).is_empty() {
                problems.add(RosterFault::CellEmpty, told("sourcedId"));
            }
            if moment.is_none() {
                problems.add(RosterFault::DateMalformed, told("dateLastModified"));
            }
            place += 1;
            let change = Change {
                modified: moment,
                is_removal: cell(row, status.1).eq_ignore_ascii_case(b"tobedeleted"),
                place,
                bytes: row.bytes.as_slice().into(),
                ends: row.ends.as_slice().into(),
            };
            let known = changes.by_id.get(cell(row, id.1));
            if known.is_none_or(|known| known.modified <= change.modified) {
                changes.by_id.insert(cell(row, id.1).into(), change);
            }
        }
        Ok(changes)
    }

    /// The change of a record that was modified at this moment, if it is later. Whichever of the
    /// two holds, the change is no new record.
    pub fn take(&mut self, id: &[u8], modified: Option<Timestamp>) -> Option<Change> {
        self.by_id.remove(id).filter(|change| modified <= change.modified)
    }

    /// The changes that are new records, in their order.
    pub fn rest(&mut self) -> Vec<Change> {
        let all = std::mem::take(&mut self.by_id);
        let mut rest: Vec<Change> = all.into_values().filter(|change| !change.is_removal).collect();
        rest.sort_unstable_by_key(|change| change.place);
        rest
    }

    /// A change's cells under the names of the new file.
    pub fn cells<'c>(&self, names: &[String], change: &'c Change) -> Vec<&'c [u8]> {
        let cell = |at: usize| {
            let start = match at.checked_sub(1) {
                Some(before) => change.ends.get(before).copied()?,
                None => 0,
            };
            change.bytes.get(start..*change.ends.get(at)?)
        };
        let at = |name: &String| self.names.iter().position(|known| same_name(known, name));
        names.iter().map(|name| at(name).and_then(cell).unwrap_or_default()).collect()
    }
}
