//! For the tests of this crate and of those above it: a private PostgreSQL server
//! ([`cluster::Cluster`]), a process that is killed while it writes ([`kills`]), and the list of
//! all SQL ([`statements`]).

pub mod cluster;
pub mod kills;
pub mod random;
pub mod statements;

pub use cluster::Cluster;
pub use random::Dice;
/// For rooms whose tests ask a store, and which name no executor of their own.
pub use tokio::runtime::Runtime;

use std::collections::BTreeMap;

use crate::backend::Link;
use crate::error::StoreError;
use crate::store::{Store, Tx};

/// Runs a statement that no program of ours would, such as one from the future.
///
/// # Errors
/// When the database refuses it.
pub async fn run_sql(store: &Store, sql: &'static str) -> Result<u64, StoreError> {
    store.write(move |tx| tx.run(sql, &[])).await
}

/// Makes what processes hold theirs no more, as if all that hold something had been dead for long.
///
/// # Errors
/// When the database fails.
pub async fn expire_holds(store: &Store) -> Result<(), StoreError> {
    run_sql(store, "UPDATE sync_runs SET held_until = 0 WHERE state = 'running'").await?;
    run_sql(store, "UPDATE roster_leases SET held_until = 0").await.map(drop)
}

/// Runs statements in the words of the migrations, such as those that undo one.
///
/// # Errors
/// When the database refuses them.
pub async fn run_schema(store: &Store, sql: String) -> Result<(), StoreError> {
    store.write(move |tx| tx.with(|link| link.run_migration(&sql))).await
}

/// The one number that a query returns.
///
/// # Errors
/// When the database refuses it.
pub async fn number(store: &Store, sql: String) -> Result<i64, StoreError> {
    Ok(store.look(move |tx| tx.one(&sql, &[], |row| row.int(0))).await?.unwrap_or(0))
}

/// How many rows a table holds.
///
/// # Errors
/// When the database fails.
pub async fn rows_of(store: &Store, table: &str) -> Result<i64, StoreError> {
    number(store, format!("SELECT COUNT(*) FROM {table}")).await
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

/// What every table holds, one row a line in a fixed order, under the table's name: what counts
/// cannot see, such as a session that is used longer, is seen here.
///
/// # Errors
/// When the database refuses.
pub async fn contents(store: &Store) -> Result<BTreeMap<String, String>, StoreError> {
    store
        .read(|tx| {
            let mut contents = BTreeMap::new();
            for table in tables(tx)? {
                let rows = rows_as_text(tx, &table)?;
                let text = tx.one(&rows, &[], |row| row.string(0))?.unwrap_or_default();
                contents.insert(table, text);
            }
            Ok(contents)
        })
        .await
}

fn tables(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let sql = if is_sqlite(tx)? {
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
    };
    tx.all(sql, &[], |row| row.string(0))
}

/// The query that makes one text of a table.
fn rows_as_text(tx: &mut Tx<'_>, table: &str) -> Result<String, StoreError> {
    if !is_sqlite(tx)? {
        return Ok(format!(
            "SELECT COALESCE(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t"
        ));
    }
    let columns = format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')");
    let columns = tx.all(&columns, &[], |row| row.string(0))?.join(" || ',' || ");
    Ok(format!(
        "SELECT COALESCE(group_concat(line, char(10)), '') \
         FROM (SELECT {columns} AS line FROM {table} ORDER BY 1)"
    ))
}

fn is_sqlite(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    tx.with(|link| Ok(matches!(link, Link::Sqlite(_))))
}
