//! `firstbell import`.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, bail};
use firstbell_core::id::DistrictId;
use firstbell_core::roster::{District, DistrictPolicy, Shortname};
use firstbell_roster::{Rejected, Summary};
use firstbell_store::Store;
use firstbell_upstream::password::PasswordKey;

use super::application::district_named;
use super::progress::Progress;
use super::{ConfigFile, open_store, shown};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::importing::{
    Import, MOST_REMOVED_UNASKED, MOST_RENAMED_UNASKED, PrepareError, check_source,
};
use crate::keys;

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
    let key = PasswordKey::derive(&key);
    let wanted = NewDistrict {
        name: options.district_name.unwrap_or_else(|| options.district.to_string()),
        shortname: options.district,
        place: options.district_place,
    };
    let existing = district_named(&store, wanted.shortname.as_str()).await?;
    // A district is made only once its files have proved to be a roster.
    let proposed = wanted.district();
    let district = existing.unwrap_or(proposed.id);
    let import = Import {
        store: store.clone(),
        district,
        source: options.source.clone(),
        clock: Clock::System,
    };

    let progress = Shared::new();
    let reading = progress.clone();
    let prepared = import
        .prepare(move |at| {
            reading.show(&format!("reading {}", at.file.name()), at.bytes, at.total_bytes);
        })
        .await;
    progress.finish();
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(PrepareError::Rejected(rejected)) => {
            print_rejected(&rejected);
            bail!("{} was not imported; nothing was changed", shown(&options.source));
        }
        Err(error) => return Err(error.into()),
    };

    println!("{}", prepared.plan.summary);
    if options.dry_run {
        println!("Nothing was changed: this was a dry run.");
        return Ok(());
    }
    if !options.yes {
        check_holds(&prepared.plan.summary)?;
    }

    let changes = !prepared.plan.change.is_empty();
    if existing.is_none() {
        create(&store, proposed).await?;
    }
    let applying = progress.clone();
    let passwords = import
        .apply(prepared, &key, move |done, total| {
            applying.show("applying", done as u64, total as u64);
        })
        .await?;
    progress.finish();
    match (changes, passwords) {
        (false, 0) => println!("The roster is as it was; nothing was changed."),
        _ => println!("Applied. {passwords} passwords were provisioned."),
    }
    Ok(())
}

/// Refuses what should not happen unless somebody says that it is meant.
pub(super) fn check_holds(summary: &Summary) -> anyhow::Result<()> {
    if summary.renames_more_than(MOST_RENAMED_UNASKED) {
        bail!(
            "this would give more than {} % of the people another name and another email address: \
             a column may have slipped. Look at the files, and if it is meant, run it again with \
             --yes. Nothing was changed",
            MOST_RENAMED_UNASKED * 100.0
        );
    }
    if summary.removes_more_than(MOST_REMOVED_UNASKED) {
        bail!(
            "this would remove more than {} % of the people; look at the files, and if it is \
             meant, run it again with --yes. Nothing was changed",
            MOST_REMOVED_UNASKED * 100.0
        );
    }
    Ok(())
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

/// Every reason why a roster is none, on standard error.
fn print_rejected(rejected: &Rejected) {
    eprintln!("{rejected}");
}

/// Progress that two threads report to.
#[derive(Clone)]
struct Shared(Arc<Mutex<Progress>>);

impl Shared {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Progress::on_standard_error())))
    }

    fn show(&self, phase: &str, done: u64, total: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).show(phase, done, total);
    }

    fn finish(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).finish();
    }
}
