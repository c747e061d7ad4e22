//! `firstbell application create`.

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser};
use firstbell_core::application::{IdTokenAlgorithm, Stage, Switches, check_registration};
use firstbell_core::sharing::AccessTier;
use firstbell_protocol::vocabulary::{RedirectUri, RoleKind};

use super::Registration;
use crate::cli::lookup::named;
use crate::cli::{ConfigFile, open_store};
use crate::clock::Clock;
use crate::entropy::Entropy;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// What people call it
    #[arg(long)]
    name: String,
    /// Who makes it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    developer: Option<String>,
    /// Where people read about it
    #[arg(long, value_name = "URI")]
    website: Option<RedirectUri>,
    /// Where it takes its users back; the first one is the primary one
    #[arg(long = "redirect-uri", required = true, value_name = "URI")]
    redirect_uris: Vec<RedirectUri>,
    /// Where logins begin that it did not start; it then never gets a code that it did not ask for
    #[arg(long, value_name = "URI")]
    initiate_login_uri: Option<RedirectUri>,
    /// Whom it serves: `student`, `teacher`, `staff`, `district_admin`
    #[arg(long = "user-type", value_name = "TYPE",
          default_values = ["student", "teacher", "staff", "district_admin"])]
    user_types: Vec<RoleKind>,
    /// It is being built: its redirect URIs may be plain HTTP
    #[arg(long)]
    development: bool,
    /// How much it sees of a person
    #[arg(long, default_value = "district_sso",
          value_parser = named(&AccessTier::ALL, AccessTier::name))]
    tier: AccessTier,
    /// What it has beyond the plain dialect; may be repeated
    #[arg(long = "switch", value_name = "NAME", value_parser = switches())]
    switches: Vec<String>,
    /// How its ID tokens are signed
    #[arg(long, default_value = "RS256",
          value_parser = named(&IdTokenAlgorithm::ALL, IdTokenAlgorithm::name))]
    id_token_algorithm: IdTokenAlgorithm,
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

/// The names of the switches.
pub(super) fn switches() -> PossibleValuesParser {
    PossibleValuesParser::new(Switches::ALL.map(|(name, ..)| name))
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let now = Clock::System.now();
    let stage = if options.development { Stage::Development } else { Stage::Production };
    let wanted = Registration {
        name: options.name,
        redirect_uris: options.redirect_uris,
        user_types: options.user_types,
        stage,
    };
    let (mut application, secret) = wanted.application(now, &mut Entropy)?;
    application.developer = options.developer;
    application.website = options.website;
    application.initiate_login_uri = options.initiate_login_uri;
    application.tier = options.tier;
    application.id_token_algorithm = options.id_token_algorithm;
    for name in &options.switches {
        application.switches.set(name, true);
    }
    check_registration(&application)?;
    let sharing = match &options.district {
        Some(shortname) => Some(super::sharing(&store, shortname, &options.schools).await?),
        None => None,
    };
    super::register(&store, &application, sharing, now).await?;

    if options.json {
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
