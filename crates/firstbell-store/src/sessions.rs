//! Broker sessions: that somebody is logged in on a browser.

use firstbell_core::login::session::Session;
use firstbell_core::roster::User;
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::error::StoreError;
use crate::person::{self, join_person, person_columns};
use crate::queries::queries;
use crate::store::Tx;

queries! {
    BEGIN = "INSERT INTO sessions (hash, district_id, user_id, role_id, began, last_seen) \
             VALUES ($1, $2, $3, $4, $5, $6)";
    SESSION = "SELECT district_id, user_id, role_id, began, last_seen \
               FROM sessions WHERE hash = $1";
    VISITOR = concat!(
        "SELECT s.district_id, s.user_id, s.role_id, s.began, s.last_seen, ", person_columns!(),
        " FROM sessions s LEFT JOIN districts d ON d.id = s.district_id ",
        join_person!("s.user_id"), " WHERE s.hash = $1"
    );
    RECORD_USE = "UPDATE sessions SET last_seen = $1 WHERE hash = $2 AND last_seen < $1";
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
        let values = [
            (&session.secret_hash).into(),
            session.district.into(),
            session.user.into(),
            session.role.into(),
            session.began.into(),
            session.last_seen.into(),
        ];
        self.run(BEGIN, &values).map(drop)
    }

    /// The session of this cookie, live or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn session(&mut self, cookie: &SecretHash) -> Result<Option<Session>, StoreError> {
        self.one(SESSION, &[cookie.into()], |row| session(row, cookie))
    }

    /// The session of this cookie, live or not, and who they are in the district's roster: none
    /// where the roster has dropped them. One statement.
    ///
    /// # Errors
    /// When the database fails.
    pub fn visitor(
        &mut self,
        cookie: &SecretHash,
    ) -> Result<Option<(Session, Option<User>)>, StoreError> {
        let (mut found, mut user) = (None, None);
        self.each(VISITOR, &[cookie.into()], |row| {
            if found.is_none() {
                found = Some(session(row, cookie)?);
            }
            person::read(row, 5, &mut user)
        })?;
        Ok(found.map(|session| (session, user)))
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
    })
}
