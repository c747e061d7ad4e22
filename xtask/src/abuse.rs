//! `cargo xtask abuse`: the catalogue of requests that must be refused, played on both databases
//! (`crates/firstbell-server/tests/endpoints/abuse.rs`). The tests say themselves how many cases
//! they played and what came of them; here it is added up.

use std::cell::Cell;

use anyhow::Result;

use crate::machine::{self, Need};
use crate::process::{self, cargo};
use crate::report::{Outcome, Tally};

/// With fewer the catalogue is not whole.
const LEAST_CASES: u32 = 200;

/// How its tests are called.
pub const NAME: &str = "abuse::";

/// What a run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    cases: u32,
    refused: u32,
    changed: u32,
}

/// Plays the catalogue.
pub fn proof() -> Result<Outcome> {
    let mut tests = cargo(&[
        "test",
        "--release",
        // The same choice of features as in the other proofs: nothing is built twice.
        "--workspace",
        "--test",
        "endpoints",
        NAME,
        "--",
        "--nocapture",
    ]);
    let mut not_run = Vec::new();
    if let Some(reason) = machine::lacking(&[Need::Postgres]) {
        tests.env("FIRSTBELL_WITHOUT_POSTGRES", "1");
        not_run.push(format!("on PostgreSQL: {reason}"));
    }
    let whole = Cell::new(Count::default());
    let tests = process::counted(&mut tests, |line| {
        let Some(count) = counted(line) else {
            // A test that broke off has counted nothing.
            return Tally { passed: 0, ..process::rust_test_line(line) };
        };
        let sum = whole.get();
        whole.set(Count {
            cases: sum.cases + count.cases,
            refused: sum.refused + count.refused,
            changed: sum.changed + count.changed,
        });
        Tally { passed: count.refused, failed: 0, skipped: 0 }
    })?;
    let Count { cases, refused, changed } = whole.get();
    println!("\n{cases} cases, {refused} refused, {changed} changed");
    let mut tally = Tally { passed: refused, failed: (cases - refused) + changed, skipped: 0 };
    if cases < LEAST_CASES {
        eprintln!("{cases} cases are fewer than {LEAST_CASES}");
        tally.failed += 1;
    }
    if tally.failed == 0 {
        tally.failed = tests.failed;
    }
    Ok(Outcome { tally, not_run })
}

/// The count in a line of a group: `abuse A: 64 cases, 64 refused, 0 changed`.
fn counted(line: &str) -> Option<Count> {
    let (_, counts) = line.strip_prefix("abuse ")?.rsplit_once(": ")?;
    let mut numbers = counts.split(", ").map(|part| part.split(' ').next()?.parse().ok());
    let mut next = || numbers.next().flatten();
    Some(Count { cases: next()?, refused: next()?, changed: next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_group_is_counted() {
        let line = "abuse Y and Z over TCP: 35 cases, 34 refused, 1 changed";
        assert_eq!(counted(line), Some(Count { cases: 35, refused: 34, changed: 1 }));
        assert_eq!(counted("test abuse::d_grants ... ok"), None);
        assert_eq!(counted("abuse: nothing"), None);
    }
}
