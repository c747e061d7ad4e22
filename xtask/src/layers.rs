//! `cargo xtask layers`: the house rules that a compiler does not know.
//!
//! 1. [`manifests`]: who may depend on whom, and which foreign crates a pure room must not name.
//! 2. [`sources`]: no SQL outside the rooms that own a database, no clock and no randomness away
//!    from the rim, no `mod.rs`; files that grow too long are warned about.
//! 3. [`faces`]: every error code has its section in the documents and its text in each language.
//! 4. [`promises`]: the tests that `docs/compatibility.md` names exist.

mod faces;
mod manifests;
mod promises;
mod sources;

use anyhow::{Context, Result};

use crate::report::{Outcome, Tally};
use crate::{process, workspace};

/// Checks the tree and says what it found.
pub fn proof() -> Result<Outcome> {
    let metadata = process::output(&mut process::cargo(&[
        "metadata",
        "--format-version=1",
        "--no-deps",
        "--offline",
    ]))?;
    let packages = manifests::read(&metadata).context("cargo metadata")?;
    let files = sources::read(&workspace::root())?;
    let rules = [
        ("rooms depend only on the rooms below them", manifests::dependencies(&packages)),
        ("pure rooms name no crate that does IO", manifests::forbidden_crates(&packages)),
        ("SQL is written only where a database is owned", sources::sql(&files)),
        ("time and randomness enter at the rim", sources::ambient(&files)),
        ("modules live beside their folder", sources::module_files(&files)),
        ("every error code is documented and translated", faces::check(&workspace::root())?),
        ("every promise names a test that exists", promises::check(&workspace::root(), &files)?),
    ];
    let mut tally = Tally::default();
    for (rule, breaches) in rules {
        let held = breaches.is_empty();
        println!("{} - {rule}", if held { "ok" } else { "not ok" });
        for breach in breaches {
            println!("    {breach}");
        }
        tally = tally.and(if held { Tally::HELD } else { Tally::BROKEN });
    }
    for warning in sources::long_files(&files) {
        println!("warning: {warning}");
    }
    Ok(Outcome::ran(tally))
}
