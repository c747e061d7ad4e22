//! Versions of rosters that need not be kept any longer.

use std::time::Duration;

use firstbell_core::events::KEPT_FOR;
use firstbell_core::id::DistrictId;
use firstbell_core::time::Timestamp;

use super::{KEPT_AFTER_LEAVING, Purge, Purged};
use crate::backend::Value;
use crate::error::StoreError;
use crate::events;
use crate::queries::queries;
use crate::roster::tables::VERSIONED;
use crate::store::Tx;

/// A sync is taken back to one of so many versions before the current one.
pub const VERSIONS_KEPT: i64 = 10;

/// What changed in a roster is told for thirty days (`docs/compatibility.md`, "Events").
pub const VERSIONS_KEPT_FOR: Duration = KEPT_FOR;

queries! {
    TRIMMABLE = "SELECT id, roster_version, trimmed_version FROM districts \
                 WHERE trimmed_version < roster_version";
    OLDEST_RECENT = "SELECT MIN(version) FROM roster_versions WHERE district_id = $1 AND made > $2";
    TRIMMED = "UPDATE districts SET trimmed_version = $1 WHERE id = $2";
    FORGET_VERSIONS = "DELETE FROM roster_versions WHERE district_id = $1 AND version < $2";
}

/// The districts with versions of their roster that need not be kept, and the oldest that must: the
/// last [`VERSIONS_KEPT`], and what was the roster at any time in [`VERSIONS_KEPT_FOR`]; but none
/// that has not been the roster for [`KEPT_AFTER_LEAVING`].
pub(super) fn trimmable(
    tx: &mut Tx<'_>,
    now: Timestamp,
) -> Result<Vec<(DistrictId, i64)>, StoreError> {
    let districts = tx.all(TRIMMABLE, &[], |row| Ok((row.id(0)?, row.int(1)?, row.int(2)?)))?;
    let mut found = Vec::new();
    for (district, current, trimmed) in districts {
        let mut ago = |span| {
            let since = now.earlier_by(span);
            let values: [Value<'_>; 2] = [Value::from(district), since.into()];
            let first = tx.one(OLDEST_RECENT, &values, |row| row.opt_int(0))?.flatten();
            // The one before the first since then was the roster when that time began.
            Ok::<_, StoreError>(first.map_or(current, |version| version - 1))
        };
        let recent = ago(VERSIONS_KEPT_FOR)?.min(current - VERSIONS_KEPT);
        let oldest = recent.max(ago(KEPT_AFTER_LEAVING)?);
        if oldest > trimmed {
            found.push((district, oldest));
        }
    }
    Ok(found)
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
