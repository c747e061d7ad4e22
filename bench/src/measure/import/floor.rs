//! The least honest work for an import: the rows of the files, text by text, in one table a file.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::{Reader, StringRecord};
use postgres::{Client, NoTls};
use rusqlite::{CachedStatement, Connection};

/// The files of a sandbox, each with what its rows are known by.
const FILES: [(&str, &[&str]); 7] = [
    ("schools", &["School_id"]),
    ("students", STUDENTS),
    ("teachers", &["Teacher_id", "School_id"]),
    ("staff", &["Staff_id", "School_id", "Role"]),
    ("sections", &["Section_id"]),
    ("enrollments", &["Section_id", "Student_id"]),
    ("resources", &["Resource_id", "Course_number", "Course_name"]),
];

/// A row of a student is one of a school and of a contact, and a contact is known by what it says.
const STUDENTS: &[&str] = &[
    "Student_id",
    "School_id",
    "Contact_sis_id",
    "Contact_name",
    "Contact_relationship",
    "Contact_type",
    "Contact_phone",
];

/// Rows of one transaction.
const AT_ONCE: usize = 1_000;

/// The page cache, in kibibytes.
const CACHE_KIB: i32 = 16 * 1024;

/// A database of plain tables.
pub struct Plain(Connection);

impl Plain {
    /// A new one, as durable as Firstbell's.
    pub fn create(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        Ok(Self(connection))
    }

    /// Inserts every row of a sandbox; how many there are.
    pub fn insert(&self, sandbox: &Path) -> Result<usize> {
        let mut inserted = 0;
        for (name, key) in FILES {
            let mut file = File::open(sandbox, name, key)?;
            self.0.execute_batch(&file.create)?;
            let mut record = StringRecord::new();
            let mut is_more = true;
            while is_more {
                let transaction = self.0.unchecked_transaction()?;
                let mut insert = transaction.prepare_cached(&file.insert)?;
                for _ in 0..AT_ONCE {
                    is_more = file.rows.read_record(&mut record)?;
                    if !is_more {
                        break;
                    }
                    insert.execute(rusqlite::params_from_iter(&record))?;
                    inserted += 1;
                }
                drop(insert);
                transaction.commit()?;
            }
        }
        Ok(inserted)
    }

    /// Looks every row of a sandbox up and compares it text by text, and makes sure that there is
    /// no row beside them; how many there are.
    pub fn compare(&self, sandbox: &Path) -> Result<usize> {
        let mut compared = 0;
        let snapshot = self.0.unchecked_transaction()?;
        for (name, key) in FILES {
            let mut file = File::open(sandbox, name, key)?;
            let mut record = StringRecord::new();
            let mut select = snapshot.prepare_cached(&file.select)?;
            let mut of_file: usize = 0;
            while file.rows.read_record(&mut record)? {
                is_same(&mut select, &file.key, &record).with_context(|| file.select.clone())?;
                of_file += 1;
            }
            let count = format!("SELECT COUNT(*) FROM {name}");
            let stored: i64 = snapshot.query_row(&count, [], |row| row.get(0))?;
            ensure!(usize::try_from(stored)? == of_file, "{name} has {stored} rows, not {of_file}");
            compared += of_file;
        }
        Ok(compared)
    }
}

/// Inserts every row of a sandbox into a database of PostgreSQL: each file as it is, with one `COPY`, into
/// tables as plain as those of [`Plain`]; how many there are.
pub fn copy_to_postgres(sandbox: &Path, url: &str) -> Result<usize> {
    let mut client = Client::connect(url, NoTls)?;
    let mut copied = 0;
    for (name, key) in FILES {
        client.batch_execute(&table(name, key, &File::open(sandbox, name, key)?.columns))?;
        // An empty cell is a text like any other.
        let copy = format!("COPY {name} FROM STDIN (FORMAT csv, HEADER, NULL '\\N')");
        let mut rows = client.copy_in(&copy)?;
        let file = sandbox.join(format!("{name}.csv"));
        std::io::copy(&mut std::fs::File::open(file)?, &mut rows)?;
        copied += usize::try_from(rows.finish()?)?;
    }
    Ok(copied)
}

/// A table with a column of text for each of a file.
fn table(name: &str, key: &[&str], columns: &[String]) -> String {
    let typed: Vec<String> = columns.iter().map(|column| format!("{column} TEXT")).collect();
    let key: Vec<String> = key.iter().map(|column| format!("\"{column}\"")).collect();
    format!("CREATE TABLE {name} ({}, PRIMARY KEY ({}))", typed.join(", "), key.join(", "))
}

fn is_same(select: &mut CachedStatement<'_>, key: &[usize], record: &StringRecord) -> Result<()> {
    let key = key.iter().map(|column| record.get(*column));
    let mut rows = select.query(rusqlite::params_from_iter(key))?;
    let row = rows.next()?.context("a row is not there")?;
    for (column, text) in record.iter().enumerate() {
        ensure!(row.get_ref(column)?.as_str()? == text, "a row has changed");
    }
    Ok(())
}

/// A file that is read, and the statements for its table.
struct File {
    rows: Reader<std::fs::File>,
    /// Where the columns of the key stand.
    key: Vec<usize>,
    /// Their names, in quotes.
    columns: Vec<String>,
    create: String,
    insert: String,
    select: String,
}

impl File {
    fn open(sandbox: &Path, name: &str, key: &[&str]) -> Result<Self> {
        let mut rows = Reader::from_path(sandbox.join(format!("{name}.csv")))?;
        let header = rows.headers()?.clone();
        let place = |wanted: &&str| {
            let found = header.iter().position(|column| column == *wanted);
            found.with_context(|| format!("{name} has no column {wanted}"))
        };
        let columns: Vec<String> = header.iter().map(|column| format!("\"{column}\"")).collect();
        let places: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
        let asked: Vec<String> = key.iter().map(|column| format!("\"{column}\" = ?")).collect();
        Ok(Self {
            key: key.iter().map(place).collect::<Result<_>>()?,
            create: format!("{} WITHOUT ROWID", table(name, key, &columns)),
            insert: format!("INSERT INTO {name} VALUES ({})", places.join(", ")),
            select: format!("SELECT * FROM {name} WHERE {}", asked.join(" AND ")),
            rows,
            columns,
        })
    }
}
