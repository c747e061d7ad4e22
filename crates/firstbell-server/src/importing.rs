//! A roster on its way into the store: read and checked, compared with what is there, applied as
//! one change, passwords provisioned last. The command line and the demo both come through here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use firstbell_core::id::{DistrictId, RoleId, SyncRunId};
use firstbell_core::login::credential::{Credential, fold_login_name};
use firstbell_core::roster::change::{ProvisionedPassword, RosterChange};
use firstbell_core::roster::sync::Fingerprint;
use firstbell_core::time::Timestamp;
use firstbell_roster::{Day, Listed, Plan, Progress, Rejected};
use firstbell_store::{RosterVersion, Store, StoreError, SyncPlan, Tx};
use firstbell_upstream::password::{self, PasswordKey};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::syncing::spool;

/// So many credentials are recorded in one piece of work.
const CREDENTIALS_AT_ONCE: usize = 500;

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
    /// The work was cut off.
    #[error("reading was cut off")]
    CutOff(#[from] tokio::task::JoinError),
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
        mut on_progress: impl FnMut(Progress) + Send + 'static,
    ) -> Result<Prepared, PrepareError> {
        let source = self.source.clone();
        let now = self.clock.now();
        let today = Day::utc(now);
        let read = move || firstbell_roster::read(&source, today, &mut on_progress);
        let snapshot = tokio::task::spawn_blocking(read)
            .await?
            .map_err(|rejected| PrepareError::Rejected(Box::new(rejected)))?;
        let district = self.district;
        let present = self.store.read_at_length(move |tx| {
            let mut district = tx.district(district);
            Ok::<_, StoreError>((district.current_roster()?, district.roster_version()?))
        });
        let (current, planned_on) = present.await?;
        let warnings = snapshot.warnings.clone();
        let compare = move || firstbell_roster::plan(snapshot, &current, now, &mut Entropy);
        let plan = tokio::task::spawn_blocking(compare).await?;
        Ok(Prepared { plan, warnings, planned_on })
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
    ) -> anyhow::Result<usize> {
        Ok(self.apply_for(None, prepared, key, on_progress).await?.passwords)
    }

    /// Applies what was prepared, for a sync run if there is one.
    ///
    /// # Errors
    /// When another import of the district is under way, the run was taken for dead, or the database
    /// fails.
    pub async fn apply_for(
        &self,
        run: Option<SyncRunId>,
        prepared: Prepared,
        key: &PasswordKey,
        on_progress: impl Fn(usize, usize),
    ) -> anyhow::Result<Applied> {
        let mut change: RosterChange = prepared.plan.change;
        let passwords = std::mem::take(&mut change.passwords);
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
            version = Some(made.context("the roster was not changed")?);
        }
        let passwords = self
            .provision(passwords, key, now)
            .await
            .context("the roster is in, but not all its passwords; import it again to finish")?;
        Ok(Applied { version, passwords })
    }

    async fn provision(
        &self,
        passwords: Vec<ProvisionedPassword>,
        key: &PasswordKey,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let district = self.district;
        let known =
            self.store.read_at_length(move |tx| tx.district(district).login_names()).await?;
        let (given, stale) = compare_names(passwords, &known);
        if !stale.is_empty() {
            let forget = move |tx: &mut Tx<'_>| {
                let mut district = tx.district(district);
                stale.iter().try_for_each(|name| district.forget_credential(name))
            };
            self.store.write(forget).await?;
        }
        let mut provisioned = 0;
        for some in given.chunks(CREDENTIALS_AT_ONCE) {
            let credentials: Vec<Credential> =
                some.iter().map(|(name, one)| credential(name, one, key, now)).collect();
            provisioned += self
                .store
                .write(move |tx| tx.district(district).provision_credentials(&credentials))
                .await?;
        }
        Ok(provisioned)
    }
}

/// The login names that have to be given to somebody, folded, and those that somebody had who has
/// another one now.
fn compare_names(
    passwords: Vec<ProvisionedPassword>,
    known: &HashMap<String, RoleId>,
) -> (Vec<(String, ProvisionedPassword)>, Vec<String>) {
    let mut named: BTreeMap<String, ProvisionedPassword> = BTreeMap::new();
    for password in passwords {
        // Of two people with one name the first has it, in every import alike.
        named.entry(fold_login_name(&password.login_name)).or_insert(password);
    }
    let holders: HashSet<RoleId> = named.values().map(|password| password.role).collect();
    let stale = known
        .iter()
        .filter(|(name, role)| holders.contains(role) && !named.contains_key(*name))
        .map(|(name, _)| name.clone())
        .collect();
    let is_new =
        |(name, password): &(String, ProvisionedPassword)| known.get(name) != Some(&password.role);
    (named.into_iter().filter(is_new).collect(), stale)
}

fn credential(
    login_name: &str,
    provided: &ProvisionedPassword,
    key: &PasswordKey,
    now: Timestamp,
) -> Credential {
    Credential {
        role: provided.role,
        login_name: login_name.to_owned(),
        verifier: password::provision(key, &provided.password, &mut Entropy),
        set: now,
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
