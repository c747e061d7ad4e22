//! For the tests of this crate and of those above it: a private PostgreSQL server
//! ([`cluster::Cluster`]), a process that is killed while it writes ([`kills`]), and the list of
//! all SQL ([`statements`]).

pub mod cluster;
pub mod kills;
pub mod random;
pub mod statements;

pub use cluster::Cluster;
pub use random::Dice;

use crate::error::StoreError;
use crate::store::Store;

/// Runs a statement that no program of ours would, such as one from the future.
///
/// # Errors
/// When the database refuses it.
pub async fn run_sql(store: &Store, sql: &'static str) -> Result<u64, StoreError> {
    store.write(move |tx| tx.run(sql, &[])).await
}

/// The one number that a query returns.
///
/// # Errors
/// When the database refuses it.
pub async fn number(store: &Store, sql: String) -> Result<i64, StoreError> {
    Ok(store.look(move |tx| tx.one(&sql, &[], |row| row.int(0))).await?.unwrap_or(0))
}

/// How many rows the tables hold that a login writes to, so that a test can see that a refusal
/// changed nothing.
///
/// # Errors
/// When the database refuses.
pub async fn row_counts(store: &Store) -> Result<Vec<(&'static str, i64)>, StoreError> {
    const TABLES: [&str; 8] = [
        "sessions",
        "pending_logins",
        "codes",
        "tokens",
        "credentials",
        "tries",
        "strangers_tries",
        "known_browsers",
    ];
    let mut counts = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        counts.push((table, number(store, format!("SELECT COUNT(*) FROM {table}")).await?));
    }
    Ok(counts)
}
