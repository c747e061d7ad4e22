//! Sync runs. A run goes from `running` to a state that stays, or to `held` and from there back to
//! `running` or to `discarded`; every step asks for the state that it leaves, so a run that was
//! taken for dead changes nothing any more. `running` is also what holds the district: there is at
//! most one such run (an index sees to that).

mod read;

use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::sync::{
    Fingerprint, HELD_FOR, HoldReason, REPORT_KEPT_FOR, RUN_KEPT_FOR, RUN_LEASE, RunState, SyncRun,
    SyncSource,
};
use firstbell_core::time::Timestamp;

use crate::audit::AuditEntry;
use crate::backend::Value;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::{DistrictTx, Tx};

/// The columns of a run, as `read::Found::of` reads them.
macro_rules! run_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, source, undo_to, state, held_until, began, ended, planned_on, fingerprint, \
             version, why, district_id FROM sync_runs WHERE ",
            $condition
        )
    };
}

queries! {
    ADD = "INSERT INTO sync_runs \
           (id, district_id, source, undo_to, state, held_until, began, fingerprint) \
           VALUES ($1, $2, $3, $4, 'running', $5, $6, $7) ON CONFLICT DO NOTHING";
    RUNNING = run_where!("district_id = $1 AND state = 'running'");
    BY_ID = run_where!("id = $1 AND district_id = $2");
    OF_ANY = run_where!("id = $1");
    NEWEST = run_where!("district_id = $1 ORDER BY number DESC LIMIT $2");
    NEWEST_OF_ALL = run_where!("number > 0 ORDER BY number DESC LIMIT $1");
    NEWEST_FROM = run_where!("district_id = $1 AND source = $2 ORDER BY number DESC LIMIT 1");
    OPEN = "SELECT id FROM sync_runs WHERE state IN ('running', 'held')";
    REPORT = "SELECT report FROM sync_runs WHERE id = $1 AND district_id = $2";
    HOLDS = "SELECT what, part, whole, share_limit FROM sync_holds \
             WHERE run_id = $1 ORDER BY position";
    ALIVE = "UPDATE sync_runs SET held_until = $1 \
             WHERE id = $2 AND district_id = $3 AND state = 'running'";
    PLANNED = "UPDATE sync_runs SET planned_on = $1, fingerprint = $2, report = $3 \
               WHERE id = $4 AND district_id = $5 AND state = 'running'";
    SWITCHED = "UPDATE sync_runs SET version = $1 \
                WHERE id = $2 AND district_id = $3 AND state = 'running'";
    END = "UPDATE sync_runs SET state = $1, ended = $2, version = $3, why = $4, held_until = NULL \
           WHERE id = $5 AND district_id = $6 AND state = 'running'";
    RESUME = "UPDATE sync_runs SET state = 'running', ended = NULL, held_until = $1 \
              WHERE id = $2 AND district_id = $3 AND state = 'held'";
    DISCARD = "UPDATE sync_runs SET state = 'discarded', ended = $1, why = $2 \
               WHERE id = $3 AND district_id = $4 AND state = 'held'";
    SUPERSEDE = "UPDATE sync_runs SET state = 'discarded', ended = $1, \
                 why = 'newer files came' \
                 WHERE district_id = $2 AND state = 'held' AND id <> $3";
    FORGET_HOLDS = "DELETE FROM sync_holds WHERE run_id = $1";
    ADD_HOLD = "INSERT INTO sync_holds (run_id, position, what, part, whole, share_limit) \
                VALUES ($1, $2, $3, $4, $5, $6)";
    FAIL_DEAD = "UPDATE sync_runs SET state = 'failed', ended = $1, held_until = NULL, \
                 why = CASE WHEN version IS NULL \
                 THEN 'the process that did it is gone; the roster was not changed' \
                 ELSE 'the process that did it is gone; the roster is in, but perhaps not all its \
                 passwords' END WHERE state = 'running' AND held_until <= $1";
    GIVE_UP = "UPDATE sync_runs SET state = 'discarded', ended = $1, \
               why = 'nobody approved it for thirty days' \
               WHERE state = 'held' AND ended <= $2";
    FORGET_REPORTS = "UPDATE sync_runs SET report = NULL \
                      WHERE id IN (SELECT id FROM sync_runs WHERE report IS NOT NULL \
                      AND ended <= $1 LIMIT $2)";
    // The newest of each source stays: it tells which files were fetched.
    OUTLIVED = "SELECT r.id FROM sync_runs r WHERE r.began <= $1 \
                AND r.state NOT IN ('running', 'held') \
                AND EXISTS (SELECT 1 FROM sync_runs n WHERE n.district_id = r.district_id \
                AND n.source = r.source AND n.number > r.number) ORDER BY r.number LIMIT $2";
    FORGET = "DELETE FROM sync_runs WHERE id = $1";
}

