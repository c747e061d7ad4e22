//! `firstbell sync limits`, `key`.

use clap::ValueEnum;
use firstbell_core::roster::sync::{Share, SyncLimits};
use firstbell_core::secret::Secret;
use serde_json::json;

use super::ConfigFile;
use crate::cli::{lookup, open_store};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::syncing::entry;

/// What the keys of districts' systems begin with.
const KEY_PREFIX: &str = "su";

#[derive(Debug, clap::Args)]
pub(super) struct Limits {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// The share of a kind of record that may leave unasked: `15%`
    #[arg(long, value_name = "SHARE")]
    removals: Option<Share>,
    /// The share of people that may get both another name and another email unasked: `2.5%`
    #[arg(long, value_name = "SHARE")]
    renames: Option<Share>,
    /// The share of login names that may go to somebody else unasked: `2.5%`
    #[arg(long, value_name = "SHARE")]
    login_names: Option<Share>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Key {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// What to do
    #[arg(value_enum)]
    verb: KeyVerb,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum KeyVerb {
    /// Make a key; the one before counts no more
    New,
    /// Take the key away
    Revoke,
}

pub(super) async fn limits(options: Limits) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let (named, login_names) = (options.district, options.login_names);
    let (removals, renames) = (options.removals, options.renames);
    let now = Clock::System.now();
    let limits = store
        .write(move |tx| {
            let settings = tx.settings()?;
            let district = lookup::district(&settings, &named)?.id;
            let mut district = tx.district(district);
            let before = district.sync_limits()?;
            let after = SyncLimits {
                removals: removals.unwrap_or(before.removals),
                renames: renames.unwrap_or(before.renames),
                login_names: login_names.unwrap_or(before.login_names),
            };
            if after != before {
                district.set_sync_limits(after)?;
                let changed = [
                    ("removals", before.removals, after.removals),
                    ("renames", before.renames, after.renames),
                    ("login names", before.login_names, after.login_names),
                ];
                let changed: Vec<_> = changed
                    .iter()
                    .filter(|(_, old, new)| old != new)
                    .map(|(name, old, new)| format!("{name}: {old} -> {new}"))
                    .collect();
                district.audit(&entry("sync.limits_changed", changed.join("; ")), now)?;
            }
            Ok::<_, anyhow::Error>(after)
        })
        .await?;
    if options.json {
        let share = |share: Share| f64::from(share.hundredths()) / 100.0;
        let object = json!({
            "removals_percent": share(limits.removals),
            "renames_percent": share(limits.renames),
            "login_names_percent": share(limits.login_names),
        });
        println!("{object}");
    } else {
        println!("A sync is held that would remove more than {} of a kind,", limits.removals);
        println!("give more than {} of the people a new name and email,", limits.renames);
        println!("or more than {} of the login names to somebody else.", limits.login_names);
    }
    Ok(())
}

pub(super) async fn key(options: Key) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let (named, verb, now) = (options.district, options.verb, Clock::System.now());
    let key = Secret::generate(KEY_PREFIX, &mut Entropy);
    let hash = key.hash();
    let (shortname, changed) = store
        .write(move |tx| {
            let settings = tx.settings()?;
            let found = lookup::district(&settings, &named)?;
            let mut district = tx.district(found.id);
            let (changed, action) = match verb {
                KeyVerb::New => {
                    district.set_sync_key(&hash, now)?;
                    (true, "sync.key_made")
                }
                KeyVerb::Revoke => (district.revoke_sync_key()?, "sync.key_revoked"),
            };
            if changed {
                district.audit(&entry(action, String::new()), now)?;
            }
            Ok::<_, anyhow::Error>((found.shortname.clone(), changed))
        })
        .await?;
    match (verb, options.json) {
        (KeyVerb::New, true) => println!("{}", json!({ "key": key.expose() })),
        (KeyVerb::Revoke, true) => println!("{}", json!({ "changed": changed })),
        (KeyVerb::New, false) => {
            println!("{}", key.expose());
            println!("With it rosters are sent to /sync/{shortname}. It is not shown again.");
        }
        (KeyVerb::Revoke, false) if changed => println!("The key counts no more."),
        (KeyVerb::Revoke, false) => println!("There is no key; nothing was changed."),
    }
    Ok(())
}
