//! The header of a file: which column stands where.

use crate::columns::{Column, Meaning};
use crate::fault::RosterFault;
use crate::oneroster::own;
use crate::problem::{Place, Problems, Words};
use crate::rows::Row;
use crate::snapshot::{DetailName, DetailNames};
use crate::source::RosterFile;
use crate::words::Rule;

/// The most columns of a file.
const MOST_COLUMNS: usize = 500;

/// Where a column stands; a column that is not there reads as empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct At(pub Option<usize>);

/// A column whose cells are passed on.
pub(crate) struct DetailColumn {
    pub at: At,
    pub name: DetailName,
    pub rule: Rule,
}

/// What is checked of every cell of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Nobody reads the column.
    Unread,
    /// At most 500 bytes, no control characters: it is an id or somebody's name.
    Key,
    /// At most 4,096 bytes, no control characters but line ends and tabs.
    Text,
}

/// The header of one file.
pub(crate) struct Header {
    pub file: RosterFile,
    /// The columns as written, up to the last that has a name.
    pub names: Vec<String>,
    pub checks: Vec<Check>,
    pub required: Vec<At>,
    pub details: Vec<DetailColumn>,
}

impl Header {
    /// Matches a header row with the columns that the file can have. `None` if a required one is
    /// missing or one is there twice.
    pub fn read(
        file: RosterFile,
        row: &Row,
        wire_names: &mut DetailNames,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut names: Vec<String> =
            row.cells().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        let place = Place { file: file.name(), line: Some(row.line), ..Place::default() };
        if let Some(fault) = unusable(&names) {
            problems.add(fault, place);
            return None;
        }
        let mut header = Self {
            file,
            checks: vec![Check::Unread; names.len()],
            names,
            required: Vec::new(),
            details: Vec::new(),
        };
        let whole = header.refuse_twins(place, problems);
        header.note_strangers(place, wire_names, problems);
        (header.place_columns(place, wire_names, problems) && whole).then_some(header)
    }

    /// Where the column of this name stands.
    pub fn at(&self, name: &str) -> At {
        At(self.names.iter().position(|written| same_name(written, name)))
    }

    /// The column's name as the header writes it.
    pub fn name(&self, at: At) -> Option<&str> {
        at.0.and_then(|index| self.names.get(index)).map(String::as_str)
    }

    fn refuse_twins(&self, place: Place<'_>, problems: &mut Problems) -> bool {
        let mut whole = true;
        for (index, name) in self.names.iter().enumerate() {
            if !name.is_empty() && self.at(name) != At(Some(index)) {
                problems.add(RosterFault::ColumnTwice, Place { column: Some(name), ..place });
                whole = false;
            }
        }
        whole
    }

    /// Columns that no rule knows: `ext.` is kept, a slip of the pen is named.
    fn note_strangers(
        &mut self,
        place: Place<'_>,
        wire_names: &mut DetailNames,
        problems: &mut Problems,
    ) {
        let columns = self.file.columns();
        for (index, name) in self.names.iter().enumerate() {
            if name.is_empty() {
                problems.add(RosterFault::ColumnWithoutName, place);
            } else if columns.iter().any(|column| same_name(column.name, name)) {
            } else if let Some((wire_name, rule)) = passed_on(name, self.file) {
                self.details.push(DetailColumn {
                    at: At(Some(index)),
                    name: wire_names.number(&wire_name),
                    rule,
                });
                if let Some(check) = self.checks.get_mut(index) {
                    *check = Check::Text;
                }
            } else {
                let words = || Words {
                    reason: None,
                    remedy: nearest(name, columns)
                        .map(|near| format!("if {near} is meant, write it so")),
                };
                let place = Place { column: Some(name), ..place };
                problems.add_with(RosterFault::ColumnUnknown, place, words);
            }
        }
    }

    fn place_columns(
        &mut self,
        place: Place<'_>,
        wire_names: &mut DetailNames,
        problems: &mut Problems,
    ) -> bool {
        let mut whole = true;
        for &Column { name, meaning } in self.file.columns() {
            let at = self.at(name);
            if let Some(check) = at.0.and_then(|index| self.checks.get_mut(index)) {
                *check = match meaning {
                    Meaning::Required | Meaning::Optional => Check::Key,
                    Meaning::Detail(..) | Meaning::Text => Check::Text,
                    Meaning::Unread => Check::Unread,
                };
            }
            match meaning {
                Meaning::Required if at.0.is_none() => {
                    let words = || Words {
                        reason: None,
                        remedy: self
                            .likely(name)
                            .map(|likely| format!("rename {likely} to {name}")),
                    };
                    let place = Place { column: Some(name), ..place };
                    problems.add_with(RosterFault::ColumnMissing, place, words);
                    whole = false;
                }
                Meaning::Required => self.required.push(at),
                Meaning::Detail(wire_name, rule) if at.0.is_some() => {
                    self.details.push(DetailColumn {
                        at,
                        name: wire_names.number(wire_name),
                        rule,
                    });
                }
                Meaning::Optional | Meaning::Detail(..) | Meaning::Text | Meaning::Unread => {}
            }
        }
        whole
    }

