//! What belongs to a district's syncs beside the runs: the key with which its systems send rosters,
//! and what it lets pass unasked.

use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::{Share, SyncLimits};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::{DistrictTx, Tx};

queries! {
    SET_KEY = "INSERT INTO sync_keys (district_id, hash, created) VALUES ($1, $2, $3) \
               ON CONFLICT (district_id) DO UPDATE \
               SET hash = excluded.hash, created = excluded.created";
    FORGET_KEY = "DELETE FROM sync_keys WHERE district_id = $1";
    KEY_MADE = "SELECT created FROM sync_keys WHERE district_id = $1";
    BY_KEY = "SELECT district_id FROM sync_keys WHERE hash = $1";
    LIMITS = "SELECT removals, renames, login_names FROM sync_limits WHERE district_id = $1";
    SET_LIMITS = "INSERT INTO sync_limits (district_id, removals, renames, login_names) \
                  VALUES ($1, $2, $3, $4) ON CONFLICT (district_id) DO UPDATE \
                  SET removals = excluded.removals, renames = excluded.renames, \
                  login_names = excluded.login_names";
}

impl Tx<'_> {
    /// The district whose systems have the key with this hash. A [look](crate::Store::look) may ask
    /// this.
    ///
    /// # Errors
    /// When the database fails.
    pub fn district_of_sync_key(
        &mut self,
        hash: &SecretHash,
    ) -> Result<Option<DistrictId>, StoreError> {
        self.one(BY_KEY, &[hash.into()], |row| row.id(0))
    }
}

impl DistrictTx<'_, '_> {
    /// Gives the district's systems a key; the one before counts no more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_sync_key(&mut self, hash: &SecretHash, now: Timestamp) -> Result<(), StoreError> {
        self.tx.run(SET_KEY, &[self.id.into(), hash.into(), now.into()]).map(drop)
    }

    /// Takes the key away; false where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_sync_key(&mut self) -> Result<bool, StoreError> {
        Ok(self.tx.run(FORGET_KEY, &[self.id.into()])? == 1)
    }

    /// When the key was made, where there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sync_key_made(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.tx.one(KEY_MADE, &[self.id.into()], |row| row.time(0))
    }

    /// What the district lets pass unasked.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sync_limits(&mut self) -> Result<SyncLimits, StoreError> {
        let found = self.tx.one(LIMITS, &[self.id.into()], |row| {
            Ok(SyncLimits {
                removals: share(row, 0)?,
                renames: share(row, 1)?,
                login_names: share(row, 2)?,
            })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Records what the district lets pass unasked.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_sync_limits(&mut self, limits: SyncLimits) -> Result<(), StoreError> {
        let [removals, renames, login_names] =
            [limits.removals, limits.renames, limits.login_names]
                .map(|share| i64::from(share.hundredths()));
        let values = [self.id.into(), removals.into(), renames.into(), login_names.into()];
        self.tx.run(SET_LIMITS, &values).map(drop)
    }
}

/// A share, in hundredths of a percent.
pub(crate) fn share(row: &Row<'_>, column: usize) -> Result<Share, StoreError> {
    let hundredths = u16::try_from(row.int(column)?).ok();
    let share = hundredths.and_then(|hundredths| Share::of_hundredths(hundredths).ok());
    share.ok_or(StoreError::Unreadable { column })
}
