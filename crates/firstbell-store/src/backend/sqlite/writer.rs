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
            .spawn(move || write(&connection, waiting))
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

/// The pieces on their way, in the order in which they came.
struct Waiting {
    queue: Receiver<Box<dyn Piece>>,
    /// Came out of the queue already.
    next: Option<Box<dyn Piece>>,
}

impl Waiting {
    /// Waits for the next piece; none at the end.
    fn wait(&mut self) -> Option<Box<dyn Piece>> {
        self.next.take().or_else(|| self.queue.recv().ok())
    }

    /// The next piece, if it is there.
    fn any(&mut self) -> Option<Box<dyn Piece>> {
        self.next.take().or_else(|| self.queue.try_recv().ok())
    }

    /// The same, if it is bulk or not as the others of its group.
    fn of_kind(&mut self, is_bulk: bool) -> Option<Box<dyn Piece>> {
        self.next = self.any();
        self.next.take_if(|piece| piece.is_bulk() == is_bulk)
    }
}

/// So many groups of bulk pieces in a row do not wait for the disk: what they leave to be written is a few
/// megabytes, for which whoever commits next waits.
const UNSYNCED: u32 = 3;

/// Whether commits wait for the disk: SQLite's `synchronous`.
///
/// Most of those of bulk pieces do not: nobody is told of them before an ordinary piece makes them count,
/// which has the log written to the disk from its beginning on. Should the machine fail before that, they
/// are undone like those of a process that was killed (`docs/decisions/0003`).
struct Synchronous {
    is_full: bool,
    /// Groups that have not waited since one did.
    unsynced: u32,
}

impl Synchronous {
    /// What a group of bulk pieces, or of others, does.
    fn set(&mut self, connection: &Connection, is_bulk: bool) -> Result<(), StoreError> {
        let is_full = !is_bulk || self.unsynced >= UNSYNCED;
        if self.is_full != is_full {
            let word = if is_full { "full" } else { "normal" };
            connection.pragma_update(None, "synchronous", word)?;
            self.is_full = is_full;
        }
        self.unsynced = if is_full { 0 } else { self.unsynced + 1 };
        Ok(())
    }
}

fn write(connection: &Connection, queue: Receiver<Box<dyn Piece>>) {
    let mut group = Vec::with_capacity(GROUP);
    let mut manners = Manners::default();
    let mut waiting = Waiting { queue, next: None };
    let mut synchronous = Synchronous { is_full: true, unsynced: 0 };
    while let Some(first) = waiting.wait() {
        let is_bulk = first.is_bulk();
        if is_bulk {
            manners.let_others_pass();
        }
        group.push(first);
        let set = synchronous.set(connection, is_bulk).map_err(Together::Database);
        let committed = set.and_then(|()| {
            commit_together(connection, &mut group, is_bulk, &mut waiting, &mut manners)
        });
        let committed = match committed {
            Err(Together::PieceFailed) if group.len() > 1 => {
                commit_apart(connection, &mut group, &mut manners)
            }
            Err(Together::PieceFailed) | Ok(()) => Ok(()),
            Err(Together::Database(error)) => Err(error),
        };
        manners.note_others_here(!is_bulk);
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
        manners.note_end(connection, is_bulk);
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

/// One transaction for all, as long as none fails, and for whoever of their kind comes while it is under
/// way: people do not wait for bulk pieces to be done, and these not for the disk.
fn commit_together(
    connection: &Connection,
    group: &mut Vec<Box<dyn Piece>>,
    is_bulk: bool,
    waiting: &mut Waiting,
    manners: &mut Manners,
) -> Result<(), Together> {
    if let Err(error) = execute(connection, "BEGIN IMMEDIATE") {
        // Another process may hold the lock for long: who waits for it waits once, together.
        group.extend(std::iter::from_fn(|| waiting.any()).take(GROUP - group.len()));
        return Err(error.into());
    }
    manners.note_lock();
    let mut done = 0;
    while let Some(piece) = group.get_mut(done) {
        if let Outcome::Failed = piece.run(&mut Tx::writing(Link::Sqlite(connection))) {
            roll_back(connection);
            return Err(Together::PieceFailed);
        }
        let ends_group = is_bulk && manners.is_needed();
        done += 1;
        if done == group.len() && done < GROUP && !ends_group {
            group.extend(waiting.of_kind(is_bulk));
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::piece::Work;

    /// SQLite's numbers for the words of `PRAGMA synchronous`.
    const NORMAL: i64 = 1;
    const FULL: i64 = 2;

    #[test]
    fn most_bulk_pieces_do_not_wait_for_the_disk_and_who_comes_behind_them_does() {
        let folder = tempfile::tempdir().expect("a directory");
        let path = folder.path().join("store.db");
        let writer = Writer::start(&path).expect("a writer");
        let others = Connection::open(&path).expect("a connection");
        others.execute_batch("CREATE TABLE t (n INTEGER) STRICT").expect("a table");
        let others = Arc::new(Mutex::new(others));
        let (go, gone) = channel::<()>();
        let gone = Arc::new(Mutex::new(gone));
        let (answered, answers) = channel();
        let kinds = [false, true, true, true, true, true, false, true, false, false];
        for (number, is_bulk) in kinds.into_iter().enumerate() {
            let (others, gone) = (Arc::clone(&others), Arc::clone(&gone));
            let run = move |tx: &mut Tx<'_>| {
                if number == 0 {
                    // Until all of them wait.
                    gone.lock().expect("alone").recv().expect("told");
                }
                tx.with(|link| {
                    let Link::Sqlite(connection) = link else { return Err(StoreError::Closed) };
                    connection.execute_batch("INSERT INTO t VALUES (1)")?;
                    let told = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
                    let synchronous = connection.pragma_query_value(None, "synchronous", told)?;
                    let others = others.lock().expect("alone");
                    Ok((synchronous, others.query_row("SELECT COUNT(*) FROM t", [], told)?))
                })
            };
            let answered = answered.clone();
            let reply = move |seen: Result<(i64, i64), StoreError>| {
                answered.send(seen.expect("written")).expect("heard");
            };
            writer.enqueue(if is_bulk { Work::bulk(run, reply) } else { Work::boxed(run, reply) });
        }
        go.send(()).expect("it waits");
        drop(writer);
        drop(answered);
        // Each of them, and how many rows were committed by then: the last two share a commit.
        assert_eq!(
            answers.iter().collect::<Vec<_>>(),
            [
                (FULL, 0),
                (NORMAL, 1),
                (NORMAL, 2),
                (NORMAL, 3),
                (FULL, 4),
                (NORMAL, 5),
                (FULL, 6),
                (NORMAL, 7),
                (FULL, 8),
                (FULL, 8),
            ]
        );
    }
}
