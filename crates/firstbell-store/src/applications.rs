//! Applications, the districts that connected them, and the settings snapshot that both are part
//! of. Whatever changes the snapshot raises its version in the same transaction.

use std::collections::HashMap;

use firstbell_core::application::{Application, Connection, ConnectionScope, Stage};
use firstbell_core::application::{ClientId, RedirectUri};
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::roster::District;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::districts;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

/// What the server keeps in memory: small, read by every request, changed by hand.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Raised by every change.
    pub version: i64,
    /// All districts.
    pub districts: Vec<District>,
    /// All applications.
    pub applications: Vec<Application>,
    /// Which district connected which application.
    pub connections: Vec<Connection>,
}

queries! {
    VERSION = "SELECT version FROM settings WHERE one = 1";
    RAISE_VERSION = "UPDATE settings SET version = version + 1 WHERE one = 1";
    APPLICATIONS =
        "SELECT id, client_id, secret_hash, name, stage, tier FROM applications ORDER BY id";
    REDIRECT_URIS = "SELECT application_id, uri FROM application_redirect_uris \
                     ORDER BY application_id, position";
    USER_TYPES = "SELECT application_id, kind FROM application_user_types";
    CONNECTIONS = "SELECT application_id, district_id, scope, since FROM connections \
                   ORDER BY application_id, district_id";
    CONNECTION_SCHOOLS = "SELECT application_id, district_id, school_id FROM connection_schools \
                          ORDER BY application_id, district_id, school_id";
    CREATE = "INSERT INTO applications (id, client_id, secret_hash, name, stage, tier, created) \
              VALUES ($1, $2, $3, $4, $5, $6, $7)";
    ADD_REDIRECT_URI = "INSERT INTO application_redirect_uris (application_id, position, uri) \
                        VALUES ($1, $2, $3)";
    ID_BY_CLIENT_ID = "SELECT id FROM applications WHERE client_id = $1";
    FORGET_REDIRECT_URIS = "DELETE FROM application_redirect_uris WHERE application_id = $1";
    ADD_USER_TYPE = "INSERT INTO application_user_types (application_id, kind) VALUES ($1, $2)";
    CONNECT = "INSERT INTO connections (application_id, district_id, scope, since) \
               VALUES ($1, $2, $3, $4) \
               ON CONFLICT (application_id, district_id) \
               DO UPDATE SET scope = excluded.scope, since = excluded.since";
    FORGET_SCHOOLS =
        "DELETE FROM connection_schools WHERE application_id = $1 AND district_id = $2";
    ADD_SCHOOL = "INSERT INTO connection_schools (application_id, district_id, school_id) \
                  VALUES ($1, $2, $3) \
                  ON CONFLICT (application_id, district_id, school_id) DO NOTHING";
}

const EVERYONE: &str = "everyone";
const SCHOOLS: &str = "schools";

impl Tx<'_> {
    /// The version of the settings: a snapshot with this version is up to date.
    ///
    /// # Errors
    /// When the database fails.
    pub fn settings_version(&mut self) -> Result<i64, StoreError> {
        Ok(self.one(VERSION, &[], |row| row.int(0))?.unwrap_or(0))
    }

    /// The settings.
    ///
    /// # Errors
    /// When the database fails or holds what no program of ours wrote.
    pub fn settings(&mut self) -> Result<Settings, StoreError> {
        Ok(Settings {
            version: self.settings_version()?,
            districts: districts::all(self)?,
            applications: applications(self)?,
            connections: connections(self)?,
        })
    }

    /// Registers an application.
    ///
    /// # Errors
    /// [`StoreError::AlreadyThere`] with `client_id` or `id`.
    pub fn create_application(
        &mut self,
        application: &Application,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = application.id;
        let values = [
            id.into(),
            application.client_id.as_str().into(),
            (&application.secret_hash).into(),
            application.name.as_str().into(),
            application.stage.name().into(),
            application.tier.name().into(),
            now.into(),
        ];
        self.run(CREATE, &values).map_err(|error| error.naming(&["client_id", "id"]))?;
        self.add_redirect_uris(id, &application.redirect_uris)?;
        for kind in &application.user_types {
            self.run(ADD_USER_TYPE, &[id.into(), kind.name().into()])?;
        }
        raise_settings_version(self)
    }

    /// Registers other redirect URIs for the application with this public identifier; the first is
    /// the primary one. Nothing changes where there is no such application.
    ///
    /// # Errors
    /// When the database fails.
    pub fn replace_redirect_uris(
        &mut self,
        client_id: &ClientId,
        uris: &[RedirectUri],
    ) -> Result<(), StoreError> {
        let found = self.one(ID_BY_CLIENT_ID, &[client_id.as_str().into()], |row| row.id(0))?;
        let Some(id) = found else {
            return Ok(());
        };
        let id: ApplicationId = id;
        self.run(FORGET_REDIRECT_URIS, &[id.into()])?;
        self.add_redirect_uris(id, uris)?;
        raise_settings_version(self)
    }

    fn add_redirect_uris(
        &mut self,
        id: ApplicationId,
        uris: &[RedirectUri],
    ) -> Result<(), StoreError> {
        for (position, uri) in (0i64..).zip(uris) {
            self.run(ADD_REDIRECT_URI, &[id.into(), position.into(), uri.as_str().into()])?;
        }
        Ok(())
    }

    /// Lets a district share with an application, or changes with whom of its people.
    ///
    /// # Errors
    /// When the database fails, or has no such district or application.
    pub fn connect(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let (application, district) = (connection.application, connection.district);
        let (scope, schools) = match &connection.scope {
            ConnectionScope::Everyone => (EVERYONE, &[][..]),
            ConnectionScope::Schools(schools) => (SCHOOLS, &schools[..]),
        };
        let values = [application.into(), district.into(), scope.into(), connection.since.into()];
        self.run(CONNECT, &values)?;
        self.run(FORGET_SCHOOLS, &[application.into(), district.into()])?;
        for school in schools {
            self.run(ADD_SCHOOL, &[application.into(), district.into(), (*school).into()])?;
        }
        raise_settings_version(self)
    }
}

