//! Pages of people.

use firstbell_core::id::{RoleId, SchoolId, UserId, distinct};
use firstbell_core::roster::change::RosterPerson;
use firstbell_core::roster::{Details, Role, RoleKind};

use super::{Parts, Reads, RosterAt, Seek, Which, among, at, backward, forward, of};
use crate::backend::Row;
use crate::details::StoredDetails;
use crate::error::StoreError;
use crate::queries::queries;
use crate::roster::rows::person;

queries! {
    UP = forward!(
        "email, id, first_name, middle_name, last_name, created, last_modified", "users", "id"
    );
    DOWN = backward!(
        "email, id, first_name, middle_name, last_name, created, last_modified", "users", "id"
    );
    SOME = of!(
        "email, id, first_name, middle_name, last_name, created, last_modified", "users", "id"
    );
    COUNT = at!("COUNT(*)", "users");
    ROLES_AMONG = concat!(
        among!("user_id, role_id, kind, sis_id, details", "user_roles", "user_id"),
        " ORDER BY user_id"
    );
    ROLES_OF = of!("user_id, role_id, kind, sis_id, details", "user_roles", "user_id");
    SCHOOLS_AMONG = concat!(
        among!("user_id, role_id, school_id, position", "role_schools", "user_id"),
        " ORDER BY user_id"
    );
    SCHOOLS_OF = of!("user_id, role_id, school_id, position", "role_schools", "user_id");
    // Students are nearly all, so they are found among all; the others have an index of their own.
    STUDENTS_UP = concat!(
        at!("role_id, user_id", "user_roles"),
        " AND role_id > $3 AND kind = 'student' ORDER BY role_id LIMIT $4"
    );
    STUDENTS_DOWN = concat!(
        at!("role_id, user_id", "user_roles"),
        " AND role_id < $3 AND kind = 'student' ORDER BY role_id DESC LIMIT $4"
    );
    RARE_UP = concat!(
        at!("role_id, user_id", "user_roles"),
        " AND kind = $3 AND kind <> 'student' AND role_id > $4 ORDER BY role_id LIMIT $5"
    );
    RARE_DOWN = concat!(
        at!("role_id, user_id", "user_roles"),
        " AND kind = $3 AND kind <> 'student' AND role_id < $4 ORDER BY role_id DESC LIMIT $5"
    );
    COUNT_KIND = concat!(at!("COUNT(*)", "user_roles"), " AND kind = $3");
}

const READS: Reads = Reads { up: UP, down: DOWN, some: SOME };
const ROLES: Parts = Parts { range: ROLES_AMONG, some: ROLES_OF };
const SCHOOLS: Parts = Parts { range: SCHOOLS_AMONG, some: SCHOOLS_OF };

