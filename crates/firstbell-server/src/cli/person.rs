//! `firstbell person suspend` and `restore`.

use anyhow::Context as _;
use clap::Subcommand;
use firstbell_core::id::DistrictId;
use firstbell_core::login::credential::fold_login_name;
use firstbell_core::time::Timestamp;
use firstbell_store::Store;

use super::application::find_district;
use super::{ConfigFile, open_store};
use crate::clock::Clock;

/// Suspends or restores a person.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Keep a person from logging in, and their tokens from opening anything, at once
    Suspend(Named),
    /// Let a suspended person in again
    Restore(Named),
}

#[derive(Debug, clap::Args)]
struct Named {
    #[command(flatten)]
    config: ConfigFile,
    /// The person's district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// What the person types as their user name
    #[arg(long)]
    username: String,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let (named, since) = match options.verb {
        Verb::Suspend(named) => (named, Some(Clock::System.now())),
        Verb::Restore(named) => (named, None),
    };
    let store = open_store(&named.config.load()?)?;
    let district = find_district(&store, &named.district).await?;
    suspend(&store, district, &named.username, since).await?;
    let state = if since.is_some() { "suspended" } else { "restored" };
    println!("{} is {state}.", named.username);
    Ok(())
}

/// Sets or takes back the suspension of the person with this user name.
pub(super) async fn suspend(
    store: &Store,
    district: DistrictId,
    username: &str,
    since: Option<Timestamp>,
) -> anyhow::Result<()> {
    let name = fold_login_name(username);
    let found = store
        .write(move |tx| {
            let Some(user) = tx.district(district).user_by_login_name(&name)? else {
                return Ok(false);
            };
            tx.district(district).suspend(user.id, since)?;
            Ok::<_, firstbell_store::StoreError>(true)
        })
        .await?;
    found.then_some(()).with_context(|| format!("nobody logs in as {username:?} there"))
}
