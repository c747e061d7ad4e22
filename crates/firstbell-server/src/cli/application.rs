//! `firstbell application create`.

use anyhow::Context as _;
use clap::Subcommand;
use firstbell_core::application::{
    Application, ClientSecret, Connection, ConnectionState, IdTokenAlgorithm, Sharing, Stage,
    Switches, check_registration,
};
use firstbell_core::id::{ApplicationId, DistrictId, SchoolId};
use firstbell_core::secret::{Random, Secret, hexadecimal};
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_protocol::vocabulary::{RedirectUri, RoleKind};
use firstbell_store::Store;

use super::{ConfigFile, open_store};
use crate::clock::Clock;
use crate::entropy::Entropy;

/// Registers applications.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Register an application; its secret is shown once, here
    Create(Create),
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    config: ConfigFile,
    /// What people call it
    #[arg(long)]
    name: String,
    /// Where it takes its users back; the first one is the primary one
    #[arg(long = "redirect-uri", required = true, value_name = "URI")]
    redirect_uris: Vec<RedirectUri>,
    /// Whom it serves: `student`, `teacher`, `staff`, `district_admin`
    #[arg(long = "user-type", value_name = "TYPE",
          default_values = ["student", "teacher", "staff", "district_admin"])]
    user_types: Vec<RoleKind>,
    /// It is being built: its redirect URIs may be plain HTTP
    #[arg(long)]
    development: bool,
    /// The district that connects it, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: Option<String>,
    /// Share only people of this school, by its id in the roster; may be repeated
    #[arg(long = "school", value_name = "SIS ID", requires = "district")]
    schools: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let Verb::Create(create) = options.verb;
    let config = create.config.load()?;
    let store = open_store(&config)?;
    let stage = if create.development { Stage::Development } else { Stage::Production };
    let wanted = Registration {
        name: create.name,
        redirect_uris: create.redirect_uris,
        user_types: create.user_types,
        stage,
    };
    let (application, secret) = wanted.application(Clock::System.now(), &mut Entropy)?;
    let sharing = match &create.district {
        Some(shortname) => Some(sharing(&store, shortname, &create.schools).await?),
        None => None,
    };
    register(&store, &application, sharing, Clock::System.now()).await?;

    if create.json {
        let reply = serde_json::json!({
            "client_id": application.client_id.as_str(),
            "client_secret": secret.expose(),
        });
        println!("{reply}");
    } else {
        println!("Registered {}.", application.name);
        println!("client_id     {}", application.client_id);
        println!("client_secret {}", secret.expose());
        println!("The secret is not shown again; keep it where only the application reads it.");
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
                tx.connect(&Connection {
                    application: application.id,
                    district,
                    state: ConnectionState::Active,
                    sharing,
                    since: now,
                })?;
            }
            Ok::<_, firstbell_store::StoreError>(())
        })
        .await
        .context("the application was not registered")
}
