//! The floor's database: SQLite, one writer thread that commits everything that waits at once, and
//! a read-only connection on each of the threads that answer.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use anyhow::Result;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use tokio::sync::{mpsc, oneshot};

/// The SHA-256 of a secret.
pub type Hash = [u8; 32];

const MOST_AT_ONCE: usize = 256;
const CODE_LIFETIME_MS: i64 = 60_000;
const TOKEN_LIFETIME_MS: i64 = 24 * 3_600_000;

const TABLES: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE people (id TEXT PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, email TEXT)
        STRICT, WITHOUT ROWID;
    CREATE TABLE roles (person TEXT NOT NULL, kind TEXT NOT NULL, legacy_id TEXT NOT NULL,
        sis_id TEXT NOT NULL, school TEXT NOT NULL, grade TEXT NOT NULL,
        PRIMARY KEY (person, kind)) STRICT, WITHOUT ROWID;
    CREATE TABLE sessions (hash BLOB PRIMARY KEY, person TEXT NOT NULL, expires INTEGER NOT NULL)
        STRICT, WITHOUT ROWID;
    CREATE TABLE codes (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, person TEXT NOT NULL,
        expires INTEGER NOT NULL, redeemed INTEGER) STRICT;
    CREATE TABLE tokens (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, person TEXT NOT NULL,
        expires INTEGER NOT NULL) STRICT;";

/// The write-ahead log is copied back into the database when it has so many pages.
const CHECKPOINT_PAGES: u32 = 8_000;
/// The page cache of the writer, in kibibytes.
const CACHE_KIB: i32 = 16 * 1024;

/// A secret as it is stored, with the number of its row. The number travels in front of the secret:
/// then rows are found without an index, and those of one commit share the page they are written to.
#[derive(Clone, Copy)]
pub struct Sealed {
    /// The number of the row.
    pub number: i64,
    /// The SHA-256 of the secret.
    pub hash: Hash,
}

/// A person with their one role.
pub struct Person {
    pub first: String,
    pub last: String,
    pub email: Option<String>,
    pub legacy_id: String,
    pub sis_id: String,
    pub school: String,
    pub grade: String,
}

enum Write {
    Code { code: Sealed, person: String },
    Redeem { code: Sealed, token: Sealed },
}

type Waiting = (Write, oneshot::Sender<bool>);

/// The database. Cloning it is cheap.
#[derive(Clone)]
pub struct Store {
    file: Arc<PathBuf>,
    writer: mpsc::Sender<Waiting>,
    started: Instant,
    last_number: Arc<AtomicI64>,
}

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

impl Store {
    /// A new database in which everybody has a session.
    pub fn create(folder: &Path, sessions: impl Iterator<Item = Hash>) -> Result<Self> {
        let file = folder.join("floor.sqlite");
        let mut connection = Connection::open(&file)?;
        connection.execute_batch(TABLES)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        fill(&mut connection, sessions)?;
        let (writer, waiting) = mpsc::channel(4 * MOST_AT_ONCE);
        let started = Instant::now();
        std::thread::spawn(move || write_all(&mut connection, waiting, started));
        Ok(Self { file: Arc::new(file), writer, started, last_number: Arc::default() })
    }

    /// The number of the next code or token.
    pub fn number(&self) -> i64 {
        self.last_number.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whose session it is, unless it is over.
    pub fn person_of_session(&self, hash: &Hash) -> Option<String> {
        let sql = "SELECT person FROM sessions WHERE hash = ?1 AND expires > ?2";
        self.read(|reader| {
            let mut found = reader.prepare_cached(sql)?;
            found.query_row(params![hash, now(self.started)], |row| row.get(0)).optional()
        })
    }

    /// Whose token it is, unless it is over.
    pub fn person_of_token(&self, token: Sealed) -> Option<String> {
        let sql = "SELECT person FROM tokens WHERE number = ?1 AND hash = ?2 AND expires > ?3";
        self.read(|reader| {
            let mut found = reader.prepare_cached(sql)?;
            let values = params![token.number, token.hash, now(self.started)];
            found.query_row(values, |row| row.get(0)).optional()
        })
    }

    /// A person with their role.
    pub fn person(&self, id: &str) -> Option<Person> {
        // Two statements: SQLite with STAT4 prepares a join anew whenever its parameter changes.
        let person = "SELECT first, last, email FROM people WHERE id = ?1";
        let role = "SELECT legacy_id, sis_id, school, grade FROM roles
            WHERE person = ?1 AND kind = 'student'";
        self.read(|reader| {
            let mut found = reader.prepare_cached(person)?;
            let name = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let (first, last, email) = found.query_row(params![id], name)?;
            let mut found = reader.prepare_cached(role)?;
            let person = found.query_row(params![id], |row| {
                Ok(Person {
                    first,
                    last,
                    email,
                    legacy_id: row.get(0)?,
                    sis_id: row.get(1)?,
                    school: row.get(2)?,
                    grade: row.get(3)?,
                })
            });
            person.optional()
        })
    }

    /// Records a code; something when it is on the disk.
    pub async fn record_code(&self, code: Sealed, person: String) -> Option<()> {
        self.write(Write::Code { code, person }).await
    }

    /// Consumes a code and records the token; something when both are on the disk.
    pub async fn redeem(&self, code: Sealed, token: Sealed) -> Option<()> {
        self.write(Write::Redeem { code, token }).await
    }

    async fn write(&self, write: Write) -> Option<()> {
        let (done, answer) = oneshot::channel();
        self.writer.send((write, done)).await.ok()?;
        answer.await.ok()?.then_some(())
    }

    /// Reads on the calling thread: what is asked is in memory, and a hand-over costs more.
    fn read<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<Option<T>>) -> Option<T> {
        READER.with_borrow_mut(|reader| {
            if reader.is_none() {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let opened = Connection::open_with_flags(self.file.as_path(), flags).ok()?;
                *reader = Some(opened);
            }
            ask(reader.as_ref()?).ok().flatten()
        })
    }
}

