//! Applications, and the settings snapshot that they are part of with the districts
//! (`districts.rs`) and what these have said about applications (`connections.rs`). Whatever
//! changes the snapshot raises its version in the same transaction.

use std::collections::HashMap;

use firstbell_core::application::{
    Application, ClientId, ClientSecret, Connection, IdTokenAlgorithm, RedirectUri, Stage, Switches,
};
use firstbell_core::id::ApplicationId;
use firstbell_core::roster::District;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;
use crate::{connections, districts};

/// What the server keeps in memory: small, read by every request, changed by hand.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Raised by every change.
    pub version: i64,
    /// All districts.
    pub districts: Vec<District>,
    /// All applications.
    pub applications: Vec<Application>,
    /// What each district has said about which application.
    pub connections: Vec<Connection>,
}

queries! {
    VERSION = "SELECT version FROM settings WHERE one = 1";
    RAISE_VERSION = "UPDATE settings SET version = version + 1 WHERE one = 1";
    APPLICATIONS = "SELECT id, client_id, name, developer, website, initiate_login_uri, stage, tier, \
                    id_token_algorithm, disabled FROM applications ORDER BY id";
    SECRETS = "SELECT application_id, hash, until FROM application_secrets \
               ORDER BY application_id, CASE WHEN until IS NULL THEN 0 ELSE 1 END, until DESC";
    SWITCHES = "SELECT application_id, switch FROM application_switches";
    REDIRECT_URIS = "SELECT application_id, uri FROM application_redirect_uris \
                     ORDER BY application_id, position";
    USER_TYPES = "SELECT application_id, kind FROM application_user_types";
    CREATE = "INSERT INTO applications (id, client_id, name, developer, website, \
              initiate_login_uri, stage, tier, id_token_algorithm, disabled, created) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    CHANGE = "UPDATE applications SET name = $1, developer = $2, website = $3, \
              initiate_login_uri = $4, stage = $5, tier = $6, id_token_algorithm = $7, \
              disabled = $8 WHERE id = $9";
    ADD_SECRET =
        "INSERT INTO application_secrets (application_id, hash, until) VALUES ($1, $2, $3)";
    FORGET_SECRETS = "DELETE FROM application_secrets WHERE application_id = $1";
    ADD_SWITCH = "INSERT INTO application_switches (application_id, switch) VALUES ($1, $2)";
    FORGET_SWITCHES = "DELETE FROM application_switches WHERE application_id = $1";
    ADD_REDIRECT_URI = "INSERT INTO application_redirect_uris (application_id, position, uri) \
                        VALUES ($1, $2, $3)";
    ID_BY_CLIENT_ID = "SELECT id FROM applications WHERE client_id = $1";
    FORGET_REDIRECT_URIS = "DELETE FROM application_redirect_uris WHERE application_id = $1";
    ADD_USER_TYPE = "INSERT INTO application_user_types (application_id, kind) VALUES ($1, $2)";
    FORGET_USER_TYPES = "DELETE FROM application_user_types WHERE application_id = $1";
}

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
            connections: connections::all(self)?,
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
        let [name, developer, website, initiate, stage, tier, algorithm, disabled] =
            columns(application);
        let id = application.id;
        let client_id = application.client_id.as_str().into();
        let values = [
            id.into(),
            client_id,
            name,
            developer,
            website,
            initiate,
            stage,
            tier,
            algorithm,
            disabled,
            now.into(),
        ];
        self.run(CREATE, &values).map_err(|error| error.naming(&["client_id", "id"]))?;
        self.add_parts(application)
    }

    /// Changes what is registered of an application, all of it but its identifiers; whether there
    /// is such an application.
    ///
    /// # Errors
    /// When the database fails.
    pub fn change_application(&mut self, application: &Application) -> Result<bool, StoreError> {
        let id = application.id;
        let [name, developer, website, initiate, stage, tier, algorithm, disabled] =
            columns(application);
        let values =
            [name, developer, website, initiate, stage, tier, algorithm, disabled, id.into()];
        if self.run(CHANGE, &values)? == 0 {
            return Ok(false);
        }
        for forget in [FORGET_SECRETS, FORGET_SWITCHES, FORGET_REDIRECT_URIS, FORGET_USER_TYPES] {
            self.run(forget, &[id.into()])?;
        }
        self.add_parts(application)?;
        self.note_connections(id, None)?;
        Ok(true)
    }

    fn add_parts(&mut self, application: &Application) -> Result<(), StoreError> {
        let id = application.id;
        for secret in &application.secrets {
            self.run(ADD_SECRET, &[id.into(), (&secret.hash).into(), secret.until.into()])?;
        }
        for switch in application.switches.names() {
            self.run(ADD_SWITCH, &[id.into(), switch.into()])?;
        }
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
}

/// The columns that a change may touch.
fn columns(application: &Application) -> [Value<'_>; 8] {
    [
        application.name.as_str().into(),
        application.developer.as_deref().into(),
        application.website.as_ref().map(RedirectUri::as_str).into(),
        application.initiate_login_uri.as_ref().map(RedirectUri::as_str).into(),
        application.stage.name().into(),
        application.tier.name().into(),
        application.id_token_algorithm.name().into(),
        application.disabled.into(),
    ]
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
    tx.each(SECRETS, &[], |row| {
        let secret = ClientSecret { hash: row.hash(1)?, until: row.opt_time(2)? };
        of(row.id(0)?, &mut |application| application.secrets.push(secret));
        Ok(())
    })?;
    tx.each(SWITCHES, &[], |row| {
        let mut is_known = true;
        let name = row.text(1)?;
        of(row.id(0)?, &mut |application| is_known = application.switches.set(name, true));
        if is_known { Ok(()) } else { Err(StoreError::Unreadable { column: 1 }) }
    })?;
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
    let algorithm = named(row, 8, &IdTokenAlgorithm::ALL, IdTokenAlgorithm::name)?;
    Ok(Application {
        id: row.id(0)?,
        client_id: row.parsed(1)?,
        secrets: Vec::new(),
        name: row.string(2)?,
        developer: row.opt_string(3)?,
        website: row.opt_parsed(4)?,
        redirect_uris: Vec::new(),
        initiate_login_uri: row.opt_parsed(5)?,
        user_types: Vec::new(),
        stage: named(row, 6, &[Stage::Development, Stage::Production], Stage::name)?,
        tier: named(row, 7, &AccessTier::ALL, AccessTier::name)?,
        switches: Switches::default(),
        id_token_algorithm: algorithm,
        disabled: row.opt_time(9)?,
    })
}

/// The value that the text in `column` names.
pub(crate) fn named<T: Copy>(
    row: &Row<'_>,
    column: usize,
    values: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    let text = row.text(column)?;
    let found = values.iter().copied().find(|value| name(*value) == text);
    found.ok_or(StoreError::Unreadable { column })
}
