//! The hot settings: districts, applications and connections, as an immutable snapshot in memory.
//! A change in the database raises its version; every node asks for the version once a second and
//! reads the settings anew when it has risen.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use firstbell_core::application::{Application, Connection};
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::step::Door;
use firstbell_core::roster::District;
use firstbell_core::sharing::AccessTier;
use firstbell_protocol::vocabulary::ClientId;
use firstbell_store::{Store, StoreError};

/// How often a node asks whether the settings changed.
pub const ASKED_EVERY: Duration = Duration::from_secs(1);

/// The settings at one moment, ready to be looked up.
#[derive(Debug, Default)]
pub struct Settings {
    version: i64,
    districts: Vec<District>,
    applications: HashMap<ApplicationId, Application>,
    clients: HashMap<ClientId, ApplicationId>,
    connections: HashMap<(ApplicationId, DistrictId), Connection>,
}

impl From<firstbell_store::Settings> for Settings {
    fn from(stored: firstbell_store::Settings) -> Self {
        let client = |app: &Application| (app.client_id.clone(), app.id);
        let by_id = |app: Application| (app.id, app);
        let by_pair = |link: Connection| ((link.application, link.district), link);
        Self {
            version: stored.version,
            districts: stored.districts,
            clients: stored.applications.iter().map(client).collect(),
            applications: stored.applications.into_iter().map(by_id).collect(),
            connections: stored.connections.into_iter().map(by_pair).collect(),
        }
    }
}

impl Settings {
    /// Which settings these are.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// All districts, in the order in which they were made.
    #[must_use]
    pub fn districts(&self) -> &[District] {
        &self.districts
    }

    /// The district of this name in addresses.
    #[must_use]
    pub fn district_named(&self, shortname: &str) -> Option<&District> {
        self.districts.iter().find(|district| district.shortname.as_str() == shortname)
    }

    /// The district with this id.
    #[must_use]
    pub fn district(&self, id: DistrictId) -> Option<&District> {
        self.districts.iter().find(|district| district.id == id)
    }

    /// The one district of an installation that has only one.
    #[must_use]
    pub fn only_district(&self) -> Option<&District> {
        match self.districts.as_slice() {
            [district] => Some(district),
            _ => None,
        }
    }

    /// The application with this public identifier.
    #[must_use]
    pub fn application_by_client(&self, client_id: &ClientId) -> Option<&Application> {
        self.application(*self.clients.get(client_id)?)
    }

    /// The application with this id.
    #[must_use]
    pub fn application(&self, id: ApplicationId) -> Option<&Application> {
        self.applications.get(&id)
    }

    /// That the district lets the application in.
    #[must_use]
    pub fn connection(
        &self,
        application: ApplicationId,
        district: DistrictId,
    ) -> Option<&Connection> {
        self.connections.get(&(application, district))
    }

    /// The applications that people of the district may have to do with, by name: those about which
    /// the district has said something, and those that its teachers may connect.
    pub fn applications_for(
        &self,
        district: DistrictId,
    ) -> impl Iterator<Item = (&Application, Option<&Connection>)> {
        let mut found: Vec<_> = self
            .applications
            .values()
            .map(|application| (application, self.connection(application.id, district)))
            .filter(|(application, connection)| {
                connection.is_some() || application.tier == AccessTier::Classroom
            })
            .collect();
        found.sort_by(|(one, _), (other, _)| {
            (one.name.to_lowercase(), one.id).cmp(&(other.name.to_lowercase(), other.id))
        });
        found.into_iter()
    }

    /// An application as somebody of the district meets it.
    #[must_use]
    pub fn door(&self, application: ApplicationId, district: DistrictId) -> Option<Door<'_>> {
        Some(Door {
            application: self.application(application)?,
            connection: self.connection(application, district),
            classroom: self.district(district)?.policy.classroom,
        })
    }
}

/// The snapshot that is current, shared by all requests.
#[derive(Debug, Default)]
pub struct CurrentSettings {
    current: ArcSwap<Settings>,
    /// One reads at a time; who waited finds what the other has read.
    reading: tokio::sync::Mutex<()>,
}

impl CurrentSettings {
    /// The settings as they are now.
    pub fn load(&self) -> Arc<Settings> {
        self.current.load_full()
    }

    /// Reads the settings anew if they changed.
    ///
    /// # Errors
    /// When the database cannot be read; the settings then stay as they were.
    pub async fn refresh(&self, store: &Store) -> Result<(), StoreError> {
        let known = self.current.load().version;
        let stored =
            store
                .read(move |tx| {
                    if tx.settings_version()? == known { Ok(None) } else { tx.settings().map(Some) }
                })
                .await?;
        if let Some(stored) = stored {
            self.take(stored.into());
        }
        Ok(())
    }

    /// Reads the settings anew unless they are of this version already.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refresh_to(&self, store: &Store, version: i64) -> Result<(), StoreError> {
        let _alone = self.reading.lock().await;
        if self.current.load().version >= version {
            return Ok(());
        }
        self.refresh(store).await
    }

    /// Takes what was read, unless somebody has read newer settings meanwhile.
    fn take(&self, read: Settings) {
        let read = Arc::new(read);
        self.current.rcu(|current| {
            Arc::clone(if current.version < read.version { &read } else { current })
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_were_read_late_do_not_replace_newer_ones() {
        let current = CurrentSettings::default();
        for (read, expected) in [(2, 2), (1, 2), (3, 3)] {
            current.take(Settings { version: read, ..Settings::default() });
            assert_eq!(current.load().version(), expected);
        }
    }
}
