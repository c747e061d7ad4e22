//! `firstbell application`: registers applications and changes what is registered.

mod change;
mod create;
mod secret;
mod show;
mod webhook;

use anyhow::Context as _;
use clap::Subcommand;
use firstbell_core::application::{
    Application, ClientId, ClientSecret, Connection, ConnectionState, IdTokenAlgorithm, Sharing,
    Stage, Switches, check_registration,
};
use firstbell_core::id::{ApplicationId, DistrictId, SchoolId};
use firstbell_core::secret::{Random, Secret, hexadecimal};
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_protocol::vocabulary::{RedirectUri, RoleKind};
use firstbell_store::{AuditEntry, Settings, Store, Tx};

use super::{ConfigFile, sharing};

/// Registers applications and changes what is registered.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Register an application; its secret is shown once, here
    Create(Box<create::Options>),
    /// List the applications
    List(show::ListOptions),
    /// Show what is registered of an application
    Show(Named),
    /// Change what is registered of an application
    Change(Box<change::Options>),
    /// Make a new client secret; the old one counts a while longer
    RotateSecret(secret::Options),
    /// Say where an application is told that there are new events
    Webhook(webhook::Options),
    /// Turn an application off: nobody comes in, and its tokens open nothing, at once
    Disable(Named),
    /// Turn an application on again
    Enable(Named),
}

#[derive(Debug, Clone, clap::Args)]
struct Named {
    #[command(flatten)]
    config: ConfigFile,
    /// The application's public identifier
    #[arg(long)]
    client_id: ClientId,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        Verb::Create(options) => create::run(*options).await,
        Verb::List(options) => show::list(options).await,
        Verb::Show(named) => show::show(named).await,
        Verb::Change(options) => change::run(*options).await,
        Verb::RotateSecret(options) => secret::run(options).await,
        Verb::Webhook(options) => webhook::run(options).await,
        Verb::Disable(named) => change::turn(named, change::Power::Off).await,
        Verb::Enable(named) => change::turn(named, change::Power::On).await,
    }
}

/// Records in the log of each district that has said something about the application what was
/// changed about it.
fn audit_everywhere(
    tx: &mut Tx<'_>,
    settings: &Settings,
    application: ApplicationId,
    (action, detail): (&'static str, &str),
    now: Timestamp,
) -> anyhow::Result<()> {
    for connection in settings.connections.iter().filter(|it| it.application == application) {
        let entry = AuditEntry {
            action,
            actor: None,
            subject: None,
            application: Some(application),
            detail: detail.to_owned(),
        };
        tx.district(connection.district).audit(&entry, now)?;
    }
    Ok(())
}

/// What an application wants to register.
pub(super) struct Registration {
    pub(super) name: String,
    pub(super) redirect_uris: Vec<RedirectUri>,
    pub(super) user_types: Vec<RoleKind>,
    pub(super) stage: Stage,
}

impl Registration {
    /// The application with a new identifier and secret, checked.
    pub(super) fn application(
        self,
        now: Timestamp,
        random: &mut dyn Random,
    ) -> anyhow::Result<(Application, Secret)> {
        let secret = Secret::generate("", random);
        let mut client_id = [0; 10];
        random.fill(&mut client_id);
        let mut user_types = self.user_types;
        user_types.sort_unstable();
        user_types.dedup();
        let application = Application {
            id: ApplicationId::new(now, random),
            client_id: hexadecimal(&client_id).parse()?,
            secrets: vec![ClientSecret { hash: secret.hash(), until: None }],
            name: self.name,
            developer: None,
            website: None,
            initiate_login_uri: None,
            redirect_uris: self.redirect_uris,
            user_types,
            stage: self.stage,
            tier: AccessTier::DistrictSso,
            switches: Switches::default(),
            id_token_algorithm: IdTokenAlgorithm::default(),
            disabled: None,
        };
        check_registration(&application)?;
        Ok((application, secret))
    }
}

/// Which district shares whom.
pub(super) async fn sharing(
    store: &Store,
    shortname: &str,
    schools: &[String],
) -> anyhow::Result<(DistrictId, Sharing)> {
    let district = find_district(store, shortname).await?;
    if schools.is_empty() {
        return Ok((district, Sharing::everyone()));
    }
    let mut shared: Vec<SchoolId> = Vec::new();
    for sis_id in schools {
        let asked = sis_id.clone();
        let found = store.read(move |tx| tx.district(district).school_by_sis_id(&asked)).await?;
        shared.push(found.with_context(|| format!("{shortname} has no school {sis_id:?}"))?.id);
    }
    Ok((district, Sharing::schools(shared)))
}

/// The id of the district with this name in addresses.
pub(super) async fn find_district(store: &Store, shortname: &str) -> anyhow::Result<DistrictId> {
    let found = district_named(store, shortname).await?;
    found.with_context(|| {
        format!("there is no district {shortname:?}; `firstbell import` makes one")
    })
}

/// The id of the district with this name in addresses, if there is one.
pub(super) async fn district_named(
    store: &Store,
    shortname: &str,
) -> anyhow::Result<Option<DistrictId>> {
    let shortname = shortname.to_owned();
    let found = store
        .read(move |tx| {
            let districts = tx.settings()?.districts;
            let named = districts.into_iter().find(|it| it.shortname.as_str() == shortname);
            Ok::<_, firstbell_store::StoreError>(named.map(|district| district.id))
        })
        .await?;
    Ok(found)
}

/// Records the application and whom a district shares with it, as one change.
pub(super) async fn register(
    store: &Store,
    application: &Application,
    sharing: Option<(DistrictId, Sharing)>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let application = application.clone();
    store
        .write(move |tx| {
            tx.create_application(&application, now)?;
            if let Some((district, sharing)) = sharing.clone() {
                let connection = Connection {
                    application: application.id,
                    district,
                    state: ConnectionState::Active,
                    sharing,
                    since: now,
                };
                sharing::record(tx, &connection, "sharing.set", now)?;
            }
            Ok::<_, firstbell_store::StoreError>(())
        })
        .await
        .context("the application was not registered")
}