pub(crate) fn raise_settings_version(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.run(RAISE_VERSION, &[]).map(drop)
}

fn applications(tx: &mut Tx<'_>) -> Result<Vec<Application>, StoreError> {
    let mut applications = tx.all(APPLICATIONS, &[], application)?;
    let places: HashMap<ApplicationId, usize> =
        applications.iter().enumerate().map(|(at, application)| (application.id, at)).collect();
    let mut of = |id: ApplicationId, add: &mut dyn FnMut(&mut Application)| {
        if let Some(application) = places.get(&id).and_then(|at| applications.get_mut(*at)) {
            add(application);
        }
    };
    tx.each(REDIRECT_URIS, &[], |row| {
        let uri = row.parsed(1)?;
        of(row.id(0)?, &mut |application| application.redirect_uris.push(Clone::clone(&uri)));
        Ok(())
    })?;
    tx.each(USER_TYPES, &[], |row| {
        let kind = row.parsed(1)?;
        of(row.id(0)?, &mut |application| application.user_types.push(kind));
        Ok(())
    })?;
    for application in &mut applications {
        application.user_types.sort_unstable();
    }
    Ok(applications)
}

fn application(row: &Row<'_>) -> Result<Application, StoreError> {
    Ok(Application {
        id: row.id(0)?,
        client_id: row.parsed(1)?,
        secret_hash: row.hash(2)?,
        name: row.string(3)?,
        redirect_uris: Vec::new(),
        user_types: Vec::new(),
        stage: named(row, 4, &[Stage::Development, Stage::Production], Stage::name)?,
        tier: named(row, 5, &[AccessTier::DistrictSso], AccessTier::name)?,
    })
}

/// The value that the text in `column` names.
fn named<T: Copy>(
    row: &Row<'_>,
    column: usize,
    values: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    let text = row.text(column)?;
    let found = values.iter().copied().find(|value| name(*value) == text);
    found.ok_or(StoreError::Unreadable { column })
}

fn connections(tx: &mut Tx<'_>) -> Result<Vec<Connection>, StoreError> {
    let mut schools: HashMap<(ApplicationId, DistrictId), Vec<_>> = HashMap::new();
    tx.each(CONNECTION_SCHOOLS, &[], |row| {
        schools.entry((row.id(0)?, row.id(1)?)).or_default().push(row.id(2)?);
        Ok(())
    })?;
    let mut connections = Vec::new();
    tx.each(CONNECTIONS, &[], |row| {
        let (application, district) = (row.id(0)?, row.id(1)?);
        let scope = match row.text(2)? {
            EVERYONE => ConnectionScope::Everyone,
            SCHOOLS => ConnectionScope::Schools(
                schools.remove(&(application, district)).unwrap_or_default(),
            ),
            _ => return Err(StoreError::Unreadable { column: 2 }),
        };
        connections.push(Connection { application, district, scope, since: row.time(3)? });
        Ok(())
    })?;
    Ok(connections)
}
