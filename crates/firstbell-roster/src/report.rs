//! What a run found and did, to keep, print and send back: a page that stands by itself
//! ([`Report::html`]), and the rows that are wrong as a CSV file ([`Report::csv`]). Both quote the
//! roster: they belong before the eyes of whoever imports it.

mod page;

use std::io;

use crate::problem::{Listed, Problem};
use crate::sheet::Sheet;
use crate::summary::Summary;

/// A run, as it is told.
#[derive(Debug, Clone, Copy)]
pub struct Report<'r> {
    /// What people call the district.
    pub district: &'r str,
    /// When it was, in the words that the reader should see.
    pub when: &'r str,
    /// How it ended.
    pub outcome: Outcome,
    /// What it changed or would change, if it came so far.
    pub summary: Option<&'r Summary>,
    /// What kept the roster out.
    pub refusals: &'r Listed,
    /// What else somebody should know.
    pub warnings: &'r Listed,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The roster is in.
    Applied,
    /// It was compared only.
    Compared,
    /// It waits until a person says that it is meant.
    Held,
    /// It was refused as a whole.
    Refused,
}

impl Outcome {
    /// The sentence for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Applied => "The roster was applied.",
            Self::Compared => "The roster was compared; nothing was changed.",
            Self::Held => {
                "The roster is held until somebody says that it is meant; nothing was changed."
            }
            Self::Refused => "The roster was refused; nothing was changed.",
        }
    }
}

impl Report<'_> {
    /// A page without scripts and without anything from elsewhere, for screens light and dark and
    /// for paper.
    pub fn html(&self) -> String {
        page::write(self)
    }

    /// The problems as a CSV file in UTF-8 with a byte order mark, which spreadsheets want: severity,
    /// file, line, column, value, reason, remedy and code. No cell can be a formula.
    pub fn csv(&self) -> String {
        let mut bytes = Vec::new();
        // Writing into memory does not fail.
        let _ = self.write_rows(&mut bytes);
        format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
    }

    fn write_rows(&self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let mut sheet = Sheet::new(bytes);
        sheet.row(&["severity", "file", "line", "column", "value", "reason", "remedy", "code"])?;
        for (severity, listed) in [("refusal", self.refusals), ("warning", self.warnings)] {
            for problem in &listed.problems {
                sheet.row(&cells(severity, problem))?;
            }
            for ((file, fault), count) in unlisted(listed) {
                let reason = format!("and {count} more: {}", fault.reason());
                let cells = [severity, file, "", "", "", &reason, fault.remedy(), fault.code()];
                sheet.row(&cells.map(harmless))?;
            }
        }
        Ok(())
    }
}

fn cells(severity: &str, problem: &Problem) -> [String; 8] {
    let line = problem.line.map(|line| line.to_string());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        severity.to_owned(),
        problem.file.clone(),
        line.unwrap_or_default(),
        text(&problem.column),
        text(&problem.value),
        problem.reason.clone(),
        problem.remedy.clone(),
        problem.fault.code().to_owned(),
    ]
    .map(|cell| harmless(&cell))
}

/// The cell, with an apostrophe before what a spreadsheet would calculate.
fn harmless(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

/// How many problems of each kind in each file are counted and not listed.
fn unlisted(listed: &Listed) -> impl Iterator<Item = ((&str, crate::RosterFault), u64)> {
    listed.totals.iter().filter_map(|((file, fault), total)| {
        let is_of = |problem: &&Problem| problem.file == *file && problem.fault == *fault;
        let known = listed.problems.iter().filter(is_of).count() as u64;
        let rest = total.saturating_sub(known);
        (rest > 0).then_some(((file.as_str(), *fault), rest))
    })
}
