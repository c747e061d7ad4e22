//! `firstbell sync`: rosters come in safely. A sync that would change too much waits for somebody.
//! Exits with 3 where it does.

mod carry;
mod folder;
mod merge;
mod service;
mod settings;
mod show;
mod undo;

use std::process::ExitCode;

use clap::Subcommand;
use firstbell_store::{Settings, StoreError, Tx};

use super::{ConfigFile, done, open_store};
use crate::config::Config;
use crate::entropy::Entropy;
use crate::keys;
use crate::syncing::Syncing;
use crate::syncing::spool::Spool;

/// Exit code of a sync that waits for approval.
const HELD: u8 = 3;

/// Brings rosters in safely: plan, run, approve, undo.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what a roster would change, and change nothing
    Plan(carry::Named),
    /// Apply a roster, unless it would change too much: then it is held
    Run(carry::Named),
    /// Apply a run that is held, if it still is what was shown
    Approve(carry::OfRun),
    /// Give up a run that is held
    Discard(carry::OfRun),
    /// Show one run, or the newest runs
    Show(show::Show),
    /// Write the report of a run, with its rejected rows, to send back
    Report(show::ToFiles),
    /// List the versions of a roster that one may go back to
    Versions(show::OfDistrict),
    /// Go back to an earlier version of a roster
    Undo(undo::Options),
    /// Show and set how much may change unasked
    Limits(settings::Limits),
    /// Make or revoke the key with which a district's systems upload rosters
    Key(settings::Key),
    /// Show what lies in the drop folder, and what became of it
    Folder(folder::Options),
    /// Merge the changes (delta) of a OneRoster export with the whole export that they change
    Merge(merge::Options),
    /// Set, show and forget the OneRoster service that a district's roster is fetched from
    Service(service::Service),
    /// Fetch a roster from the district's OneRoster service and apply it, unless it would change too
    /// much
    Fetch(service::Fetch),
}

pub(super) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    match options.verb {
        Verb::Plan(options) => carry::plan(options).await.map(done),
        Verb::Run(options) => carry::run(options).await,
        Verb::Approve(options) => carry::approve(options).await,
        Verb::Discard(options) => carry::discard(options).await.map(done),
        Verb::Show(options) => show::show(options).await.map(done),
        Verb::Report(options) => show::report(options).await.map(done),
        Verb::Versions(options) => show::versions(options).await.map(done),
        Verb::Undo(options) => undo::undo(options).await.map(done),
        Verb::Limits(options) => settings::limits(options).await.map(done),
        Verb::Key(options) => settings::key(options).await.map(done),
        Verb::Folder(options) => folder::folder(options).await.map(done),
        Verb::Merge(options) => merge::merge(&options).map(done),
        Verb::Service(options) => service::service(options).await.map(done),
        Verb::Fetch(options) => service::fetch(options).await,
    }
}

/// What all runs share, on this installation.
async fn open(config: &ConfigFile) -> anyhow::Result<(Config, Syncing)> {
    let config = config.load()?;
    let store = open_store(&config)?;
    let key = keys::open(&config.secrets.key_file, &store, &mut Entropy).await?;
    let syncing = Syncing::new(store, &key, Spool::at(config.spool()))?;
    syncing.tidy().await?;
    Ok((config, syncing))
}

fn all_settings(tx: &mut Tx<'_>) -> Result<Settings, StoreError> {
    tx.settings()
}
