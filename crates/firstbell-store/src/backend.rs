//! The two databases behind one face: values in, rows out, and the few verbs that they do
//! differently. Nothing outside this module knows which one it speaks to.

pub(crate) mod postgres;
pub(crate) mod sqlite;
mod table;

use firstbell_core::id::{
    ApplicationId, CourseId, DeliveryId, DistrictId, DistrictTokenId, EventId, ResourceId, RoleId,
    SchoolId, SectionId, SyncRunId, TermId, UserId,
};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::error::StoreError;
pub(crate) use table::{Kind, Table};

/// A connection in the middle of a piece of work.
pub(crate) enum Link<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut postgres::Session),
}

impl Link<'_> {
    /// Runs a statement and reads the first of its rows.
    pub(crate) fn one<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::one(connection, sql, values, read),
            Self::Postgres(session) => session.one(sql, values, read),
        }
    }

    /// Runs a statement and reads each of its rows.
    pub(crate) fn each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::each(connection, sql, values, read),
            Self::Postgres(session) => session.each(sql, values, read),
        }
    }

    /// Runs a statement that returns nothing; says how many rows it touched.
    pub(crate) fn run(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::run(connection, sql, values),
            Self::Postgres(session) => session.run(sql, values),
        }
    }

    /// Inserts many rows: `head` has the first columns, which are the same in all of them, and
    /// `values` the others of each row, one after the other as `table.columns` wants them. Says how
    /// many were new where `table.conflict` lets the others pass.
    pub(crate) fn bulk_insert(
        &mut self,
        table: &Table,
        head: &[Value<'_>],
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::bulk_insert(connection, table, head, values),
            Self::Postgres(session) => session.bulk_insert(table, head, values),
        }
    }

    /// Runs a statement for each of many ids. It ends in `= $n` for the id.
    pub(crate) fn for_ids(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        ids: &[[u8; 12]],
        read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::for_ids(connection, sql, values, ids, read),
            Self::Postgres(session) => session.for_ids(sql, values, ids, read),
        }
    }

    /// Closes the rows of these keys, given one after the other as `table.key` names them: from
    /// `version` on they no longer hold.
    pub(crate) fn bulk_close(
        &mut self,
        table: &Table,
        district: DistrictId,
        version: i64,
        keys: &[[u8; 12]],
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => {
                sqlite::bulk_close(connection, table, district, version, keys)
            }
            Self::Postgres(session) => session.bulk_close(table, district, version, keys),
        }
    }

    /// Lets the planner see what a large import has changed, where it goes by what is there.
    pub(crate) fn analyze(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.analyze(),
        }
    }

    /// Tells the planner of the tables of a new schema, where it does not find out by itself.
    pub(crate) fn tell_planner(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::tell_planner(connection),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Waits until no other process migrates, and keeps others out until the transaction ends.
    pub(crate) fn lock_schema(&mut self) -> Result<(), StoreError> {
        match self {
            // The transaction has been the only writer since BEGIN IMMEDIATE.
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(session) => session.lock_schema(),
        }
    }

    /// Prepares a statement and forgets it.
    #[cfg(feature = "testing")]
    pub(crate) fn prepare(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => Ok(connection.prepare(sql).map(drop)?),
            Self::Postgres(session) => session.prepare(sql),
        }
    }

    /// The statements of bulk inserts into a table, as this database has them.
    #[cfg(feature = "testing")]
    pub(crate) fn insert_texts(&self, table: &Table) -> Vec<String> {
        match self {
            Self::Sqlite(_) => {
                [1, sqlite::ROWS_AT_ONCE].map(|rows| sqlite::insert_text(table, 1, rows)).to_vec()
            }
            Self::Postgres(_) if table.conflict.is_empty() => vec![postgres::copy_text(table)],
            Self::Postgres(_) => vec![postgres::insert_text(table, 1)],
        }
    }

    /// The statement that closes rows of a table, as this database has it.
    #[cfg(feature = "testing")]
    pub(crate) fn close_text(&self, table: &Table) -> String {
        match self {
            Self::Sqlite(_) => sqlite::close_text(table),
            Self::Postgres(_) => postgres::close_text(table),
        }
    }

    /// What [`Link::for_ids`] makes of a statement whose last parameter is number `last`.
    #[cfg(feature = "testing")]
    pub(crate) fn ids_text(&self, sql: &str, last: usize) -> String {
        match self {
            Self::Sqlite(_) => sql.to_owned(),
            Self::Postgres(_) => postgres::for_all_ids(sql, last),
        }
    }

    /// Whether there is a table of this name.
    pub(crate) fn has_table(&mut self, name: &str) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(connection) => sqlite::has_table(connection, name),
            Self::Postgres(session) => session.has_table(name),
        }
    }

    /// Runs a migration's text, its tokens replaced by this database's words.
    pub(crate) fn run_migration(&mut self, text: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => {
                Ok(connection.execute_batch(&spelled(text, &sqlite::WORDS))?)
            }
            Self::Postgres(session) => session.run_batch(&spelled(text, &postgres::WORDS)),
        }
    }
}

