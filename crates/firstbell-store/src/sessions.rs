//! Broker sessions: that somebody is logged in on a browser.

use firstbell_core::id::RoleId;
use firstbell_core::login::session::{Impersonator, Session};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::person::{Known, Standing, join_standing, standing};
use crate::queries::queries;
use crate::store::Tx;

queries! {
    BEGIN = "INSERT INTO sessions (hash, district_id, user_id, role_id, began, last_seen, \
             impersonator_id, impersonator_role_id, impersonated_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    SESSION = "SELECT district_id, user_id, role_id, began, last_seen, \
               impersonator_id, impersonator_role_id, impersonated_until \
               FROM sessions WHERE hash = $1";
    VISITOR = concat!(
        "SELECT t.district_id, t.user_id, t.role_id, t.began, t.last_seen, t.impersonator_id, \
         t.impersonator_role_id, t.impersonated_until, ", standing!(), " FROM sessions t ", join_standing!(), " WHERE t.hash = $1"
    );
    RECORD_USE = "UPDATE sessions SET last_seen = $1 WHERE hash = $2 AND last_seen < $1";
    SIGNED_OUT = "SELECT until FROM signed_out WHERE district_id = $1 AND user_id = $2";
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
        // Signing out reaches a little further than its moment; whoever proves themselves after it
        // is in all the same.
        let person = [session.district.into(), session.user.into()];
        let ended = self.one(SIGNED_OUT, &person, |row| row.time(0))?;
        let began = ended.map_or(session.began, |ended| {
            session.began.max(ended + std::time::Duration::from_millis(1))
        });
        let [acting, acting_role, until] = acting(session.impersonator);
        let values = [
            (&session.secret_hash).into(),
            session.district.into(),
            session.user.into(),
            session.role.into(),
            began.into(),
            session.last_seen.into(),
            acting,
            acting_role,
            until,
        ];
        self.run(BEGIN, &values).map(drop)
    }

    /// The session of this cookie as it was recorded.
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
            Ok((session(row, cookie)?, Standing::read(row, 8)?))
        })?;
        let still = found.filter(|(session, standing)| standing.ended(session.began).is_none());
        let Some((session, standing)) = still else { return Ok(None) };
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
        role: row.id(2)?,
        began: row.time(3)?,
        last_seen: row.time(4)?,
        impersonator: impersonator(row, 5)?,
    })
}

/// The administrator in the three columns that begin at `at`.
pub(crate) fn impersonator(row: &Row<'_>, at: usize) -> Result<Option<Impersonator>, StoreError> {
    match (row.opt_id(at)?, row.opt_id(at + 1)?, row.opt_time(at + 2)?) {
        (Some(user), Some(role), Some(until)) => Ok(Some(Impersonator { user, role, until })),
        (None, None, None) => Ok(None),
        // Half a mark must not be taken for none.
        _ => Err(StoreError::Unreadable { column: at }),
    }
}

/// An administrator as three columns.
pub(crate) fn acting(impersonator: Option<Impersonator>) -> [Value<'static>; 3] {
    [
        impersonator.map(|it| it.user).into(),
        impersonator.map(|it| it.role).into(),
        impersonator.map(|it| it.until).into(),
    ]
}
