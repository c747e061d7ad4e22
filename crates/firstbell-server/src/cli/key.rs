//! `firstbell key list` and `compromised`: the keys that sign ID tokens. Rotation is by itself.

use anyhow::bail;
use clap::Subcommand;
use firstbell_core::login::signing_key::Stage;
use firstbell_store::{Store, StoreError, StoredKey, Tx};

use super::{ConfigFile, open_store};
use crate::clock::Clock;

/// Shows and ends keys that sign ID tokens.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the keys: next, current, retiring and gone
    List(ConfigFile),
    /// Erase a key that somebody else may have; every node stops within a second
    Compromised(Named),
}

#[derive(Debug, clap::Args)]
struct Named {
    #[command(flatten)]
    config: ConfigFile,
    /// The key, as `kid` names it
    #[arg(long)]
    kid: String,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        Verb::List(config) => list(&open_store(&config.load()?)?).await,
        Verb::Compromised(named) => {
            let store = open_store(&named.config.load()?)?;
            let (kid, now) = (named.kid.clone(), Clock::System.now());
            if !store.write(move |tx| tx.compromise_signing_key(&kid, now)).await? {
                bail!("no key is named {}, or it is known to be compromised", named.kid);
            }
            println!("{} is erased; tokens that it signed count no more.", named.kid);
            Ok(())
        }
    }
}

async fn list(store: &Store) -> anyhow::Result<()> {
    for key in store.read(keys).await? {
        let life = key.life;
        let since = match life.stage {
            Stage::Next => life.made,
            Stage::Current { since } | Stage::Retiring { since } | Stage::Gone { since, .. } => {
                since
            }
        };
        println!("{}  {}  {:<11}  since {since}", life.id, life.algorithm, life.stage.name());
    }
    Ok(())
}

fn keys(tx: &mut Tx<'_>) -> Result<Vec<StoredKey>, StoreError> {
    tx.signing_keys()
}
