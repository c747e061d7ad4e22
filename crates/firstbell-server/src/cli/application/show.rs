//! `firstbell application list` and `show`, and what changed about an application.

use firstbell_core::application::{Application, RedirectUri};
use firstbell_core::id::DistrictId;
use firstbell_core::time::Timestamp;
use firstbell_store::{Settings, StoreError, Tx};
use serde_json::{Value, json};

use super::Named;
use crate::cli::lookup;
use crate::cli::{ConfigFile, open_store};
use crate::clock::Clock;

#[derive(Debug, clap::Args)]
pub(super) struct ListOptions {
    #[command(flatten)]
    config: ConfigFile,
    /// Only those of this developer
    #[arg(long)]
    developer: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn list(options: ListOptions) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let now = Clock::System.now();
    let settings = store.read(settings).await?;

    let is_asked_for = |application: &&Application| {
        options.developer.is_none() || application.developer == options.developer
    };
    let applications: Vec<_> = settings.applications.iter().filter(is_asked_for).collect();

    if options.json {
        let all: Vec<_> = applications.iter().map(|it| json(it, now)).collect();
        println!("{}", json!({ "applications": all }));
        return Ok(());
    }
    if applications.is_empty() {
        println!("There are none; `firstbell application create` registers one.");
    }
    for application in applications {
        println!(
            "{}  {:<11}  {:<12}  {:<3}  {}{}",
            application.client_id,
            application.stage.name(),
            application.tier.name(),
            if application.disabled.is_some() { "off" } else { "on" },
            application.name,
            application.developer.as_ref().map(|it| format!(", by {it}")).unwrap_or_default(),
        );
    }
    Ok(())
}

pub(super) async fn show(named: Named) -> anyhow::Result<()> {
    let store = open_store(&named.config.load()?)?;
    let now = Clock::System.now();
    let settings = store.read(settings).await?;
    let application = lookup::application(&settings, &named.client_id)?;
    let districts: Vec<_> = settings
        .connections
        .iter()
        .filter(|it| it.application == application.id)
        .map(|it| (shortname(&settings, it.district), it.state.name()))
        .collect();

    if named.json {
        let mut reply = json(application, now);
        let said =
            districts.iter().map(|(name, state)| json!({ "district": name, "state": state }));
        reply["connections"] = said.collect();
        println!("{reply}");
        return Ok(());
    }
    println!("{} ({})", application.name, application.client_id);
    for (name, value) in fields(application) {
        println!("  {name:<20} {value}");
    }
    for secret in live_secrets(application, now) {
        match secret {
            Some(until) => println!("  {:<20} an old one, until {until}", "secret"),
            None => println!("  {:<20} the current one", "secret"),
        }
    }
    for (name, state) in districts {
        println!("  {:<20} {name}: {state}", "district");
    }
    Ok(())
}

fn settings(tx: &mut Tx<'_>) -> Result<Settings, StoreError> {
    tx.settings()
}

fn shortname(settings: &Settings, id: DistrictId) -> String {
    let found = settings.districts.iter().find(|district| district.id == id);
    found.map_or_else(|| id.to_string(), |district| district.shortname.to_string())
}

/// Until when each secret counts that counts now.
fn live_secrets(
    application: &Application,
    now: Timestamp,
) -> impl Iterator<Item = Option<Timestamp>> {
    let untils = application.secrets.iter().map(|secret| secret.until);
    untils.filter(move |until| until.is_none_or(|until| now < until))
}

/// What is registered, each with its name, apart from identifiers and secrets.
fn fields(application: &Application) -> [(&'static str, String); 11] {
    let uri = |uri: &Option<RedirectUri>| uri.as_ref().map_or("-", RedirectUri::as_str).to_owned();
    let uris: Vec<_> = application.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let types: Vec<_> = application.user_types.iter().map(|kind| kind.name()).collect();
    let switches: Vec<_> = application.switches.names().collect();
    let or_none = |list: String| if list.is_empty() { "-".to_owned() } else { list };
    [
        ("name", application.name.clone()),
        ("developer", application.developer.clone().unwrap_or_else(|| "-".to_owned())),
        ("website", uri(&application.website)),
        ("redirect URIs", uris.join(" ")),
        ("initiate login URI", uri(&application.initiate_login_uri)),
        ("user types", types.join(" ")),
        ("stage", application.stage.name().to_owned()),
        ("tier", application.tier.name().to_owned()),
        ("switches", or_none(switches.join(" "))),
        ("ID token algorithm", application.id_token_algorithm.name().to_owned()),
        (
            "turned off",
            application.disabled.map_or_else(|| "-".to_owned(), |since| format!("since {since}")),
        ),
    ]
}

/// A line for each field in which two states of an application differ.
pub(super) fn differences(before: &Application, after: &Application) -> Vec<String> {
    let pairs = fields(before).into_iter().zip(fields(after));
    pairs
        .filter(|((_, old), (_, new))| old != new)
        .map(|((name, old), (_, new))| format!("{name}: {old} -> {new}"))
        .collect()
}

/// An application without its secrets.
pub(super) fn json(application: &Application, now: Timestamp) -> Value {
    let uri = |uri: &Option<RedirectUri>| uri.as_ref().map(|it| it.as_str().to_owned());
    let uris: Vec<_> = application.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let types: Vec<_> = application.user_types.iter().map(|kind| kind.name()).collect();
    let secrets: Vec<_> = live_secrets(application, now)
        .map(|until| json!({ "until": until.map(|until| until.to_string()) }))
        .collect();
    json!({
        "id": application.id.to_string(),
        "client_id": application.client_id.as_str(),
        "name": application.name,
        "developer": application.developer,
        "website": uri(&application.website),
        "redirect_uris": uris,
        "initiate_login_uri": uri(&application.initiate_login_uri),
        "user_types": types,
        "stage": application.stage.name(),
        "tier": application.tier.name(),
        "switches": application.switches.names().collect::<Vec<_>>(),
        "id_token_algorithm": application.id_token_algorithm.name(),
        "disabled_since": application.disabled.map(|since| since.to_string()),
        "secrets": secrets,
    })
}
