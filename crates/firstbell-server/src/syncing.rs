//! Sync runs: how a roster comes in safely, whichever way it came. A run
//!
//! 1. begins, and from then on holds its district ([`Syncing::begin`]);
//! 2. takes the files into the spool ([`spool`]), so that what was shown is what is applied;
//! 3. reads and plans, and records a report of what it found ([`report`]);
//! 4. is decided about by `firstbell_core::roster::sync`: applied, or held for a person;
//! 5. ends, and its files go, unless it is held.
//!
//! The steps 3 to 5 are in [`run`]; [`undo`] goes back to an earlier version.

pub mod drop_folder;
pub mod oneroster;
pub mod print;
pub mod report;
pub mod run;
pub mod spool;
pub mod undo;

use std::sync::Arc;
use std::time::Duration;

use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::sync::{Consent, Due, Fingerprint, RunState, SyncRun, SyncSource};
use firstbell_core::time::Timestamp;
use firstbell_store::{AuditEntry, Begun, NewSync, Store, StoreError, Tx};
use firstbell_upstream::password::PasswordKey;

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::sealing::{SealingKey, Unopened};
use oneroster::Fetched;
use run::Run;
use spool::{Files, Spool, SpoolError};

/// How often a run shows a sign of life: well within `RUN_LEASE`.
const BEATS_EVERY: Duration = Duration::from_secs(15);

/// What all runs share. Cloning it is cheap.
#[derive(Clone)]
pub struct Syncing {
    /// The database.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// What passwords of rosters are kept under.
    pub key: PasswordKey,
    /// What secrets of districts' services are sealed under.
    pub sealing: Arc<SealingKey>,
    /// Where files are kept while they are needed.
    pub spool: Spool,
}

