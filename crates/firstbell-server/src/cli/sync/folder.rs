//! `firstbell sync folder`.

use anyhow::bail;
use firstbell_core::roster::sync::{Due, Fingerprint, RunState, SyncRun, SyncSource};

use super::{ConfigFile, all_settings, open};
use crate::cli::{lookup, shown};
use crate::clock::Clock;
use crate::reply::fault::chain;
use crate::syncing::drop_folder::Inside;
use crate::syncing::print;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
    /// Only this district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: Option<String>,
}

pub(super) async fn folder(options: Options) -> anyhow::Result<()> {
    let (config, syncing) = open(&options.config).await?;
    let Some(drop_folder) = &config.sync.drop_folder else {
        bail!("sync.drop_folder is not set, so nobody looks into any folder");
    };
    let settings = syncing.store.read(all_settings).await?;
    let districts = match &options.district {
        Some(named) => vec![lookup::district(&settings, named)?],
        None => settings.districts.iter().collect(),
    };
    let waits = config.sync.settle_seconds;
    for district in districts {
        let path = drop_folder.join(district.shortname.as_str());
        println!("{}", shown(&path));
        let id = district.id;
        let from = SyncSource::DropFolder;
        let newest = syncing.store.read(move |tx| tx.district(id).newest_sync_from(from)).await?;
        match &newest {
            Some(run) => println!("  last: run {}, {}", run.id, print::state(&run.state)),
            None => println!("  nothing was ever taken from here"),
        }
        match Inside::of(&path) {
            Err(error) => println!("  cannot be read: {error}"),
            Ok(None) => println!("  nothing of a roster is there"),
            Ok(Some(inside)) => {
                println!("  there: {}", inside.names().collect::<Vec<_>>().join(", "));
                if let Some((fault, name)) = &inside.refused {
                    println!("  refused: {name}: {} [{}]", fault.reason(), fault.code());
                }
                match inside.fingerprint() {
                    Err(error) => println!("  cannot be read: {}", chain(&error)),
                    Ok(print) => println!("  {}", told(newest.as_ref(), &print, waits)),
                }
            }
        }
    }
    Ok(())
}

/// What becomes of files that lie there.
fn told(newest: Option<&SyncRun>, print: &Fingerprint, waits: u64) -> String {
    let now = Clock::System.now();
    match newest.map_or(Due::Now, |run| run.leaves_due(print, now)) {
        Due::Now => format!("will be taken when it has lain still for {waits} seconds"),
        Due::Done => "taken already; it is left alone until it changes".to_owned(),
        Due::Later(again) => match newest.map(|run| &run.state) {
            Some(RunState::Running { .. }) => "being taken now".to_owned(),
            Some(RunState::Held { .. }) => {
                "taken already, and held: see `firstbell sync show`".to_owned()
            }
            _ => format!("that run failed; it is tried again after {again}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use firstbell_core::id::SyncRunId;

    use super::*;

    #[test]
    fn what_becomes_of_files_is_what_became_of_their_run() {
        let (print, other) = (Fingerprint::from_bytes([1; 32]), Fingerprint::from_bytes([2; 32]));
        let began = Clock::System.now();
        let run = |state: RunState| SyncRun {
            id: SyncRunId::from_bytes([1; 12]),
            source: SyncSource::DropFolder,
            began,
            ended: Some(began),
            state,
            planned_on: None,
            fingerprint: Some(print),
            as_of: None,
        };
        let failed = run(RunState::Failed { why: "no room".to_owned() });
        for (newest, found, said) in [
            (None, print, "will be taken when it has lain still for 300 seconds"),
            (Some(run(RunState::Unchanged)), print, "taken already; it is left alone"),
            (Some(run(RunState::Rejected)), other, "will be taken"),
            (Some(run(RunState::Held { reasons: Vec::new() })), print, "taken already, and held"),
            (Some(run(RunState::Running { until: began })), print, "being taken now"),
            (Some(failed), print, "that run failed; it is tried again after 2"),
        ] {
            let told = told(newest.as_ref(), &found, 300);
            assert!(told.starts_with(said), "{told}");
        }
    }
}
