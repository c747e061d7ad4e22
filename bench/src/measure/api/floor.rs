//! The least honest work for a page of users: three queries in the order of ids, whose rows are
//! written to a buffer as the JSON that Firstbell answers with, without HTTP, tokens, or a thought
//! about who may see what. (One query with joins was tried: SQLite takes half as long again for it,
//! and PostgreSQL finds a bad plan.)
//!
//! It leans on what is so in the large sandbox: everybody has one role. That
//! its bytes are those of Firstbell is checked before anything is measured.

mod postgresql;
mod print;
mod sqlite;

use std::path::Path;

use anyhow::Result;
use postgres::{Client, NoTls};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use print::{Id, Page};

/// The dialect's path of users.
pub const USERS: &str = "/v3.1/users";

/// At most `$4` people behind id `$3` of district `$1` in version `$2`.
const PEOPLE: &str = "SELECT id, email, first_name, middle_name, last_name, created, last_modified \
     FROM users WHERE district_id = $1 AND since <= $2 AND until > $2 AND id > $3 \
     ORDER BY id LIMIT $4";

/// Roles of people behind id `$3`.
const ROLES: &str = "SELECT user_id, role_id, kind, sis_id, details FROM user_roles \
     WHERE district_id = $1 AND since <= $2 AND until > $2 AND user_id > $3";

/// Schools of the same.
const SCHOOLS: &str = "SELECT user_id, school_id, position FROM role_schools \
     WHERE district_id = $1 AND since <= $2 AND until > $2 AND user_id > $3";

/// Of people up to id `$4`.
const UP_TO: &str = " AND user_id <= $4";

const IN_ORDER: &str = " ORDER BY user_id";

/// In the order in which they are kept, the primary school first.
const PRIMARY_FIRST: &str = " ORDER BY user_id, position, school_id";

const DISTRICT: &str = "SELECT id, roster_version FROM districts";

/// The page cache, as large as that of one of Firstbell's readers.
const CACHE_KIB: i32 = 6 * 1024;

/// Reads the pages of one district.
pub struct Floor {
    database: Database,
    district: Id,
    version: i64,
}

enum Database {
    Sqlite(Connection),
    Postgres(Box<postgresql::Reader>),
}

impl Floor {
    /// On the file of a store, beside whoever else has it open.
    pub fn on_sqlite(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let (district, version) =
            connection.query_row(DISTRICT, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { database: Database::Sqlite(connection), district, version })
    }

    /// On a store in PostgreSQL.
    pub fn on_postgres(url: &str) -> Result<Self> {
        let mut client = Client::connect(url, NoTls)?;
        let row = client.query_one(DISTRICT, &[])?;
        let district = row.try_get::<_, &[u8]>(0)?.try_into()?;
        let version = row.try_get(1)?;
        let reader = postgresql::Reader::of(client)?;
        Ok(Self { database: Database::Postgres(Box::new(reader)), district, version })
    }

    /// The whole list in pages, each of them given out without what stands around its items; how
    /// many users there are.
    pub fn read(&mut self, limit: usize, mut page: impl FnMut(&[u8])) -> Result<usize> {
        let mut written = Page::of(self.district);
        let mut users = 0;
        loop {
            let from =
                From { district: self.district, version: self.version, after: written.last() };
            written.clear();
            match &mut self.database {
                Database::Sqlite(connection) => {
                    sqlite::write(connection, &from, limit, &mut written)
                }
                Database::Postgres(reader) => reader.write(&from, limit, &mut written),
            }?;
            if written.users() > 0 {
                page(written.items());
            }
            users += written.users();
            if written.users() < limit {
                return Ok(users);
            }
        }
    }
}

/// Where a page begins.
struct From {
    district: Id,
    version: i64,
    after: Id,
}
