//! Reading a person: the columns and joins that every such query shares, and the people that are
//! remembered.

use firstbell_core::id::{DistrictId, RoleId, UserId};
use firstbell_core::roster::{Email, Generation, PersonName, Role, User};
use firstbell_core::time::Timestamp;

use crate::backend::{Row, Value};
use crate::details::details;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::{DistrictTx, Tx};

/// The columns of a person, in the order in which [`read`] wants them.
macro_rules! person_columns {
    () => {
        "u.email, u.first_name, u.middle_name, u.last_name, u.created, u.last_modified, \
         x.suspended_since, r.role_id, r.kind, r.sis_id, r.details, u.id, x.generation"
    };
}

/// The joins behind them, for a district `d` and the person's id in `$owner`. The person is
/// missing (NULL) where the district's current roster has none of this id; else there is one row
/// for each of their roles.
macro_rules! join_person {
    ($owner:literal) => {
        concat!(
            "LEFT JOIN users u ON u.district_id = d.id AND u.id = ",
            $owner,
            " AND u.since <= d.roster_version AND u.until > d.roster_version \
             LEFT JOIN user_roles r ON r.district_id = u.district_id AND r.user_id = u.id \
             AND r.since <= d.roster_version AND r.until > d.roster_version \
             LEFT JOIN standings x ON x.district_id = u.district_id AND x.user_id = u.id"
        )
    };
}

queries! {
    USER = concat!(
        "SELECT ", person_columns!(), ", d.roster_version FROM districts d ",
        join_person!("$1"), " WHERE d.id = $2"
    );
    USER_BY_ROLE = concat!(
        "SELECT ", person_columns!(),
        " FROM districts d JOIN user_roles l ON l.district_id = d.id AND l.role_id = $1 \
         AND l.since <= d.roster_version AND l.until > d.roster_version ",
        join_person!("l.user_id"), " WHERE d.id = $2"
    );
    A_SCHOOL =
        "SELECT s.name FROM districts d \
         JOIN role_schools r ON r.district_id = d.id AND r.user_id = $1 \
         AND r.since <= d.roster_version AND r.until > d.roster_version \
         JOIN schools s ON s.district_id = d.id AND s.id = r.school_id \
         AND s.since <= d.roster_version AND s.until > d.roster_version \
         WHERE d.id = $2 ORDER BY s.name LIMIT 1";
    NAMES = "SELECT u.id, u.first_name, u.middle_name, u.last_name FROM districts d \
             JOIN users u ON u.district_id = d.id \
             AND u.since <= d.roster_version AND u.until > d.roster_version WHERE d.id = $1";
    USER_BY_LOGIN_NAME = concat!(
        "SELECT ", person_columns!(),
        " FROM districts d JOIN credentials c ON c.district_id = d.id AND c.login_name = $1 \
         JOIN user_roles l ON l.district_id = d.id AND l.role_id = c.role_id \
         AND l.since <= d.roster_version AND l.until > d.roster_version ",
        join_person!("l.user_id"), " WHERE d.id = $2"
    );
}

/// A person, with the name of one of their schools to tell two of one name apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundUser {
    /// The person.
    pub user: User,
    /// The name of a school of theirs.
    pub school: Option<String>,
}

impl DistrictTx<'_, '_> {
    /// The person with this id and one of their schools.
    ///
    /// # Errors
    /// When the database fails.
    pub fn found_user(&mut self, id: UserId) -> Result<Option<FoundUser>, StoreError> {
        let Some(user) = self.user(id)? else { return Ok(None) };
        let school = self.tx.one(A_SCHOOL, &[id.into(), self.id.into()], |row| row.string(0))?;
        Ok(Some(FoundUser { user, school }))
    }

    /// People whose name has every word of `typed`, by name; at most so many.
    /// It looks at everybody: see [`Store::read_at_length`](crate::Store::read_at_length).
    ///
    /// # Errors
    /// When the database fails.
    pub fn find_users(
        &mut self,
        typed: &str,
        at_most: usize,
    ) -> Result<Vec<FoundUser>, StoreError> {
        let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
        let mut found: Vec<(String, UserId)> = Vec::new();
        self.tx.each(NAMES, &[self.id.into()], |row| {
            let middle = row.opt_text(2)?.unwrap_or_default();
            let (first, last) = (row.text(1)?, row.text(3)?);
            let name = format!("{first} {middle} {last}").to_lowercase();
            if words.iter().all(|word| name.contains(word.as_str())) {
                found.push((format!("{last} {first}").to_lowercase(), row.id(0)?));
            }
            Ok(())
        })?;
        found.sort_unstable();
        found.truncate(at_most);
        let people = found.into_iter().map(|(_, id)| self.found_user(id));
        people.filter_map(Result::transpose).collect()
    }

