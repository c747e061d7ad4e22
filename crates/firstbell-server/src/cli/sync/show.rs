//! `firstbell sync show`, `report`, `versions`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::District;
use firstbell_core::roster::sync::SyncRun;
use firstbell_core::roster::sync::undo::to_go_back_to;
use firstbell_roster::private;
use firstbell_store::{Store, StoreError};
use serde_json::json;

use super::{ConfigFile, all_settings, open};
use crate::cli::{lookup, open_store, shown};
use crate::clock::Clock;
use crate::syncing::print::{self, Reader};
use crate::syncing::report::{Report, csv, html};

#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    config: ConfigFile,
    /// The run, by its id; the newest ones where none is named
    #[arg(value_name = "RUN", conflicts_with = "district")]
    run: Option<SyncRunId>,
    /// Only runs of this district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: Option<String>,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 20)]
    last: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ToFiles {
    #[command(flatten)]
    config: ConfigFile,
    /// The run, by its id
    #[arg(value_name = "RUN")]
    run: SyncRunId,
    /// Write a page that stands by itself; the file must not be there yet
    #[arg(long, value_name = "FILE", required_unless_present = "csv")]
    html: Option<PathBuf>,
    /// Write the rejected rows as a table; the file must not be there yet
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct OfDistrict {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn show(options: Show) -> anyhow::Result<()> {
    let (_, syncing) = open(&options.config).await?;
    if let Some(id) = options.run {
        let Whole { district, run, report } = Whole::load(&syncing.store, id).await?;
        let shortname = district.shortname.as_str();
        if options.json {
            println!("{}", print::json(Reader::Operator, shortname, &run, report.as_ref()));
            return Ok(());
        }
        line(shortname, &run);
        for reason in print::reasons(&run.state) {
            println!("  {reason}");
        }
        match report {
            Some(report) => print!("{report}"),
            None => println!("There is no report of it, or it is gone."),
        }
        return Ok(());
    }

    let settings = syncing.store.read(all_settings).await?;
    let last = options.last;
    let runs = match &options.district {
        None => syncing.store.read(move |tx| tx.all_sync_runs(last)).await?,
        Some(named) => {
            let id = lookup::district(&settings, named)?.id;
            let runs = syncing.store.read(move |tx| tx.district(id).sync_runs(last)).await?;
            runs.into_iter().map(|run| (id, run)).collect()
        }
    };
    let name = |id: DistrictId| {
        let found = settings.districts.iter().find(|district| district.id == id);
        found.map_or_else(|| id.to_string(), |district| district.shortname.to_string())
    };
    if options.json {
        let printed = |(district, run): &(DistrictId, SyncRun)| {
            print::json(Reader::Operator, &name(*district), run, None)
        };
        let runs: Vec<_> = runs.iter().map(printed).collect();
        println!("{}", json!({ "runs": runs }));
        return Ok(());
    }
    if runs.is_empty() {
        println!("There was no sync yet.");
    }
    for (district, run) in runs {
        line(&name(district), &run);
    }
    Ok(())
}

fn line(district: &str, run: &SyncRun) {
    let (source, state) = (print::source(run.source), print::state(&run.state));
    println!("{}  {}  {district}  {source}: {state}", run.id, run.began);
}

pub(super) async fn report(options: ToFiles) -> anyhow::Result<()> {
    let (_, syncing) = open(&options.config).await?;
    let Whole { district, run, report } = Whole::load(&syncing.store, options.run).await?;
    let Some(report) = report else {
        bail!("there is no report of run {}, or it is gone", run.id);
    };
    if let Some(file) = &options.html {
        let page = html::page(&html::Page {
            district: &district.name,
            run: run.id.to_string(),
            source: &print::source(run.source),
            began: run.began.to_string(),
            state: print::state(&run.state),
            reasons: print::reasons(&run.state),
            report: &report,
        })?;
        write(file, &page)?;
    }
    if let Some(file) = &options.csv {
        write(file, &csv::table(&report))?;
    }
    Ok(())
}

/// A report names people: only whoever asked for it reads it.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let written = private::file(file).and_then(|mut made| made.write_all(text.as_bytes()));
    written.with_context(|| format!("{} cannot be written", shown(file)))?;
    println!("{}", shown(file));
    Ok(())
}

/// A run with everything that is known of it.
struct Whole {
    district: District,
    run: SyncRun,
    report: Option<Report>,
}

impl Whole {
    async fn load(store: &Store, id: SyncRunId) -> anyhow::Result<Self> {
        let found = store.read(move |tx| {
            let Some((district, run)) = tx.sync_run_of_any(id)? else { return Ok(None) };
            let report = tx.district(district).sync_report(id)?;
            Ok::<_, StoreError>(Some((tx.settings()?, district, run, report)))
        });
        let (settings, district, run, report) = found
            .await?
            .with_context(|| format!("there is no run {id}; `firstbell sync show` lists them"))?;
        let district = lookup::district(&settings, &district.to_string())?.clone();
        let report = report.map(|text| Report::read(&text)).transpose();
        Ok(Self { district, run, report: report.context("the report cannot be read")? })
    }
}

pub(super) async fn versions(options: OfDistrict) -> anyhow::Result<()> {
    let store = open_store(&options.config.load()?)?;
    let (named, now) = (options.district, Clock::System.now());
    let (present, versions) = store
        .read(move |tx| {
            let settings = tx.settings()?;
            let district = lookup::district(&settings, &named)?.id;
            let mut district = tx.district(district);
            let kept = district.roster_versions(now)?;
            let present = district.roster_version()?;
            let made = kept.iter().find(|made| made.version == present).map(|made| made.made);
            Ok::<_, anyhow::Error>(((present, made), to_go_back_to(present, &kept)))
        })
        .await?;
    let (present, made) = present;
    if options.json {
        let versions: Vec<_> = versions
            .iter()
            .map(|it| json!({ "version": it.version.0, "made": it.made.to_string() }))
            .collect();
        let object = json!({
            "present": { "version": present.0, "made": made.map(|made| made.to_string()) },
            "to_go_back_to": versions,
        });
        println!("{object}");
        return Ok(());
    }
    match made {
        Some(made) => println!("{present:>6}  {made}  present"),
        None => println!("There is no roster yet."),
    }
    for made in versions {
        println!("{:>6}  {}", made.version, made.made);
    }
    Ok(())
}
