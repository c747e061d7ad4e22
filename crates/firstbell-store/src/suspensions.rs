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
    READMIT = "DELETE FROM suspensions WHERE district_id = $1 AND user_id = $2";
}

impl DistrictTx<'_, '_> {
    /// Suspends a person since this time, or readmits them. A suspension ends the person's sessions
    /// and revokes their tokens, so that none of them comes back to life with the person.
    ///
    /// # Errors
    /// When the database fails.
    pub fn suspend(&mut self, user: UserId, since: Option<Timestamp>) -> Result<(), StoreError> {
        match since {
            Some(since) => {
                self.tx.run(END_SESSIONS, &[self.id.into(), user.into()])?;
                self.tx.run(REVOKE_TOKENS, &[since.into(), self.id.into(), user.into()])?;
                self.tx.run(SUSPEND, &[self.id.into(), user.into(), since.into()]).map(drop)
            }
            None => self.tx.run(READMIT, &[self.id.into(), user.into()]).map(drop),
        }
    }
}
