//! [`Store`] and [`Tx`]: how work reaches the database.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use firstbell_core::id::DistrictId;
use tokio::sync::oneshot;

use crate::backend::postgres::{Mode, Pool};
use crate::backend::sqlite::{Readers, Writer};
use crate::backend::{Link, Row, Value, sqlite};
use crate::error::{OpenError, StoreError};
use crate::migrations::{self, SchemaState};
use crate::people::People;
use crate::piece::{Piece, Work};

/// Which database.
#[derive(Debug, Clone)]
pub enum Backend {
    /// A file on a local disk.
    Sqlite {
        /// The file; it is made if it is not there.
        path: PathBuf,
    },
    /// A server.
    Postgres {
        /// `postgresql://user@host/database`, or the key-value form.
        url: String,
        /// How many connections are kept, each with a thread of its own.
        connections: usize,
    },
}

/// The database. Clones share one.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

enum Inner {
    Sqlite { writer: Writer, readers: Readers },
    Postgres(Pool),
}

impl Store {
    /// Opens the database; its schema may still be missing or old, see [`Store::migrate`].
    ///
    /// # Errors
    /// When the file cannot be opened with a write-ahead log, or the server not be reached.
    pub fn open(backend: Backend) -> Result<Self, OpenError> {
        let inner = match backend {
            Backend::Sqlite { path } => {
                let path = sqlite::make_private(&path)?;
                Inner::Sqlite { writer: Writer::start(&path)?, readers: Readers::new(path) }
            }
            Backend::Postgres { url, connections } => {
                Inner::Postgres(Pool::start(&url, connections)?)
            }
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Brings the schema up to date and names the migrations that it took. Blocks; to be called
    /// when the program starts.
    ///
    /// # Errors
    /// [`OpenError::Ahead`] when the schema is newer than this program.
    pub fn migrate(&self) -> Result<Vec<&'static str>, OpenError> {
        self.write_blocking(migrations::apply)
    }

    /// How the schema compares with what this program needs. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub fn schema_state(&self) -> Result<SchemaState, StoreError> {
        self.read_blocking(migrations::state)
    }

    /// Does `work` in a transaction that is durable when this returns. If `work` fails, nothing
    /// of it is kept.
    ///
    /// # Errors
    /// What `work` says, or a [`StoreError`]: [`StoreError::Busy`] when too much waits.
    pub async fn write<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // Whoever has stopped waiting needs no answer.
        self.enqueue(Work::boxed(work, |result| drop(reply.send(result))));
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Like [`Store::write`], for one of many pieces that take long together: whoever else writes
    /// comes in between. The work is under way when this returns. Once answered it is committed, but durable
    /// only with the next [`Store::write`] that is: nothing may be told of it before that.
    pub(crate) fn submit_bulk<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Work::bulk(work, |result| drop(reply.send(result))));
        answer
    }

    fn enqueue(&self, piece: Box<dyn Piece>) {
        match &*self.0 {
            Inner::Sqlite { writer, .. } => writer.enqueue(piece),
            Inner::Postgres(pool) => pool.enqueue(Mode::Write, piece),
        }
    }

    /// Does `work` on a state of the database that does not change meanwhile. On SQLite it runs
    /// on the calling thread: for reads of a few rows.
    ///
    /// # Errors
    /// What `work` says, or a [`StoreError`].
    pub async fn read<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.0 {
            Inner::Sqlite { readers, .. } => readers.read(&work),
            Inner::Postgres(pool) => ask(pool, Mode::Read, work).await,
        }
    }

    /// Like [`Store::read`] for work that is one statement, which needs no transaction around it.
    ///
    /// # Errors
    /// What `work` says, or a [`StoreError`]: [`StoreError::SecondStatement`] when `work` is more.
    pub async fn look<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.0 {
            Inner::Sqlite { readers, .. } => readers.look(&work),
            Inner::Postgres(pool) => ask(pool, Mode::Look, work).await,
        }
    }

    /// Like [`Store::read`] for work that takes milliseconds or more: it runs on a thread where
    /// it keeps nobody waiting.
    ///
    /// # Errors
    /// What `work` says, or a [`StoreError`].
    pub async fn read_at_length<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.0 {
            Inner::Postgres(pool) => ask(pool, Mode::Read, work).await,
            Inner::Sqlite { .. } => {
                let inner = Arc::clone(&self.0);
                let reading = move || match &*inner {
                    Inner::Sqlite { readers, .. } => readers.read(&work),
                    Inner::Postgres(_) => Err(StoreError::Closed.into()),
                };
                tokio::task::spawn_blocking(reading).await.map_err(|_| StoreError::Panicked)?
            }
        }
    }

    /// Like [`Store::read`], for callers outside of any runtime: one of the many pages of something
    /// large.
    pub(crate) fn read_blocking<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        match &*self.0 {
            Inner::Sqlite { readers, .. } => readers.read(&work),
            Inner::Postgres(pool) => {
                let (reply, answer) = sync_channel(1);
                let reply = move |result| drop(reply.send(result));
                pool.enqueue(Mode::Read, Work::bulk(work, reply));
                answer.recv().map_err(|_| StoreError::Closed)?
            }
        }
    }

    fn write_blocking<T, E>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = sync_channel(1);
        self.enqueue(Work::boxed(work, move |result| drop(reply.send(result))));
        answer.recv().map_err(|_| StoreError::Closed)?
    }

    /// How large changes are best cut up: see [`Pace`].
    pub(crate) fn pace(&self) -> Pace {
        match &*self.0 {
            Inner::Sqlite { .. } => sqlite::PACE,
            Inner::Postgres(_) => crate::backend::postgres::PACE,
        }
    }
}

