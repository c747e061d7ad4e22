//! `firstbell sync folder`.

use anyhow::bail;
use firstbell_core::roster::sync::SyncSource;

use super::{ConfigFile, all_settings, open};
use crate::cli::{lookup, shown};
use crate::syncing::drop_folder::Inside;
use crate::syncing::print;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// Only this district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: Option<String>,
}

pub(super) async fn folder(options: Options) -> anyhow::Result<()> {
    let (config, syncing) = open(&options.config).await?;
    let Some(drop_folder) = &config.sync.drop_folder else {
        bail!("sync.drop_folder is not set, so nobody looks into any folder");
    };
    let settings = syncing.store.read(all_settings).await?;
    let districts = match &options.district {
        Some(named) => vec![lookup::district(&settings, named)?],
        None => settings.districts.iter().collect(),
    };
    for district in districts {
        let path = drop_folder.join(district.shortname.as_str());
        println!("{}", shown(&path));
        let id = district.id;
        let from = SyncSource::DropFolder;
        let newest = syncing.store.read(move |tx| tx.district(id).newest_sync_from(from)).await?;
        match &newest {
            Some(run) => println!("  last: run {}, {}", run.id, print::state(&run.state)),
            None => println!("  nothing was ever taken from here"),
        }
        match Inside::of(&path) {
            Err(error) => println!("  cannot be read: {error}"),
            Ok(None) => println!("  nothing of a roster is there"),
            Ok(Some(inside)) => {
                println!("  there: {}", inside.names().collect::<Vec<_>>().join(", "));
                if let Some((fault, name)) = &inside.refused {
                    println!("  refused: {name}: {} [{}]", fault.reason(), fault.code());
                }
                let print = inside.fingerprint()?;
                let is_taken = newest.is_some_and(|run| run.fingerprint == Some(print));
                let waits = config.sync.settle_seconds;
                if is_taken {
                    println!("  taken already; it is left alone until it changes");
                } else {
                    println!("  will be taken when it has lain still for {waits} seconds");
                }
            }
        }
    }
    Ok(())
}
