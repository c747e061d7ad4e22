//! `cargo xtask bench …`: builds the program and the driver, and hands over to the driver.

use anyhow::Result;

use crate::machine::{self, Need};
use crate::{npm, process, test, workspace};

/// Builds what is measured and what measures, then measures.
pub fn run(arguments: &[&str]) -> Result<bool> {
    test::built()?;
    let mut bench = process::command(workspace::program("bench"));
    bench.args(arguments);
    let wants_peer = arguments.first() == Some(&"login") && !arguments.contains(&"--help");
    let can_install = machine::lacking(&[Need::Node]).is_none();
    if let Some(node) = machine::node().filter(|_| wants_peer && can_install) {
        bench.arg("--node").arg(node);
        bench.arg("--peer").arg(npm::install("bench/peer", "peers/oidc-provider")?);
    }
    process::succeeds(&mut bench)
}