/// The writer thread: one commit for everything that waits, and only then the answers.
fn write_all(connection: &mut Connection, mut waiting: mpsc::Receiver<Waiting>, started: Instant) {
    let mut group = Vec::with_capacity(MOST_AT_ONCE);
    while waiting.blocking_recv_many(&mut group, MOST_AT_ONCE) > 0 {
        let outcomes = commit(connection, &group, now(started));
        for (index, (_, done)) in group.drain(..).enumerate() {
            let held = outcomes.as_ref().is_ok_and(|outcomes| outcomes.get(index) == Some(&true));
            // Whoever asked may have gone away.
            let _ = done.send(held);
        }
    }
}

fn commit(connection: &mut Connection, group: &[Waiting], now: i64) -> rusqlite::Result<Vec<bool>> {
    let transaction = connection.transaction()?;
    let mut outcomes = Vec::with_capacity(group.len());
    for (write, _) in group {
        outcomes.push(match write {
            Write::Code { code, person } => {
                let sql = "INSERT INTO codes VALUES (?1, ?2, ?3, ?4, NULL)";
                let mut insert = transaction.prepare_cached(sql)?;
                let expires = now + CODE_LIFETIME_MS;
                insert.execute(params![code.number, code.hash, person, expires])? == 1
            }
            Write::Redeem { code, token } => {
                let sql = "UPDATE codes SET redeemed = ?3 WHERE number = ?1 AND hash = ?2
                    AND redeemed IS NULL AND expires > ?3 RETURNING person";
                let mut consume = transaction.prepare_cached(sql)?;
                let values = params![code.number, code.hash, now];
                let person: Option<String> =
                    consume.query_row(values, |row| row.get(0)).optional()?;
                let sql = "INSERT INTO tokens VALUES (?1, ?2, ?3, ?4)";
                let mut insert = transaction.prepare_cached(sql)?;
                match person {
                    Some(person) => {
                        let expires = now + TOKEN_LIFETIME_MS;
                        insert.execute(params![token.number, token.hash, person, expires])? == 1
                    }
                    None => false,
                }
            }
        });
    }
    transaction.commit()?;
    Ok(outcomes)
}

fn fill(connection: &mut Connection, sessions: impl Iterator<Item = Hash>) -> Result<()> {
    let transaction = connection.transaction()?;
    for (index, session) in sessions.enumerate() {
        let id = format!("6741f0a1{index:016x}");
        transaction
            .prepare_cached("INSERT INTO people VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![id, "Ana", "Núñez", format!("ana.{index}@example.org")])?;
        let legacy_id = format!("6741f0a2{index:016x}");
        transaction
            .prepare_cached("INSERT INTO roles VALUES (?1, 'student', ?2, ?3, ?4, '4')")?
            .execute(params![id, legacy_id, index.to_string(), "6741f0a30000000000000001"])?;
        transaction
            .prepare_cached("INSERT INTO sessions VALUES (?1, ?2, ?3)")?
            .execute(params![session, id, TOKEN_LIFETIME_MS])?;
    }
    transaction.commit()?;
    Ok(())
}

/// Milliseconds since the floor was started: all that its lifetimes need.
fn now(started: Instant) -> i64 {
    i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX)
}
