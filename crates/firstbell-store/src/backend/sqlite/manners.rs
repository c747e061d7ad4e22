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
    /// Since when the lock is held.
    locked: Option<Instant>,
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

    /// Notes that the lock is held from now on: how long it was waited for does not count.
    pub(super) fn note_lock(&mut self) {
        self.locked = Some(Instant::now());
    }

    /// Notes that a group has ended, with large pieces in it or without.
    pub(super) fn note_end(&mut self, connection: &Connection, had_bulk: bool) {
        let held = self.locked.take().map(|locked| locked.elapsed()).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_beside_large_pieces_is_noticed_and_let_pass() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || Connection::open(folder.path().join("store.db")).expect("a database");
        let (own, others) = (open(), open());
        own.execute_batch("PRAGMA journal_mode = wal; CREATE TABLE t (n)").expect("a table");
        let write = |connection: &Connection| {
            connection.execute_batch("INSERT INTO t VALUES (1)").expect("written");
        };
        let end = |manners: &mut Manners| {
            manners.note_lock();
            std::thread::sleep(Duration::from_millis(15));
            manners.note_end(&own, true);
        };
        let waited = |manners: &mut Manners| {
            let begun = Instant::now();
            manners.let_others_pass();
            begun.elapsed()
        };

        let mut manners = Manners::default();
        for _ in 0..3 {
            write(&own);
            end(&mut manners);
        }
        assert!(!manners.is_needed(), "it is alone");
        assert!(manners.wait_until.is_none());

        write(&others);
        end(&mut manners);
        assert!(manners.is_needed(), "another process has written");
        assert!(waited(&mut manners) > Duration::from_millis(5), "it leaves the lock alone");
        assert!(manners.wait_until.is_none(), "once");

        let mut manners = Manners::default();
        manners.note_others_here(false);
        end(&mut manners);
        assert!(!manners.is_needed());
        manners.note_others_here(true);
        end(&mut manners);
        assert!(manners.is_needed(), "people of this process have written");
        assert!(manners.wait_until.is_none(), "they wait in the same queue");
    }
}
