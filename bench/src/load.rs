//! Two ways to drive a server with people who each have a session.
//!
//! The **closed loop** begins a login when the one before has ended: it finds how many logins a
//! server makes. The **open loop** begins logins by the clock, as a school does at the first bell,
//! and measures each from the moment at which it should have begun: a server that stalls is charged
//! for everybody who waited.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};

use crate::figures::Latency;
use crate::visitor::Visitor;

/// What came of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Logins that went through.
    pub logins: usize,
    /// Logins that did not.
    pub errors: usize,
    /// The first error.
    pub first_error: Option<String>,
    /// From the beginning to the end of the last login, in seconds.
    pub seconds: f64,
    /// How long the logins took.
    pub latency: Latency,
}

/// When logins begin.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    /// Each when the one before has ended.
    Closed,
    /// So many a second.
    Open(u32),
}

#[derive(Default)]
struct Tally {
    latencies: RefCell<Vec<Duration>>,
    errors: Cell<usize>,
    first_error: RefCell<Option<String>>,
    begun: Cell<u32>,
}

/// Drives a server for a time.
pub async fn drive(visitors: &mut Vec<Visitor>, pace: Pace, limit: Duration) -> Result<Run> {
    drive_while(visitors, pace, move |due| due < limit).await
}

/// Drives a server for as long as `goes_on` says so of the moment at which the next login is due, counted
/// from the beginning.
pub async fn drive_while(
    visitors: &mut Vec<Visitor>,
    pace: Pace,
    goes_on: impl Fn(Duration) -> bool + 'static,
) -> Result<Run> {
    let goes_on = Rc::new(goes_on);
    let tally = Rc::new(Tally::default());
    let start = Instant::now();
    let set = LocalSet::new();
    let tasks: Vec<_> = visitors
        .drain(..)
        .map(|visitor| {
            set.spawn_local(one(visitor, pace, start, Rc::clone(&goes_on), Rc::clone(&tally)))
        })
        .collect();
    set.await;
    let seconds = start.elapsed().as_secs_f64();
    for task in tasks {
        visitors.push(task.await?);
    }
    let latencies = tally.latencies.take();
    Ok(Run {
        logins: latencies.len(),
        errors: tally.errors.get(),
        first_error: tally.first_error.take(),
        seconds,
        latency: Latency::of(latencies),
    })
}

async fn one(
    mut visitor: Visitor,
    pace: Pace,
    start: Instant,
    goes_on: Rc<impl Fn(Duration) -> bool>,
    tally: Rc<Tally>,
) -> Visitor {
    loop {
        let due = match pace {
            Pace::Closed => Instant::now(),
            Pace::Open(rate) => {
                let number = tally.begun.replace(tally.begun.get() + 1);
                start + Duration::from_secs(1) * number / rate
            }
        };
        if !goes_on(due - start) {
            return visitor;
        }
        sleep_until(due).await;
        match visitor.log_in().await {
            Ok(()) => tally.latencies.borrow_mut().push(due.elapsed()),
            Err(error) => {
                tally.errors.set(tally.errors.get() + 1);
                tally.first_error.borrow_mut().get_or_insert_with(|| format!("{error:#}"));
                // A server that refuses at once must not make this a busy loop.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}
