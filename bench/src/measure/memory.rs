//! Resident memory: idle with an empty store, idle with the large sandbox, and under load.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::start::ready;
use crate::load::{Pace, drive};
use crate::process::scratch;
use crate::server::Firstbell;

const PEOPLE: usize = 32;
const IDLE: Duration = Duration::from_secs(2);
const LOAD: Duration = Duration::from_secs(15);

/// Looks at the server in each of the three states.
pub async fn run(students: usize) -> Result<()> {
    let empty = Firstbell::empty(&scratch("memory-empty")?)?;
    let server = empty.spawn()?;
    ready(&server, Instant::now()).await?;
    tokio::time::sleep(IDLE).await;
    println!("idle, nothing stored: {:.1} MB resident", server.resident_mib()?);
    drop(server);

    let large = Firstbell::prepare(&scratch("memory-large")?, students)?;
    let server = large.spawn()?;
    ready(&server, Instant::now()).await?;
    tokio::time::sleep(IDLE).await;
    println!("idle, {students} students stored: {:.1} MB resident", server.resident_mib()?);

    let mut visitors = large.visitors(&server, PEOPLE).await?;
    println!("after {PEOPLE} password logins: {:.1} MB resident", server.resident_mib()?);
    let run = drive(&mut visitors, Pace::Closed, LOAD).await?;
    println!(
        "under load, {} logins in {:.0} s, {} errors: {:.1} MB resident, {:.1} MB at most",
        run.logins,
        run.seconds,
        run.errors,
        server.resident_mib()?,
        server.peak_mib()?,
    );
    Ok(())
}
