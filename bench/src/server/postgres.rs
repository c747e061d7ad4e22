//! A private PostgreSQL, and what it costs.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process::family_cpu_seconds;

// The store's own tests start their server with this file. To depend on the store for it would put
// what is for tests into every build of the workspace.
#[expect(dead_code, reason = "the tests of the store use more of it")]
#[path = "../../../crates/firstbell-store/src/testing/cluster.rs"]
mod cluster;

/// A server with an empty database. It ends with this value.
pub struct Postgres {
    _cluster: cluster::Cluster,
    directory: PathBuf,
    /// Where the database is.
    pub url: String,
}

impl Postgres {
    /// Makes it and starts it.
    pub fn start() -> Result<Self> {
        let cluster = cluster::Cluster::start()?;
        let parameters = cluster.url();
        let directory = parameters.split_whitespace().find_map(|word| word.strip_prefix("host="));
        let directory = directory.context("the cluster has no directory")?;
        let url = format!("postgres:///postgres?host={directory}&user=firstbell");
        let directory = PathBuf::from(directory);
        Ok(Self { _cluster: cluster, directory, url })
    }

    /// CPU time of all its processes so far, in seconds.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let file = self.directory.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file)?;
        let postmaster = text.lines().next().context("an empty postmaster.pid")?.trim().parse()?;
        family_cpu_seconds(postmaster)
    }
}
