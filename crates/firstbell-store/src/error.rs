//! What can go wrong with the database itself. Refusals of the domain are not here: they are
//! outcomes that a piece of work returns.

use std::sync::Arc;

/// A piece of work could not be done.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// More waits for the database than it can do in good time; try again in a moment.
    #[error("the database has too much to do")]
    Busy,
    /// Something with this name or id is there already.
    #[error("{what} is there already")]
    AlreadyThere {
        /// The column that must be unique, such as `shortname`.
        what: &'static str,
    },
    /// The work itself panicked; what it wrote is undone.
    #[error("a piece of work panicked")]
    Panicked,
    /// The work went well, but could not be made durable; nothing of it is kept.
    #[error("the transaction could not be committed")]
    NotCommitted(#[source] Arc<StoreError>),
    /// A statement failed and the work went on as if it had not. PostgreSQL would silently undo
    /// such work, so both databases refuse it.
    #[error("a statement failed, and the work went on")]
    FailureIgnored,
    /// A look at the database is one statement; two belong into a read.
    #[error("a look is one statement, this is the second")]
    SecondStatement,
    /// What the database holds is nothing that was ever stored there.
    #[error("column {column} holds a value that cannot be read")]
    Unreadable {
        /// Its place in the row, from 0.
        column: usize,
    },
    /// Nobody waits for the rest of what was being read. The store never says so: what reads for
    /// somebody does.
    #[error("nobody waits any longer for what was being read")]
    Abandoned,
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
    /// SQLite failed.
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL failed.
    #[error("PostgreSQL: {0}")]
    Postgres(#[from] tokio_postgres::Error),
    /// The system has nothing left to wait for PostgreSQL with: too many files are open, say.
    #[error("no connection to PostgreSQL can be made: {0}")]
    NoConnection(std::io::Error),
}

/// A store could not be opened or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite keeps no write-ahead log there: a network file system, or no file at all.
    #[error(
        "{path} cannot be opened with a write-ahead log (the journal mode is \"{mode}\"); \
         keep the database on a local disk"
    )]
    NotWal {
        /// The file.
        path: String,
        /// What SQLite offered instead.
        mode: String,
    },
    /// The schema is newer than this program.
    #[error("the database is at migration {found}, this program knows {known}; use a newer one")]
    Ahead {
        /// The newest migration that was applied.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// The file could not be made.
    #[error("{path} cannot be opened")]
    File {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A thread could not be started.
    #[error("no thread for the database")]
    Thread(#[source] std::io::Error),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<tokio_postgres::Error> for OpenError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Store(error.into())
    }
}

impl StoreError {
    /// Whether it is only a matter of time: the same work may go well in a moment.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Busy => true,
            // The connection is gone, not the data: the server restarts or another takes over.
            Self::Postgres(error) => error.is_closed(),
            _ => false,
        }
    }

    /// The unique column that this failure violates, if it does. SQLite says
    /// `UNIQUE constraint failed: districts.shortname`, PostgreSQL names the constraint
    /// `districts_shortname_key`.
    fn violates(&self, column: &str) -> bool {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(code, Some(message))) => {
                let unique = matches!(
                    code.extended_code,
                    rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
                        | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                );
                unique && message.ends_with(&format!(".{column}"))
            }
            Self::Postgres(error) => error.as_db_error().is_some_and(|error| {
                let key = if column == "id" { "_pkey".into() } else { format!("_{column}_key") };
                *error.code() == tokio_postgres::error::SqlState::UNIQUE_VIOLATION
                    && error.constraint().is_some_and(|name| name.ends_with(&key))
            }),
            _ => false,
        }
    }

    /// The same failure, with a name where it is that one of `columns` must be unique.
    pub(crate) fn naming(self, columns: &[&'static str]) -> Self {
        match columns.iter().find(|column| self.violates(column)) {
            Some(what) => Self::AlreadyThere { what },
            None => self,
        }
    }
}