/// A run that is about to begin.
#[derive(Debug, Clone, Copy)]
pub struct NewSync {
    /// Its identifier.
    pub id: SyncRunId,
    /// Where its roster comes from.
    pub source: SyncSource,
    /// What it will read, where that is known.
    pub fingerprint: Option<Fingerprint>,
}

/// Whether a run could begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It has begun, and holds the district.
    Begun,
    /// Another one holds the district.
    Running(Box<SyncRun>),
}

impl Tx<'_> {
    /// The newest runs of all districts, the newest first, each with its district.
    ///
    /// # Errors
    /// When the database fails.
    pub fn all_sync_runs(
        &mut self,
        at_most: u32,
    ) -> Result<Vec<(DistrictId, SyncRun)>, StoreError> {
        read::runs(self, NEWEST_OF_ALL, &[i64::from(at_most).into()])
    }

    /// The run with this id, and its district: for operators, who name a run by its id alone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sync_run_of_any(
        &mut self,
        id: SyncRunId,
    ) -> Result<Option<(DistrictId, SyncRun)>, StoreError> {
        Ok(read::runs(self, OF_ANY, &[id.into()])?.pop())
    }

    /// The runs whose files are still needed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn open_syncs(&mut self) -> Result<Vec<SyncRunId>, StoreError> {
        self.all(OPEN, &[], |row| row.id(0))
    }

    /// Marks runs as failed that have not shown a sign of life for [`RUN_LEASE`]; says how many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn fail_dead_syncs(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        self.run(FAIL_DEAD, &[now.into()])
    }

    /// Gives up held runs, forgets reports and runs whose time is over; says how many.
    pub(crate) fn purge_syncs(&mut self, now: Timestamp, at_most: i64) -> Result<u64, StoreError> {
        let values = [now.into(), now.earlier_by(HELD_FOR).into()];
        let mut purged = self.run(GIVE_UP, &values)?;
        let values = [now.earlier_by(REPORT_KEPT_FOR).into(), at_most.into()];
        purged += self.run(FORGET_REPORTS, &values)?;
        let values = [now.earlier_by(RUN_KEPT_FOR).into(), at_most.into()];
        let outlived: Vec<SyncRunId> = self.all(OUTLIVED, &values, |row| row.id(0))?;
        for id in outlived {
            self.run(FORGET_HOLDS, &[id.into()])?;
            purged += self.run(FORGET, &[id.into()])?;
        }
        Ok(purged)
    }
}

