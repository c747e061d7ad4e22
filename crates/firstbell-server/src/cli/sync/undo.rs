//! `firstbell sync undo`.

use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::sync::RunState;

use super::{ConfigFile, all_settings, open};
use crate::cli::lookup;
use crate::cli::progress::Shared;
use crate::syncing::print;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// The version to go back to; `firstbell sync versions` lists them
    #[arg(long, value_name = "VERSION")]
    to: RosterVersion,
    /// Do it; without this, only show what would change
    #[arg(long)]
    yes: bool,
}

pub(super) async fn undo(options: Options) -> anyhow::Result<()> {
    let (_, syncing) = open(&options.config).await?;
    let settings = syncing.store.read(all_settings).await?;
    let district = lookup::district(&settings, &options.district)?.id;
    let to = options.to;

    if !options.yes {
        let plan = syncing.plan_undo(district, to).await?;
        print!("{}", plan.report);
        println!("Nothing was changed. If it is meant, say it again with --yes.");
        return Ok(());
    }
    let progress = Shared::new();
    let undone = syncing.undo(district, to, &progress).await;
    progress.finish();
    let undone = undone?;
    print!("{}", undone.report);
    match undone.state {
        RunState::Unchanged => println!("The roster is as it was in version {to}."),
        state => println!("The roster is as it was in version {to}: {}.", print::state(&state)),
    }
    match undone.login_names {
        0 => println!("Passwords were not touched."),
        count => println!(
            "{count} login names were taken back with their passwords; no others were touched."
        ),
    }
    Ok(())
}
