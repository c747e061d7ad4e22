//! What was acknowledged is there, whatever happens to the process.

use std::path::Path;

use firstbell_store::testing::kills::kill_often;

use crate::bench::Bench;

/// How often the writing process is killed; `FIRSTBELL_KILLS` overrides it.
const KILLS: u32 = 20;

pub async fn acknowledged_writes_survive_a_kill(bench: Bench) {
    let kills = std::env::var("FIRSTBELL_KILLS").ok().and_then(|text| text.parse().ok());
    let kills = kills.unwrap_or(KILLS);
    let scribe = Path::new(env!("CARGO_BIN_EXE_store-scribe"));
    let backend = bench.backend.clone();
    drop(bench.store);

    let killing = tokio::task::spawn_blocking(move || kill_often(scribe, &backend, kills, 7));
    let report = killing.await.expect("a thread").unwrap_or_else(|error| panic!("{error}"));

    assert_eq!((report.kills, report.lost), (kills, 0), "{report:?}");
    assert!(report.acknowledged > u64::from(kills), "{report:?}");
    eprintln!("{report:?}");
}
