//! `cargo xtask test`: every proof there is, in order, and `fmt` and `lint` by themselves.

use anyhow::Result;

use crate::machine::{self, Need};
use crate::process::{self, cargo};
use crate::report::{Outcome, Report, Tally};
use crate::{abuse, browser, layers, peers, workspace};

const CLIPPY: &[&str] =
    &["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"];

const BUILD: &[&str] = &["build", "--release", "--workspace"];

/// Runs everything; true when nothing failed.
pub fn everything(may_install: bool) -> Result<bool> {
    machine::provide(&Need::ALL, may_install)?;
    let mut report = Report::default();
    report.run("format", || command(&["fmt", "--all", "--check"]));
    report.run("clippy", || command(CLIPPY));
    report.run("layers", layers::proof);
    report.run("deny", deny);
    let built = report.run("build", || command(BUILD));
    report.run("rust tests", rust_tests);
    report.run("abuse", abuse::proof);
    if built {
        report.run("demo --walk", walk);
        report.run("browser", || browser::proof(may_install));
        report.run("peers", || peers::proof(may_install));
        report.run("two nodes under kills", histories);
    } else {
        for name in ["demo --walk", "browser", "peers", "two nodes under kills"] {
            report.run(name, || Ok(Outcome::not_run("the build failed")));
        }
    }
    Ok(report.close())
}

/// Rewrites the sources in the one format.
pub fn format() -> Result<bool> {
    process::succeeds(&mut cargo(&["fmt", "--all"]))
}

/// Clippy on everything.
pub fn lint() -> Result<bool> {
    process::succeeds(&mut cargo(CLIPPY))
}

/// Builds everything, as the proofs use the programs.
pub fn built() -> Result<()> {
    process::must(&mut cargo(BUILD))
}

fn command(arguments: &[&str]) -> Result<Outcome> {
    Ok(Outcome::one(process::succeeds(&mut cargo(arguments))?))
}

fn deny() -> Result<Outcome> {
    if !process::works("cargo-deny", &["--version"]) {
        return Ok(Outcome::not_run("cargo-deny is not installed"));
    }
    command(&["deny", "--offline", "check", "bans", "licenses", "sources"])
}

fn rust_tests() -> Result<Outcome> {
    // The catalogue of abuse is a proof of its own.
    let mut tests =
        cargo(&["test", "--release", "--workspace", "--no-fail-fast", "--", "--skip", abuse::NAME]);
    let mut not_run = Vec::new();
    if let Some(reason) = machine::lacking(&[Need::Postgres]) {
        tests.env("FIRSTBELL_WITHOUT_POSTGRES", "1");
        not_run.push(format!("on PostgreSQL: {reason}"));
    }
    let tally = process::counted(&mut tests, process::rust_test_line)?;
    Ok(Outcome { tally, not_run })
}

/// A short history of two nodes on one database; `cargo xtask bench nodes` writes a long one.
fn histories() -> Result<Outcome> {
    if let Some(reason) = machine::lacking(&[Need::Postgres]) {
        return Ok(Outcome::not_run(reason));
    }
    let mut bench = process::command(workspace::program("bench"));
    bench.args(["nodes", "--seconds", "20"]);
    Ok(Outcome::ran(process::counted(&mut bench, process::proof_line)?))
}

fn walk() -> Result<Outcome> {
    // The tests left the program as they build it; what follows uses it as everybody builds it.
    built()?;
    let data = workspace::empty_scratch("proof/walk")?;
    let mut walk = process::command(workspace::program("firstbell"));
    walk.args(["demo", "--walk", "--fresh", "--data"]).arg(&data);
    let held = process::succeeds(&mut walk)?;
    Ok(Outcome::ran(if held { Tally::HELD } else { Tally::BROKEN }))
}
