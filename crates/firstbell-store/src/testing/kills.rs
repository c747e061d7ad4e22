//! Killing a process while it writes, and counting what it had acknowledged and is not there.
//! The process is `store-scribe`, a program of this crate.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use firstbell_core::secret::SecretHash;

use super::Dice;
use crate::error::OpenError;
use crate::store::{Backend, Store};

/// What came of the kills.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// How often the process was killed.
    pub kills: u32,
    /// Tokens whose writing it had acknowledged.
    pub acknowledged: u64,
    /// Those of them that were not there afterwards.
    pub lost: u64,
}

/// Why the kills came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum KillError {
    /// The process could not be started, killed or heard.
    #[error("the scribe cannot be run")]
    Io(#[from] std::io::Error),
    /// The store could not be opened or asked.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The process ended by itself.
    #[error("the scribe said what is no acknowledgement: {0:?}")]
    Babble(String),
}

/// Starts `scribe` on a migrated store and kills it at a random moment, `kills` times. Each time,
/// every token that it had acknowledged is looked for.
///
/// # Errors
/// See [`KillError`]. A lost token is no error: it is in the report.
pub fn kill_often(
    scribe: &Path,
    backend: &Backend,
    kills: u32,
    seed: u64,
) -> Result<Report, KillError> {
    let mut dice = Dice::new(seed);
    let mut report = Report::default();
    for _ in 0..kills {
        let life = Duration::from_millis(20 + dice.below(250));
        let heard = write_until_killed(scribe, backend, dice.roll(), life)?;
        report.kills += 1;
        report.acknowledged += heard.len() as u64;
        report.lost += missing(backend, heard)?;
    }
    Ok(report)
}

fn write_until_killed(
    scribe: &Path,
    backend: &Backend,
    seed: u64,
    life: Duration,
) -> Result<Vec<SecretHash>, KillError> {
    let mut command = Command::new(scribe);
    match backend {
        Backend::Sqlite { path } => command.arg("sqlite").arg(path),
        Backend::Postgres { url, .. } => command.arg("postgres").arg(url),
    };
    let mut child =
        command.arg(seed.to_string()).stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut lines = child.stdout.take().map(BufReader::new).into_iter().flat_map(BufReader::lines);
    // Its life begins with its first word, else a slow machine would kill it unborn.
    let mut heard = vec![lines.next().transpose()?.unwrap_or_default()];
    let listening = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
    std::thread::sleep(life);
    child.kill()?;
    child.wait()?;
    heard.extend(listening.join().unwrap_or_default());
    // The last line may be torn: then nobody has heard it.
    let torn = heard.last().is_some_and(|line| line.len() < 64);
    heard.truncate(heard.len() - usize::from(torn && heard.len() > 1));
    heard.iter().map(|line| hash(line).ok_or_else(|| KillError::Babble(line.clone()))).collect()
}

fn missing(backend: &Backend, heard: Vec<SecretHash>) -> Result<u64, KillError> {
    let store = Store::open(backend.clone())?;
    let found = store.read_blocking(move |tx| {
        let mut found = HashMap::new();
        for hash in &heard {
            found.insert(*hash.as_bytes(), tx.token_owner(hash)?.is_some());
        }
        Ok::<_, OpenError>(found)
    })?;
    Ok(found.values().filter(|is_there| !**is_there).count() as u64)
}

/// Reads what the scribe printed.
fn hash(line: &str) -> Option<SecretHash> {
    let mut bytes = [0; 32];
    if line.len() != 64 || !line.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&line[at..at + 2], 16).ok()?;
    }
    Some(SecretHash::from_bytes(bytes))
}
