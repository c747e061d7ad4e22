//! Two nodes on one PostgreSQL, driven and killed; the history is recorded and then checked.
//!
//! 1. [`people`] log in, race for their codes with two to four redemptions on both nodes at the same
//!    moment, read with their tokens, sign out, and try what must not work.
//! 2. [`administrator`] suspends people and lets them in again, withdraws connections and makes them
//!    again, and looks when the nodes know.
//! 3. [`killer`] kills a node, or both, with `kill -9` and starts it again.
//! 4. [`stored`] reads what the database holds when all is quiet.
//! 5. [`crate::history::check`] decides.

mod administrator;
mod asks;
mod killer;
mod people;
mod stored;
mod world;

use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep};

use crate::Nodes as Options;
use crate::figures::Latency;
use crate::history::{self, Event, check};
use crate::process::scratch;
use crate::server::Nodes;
use world::World;

/// Students of each district's roster.
const ROSTER: usize = 200;

/// So many lines of a breach are printed.
const BREACHES_SHOWN: usize = 5;

/// Drives the nodes, unless the history of an earlier run is given, and checks the history.
pub async fn run(options: &Options) -> Result<()> {
    let stale = check::Stale(options.stale * 1_000);
    if let Some(file) = &options.check {
        return judge(&history::read(file)?, stale, file);
    }
    let folder = scratch("nodes")?;
    let file = folder.join("history.jsonl");
    let nodes = Nodes::prepare(&folder, ROSTER)?;
    LocalSet::new().run_until(drive(nodes, &file, options)).await?;
    judge(&history::read(&file)?, stale, &file)
}

async fn drive(nodes: Nodes, file: &Path, options: &Options) -> Result<()> {
    let world = Rc::new(World::new(nodes, file, options.people)?);
    administrator::furnish(&world).await?;
    let servers = killer::start(&world).await?;
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for pupil in &world.people {
        tasks.spawn_local(people::live(Rc::clone(&world), Rc::clone(pupil)));
    }
    tasks.spawn_local(administrator::suspend(Rc::clone(&world)));
    tasks.spawn_local(administrator::withdraw(Rc::clone(&world)));
    let pause = Duration::from_millis(options.kill_every);
    let killing = tokio::task::spawn_local(killer::kill(Rc::clone(&world), servers, pause));

    let limit = Duration::from_secs(options.seconds);
    let mut told = Instant::now();
    while world.raced() < options.redemptions && begun.elapsed() < limit && !killing.is_finished() {
        sleep(Duration::from_millis(100)).await;
        if told.elapsed() > Duration::from_secs(30) {
            told = Instant::now();
            println!("{:>6.0} s: {}", begun.elapsed().as_secs_f64(), world.line());
        }
        while let Some(ended) = tasks.try_join_next() {
            ended??;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    world.stop_killing();
    let servers = killing.await??;
    world.stop();
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    administrator::leave_some_suspended(&world).await?;
    world.record_stored(stored::read(&world).await?)?;
    drop(servers);

    println!("{seconds:.0} s: {}", world.line());
    println!("{:.0} raced redemptions a second", world.raced_as_float() / seconds);
    for (what, late) in world.lateness() {
        let Latency { p50_ms, p99_ms, max_ms } = Latency::of(late.clone());
        println!(
            "{what}, acknowledged to first refusal on the other node: \
             p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms, slowest {max_ms:.1} ms ({} times)",
            late.len()
        );
    }
    world.close()
}

/// Prints what the checker says; fails when a promise was broken.
fn judge(events: &[Event], stale: check::Stale, file: &Path) -> Result<()> {
    println!("{} lines in {}", events.len(), file.display());
    let verdicts = check::all(events, stale);
    let mut broken = 0;
    for verdict in &verdicts {
        let held = verdict.breaches.is_empty();
        let mark = if held { "ok" } else { "not ok" };
        println!(
            "{mark} - {}: {} ({} looked at, {} breaches)",
            verdict.name,
            verdict.promise,
            verdict.looked_at,
            verdict.breaches.len()
        );
        broken += verdict.breaches.len();
        for breach in verdict.breaches.iter().take(BREACHES_SHOWN) {
            println!("    {}", breach.why);
            for at in &breach.events {
                println!("      line {}: {}", at + 1, serde_json::to_string(&events[*at])?);
            }
        }
        if verdict.breaches.len() > BREACHES_SHOWN {
            println!("    and {} more", verdict.breaches.len() - BREACHES_SHOWN);
        }
    }
    ensure!(broken == 0, "{broken} breaches");
    Ok(())
}
