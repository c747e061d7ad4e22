//! `cargo xtask browser`: the demo in headless Chromium. The browser's part is in `xtask/browser`;
//! this starts the demo for it, and has the server's tests write every sample page. Pictures of every page stay in `target/artefacts/browser`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::machine::{self, Need};
use crate::process::{self, Background, proof_line};
use crate::report::Outcome;
use crate::{npm, workspace};

const NEEDS: [Need; 2] = [Need::Chromium, Need::Node];

/// Runs it.
pub fn proof(may_install: bool) -> Result<Outcome> {
    machine::provide(&NEEDS, may_install)?;
    if let Some(reason) = machine::lacking(&NEEDS) {
        return Ok(Outcome::not_run(reason));
    }
    let programs = npm::install("xtask/browser", "peers/browser")?;
    let folder = workspace::empty_scratch("proof/browser")?;
    let artefacts = workspace::empty_scratch("artefacts/browser")?;
    let samples = workspace::empty_scratch("proof/browser/samples")?;
    write_samples(&samples)?;
    let told = folder.join("demo.json");
    let mut demo = process::command(workspace::program("firstbell"));
    demo.args(["demo", "--fresh", "--data"]).arg(folder.join("data"));
    demo.arg("--json-file").arg(&told);
    let mut demo = Background::start(&mut demo, &folder.join("demo.log"))?;
    // The file is whole once it is JSON.
    let whole = || serde_json::from_slice::<serde_json::Value>(&std::fs::read(&told).ok()?).ok();
    demo.wait_for(Duration::from_mins(1), whole)?;
    let chromium = machine::chromium().context("Chromium went away")?;
    let mut node = process::command(machine::node().context("Node.js went away")?);
    node.arg(programs.join("main.mjs")).args([&told, &chromium, &artefacts, &samples]);
    Ok(Outcome::ran(process::counted(&mut node, proof_line)?))
}

/// Has a test of the server write its sample pages. All libraries are named, so that what
/// `cargo xtask test` has built is used as it is.
fn write_samples(folder: &Path) -> Result<()> {
    const WRITER: &str = "reply::page::tests::the_pages_can_be_looked_at";
    let arguments = ["test", "--release", "--workspace", "--lib", "--quiet", "--", "--exact"];
    let mut tests = process::cargo(&arguments);
    process::must(tests.arg(WRITER).env("FIRSTBELL_PAGES_DIR", folder))
}