impl RosterAt<'_, '_, '_> {
    /// People by ascending id, with their roles and schools. Suspensions are not the roster's.
    ///
    /// # Errors
    /// When the database fails.
    pub fn people(&mut self, seek: Seek, most: usize) -> Result<Vec<RosterPerson>, StoreError> {
        read_all(self.people_as_stored(seek, most)?)
    }

    /// Those of these people who are there, by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn people_by_id(&mut self, ids: &[UserId]) -> Result<Vec<RosterPerson>, StoreError> {
        read_all(self.people_as_stored_by_id(ids)?)
    }

    /// The same as [`RosterAt::people`], with details as they are stored.
    ///
    /// # Errors
    /// When the database fails.
    pub fn people_as_stored(
        &mut self,
        seek: Seek,
        most: usize,
    ) -> Result<Vec<StoredPerson>, StoreError> {
        self.some_people(Which::Page(seek, most))
    }

    /// The same as [`RosterAt::people_by_id`], with details as they are stored.
    ///
    /// # Errors
    /// When the database fails.
    pub fn people_as_stored_by_id(
        &mut self,
        ids: &[UserId],
    ) -> Result<Vec<StoredPerson>, StoreError> {
        self.some_people(Which::Ids(&distinct(ids.iter().map(|id| id.to_bytes()))))
    }

    /// How many people there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_people(&mut self) -> Result<u64, StoreError> {
        self.count(COUNT)
    }

    fn some_people(&mut self, which: Which<'_>) -> Result<Vec<StoredPerson>, StoreError> {
        let id = |stored: &StoredPerson| stored.person.user.id.to_bytes();
        let read = |row: &Row<'_>| {
            Ok(StoredPerson { person: person(row)?, details: Vec::with_capacity(1) })
        };
        let mut people = self.records(&READS, which, read, id)?;
        self.parts(&ROLES, which, &mut people, id, |stored, row| {
            let role = Role {
                id: row.id(1)?,
                kind: row.parsed(2)?,
                sis_id: row.string(3)?,
                details: Details::new(),
            };
            stored.details.push((role.id, StoredDetails::of(row.text(4)?, 4)?));
            stored.person.user.roles.push(role);
            Ok(())
        })?;
        // The schools of a person, each with the role's place and its own.
        let mut held: Vec<(UserId, RoleId, i64, SchoolId)> = Vec::with_capacity(people.len());
        self.parts(&SCHOOLS, which, &mut people, id, |stored, row| {
            held.push((stored.person.user.id, row.id(1)?, row.int(3)?, row.id(2)?));
            Ok(())
        })?;
        held.sort_unstable();
        let mut held = held.into_iter().peekable();
        for StoredPerson { person, .. } in &mut people {
            person.user.roles.sort_by_key(|role| role.kind);
            while let Some((_, role, _, school)) =
                held.next_if(|(user, ..)| *user == person.user.id)
            {
                person.schools.push((role, school));
            }
        }
        Ok(people)
    }

    /// Roles of one kind by ascending id, each with its person.
    ///
    /// # Errors
    /// When the database fails.
    pub fn roles(
        &mut self,
        kind: RoleKind,
        seek: Seek,
        most: usize,
    ) -> Result<Vec<(RoleId, UserId)>, StoreError> {
        let [district, version] = self.tenant();
        let most = i64::try_from(most).unwrap_or(i64::MAX).into();
        let read = |row: &Row<'_>| Ok((row.id(0)?, row.id(1)?));
        let up = seek.is_forward();
        let mut roles = if kind == RoleKind::Student {
            let sql = if up { STUDENTS_UP } else { STUDENTS_DOWN };
            self.district.tx.all(sql, &[district, version, seek.bound(), most], read)?
        } else {
            let sql = if up { RARE_UP } else { RARE_DOWN };
            let values = [district, version, kind.name().into(), seek.bound(), most];
            self.district.tx.all(sql, &values, read)?
        };
        if !up {
            roles.reverse();
        }
        Ok(roles)
    }

    /// How many roles of a kind there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_roles(&mut self, kind: RoleKind) -> Result<u64, StoreError> {
        let [district, version] = self.tenant();
        let values = [district, version, kind.name().into()];
        let count = self.district.tx.one(COUNT_KIND, &values, |row| row.int(0))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }
}

/// A person, whose details are left as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPerson {
    /// The person. The details of their roles are empty until [`StoredPerson::read_details`].
    pub person: RosterPerson,
    details: Vec<(RoleId, StoredDetails)>,
}

impl StoredPerson {
    /// The details of a role of theirs.
    pub fn details(&self, role: RoleId) -> Option<&StoredDetails> {
        self.details.iter().find(|(of, _)| *of == role).map(|(_, details)| details)
    }

    /// Reads the details of all roles.
    ///
    /// # Errors
    /// When they are not as this store writes them.
    pub fn read_details(&mut self) -> Result<(), StoreError> {
        for role in &mut self.person.user.roles {
            if let Some((_, details)) = self.details.iter().find(|(of, _)| *of == role.id) {
                role.details = details.read()?;
            }
        }
        Ok(())
    }
}

fn read_all(people: Vec<StoredPerson>) -> Result<Vec<RosterPerson>, StoreError> {
    let read = |mut stored: StoredPerson| {
        stored.read_details()?;
        Ok(stored.person)
    };
    people.into_iter().map(read).collect()
}
