//! `firstbell sandbox advance`: days of the school year pass.
//!
//! 1. The folder says which sandbox it is and at which day it stands.
//! 2. The files of the later day are written beside it: they depend on size, seed and day alone.
//! 3. They are imported as anybody's are, holds included.
//! 4. They take the place of the folder's files, the note of the day last.
//!
//! So the folder stands at the new day only once the district does. Cut off between 3 and 4, the
//! same command imports the same day again, which changes nothing.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::{Consent, SyncSource};
use firstbell_roster::sandbox::{self, DISTRICT_SHORTNAME, SandboxDay};

use crate::cli::application::district_named;
use crate::cli::import::{apply, fingerprint, refused};
use crate::cli::progress::Shared;
use crate::cli::{ConfigFile, open_store, shown};
use crate::entropy::Entropy;
use crate::keys;
use crate::syncing::Syncing;
use crate::syncing::spool::Spool;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The district that the sandbox was imported as
    #[arg(long, value_name = "SHORTNAME", default_value = DISTRICT_SHORTNAME)]
    district: String,
    /// How many school days pass
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    days: u32,
    /// Apply it even if it removes more than a tenth of the people, as the end of the year does
    #[arg(long)]
    yes: bool,
    /// The folder that `sandbox generate` wrote
    folder: PathBuf,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let SandboxDay { size, seed, day } = SandboxDay::read(&options.folder)?;
    let later = day.checked_add(options.days).context("no sandbox is so old")?;
    let config = options.config.load()?;
    let store = open_store(&config)?;
    let key = keys::open(&config.secrets.key_file, &store, &mut Entropy).await?;
    let found = district_named(&store, &options.district).await?;
    let district = found.with_context(|| {
        let (folder, name) = (shown(&options.folder), &options.district);
        format!(
            "there is no district {name:?}; `firstbell import --district {name} {folder}` makes it"
        )
    })?;

    let beside = beside(&options.folder)?;
    sandbox::generate_on(&beside, size, seed, later)?;
    for happening in sandbox::happenings(size, day + 1..=later) {
        println!("Day {}: {}.", happening.day, happening.what);
    }
    let syncing = Syncing::new(store, &key, Spool::at(config.spool()))?;
    let said = if options.yes { Consent::ToAnything } else { Consent::NotAsked };
    if let Err(error) = bring_in(&syncing, district, &beside, said).await {
        // The error is what matters; the next try writes these files again.
        let _ = fs::remove_dir_all(&beside);
        return Err(error);
    }
    replace(&options.folder, &beside)?;
    println!("{} stands at day {later}, and so does {}.", shown(&options.folder), options.district);
    Ok(())
}

async fn bring_in(
    syncing: &Syncing,
    district: DistrictId,
    source: &Path,
    said: Consent,
) -> anyhow::Result<()> {
    let run = syncing.begin(district, SyncSource::Command, None).await?;
    let import = run.import(source);
    let fingerprint = fingerprint(&import, Some(&run)).await?;
    let prepared = match import.prepare(|_| {}).await {
        Ok(prepared) => prepared,
        Err(error) => return Err(refused(error, &import, fingerprint, Some(&run)).await),
    };
    println!("{}", prepared.plan.summary);
    apply(&run, prepared, fingerprint, said, &Shared::new()).await
}

/// A folder of the same file system, so that files can be moved from it.
fn beside(folder: &Path) -> anyhow::Result<PathBuf> {
    let folder = folder.canonicalize().with_context(|| shown(folder))?;
    let mut name = folder.file_name().context("the root is no sandbox")?.to_owned();
    name.push(".next");
    Ok(folder.with_file_name(name))
}

/// Moves the files of the new day over those of the old one. The note of the day is the last: whoever
/// is cut off before it stands at the old day.
fn replace(folder: &Path, beside: &Path) -> anyhow::Result<()> {
    let mut names: Vec<_> = fs::read_dir(beside)?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<std::io::Result<_>>()?;
    names.sort_by_key(|name| name == SandboxDay::NOTE);
    for name in names {
        fs::rename(beside.join(&name), folder.join(&name))
            .with_context(|| format!("{} was not replaced", shown(&folder.join(&name))))?;
    }
    fs::remove_dir(beside)?;
    Ok(())
}
