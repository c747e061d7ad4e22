//! Accounts and sessions in `SQLite`. One connection, one statement at a time: a flying school's
//! worth of people, not a nation's.

mod account;
mod session;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::config::{Database, EarlierAccount};
use crate::grade::Grade;
use crate::session::SessionHash;

pub(crate) use account::Account;

/// The database, to be shared.
#[derive(Clone)]
pub(crate) struct Store(Arc<Mutex<Connection>>);

/// Why something could not be read or written.
#[derive(Debug)]
pub(crate) struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the database failed: {}", self.0)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

impl Store {
    /// Opens the database and brings it to today's shape.
    pub(crate) fn open(database: &Database) -> anyhow::Result<Self> {
        let connection = match database {
            Database::File(path) => open_file(path)?,
            Database::Memory => Connection::open_in_memory()?,
        };
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;",
        )?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Puts in the accounts from before Firstbell that are not there yet.
    pub(crate) async fn add_earlier_accounts(
        &self,
        accounts: Vec<EarlierAccount>,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            accounts.iter().try_for_each(|earlier| account::add_earlier(tx, earlier))
        })
        .await
    }

    /// Lets a person in: finds or makes their account and begins a session.
    pub(crate) async fn admit(
        &self,
        person: firstbell_client::Person,
        session: SessionHash,
        now: SystemTime,
    ) -> Result<(), StoreError> {
        self.run(move |tx| {
            let account = account::matching(tx, &person)?;
            account::update(tx, account, &person)?;
            session::remove_expired(tx, unix_seconds(now))?;
            session::begin(tx, session, account, unix_seconds(now))
        })
        .await
    }

    /// Whose session this is, and that they are here now.
    pub(crate) async fn visit(
        &self,
        session: SessionHash,
        now: SystemTime,
    ) -> Result<Option<Account>, StoreError> {
        self.run(move |tx| match session::touch(tx, session, unix_seconds(now))? {
            None => Ok(None),
            Some(account) => account::read(tx, account).map(Some),
        })
        .await
    }

    /// Ends a session, if it is one.
    pub(crate) async fn end(&self, session: SessionHash) -> Result<(), StoreError> {
        self.run(move |tx| session::end(tx, session)).await
    }

    /// Remembers a student's answer.
    pub(crate) async fn set_grade(&self, account: i64, grade: Grade) -> Result<(), StoreError> {
        self.run(move |tx| account::set_grade(tx, account, grade)).await
    }

    /// Runs one piece of work as one transaction, away from the threads that serve requests.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let connection = Arc::clone(&self.0);
        let piece = move || {
            // A piece that panicked left its transaction rolled back: the connection is sound.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&tx)?;
            tx.commit()?;
            Ok(result)
        };
        tokio::task::spawn_blocking(piece)
            .await
            .map_err(|error| StoreError(error.into()))?
            .map_err(|error: rusqlite::Error| StoreError(error.into()))
    }
}

fn open_file(path: &Path) -> anyhow::Result<Connection> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    Ok(Connection::open(path)?)
}

fn unix_seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).ok().and_then(|d| d.as_secs().try_into().ok()).unwrap_or(0)
}

/// An account without `firstbell_id` is from before Firstbell. `email` is lower case, and no key:
/// two people may share one.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS account (
    id INTEGER PRIMARY KEY,
    firstbell_id TEXT UNIQUE,
    district TEXT NOT NULL,
    email TEXT,
    name TEXT NOT NULL DEFAULT '',
    grade TEXT,
    flights INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS account_by_email ON account (district, email);
CREATE TABLE IF NOT EXISTS account_role (
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (account, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
    key_hash BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_by_age ON session (seen_at);
";
