//! Logins with a session while password logins wait: a storm of passwords must not be felt by those
//! who are logged in already.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

use crate::figures::median;
use crate::load::{Pace, Run, drive};
use crate::process::{Server, scratch};
use crate::server::{Firstbell, Student};
use crate::visitor::{Landing, Visitor};

const PEOPLE: usize = 32;
const RATE: u32 = 100;
const STUDENTS: usize = 2_000;

/// How many passwords were checked, and how many people were asked to wait.
#[derive(Debug, Default)]
struct Storm {
    checked: Cell<usize>,
    asked_to_wait: Cell<usize>,
    failed: Cell<usize>,
}

/// Runs rounds without and with the storm, in turn.
pub async fn run(waiting: usize, seconds: u64, rounds: usize) -> Result<()> {
    let firstbell = Rc::new(Firstbell::prepare(&scratch("passwords")?, STUDENTS)?);
    let server = Rc::new(firstbell.start().await?);
    let mut visitors = firstbell.visitors(&server, PEOPLE).await?;
    let limit = Duration::from_secs(seconds);
    let mut ratios = Vec::with_capacity(rounds);
    println!("{RATE} logins/s with a session; p99 from the moment each should have begun");
    for round in 1..=rounds {
        let calm = drive(&mut visitors, Pace::Open(RATE), limit).await?;
        let storm = Rc::new(Storm::default());
        let set = LocalSet::new();
        let end = Instant::now() + limit;
        let students = firstbell.students.iter().rev().take(waiting).cloned();
        for student in students {
            let (firstbell, server) = (Rc::clone(&firstbell), Rc::clone(&server));
            set.spawn_local(one(firstbell, server, student, Rc::clone(&storm), end));
        }
        let stormy = set.run_until(drive(&mut visitors, Pace::Open(RATE), limit)).await?;
        set.await;
        let ratio = stormy.latency.p99_ms / calm.latency.p99_ms;
        println!(
            "round {round}: without {}; with {waiting} waiting {}; ratio {ratio:.2}; \
             {} passwords checked, {} times asked to wait, {} failed",
            line(&calm),
            line(&stormy),
            storm.checked.get(),
            storm.asked_to_wait.get(),
            storm.failed.get(),
        );
        ensure!(storm.checked.get() > 0, "no password was checked: there was no storm");
        ratios.push(ratio);
    }
    println!("\np99 with / without, median of {rounds} rounds: {:.2}", median(&ratios));
    Ok(())
}

/// One person who logs in with a password, again and again, each time as if on a new device.
async fn one(
    firstbell: Rc<Firstbell>,
    server: Rc<Server>,
    student: Student,
    storm: Rc<Storm>,
    end: Instant,
) {
    let add = |counter: &Cell<usize>| counter.set(counter.get() + 1);
    while Instant::now() < end {
        match password_login(&firstbell, &server, &student).await {
            Ok(503 | 429) => {
                add(&storm.asked_to_wait);
                sleep(Duration::from_millis(200)).await;
            }
            Ok(200..=399) => add(&storm.checked),
            _ => {
                add(&storm.failed);
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

/// The status of the page that a password leads to.
async fn password_login(firstbell: &Firstbell, server: &Server, who: &Student) -> Result<u16> {
    let (mut visitor, page): (Visitor, _) = firstbell.at_sign_in(server).await?;
    Ok(match visitor.submit(&page, &who.fields()).await? {
        Landing::Application => 302,
        Landing::Page(page) => page.status,
    })
}

fn line(run: &Run) -> String {
    let (latency, errors) = (run.latency, run.errors);
    format!("p50 {:.1} p99 {:.1} ms ({errors} errors)", latency.p50_ms, latency.p99_ms)
}
