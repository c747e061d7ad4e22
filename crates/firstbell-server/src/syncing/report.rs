//! What a run found: how many records of each kind come, change, leave and stay, whose id changes
//! and why, and every row with which something is wrong. It is recorded with the run as JSON, and
//! printed from there: [`csv`] and [`html`] are for the data office, which sends the rows back to
//! where they came from. It quotes the roster, so it belongs in no log.

pub mod csv;
pub mod html;

use std::fmt;

use firstbell_roster::{
    IdentityReason, Listed, MOST_LISTED, Problem, Rejected, RosterFault, Summary, SummaryKind,
};
use serde::{Deserialize, Serialize};

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// By kind, as they are printed; empty where the files are no roster.
    pub kinds: Vec<Kind>,
    /// People whose id changes, up to [`MOST_LISTED`] of them.
    pub identity_changes: Vec<IdentityChange>,
    /// How many there are.
    pub identity_changes_total: usize,
    /// What looks like a slip, a sentence each.
    pub slips: Vec<String>,
    /// How many passwords the roster brings.
    pub passwords: usize,
    /// What keeps the roster out.
    pub refusals: Problems,
    /// What somebody should know.
    pub warnings: Problems,
}

/// What happens to the records of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// The plural, as people say it.
    pub name: String,
    /// How many are new.
    pub added: usize,
    /// How many change.
    pub changed: usize,
    /// How many leave.
    pub removed: usize,
    /// How many stay as they are.
    pub unchanged: usize,
    /// Some of the new ones.
    pub added_examples: Vec<String>,
    /// Some of those that change.
    pub changed_examples: Vec<String>,
    /// Some of those that leave.
    pub removed_examples: Vec<String>,
}

/// A role whose person has another id from now on: applications that know the old one take the
/// person for somebody new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityChange {
    /// Which role.
    pub role: String,
    /// Its id in the student information system.
    pub sis_id: String,
    /// The person's name.
    pub name: String,
    /// The person's id so far.
    pub from: String,
    /// The person's id from now on.
    pub to: String,
    /// Why.
    pub why: String,
}

/// Rows with which something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problems {
    /// The first of them, in the order in which they were met; at most [`MOST_LISTED`].
    pub listed: Vec<Row>,
    /// Those that are only counted.
    pub unlisted: Vec<Unlisted>,
    /// How many there are, listed or not.
    pub total: u64,
}

/// Problems of one kind in one file that are not listed one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlisted {
    /// The file.
    pub file: String,
    /// How many.
    pub count: u64,
    /// Why this is wrong.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
    /// The stable code of it.
    pub code: String,
}

/// A row with which something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The file.
    pub file: String,
    /// The line of the file, counted from 1.
    pub line: Option<u64>,
    /// The column, as the header writes it.
    pub column: Option<String>,
    /// The value, shortened; never a password.
    pub value: Option<String>,
    /// Why this is wrong.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
    /// The stable code of it.
    pub code: String,
}

impl Report {
    /// The report of a plan.
    pub fn of_plan(summary: &Summary, warnings: &Listed) -> Self {
        let changes = summary.identity_changes.iter().take(MOST_LISTED);
        Self {
            kinds: SummaryKind::ALL.into_iter().map(|kind| of_kind(summary, kind)).collect(),
            identity_changes: changes.map(identity_change).collect(),
            identity_changes_total: summary.identity_changes.len(),
            slips: summary.slips(),
            passwords: summary.passwords,
            refusals: Problems::default(),
            warnings: Problems::of(warnings),
        }
    }

    /// The report of files that are no roster.
    pub fn of_rejected(rejected: &Rejected) -> Self {
        let refusals = Problems::of(&rejected.refusals);
        Self { refusals, warnings: Problems::of(&rejected.warnings), ..Self::default() }
    }

    /// The report of files that were not even read.
    pub fn of_fault(fault: RosterFault, file: &str) -> Self {
        let row = Row {
            file: file.to_owned(),
            line: None,
            column: None,
            value: None,
            reason: fault.reason().to_owned(),
            remedy: fault.remedy().to_owned(),
            code: fault.code().to_owned(),
        };
        Self {
            refusals: Problems { listed: vec![row], unlisted: Vec::new(), total: 1 },
            ..Self::default()
        }
    }

