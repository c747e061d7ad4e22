//! Rows of PostgreSQL: one query after the other, because a connection answers one at a time.

use anyhow::{Context, Result};
use postgres::{Client, Statement};

use super::print::{Id, Page, Row};
use super::{From, IN_ORDER, PEOPLE, PRIMARY_FIRST, ROLES, SCHOOLS, UP_TO};

/// A connection with its statements.
pub struct Reader {
    client: Client,
    people: Statement,
    roles: Statement,
    schools: Statement,
}

impl Reader {
    /// Prepares them.
    pub fn of(mut client: Client) -> Result<Self> {
        let people = client.prepare(PEOPLE)?;
        let roles = client.prepare(&format!("{ROLES}{UP_TO}{IN_ORDER}"))?;
        let schools = client.prepare(&format!("{SCHOOLS}{UP_TO}{PRIMARY_FIRST}"))?;
        Ok(Self { client, people, roles, schools })
    }

    /// Writes a page.
    pub fn write(&mut self, from: &From, limit: usize, page: &mut Page) -> Result<()> {
        let (district, after, version) = (&from.district[..], &from.after[..], from.version);
        let limit = i64::try_from(limit)?;
        let people = self.client.query(&self.people, &[&district, &version, &after, &limit])?;
        let Some(last) = people.last() else { return Ok(()) };
        let last: &[u8] = last.try_get(0)?;
        let roles = self.client.query(&self.roles, &[&district, &version, &after, &last])?;
        let schools = self.client.query(&self.schools, &[&district, &version, &after, &last])?;
        let (mut roles, mut schools) = (roles.iter(), schools.iter().peekable());
        let mut at = Vec::new();
        for person in &people {
            let id: Id = id(person, 0)?;
            let role = roles.next().context("a person without a role")?;
            let is_theirs =
                |school: &&postgres::Row| school.try_get::<_, &[u8]>(0).is_ok_and(|of| of == id);
            at.clear();
            while let Some(school) = schools.next_if(is_theirs) {
                at.push(self::id(school, 1)?);
            }
            page.add(&Row {
                id,
                email: person.try_get(1)?,
                first: person.try_get(2)?,
                middle: person.try_get(3)?,
                last: person.try_get(4)?,
                created: person.try_get(5)?,
                last_modified: person.try_get(6)?,
                role: self::id(role, 1)?,
                kind: role.try_get(2)?,
                sis_id: role.try_get(3)?,
                details: role.try_get(4)?,
                schools: &at,
            })?;
        }
        Ok(())
    }
}

fn id(row: &postgres::Row, column: usize) -> Result<Id> {
    Ok(row.try_get::<_, &[u8]>(column)?.try_into()?)
}
