//! Suspensions: an administrator keeps a person from logging in, whatever the roster says.

use firstbell_core::id::UserId;
use firstbell_core::time::Timestamp;

use crate::error::StoreError;
use crate::queries::queries;
use crate::store::DistrictTx;

queries! {
    SUSPEND = "INSERT INTO suspensions (district_id, user_id, since) VALUES ($1, $2, $3) \
               ON CONFLICT (district_id, user_id) DO UPDATE SET since = excluded.since";
    END_SESSIONS = "DELETE FROM sessions WHERE district_id = $1 AND user_id = $2";
    REVOKE_TOKENS = "UPDATE tokens SET revoked_at = $1 \
                     WHERE district_id = $2 AND user_id = $3 AND revoked_at IS NULL";
    SINCE = "SELECT since FROM suspensions WHERE district_id = $1 AND user_id = $2";
    READMIT = "DELETE FROM suspensions WHERE district_id = $1 AND user_id = $2";
}

impl DistrictTx<'_, '_> {
    /// Suspends a person since this time, or readmits them. A suspension ends the person's sessions
    /// and revokes their tokens, so that none of them comes back to life with the person. A login
    /// that was under way when the suspension came may have been recorded out of its sight, so a
    /// readmission ends and revokes once more: nothing can begin while somebody is suspended.
    ///
    /// # Errors
    /// When the database fails.
    pub fn suspend(&mut self, user: UserId, since: Option<Timestamp>) -> Result<(), StoreError> {
        let person = [self.id.into(), user.into()];
        let Some(since) = since else {
            if let Some(since) = self.tx.one(SINCE, &person, |row| row.time(0))? {
                self.end_all_of(user, since)?;
            }
            return self.tx.run(READMIT, &person).map(drop);
        };
        self.end_all_of(user, since)?;
        self.tx.run(SUSPEND, &[self.id.into(), user.into(), since.into()]).map(drop)
    }

    fn end_all_of(&mut self, user: UserId, since: Timestamp) -> Result<(), StoreError> {
        self.tx.run(END_SESSIONS, &[self.id.into(), user.into()])?;
        self.tx.run(REVOKE_TOKENS, &[since.into(), self.id.into(), user.into()]).map(drop)
    }
}
