//! Passwords that a roster brings, and the login names of people who have another one now. Neither the
//! passwords of a state nor its login names fit in memory: both come by name, side by side.
//!
//! 1. What somebody does not have yet is given to them, a name that goes from one to another too.
//! 2. Only then the names go that somebody had before: whoever is cut off here leaves nobody without a
//!    name, and the next import goes on.
//!
//! Each piece first proves that the run is alive: from the moment on in which it is taken for dead,
//! another run may be giving passwords.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io;

use firstbell_core::id::RoleId;
use firstbell_core::login::credential::Credential;
use firstbell_core::roster::change::ProvisionedPassword;
use firstbell_core::secret::{DrawnAhead, Random};
use firstbell_core::time::Timestamp;
use firstbell_roster::{PasswordReader, Passwords};
use firstbell_store::{DistrictTx, StoreError, SyncLease};
use firstbell_upstream::password::{self, PasswordKey};

use super::Import;
use crate::entropy::Entropy;

/// So many credentials are recorded, or taken away, in one piece of work.
pub(crate) const CREDENTIALS_AT_ONCE: usize = 500;

/// So many login names are read at a time.
const NAMES_AT_ONCE: usize = 5_000;

/// So many login names for which no password comes are in memory at a time. For each batch the
/// passwords are read once more, to see who of them has another name.
const UNNAMED_AT_ONCE: usize = 50_000;

/// Why not all passwords were provisioned.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// The run was taken for dead meanwhile.
    #[error("the run was silent for so long that it was taken for dead")]
    TakenForDead,
    /// The passwords could not be read from where they are kept.
    #[error("the passwords could not be read from where they are kept")]
    Disk(#[from] io::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Passwords on their way to a district.
pub(super) struct Provisioning<'p> {
    pub import: &'p Import,
    /// The run that brings them, if one does.
    pub run: Option<SyncLease>,
    pub passwords: &'p Passwords,
}

/// A login name, folded, and the password that comes for it.
type Given = (String, ProvisionedPassword);

impl Provisioning<'_> {
    /// Gives back how many passwords were provisioned.
    pub async fn carry_out(
        &self,
        key: &PasswordKey,
        now: Timestamp,
    ) -> Result<usize, ProvisionError> {
        if self.passwords.is_empty() {
            return Ok(0);
        }
        let provisioned = self.give(key, now).await?;
        self.forget_former_names().await?;
        Ok(provisioned)
    }

    /// Step 1.
    async fn give(&self, key: &PasswordKey, now: Timestamp) -> Result<usize, ProvisionError> {
        let (mut provisioned, mut salts) = (0, DrawnAhead::new(Entropy));
        let mut comparison = Comparison::begin(self.import, self.passwords).await?;
        loop {
            let mut credentials: Vec<Credential> = Vec::with_capacity(CREDENTIALS_AT_ONCE);
            while credentials.len() < CREDENTIALS_AT_ONCE
                && let Some(difference) = comparison.next().await?
            {
                if let Difference::Given(name, given) = difference {
                    credentials.push(credential(&name, &given, (key, &mut salts), now));
                }
            }
            if credentials.is_empty() {
                return Ok(provisioned);
            }
            provisioned +=
                self.write(move |district| district.provision_credentials(&credentials)).await?;
        }
    }

    /// Step 2.
    async fn forget_former_names(&self) -> Result<(), ProvisionError> {
        let mut comparison = Comparison::begin(self.import, self.passwords).await?;
        loop {
            let (mut unnamed, mut count) = (HashMap::<RoleId, Vec<String>>::new(), 0);
            while count < UNNAMED_AT_ONCE
                && let Some(difference) = comparison.next().await?
            {
                if let Difference::Known(name, role) = difference {
                    unnamed.entry(role).or_default().push(name);
                    count += 1;
                }
            }
            if unnamed.is_empty() {
                return Ok(());
            }
            self.forget_those_with_another(unnamed).await?;
        }
    }

    /// Forgets those of some names whose role has been given another one.
    async fn forget_those_with_another(
        &self,
        mut unnamed: HashMap<RoleId, Vec<String>>,
    ) -> Result<(), ProvisionError> {
        let mut passwords = FirstPasswords::of(self.passwords)?;
        let mut former = Vec::with_capacity(CREDENTIALS_AT_ONCE);
        while !unnamed.is_empty()
            && let Some((_, password)) = passwords.next()?
        {
            let names = unnamed.remove(&password.role).into_iter().flatten();
            former.extend(names.map(|name| (name, password.role)));
            if former.len() >= CREDENTIALS_AT_ONCE {
                self.forget(std::mem::take(&mut former)).await?;
            }
        }
        self.forget(former).await
    }

    async fn forget(&self, names: Vec<(String, RoleId)>) -> Result<(), ProvisionError> {
        if names.is_empty() {
            return Ok(());
        }
        self.write(move |district| {
            names
                .iter()
                .try_for_each(|(name, role)| district.forget_credential(name, *role).map(drop))
        })
        .await
    }

    /// One piece of work, if the run is alive.
    async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut DistrictTx<'_, '_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ProvisionError> {
        let Import { store, district, clock, .. } = self.import;
        let (run, district, now) = (self.run, *district, clock.now());
        let done = store.write(move |tx| {
            let mut district = tx.district(district);
            if let Some(run) = run
                && !district.keep_sync_alive(run, now)?
            {
                return Ok(None);
            }
            work(&mut district).map(Some)
        });
        done.await?.ok_or(ProvisionError::TakenForDead)
    }
}

