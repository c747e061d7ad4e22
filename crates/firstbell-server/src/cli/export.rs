//! `firstbell export`: a district's roster as files, for the district or as an application sees it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use firstbell_core::application::{ClientId, DataGroups, Sharing};
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::sharing::reads_district;
use firstbell_roster::write::{self, Target, Written};
use firstbell_store::{AuditEntry, Settings, Tx};

use super::{ConfigFile, lookup, open_store, shown};
use crate::clock::Clock;
use crate::data_api::{Audience, Leaving};

/// Writes a district's roster to files.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// Where to: a folder, or a zip file where the name ends in .zip; there must be nothing yet
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// In which form: the CSV dialect that `import` reads, or OneRoster 1.2
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Only what this application sees of the district, by its public identifier
    #[arg(long, value_name = "CLIENT_ID")]
    client_id: Option<ClientId>,
}

/// In which form a roster is written.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Csv,
    Oneroster,
}

impl Format {
    const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Oneroster => "OneRoster 1.2",
        }
    }
}

/// What was written, and for whom.
struct Exported {
    target: Target,
    written: Written,
    district: DistrictId,
    application: Option<ApplicationId>,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let (to, format) = (options.to.clone(), options.format.name());
    if to.symlink_metadata().is_ok() {
        bail!("{}: something is there already; name another place", shown(&to));
    }
    let exported = store.read_at_length(move |tx| export(tx, &options)).await?;

    let Exported { target, written, district, application } = exported;
    let entry = AuditEntry {
        action: "roster.exported",
        actor: None,
        subject: None,
        application,
        detail: format!("{format}: {}", counted(&written)),
    };
    // Before the files are in their place: no roster leaves that is not on record.
    let now = Clock::System.now();
    store
        .write(move |tx| tx.district(district).audit(&entry, now))
        .await
        .context("the audit log cannot be written; no roster was written")?;
    target.finish().with_context(|| format!("{} was not written", shown(&to)))?;
    println!("Wrote {} ({format}): {}.", shown(&to), counted(&written));
    println!(
        "No password is in these files: whoever imports them elsewhere gives people new ones."
    );
    Ok(())
}

fn export(tx: &mut Tx<'_>, options: &Options) -> anyhow::Result<Exported> {
    let settings = tx.settings()?;
    let leaves = lookup::district(&settings, &options.district)?;
    let district = leaves.id;
    let (application, sharing) = match &options.client_id {
        None => (None, Sharing { groups: DataGroups::all(), ..Sharing::everyone() }),
        Some(client_id) => {
            let (application, sharing) = shared(&settings, district, client_id)?;
            (Some(application), sharing)
        }
    };
    let audience = if application.is_some() { Audience::Application } else { Audience::District };
    let mut tenant = tx.district(district);
    let version = tenant.roster_version()?;
    let mut leaving = Leaving::of(tenant.roster_at(version), (&sharing, audience), district)?;
    let mut target = begin(&options.to)?;
    let written = match options.format {
        Format::Csv => write::csv(&mut leaving, &mut target),
        Format::Oneroster => write::oneroster(&mut leaving, leaves, &mut target),
    };
    let written = written.with_context(|| format!("{} was not written", shown(&options.to)))?;
    Ok(Exported { target, written, district, application })
}

fn begin(to: &Path) -> anyhow::Result<Target> {
    Target::create(to).with_context(|| format!("{} cannot be written", shown(to)))
}

/// What a district shares with an application that reads it.
fn shared(
    settings: &Settings,
    district: DistrictId,
    client_id: &ClientId,
) -> anyhow::Result<(ApplicationId, Sharing)> {
    let application = lookup::application(settings, client_id)?;
    let mut connections = settings.connections.iter();
    let connection =
        connections.find(|it| (it.application, it.district) == (application.id, district));
    reads_district(application, connection).with_context(|| {
        format!("{client_id} reads nothing of this district; no roster was written")
    })?;
    let sharing = connection.map(|it| it.sharing.clone()).unwrap_or_default();
    Ok((application.id, sharing))
}

fn counted(written: &Written) -> String {
    let Written { schools, roles, sections, enrollments, contacts, resources } = written;
    format!(
        "{schools} schools, {roles} people in their roles, {sections} sections, {enrollments} \
         enrolments, {contacts} contacts, {resources} resources"
    )
}
