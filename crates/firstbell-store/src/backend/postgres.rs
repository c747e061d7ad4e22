//! PostgreSQL: a connection each for a handful of threads, which take work from one queue. The
//! server commits what several connections bring together by itself.
//!
//! Transactions are REPEATABLE READ: two that read a row and then write it cannot both succeed,
//! which is what SQLite's single writer promises too. The one that loses is run again.

mod connection;
mod pool;

pub(crate) use pool::{Mode, Pool};

use std::collections::HashMap;
use std::error::Error;

use bytes::BytesMut;
use firstbell_core::id::DistrictId;
use tokio_postgres::types::{IsNull, ToSql, Type};
use tokio_postgres::{Config, Statement};

use connection::Connection;

use super::{Kind, Row, Table, Value, Words};
use crate::error::StoreError;
use crate::queries::still;
use crate::roster::tables::VERSIONED;
use crate::store::Pace;

/// Migrations in PostgreSQL's words. Texts compare by bytes, as they do in SQLite.
pub(crate) const WORDS: Words = [
    ("{bigint}", "BIGINT"),
    ("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
    ("{blob}", "BYTEA"),
    ("{text}", "TEXT COLLATE \"C\""),
    ("{strict}", ""),
    ("{clustered}", ""),
];

/// Logins go by other connections, so pieces may be large; two at a time would only quarrel
/// about the lease.
pub(crate) const PACE: Pace = Pace { rows: 5000, waiting: 1 };

/// A sample of 9,000 rows (three hundred for each of these) tells the planner how many rows there are
/// and that ids are distinct, which is all that our statements hang on; the default of 100 costs a first
/// import a tenth of the server's time.
const STATISTICS: u32 = 30;

/// Whoever migrates holds this advisory lock.
const SCHEMA_LOCK: i64 = 0x4669_7273_7462_656c;

/// A connection and the statements that were prepared on it.
pub(crate) struct Session {
    connection: Connection,
    statements: HashMap<Box<str>, Statement>,
    /// Whether a statement failed because of what others did at the same time.
    conflict: bool,
}

impl Session {
    fn connect(config: &Config) -> Result<Self, StoreError> {
        let mut connection = Connection::open(config)?;
        // An answer means "durable" here, whatever this server's default is.
        let commit: String = connection.query_once("SHOW synchronous_commit", &[])?.try_get(0)?;
        if commit == "off" {
            connection.run_batch("SET synchronous_commit = on")?;
        }
        Ok(Self { connection, statements: HashMap::new(), conflict: false })
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let prepared = self.connection.prepare(sql);
        let statement = self.noting(prepared)?;
        self.statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    /// Notes whether a failure is worth another try.
    fn noting<T>(&mut self, result: Result<T, tokio_postgres::Error>) -> Result<T, StoreError> {
        self.conflict |= result.as_ref().is_err_and(is_conflict);
        Ok(result?)
    }

    pub(super) fn one<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let statement = self.statement(sql)?;
        let rows = self.connection.query(&statement, &parameters(values));
        let rows = self.noting(rows)?;
        rows.first().map(|row| read(&Row::Postgres(row))).transpose()
    }

    pub(super) fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_of(sql, &parameters(values), read)
    }

    fn each_of(
        &mut self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        mut read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.statement(sql)?;
        let answered = self.connection.each(&statement, values, |row| read(&Row::Postgres(row)));
        self.noting(answered)?
    }

    pub(super) fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        self.run_of(sql, &parameters(values))
    }

    fn run_of(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        let touched = self.connection.execute(&statement, values);
        self.noting(touched)
    }

    pub(super) fn bulk_insert(
        &mut self,
        table: &Table,
        head: &[Value<'_>],
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        if table.conflict.is_empty() {
            return self.copy_in(table, head, values);
        }
        let own = table.columns.get(head.len()..).unwrap_or_default();
        let columns: Vec<Column<'_>> = (0..)
            .zip(own)
            .map(|(at, (_, kind))| Column::gather(*kind, values.iter().skip(at).step_by(own.len())))
            .collect();
        let mut parameters = parameters(head);
        parameters.extend(columns.iter().map(Column::parameter));
        self.run_of(&insert_text(table, head.len()), &parameters)
    }

    /// Rows of which none may be there already. To take them like this costs the server least, and
    /// nobody holds all of them at once in the form in which they travel.
    fn copy_in(
        &mut self,
        table: &Table,
        head: &[Value<'_>],
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let statement = self.statement(&copy_text(table))?;
        let types: Vec<_> = table.columns.iter().map(|(_, kind)| kind.as_type()).collect();
        let own = types.len().saturating_sub(head.len()).max(1);
        let copied = self.connection.copy_in(&statement, &types, async |mut rows| {
            let mut row = parameters(head);
            for values in values.chunks(own) {
                row.truncate(head.len());
                row.extend(parameters(values));
                rows.as_mut().write(&row).await?;
            }
            Ok(())
        });
        self.noting(copied)
    }

    pub(super) fn bulk_close(
        &mut self,
        table: &Table,
        district: DistrictId,
        version: i64,
        keys: &[[u8; 12]],
    ) -> Result<(), StoreError> {
        let width = table.key.len();
        let keys: Vec<Vec<&[u8]>> = (0..width)
            .map(|at| keys.iter().skip(at).step_by(width).map(|id| &id[..]).collect())
            .collect();
        let head: [Value<'_>; 2] = [version.into(), district.into()];
        let mut values = parameters(&head);
        values.extend(keys.iter().map(|key| key as &(dyn ToSql + Sync)));
        self.run_of(&close_text(table), &values).map(drop)
    }

    pub(super) fn for_ids(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        ids: &[[u8; 12]],
        read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let ids: Vec<&[u8]> = ids.iter().map(|id| &id[..]).collect();
        let mut values = parameters(values);
        values.push(&ids);
        self.each_of(&for_all_ids(sql, values.len()), &values, read)
    }

    pub(super) fn analyze(&mut self) -> Result<(), StoreError> {
        let names: Vec<_> = VERSIONED.iter().map(|table| table.name).collect();
        self.run_batch(&format!(
            "SET LOCAL default_statistics_target = {STATISTICS}; ANALYZE bindings, {}",
            names.join(", ")
        ))
    }

    pub(super) fn lock_schema(&mut self) -> Result<(), StoreError> {
        // Whoever waited for the lock must see what its holder did; a snapshot from before would
        // not show it.
        self.run_batch(&format!(
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"
        ))
    }

    pub(super) fn has_table(&mut self, name: &str) -> Result<bool, StoreError> {
        let row = self.connection.query_once("SELECT to_regclass($1) IS NOT NULL", &[&name]);
        Ok(self.noting(row)?.try_get(0)?)
    }

    #[cfg(feature = "testing")]
    pub(super) fn prepare(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.connection.prepare(sql).map(drop)?)
    }

    pub(super) fn run_batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let done = self.connection.run_batch(sql);
        self.noting(done)
    }
}

