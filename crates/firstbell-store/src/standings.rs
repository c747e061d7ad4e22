//! How people stand: an administrator keeps a person from logging in, whatever the roster says, or
//! ends everything that they had until now.
//!
//! Sessions and tokens are found by their hash alone, and there may be millions. So nothing is
//! deleted here: the person's generation is counted up, and what is of another one counts no more
//! where a session, a code or a token is read. Of two transactions at the same time, the one that
//! does not see the other's count has the generation before: no clock is asked.

use firstbell_core::id::UserId;
use firstbell_core::time::Timestamp;

use crate::error::StoreError;
use crate::queries::queries;
use crate::store::DistrictTx;

queries! {
    SUSPEND = "INSERT INTO standings (district_id, user_id, suspended_since, generation) \
               VALUES ($1, $2, $3, 1) ON CONFLICT (district_id, user_id) DO UPDATE SET \
               suspended_since = excluded.suspended_since, generation = standings.generation + 1";
    READMIT = "UPDATE standings SET suspended_since = NULL \
               WHERE district_id = $1 AND user_id = $2 AND suspended_since IS NOT NULL";
    SIGN_OUT = "INSERT INTO standings (district_id, user_id, generation) VALUES ($1, $2, 1) \
                ON CONFLICT (district_id, user_id) DO UPDATE \
                SET generation = standings.generation + 1";
}

impl DistrictTx<'_, '_> {
    /// Suspends a person since this time, and signs them out everywhere.
    ///
    /// # Errors
    /// When the database fails.
    pub fn suspend(&mut self, user: UserId, since: Timestamp) -> Result<(), StoreError> {
        self.tx.run(SUSPEND, &[self.id.into(), user.into(), since.into()]).map(drop)
    }

    /// Lets a suspended person in again; whether they were suspended. What they had before does not
    /// come back to life with them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn readmit(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.tx.run(READMIT, &[self.id.into(), user.into()])? > 0)
    }

    /// Ends everything that a person has: their sessions, their codes, their tokens, and what they do
    /// as somebody else.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sign_out(&mut self, user: UserId) -> Result<(), StoreError> {
        self.tx.run(SIGN_OUT, &[self.id.into(), user.into()]).map(drop)
    }
}
