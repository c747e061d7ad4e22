//! A private PostgreSQL, and what it costs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::process::family_cpu_seconds;

// The store's own tests start their server with this file. To depend on the store for it would put
// what is for tests into every build of the workspace.
#[expect(dead_code, reason = "the tests of the store use more of it")]
#[path = "../../../crates/firstbell-store/src/testing/cluster.rs"]
mod cluster;

/// Room in the log for an import, so that nobody who commits waits for more to be made.
const ADVISED: [(&str, &str); 2] = [("min_wal_size", "2GB"), ("max_wal_size", "4GB")];

/// A server with an empty database. It ends with this value.
pub struct Postgres {
    cluster: cluster::Cluster,
    directory: PathBuf,
    /// Where the database is.
    pub url: String,
}

impl Postgres {
    /// Makes it and starts it, with the settings that `docs/operate/configuration.md` advises.
    pub fn start() -> Result<Self> {
        let cluster = cluster::Cluster::start_with(&ADVISED)?;
        let parameters = cluster.url();
        let directory = parameters.split_whitespace().find_map(|word| word.strip_prefix("host="));
        let directory = directory.context("the cluster has no directory")?;
        let directory = PathBuf::from(directory);
        let url = url(&directory, "postgres");
        Ok(Self { cluster, directory, url })
    }

    /// A further database of the server, and where it is.
    pub fn another(&self, name: &str) -> Result<String> {
        self.cluster.create_database(name)?;
        Ok(url(&self.directory, name))
    }

    /// Does now what PostgreSQL does by itself some time after an import, so that it falls into nothing
    /// that is measured later. Its log has the room of what was written before to write in anew.
    pub fn settle(&self) -> Result<()> {
        std::thread::scope(|scope| {
            let settled = scope.spawn(|| {
                let mut client = postgres::Client::connect(&self.url, postgres::NoTls)?;
                client.batch_execute("VACUUM ANALYZE")?;
                Ok(client.batch_execute("CHECKPOINT")?)
            });
            settled.join().unwrap_or_else(|_| Err(anyhow!("a thread that settles panicked")))
        })
    }

    /// CPU time of all its processes so far, in seconds.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let file = self.directory.join("data/postmaster.pid");
        let text = std::fs::read_to_string(file)?;
        let postmaster = text.lines().next().context("an empty postmaster.pid")?.trim().parse()?;
        family_cpu_seconds(postmaster)
    }
}

fn url(directory: &Path, database: &str) -> String {
    format!("postgres:///{database}?host={}&user=firstbell", directory.display())
}
