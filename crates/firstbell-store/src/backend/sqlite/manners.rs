//! How large pieces of work behave towards whoever else writes.
//!
//! SQLite has one writer at a time. Where an import alone writes, many of its pieces share a commit. As
//! soon as others write too, a piece of it has a commit of its own; and if they are in another process,
//! such as a server beside an import on the command line, it leaves the lock alone afterwards for as long
//! as it had it: they can but look again and again whether it is free.

use std::time::{Duration, Instant};

use rusqlite::Connection;

/// Whoever has written so lately will write again.
const LATELY: Duration = Duration::from_secs(2);

/// The longest that a large piece waits for others.
const LONGEST_GAP: Duration = Duration::from_millis(20);

/// What is known of others that write.
#[derive(Debug, Default)]
pub(super) struct Manners {
    /// When others of this process last wrote.
    here: Option<Instant>,
    /// When another process was last seen to have written.
    elsewhere: Option<Instant>,
    /// Changes with what others commit: SQLite's `data_version`.
    version: Option<i64>,
    /// Until when the next large piece lets others pass.
    wait_until: Option<Instant>,
}

impl Manners {
    /// Whether anybody else writes.
    pub(super) fn is_needed(&self) -> bool {
        is_lately(self.here) || is_lately(self.elsewhere)
    }

    /// Waits, if others are to have their turn.
    pub(super) fn let_others_pass(&mut self) {
        if let Some(until) = self.wait_until.take() {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
    }

    /// Notes whether others of this process were among those who wrote.
    pub(super) fn note_others_here(&mut self, were_there: bool) {
        if were_there {
            self.here = Some(Instant::now());
        }
    }

    /// Notes that the lock was held for so long, by large pieces among others or not.
    pub(super) fn note(&mut self, connection: &Connection, had_bulk: bool, held: Duration) {
        if !had_bulk {
            return;
        }
        let version = connection.prepare_cached("PRAGMA data_version");
        let version = version.and_then(|mut asked| asked.query_row([], |row| row.get(0))).ok();
        if self.version.is_some() && self.version != version {
            self.elsewhere = Some(Instant::now());
        }
        self.version = version;
        if is_lately(self.elsewhere) {
            self.wait_until = Some(Instant::now() + held.min(LONGEST_GAP));
        }
    }
}

fn is_lately(time: Option<Instant>) -> bool {
    time.is_some_and(|time| time.elapsed() < LATELY)
}
