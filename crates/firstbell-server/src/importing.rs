//! A roster on its way into the store: read and checked, compared with what is there, applied as
//! one change, passwords provisioned last. The command line and the demo both come through here.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use firstbell_core::id::{DistrictId, RoleId, SyncRunId};
use firstbell_core::login::credential::Credential;
use firstbell_core::roster::change::ProvisionedPassword;
use firstbell_core::roster::sync::Fingerprint;
use firstbell_core::time::Timestamp;
use firstbell_roster::{
    Day, Listed, PasswordReader, Passwords, Plan, PlanError, Progress, Rejected,
};
use firstbell_store::{RosterVersion, Store, StoreError, SyncPlan, Tx};
use firstbell_upstream::password::{self, PasswordKey};

use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::syncing::spool;

/// So many credentials are recorded in one piece of work.
const CREDENTIALS_AT_ONCE: usize = 500;

/// So many login names are read at a time.
const NAMES_AT_ONCE: usize = 5_000;

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
    /// What was read could not be kept on disk.
    #[error("the temporary folder could not be written or read: is it full?")]
    Disk(#[source] std::io::Error),
    /// The work was cut off.
    #[error("reading was cut off")]
    CutOff(#[from] tokio::task::JoinError),
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
        let planned_on = self.store.read(move |tx| tx.district(district).roster_version()).await?;
        let present = self.store.present(district, planned_on);
        let warnings = snapshot.warnings.clone();
        let compare = move || firstbell_roster::plan(snapshot, present, now, &mut Entropy);
        let plan = tokio::task::spawn_blocking(compare).await??;
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
            version = Some(made.context("the roster was not changed")?);
        }
        let passwords = self
            .provision(&passwords, key, now)
            .await
            .context("the roster is in, but not all its passwords; import it again to finish")?;
        Ok(Applied { version, passwords })
    }

    /// Neither the passwords of a state nor its login names fit in memory: both come by name, side by
    /// side.
    async fn provision(
        &self,
        passwords: &Passwords,
        key: &PasswordKey,
        now: Timestamp,
    ) -> anyhow::Result<usize> {
        let stale = self.stale_names(passwords).await?;
        let district = self.district;
        if !stale.is_empty() {
            let forget = move |tx: &mut Tx<'_>| {
                let mut district = tx.district(district);
                stale.iter().try_for_each(|name| district.forget_credential(name))
            };
            self.store.write(forget).await?;
        }
        let mut provisioned = 0;
        let mut comparison = Comparison::begin(self, passwords).await?;
        loop {
            let mut credentials: Vec<Credential> = Vec::with_capacity(CREDENTIALS_AT_ONCE);
            while credentials.len() < CREDENTIALS_AT_ONCE
                && let Some(difference) = comparison.next().await?
            {
                if let Difference::Given(name, given) = difference {
                    credentials.push(credential(&name, &given, key, now));
                }
            }
            if credentials.is_empty() {
                return Ok(provisioned);
            }
            let put =
                move |tx: &mut Tx<'_>| tx.district(district).provision_credentials(&credentials);
            provisioned += self.store.write(put).await?;
        }
    }

    /// The login names that somebody had who has another one now.
    async fn stale_names(&self, passwords: &Passwords) -> anyhow::Result<Vec<String>> {
        let mut unnamed: HashMap<RoleId, Vec<String>> = HashMap::new();
        let mut comparison = Comparison::begin(self, passwords).await?;
        while let Some(difference) = comparison.next().await? {
            if let Difference::Known(name, role) = difference {
                unnamed.entry(role).or_default().push(name);
            }
        }
        let mut stale = Vec::new();
        if !unnamed.is_empty() {
            let mut reader = passwords.reader()?;
            while let Some((_, password)) = reader.next()? {
                stale.extend(unnamed.remove(&password.role).into_iter().flatten());
            }
        }
        Ok(stale)
    }
}

/// A login name, folded, that is not to be as it is.
enum Difference {
    /// The district has it, and the roster does not name it.
    Known(String, RoleId),
    /// It has to be given to somebody.
    Given(String, ProvisionedPassword),
}

/// The login names that a roster brings beside those that the district has.
struct Comparison<'p> {
    import: &'p Import,
    passwords: PasswordReader<'p>,
    password: Option<(String, ProvisionedPassword)>,
    page: std::vec::IntoIter<(String, RoleId)>,
    /// Where the page ended; none when there are no more.
    last: Option<String>,
    known: Option<(String, RoleId)>,
}

impl<'p> Comparison<'p> {
    async fn begin(import: &'p Import, passwords: &'p Passwords) -> anyhow::Result<Self> {
        let mut passwords = passwords.reader()?;
        let password = passwords.next()?;
        let (page, last) = (Vec::new().into_iter(), Some(String::new()));
        let mut comparison = Self { import, passwords, password, page, last, known: None };
        comparison.known = comparison.next_known().await?;
        Ok(comparison)
    }

    async fn next(&mut self) -> anyhow::Result<Option<Difference>> {
        loop {
            let order = match (&self.password, &self.known) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((given, _)), Some((known, _))) => given.cmp(known),
            };
            let password = if order.is_le() { self.next_password()? } else { None };
            let known = if order.is_ge() {
                let next = self.next_known().await?;
                std::mem::replace(&mut self.known, next)
            } else {
                None
            };
            match (password, known) {
                (Some((_, password)), Some((_, role))) if password.role == role => {}
                (Some((name, password)), _) => return Ok(Some(Difference::Given(name, password))),
                (None, Some((name, role))) => return Ok(Some(Difference::Known(name, role))),
                (None, None) => return Ok(None),
            }
        }
    }

    /// Of two people with one name the first has it, in every import alike.
    fn next_password(&mut self) -> anyhow::Result<Option<(String, ProvisionedPassword)>> {
        let mut next = self.passwords.next()?;
        while next.as_ref().map(|(name, _)| name) == self.password.as_ref().map(|(name, _)| name)
            && next.is_some()
        {
            next = self.passwords.next()?;
        }
        Ok(std::mem::replace(&mut self.password, next))
    }

    async fn next_known(&mut self) -> Result<Option<(String, RoleId)>, StoreError> {
        if let Some(known) = self.page.next() {
            return Ok(Some(known));
        }
        let Some(after) = self.last.take() else { return Ok(None) };
        let district = self.import.district;
        let page = self
            .import
            .store
            .read_at_length(move |tx| tx.district(district).login_names(&after, NAMES_AT_ONCE));
        let page = page.await?;
        self.last = page.last().map(|(name, _)| name.clone());
        self.page = page.into_iter();
        Ok(self.page.next())
    }
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
