//! Broker sessions: that somebody is logged in on a browser.

use firstbell_core::id::RoleId;
use firstbell_core::login::session::{Impersonator, Session};
use firstbell_core::roster::Generation;
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::person::{Known, Standing, counts, join_standing, standing};
use crate::queries::queries;
use crate::store::Tx;

/// The columns of a session in table `t`, in the order in which [`session`] wants them.
macro_rules! columns {
    () => {
        "t.district_id, t.user_id, t.generation, t.role_id, t.began, t.last_seen, \
         t.impersonator_id, t.impersonator_generation, t.impersonator_role_id, \
         t.impersonated_until"
    };
}

/// So many.
const COLUMNS: usize = 10;

queries! {
    BEGIN = "INSERT INTO sessions (hash, district_id, user_id, generation, role_id, began, \
             last_seen, impersonator_id, impersonator_generation, impersonator_role_id, \
             impersonated_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    SESSION = concat!("SELECT ", columns!(), " FROM sessions t WHERE t.hash = $1");
    VISITOR = concat!(
        "SELECT ", columns!(), ", ", standing!(), " FROM sessions t ", join_standing!(),
        " WHERE t.hash = $1 AND ", counts!()
    );
    RECORD_USE = "UPDATE sessions SET last_seen = $1 WHERE hash = $2 AND last_seen < $1";
    SWITCH_ROLE = "UPDATE sessions SET role_id = $1 WHERE hash = $2";
    END = "DELETE FROM sessions WHERE hash = $1";
}

impl Tx<'_> {
    /// Records that somebody logged in; a session that their browser had until now ends.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_session(
        &mut self,
        session: &Session,
        replaced: Option<SecretHash>,
    ) -> Result<(), StoreError> {
        if let Some(replaced) = replaced {
            self.end_session(&replaced)?;
        }
        let [acting, acting_generation, acting_role, until] = acting(session.impersonator);
        let values = [
            (&session.secret_hash).into(),
            session.district.into(),
            session.user.into(),
            session.generation.ends().into(),
            session.role.into(),
            session.began.into(),
            session.last_seen.into(),
            acting,
            acting_generation,
            acting_role,
            until,
        ];
        self.run(BEGIN, &values).map(drop)
    }

    /// The session of this cookie as it was recorded, whether it counts or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn session(&mut self, cookie: &SecretHash) -> Result<Option<Session>, StoreError> {
        self.one(SESSION, &[cookie.into()], |row| session(row, cookie))
    }

    /// The session of this cookie, live or not, and who they are in the district's roster: none
    /// where the roster has dropped them. No session where its person was signed out since. A
    /// [look](crate::Store::look) may ask this.
    ///
    /// # Errors
    /// When the database fails.
    pub fn visitor(&mut self, cookie: &SecretHash) -> Result<Option<Known<Session>>, StoreError> {
        let found = self.one(VISITOR, &[cookie.into()], |row| {
            Ok((session(row, cookie)?, Standing::read(row, COLUMNS)?))
        })?;
        let Some((session, standing)) = found else { return Ok(None) };
        let user = self.person_of(session.district, session.user, standing)?;
        Ok(Some(Known { proof: session, user, settings_version: standing.settings_version }))
    }

    /// Goes on in another role; whether there is the session.
    ///
    /// # Errors
    /// When the database fails.
    pub fn switch_role(&mut self, cookie: &SecretHash, role: RoleId) -> Result<bool, StoreError> {
        Ok(self.run(SWITCH_ROLE, &[role.into(), cookie.into()])? > 0)
    }

    /// Records that the session was used now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_session_use(
        &mut self,
        cookie: &SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.run(RECORD_USE, &[now.into(), cookie.into()]).map(drop)
    }

    /// Ends a session; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn end_session(&mut self, cookie: &SecretHash) -> Result<bool, StoreError> {
        Ok(self.run(END, &[cookie.into()])? > 0)
    }
}

fn session(row: &Row<'_>, cookie: &SecretHash) -> Result<Session, StoreError> {
    Ok(Session {
        secret_hash: *cookie,
        district: row.id(0)?,
        user: row.id(1)?,
        generation: Generation::after(row.int(2)?),
        role: row.id(3)?,
        began: row.time(4)?,
        last_seen: row.time(5)?,
        impersonator: impersonator(row, 6)?,
    })
}

/// The administrator in the four columns that begin at `at`.
pub(crate) fn impersonator(row: &Row<'_>, at: usize) -> Result<Option<Impersonator>, StoreError> {
    let generation = row.opt_int(at + 1)?.map(Generation::after);
    match (row.opt_id(at)?, generation, row.opt_id(at + 2)?, row.opt_time(at + 3)?) {
        (Some(user), Some(generation), Some(role), Some(until)) => {
            Ok(Some(Impersonator { user, generation, role, until }))
        }
        (None, None, None, None) => Ok(None),
        // Half a mark must not be taken for none.
        _ => Err(StoreError::Unreadable { column: at }),
    }
}

/// An administrator as four columns.
pub(crate) fn acting(impersonator: Option<Impersonator>) -> [Value<'static>; 4] {
    [
        impersonator.map(|it| it.user).into(),
        impersonator.map(|it| it.generation.ends()).into(),
        impersonator.map(|it| it.role).into(),
        impersonator.map(|it| it.until).into(),
    ]
}
