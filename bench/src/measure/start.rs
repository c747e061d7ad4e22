//! How long a start takes with the large sandbox stored: from the spawn to the first 200.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::figures::median;
use crate::http::{Ask, Connection};
use crate::process::{Server, scratch};
use crate::server::Firstbell;

const STARTS: usize = 11;

/// Starts the server again and again.
pub async fn run(students: usize) -> Result<()> {
    let firstbell = Firstbell::prepare(&scratch("start")?, students)?;
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let begun = Instant::now();
        let server = firstbell.spawn()?;
        ready(&server, begun).await?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        server.kill()?;
    }
    let slowest = times.iter().copied().fold(0.0, f64::max);
    let (first, middle) = (times[0], median(&times));
    println!("start to /readyz 200 with {students} students stored, {STARTS} starts:");
    println!("median {middle:.0} ms, slowest {slowest:.0} ms, first {first:.0} ms");
    Ok(())
}

/// Waits until `/readyz` answers 200.
pub async fn ready(server: &Server, begun: Instant) -> Result<()> {
    loop {
        let ask = Ask { path: "/readyz", ..Ask::default() };
        let answer = Connection::to(server.address).send(&ask).await;
        if answer.is_ok_and(|reply| reply.status == 200) {
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_secs(30), "not ready: {}", server.log.display());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
