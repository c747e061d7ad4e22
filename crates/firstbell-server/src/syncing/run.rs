//! A run that is under way: from files in the spool to its end.

use std::future::{Future, pending};
use std::path::Path;

use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::sync::{
    Consent, Decision, Fingerprint, HoldReason, PlanIdentity, RunState,
};
use firstbell_roster::Progress;
use firstbell_store::{Failed, FoundBySync, StoreError, SyncLease, Tx};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinError};

use super::oneroster::FetchError;
use super::report::Report;
use super::spool::{Files, Found, Spool, SpoolError};
use super::{BEATS_EVERY, Syncing};
use crate::importing::{Import, ImportError, PrepareError, Prepared, ProvisionError};
use crate::reply::fault::chain;

/// A run that is under way. It shows signs of life until it is dropped; dropped before its end, it
/// is taken for dead after a minute. One that was held may then be taken up by another process; this
/// one says nothing of it any more, and stops its work ([`Run::unless_dead`]).
pub struct Run {
    pub(super) syncing: Syncing,
    /// Its identifier.
    pub id: SyncRunId,
    pub(super) lease: SyncLease,
    /// The district that it holds.
    pub district: DistrictId,
    beating: AbortHandle,
    is_dead: watch::Receiver<bool>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

/// Who is told how far a run is.
pub trait Watcher: Send + Sync {
    /// The files are being read.
    fn reading(&self, progress: Progress);
    /// So many of so many records are in.
    fn applying(&self, done: usize, total: usize);
}

/// Nobody watches.
pub struct Unwatched;

impl Watcher for Unwatched {
    fn reading(&self, _: Progress) {}
    fn applying(&self, _: usize, _: usize) {}
}

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    /// What it found.
    pub report: Report,
    /// Its state; never `Running`.
    pub state: RunState,
    /// How many passwords were provisioned.
    pub passwords: usize,
}

