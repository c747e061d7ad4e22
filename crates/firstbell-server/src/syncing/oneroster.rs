//! Fetching a roster from a district's OneRoster service, and carrying it through a run. What was
//! fetched becomes CSV tables (`firstbell_roster::Tables`), so that it is read, checked, planned,
//! held and applied as every roster is.
//!
//! The pages of a fetch that broke off are kept beside the spool for a while: the next one goes on
//! where it stopped.

mod client;
mod fetched;
mod items;
mod lanes;
mod pages;
mod place;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use firstbell_core::id::DistrictId;
use firstbell_core::reach::ServiceRefusal;
use firstbell_core::roster::sync::{Consent, OneRosterService, SyncSource};
use firstbell_core::secret::Secret;
use firstbell_roster::TablesError;
use firstbell_store::StoreError;

pub use client::{Client, Patience};
pub use fetched::Fetched;
pub use lanes::Lanes;

use super::run::{Ended, Run, RunError, Watcher};
use super::spool::{self, Files};
use super::{BeginError, Syncing};
use crate::sealing::Unopened;

/// Why a roster was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The district has no service.
    #[error("the district has no OneRoster service; `firstbell sync service` sets one")]
    NoService,
    /// The secret cannot be opened.
    #[error("the secret of the OneRoster service cannot be opened; set the service anew")]
    Secret(#[from] Unopened),
    /// An address is none that we ask. It may have a password in it, so it is not told.
    #[error("an address of the service is none to ask")]
    Address(#[from] ServiceRefusal),
    /// The service gave no token.
    #[error("the service gave no token: {0}")]
    NoToken(String),
    /// The service answered with this status.
    #[error("the service answered {status} when asked for {what}")]
    Status {
        /// The status.
        status: u16,
        /// What it was asked for.
        what: String,
    },
    /// The service was not reached, or fell silent.
    #[error("the service was not reached")]
    Unreached(#[source] reqwest::Error),
    /// What it answered is no page of the collection.
    #[error("the reply for {0} is no page of a OneRoster collection")]
    NoPage(&'static str),
    /// It answered with more than a roster may have.
    #[error("the service answers with more than a roster may have (2 GiB)")]
    TooLarge,
    /// A page has more items than it was asked to have.
    #[error("the service gives more {0} on a page than it was asked for")]
    TooMany(&'static str),
    /// It goes on and on.
    #[error("fetching took too long, or too many pages")]
    TooLong,
    /// What is there changes faster than it can be fetched.
    #[error("the {0} of the service changed while they were fetched")]
    Shifted(&'static str),
    /// There is less than the service says.
    #[error("the service says that there are {total} {what}, and gave {got}")]
    Short {
        /// The collection.
        what: &'static str,
        /// How many it says that there are.
        total: u64,
        /// How many it gave.
        got: u64,
    },
    /// It gives the same page again and again.
    #[error("the service gives the same page of {0} again, whatever it is asked for")]
    Circle(&'static str),
    /// Another fetch of the district has its folder.
    #[error(
        "another fetch of this district is under way, perhaps of a run that was taken for dead; try \
         again when it is done"
    )]
    UnderWay,
    /// What was kept of a collection is not what this fetch fetched.
    #[error("the pages of {0} that were kept are not of one fetch; they are fetched anew")]
    Mixed(&'static str),
    /// What was kept of a collection is not whole.
    #[error("{path} is no page any more; its collection is fetched anew")]
    Torn {
        /// Which page.
        path: PathBuf,
        /// What it is instead.
        #[source]
        broken: serde_json::Error,
    },
    /// It is slow, and there is no lane for it.
    #[error(
        "the service is slow, and others that are slow are fetched already; it is gone on with later"
    )]
    Slow,
    /// The pages cannot be kept.
    #[error("{path} cannot be kept")]
    Kept {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// What was fetched did not become tables.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// The work was cut off.
    #[error("fetching was cut off")]
    CutOff(#[from] tokio::task::JoinError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Syncing {
    /// What a client's secret is sealed for.
    pub fn service_purpose(district: DistrictId) -> String {
        format!("oneroster service of {district}")
    }

    /// A client of the district's service.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn client_of(
        &self,
        district: DistrictId,
        patience: Patience,
    ) -> Result<Client, FetchError> {
        let found = self.store.read(move |tx| tx.district(district).oneroster_service()).await?;
        let service: OneRosterService = found.ok_or(FetchError::NoService)?;
        let purpose = Self::service_purpose(district);
        let secret = self.sealing.open(&purpose, &service.sealed_secret)?;
        let secret = Secret::from_text(String::from_utf8_lossy(&secret));
        Client::new(service, secret, patience)
    }

    /// Forgets what came of the district's service in a fetch that broke off: it has another one
    /// now, or none.
    pub async fn forget_fetched(&self, district: DistrictId) {
        Fetched::of(&self.spool, district, String::new()).remove().await;
    }

    /// Fetches the roster of the run's district and carries it through.
    ///
    /// # Errors
    /// See [`RunError`]; the run is then recorded as failed, and what came of the service is kept
    /// for the next one.
    pub async fn fetch(
        &self,
        run: &Run,
        client: &mut Client,
        consent: Consent,
        watcher: Arc<dyn Watcher>,
    ) -> Result<Ended, RunError> {
        let files = self.take_fetched(run, client, std::future::pending()).await?;
        run.carry_out(&files, consent, watcher).await
    }

    /// Fetches the roster of the run's district and takes it into the spool. It stops with what
    /// `cut_off` says, should that come before all is fetched.
    async fn take_fetched(
        &self,
        run: &Run,
        client: &mut Client,
        cut_off: impl Future<Output = FetchError>,
    ) -> Result<Files, RunError> {
        let work = Fetched::of(&self.spool, run.district, client.identity());
        let tables = match run.unless_dead(work.fetch(client, self.clock.now(), cut_off)).await {
            Ok(Ok(tables)) => tables,
            Ok(Err(error)) => return Err(run.failed(error.into()).await),
            // The next run has the district by now, and wants to fetch in its turn.
            Err(dead) => return Err(run.failed(dead).await),
        };
        let folder = tables.folder.clone();
        let found = match tokio::task::spawn_blocking(move || spool::open(&folder)).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => return Err(run.failed(error.into()).await),
            Err(error) => return Err(run.failed(error.into()).await),
        };
        let files = run.take_in(found).await?;
        tables.remove().await;
        Ok(files)
    }

    /// Begins to fetch the district's roster if that is due: its last run of this kind began longer
    /// ago than `every`. None where it is not.
    ///
    /// # Errors
    /// See [`BeginError`] and [`RunError`].
    pub async fn begin_fetch(
        &self,
        district: DistrictId,
        every: Duration,
        patience: Patience,
    ) -> Result<Option<(Run, Client)>, RunError> {
        let run = match self.begin_if_older(district, SyncSource::OneRoster, every).await {
            Ok(Some(run)) => run,
            // Another sync is under way: its turn comes.
            Ok(None) | Err(BeginError::Running(_)) => return Ok(None),
            Err(BeginError::Store(error)) => return Err(error.into()),
        };
        match self.client_of(district, patience).await {
            Ok(client) => Ok(Some((run, client))),
            Err(error) => Err(run.failed(error.into()).await),
        }
    }
}
