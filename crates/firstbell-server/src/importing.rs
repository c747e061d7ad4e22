//! A roster on its way into the store: read and checked, compared with what is there, applied as
//! one change, passwords provisioned last ([`provisioning`]). The command line and the demo both come
//! through here.

pub(crate) mod provisioning;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::{Consent, Fingerprint, PlanIdentity};
use firstbell_core::time::Timestamp;
use firstbell_roster::{Day, Listed, Plan, PlanError, Progress, Rejected};
use firstbell_store::{ApplyError, RosterVersion, Store, StoreError, SyncLease, SyncPlan};
use firstbell_upstream::password::PasswordKey;

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::syncing::spool;
pub use provisioning::ProvisionError;
use provisioning::Provisioning;

/// Where a roster comes from and where it goes.
#[derive(Clone)]
pub struct Import {
    /// The database.
    pub store: Store,
    /// The district whose roster it is.
    pub district: DistrictId,
    /// A folder of CSV files, or a zip file of one.
    pub source: PathBuf,
    /// Tells the time.
    pub clock: Clock,
}

/// A roster that was read and compared, and not applied yet.
#[derive(Debug)]
pub struct Prepared {
    /// What would change, and a summary to show.
    pub plan: Plan,
    /// What somebody should know of the files, though they are a roster.
    pub warnings: Listed,
    /// The version of the roster that the files were compared with.
    pub planned_on: RosterVersion,
    /// The moment on whose day enrolments and roles with dates counted or did not.
    pub as_of: Timestamp,
}

impl Prepared {
    /// Which plan it is, of files with this fingerprint.
    pub fn identity(&self, fingerprint: Fingerprint) -> PlanIdentity {
        PlanIdentity { planned_on: self.planned_on, fingerprint, as_of: self.as_of }
    }
}

/// What was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applied {
    /// The version that this made; none where the roster was so already.
    pub version: Option<RosterVersion>,
    /// How many passwords were provisioned.
    pub passwords: usize,
}

/// Why a roster was not prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The files are not a roster.
    #[error("the roster was not imported; nothing was changed")]
    Rejected(Box<Rejected>),
    /// The present roster cannot be read.
    #[error("the present roster cannot be read")]
    Store(#[from] StoreError),
    /// What was read could not be kept on disk.
    #[error("the temporary folder could not be written or read: is it full?")]
    Disk(#[source] std::io::Error),
    /// The work was cut off.
    #[error("reading was cut off")]
    CutOff(#[from] tokio::task::JoinError),
}

/// Why what was prepared was not applied, or not all of it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The roster is as it was.
    #[error("the roster was not changed")]
    Roster(#[from] ApplyError),
    /// The roster is in.
    #[error("the roster is in, but not all its passwords; import it again to finish")]
    Passwords(#[from] ProvisionError),
}

impl From<PlanError<StoreError>> for PrepareError {
    fn from(error: PlanError<StoreError>) -> Self {
        match error {
            PlanError::Present(error) => Self::Store(error),
            PlanError::Disk(error) => Self::Disk(error),
        }
    }
}

impl Import {
    /// What the files hold, read through once before anything is made of them.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn fingerprint(&self) -> anyhow::Result<Fingerprint> {
        let source = self.source.clone();
        let sum = move || spool::fingerprint(spool::open(&source)?);
        Ok(tokio::task::spawn_blocking(sum).await??)
    }

    /// Reads the files, checks every row and compares them with the present roster.
    ///
    /// # Errors
    /// [`PrepareError::Rejected`] with every reason when the files are not a roster.
    pub async fn prepare(
        &self,
        on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Prepared, PrepareError> {
        self.prepare_again(Consent::NotAsked, on_progress).await
    }

    /// Prepares what somebody may have agreed to: that is read for the day for which it was shown.
    ///
    /// # Errors
    /// See [`Import::prepare`].
    pub async fn prepare_again(
        &self,
        consent: Consent,
        mut on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Prepared, PrepareError> {
        let source = self.source.clone();
        let now = self.clock.now();
        let as_of = consent.as_of(self.present_version().await?, now);
        let day = Day::utc(as_of);
        let read = move || firstbell_roster::read(&source, day, &mut on_progress);
        let snapshot = tokio::task::spawn_blocking(read)
            .await?
            .map_err(|rejected| PrepareError::Rejected(Box::new(rejected)))?;
        let district = self.district;
        let planned_on = self.present_version().await?;
        let present = self.store.present(district, planned_on);
        let warnings = snapshot.warnings.clone();
        let compare = move || firstbell_roster::plan(snapshot, present, now, &mut Entropy);
        let plan = tokio::task::spawn_blocking(compare).await??;
        Ok(Prepared { plan, warnings, planned_on, as_of })
    }

    async fn present_version(&self) -> Result<RosterVersion, StoreError> {
        let district = self.district;
        self.store.read(move |tx| tx.district(district).roster_version()).await
    }

    /// Applies what was prepared: no reader sees half of it, and a crash leaves the old roster.
    /// Gives back how many passwords were provisioned.
    ///
    /// # Errors
    /// When another import of the district is under way, or the database fails.
    pub async fn apply(
        &self,
        prepared: Prepared,
        key: &PasswordKey,
        on_progress: impl Fn(usize, usize),
    ) -> Result<usize, ImportError> {
        Ok(self.apply_for(None, prepared, key, on_progress).await?.passwords)
    }

    /// Applies what was prepared, for a sync run if there is one.
    ///
    /// # Errors
    /// When another import of the district is under way, the run was taken for dead, or the database
    /// fails.
    pub async fn apply_for(
        &self,
        run: Option<SyncLease>,
        prepared: Prepared,
        key: &PasswordKey,
        on_progress: impl Fn(usize, usize),
    ) -> Result<Applied, ImportError> {
        let mut change = prepared.plan.change;
        let passwords = change.take_passwords();
        let (district, planned_on, now) = (self.district, prepared.planned_on, self.clock.now());
        let mut version = None;
        if !change.is_empty() {
            let made = match run {
                Some(run) => {
                    let plan = SyncPlan { run, district, planned_on };
                    self.store.apply_sync(plan, change, now, on_progress).await
                }
                None => {
                    self.store.apply_roster(district, planned_on, change, now, on_progress).await
                }
            };
            version = Some(made?);
        }
        let provisioning = Provisioning { import: self, run, passwords: &passwords };
        let passwords = provisioning.carry_out(key, now).await?;
        Ok(Applied { version, passwords })
    }
}

/// Whether a path is one that a roster can be read from at all.
///
/// # Errors
/// When there is nothing there.
pub fn check_source(source: &Path) -> anyhow::Result<()> {
    source
        .metadata()
        .map(drop)
        .with_context(|| format!("{}: no folder and no zip file there", source.display()))
}
