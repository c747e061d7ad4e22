//! Decides whether a history keeps the promises. Everything is a register that is switched or a
//! secret that is used once, so one pass for each promise is enough.
//!
//! What was answered counts as done at some moment between its beginning and its end. What was cut
//! off may have been done, or not, or be done later. A breach is told only where no order of the
//! requests explains the answers.

mod durable;
mod leftovers;
mod origin;
mod revoked;
mod single_use;
#[cfg(test)]
mod tests;

use super::account::Account;
use super::{Event, Moment};

/// What the checker has to say of one promise.
#[derive(Debug)]
pub struct Verdict {
    /// Its short name.
    pub name: &'static str,
    /// The promise.
    pub promise: &'static str,
    /// On how many answers it was tried.
    pub looked_at: usize,
    /// Where it was broken.
    pub breaches: Vec<Breach>,
}

/// Answers that no order of the requests explains.
#[derive(Debug)]
pub struct Breach {
    /// The events, by their place in the file.
    pub events: Vec<usize>,
    /// What is wrong with them.
    pub why: String,
}

/// How late a node may know that a connection changed, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Stale(pub Moment);

/// Checks every promise.
pub fn all(events: &[Event], stale: Stale) -> Vec<Verdict> {
    let account = Account::of(events);
    vec![
        single_use::tokens(&account),
        durable::acknowledged(&account, stale),
        revoked::stays_revoked(&account, stale),
        origin::people(&account),
        origin::districts(&account),
        leftovers::audited(&account),
        leftovers::nothing_is_half(&account),
        leftovers::refused_is_refused(&account),
        single_use::window(&account),
    ]
}

impl Verdict {
    fn new(name: &'static str, promise: &'static str) -> Self {
        Self { name, promise, looked_at: 0, breaches: Vec::new() }
    }

    fn look(&mut self) {
        self.looked_at += 1;
    }

    fn breach(&mut self, events: impl Into<Vec<usize>>, why: impl Into<String>) {
        let mut events = events.into();
        events.sort_unstable();
        events.dedup();
        self.breaches.push(Breach { events, why: why.into() });
    }
}
