//! `firstbell sync merge`.

use std::path::PathBuf;

use anyhow::bail;
use firstbell_roster::{MergeError, merge_delta};

use crate::cli::shown;
use crate::importing::check_source;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The whole export that the changes are about: a folder or zip file
    #[arg(value_name = "BULK")]
    bulk: PathBuf,
    /// The changes: a folder or zip file
    #[arg(value_name = "DELTA")]
    delta: PathBuf,
    /// The folder that the new export is written into; it must not be there
    #[arg(value_name = "OUT")]
    out: PathBuf,
}

pub(super) fn merge(options: &Options) -> anyhow::Result<()> {
    check_source(&options.bulk)?;
    check_source(&options.delta)?;
    let merged = match merge_delta(&options.bulk, &options.delta, &options.out) {
        Ok(merged) => merged,
        Err(MergeError::Rejected(rejected)) => {
            eprint!("{}", rejected.refusals);
            bail!("the changes were not merged; nothing was written");
        }
        Err(error) => return Err(error.into()),
    };
    println!(
        "{}: {} rows are new, {} in the place of another, {} gone.",
        shown(&options.out),
        merged.added,
        merged.replaced,
        merged.removed
    );
    println!("Sync it with `firstbell sync run`.");
    Ok(())
}
