//! Going back to an earlier version of a roster: a run like any other, whose plan comes from the
//! versions that are kept and not from files. It makes a new version, and takes login names back that
//! later files gave to somebody whom the version knows by another name ([`login_names`]).

mod login_names;

use std::io;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::sync::undo::{UndoRefusal, check};
use firstbell_core::roster::sync::{RunState, SyncSource, WayBack};
use firstbell_roster::{Listed, Plan, PlanError, PlannedChange, plan_back};
use firstbell_store::{FoundBySync, StoreError, SyncPlan};
use tokio::task::JoinError;

use super::report::Report;
use super::run::{Run, RunError, Watcher};
use super::{BeginError, Syncing};

/// What going back would do.
#[derive(Debug)]
pub struct UndoPlan {
    /// To show.
    pub report: Report,
    change: Box<PlannedChange>,
    planned_on: RosterVersion,
    back: WayBack,
}

/// What going back did.
#[derive(Debug)]
pub struct Undone {
    /// What it changed.
    pub report: Report,
    /// The state of its run.
    pub state: RunState,
    /// How many login names were taken back.
    pub login_names: usize,
}

/// Why nobody goes back.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// Not to this version.
    #[error(transparent)]
    Refused(#[from] UndoRefusal),
    /// The run did not begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// The run failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Planning was cut off.
    #[error("planning was cut off")]
    CutOff(#[from] JoinError),
    /// What changes could not be kept on disk.
    #[error("the temporary folder could not be written or read: is it full?")]
    Disk(#[source] io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PlanError<StoreError>> for UndoError {
    fn from(error: PlanError<StoreError>) -> Self {
        match error {
            PlanError::Present(error) => Self::Store(error),
            PlanError::Disk(error) => Self::Disk(error),
        }
    }
}

impl Syncing {
    /// What going back to a version would change.
    ///
    /// # Errors
    /// See [`UndoError`].
    pub async fn plan_undo(
        &self,
        district: DistrictId,
        to: RosterVersion,
    ) -> Result<UndoPlan, UndoError> {
        let (planned_on, back) = self.way_back(district, to).await?;
        let present = self.store.present(district, planned_on);
        let then = self.store.present(district, back.read_in);
        let planned = tokio::task::spawn_blocking(move || plan_back(present, then));
        let Plan { change, summary } = planned.await??;
        let mut report = Report::of_plan(&summary, &Listed::default());
        let login_names = self.login_names_to_take_back(district, back).await?;
        report.slips.extend(login_names::note(login_names));
        // It is read page by page: had it ceased to be kept meanwhile, pages would be missing.
        self.way_back(district, to).await?;
        Ok(UndoPlan { report, change, planned_on, back })
    }

    /// The version that is there, and the way back to another.
    async fn way_back(
        &self,
        district: DistrictId,
        to: RosterVersion,
    ) -> Result<(RosterVersion, WayBack), UndoError> {
        let now = self.clock.now();
        let found = self.store.read(move |tx| {
            let mut district = tx.district(district);
            let present = district.roster_version()?;
            let undone = district.gone_back_to(present)?;
            let back = check(to, present, undone, &district.roster_versions(now)?)?;
            Ok::<_, UndoError>((present, back))
        });
        found.await
    }

    /// Goes back to a version. What that changes is planned again: the roster may have changed since
    /// somebody was shown it.
    ///
    /// # Errors
    /// See [`UndoError`].
    pub async fn undo(
        &self,
        district: DistrictId,
        to: RosterVersion,
        watcher: &dyn Watcher,
    ) -> Result<Undone, UndoError> {
        let run = self.begin(district, SyncSource::Undo { to }, None).await?;
        let plan = match run.unless_dead(self.plan_undo(district, to)).await {
            Ok(Ok(plan)) => plan,
            Ok(Err(error)) => {
                run.end(RunState::Failed { why: error.to_string() }).await?;
                return Err(error);
            }
            Err(dead) => return Err(run.failed(dead).await.into()),
        };
        let UndoPlan { report, change, planned_on, mut back } = plan;
        let found = FoundBySync {
            planned_on: Some(planned_on),
            undo_to_made: Some(back.to.made),
            ..FoundBySync::default()
        };
        if let Err(error) = run.record(&report, found).await {
            return Err(run.failed(error).await.into());
        }
        let mut state = RunState::Unchanged;
        if !change.is_empty() {
            let version = match self.bring_back(&run, planned_on, change, watcher).await {
                Ok(version) => version,
                Err(error) => return Err(run.failed(error).await.into()),
            };
            state = RunState::Applied { version };
            back.read_in = version;
        }
        // Also where the roster is so already: the undo before may have been cut off here.
        let login_names = match self.take_login_names_back(&run, back).await {
            Ok(login_names) => login_names,
            Err(error) => return Err(run.failed(error).await.into()),
        };
        run.end(state.clone()).await?;
        Ok(Undone { report, state, login_names })
    }

    /// Applies what going back changes; says which version that made.
    async fn bring_back(
        &self,
        run: &Run,
        planned_on: RosterVersion,
        change: Box<PlannedChange>,
        watcher: &dyn Watcher,
    ) -> Result<RosterVersion, RunError> {
        let plan = SyncPlan { run: run.lease, district: run.district, planned_on };
        let applying = |done, total| watcher.applying(done, total);
        let applied = self.store.apply_sync(plan, change, self.clock.now(), applying);
        run.unless_dead(applied).await?.map_err(|error| RunError::Apply(error.into()))
    }
}
