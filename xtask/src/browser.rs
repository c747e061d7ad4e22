//! `cargo xtask browser`: the demo in headless Chromium. The browser's part is in `xtask/browser`;
//! this starts the demo for it. Pictures of every page stay in `target/artefacts/browser`.

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
    node.arg(programs.join("main.mjs")).args([&told, &chromium, &artefacts]);
    Ok(Outcome::ran(process::counted(&mut node, proof_line)?))
}
