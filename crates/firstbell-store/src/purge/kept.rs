//! Which versions of a roster are kept.

use std::time::Duration;

use firstbell_core::events::KEPT_FOR;
use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::VERSIONS_TO_GO_BACK;
use firstbell_core::time::Timestamp;

use crate::backend::Value;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

/// Passwords and standings of somebody who left are kept for the case that they come back after
/// the summer, or after a mistake in an import.
pub(super) const KEPT_AFTER_LEAVING: Duration = Duration::from_hours(24 * 300);

/// What changed in a roster is told for thirty days (`docs/compatibility.md`, "Events").
pub const VERSIONS_KEPT_FOR: Duration = KEPT_FOR;

queries! {
    TRIMMABLE = "SELECT id, roster_version, trimmed_version FROM districts \
                 WHERE trimmed_version < roster_version";
    OLDEST_RECENT = "SELECT MIN(version) FROM roster_versions WHERE district_id = $1 AND made > $2";
}

/// The districts with versions of their roster that need not be kept, and the oldest that must: the
/// last [`VERSIONS_TO_GO_BACK`], and what was the roster at any time in [`VERSIONS_KEPT_FOR`]; but none
/// that has not been the roster for [`KEPT_AFTER_LEAVING`].
pub(super) fn trimmable(
    tx: &mut Tx<'_>,
    now: Timestamp,
) -> Result<Vec<(DistrictId, i64)>, StoreError> {
    let districts = tx.all(TRIMMABLE, &[], |row| Ok((row.id(0)?, row.int(1)?, row.int(2)?)))?;
    let mut found = Vec::new();
    for (district, current, trimmed) in districts {
        let oldest = oldest_kept(tx, district, current, now)?;
        if oldest > trimmed {
            found.push((district, oldest));
        }
    }
    Ok(found)
}

/// The oldest version of a roster that must be kept.
pub(crate) fn oldest_kept(
    tx: &mut Tx<'_>,
    district: DistrictId,
    current: i64,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let mut ago = |span| {
        let since = now.earlier_by(span);
        let values: [Value<'_>; 2] = [Value::from(district), since.into()];
        let first = tx.one(OLDEST_RECENT, &values, |row| row.opt_int(0))?.flatten();
        // The one before the first since then was the roster when that time began.
        Ok::<_, StoreError>(first.map_or(current, |version| version - 1))
    };
    let recent = ago(VERSIONS_KEPT_FOR)?.min(current - VERSIONS_TO_GO_BACK);
    Ok(recent.max(ago(KEPT_AFTER_LEAVING)?))
}
