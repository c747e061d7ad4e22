//! What a row of a run says.

use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::sync::hold::Part;
use firstbell_core::roster::sync::{
    Counted, Fingerprint, HoldReason, RunState, SyncRun, SyncSource,
};

use super::HOLDS;
use crate::applications::named;
use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::store::Tx;
use crate::sync_keys::share;

/// The runs that a statement finds, each with its district.
pub(super) fn runs(
    tx: &mut Tx<'_>,
    sql: &str,
    values: &[Value<'_>],
) -> Result<Vec<(DistrictId, SyncRun)>, StoreError> {
    let mut found = tx.all(sql, values, run)?;
    for (_, run) in &mut found {
        if let RunState::Held { reasons } = &mut run.state {
            *reasons = holds(tx, run.id)?;
        }
    }
    Ok(found)
}

/// A run, and if it is held, not yet why.
fn run(row: &Row<'_>) -> Result<(DistrictId, SyncRun), StoreError> {
    let unreadable = |column| StoreError::Unreadable { column };
    let version = |column| Ok::<_, StoreError>(row.opt_int(column)?.map(RosterVersion));
    let run = SyncRun {
        id: row.id(0)?,
        source: SyncSource::named(row.text(1)?, version(2)?).ok_or(unreadable(1))?,
        began: row.time(5)?,
        ended: row.opt_time(6)?,
        state: state(row)?,
        planned_on: version(7)?,
        fingerprint: row.opt_array(8)?.map(Fingerprint::from_bytes),
        as_of: row.opt_time(12)?,
    };
    Ok((row.id(11)?, run))
}

fn state(row: &Row<'_>) -> Result<RunState, StoreError> {
    let why = || Ok::<_, StoreError>(row.opt_string(10)?.unwrap_or_default());
    Ok(match row.text(3)? {
        "running" => RunState::Running { until: row.time(4)? },
        "rejected" => RunState::Rejected,
        "held" => RunState::Held { reasons: Vec::new() },
        "applied" => RunState::Applied { version: RosterVersion(row.int(9)?) },
        "unchanged" => RunState::Unchanged,
        "failed" => RunState::Failed { why: why()? },
        "discarded" => RunState::Discarded { why: why()? },
        _ => return Err(StoreError::Unreadable { column: 3 }),
    })
}

fn holds(tx: &mut Tx<'_>, id: SyncRunId) -> Result<Vec<HoldReason>, StoreError> {
    let count = |row: &Row<'_>, column| {
        u64::try_from(row.int(column)?).map_err(|_| StoreError::Unreadable { column })
    };
    tx.all(HOLDS, &[id.into()], |row| {
        let what = named(row, 0, &Counted::ALL, Counted::name)?;
        let part = Part { what, part: count(row, 1)?, whole: count(row, 2)? };
        Ok(HoldReason { part, limit: share(row, 3)? })
    })
}
