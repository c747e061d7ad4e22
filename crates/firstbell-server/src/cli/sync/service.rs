//! `firstbell sync service`, `fetch`.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Subcommand;
use firstbell_core::reach::reach_of_service;
use firstbell_core::roster::sync::{Consent, OneRosterService, OneRosterVersion, SyncSource};
use serde_json::json;

use super::carry::tell;
use super::{ConfigFile, all_settings, open};
use crate::cli::progress::Shared;
use crate::cli::{lookup, open_store, shown};
use crate::clock::Clock;
use crate::syncing::oneroster::Patience;
use crate::syncing::{Syncing, entry};

/// A district's own OneRoster service is not asked more often by itself.
const LEAST_EVERY: Duration = Duration::from_mins(15);

#[derive(Debug, clap::Args)]
pub(super) struct Service {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Set the service, in the place of the one before
    Set(Set),
    /// Show the service, without its secret
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Forget the service
    Remove,
}

#[derive(Debug, clap::Args)]
struct Set {
    /// Its address, up to and with `/ims/oneroster`
    #[arg(long, value_name = "URL")]
    url: String,
    /// Where it gives tokens
    #[arg(long, value_name = "URL")]
    token_url: String,
    /// The client that Firstbell is there
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// A file with the client's secret, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// The version that it speaks: 1.1 or 1.2
    #[arg(long, value_name = "VERSION", default_value = "1.2", value_parser = version)]
    oneroster: OneRosterVersion,
    /// A OneRoster filter that every list is asked with; empty for none
    #[arg(long, value_name = "FILTER", default_value = "status='active'")]
    filter: String,
    /// Fetch the roster by itself so often: `24h`, `90m`
    #[arg(long, value_name = "SPAN", value_parser = span)]
    every: Option<Duration>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Fetch {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
}

pub(super) async fn service(options: Service) -> anyhow::Result<()> {
    match options.verb {
        Verb::Set(set) => self::set(&options.config, options.district, set).await,
        Verb::Show { json } => show(&options.config, &options.district, json).await,
        Verb::Remove => remove(&options.config, options.district).await,
    }
}

async fn set(config: &ConfigFile, named: String, set: Set) -> anyhow::Result<()> {
    let root = set.url.trim_end_matches('/').to_owned();
    for (name, address) in [("--url", &root), ("--token-url", &set.token_url)] {
        // What was said may have a password in it: it is not repeated.
        reach_of_service(address).with_context(|| format!("{name} is no address to ask"))?;
    }
    let (_, syncing) = open(config).await?;
    let secret = secret(&set.secret_file)?;
    let settings = syncing.store.read(all_settings).await?;
    let district = lookup::district(&settings, &named)?.id;
    let purpose = Syncing::service_purpose(district);
    let service = OneRosterService {
        version: set.oneroster,
        root,
        token_url: set.token_url,
        client_id: set.client_id,
        sealed_secret: syncing.sealing.seal(&purpose, secret.into_bytes())?,
        filter: Some(set.filter).filter(|filter| !filter.is_empty()),
        every: set.every,
    };
    let now = Clock::System.now();
    let root = service.root.clone();
    syncing
        .store
        .write(move |tx| {
            let mut district = tx.district(district);
            district.set_oneroster_service(&service)?;
            district.audit(&entry("sync.service_set", service.root.clone()), now)
        })
        .await?;
    syncing.forget_fetched(district).await;
    println!("Rosters of {named} are fetched from {root}.");
    println!("Try it with `firstbell sync fetch --district {named}`.");
    Ok(())
}

async fn show(config: &ConfigFile, named: &str, as_json: bool) -> anyhow::Result<()> {
    let store = open_store(&config.load()?)?;
    let settings = store.read(all_settings).await?;
    let district = lookup::district(&settings, named)?.id;
    let found = store.read(move |tx| tx.district(district).oneroster_service()).await?;
    let every = |service: &OneRosterService| service.every.map(|every| every.as_secs() / 60);
    match (found, as_json) {
        (None, true) => println!("{}", json!({ "service": null })),
        (None, false) => println!("{named} has no OneRoster service."),
        (Some(service), true) => {
            let object = json!({
                "oneroster": service.version.text(),
                "url": service.root,
                "token_url": service.token_url,
                "client_id": service.client_id,
                "filter": service.filter,
                "every_minutes": every(&service),
            });
            println!("{}", json!({ "service": object }));
        }
        (Some(service), false) => {
            println!("OneRoster {} at {}", service.version.text(), service.root);
            println!("tokens from {} for {}", service.token_url, service.client_id);
            if let Some(filter) = &service.filter {
                println!("lists are asked with the filter {filter}");
            }
            match every(&service) {
                Some(minutes) => println!("fetched every {minutes} minutes"),
                None => println!("fetched when `firstbell sync fetch` says so"),
            }
        }
    }
    Ok(())
}

async fn remove(config: &ConfigFile, named: String) -> anyhow::Result<()> {
    let (_, syncing) = open(config).await?;
    let now = Clock::System.now();
    let asked = named.clone();
    let (district, is_removed) = syncing
        .store
        .write(move |tx| {
            let settings = tx.settings()?;
            let id = lookup::district(&settings, &asked)?.id;
            let mut district = tx.district(id);
            let is_removed = district.forget_oneroster_service()?;
            if is_removed {
                district.audit(&entry("sync.service_removed", String::new()), now)?;
            }
            Ok::<_, anyhow::Error>((id, is_removed))
        })
        .await?;
    syncing.forget_fetched(district).await;
    if is_removed {
        println!("{named} has no OneRoster service any more.");
    } else {
        println!("{named} has no OneRoster service; nothing was changed.");
    }
    Ok(())
}

pub(super) async fn fetch(options: Fetch) -> anyhow::Result<ExitCode> {
    let (_, syncing) = open(&options.config).await?;
    let settings = syncing.store.read(all_settings).await?;
    let district = lookup::district(&settings, &options.district)?.id;
    let mut client = syncing.client_of(district, Patience::default()).await?;
    let run = syncing.begin(district, SyncSource::OneRoster, None).await?;
    let progress = Shared::new();
    let watcher = Arc::new(progress.clone());
    let ended = syncing.fetch(&run, &mut client, Consent::NotAsked, watcher).await;
    progress.finish();
    tell(run.id, &ended?, Consent::NotAsked)
}

/// The secret in a file, without the end of its line.
fn secret(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("no secret on standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| shown(file))?;
    }
    let secret = text.trim_end_matches(['\r', '\n']);
    ensure!(!secret.is_empty(), "the secret is empty");
    Ok(secret.to_owned())
}

fn version(text: &str) -> Result<OneRosterVersion, String> {
    OneRosterVersion::named(text).ok_or_else(|| "write 1.1 or 1.2".to_owned())
}

/// `24h` or `90m`.
fn span(text: &str) -> anyhow::Result<Duration> {
    let number = |digits: &str| digits.parse::<u64>().ok().filter(|number| *number <= 10_000);
    let span = match (text.strip_suffix('h'), text.strip_suffix('m')) {
        (Some(hours), _) => number(hours).map(Duration::from_hours),
        (_, Some(minutes)) => number(minutes).map(Duration::from_mins),
        _ => None,
    };
    match span {
        Some(span) if span >= LEAST_EVERY => Ok(span),
        _ => bail!("write hours or minutes, 15m at least: 24h, 90m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_hours_or_minutes() {
        assert_eq!(span("24h").unwrap(), Duration::from_hours(24));
        assert_eq!(span("90m").unwrap(), Duration::from_mins(90));
        for bad in ["", "24", "h", "14m", "0h", "-1h", "1d", "99999h"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }
}