/// Passwords by login name. Of two people with one name the first has it, in every import alike.
struct FirstPasswords<'p> {
    all: PasswordReader<'p>,
    ahead: Option<Given>,
}

impl<'p> FirstPasswords<'p> {
    fn of(passwords: &'p Passwords) -> io::Result<Self> {
        let mut all = passwords.reader()?;
        let ahead = all.next()?;
        Ok(Self { all, ahead })
    }

    fn next(&mut self) -> io::Result<Option<Given>> {
        let Some(first) = self.ahead.take() else { return Ok(None) };
        loop {
            self.ahead = self.all.next()?;
            if self.ahead.as_ref().is_none_or(|(name, _)| *name != first.0) {
                return Ok(Some(first));
            }
        }
    }
}

/// A login name, folded, that is not to be as it is.
enum Difference {
    /// The district has it, and the roster brings no password for it.
    Known(String, RoleId),
    /// It has to be given to somebody.
    Given(String, ProvisionedPassword),
}

/// The login names that a roster brings beside those that the district has.
struct Comparison<'p> {
    import: &'p Import,
    passwords: FirstPasswords<'p>,
    password: Option<Given>,
    page: std::vec::IntoIter<(String, RoleId)>,
    /// Where the page ended; none when there are no more.
    last: Option<String>,
    known: Option<(String, RoleId)>,
}

impl<'p> Comparison<'p> {
    async fn begin(import: &'p Import, passwords: &'p Passwords) -> Result<Self, ProvisionError> {
        let mut passwords = FirstPasswords::of(passwords)?;
        let password = passwords.next()?;
        let (page, last) = (Vec::new().into_iter(), Some(String::new()));
        let mut comparison = Self { import, passwords, password, page, last, known: None };
        comparison.known = comparison.next_known().await?;
        Ok(comparison)
    }

    async fn next(&mut self) -> Result<Option<Difference>, ProvisionError> {
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

    fn next_password(&mut self) -> io::Result<Option<Given>> {
        let next = self.passwords.next()?;
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
    (key, salts): (&PasswordKey, &mut impl Random),
    now: Timestamp,
) -> Credential {
    Credential {
        role: provided.role,
        login_name: login_name.to_owned(),
        verifier: password::provision(key, &provided.password, salts),
        set: now,
    }
}
