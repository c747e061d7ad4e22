//! Connections that only read. A read of one person costs less than handing it to another thread,
//! so it runs on the thread that asks.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use super::open;
use crate::backend::Link;
use crate::error::{OpenError, StoreError};
use crate::people::People;
use crate::store::Tx;

/// Page cache of one reader.
const CACHE_KIB: i32 = 6 * 1024;

/// Connections that are kept for the next reader; further ones are closed after use.
const KEPT: usize = 4;

/// The connections that wait for a reader.
pub(crate) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    people: People,
}

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::new(Vec::with_capacity(KEPT)), people: People::default() }
    }

    /// Work on one state of the database.
    pub(crate) fn read<T, E: From<StoreError>>(
        &self,
        work: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.lend(|connection| {
            connection.prepare_cached("BEGIN")?.raw_execute()?;
            let result = work(&mut Tx::reading(Link::Sqlite(connection), &self.people));
            connection.prepare_cached("COMMIT")?.raw_execute()?;
            Ok(result)
        })?
    }

    /// One statement.
    pub(crate) fn look<T, E: From<StoreError>>(
        &self,
        work: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.lend(|connection| Ok(work(&mut Tx::looking(Link::Sqlite(connection), &self.people))))?
    }

    /// Lends a connection to `work`. If `work` panics, the connection is closed, and whatever it
    /// was in the middle of ends with it.
    fn lend<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.another().map_err(|error| match error {
                OpenError::Store(error) => error,
                _ => StoreError::Closed,
            })?,
        };
        let result = work(&connection);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // One that could not end its transaction is of no use to the next.
        if idle.len() < KEPT && connection.is_autocommit() {
            idle.push(connection);
        }
        result
    }

    fn another(&self) -> Result<Connection, OpenError> {
        let connection = open(&self.path, CACHE_KIB)?;
        connection.execute_batch("PRAGMA query_only = on")?;
        Ok(connection)
    }
}
