//! Sync runs. A run goes from `running` to a state that stays, or to `held` and from there back to
//! `running` or to `discarded`; every step asks for the state that it leaves, so a run that was
//! taken for dead changes nothing any more. Once it was held another process may take it up, and it
//! is `running` again: so whatever a process says of its run asks for the fence of its [`SyncLease`]
//! too. `running` is also what holds the district: there is at most one such run (an index sees to
//! that).
//!
//! How a run comes to its end is in [`end`].

mod end;
mod read;

pub use end::Failed;
#[cfg(feature = "testing")]
pub(crate) use end::QUERIES as END;
pub(crate) use end::switched;

use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::sync::{
    Fingerprint, HELD_FOR, PlanIdentity, REPORT_KEPT_FOR, RUN_KEPT_FOR, RUN_LEASE, SyncRun,
    SyncSource, VersionMade,
};
use firstbell_core::time::Timestamp;

use crate::backend::Value;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::{DistrictTx, Tx};

/// The columns of a run, as `read::Found::of` reads them.
macro_rules! run_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, source, undo_to, state, held_until, began, ended, planned_on, fingerprint, \
             version, why, district_id, as_of FROM sync_runs WHERE ",
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
    // One that an older program left without the moment of its version says nothing here.
    BACK_TO = "SELECT undo_to, undo_to_made FROM sync_runs WHERE district_id = $1 \
               AND version = $2 AND source = 'undo' AND undo_to_made IS NOT NULL";
    ALIVE = "UPDATE sync_runs SET held_until = $1 \
             WHERE id = $2 AND district_id = $3 AND state = 'running' AND fence = $4";
    PLANNED = "UPDATE sync_runs SET planned_on = $1, fingerprint = $2, as_of = $3, \
               undo_to_made = $4, report = $5 \
               WHERE id = $6 AND district_id = $7 AND state = 'running' AND fence = $8";
    RESUME = "UPDATE sync_runs SET state = 'running', ended = NULL, held_until = $1, \
              fence = fence + 1 WHERE id = $2 AND district_id = $3 AND state = 'held' \
              RETURNING fence";
    DISCARD = "UPDATE sync_runs SET state = 'discarded', ended = $1, why = $2 \
               WHERE id = $3 AND district_id = $4 AND state = 'held'";
    FORGET_HOLDS = "DELETE FROM sync_holds WHERE run_id = $1";
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

/// What a process has of a run from the moment on in which it takes it up. Another one that takes the
/// run up later has another lease, and then nothing comes of what is said under this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncLease {
    /// The run.
    pub run: SyncRunId,
    /// Grows each time a process takes the run up.
    fence: i64,
}

/// What a run found, beside its report.
#[derive(Debug, Clone, Copy, Default)]
pub struct FoundBySync {
    /// The version that it planned on, where it came to a plan.
    pub planned_on: Option<RosterVersion>,
    /// What it read.
    pub fingerprint: Option<Fingerprint>,
    /// The moment for whose day it read it.
    pub as_of: Option<Timestamp>,
    /// When the version was made that an undo goes back to.
    pub undo_to_made: Option<Timestamp>,
}

impl FoundBySync {
    /// Of a run that came to this plan.
    pub fn plan(plan: &PlanIdentity) -> Self {
        let PlanIdentity { planned_on, fingerprint, as_of } = *plan;
        let (planned_on, fingerprint) = (Some(planned_on), Some(fingerprint));
        Self { planned_on, fingerprint, as_of: Some(as_of), undo_to_made: None }
    }
}

/// Whether a run could begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It has begun, and holds the district.
    Begun(SyncLease),
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
            _ => Ok(Begun::Begun(SyncLease { run: new.id, fence: 0 })),
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

    /// The version to which an undo went back when it made this one: both hold the same roster. None
    /// where no undo made it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn gone_back_to(&mut self, made: RosterVersion) -> Result<Option<VersionMade>, StoreError> {
        self.tx.one(BACK_TO, &[self.id.into(), made.0.into()], |row| {
            Ok(VersionMade { version: RosterVersion(row.int(0)?), made: row.time(1)? })
        })
    }

    /// A sign of life; false where the run was taken for dead.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keep_sync_alive(
        &mut self,
        lease: SyncLease,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let SyncLease { run, fence } = lease;
        let values = [(now + RUN_LEASE).into(), run.into(), self.id.into(), fence.into()];
        Ok(self.tx.run(ALIVE, &values)? == 1)
    }

    /// Records what a run has found. False where the run was taken for dead.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_sync_report(
        &mut self,
        lease: SyncLease,
        found: &FoundBySync,
        report: &str,
    ) -> Result<bool, StoreError> {
        let values = [
            found.planned_on.map(|version| version.0).into(),
            found.fingerprint.as_ref().map(|it| &it.as_bytes()[..]).into(),
            found.as_of.into(),
            found.undo_to_made.into(),
            report.into(),
            lease.run.into(),
            self.id.into(),
            lease.fence.into(),
        ];
        Ok(self.tx.run(PLANNED, &values)? == 1)
    }

    /// Lets a held run go on; it holds the district again. Whoever was at it before is heard no more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resume_sync(&mut self, id: SyncRunId, now: Timestamp) -> Result<Begun, StoreError> {
        self.tx.fail_dead_syncs(now)?;
        if let Some(running) = self.running_sync()? {
            return Ok(Begun::Running(Box::new(running)));
        }
        let values = [(now + RUN_LEASE).into(), id.into(), self.id.into()];
        let fence = self.tx.one(RESUME, &values, |row| row.int(0))?.ok_or(StoreError::Busy)?;
        Ok(Begun::Begun(SyncLease { run: id, fence }))
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
