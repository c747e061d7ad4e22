//! `firstbell import`.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow, bail};
use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::{Consent, Fingerprint, RunState, SyncSource};
use firstbell_core::roster::{District, DistrictPolicy, Shortname};
use firstbell_store::Store;

use super::application::district_named;
use super::progress::Shared;
use super::{ConfigFile, open_store, shown};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::importing::{Import, PrepareError, Prepared, check_source};
use crate::keys;
use crate::syncing::Syncing;
use crate::syncing::report::Report;
use crate::syncing::run::{Run, RunError, Watcher as _};
use crate::syncing::spool::Spool;

/// Brings a district's roster in.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its name in addresses (a-z, 0-9, -); it is made if it is not there
    #[arg(long, value_name = "SHORTNAME")]
    district: Shortname,
    /// What people call the district, when it is made
    #[arg(long, value_name = "NAME")]
    district_name: Option<String>,
    /// Where it is ("Springfield, OR"), when it is made
    #[arg(long, value_name = "PLACE")]
    district_place: Option<String>,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Apply it even if it removes more than a tenth of the people
    #[arg(long)]
    yes: bool,
    /// A folder with schools.csv, students.csv, teachers.csv, sections.csv, enrollments.csv and
    /// perhaps staff.csv, or a zip file of it
    #[arg(value_name = "FOLDER")]
    source: PathBuf,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    check_source(&options.source)?;
    let config = options.config.load()?;
    let store = open_store(&config)?;
    let key = keys::open(&config.secrets.key_file, &store, &mut Entropy).await?;
    let syncing = Syncing::new(store.clone(), &key, Spool::at(config.spool()))?;
    let wanted = NewDistrict {
        name: options.district_name.unwrap_or_else(|| options.district.to_string()),
        shortname: options.district,
        place: options.district_place,
    };
    let existing = district_named(&store, wanted.shortname.as_str()).await?;
    // A district is made only once its files have proved to be a roster.
    let proposed = wanted.district();
    let district = existing.unwrap_or(proposed.id);
    let source = options.source;
    let import = Import { store: store.clone(), district, source, clock: Clock::System };
    let mut begun = None;
    if existing.is_some() && !options.dry_run {
        begun = Some(syncing.begin(district, SyncSource::Command, None).await?);
    }

    let fingerprint = fingerprint(&import, begun.as_ref()).await?;
    let progress = Shared::new();
    let watching = progress.clone();
    let prepared = import.prepare(move |at| watching.reading(at)).await;
    progress.finish();
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Err(refused(error, &import, fingerprint, begun.as_ref()).await),
    };
    println!("{}", prepared.plan.summary);
    if options.dry_run {
        println!("Nothing was changed: this was a dry run.");
        return Ok(());
    }

    let run = if let Some(run) = begun {
        run
    } else {
        create(&store, proposed).await?;
        syncing.begin(district, SyncSource::Command, None).await?
    };
    let said = if options.yes { Consent::ToAnything } else { Consent::NotAsked };
    apply(&run, prepared, fingerprint, said, &progress).await
}

/// What the files hold. A run that does not get so far ends here: else it would hold its district
/// until it is taken for dead.
pub(super) async fn fingerprint(import: &Import, run: Option<&Run>) -> anyhow::Result<Fingerprint> {
    match (import.fingerprint().await, run) {
        (Err(error), Some(run)) => Err(run.failed(RunError::Apply(error)).await.into()),
        (summed, _) => summed,
    }
}

/// Applies what was prepared, unless somebody had to agree and did not.
pub(super) async fn apply(
    run: &Run,
    prepared: Prepared,
    fingerprint: Fingerprint,
    said: Consent,
    progress: &Shared,
) -> anyhow::Result<()> {
    let reasons = run.reasons_to_hold(&prepared).await?;
    if said == Consent::NotAsked && !reasons.is_empty() {
        let reasons: Vec<_> = reasons.iter().map(ToString::to_string).collect();
        let why = reasons.join("; ");
        run.decline(&prepared, fingerprint, format!("{why}; nobody said --yes")).await?;
        bail!(
            "{why}. Look at the files, and if it is meant, run it again with --yes. Nothing was \
             changed"
        );
    }
    let ended = run.settle(prepared, fingerprint, Consent::ToAnything, progress).await;
    progress.finish();
    let ended = match ended {
        Ok(ended) => ended,
        Err(error) => return Err(run.failed(error).await.into()),
    };
    match (ended.state, ended.passwords) {
        (RunState::Unchanged, 0) => println!("The roster is as it was; nothing was changed."),
        (_, passwords) => println!("Applied. {passwords} passwords were provisioned."),
    }
    Ok(())
}

/// Why files were not imported, recorded and told.
pub(super) async fn refused(
    error: PrepareError,
    import: &Import,
    fingerprint: Fingerprint,
    run: Option<&Run>,
) -> anyhow::Error {
    let rejected = match (error, run) {
        (PrepareError::Rejected(rejected), _) => rejected,
        (PrepareError::Store(error), Some(run)) => return run.failed(error.into()).await.into(),
        (PrepareError::Disk(error), Some(run)) => {
            return run.failed(RunError::Disk(error)).await.into();
        }
        (PrepareError::CutOff(error), Some(run)) => return run.failed(error.into()).await.into(),
        (error, None) => return error.into(),
    };
    eprintln!("{rejected}");
    if let Some(run) = run
        && let Err(error) = run.reject(Report::of_rejected(&rejected), Some(fingerprint)).await
    {
        return error.into();
    }
    anyhow!("{} was not imported; nothing was changed", shown(&import.source))
}

/// A district that may have to be made.
pub(super) struct NewDistrict {
    pub(super) shortname: Shortname,
    pub(super) name: String,
    pub(super) place: Option<String>,
}

impl NewDistrict {
    pub(super) fn district(self) -> District {
        District {
            id: DistrictId::new(Clock::System.now(), &mut Entropy),
            shortname: self.shortname,
            name: self.name,
            place: self.place,
            policy: DistrictPolicy::default(),
        }
    }
}

pub(super) async fn create(store: &Store, district: District) -> anyhow::Result<()> {
    let now = Clock::System.now();
    store
        .write(move |tx| tx.create_district(&district, now))
        .await
        .context("the district was not made")
}
