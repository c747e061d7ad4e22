//! How runs come to their end.

use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::sync::{HoldReason, RunState, SyncSource};
use firstbell_core::time::Timestamp;

use super::{FORGET_HOLDS, SyncLease};
use crate::audit::AuditEntry;
use crate::backend::Value;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::{DistrictTx, Tx};

/// A run that somebody approved and that changed nothing yet: why it was held is kept with it until it
/// is forgotten itself.
macro_rules! was_held {
    () => {
        "version IS NULL AND EXISTS (SELECT 1 FROM sync_holds h WHERE h.run_id = sync_runs.id)"
    };
}

queries! {
    SWITCHED = "UPDATE sync_runs SET version = $1 \
                WHERE id = $2 AND district_id = $3 AND state = 'running' AND fence = $4";
    // Whatever becomes of a run after its switch, it made its version.
    END = "UPDATE sync_runs SET state = $1, ended = $2, version = COALESCE($3, version), why = $4, \
           held_until = NULL \
           WHERE id = $5 AND district_id = $6 AND state = 'running' AND fence = $7";
    SUPERSEDE = "UPDATE sync_runs SET state = 'discarded', ended = $1, \
                 why = 'newer files came' \
                 WHERE district_id = $2 AND state = 'held' AND id <> $3";
    ADD_HOLD = "INSERT INTO sync_holds (run_id, position, what, part, whole, share_limit) \
                VALUES ($1, $2, $3, $4, $5, $6)";
    HOLD_AGAIN = concat!(
        "UPDATE sync_runs SET state = 'held', ended = $1, held_until = NULL \
         WHERE id = $2 AND district_id = $3 AND state = 'running' AND fence = $4 AND ",
        was_held!()
    );
    HOLD_DEAD_AGAIN = concat!(
        "UPDATE sync_runs SET state = 'held', ended = $1, held_until = NULL \
         WHERE state = 'running' AND held_until <= $1 AND ", was_held!()
    );
    FAIL_DEAD = "UPDATE sync_runs SET state = 'failed', ended = $1, held_until = NULL, \
                 why = CASE WHEN version IS NULL \
                 THEN 'the process that did it is gone; the roster was not changed' \
                 ELSE 'the process that did it is gone; the roster is in, but perhaps not all its \
                 passwords' END WHERE state = 'running' AND held_until <= $1";
}

/// What became of a run that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// It is recorded as failed.
    Recorded,
    /// Somebody had approved it, and it has changed nothing: it is held as it was.
    HeldAgain,
    /// It was taken for dead before.
    TakenForDead,
}

impl Tx<'_> {
    /// Marks runs as failed that have not shown a sign of life for
    /// [`RUN_LEASE`](firstbell_core::roster::sync::RUN_LEASE); says how many. One that was approved
    /// and has changed nothing is held again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fail_dead_syncs(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.run(HOLD_DEAD_AGAIN, &[now.into()])? + self.run(FAIL_DEAD, &[now.into()])?)
    }
}

impl DistrictTx<'_, '_> {
    /// Ends a run, and gives up an earlier one that was held where this one makes it out of date.
    /// False where the run was taken for dead: then nothing happens. `Running` is no end.
    ///
    /// # Errors
    /// When the database fails.
    pub fn end_sync(
        &mut self,
        lease: SyncLease,
        state: &RunState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let id = lease.run;
        let Some(run) = self.sync_run(id)? else { return Ok(false) };
        let (version, why) = match state {
            RunState::Applied { version } => (Some(version.0), None),
            RunState::Failed { why } | RunState::Discarded { why } => (None, Some(why.as_str())),
            RunState::Running { .. } => return Ok(false),
            RunState::Rejected | RunState::Held { .. } | RunState::Unchanged => (None, None),
        };
        let values = [
            state.name().into(),
            now.into(),
            version.into(),
            why.into(),
            id.into(),
            self.id.into(),
            lease.fence.into(),
        ];
        if self.tx.run(END, &values)? == 0 {
            return Ok(false);
        }
        if let RunState::Held { reasons } = state {
            self.record_holds(id, reasons)?;
        }
        if state.supersedes() && run.source.is_files() {
            self.supersede(id, now)?;
        }
        Ok(true)
    }

    /// Records that a run failed, and why. One that was approved goes back to where it waited, with
    /// the reasons that it was held for, as long as it has changed nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fail_sync(
        &mut self,
        lease: SyncLease,
        why: String,
        now: Timestamp,
    ) -> Result<Failed, StoreError> {
        let values = [now.into(), lease.run.into(), self.id.into(), lease.fence.into()];
        if self.tx.run(HOLD_AGAIN, &values)? == 1 {
            return Ok(Failed::HeldAgain);
        }
        let is_recorded = self.end_sync(lease, &RunState::Failed { why }, now)?;
        Ok(if is_recorded { Failed::Recorded } else { Failed::TakenForDead })
    }

    fn supersede(&mut self, id: SyncRunId, now: Timestamp) -> Result<(), StoreError> {
        self.tx.run(SUPERSEDE, &[now.into(), self.id.into(), id.into()]).map(drop)
    }

    fn record_holds(&mut self, id: SyncRunId, reasons: &[HoldReason]) -> Result<(), StoreError> {
        self.tx.run(FORGET_HOLDS, &[id.into()])?;
        let count = |count: u64| Value::from(i64::try_from(count).unwrap_or(i64::MAX));
        for (position, HoldReason { part, limit }) in (0i64..).zip(reasons) {
            let values = [
                id.into(),
                position.into(),
                part.what.name().into(),
                count(part.part),
                count(part.whole),
                i64::from(limit.hundredths()).into(),
            ];
            self.tx.run(ADD_HOLD, &values)?;
        }
        Ok(())
    }
}

/// Records in a run which version it makes, and in the audit log that it does, and gives up an earlier
/// run that was held where these files make it out of date: from here on they do, whether this one
/// comes to its end or not. False where the run was taken for dead.
pub(crate) fn switched(
    tx: &mut Tx<'_>,
    (lease, district): (SyncLease, DistrictId),
    version: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let run = lease.run;
    let values = [version.into(), run.into(), district.into(), lease.fence.into()];
    if tx.run(SWITCHED, &values)? == 0 {
        return Ok(false);
    }
    let mut district = tx.district(district);
    let source = district.sync_run(run)?.map(|run| run.source);
    if source.is_some_and(SyncSource::is_files) {
        district.supersede(run, now)?;
    }
    let (action, detail) = match source {
        Some(SyncSource::Undo { to }) => {
            ("sync.undone", format!("run {run}: back to version {to}, as version {version}"))
        }
        source => {
            let source = source.map(SyncSource::name).unwrap_or_default();
            ("sync.applied", format!("run {run} ({source}): version {version}"))
        }
    };
    let entry = AuditEntry { action, actor: None, subject: None, application: None, detail };
    district.audit(&entry, now)?;
    Ok(true)
}
