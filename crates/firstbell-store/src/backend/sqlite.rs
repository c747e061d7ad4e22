//! SQLite: one writer thread that commits in groups, readers on whatever thread asks.
//!
//! The writer takes all that waits, runs it in one transaction, commits once with
//! `synchronous=FULL` and only then answers everybody: an fsync costs more than a hundred pieces
//! of work. A piece that fails must not sink its group. Failures are rare and savepoints are not
//! free, so a group runs without them first; if a piece fails, the group is rolled back and runs
//! again, each piece in a savepoint of its own. (A piece is `Fn` and touches nothing but the
//! database, so running it twice is running it once.)
//!
//! Bulk pieces are grouped by themselves, and most of their groups do not wait for the disk: they
//! are told of, and count, with the ordinary piece behind them alone (`docs/decisions/0003`).

mod manners;
mod readers;
mod statistics;
mod writer;

pub(crate) use readers::Readers;
pub(super) use statistics::tell_planner;
pub(crate) use writer::Writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection};

use firstbell_core::id::DistrictId;

use super::{Row, Table, Value, Words};
use crate::error::{OpenError, StoreError};
use crate::queries::still;
use crate::store::Pace;

/// Bytes of a page, in a file that is made anew: half as many to write as of SQLite's own 4096, each
/// with two calls into the log and two more from there into the file. In an older file it changes nothing.
const PAGE: u32 = 8192;

/// How long a statement waits for another process, such as an import on the command line.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it looks whether the other process is done.
const BETWEEN_LOOKS: Duration = Duration::from_micros(500);

/// More than there are statements, so that none is prepared twice.
const STATEMENTS: usize = 256;

/// Migrations in SQLite's words.
pub(crate) const WORDS: Words = [
    ("{bigint}", "INTEGER"),
    ("{serial}", "INTEGER PRIMARY KEY"),
    ("{blob}", "BLOB"),
    ("{text}", "TEXT"),
    ("{strict}", "STRICT"),
    ("{clustered}", "STRICT, WITHOUT ROWID"),
];

/// One commit costs as much as a thousand rows, and logins that come meanwhile wait for it.
pub(crate) const PACE: Pace = Pace { rows: 1000, waiting: 6 };

/// Rows of one bulk insert. The b-trees stay where the row before was put, so that rows in the order
/// of the primary key are not looked for from the root.
pub(crate) const ROWS_AT_ONCE: usize = 16;

/// Makes the file, readable for its owner only, because it holds a district's people; SQLite
/// gives the files beside it the same rights. Returns its absolute path: SQLite would take one
/// that begins in `file:` for a URI.
pub(crate) fn make_private(path: &Path) -> Result<PathBuf, OpenError> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path).and_then(|_| std::path::absolute(path));
    made.map_err(|cause| OpenError::File { path: path.display().to_string(), cause })
}

/// Opens a connection; `cache_kib` bounds its page cache. The cache is the one knob of memory:
/// pages mapped into memory would count as resident.
fn open(path: &Path, cache_kib: i32) -> Result<Connection, OpenError> {
    let mut connection = Connection::open(path)?;
    connection.busy_handler(Some(wait_for_others))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Without this promise of stable plans, SQLite plans a statement anew for each value that is
    // bound to it as soon as there are statistics: eight times the cost of a visitor.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(&format!("PRAGMA page_size = {PAGE}"))?;
    require_wal(&connection, path)?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous = full;
         PRAGMA foreign_keys = on;
         PRAGMA temp_store = memory;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -{cache_kib};"
    ))?;
    Ok(connection)
}

/// Waits for the lock that another process has, and says whether to look again. SQLite's own handler
/// sleeps for up to a tenth of a second, in which an import takes the lock anew several times.
fn wait_for_others(looked: i32) -> bool {
    std::thread::sleep(BETWEEN_LOOKS);
    BETWEEN_LOOKS.saturating_mul(looked.unsigned_abs()) < PATIENCE
}

fn require_wal(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let mode: String = connection.query_row("PRAGMA journal_mode = wal", [], |row| row.get(0))?;
    match mode.as_str() {
        "wal" => Ok(()),
        _ => Err(OpenError::NotWal { path: path.display().to_string(), mode }),
    }
}

/// Binds by position. `$1` is a named parameter to SQLite, numbered by first appearance; a test
/// sees to it that the names of every statement first appear in order.
fn prepared<'c>(
    connection: &'c Connection,
    sql: &str,
    values: &[Value<'_>],
) -> Result<CachedStatement<'c>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    for (at, value) in values.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, value)?;
    }
    Ok(statement)
}

