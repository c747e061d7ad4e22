//! `firstbell sync plan`, `run`, `approve`, `discard`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use firstbell_core::id::SyncRunId;
use firstbell_core::roster::sync::{Consent, RunState, SyncRun, SyncSource};

use super::{ConfigFile, HELD, all_settings, open};
use crate::cli::progress::Shared;
use crate::cli::{lookup, open_store, shown};
use crate::clock::Clock;
use crate::importing::{Import, PrepareError, check_source};
use crate::syncing::print;
use crate::syncing::report::Report;
use crate::syncing::run::{Ended, Run, Watcher as _};
use crate::syncing::spool::{self, Files};

#[derive(Debug, clap::Args)]
pub(super) struct Named {
    #[command(flatten)]
    config: ConfigFile,
    /// The district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// A folder of CSV files, or a zip file of it
    #[arg(value_name = "SOURCE")]
    source: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct OfRun {
    #[command(flatten)]
    config: ConfigFile,
    /// The run, by its id
    #[arg(value_name = "RUN")]
    run: SyncRunId,
}

pub(super) async fn plan(options: Named) -> anyhow::Result<()> {
    check_source(&options.source)?;
    let store = open_store(&options.config.load()?)?;
    let settings = store.read(all_settings).await?;
    let district = lookup::district(&settings, &options.district)?.id;
    let source = options.source;
    let import = Import { store: store.clone(), district, source, clock: Clock::System };

    let progress = Shared::new();
    let watching = progress.clone();
    let prepared = import.prepare(move |at| watching.reading(at)).await;
    progress.finish();
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(PrepareError::Rejected(rejected)) => {
            eprint!("{}", Report::of_rejected(&rejected));
            bail!("{} is no roster; nothing was changed", shown(&import.source));
        }
        Err(error) => return Err(error.into()),
    };
    let limits = store.read(move |tx| tx.district(district).sync_limits()).await?;

    print!("{}", Report::of_plan(&prepared.plan.summary, &prepared.warnings));
    let reasons = limits.reasons_to_hold(&prepared.plan.summary.impact());
    match (prepared.plan.change.is_empty(), reasons.is_empty()) {
        (true, _) => println!("The roster is so already."),
        (false, true) => println!("It would be applied on version {}.", prepared.planned_on),
        (false, false) => {
            println!("It would be held:");
            for reason in reasons {
                println!("  {reason}");
            }
        }
    }
    println!("Nothing was changed: this was a plan.");
    Ok(())
}

pub(super) async fn run(options: Named) -> anyhow::Result<ExitCode> {
    check_source(&options.source)?;
    let (_, syncing) = open(&options.config).await?;
    let settings = syncing.store.read(all_settings).await?;
    let district = lookup::district(&settings, &options.district)?.id;
    let source = options.source;
    let found = tokio::task::spawn_blocking(move || spool::open(&source)).await??;

    let run = syncing.begin(district, SyncSource::Command, None).await?;
    let files = run.take_in(found).await?;
    carry_out(&run, &files, Consent::NotAsked).await
}

pub(super) async fn approve(options: OfRun) -> anyhow::Result<ExitCode> {
    let (_, syncing) = open(&options.config).await?;
    let (run, files, consent) = syncing.approve(options.run).await?;
    let carried_out = carry_out(&run, &files, consent).await;
    let Err(error) = carried_out else { return carried_out };
    let (district, id) = (run.district, run.id);
    let state = syncing.store.read(move |tx| tx.district(district).sync_run(id)).await;
    if let Ok(Some(SyncRun { state: RunState::Held { .. }, .. })) = state {
        let still = format!("run {id} is held as before; nothing was changed");
        return Err(error.context(still));
    }
    Err(error)
}

pub(super) async fn discard(options: OfRun) -> anyhow::Result<()> {
    let (_, syncing) = open(&options.config).await?;
    syncing.discard(options.run).await?;
    println!("Run {} is discarded, and its files are gone. Nothing was changed.", options.run);
    Ok(())
}

async fn carry_out(run: &Run, files: &Files, consent: Consent) -> anyhow::Result<ExitCode> {
    let progress = Shared::new();
    let ended = run.carry_out(files, consent, Arc::new(progress.clone())).await;
    progress.finish();
    tell(run.id, &ended?, consent)
}

pub(super) fn tell(id: SyncRunId, ended: &Ended, consent: Consent) -> anyhow::Result<ExitCode> {
    if ended.state == RunState::Rejected {
        eprint!("{}", ended.report);
        bail!("run {id}: the files are no roster; nothing was changed");
    }
    print!("{}", ended.report);
    match &ended.state {
        RunState::Held { .. } => {
            if matches!(consent, Consent::ToPlan(_)) {
                println!("The roster has changed since it was shown, so it was planned anew.");
            }
            println!("Run {id} is held; nothing was changed:");
            for reason in print::reasons(&ended.state) {
                println!("  {reason}");
            }
            println!(
                "If it is meant, say `firstbell sync approve {id}`; if not, `firstbell sync \
                 discard {id}`."
            );
            return Ok(ExitCode::from(HELD));
        }
        RunState::Unchanged => println!("Run {id}: the roster is so already."),
        state => println!("Run {id}: {}.", print::state(state)),
    }
    if ended.passwords > 0 {
        println!("{} passwords were provisioned.", ended.passwords);
    }
    Ok(ExitCode::SUCCESS)
}
