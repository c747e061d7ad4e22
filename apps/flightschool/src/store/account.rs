//! Account rows, and the rule by which a person finds theirs.

use firstbell_client::{Person, RoleKind};
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::config::EarlierAccount;
use crate::grade::Grade;

/// Who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) id: i64,
    /// First and last name; empty when the district shares none.
    pub(crate) name: String,
    /// The role to begin with comes first.
    pub(crate) roles: Vec<RoleKind>,
    pub(crate) grade: Grade,
    /// How many times the person has logged in, this one included.
    pub(crate) flights: u32,
}

/// The account of a person, made if there is none:
///
/// 1. The account with their Firstbell id. Names and addresses change, the id does not.
/// 2. Else the account with their email address, if it is from the same district, the only one
///    there with that address, and has no Firstbell id yet. An address moves from one person to
///    another, and two districts may both have a `teacher1@example.org`.
/// 3. Else a new one. Many students have no address at all.
pub(super) fn matching(tx: &Transaction<'_>, person: &Person) -> rusqlite::Result<i64> {
    if let Some(account) = by_firstbell_id(tx, &person.id)? {
        return Ok(account);
    }
    if let Some(account) = by_email(tx, person)? {
        tx.prepare_cached("UPDATE account SET firstbell_id = ?2 WHERE id = ?1")?
            .execute(params![account, person.id])?;
        return Ok(account);
    }
    tx.prepare_cached("INSERT INTO account (firstbell_id, district) VALUES (?1, ?2)")?
        .insert(params![person.id, person.district])
}

fn by_firstbell_id(tx: &Transaction<'_>, id: &str) -> rusqlite::Result<Option<i64>> {
    tx.prepare_cached("SELECT id FROM account WHERE firstbell_id = ?1")?
        .query_row(params![id], |row| row.get(0))
        .optional()
}

fn by_email(tx: &Transaction<'_>, person: &Person) -> rusqlite::Result<Option<i64>> {
    let Some(email) = &person.email else { return Ok(None) };
    tx.prepare_cached(
        "SELECT min(id) FROM account WHERE district = ?1 AND email = ?2
         HAVING count(*) = 1 AND max(firstbell_id) IS NULL",
    )?
    .query_row(params![person.district, normal(email)], |row| row.get(0))
    .optional()
}

/// What the login told about the person replaces what was known; one more flight.
pub(super) fn update(tx: &Transaction<'_>, account: i64, person: &Person) -> rusqlite::Result<()> {
    let name: String = person.name.full().chars().take(MOST_NAME_CHARS).collect();
    tx.prepare_cached(
        "UPDATE account SET district = ?2, email = ?3, name = ?4, flights = flights + 1
         WHERE id = ?1",
    )?
    .execute(params![account, person.district, person.email.as_deref().map(normal), name])?;

    tx.prepare_cached("DELETE FROM account_role WHERE account = ?1")?.execute(params![account])?;
    let mut insert =
        tx.prepare_cached("INSERT INTO account_role (account, place, kind) VALUES (?1, ?2, ?3)")?;
    for (place, role) in (0_i64..).zip(&person.roles) {
        insert.execute(params![account, place, role.kind.name()])?;
    }
    Ok(())
}

/// What fits on a licence.
const MOST_NAME_CHARS: usize = 200;

pub(super) fn read(tx: &Transaction<'_>, id: i64) -> rusqlite::Result<Account> {
    let roles = tx
        .prepare_cached("SELECT kind FROM account_role WHERE account = ?1 ORDER BY place")?
        .query_map(params![id], |row| row.get::<_, String>(0))?
        .filter_map(|kind| kind.map(|kind| kind.parse().ok()).transpose())
        .collect::<Result<_, _>>()?;
    tx.prepare_cached("SELECT name, grade, flights FROM account WHERE id = ?1")?.query_row(
        params![id],
        |row| {
            let grade: Option<String> = row.get(1)?;
            Ok(Account {
                id,
                name: row.get(0)?,
                roles,
                grade: Grade::from_stored(grade.as_deref()),
                flights: row.get(2)?,
            })
        },
    )
}

pub(super) fn set_grade(tx: &Transaction<'_>, id: i64, grade: Grade) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE account SET grade = ?2 WHERE id = ?1")?
        .execute(params![id, grade.stored()])?;
    Ok(())
}

pub(super) fn add_earlier(tx: &Transaction<'_>, earlier: &EarlierAccount) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO account (district, email) SELECT ?1, ?2
         WHERE NOT EXISTS (SELECT 1 FROM account WHERE district = ?1 AND email = ?2)",
    )?
    .execute(params![earlier.district, normal(&earlier.email)])?;
    Ok(())
}

fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}