/// What the tokens of a migration stand for.
pub(crate) type Words = [(&'static str, &'static str); 6];

fn spelled(text: &str, words: &Words) -> String {
    words.iter().fold(text.to_owned(), |text, (token, word)| text.replace(token, word))
}

/// A value on its way into the database.
#[derive(Clone)]
pub(crate) enum Value<'v> {
    Null,
    Int(i64),
    Id([u8; 12]),
    Bytes(&'v [u8]),
    Text(&'v str),
    Made(String),
}

/// Drivers log the values of their statements: names, states and password hashes must not get there.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Id(_) | Self::Bytes(_) | Self::Text(_) | Self::Made(_) => f.write_str("…"),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.milliseconds())
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(value: &'v str) -> Self {
        Self::Text(value)
    }
}

impl<'v> From<&'v SecretHash> for Value<'v> {
    fn from(value: &'v SecretHash) -> Self {
        Self::Bytes(value.as_bytes())
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(value: &'v [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! ids {
    ($($id:ty),*) => {$(
        impl From<$id> for Value<'_> {
            fn from(id: $id) -> Self {
                Self::Id(id.to_bytes())
            }
        }

        impl FromBytes for $id {
            fn from_bytes(bytes: [u8; 12]) -> Self {
                Self::from_bytes(bytes)
            }
        }
    )*};
}

ids!(
    ApplicationId,
    CourseId,
    DeliveryId,
    DistrictId,
    DistrictTokenId,
    EventId,
    ResourceId,
    RoleId,
    SchoolId,
    SectionId,
    SyncRunId,
    TermId,
    UserId
);

/// What the twelve bytes of an id can become.
pub(crate) trait FromBytes {
    fn from_bytes(bytes: [u8; 12]) -> Self;
}

/// A row on its way out. Columns are numbered from 0.
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(row) => {
                Ok(row.get_ref(column)?.as_i64().map_err(rusqlite::Error::from)?)
            }
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self {
            Self::Sqlite(row) => {
                Ok(row.get_ref(column)?.as_i64_or_null().map_err(rusqlite::Error::from)?)
            }
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self {
            Self::Sqlite(row) => {
                Ok(row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?)
            }
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn opt_bytes(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self {
            Self::Sqlite(row) => {
                Ok(row.get_ref(column)?.as_blob_or_null().map_err(rusqlite::Error::from)?)
            }
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or(StoreError::Unreadable { column })
    }

    pub(crate) fn string(&self, column: usize) -> Result<String, StoreError> {
        self.text(column).map(str::to_owned)
    }

    pub(crate) fn opt_string(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(self.opt_text(column)?.map(str::to_owned))
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_milliseconds)
    }

    pub(crate) fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_milliseconds))
    }

    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], StoreError> {
        self.opt_array(column)?.ok_or(StoreError::Unreadable { column })
    }

    pub(crate) fn opt_array<const N: usize>(
        &self,
        column: usize,
    ) -> Result<Option<[u8; N]>, StoreError> {
        let Some(bytes) = self.opt_bytes(column)? else { return Ok(None) };
        bytes.try_into().map(Some).map_err(|_| StoreError::Unreadable { column })
    }

    pub(crate) fn id<T: FromBytes>(&self, column: usize) -> Result<T, StoreError> {
        self.array(column).map(T::from_bytes)
    }

    pub(crate) fn opt_id<T: FromBytes>(&self, column: usize) -> Result<Option<T>, StoreError> {
        Ok(self.opt_array(column)?.map(T::from_bytes))
    }

    pub(crate) fn hash(&self, column: usize) -> Result<SecretHash, StoreError> {
        self.array(column).map(SecretHash::from_bytes)
    }

    /// A text that names one of our values, if there is one.
    pub(crate) fn opt_parsed<T: std::str::FromStr>(
        &self,
        column: usize,
    ) -> Result<Option<T>, StoreError> {
        let parsed = self.opt_text(column)?.map(str::parse).transpose();
        parsed.map_err(|_| StoreError::Unreadable { column })
    }

    /// A text that names one of our values.
    pub(crate) fn parsed<T: std::str::FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| StoreError::Unreadable { column })
    }
}