impl DistrictTx<'_, '_> {
    /// Begins a run, unless another one of this district is under way.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_sync(&mut self, new: &NewSync, now: Timestamp) -> Result<Begun, StoreError> {
        self.tx.fail_dead_syncs(now)?;
        if let Some(running) = self.running_sync()? {
            return Ok(Begun::Running(Box::new(running)));
        }
        let undo_to = match new.source {
            SyncSource::Undo { to } => Some(to.0),
            _ => None,
        };
        let values = [
            new.id.into(),
            self.id.into(),
            new.source.name().into(),
            undo_to.into(),
            (now + RUN_LEASE).into(),
            now.into(),
            new.fingerprint.as_ref().map(|it| &it.as_bytes()[..]).into(),
        ];
        match self.tx.run(ADD, &values)? {
            // Another node was faster by a hair, and its row may not be visible yet.
            0 => match self.running_sync()? {
                Some(running) => Ok(Begun::Running(Box::new(running))),
                None => Err(StoreError::Busy),
            },
            _ => Ok(Begun::Begun),
        }
    }

    /// The run that holds the district, if there is one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn running_sync(&mut self) -> Result<Option<SyncRun>, StoreError> {
        self.one_sync(RUNNING, &[self.id.into()])
    }

    /// The run with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sync_run(&mut self, id: SyncRunId) -> Result<Option<SyncRun>, StoreError> {
        self.one_sync(BY_ID, &[id.into(), self.id.into()])
    }

    /// The newest runs, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sync_runs(&mut self, at_most: u32) -> Result<Vec<SyncRun>, StoreError> {
        let found = read::runs(self.tx, NEWEST, &[self.id.into(), i64::from(at_most).into()])?;
        Ok(found.into_iter().map(|(_, run)| run).collect())
    }

    /// The newest run of rosters that came this way.
    ///
    /// # Errors
    /// When the database fails.
    pub fn newest_sync_from(&mut self, source: SyncSource) -> Result<Option<SyncRun>, StoreError> {
        self.one_sync(NEWEST_FROM, &[self.id.into(), source.name().into()])
    }

    /// What a run found, as it was recorded; none where nothing was yet, or it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sync_report(&mut self, id: SyncRunId) -> Result<Option<String>, StoreError> {
        let values = [id.into(), self.id.into()];
        Ok(self.tx.one(REPORT, &values, |row| row.opt_string(0))?.flatten())
    }

    /// A sign of life; false where the run was taken for dead.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_sync_alive(&mut self, id: SyncRunId, now: Timestamp) -> Result<bool, StoreError> {
        let values = [(now + RUN_LEASE).into(), id.into(), self.id.into()];
        Ok(self.tx.run(ALIVE, &values)? == 1)
    }

    /// Records what a run has found; `plan` where it came to a plan. False where the run was taken
    /// for dead.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_sync_report(
        &mut self,
        id: SyncRunId,
        (planned_on, fingerprint): (Option<RosterVersion>, Option<Fingerprint>),
        report: &str,
    ) -> Result<bool, StoreError> {
        let values = [
            planned_on.map(|version| version.0).into(),
            fingerprint.as_ref().map(|it| &it.as_bytes()[..]).into(),
            report.into(),
            id.into(),
            self.id.into(),
        ];
        Ok(self.tx.run(PLANNED, &values)? == 1)
    }

    /// Ends a run, and gives up an earlier one that was held where this one makes it out of date.
    /// False where the run was taken for dead: then nothing happens. `Running` is no end.
    ///
    /// # Errors
    /// When the database fails.
    pub fn end_sync(
        &mut self,
        id: SyncRunId,
        state: &RunState,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
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
        ];
        if self.tx.run(END, &values)? == 0 {
            return Ok(false);
        }
        if let RunState::Held { reasons } = state {
            self.record_holds(id, reasons)?;
        }
        if state.supersedes() && run.source.is_files() {
            self.tx.run(SUPERSEDE, &[now.into(), self.id.into(), id.into()])?;
        }
        Ok(true)
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

    /// Lets a held run go on; it holds the district again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resume_sync(&mut self, id: SyncRunId, now: Timestamp) -> Result<Begun, StoreError> {
        self.tx.fail_dead_syncs(now)?;
        if let Some(running) = self.running_sync()? {
            return Ok(Begun::Running(Box::new(running)));
        }
        let values = [(now + RUN_LEASE).into(), id.into(), self.id.into()];
        match self.tx.run(RESUME, &values)? {
            0 => Err(StoreError::Busy),
            _ => Ok(Begun::Begun),
        }
    }

    /// Gives up a held run; false where it is not held.
    ///
    /// # Errors
    /// When the database fails.
    pub fn discard_sync(
        &mut self,
        id: SyncRunId,
        why: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = [now.into(), why.into(), id.into(), self.id.into()];
        Ok(self.tx.run(DISCARD, &values)? == 1)
    }

    fn one_sync(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Option<SyncRun>, StoreError> {
        Ok(read::runs(self.tx, sql, values)?.pop().map(|(_, run)| run))
    }
}

/// Records in a run which version it makes, and in the audit log that it does; false where the run
/// was taken for dead.
pub(crate) fn switched(
    tx: &mut Tx<'_>,
    (run, district): (SyncRunId, DistrictId),
    version: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if tx.run(SWITCHED, &[version.into(), run.into(), district.into()])? == 0 {
        return Ok(false);
    }
    let mut district = tx.district(district);
    let (action, detail) = match district.sync_run(run)?.map(|run| run.source) {
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