/// Whether files that wait to be fetched began a run.
pub enum Fetch {
    /// They did.
    Begun(Box<Run>),
    /// Not now; it is to be asked again at this moment.
    Later(Timestamp),
    /// They were synced already.
    Done,
}

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// Another one of the district is under way.
    #[error(
        "another sync of this district is under way (run {}, since {}); try again when it is done",
        .0.id, .0.began
    )]
    Running(Box<SyncRun>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a held run did not go on.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    /// There is no such run.
    #[error("there is no run {0}; `firstbell sync show` lists them")]
    NoSuchRun(SyncRunId),
    /// It waits for nobody.
    #[error("run {} is {}, not held: there is nothing to approve or discard", .0.id, .0.state.name())]
    NotHeld(Box<SyncRun>),
    /// Its files are not in this spool.
    #[error("its files are not in the spool here; if it came in on another node, approve it there")]
    Files(#[source] SpoolError),
    /// Its files are other ones than those that were shown.
    #[error("the files in the spool are not those that were shown; sync them anew")]
    OtherFiles,
    /// It cannot begin.
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl From<StoreError> for ApproveError {
    fn from(error: StoreError) -> Self {
        Self::Begin(error.into())
    }
}

impl Syncing {
    /// What all runs share on an installation with this master key, by the machine's clock.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn new(store: Store, master_key: &[u8; 32], spool: Spool) -> Result<Self, Unopened> {
        let sealing = Arc::new(SealingKey::derive(master_key)?);
        let key = PasswordKey::derive(master_key);
        Ok(Self { store, clock: Clock::System, key, sealing, spool })
    }

    /// Begins a run, which holds the district until it ends or is dropped.
    ///
    /// # Errors
    /// See [`BeginError`].
    pub async fn begin(
        &self,
        district: DistrictId,
        source: SyncSource,
        fingerprint: Option<Fingerprint>,
    ) -> Result<Run, BeginError> {
        let now = self.clock.now();
        let new = NewSync { id: SyncRunId::new(now, &mut Entropy), source, fingerprint };
        match self.store.write(move |tx| tx.district(district).begin_sync(&new, now)).await? {
            Begun::Begun(lease) => Ok(Run::started(self.clone(), lease, district)),
            Begun::Running(other) => Err(BeginError::Running(other)),
        }
    }

    /// Begins a run of files that wait to be fetched, if they are due.
    ///
    /// # Errors
    /// See [`BeginError`].
    pub async fn begin_if_due(
        &self,
        district: DistrictId,
        fingerprint: Fingerprint,
    ) -> Result<Fetch, BeginError> {
        let (source, now) = (SyncSource::DropFolder, self.clock.now());
        let id = SyncRunId::new(now, &mut Entropy);
        let begun = self.store.write(move |tx| {
            let mut district = tx.district(district);
            let newest = district.newest_sync_from(source)?;
            match newest.map_or(Due::Now, |newest| newest.leaves_due(&fingerprint, now)) {
                Due::Now => {}
                Due::Later(again) => return Ok::<_, StoreError>(Err(Fetch::Later(again))),
                Due::Done => return Ok(Err(Fetch::Done)),
            }
            let new = NewSync { id, source, fingerprint: Some(fingerprint) };
            district.begin_sync(&new, now).map(Ok)
        });
        match begun.await? {
            Ok(Begun::Begun(lease)) => {
                Ok(Fetch::Begun(Box::new(Run::started(self.clone(), lease, district))))
            }
            Ok(Begun::Running(other)) => Err(BeginError::Running(other)),
            Err(not_now) => Ok(not_now),
        }
    }

    /// Begins a run from a source whose last one began longer ago than `every`; none where it did
    /// not. One that failed is tried again sooner.
    ///
    /// # Errors
    /// See [`BeginError`].
    pub async fn begin_if_older(
        &self,
        district: DistrictId,
        source: SyncSource,
        every: Duration,
    ) -> Result<Option<Run>, BeginError> {
        let now = self.clock.now();
        let id = SyncRunId::new(now, &mut Entropy);
        let begun = self.store.write(move |tx| {
            let mut district = tx.district(district);
            let newest = district.newest_sync_from(source)?;
            if newest.is_some_and(|newest| !newest.is_older_than(every, now)) {
                return Ok::<_, StoreError>(None);
            }
            district.begin_sync(&NewSync { id, source, fingerprint: None }, now).map(Some)
        });
        match begun.await? {
            None => Ok(None),
            Some(Begun::Begun(lease)) => Ok(Some(Run::started(self.clone(), lease, district))),
            Some(Begun::Running(other)) => Err(BeginError::Running(other)),
        }
    }

    /// Lets a held run go on: what comes of it is what [`Run::carry_out`] says with the consent that
    /// is given back.
    ///
    /// # Errors
    /// See [`ApproveError`].
    pub async fn approve(&self, id: SyncRunId) -> Result<(Run, Files, Consent), ApproveError> {
        let (district, held) = self.held(id).await?;
        let files = self.spool.files(id).map_err(ApproveError::Files)?;
        if held.fingerprint != Some(files.fingerprint) {
            return Err(ApproveError::OtherFiles);
        }
        // Without a plan, as an older program left it, it is planned, and shown, anew.
        let consent = held.plan().map_or(Consent::NotAsked, Consent::ToPlan);
        let planned_on = held.planned_on.map(|version| format!(", planned on version {version}"));
        let planned_on = planned_on.unwrap_or_default();
        let now = self.clock.now();
        let resume = self.store.write(move |tx| {
            let mut district = tx.district(district);
            let begun = district.resume_sync(id, now)?;
            if matches!(begun, Begun::Begun(_)) {
                let detail = format!("run {id}{planned_on}");
                district.audit(&entry("sync.approved", detail), now)?;
            }
            Ok::<_, StoreError>(begun)
        });
        match resume.await? {
            Begun::Begun(lease) => {
                let run = Run::started(self.clone(), lease, district);
                Ok((run, files, consent))
            }
            Begun::Running(other) => Err(BeginError::Running(other).into()),
        }
    }

    /// Gives up a held run and removes its files.
    ///
    /// # Errors
    /// See [`ApproveError`].
    pub async fn discard(&self, id: SyncRunId) -> Result<(), ApproveError> {
        let (district, held) = self.held(id).await?;
        let now = self.clock.now();
        let discard = self.store.write(move |tx| {
            let mut district = tx.district(district);
            let is_discarded = district.discard_sync(id, "an operator discarded it", now)?;
            if is_discarded {
                district.audit(&entry("sync.discarded", format!("run {id}")), now)?;
            }
            Ok::<_, StoreError>(is_discarded)
        });
        if !discard.await? {
            return Err(ApproveError::NotHeld(Box::new(held)));
        }
        self.spool.clear(vec![id]).await;
        Ok(())
    }

    async fn held(&self, id: SyncRunId) -> Result<(DistrictId, SyncRun), ApproveError> {
        let found = self.store.read(move |tx| tx.sync_run_of_any(id)).await?;
        let (district, run) = found.ok_or(ApproveError::NoSuchRun(id))?;
        match run.state {
            RunState::Held { .. } => Ok((district, run)),
            _ => Err(ApproveError::NotHeld(Box::new(run))),
        }
    }

    /// Marks runs as failed whose process is gone, and removes files that no run needs any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tidy(&self) -> Result<(), StoreError> {
        // In this order: a run is in the database before its files are in the spool.
        let (spool, now) = (self.spool.clone(), self.clock.now());
        let listing = tokio::task::spawn_blocking(move || {
            Fetched::tidy(&spool, now);
            spool.runs()
        });
        let there = listing.await.unwrap_or_default();
        let mut open = self.store.read(open_runs).await?;
        if !open.is_empty() {
            self.store.write(move |tx| tx.fail_dead_syncs(now)).await?;
            open = self.store.read(open_runs).await?;
        }
        self.spool.clear(there.into_iter().filter(|id| !open.contains(id)).collect()).await;
        Ok(())
    }
}

fn open_runs(tx: &mut Tx<'_>) -> Result<Vec<SyncRunId>, StoreError> {
    tx.open_syncs()
}

/// A record of what an operator, or a district's systems, did with a roster.
pub fn entry(action: &'static str, detail: String) -> AuditEntry {
    AuditEntry { action, actor: None, subject: None, application: None, detail }
}