    /// The report that was recorded.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The two lists of rows, each under its title.
    pub fn sections(&self) -> [(&'static str, &Problems); 2] {
        [
            ("Refused rows: nothing is imported until these are mended", &self.refusals),
            ("Warnings", &self.warnings),
        ]
    }

    /// As it is recorded.
    pub fn written(&self) -> String {
        // Texts and numbers alone: there is nothing in it that could not be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn of_kind(summary: &Summary, kind: SummaryKind) -> Kind {
    let tally = summary.tally(kind);
    Kind {
        name: kind.plural().to_owned(),
        added: tally.added,
        changed: tally.changed,
        removed: tally.removed,
        unchanged: tally.unchanged,
        added_examples: tally.added_examples,
        changed_examples: tally.changed_examples,
        removed_examples: tally.removed_examples,
    }
}

fn identity_change(change: &firstbell_roster::IdentityChange) -> IdentityChange {
    let why = match change.reason {
        IdentityReason::Joined => "now has the email of another record and is one person with it",
        IdentityReason::Parted => "no longer has the email of the other records of this person",
        IdentityReason::Returned => "was held by another person in that version",
    };
    IdentityChange {
        role: change.role.name().to_owned(),
        sis_id: change.sis_id.clone(),
        name: change.name.clone(),
        from: change.from.to_string(),
        to: change.to.to_string(),
        why: why.to_owned(),
    }
}

impl Problems {
    fn of(listed: &Listed) -> Self {
        let counted = listed.totals.iter().filter_map(|((file, fault), total)| {
            let is_of = |problem: &&Problem| problem.file == *file && problem.fault == *fault;
            let count = total.saturating_sub(listed.problems.iter().filter(is_of).count() as u64);
            (count > 0).then(|| Unlisted {
                file: file.clone(),
                count,
                reason: fault.reason().to_owned(),
                remedy: fault.remedy().to_owned(),
                code: fault.code().to_owned(),
            })
        });
        Self {
            listed: listed.problems.iter().map(Row::of).collect(),
            unlisted: counted.collect(),
            total: listed.total(),
        }
    }
}

impl Row {
    fn of(problem: &Problem) -> Self {
        Self {
            file: problem.file.clone(),
            line: problem.line,
            column: problem.column.clone(),
            value: problem.value.clone(),
            reason: problem.reason.clone(),
            remedy: problem.remedy.clone(),
            code: problem.fault.code().to_owned(),
        }
    }
}

/// In lines, as a terminal shows it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for kind in &self.kinds {
            let Kind { name, added, changed, removed, unchanged, .. } = kind;
            writeln!(
                f,
                "{name:<24}{added} new, {changed} changed, {removed} removed, {unchanged} unchanged"
            )?;
            for (sign, count, examples) in kind.examples() {
                for example in examples {
                    writeln!(f, "    {sign} {example}")?;
                }
                if !examples.is_empty() && count > examples.len() {
                    writeln!(f, "    {sign} … and {} more", count - examples.len())?;
                }
            }
        }
        for change in &self.identity_changes {
            writeln!(f, "! {change}")?;
        }
        let unlisted = self.identity_changes_total.saturating_sub(self.identity_changes.len());
        if unlisted > 0 {
            writeln!(f, "! … and the ids of {unlisted} more change")?;
        }
        self.slips.iter().try_for_each(|slip| writeln!(f, "! {slip}"))?;
        for (what, problems) in [("refusals", &self.refusals), ("warnings", &self.warnings)] {
            if problems.total > 0 {
                writeln!(f, "{} {what}:", problems.total)?;
            }
            problems.listed.iter().try_for_each(|row| writeln!(f, "  {row}"))?;
            problems.unlisted.iter().try_for_each(|rest| writeln!(f, "  {rest}"))?;
        }
        Ok(())
    }
}

impl Kind {
    fn examples(&self) -> [(char, usize, &[String]); 3] {
        [
            ('+', self.added, &self.added_examples),
            ('~', self.changed, &self.changed_examples),
            ('-', self.removed, &self.removed_examples),
        ]
    }
}

impl fmt::Display for IdentityChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { role, sis_id, name, from, to, why } = self;
        write!(f, "{name} ({role} {sis_id}) {why}: id {from} becomes {to}")
    }
}

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, count, reason, remedy, code } = self;
        write!(f, "{file}: and {count} more: {reason}. To do: {remedy}. [{code}]")
    }
}

impl fmt::Display for Row {
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
        write!(f, ": {}. To do: {}. [{}]", self.reason, self.remedy, self.code)
    }
}

#[cfg(test)]
mod tests;
