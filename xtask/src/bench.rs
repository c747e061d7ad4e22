//! `cargo xtask bench …`: builds the program and the driver, and hands over to the driver.

use anyhow::Result;

use crate::machine::{self, Need};
use crate::{npm, process, workspace};

/// Builds what is measured and what measures, then measures.
pub fn run(arguments: &[&str]) -> Result<bool> {
    process::must(&mut process::cargo(&["build", "--release", "--workspace"]))?;
    let mut bench = process::command(workspace::program("bench"));
    bench.args(arguments);
    if arguments.first() == Some(&"login") && !arguments.contains(&"--help") {
        if let Some(reason) = machine::lacking(&[Need::Node]) {
            eprintln!("oidc-provider is left out: {reason}");
        } else {
            bench.arg("--peer").arg(npm::install("bench/peer", "peers/oidc-provider")?);
        }
    }
    process::succeeds(&mut bench)
}