    /// The person with this id, if the district's roster has one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        person(self.tx, USER, &[id.into(), self.id.into()])
    }

    /// The person who holds this role.
    ///
    /// # Errors
    /// When the database fails.
    pub fn user_by_role(&mut self, role: RoleId) -> Result<Option<User>, StoreError> {
        person(self.tx, USER_BY_ROLE, &[role.into(), self.id.into()])
    }

    /// The person whose login name this is, folded.
    ///
    /// # Errors
    /// When the database fails.
    pub fn user_by_login_name(&mut self, folded: &str) -> Result<Option<User>, StoreError> {
        person(self.tx, USER_BY_LOGIN_NAME, &[folded.into(), self.id.into()])
    }
}

fn person(tx: &mut Tx<'_>, sql: &str, values: &[Value<'_>]) -> Result<Option<User>, StoreError> {
    let mut user = None;
    tx.each(sql, values, |row| read(row, &mut user))?;
    Ok(user)
}

/// The state of a person's district that goes with a session or a token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// None where there is no such district.
    roster_version: Option<i64>,
    suspended_since: Option<Timestamp>,
    generation: Generation,
    pub(crate) settings_version: i64,
}

/// What somebody presented, and who they are in the roster of their district now.
#[derive(Debug, Clone)]
pub struct Known<T> {
    /// The session or token.
    pub proof: T,
    /// The person; none where the district's roster has dropped them.
    pub user: Option<User>,
    /// The version of the settings at the same moment: whoever decides by an older snapshot of them
    /// decides by what may no longer hold.
    pub settings_version: i64,
}

/// The columns of a [`Standing`].
macro_rules! standing {
    () => {
        "d.roster_version, x.suspended_since, x.generation, \
         (SELECT version FROM settings WHERE one = 1)"
    };
}

/// The joins behind a [`Standing`], for a table `t` with `district_id` and `user_id`.
macro_rules! join_standing {
    () => {
        "LEFT JOIN districts d ON d.id = t.district_id \
         LEFT JOIN standings x ON x.district_id = t.district_id AND x.user_id = t.user_id"
    };
}

/// Whether what stands in table `t` is of the generation of its person, for a join with `standings x`.
/// The generation of an administrator who acts as the person is
/// `firstbell_core::login::impersonation::may_go_on`'s to compare.
macro_rules! counts {
    () => {
        "t.generation = COALESCE(x.generation, 0)"
    };
}

pub(crate) use {counts, join_person, join_standing, person_columns, standing};

impl Standing {
    /// Reads the four columns that begin at `at`.
    pub(crate) fn read(row: &Row<'_>, at: usize) -> Result<Self, StoreError> {
        Ok(Self {
            roster_version: row.opt_int(at)?,
            suspended_since: row.opt_time(at + 1)?,
            generation: generation(row, at + 2)?,
            settings_version: row.int(at + 3)?,
        })
    }
}

impl Tx<'_> {
    /// The person behind a session or a token. A reader remembers the people it has met.
    pub(crate) fn person_of(
        &mut self,
        district: DistrictId,
        user: UserId,
        standing: Standing,
    ) -> Result<Option<User>, StoreError> {
        let Some(version) = standing.roster_version else { return Ok(None) };
        let known = self.people().and_then(|people| people.recall((district, user), version));
        if let Some(known) = known {
            let Standing { suspended_since, generation, .. } = standing;
            return Ok(Some(User { suspended_since, generation, ..User::clone(&known) }));
        }
        self.look_further();
        let (mut found, mut version) = (None, version);
        self.each(USER, &[user.into(), district.into()], |row| {
            version = row.int(13)?;
            read(row, &mut found)
        })?;
        if let (Some(people), Some(user)) = (self.people(), &found) {
            people.remember((district, user.id), version, user);
        }
        Ok(found)
    }
}

/// Reads one row of a person, whose id is in column 11: the first row makes the person, each adds a role.
pub(crate) fn read(row: &Row<'_>, user: &mut Option<User>) -> Result<(), StoreError> {
    // Without a role there is no person to speak of.
    let Some(role) = row.opt_id(7)? else { return Ok(()) };
    let role =
        Role { id: role, kind: row.parsed(8)?, sis_id: row.string(9)?, details: details(row, 10)? };
    match user {
        Some(user) => {
            let place = user.roles.partition_point(|other| other.kind <= role.kind);
            user.roles.insert(place, role);
        }
        None => {
            *user = Some(User {
                id: row.id(11)?,
                email: email(row, 0)?,
                name: PersonName {
                    first: row.string(1)?,
                    middle: row.opt_string(2)?,
                    last: row.string(3)?,
                },
                created: row.time(4)?,
                last_modified: row.time(5)?,
                suspended_since: row.opt_time(6)?,
                generation: generation(row, 12)?,
                roles: vec![role],
            });
        }
    }
    Ok(())
}

/// The generation of a person, who may have no row that says it.
fn generation(row: &Row<'_>, column: usize) -> Result<Generation, StoreError> {
    Ok(row.opt_int(column)?.map_or_else(Generation::default, Generation::after))
}

pub(crate) fn email(row: &Row<'_>, column: usize) -> Result<Option<Email>, StoreError> {
    let parsed = row.opt_text(column)?.map(str::parse).transpose();
    parsed.map_err(|_| StoreError::Unreadable { column })
}
