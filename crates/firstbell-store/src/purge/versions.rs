//! Versions of rosters that need not be kept any longer go.

use firstbell_core::id::DistrictId;

use super::{Purge, Purged};
use crate::error::StoreError;
use crate::events;
use crate::queries::queries;
use crate::roster::tables::VERSIONED;

queries! {
    TRIMMED = "UPDATE districts SET trimmed_version = $1 WHERE id = $2";
    FORGET_VERSIONS = "DELETE FROM roster_versions WHERE district_id = $1 AND version < $2";
}

impl Purge<'_> {
    /// Deletes what only versions before `oldest` held.
    pub(super) async fn trim(
        &mut self,
        district: DistrictId,
        oldest: i64,
        purged: &mut Purged,
    ) -> Result<(), StoreError> {
        let at_most = self.at_most;
        self.announce_trim(district, oldest).await?;
        for table in VERSIONED {
            let closed = self.store.write(move |tx| {
                tx.run(&table.delete_closed(), &[district.into(), oldest.into(), at_most.into()])
            });
            purged.roster_rows += self.counted(closed.await?);
        }
        if self.more {
            return Ok(());
        }
        let values = move || [oldest.into(), district.into()];
        self.store.write(move |tx| tx.run(TRIMMED, &values())).await.map(drop)
    }

    /// Whoever reads a version asks afterwards whether it is still kept, so that is told before
    /// its first row goes.
    async fn announce_trim(&self, district: DistrictId, oldest: i64) -> Result<(), StoreError> {
        self.store
            .write(move |tx| {
                events::let_go_of_versions(tx, district, oldest)?;
                tx.run(FORGET_VERSIONS, &[district.into(), oldest.into()]).map(drop)
            })
            .await
    }
}
