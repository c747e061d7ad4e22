//! A district's roster as it is in one version, read in pages: by ascending id, from anywhere, in
//! either direction. A version never changes while it is kept, so pages that are read one after the
//! other fit together.

mod others;
mod people;
mod relations;
mod sections;

pub use people::StoredPerson;
pub use relations::AtSchool;

use firstbell_core::time::Timestamp;

#[cfg(feature = "testing")]
pub(crate) use {
    others::QUERIES as OTHERS, people::QUERIES as PEOPLE, relations::QUERIES as RELATIONS,
    sections::QUERIES as SECTIONS,
};

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::roster::RosterVersion;
use crate::store::DistrictTx;

/// Where a page begins, and which way it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seek {
    /// The first records.
    First,
    /// Those that follow this id.
    After([u8; 12]),
    /// The last records.
    Last,
    /// Those right before this id.
    Before([u8; 12]),
}

impl Seek {
    /// Whether ids go up from where it begins.
    pub const fn is_forward(self) -> bool {
        matches!(self, Self::First | Self::After(_))
    }

    /// What to compare ids with: before all of them, after all of them, or one.
    pub(crate) fn bound(&self) -> Value<'_> {
        match self {
            Self::First => Value::Bytes(&[]),
            Self::After(id) | Self::Before(id) => Value::Id(*id),
            Self::Last => Value::Bytes(&[0xff; 13]),
        }
    }
}

/// A record, and when it came and changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<T> {
    /// The record.
    pub record: T,
    /// When the roster first named it.
    pub created: Timestamp,
    /// When the roster last changed it.
    pub last_modified: Timestamp,
}

/// Rows of `$table` in district `$1` that hold in version `$2`.
macro_rules! at {
    ($columns:literal, $table:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE district_id = $1 AND since <= $2 AND until > $2"
        )
    };
}

/// The same from `$3` up, at most `$4`.
macro_rules! forward {
    ($columns:literal, $table:literal, $id:literal) => {
        concat!(
            $crate::roster_at::at!($columns, $table),
            " AND ",
            $id,
            " > $3 ORDER BY ",
            $id,
            " LIMIT $4"
        )
    };
}

/// The same from `$3` down.
macro_rules! backward {
    ($columns:literal, $table:literal, $id:literal) => {
        concat!(
            $crate::roster_at::at!($columns, $table),
            " AND ",
            $id,
            " < $3 ORDER BY ",
            $id,
            " DESC LIMIT $4"
        )
    };
}

/// The same with ids from `$3` to `$4`.
macro_rules! among {
    ($columns:literal, $table:literal, $id:literal) => {
        concat!($crate::roster_at::at!($columns, $table), " AND ", $id, " BETWEEN $3 AND $4")
    };
}

/// The same with one id, see `Link::for_ids`.
macro_rules! of {
    ($columns:literal, $table:literal, $id:literal) => {
        concat!($crate::roster_at::at!($columns, $table), " AND ", $id, " = $3")
    };
}

pub(crate) use {among, at, backward, forward, of};

/// The statements that read records of a kind: a page up, a page down, and some by their ids.
struct Reads {
    up: &'static str,
    down: &'static str,
    some: &'static str,
}

/// The statements that read what belongs to records: to those with ids in a range, and to some.
struct Parts {
    range: &'static str,
    some: &'static str,
}

/// Which records are asked for.
#[derive(Clone, Copy)]
enum Which<'w> {
    Page(Seek, usize),
    /// In ascending order, each once.
    Ids(&'w [[u8; 12]]),
}

/// A district's roster in one version.
pub struct RosterAt<'a, 't, 'c> {
    pub(crate) district: &'a mut DistrictTx<'t, 'c>,
    version: RosterVersion,
}

impl<'t, 'c> DistrictTx<'t, 'c> {
    /// The roster as it is in this version. One that is no longer kept has lost records.
    pub fn roster_at(&mut self, version: RosterVersion) -> RosterAt<'_, 't, 'c> {
        RosterAt { district: self, version }
    }
}

impl RosterAt<'_, '_, '_> {
    /// The version.
    pub fn version(&self) -> RosterVersion {
        self.version
    }

    pub(crate) fn tenant(&self) -> [Value<'static>; 2] {
        [self.district.id.into(), self.version.0.into()]
    }

    /// Records by ascending id.
    fn records<T>(
        &mut self,
        reads: &Reads,
        which: Which<'_>,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
        id: impl Fn(&T) -> [u8; 12],
    ) -> Result<Vec<T>, StoreError> {
        let [district, version] = self.tenant();
        let mut records = Vec::new();
        match which {
            Which::Page(seek, most) => {
                let most = i64::try_from(most).unwrap_or(i64::MAX);
                let values = [district, version, seek.bound(), most.into()];
                let sql = if seek.is_forward() { reads.up } else { reads.down };
                self.district.tx.each(sql, &values, |row| {
                    records.push(read(row)?);
                    Ok(())
                })?;
                if !seek.is_forward() {
                    records.reverse();
                }
            }
            Which::Ids(ids) => {
                self.district.tx.with(|link| {
                    link.for_ids(reads.some, &[district, version], ids, |row| {
                        records.push(read(row)?);
                        Ok(())
                    })
                })?;
                records.sort_by_key(&id);
            }
        }
        Ok(records)
    }

    /// What belongs to these records, which stand in ascending order. `add` gets the record of each
    /// row; column 0 is its id.
    fn parts<T>(
        &mut self,
        parts: &Parts,
        which: Which<'_>,
        records: &mut [T],
        id: impl Fn(&T) -> [u8; 12],
        mut add: impl FnMut(&mut T, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(()) };
        let [district, version] = self.tenant();
        let range = [district.clone(), version.clone(), Value::Id(id(first)), Value::Id(id(last))];
        // Rows mostly come in the order of the records: to the last one, or to the one behind it.
        let mut at = 0;
        let mut place = |row: &Row<'_>| {
            let of: [u8; 12] = row.array(0)?;
            let is = |at| records.get(at).is_some_and(|record| id(record) == of);
            if !is(at) {
                let next = is(at + 1).then_some(at + 1);
                let found = next.or_else(|| records.binary_search_by_key(&of, &id).ok());
                let Some(found) = found else { return Ok(()) };
                at = found;
            }
            records.get_mut(at).map_or(Ok(()), |record| add(record, row))
        };
        match which {
            Which::Page(..) => self.district.tx.each(parts.range, &range, place),
            Which::Ids(ids) => {
                let values = [district, version];
                self.district
                    .tx
                    .with(|link| link.for_ids(parts.some, &values, ids, |row| place(row)))
            }
        }
    }

    fn count(&mut self, sql: &str) -> Result<u64, StoreError> {
        let values = self.tenant();
        let count = self.district.tx.one(sql, &values, |row| row.int(0))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}