    /// The column that was probably meant by a missing one.
    fn likely(&self, missing: &str) -> Option<&str> {
        let columns = self.file.columns();
        self.names
            .iter()
            .filter(|name| !columns.iter().any(|column| same_name(column.name, name)))
            .map(|name| (distance(&folded(name), &folded(missing)), name.as_str()))
            .min()
            .filter(|(distance, _)| *distance <= MOST_DISTANCE)
            .map(|(_, name)| name)
    }
}

fn unusable(names: &[String]) -> Option<RosterFault> {
    match names {
        [] => Some(RosterFault::FileEmpty),
        [only] if only.contains([';', '\t']) => Some(RosterFault::WrongSeparator),
        many if many.len() > MOST_COLUMNS => Some(RosterFault::TooManyColumns),
        many if many.iter().any(|name| name.contains('\u{fffd}')) => Some(RosterFault::NotUtf8),
        _ => None,
    }
}

/// Under which name a column is passed on that no rule of the file reads, and how it is read.
fn passed_on(name: &str, file: RosterFile) -> Option<(String, Rule)> {
    let extension = extension(name, file)?;
    match (file, extension.strip_prefix(own::PREFIX)) {
        (RosterFile::OneRoster(file), Some(own)) => own::wire_name(file, own),
        _ => Some((format!("ext.{extension}"), Rule::AsWritten)),
    }
}

/// `bus_route` of `ext.bus_route`, which is `metadata.bus_route` in OneRoster.
fn extension(name: &str, file: RosterFile) -> Option<&str> {
    let (prefix, rest) = name.split_once('.')?;
    let rest = rest.trim();
    let known = if matches!(file, RosterFile::OneRoster(_)) { "metadata" } else { "ext" };
    (prefix.eq_ignore_ascii_case(known) && !rest.is_empty()).then_some(rest)
}

/// Header names are equal whatever their case, and a space is an underscore.
pub(crate) fn same_name(left: &str, right: &str) -> bool {
    let fold = |byte: u8| if byte == b' ' { b'_' } else { byte.to_ascii_lowercase() };
    left.len() == right.len() && left.bytes().map(fold).eq(right.bytes().map(fold))
}

/// The form in which names are equal that [`same_name`] takes for one.
pub(crate) fn folded(name: &str) -> String {
    name.replace(' ', "_").to_ascii_lowercase()
}

/// How many letters a slip of the pen may change.
const MOST_DISTANCE: usize = 3;

fn nearest(name: &str, columns: &[Column]) -> Option<&'static str> {
    columns
        .iter()
        .map(|column| (distance(&folded(name), &folded(column.name)), column.name))
        .min()
        .filter(|(distance, near)| *distance <= MOST_DISTANCE && *distance * 2 < near.len())
        .map(|(_, near)| near)
}

/// Levenshtein's distance, of names of at most 60 bytes.
fn distance(left: &str, right: &str) -> usize {
    if left.len() > 60 || right.len() > 60 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.bytes().enumerate() {
        let mut diagonal = above;
        let mut before = above + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(right.bytes()) {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = *cell;
            before = replaced.min(before + 1).min(*cell + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_in_any_case_and_with_spaces() {
        for (written, name, same) in [
            ("student id", "Student_id", true),
            ("STUDENT_ID", "Student_id", true),
            ("StudentId", "Student_id", false),
        ] {
            assert_eq!(same_name(written, name), same, "{written}");
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_its_column() {
        let columns = RosterFile::Students.columns();
        for (written, near) in [
            ("Studnet_id", Some("Student_id")),
            ("Frist_name", Some("First_name")),
            ("Grades", Some("Grade")),
            ("Shoe_size", None),
            ("X", None),
        ] {
            assert_eq!(nearest(written, columns), near, "{written}");
        }
    }

    #[test]
    fn the_distance_is_levenshteins() {
        for (left, right, steps) in
            [("", "abc", 3), ("kitten", "sitting", 3), ("ab", "ba", 2), ("same", "same", 0)]
        {
            assert_eq!(distance(left, right), steps);
        }
    }
}
