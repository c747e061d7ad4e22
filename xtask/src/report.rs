//! What came of a proof, and how a run of proofs is told: a table, the counts on a plain line, and
//! one closing line that names every proof that did not run.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How many checks held and how many did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Checks that held.
    pub passed: u32,
    /// Checks that did not.
    pub failed: u32,
    /// Checks that were there and were not made.
    pub skipped: u32,
}

impl Tally {
    /// One check that held.
    pub const HELD: Self = Self { passed: 1, failed: 0, skipped: 0 };
    /// One check that did not.
    pub const BROKEN: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(to, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// What a proof came to.
#[derive(Debug)]
pub struct Outcome {
    /// Its checks.
    pub tally: Tally,
    /// The parts that did not run, each with its reason.
    pub not_run: Vec<String>,
}

impl Outcome {
    /// A proof that ran whole.
    pub fn ran(tally: Tally) -> Self {
        Self { tally, not_run: Vec::new() }
    }

    /// A proof that could not run at all.
    pub fn not_run(reason: impl Into<String>) -> Self {
        Self { tally: Tally::default(), not_run: vec![reason.into()] }
    }

    /// A proof that is one command: it held, or it did not.
    pub fn one(held: bool) -> Self {
        Self::ran(if held { Tally::HELD } else { Tally::BROKEN })
    }

    fn word(&self) -> &'static str {
        if self.tally.failed > 0 {
            "FAILED"
        } else if self.not_run.is_empty() {
            "ok"
        } else if self.tally.passed > 0 {
            "in part"
        } else {
            "not run"
        }
    }
}

/// The proofs of one run, in the order in which they ran.
#[derive(Debug, Default)]
pub struct Report {
    rows: Vec<(String, Outcome, Duration)>,
}

impl Report {
    /// Runs one proof under a heading. A proof that breaks off is a failed one; the others go on.
    pub fn run(&mut self, name: &str, proof: impl FnOnce() -> Result<Outcome>) -> bool {
        println!("\n==> {name}");
        let begun = Instant::now();
        let outcome = proof().unwrap_or_else(|error| {
            eprintln!("{name}: {error:#}");
            Outcome::ran(Tally::BROKEN)
        });
        let held = outcome.tally.failed == 0;
        self.rows.push((name.to_owned(), outcome, begun.elapsed()));
        held
    }

    /// Prints the table, the counts and the closing line; true when nothing failed.
    pub fn close(&self) -> bool {
        let total = self.rows.iter().fold(Tally::default(), |sum, row| sum.and(row.1.tally));
        println!("\n{:<28} {:>8} {:>10}  checks", "proof", "outcome", "seconds");
        for (name, outcome, took) in &self.rows {
            let word = outcome.word();
            println!("{name:<28} {word:>8} {:>10.1}  {}", took.as_secs_f64(), outcome.tally);
        }
        let whole: f64 = self.rows.iter().map(|row| row.2.as_secs_f64()).sum();
        println!("{:<28} {:>8} {whole:>10.1}", "together", "");
        println!("\n{total}");
        println!("{}", self.closing_line());
        total.failed == 0
    }

    fn closing_line(&self) -> String {
        let missing: Vec<String> = self
            .rows
            .iter()
            .flat_map(|(name, outcome, _)| {
                outcome.not_run.iter().map(move |reason| format!("{name} ({reason})"))
            })
            .collect();
        if missing.is_empty() {
            "Every proof ran.".to_owned()
        } else {
            format!("Did not run: {}.", missing.join("; "))
        }
    }
}

/// Closes a run that is one proof.
pub fn alone(outcome: Result<Outcome>) -> Result<bool> {
    let outcome = outcome?;
    println!("\n{}", outcome.tally);
    for reason in &outcome.not_run {
        println!("Did not run: {reason}.");
    }
    Ok(outcome.tally.failed == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_names_each_proof_that_did_not_run_and_why() {
        let mut report = Report::default();
        report.run("layers", || Ok(Outcome::one(true)));
        assert_eq!(report.closing_line(), "Every proof ran.");
        report.run("browser", || Ok(Outcome::not_run("no chromium")));
        report.run("peers", || {
            Ok(Outcome { tally: Tally::HELD, not_run: vec!["allauth: no unshare".to_owned()] })
        });
        assert_eq!(
            report.closing_line(),
            "Did not run: browser (no chromium); peers (allauth: no unshare)."
        );
        assert!(report.close());
    }

    #[test]
    fn a_proof_that_breaks_off_is_a_failed_one() {
        let mut report = Report::default();
        assert!(!report.run("layers", || anyhow::bail!("no such file")));
        assert!(!report.close());
    }
}