async fn ask<T, E>(
    pool: &Pool,
    mode: Mode,
    work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    pool.enqueue(mode, Work::boxed(work, |result| drop(reply.send(result))));
    answer.await.map_err(|_| StoreError::Closed)?
}

/// How a change of hundreds of thousands of rows is cut into pieces, so that logins pass between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Rows of one piece.
    pub(crate) rows: usize,
    /// Pieces that wait at a time.
    pub(crate) waiting: usize,
}

/// A transaction, or the inside of one statement's: what a piece of work sees of the database.
pub struct Tx<'c> {
    link: Link<'c>,
    failed: bool,
    statements_left: u32,
    people: Option<&'c People>,
}

impl<'c> Tx<'c> {
    /// A transaction that writes. It remembers nobody: it may yet be undone.
    pub(crate) fn writing(link: Link<'c>) -> Self {
        Self { link, failed: false, statements_left: u32::MAX, people: None }
    }

    /// A transaction that reads.
    pub(crate) fn reading(link: Link<'c>, people: &'c People) -> Self {
        Self { link, failed: false, statements_left: u32::MAX, people: Some(people) }
    }

    /// The inside of one statement.
    pub(crate) fn looking(link: Link<'c>, people: &'c People) -> Self {
        Self { link, failed: false, statements_left: 1, people: Some(people) }
    }

    pub(crate) fn people(&self) -> Option<&'c People> {
        self.people
    }

    /// Lets a look go on to a second statement whose answer need not be of the same moment as
    /// that of the first.
    pub(crate) fn look_further(&mut self) {
        self.statements_left = self.statements_left.saturating_add(1);
    }

    /// Whether any statement failed, noticed by the work or not.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// What belongs to one district.
    pub fn district(&mut self, id: DistrictId) -> DistrictTx<'_, 'c> {
        DistrictTx { tx: self, id }
    }

    pub(crate) fn one<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.with(|link| link.one(sql, values, read))
    }

    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with(|link| link.each(sql, values, read))
    }

    /// Runs a statement and collects what `read` makes of its rows.
    pub(crate) fn all<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut all = Vec::new();
        self.each(sql, values, |row| {
            all.push(read(row)?);
            Ok(())
        })?;
        Ok(all)
    }

    pub(crate) fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.with(|link| link.run(sql, values))
    }

    /// Runs a verb of the backend.
    pub(crate) fn with<T>(
        &mut self,
        verb: impl FnOnce(&mut Link<'c>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = match self.statements_left.checked_sub(1) {
            Some(left) => {
                self.statements_left = left;
                verb(&mut self.link)
            }
            None => Err(StoreError::SecondStatement),
        };
        self.failed |= result.is_err();
        result
    }
}

/// What belongs to one district: its people, their passwords, its roster. Every statement behind
/// it names the district, so nothing of another can be found or touched.
pub struct DistrictTx<'t, 'c> {
    pub(crate) tx: &'t mut Tx<'c>,
    pub(crate) id: DistrictId,
}
