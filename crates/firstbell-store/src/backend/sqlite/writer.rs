//! The writer thread and its groups.

use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::manners::Manners;
use super::open;
use crate::backend::Link;
use crate::error::{OpenError, StoreError};
use crate::piece::{Outcome, Piece};
use crate::store::Tx;

/// Page cache of the writer.
const CACHE_KIB: i32 = 8 * 1024;

/// Pieces that may wait. At the least, a disk does a hundred commits a second, and a commit takes
/// up to [`GROUP`] of them: whoever is the last in a full queue waits well under a second.
const WAITING: usize = 2048;

/// Pieces that share one commit.
const GROUP: usize = 256;

/// The write-ahead log is copied back into the database when it has so many pages.
const CHECKPOINT_PAGES: u32 = 2000;

/// The way to the writer thread.
pub(crate) struct Writer {
    queue: Option<SyncSender<Box<dyn Piece>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Opens the database and starts the thread.
    pub(crate) fn start(path: &Path) -> Result<Self, OpenError> {
        let connection = open(path, CACHE_KIB)?;
        connection.execute_batch(&format!("PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}"))?;
        let (queue, waiting) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write(&connection, &waiting))
            .map_err(OpenError::Thread)?;
        Ok(Self { queue: Some(queue), thread: Mutex::new(Some(thread)) })
    }

    /// Lets `piece` wait for its turn.
    pub(crate) fn enqueue(&self, piece: Box<dyn Piece>) {
        let Some(queue) = &self.queue else { return piece.answer(Err(StoreError::Closed)) };
        match queue.try_send(piece) {
            Ok(()) => {}
            Err(TrySendError::Full(piece)) => piece.answer(Err(StoreError::Busy)),
            Err(TrySendError::Disconnected(piece)) => piece.answer(Err(StoreError::Closed)),
        }
    }
}

/// The thread ends when all that was enqueued is done.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            // The last owner may be a piece of work; a thread cannot wait for itself.
            && thread.thread().id() != std::thread::current().id()
            && thread.join().is_err()
        {
            tracing::error!("the database's writer thread had panicked");
        }
    }
}

fn write(connection: &Connection, waiting: &Receiver<Box<dyn Piece>>) {
    let mut group = Vec::with_capacity(GROUP);
    let mut manners = Manners::default();
    while let Ok(first) = waiting.recv() {
        if first.is_bulk() {
            manners.let_others_pass();
        }
        group.push(first);
        let committed = match commit_together(connection, &mut group, waiting, &mut manners) {
            Err(Together::PieceFailed) if group.len() > 1 => {
                commit_apart(connection, &mut group, &mut manners)
            }
            Err(Together::PieceFailed) | Ok(()) => Ok(()),
            Err(Together::Database(error)) => Err(error),
        };
        let had_bulk = group.iter().any(|piece| piece.is_bulk());
        manners.note_others_here(group.iter().any(|piece| !piece.is_bulk()));
        match committed {
            Ok(()) => group.drain(..).for_each(|piece| piece.answer(Ok(()))),
            Err(cause) => {
                // Else it would be in the way of every one after it.
                roll_back(connection);
                let cause = Arc::new(cause);
                for piece in group.drain(..) {
                    piece.answer(Err(StoreError::NotCommitted(Arc::clone(&cause))));
                }
            }
        }
        manners.note_end(connection, had_bulk);
    }
}

/// Why a group that ran without savepoints came to nothing.
enum Together {
    PieceFailed,
    Database(StoreError),
}

impl From<StoreError> for Together {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

/// One transaction for all, as long as none fails, and for whoever comes while it is under way.
fn commit_together(
    connection: &Connection,
    group: &mut Vec<Box<dyn Piece>>,
    waiting: &Receiver<Box<dyn Piece>>,
    manners: &mut Manners,
) -> Result<(), Together> {
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        // Another process may hold the lock for long: who waits for it waits once, together.
        group.extend(waiting.try_iter().take(GROUP - group.len()));
        return Err(error.into());
    }
    manners.note_lock();
    let mut done = 0;
    while let Some(piece) = group.get_mut(done) {
        if let Outcome::Failed = piece.run(&mut Tx::writing(Link::Sqlite(connection))) {
            roll_back(connection);
            return Err(Together::PieceFailed);
        }
        let ends_group = piece.is_bulk() && manners.is_needed();
        done += 1;
        if done == group.len() && done < GROUP && !ends_group {
            // One by one: behind a large piece the others come first.
            group.extend(waiting.try_recv());
        }
    }
    Ok(commit(connection)?)
}

/// One transaction for all, and a savepoint for each.
fn commit_apart(
    connection: &Connection,
    group: &mut [Box<dyn Piece>],
    manners: &mut Manners,
) -> Result<(), StoreError> {
    execute(connection, "BEGIN IMMEDIATE")?;
    manners.note_lock();
    for piece in group {
        execute(connection, "SAVEPOINT piece")?;
        let outcome = piece.run(&mut Tx::writing(Link::Sqlite(connection)));
        if connection.is_autocommit() {
            // A full disk, say: SQLite has undone everything, the others' work too.
            return Err(StoreError::FailureIgnored);
        }
        if let Outcome::Failed = outcome {
            execute(connection, "ROLLBACK TO piece")?;
        }
        execute(connection, "RELEASE piece")?;
    }
    commit(connection)
}

fn commit(connection: &Connection) -> Result<(), StoreError> {
    execute(connection, "COMMIT").inspect_err(|_| roll_back(connection))
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

fn execute(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}