/// For rows of which none may be there already.
pub(crate) fn copy_text(table: &Table) -> String {
    format!("COPY {} ({}) FROM STDIN BINARY", table.name, table.column_list())
}

/// The rows come as an array a column, but for the first `head` columns: they are the same in all.
pub(crate) fn insert_text(table: &Table, head: usize) -> String {
    let typed = |(n, (_, kind)): (usize, &(_, Kind))| match kind {
        Kind::Int => format!("${n}::bigint"),
        Kind::Bytes => format!("${n}::bytea"),
        Kind::Text => format!("${n}::text"),
    };
    let places: Vec<_> = (1..).zip(table.columns).map(typed).collect();
    let (same, own) = places.split_at(head.min(places.len()));
    let arrays: Vec<_> = own.iter().map(|place| format!("{place}[]")).collect();
    let columns: Vec<_> = same.iter().map(String::as_str).chain(["own.*"]).collect();
    format!(
        "INSERT INTO {} ({}) SELECT {} FROM UNNEST({}) AS own {}",
        table.name,
        table.column_list(),
        columns.join(", "),
        arrays.join(", "),
        table.conflict
    )
}

pub(crate) fn close_text(table: &Table) -> String {
    let name = table.name;
    let arrays: Vec<_> = (3..).zip(table.key).map(|(n, _)| format!("${n}::bytea[]")).collect();
    let same: Vec<_> = table.key.iter().map(|key| format!("{name}.{key} = gone.{key}")).collect();
    format!(
        "UPDATE {name} SET until = $1 FROM UNNEST({}) AS gone ({}) \
         WHERE {name}.district_id = $2 AND {} AND {name}.since < $1 AND {name}.until = {}",
        arrays.join(", "),
        table.key.join(", "),
        same.join(" AND "),
        still!()
    )
}

/// The statement for an id as one for an array of them, its parameter number `last`.
pub(crate) fn for_all_ids(sql: &str, last: usize) -> String {
    match sql.strip_suffix(&format!("= ${last}")) {
        Some(head) => format!("{head}= ANY(${last})"),
        None => sql.to_owned(),
    }
}

fn is_conflict(error: &tokio_postgres::Error) -> bool {
    use tokio_postgres::error::SqlState;
    error.code().is_some_and(|code| {
        *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
    })
}

fn parameters<'v>(values: &'v [Value<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

impl Kind {
    const fn as_type(self) -> Type {
        match self {
            Self::Int => Type::INT8,
            Self::Bytes => Type::BYTEA,
            Self::Text => Type::TEXT,
        }
    }
}

/// The values of one column.
enum Column<'v> {
    Int(Vec<Option<i64>>),
    Bytes(Vec<Option<&'v [u8]>>),
    Text(Vec<Option<&'v str>>),
}

impl<'v> Column<'v> {
    fn gather(kind: Kind, values: impl Iterator<Item = &'v Value<'v>>) -> Self {
        match kind {
            Kind::Int => Self::Int(
                values
                    .map(|value| if let Value::Int(value) = value { Some(*value) } else { None })
                    .collect(),
            ),
            Kind::Bytes => Self::Bytes(values.map(Value::as_bytes).collect()),
            Kind::Text => Self::Text(values.map(Value::as_text).collect()),
        }
    }

    fn parameter(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Int(values) => values,
            Self::Bytes(values) => values,
            Self::Text(values) => values,
        }
    }
}

impl Value<'_> {
    fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Id(bytes) => Some(bytes),
            Self::Bytes(bytes) => Some(bytes),
            Self::Null | Self::Int(_) | Self::Text(_) | Self::Made(_) => None,
        }
    }

    fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Made(text) => Some(text),
            Self::Null | Self::Int(_) | Self::Id(_) | Self::Bytes(_) => None,
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *kind == Type::INT8 => value.to_sql(kind, out),
            Self::Id(bytes) if *kind == Type::BYTEA => (&bytes[..]).to_sql(kind, out),
            Self::Bytes(bytes) if *kind == Type::BYTEA => bytes.to_sql(kind, out),
            Self::Text(text) if <&str>::accepts(kind) => text.to_sql(kind, out),
            Self::Made(text) if <&str>::accepts(kind) => text.to_sql(kind, out),
            _ => Err(format!("a parameter is not of type {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.to_sql(kind, out)
    }
}