/// Why a run could not be carried out. It is recorded as failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The files did not get into the spool.
    #[error("the files did not get into the spool")]
    Spool(#[from] SpoolError),
    /// The files changed while they were taken.
    #[error("the files changed while they were read")]
    Changed,
    /// What was read could not be kept on disk.
    #[error("the temporary folder could not be written or read: is it full?")]
    Disk(#[source] std::io::Error),
    /// Reading was cut off.
    #[error("reading was cut off")]
    CutOff(#[from] JoinError),
    /// Nothing was fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Applying failed.
    #[error("{0:#}")]
    Apply(anyhow::Error),
    /// It was silent for so long that it was taken for dead.
    #[error("the run was silent for so long that it was taken for dead")]
    TakenForDead,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Run {
    pub(super) fn started(syncing: Syncing, lease: SyncLease, district: DistrictId) -> Self {
        let (store, clock, id) = (syncing.store.clone(), syncing.clock.clone(), lease.run);
        let (dying, is_dead) = watch::channel(false);
        let beating = tokio::spawn(async move {
            let mut beat = tokio::time::interval(BEATS_EVERY);
            loop {
                beat.tick().await;
                let now = clock.now();
                let alive =
                    store.write(move |tx| tx.district(district).keep_sync_alive(lease, now));
                match alive.await {
                    Ok(true) => {}
                    Ok(false) => {
                        dying.send_replace(true);
                        break;
                    }
                    Err(error) => tracing::warn!(
                        cause = chain(&error), run.id = %id, "a sync run gave no sign of life"
                    ),
                }
            }
        });
        Self { syncing, id, lease, district, beating: beating.abort_handle(), is_dead }
    }

    /// Does some of the run's work, and stops in the middle of it when the run is taken for dead: from
    /// then on another process may be at the same. What ends the run is no such work, because after it
    /// no sign of life is heard either.
    pub(crate) fn unless_dead<T>(
        &self,
        work: impl Future<Output = T>,
    ) -> impl Future<Output = Result<T, RunError>> {
        // The work is large, and a future that is handed on is there twice.
        let work = Box::pin(work);
        let mut is_dead = self.is_dead.clone();
        async move {
            let died = async {
                // Where nobody listens for its life any more, nobody says that it is dead.
                if is_dead.wait_for(|is_dead| *is_dead).await.is_err() {
                    pending::<()>().await;
                }
            };
            tokio::select! {
                done = work => Ok(done),
                () = died => Err(RunError::TakenForDead),
            }
        }
    }

    /// Takes files into the spool.
    ///
    /// # Errors
    /// When they do not get there; the run is then at its end.
    pub async fn take_in(&self, found: Found) -> Result<Files, RunError> {
        let (spool, id) = (self.syncing.spool.clone(), self.id);
        let copied = tokio::task::spawn_blocking(move || spool.copy_in(id, found)).await;
        match copied {
            Ok(Ok(files)) => Ok(files),
            Ok(Err(error)) => Err(self.failed(error.into()).await),
            Err(error) => Err(self.failed(error.into()).await),
        }
    }

    /// Takes files into the spool that had this fingerprint when they were found.
    ///
    /// # Errors
    /// When they do not get there, or are other ones; the run is then at its end.
    pub async fn take_in_same(&self, found: Found, known: Fingerprint) -> Result<Files, RunError> {
        let files = self.take_in(found).await?;
        if files.fingerprint == known {
            return Ok(files);
        }
        Err(self.failed(RunError::Changed).await)
    }

    /// Reads the files, plans, and applies the plan, unless it must be held.
    ///
    /// # Errors
    /// See [`RunError`]; the run is then recorded as failed.
    pub async fn carry_out(
        &self,
        files: &Files,
        consent: Consent,
        watcher: std::sync::Arc<dyn Watcher>,
    ) -> Result<Ended, RunError> {
        let reading = std::sync::Arc::clone(&watcher);
        let import = self.import(&files.path);
        let preparing = import.prepare_again(consent, move |at| reading.reading(at));
        let ended = match self.unless_dead(preparing).await {
            Ok(Ok(prepared)) => self.settle(prepared, files.fingerprint, consent, &*watcher).await,
            Ok(Err(PrepareError::Rejected(rejected))) => {
                self.reject(Report::of_rejected(&rejected), Some(files.fingerprint)).await
            }
            Ok(Err(PrepareError::Store(error))) => Err(error.into()),
            Ok(Err(PrepareError::Disk(error))) => Err(RunError::Disk(error)),
            Ok(Err(PrepareError::CutOff(error))) => Err(error.into()),
            Err(dead) => Err(dead),
        };
        match ended {
            Ok(ended) => {
                if !matches!(ended.state, RunState::Held { .. }) {
                    self.syncing.spool.clear(vec![self.id]).await;
                }
                Ok(ended)
            }
            Err(error) => Err(self.failed(error).await),
        }
    }

    /// Where its files are kept.
    pub fn spool(&self) -> Spool {
        self.syncing.spool.clone()
    }

    /// The import that the run is about.
    pub fn import(&self, source: &Path) -> Import {
        Import {
            store: self.syncing.store.clone(),
            district: self.district,
            source: source.to_owned(),
            clock: self.syncing.clock.clone(),
        }
    }

    /// Ends the run with files that are no roster.
    ///
    /// # Errors
    /// When that cannot be recorded.
    pub async fn reject(
        &self,
        report: Report,
        fingerprint: Option<Fingerprint>,
    ) -> Result<Ended, RunError> {
        self.record(&report, FoundBySync { fingerprint, ..FoundBySync::default() }).await?;
        self.end(RunState::Rejected).await?;
        Ok(Ended { report, state: RunState::Rejected, passwords: 0 })
    }

    /// Decides about what was prepared, and does it. It is for whoever prepared it to call
    /// [`Run::failed`] where this fails.
    ///
    /// # Errors
    /// See [`RunError`].
    pub async fn settle(
        &self,
        prepared: Prepared,
        fingerprint: Fingerprint,
        consent: Consent,
        watcher: &dyn Watcher,
    ) -> Result<Ended, RunError> {
        let plan = prepared.identity(fingerprint);
        let report = Report::of_plan(&prepared.plan.summary, &prepared.warnings);
        let reasons = self.reasons_to_hold(&prepared).await?;
        if let Decision::Hold(reasons) = consent.decide(&plan, reasons) {
            let state = RunState::Held { reasons };
            self.hold(&report, &plan, state.clone()).await?;
            return Ok(Ended { report, state, passwords: 0 });
        }
        self.record(&report, FoundBySync::plan(&plan)).await?;

        // The path plays no part any more.
        let import = self.import(Path::new(""));
        let applying = |done, total| watcher.applying(done, total);
        let key = &self.syncing.key;
        let applied = import.apply_for(Some(self.lease), prepared, key, applying);
        let applied = self.unless_dead(applied).await?.map_err(|error| match error {
            ImportError::Passwords(ProvisionError::TakenForDead) => RunError::TakenForDead,
            error => RunError::Apply(error.into()),
        })?;
        let state = match applied.version {
            Some(version) => RunState::Applied { version },
            None => RunState::Unchanged,
        };
        self.end(state.clone()).await?;
        Ok(Ended { report, state, passwords: applied.passwords })
    }

    /// Ends the run without applying what was prepared: somebody was asked, and did not agree.
    ///
    /// # Errors
    /// When that cannot be recorded.
    pub async fn decline(
        &self,
        prepared: &Prepared,
        fingerprint: Fingerprint,
        why: String,
    ) -> Result<(), RunError> {
        let report = Report::of_plan(&prepared.plan.summary, &prepared.warnings);
        self.record(&report, FoundBySync::plan(&prepared.identity(fingerprint))).await?;
        self.end(RunState::Discarded { why }).await
    }

    /// Why what was prepared must be held, if anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reasons_to_hold(&self, prepared: &Prepared) -> Result<Vec<HoldReason>, RunError> {
        let district = self.district;
        let limits = self.syncing.store.read(move |tx| tx.district(district).sync_limits()).await?;
        Ok(limits.reasons_to_hold(&prepared.plan.summary.impact()))
    }

    /// Records what the run has found.
    pub(super) async fn record(&self, report: &Report, found: FoundBySync) -> Result<(), RunError> {
        let (lease, district, report) = (self.lease, self.district, report.written());
        self.while_alive(move |tx| tx.district(district).record_sync_report(lease, &found, &report))
            .await
    }

    /// Records what the run has found and that it is held for it, in one step: whoever is cut off
    /// while an approved run is planned anew leaves it with the plan that was shown.
    async fn hold(
        &self,
        report: &Report,
        plan: &PlanIdentity,
        state: RunState,
    ) -> Result<(), RunError> {
        let (lease, district, report) = (self.lease, self.district, report.written());
        let (found, now) = (FoundBySync::plan(plan), self.syncing.clock.now());
        self.while_alive(move |tx| {
            let mut district = tx.district(district);
            let is_alive = district.record_sync_report(lease, &found, &report)?;
            Ok(is_alive && district.end_sync(lease, &state, now)?)
        })
        .await?;
        self.beating.abort();
        Ok(())
    }

    /// Records how the run ended.
    ///
    /// # Errors
    /// When it was taken for dead, or the database fails.
    pub async fn end(&self, state: RunState) -> Result<(), RunError> {
        let (lease, district, now) = (self.lease, self.district, self.syncing.clock.now());
        self.while_alive(move |tx| tx.district(district).end_sync(lease, &state, now)).await?;
        self.beating.abort();
        Ok(())
    }

    pub(super) async fn while_alive(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<(), RunError> {
        let is_alive = self.syncing.store.write(work).await?;
        if is_alive { Ok(()) } else { Err(RunError::TakenForDead) }
    }

    /// Records that the run failed, and removes its files; gives back why. One that somebody had
    /// approved and that has changed nothing is held again, with its files.
    pub async fn failed(&self, error: RunError) -> RunError {
        tracing::warn!(
            cause = chain(&error), run.id = %self.id, district.id = %self.district,
            "a sync run failed"
        );
        let (lease, district, now) = (self.lease, self.district, self.syncing.clock.now());
        let (id, why) = (self.id, chain(&error));
        let failing = self
            .syncing
            .store
            .write(move |tx| tx.district(district).fail_sync(lease, why.clone(), now));
        match failing.await {
            Ok(Failed::Recorded) => self.syncing.spool.clear(vec![id]).await,
            // Whoever took it for dead knows whether its files are needed still: `Syncing::tidy`.
            Ok(Failed::HeldAgain | Failed::TakenForDead) => {}
            Err(error) => tracing::warn!(
                cause = chain(&error), run.id = %id, "that a sync run failed is not recorded"
            ),
        }
        self.beating.abort();
        error
    }
}
