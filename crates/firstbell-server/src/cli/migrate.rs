//! `firstbell migrate`.

use anyhow::Context as _;
use firstbell_store::Store;

use super::ConfigFile;

/// Brings the database to the schema of this program.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn run(options: &Options) -> anyhow::Result<()> {
    let config = options.config.load()?;
    let store = Store::open(config.backend()?).context("the database cannot be opened")?;
    let applied = store.migrate().context("the migration failed; nothing was changed")?;
    if applied.is_empty() {
        println!("The schema is up to date.");
    }
    for name in applied {
        println!("applied {name}");
    }
    Ok(())
}
