//! Problems: where in which file, what is wrong, what to do. They are collected, never the first
//! one alone, and bounded, so that a wholly wrong file does not fill the memory.

use std::collections::BTreeMap;
use std::fmt;

use crate::fault::{RosterFault, Severity};

/// How many refusals, and how many warnings, are kept in full; the rest are counted.
pub const MOST_LISTED: usize = 1_000;

/// How much of a value a problem shows, in characters.
const MOST_SHOWN: usize = 40;

/// One thing that is wrong with a roster. It quotes the roster, so it belongs before the eyes of
/// whoever imports it and in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub fault: RosterFault,
    /// The file: `students.csv`.
    pub file: String,
    /// The line of the file on which the row begins, counted from 1.
    pub line: Option<u64>,
    /// The column, as the header writes it.
    pub column: Option<String>,
    /// The value, shortened, control characters made visible. Never a password.
    pub value: Option<String>,
    /// Why this is wrong.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

impl Problem {
    /// Whether it keeps the roster out.
    pub fn severity(&self) -> Severity {
        self.fault.severity()
    }
}

/// Where it is and its code: what may stand in a log.
impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}:{}", self.fault.code(), self.file, self.line.unwrap_or_default())
    }
}

/// `students.csv:17 Grade "45": reason. Remedy. [R407]`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, " {column}")?;
        }
        if let Some(value) = &self.value {
            write!(f, " \"{value}\"")?;
        }
        write!(f, ": {}. To do: {}. [{}]", self.reason, self.remedy, self.fault.code())
    }
}

/// Where a problem is, borrowed: it becomes a [`Problem`] only when there is room for one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    pub file: &'a str,
    pub line: Option<u64>,
    pub column: Option<&'a str>,
    pub value: Option<&'a str>,
}

/// Other words than the fault's own, where more is known.
#[derive(Default)]
pub(crate) struct Words {
    pub reason: Option<String>,
    pub remedy: Option<String>,
}

/// The problems of one severity.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    /// The first [`MOST_LISTED`] of them, in the order in which they were met.
    pub problems: Vec<Problem>,
    /// How many there are of each fault in each file, all of them.
    pub totals: BTreeMap<(String, RosterFault), u64>,
}

impl Listed {
    /// How many there are, listed or not.
    pub fn total(&self) -> u64 {
        self.totals.values().sum()
    }

    /// Puts those from a place on in the order of lines: of one file, some are found at its end.
    pub(crate) fn by_line(&mut self, from: usize) {
        self.problems.get_mut(from..).unwrap_or_default().sort_by_key(|problem| problem.line);
    }

    /// How many are counted and not listed.
    pub fn unlisted(&self) -> u64 {
        self.total() - self.problems.len() as u64
    }
}

/// What was met while reading.
#[derive(Default)]
pub(crate) struct Problems {
    pub refusals: Listed,
    pub warnings: Listed,
}

impl Problems {
    pub fn add(&mut self, fault: RosterFault, place: Place<'_>) {
        self.add_with(fault, place, Words::default);
    }

    /// Like [`add`](Self::add); `words` is called only when the problem will be listed.
    pub fn add_with(
        &mut self,
        fault: RosterFault,
        place: Place<'_>,
        words: impl FnOnce() -> Words,
    ) {
        let listed = match fault.severity() {
            Severity::Refusal => &mut self.refusals,
            Severity::Warning => &mut self.warnings,
        };
        *listed.totals.entry((visible(place.file), fault)).or_default() += 1;
        if listed.problems.len() < MOST_LISTED {
            let Words { reason, remedy } = words();
            listed.problems.push(Problem {
                fault,
                file: visible(place.file),
                line: place.line,
                column: place.column.map(shown),
                value: place.value.map(shown),
                // Other words may quote what the file says.
                reason: reason.map_or_else(|| fault.reason().to_owned(), |words| visible(&words)),
                remedy: remedy.map_or_else(|| fault.remedy().to_owned(), |words| visible(&words)),
            });
        }
    }
}

/// The value as a problem or example shows it: at most 40 characters, nothing in it that a
/// terminal obeys.
pub(crate) fn shown(value: &str) -> String {
    let mut rest = value.chars();
    let short: String = rest.by_ref().take(MOST_SHOWN).collect();
    let mut text = visible(&short);
    if rest.next().is_some() {
        text.push('…');
    }
    text
}

/// The text with every character that moves the cursor, rings, hides or turns the writing
/// direction replaced by something that can be seen.
pub(crate) fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0'..='\u{1f}' => {
                seen.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('␀'));
            }
            '\u{7f}' => seen.push('␡'),
            '\u{80}'..='\u{9f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => seen.extend(character.escape_unicode()),
            other => seen.push(other),
        }
    }
    seen
}

/// A roster that nothing was imported of, and why.
#[derive(Debug, Clone, thiserror::Error)]
pub struct Rejected {
    /// What keeps it out; never empty.
    pub refusals: Listed,
    /// What else somebody should know.
    pub warnings: Listed,
}

/// The whole report, in lines: refusals, warnings, totals.
impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Nothing was imported: {}.", count(self.refusals.total(), "refusal"))?;
        write!(f, "{}", self.refusals)?;
        if self.warnings.total() > 0 {
            writeln!(f, "And {}:", count(self.warnings.total(), "warning"))?;
            write!(f, "{}", self.warnings)?;
        }
        Ok(())
    }
}

/// One line a problem; then, if not all are listed, how many there are of each.
impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(f, "  {problem}")?;
        }
        if self.unlisted() > 0 {
            writeln!(f, "  … and {} more. In all:", self.unlisted())?;
            for ((file, fault), total) in &self.totals {
                writeln!(f, "  {total:>8} × {file} [{}] {}", fault.code(), fault.reason())?;
            }
        }
        Ok(())
    }
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_made_visible() {
        for (value, text) in [
            ("plain ñ", "plain ñ"),
            ("a\u{1b}[31mred", "a␛[31mred"),
            ("two\r\nlines", "two␍␊lines"),
            ("\u{202e}gnp.exe", "\\u{202e}gnp.exe"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("del\u{7f}", "del␡"),
            ("=HYPERLINK(\"x\")", "=HYPERLINK(\"x\")"),
        ] {
            assert_eq!(shown(value), text);
        }
    }

    #[test]
    fn a_value_is_shortened_to_forty_characters() {
        assert_eq!(shown(&"ñ".repeat(40)), "ñ".repeat(40));
        assert_eq!(shown(&"ñ".repeat(41)), format!("{}…", "ñ".repeat(40)));
    }

    #[test]
    fn a_thousand_problems_are_listed_and_the_rest_counted() {
        let mut problems = Problems::default();
        for line in 1..=1_234 {
            let place = Place { file: "students.csv", line: Some(line), ..Place::default() };
            problems.add(RosterFault::CellEmpty, place);
        }
        assert_eq!(problems.refusals.problems.len(), 1_000);
        assert_eq!(problems.refusals.total(), 1_234);
        let report =
            Rejected { refusals: problems.refusals, warnings: Listed::default() }.to_string();
        assert!(report.starts_with("Nothing was imported: 1234 refusals.\n"), "{report}");
        assert!(report.contains("… and 234 more"), "{report}");
        assert!(report.contains("1234 × students.csv [R402]"), "{report}");
    }
}