pub(super) fn one<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = prepared(connection, sql, values)?;
    let mut rows = statement.raw_query();
    let Some(row) = rows.next()? else { return Ok(None) };
    let value = read(&Row::Sqlite(row))?;
    // A statement with RETURNING is done only when it has been stepped to its end.
    while rows.next()?.is_some() {}
    Ok(Some(value))
}

pub(super) fn each(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    mut read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = prepared(connection, sql, values)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        read(&Row::Sqlite(row))?;
    }
    Ok(())
}

pub(super) fn run(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
) -> Result<u64, StoreError> {
    Ok(prepared(connection, sql, values)?.raw_execute()? as u64)
}

pub(super) fn bulk_insert(
    connection: &Connection,
    table: &Table,
    head: &[Value<'_>],
    values: &[Value<'_>],
) -> Result<u64, StoreError> {
    let width = table.columns.len() - head.len();
    let full = values.chunks_exact(width * ROWS_AT_ONCE);
    let rest = full.remainder().chunks_exact(width);
    Ok(insert_all(connection, table, head, full, ROWS_AT_ONCE)?
        + insert_all(connection, table, head, rest, 1)?)
}

/// Inserts so many rows with each of `batches`.
fn insert_all<'b, 'v: 'b>(
    connection: &Connection,
    table: &Table,
    head: &[Value<'_>],
    batches: impl ExactSizeIterator<Item = &'b [Value<'v>]>,
    rows: usize,
) -> Result<u64, StoreError> {
    if batches.len() == 0 {
        return Ok(0);
    }
    let mut statement = prepared(connection, &insert_text(table, head.len(), rows), head)?;
    let mut inserted = 0;
    for batch in batches {
        for (at, value) in (head.len() + 1..).zip(batch) {
            statement.raw_bind_parameter(at, value)?;
        }
        inserted += statement.raw_execute()?;
    }
    Ok(inserted as u64)
}

/// The text that inserts so many rows whose first `head` columns are the same. It keeps no journal of
/// its own: what is left of one that fails goes with the piece it belongs to.
pub(crate) fn insert_text(table: &Table, head: usize, rows: usize) -> String {
    let width = table.columns.len() - head;
    let row = |number: usize| {
        let own = (1..=width).map(|column| head + number * width + column);
        let places: Vec<_> = (1..=head).chain(own).map(|place| format!("${place}")).collect();
        format!("({})", places.join(", "))
    };
    format!(
        "INSERT OR FAIL INTO {} ({}) VALUES {} {}",
        table.name,
        table.column_list(),
        (0..rows).map(row).collect::<Vec<_>>().join(", "),
        table.conflict
    )
}

pub(super) fn bulk_close(
    connection: &Connection,
    table: &Table,
    district: DistrictId,
    version: i64,
    keys: &[[u8; 12]],
) -> Result<(), StoreError> {
    let head = [version.into(), district.into()];
    let mut statement = prepared(connection, &close_text(table), &head)?;
    for key in keys.chunks_exact(table.key.len()) {
        for (at, id) in key.iter().enumerate() {
            statement.raw_bind_parameter(head.len() + at + 1, &id[..])?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

pub(crate) fn close_text(table: &Table) -> String {
    let keys: Vec<_> = (3..).zip(table.key).map(|(n, key)| format!("{key} = ${n}")).collect();
    format!(
        "UPDATE {} SET until = $1 WHERE district_id = $2 AND {} AND since < $1 AND until = {}",
        table.name,
        keys.join(" AND "),
        still!()
    )
}

pub(super) fn for_ids(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    ids: &[[u8; 12]],
    mut read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = prepared(connection, sql, values)?;
    for id in ids {
        statement.raw_bind_parameter(values.len() + 1, &id[..])?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            read(&Row::Sqlite(row))?;
        }
    }
    Ok(())
}

pub(super) fn has_table(connection: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(connection.table_exists(None, name)?)
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Id(bytes) => ValueRef::Blob(bytes),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Made(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_keeps_no_write_ahead_log_is_refused() {
        let connection = Connection::open_in_memory().expect("a database");
        let refused = require_wal(&connection, Path::new("store.db"));
        assert!(matches!(refused, Err(OpenError::NotWal { mode, .. }) if mode == "memory"));
    }
}
