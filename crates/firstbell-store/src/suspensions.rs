//! Suspensions: an administrator keeps a person from logging in, whatever the roster says. And
//! signing out everywhere: what a person had until then counts no more.
//!
//! Sessions and tokens are found by their hash alone, and there may be millions. So nothing is
//! deleted here: one row says until when everything of the person has ended, and it is joined where
//! a session, a code or a token is read ([`ended`]).

use firstbell_core::id::UserId;
use firstbell_core::time::Timestamp;

use crate::error::StoreError;
use crate::queries::queries;
use crate::store::DistrictTx;

/// Until when everything has ended of the person `t.user_id`, and of the administrator
/// `t.impersonator_id` who acts as them, for a table `t`: two columns, because `IN` over both would
/// make SQLite build a table for each query of the hot path.
macro_rules! ended {
    () => {
        "(SELECT o.until FROM signed_out o WHERE o.district_id = t.district_id \
         AND o.user_id = t.user_id), \
         CASE WHEN t.impersonator_id IS NULL THEN NULL ELSE \
         (SELECT o.until FROM signed_out o WHERE o.district_id = t.district_id \
         AND o.user_id = t.impersonator_id) END"
    };
}

pub(crate) use ended;

queries! {
    SUSPEND = "INSERT INTO suspensions (district_id, user_id, since) VALUES ($1, $2, $3) \
               ON CONFLICT (district_id, user_id) DO UPDATE SET since = excluded.since";
    READMIT = "DELETE FROM suspensions WHERE district_id = $1 AND user_id = $2";
    SIGN_OUT = "INSERT INTO signed_out (district_id, user_id, until) VALUES ($1, $2, $3) \
                ON CONFLICT (district_id, user_id) DO UPDATE SET until = excluded.until \
                WHERE signed_out.until < excluded.until";
}

impl DistrictTx<'_, '_> {
    /// Suspends a person since this time, and signs them out everywhere.
    ///
    /// # Errors
    /// When the database fails.
    pub fn suspend(&mut self, user: UserId, since: Timestamp) -> Result<(), StoreError> {
        self.tx.run(SUSPEND, &[self.id.into(), user.into(), since.into()])?;
        self.sign_out(user, since)
    }

    /// Lets a suspended person in again; whether they were suspended. What they had does not come
    /// back to life with them, nor what was under way when the suspension came and was recorded out
    /// of its sight: nothing can begin while somebody is suspended, so all of it is older than
    /// `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub fn readmit(&mut self, user: UserId, now: Timestamp) -> Result<bool, StoreError> {
        let found = self.tx.run(READMIT, &[self.id.into(), user.into()])? > 0;
        if found {
            self.sign_out(user, now)?;
        }
        Ok(found)
    }

    /// Ends everything that a person had until this time: their sessions, their codes, their tokens,
    /// and what they did as somebody else.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sign_out(&mut self, user: UserId, until: Timestamp) -> Result<(), StoreError> {
        self.tx.run(SIGN_OUT, &[self.id.into(), user.into(), until.into()]).map(drop)
    }
}
