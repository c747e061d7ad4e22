//! Rows of SQLite: three statements that are stepped side by side.

use std::cmp::Ordering;

use anyhow::{Context, Result};
use rusqlite::fallible_streaming_iterator::FallibleStreamingIterator as _;
use rusqlite::{Connection, Rows, params};

use super::print::{Page, Row};
use super::{From, IN_ORDER, PEOPLE, PRIMARY_FIRST, ROLES, SCHOOLS};

/// Writes a page.
pub fn write(connection: &Connection, from: &From, limit: usize, page: &mut Page) -> Result<()> {
    let behind = params![from.district, from.version, from.after];
    let limit = i64::try_from(limit)?;
    let mut people = connection.prepare_cached(PEOPLE)?;
    let mut people = people.query(params![from.district, from.version, from.after, limit])?;
    let mut roles = connection.prepare_cached(&format!("{ROLES}{IN_ORDER}"))?;
    let mut roles = roles.query(behind)?;
    let mut schools = connection.prepare_cached(&format!("{SCHOOLS}{PRIMARY_FIRST}"))?;
    let mut schools = schools.query(behind)?;
    roles.advance()?;
    schools.advance()?;
    let mut at = Vec::new();
    while let Some(person) = people.next()? {
        let id: [u8; 12] = person.get(0)?;
        let role = if goes_to(&mut roles, &id)? { roles.get() } else { None };
        let role = role.context("a person without a role")?;
        at.clear();
        while goes_to(&mut schools, &id)? {
            if let Some(school) = schools.get() {
                at.push(school.get(1)?);
            }
            schools.advance()?;
        }
        page.add(&Row {
            id,
            email: person.get_ref(1)?.as_str_or_null()?,
            first: person.get_ref(2)?.as_str()?,
            middle: person.get_ref(3)?.as_str_or_null()?,
            last: person.get_ref(4)?.as_str()?,
            created: person.get(5)?,
            last_modified: person.get(6)?,
            role: role.get(1)?,
            kind: role.get_ref(2)?.as_str()?,
            sis_id: role.get_ref(3)?.as_str()?,
            details: role.get_ref(4)?.as_str()?,
            schools: &at,
        })?;
    }
    Ok(())
}

/// Goes to the row whose column 0 is this id; whether there is one.
fn goes_to(rows: &mut Rows<'_>, id: &[u8]) -> Result<bool> {
    while let Some(row) = rows.get() {
        match row.get_ref(0)?.as_blob()?.cmp(id) {
            Ordering::Less => rows.advance()?,
            Ordering::Equal => return Ok(true),
            Ordering::Greater => break,
        }
    }
    Ok(false)
}
