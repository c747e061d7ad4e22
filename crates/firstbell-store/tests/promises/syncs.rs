//! Sync runs: one of a district at a time, recorded to its end, and nothing comes of a dead one.

use firstbell_core::id::{DistrictId, SyncRunId};
use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::sync::hold::Part;
use firstbell_core::roster::sync::{
    Counted, Fingerprint, HELD_FOR, HoldReason, PlanIdentity, RunState, Share, SyncLimits, SyncRun,
    SyncSource, VersionMade,
};
use firstbell_core::time::Timestamp;
use firstbell_store::testing::rows_of;
use firstbell_store::{
    ApplyError, Begun, Failed, FoundBySync, NewSync, Store, StoreError, SyncLease, SyncPlan, Tx,
};

use crate::bench::Bench;
use crate::population::{
    NOW, Roster, apply_at, current, days, district, hash, later, populate, version,
};

const FILES: Fingerprint = Fingerprint::from_bytes([7; 32]);

fn id(number: u8) -> SyncRunId {
    SyncRunId::from_bytes([number; 12])
}

async fn begin(
    store: &Store,
    district: DistrictId,
    number: u8,
    source: SyncSource,
    now: Timestamp,
) -> Begun {
    let new = NewSync { id: id(number), source, fingerprint: Some(FILES) };
    store.write(move |tx| tx.district(district).begin_sync(&new, now)).await.expect("an answer")
}

/// Begins a run that nothing stands in the way of.
async fn started(
    store: &Store,
    district: DistrictId,
    number: u8,
    source: SyncSource,
    now: Timestamp,
) -> SyncLease {
    taken_up(&begin(store, district, number, source, now).await)
}

fn taken_up(begun: &Begun) -> SyncLease {
    let Begun::Begun(lease) = begun else { panic!("{begun:?}") };
    *lease
}

async fn end(store: &Store, district: DistrictId, run: SyncLease, state: RunState, now: Timestamp) {
    let ended = store.write(move |tx| tx.district(district).end_sync(run, &state, now));
    assert!(ended.await.expect("an answer"), "{run:?} was not under way");
}

async fn run(store: &Store, district: DistrictId, number: u8) -> SyncRun {
    let found = store.read(move |tx| tx.district(district).sync_run(id(number))).await;
    found.expect("an answer").expect("a run")
}

fn held() -> RunState {
    let part = |what, part, whole| Part { what, part, whole };
    let limits = SyncLimits::default();
    RunState::Held {
        reasons: vec![
            HoldReason { part: part(Counted::Students, 90, 100), limit: limits.removals },
            HoldReason { part: part(Counted::Renamed, 9, 90), limit: limits.renames },
        ],
    }
}

pub async fn a_run_reads_back_in_every_state(bench: Bench) {
    let store = &bench.store;
    let here = populate(store, 1, &Roster::new(2, 1)).await;
    let why = || "the disk is full".to_owned();
    let states = [
        (SyncSource::Command, RunState::Rejected),
        (SyncSource::DropFolder, RunState::Unchanged),
        (SyncSource::Upload, RunState::Applied { version: RosterVersion(2) }),
        (SyncSource::Undo { to: RosterVersion(1) }, RunState::Failed { why: why() }),
        (SyncSource::Upload, RunState::Discarded { why: why() }),
        (SyncSource::Upload, held()),
    ];
    let mut last = None;
    for (number, (source, state)) in (1..).zip(states.clone()) {
        let lease = started(store, here, number, source, NOW).await;
        last = Some(lease);
        assert_eq!(
            run(store, here, number).await,
            SyncRun {
                id: id(number),
                source,
                began: NOW,
                ended: None,
                state: RunState::Running { until: later(60_000) },
                planned_on: None,
                fingerprint: Some(FILES),
                as_of: None,
            }
        );
        let plan =
            PlanIdentity { planned_on: RosterVersion(1), fingerprint: FILES, as_of: later(3) };
        let record = move |tx: &mut Tx<'_>| {
            let found = FoundBySync::plan(&plan);
            tx.district(here).record_sync_report(lease, &found, "{\"new\": 1}")
        };
        assert!(store.write(record).await.expect("recorded"));
        end(store, here, lease, state.clone(), later(5)).await;
        let read = run(store, here, number).await;
        assert_eq!(read.plan(), Some(plan));
        assert_eq!((read.state, read.ended), (state, Some(later(5))), "{number}");
        let report = store.read(move |tx| tx.district(here).sync_report(id(number))).await;
        assert_eq!(report.expect("an answer").as_deref(), Some("{\"new\": 1}"));
    }
    let there = populate(store, 2, &Roster::new(0, 2)).await;
    store
        .read(move |tx| {
            let newest = tx.district(here).sync_runs(3)?;
            assert_eq!(newest.iter().map(|run| run.id).collect::<Vec<_>>(), [6, 5, 4].map(id));
            let uploaded = tx.district(here).newest_sync_from(SyncSource::Upload)?;
            assert_eq!(uploaded.map(|run| run.id), Some(id(6)));
            let to = RosterVersion(9);
            let undone = tx.district(here).newest_sync_from(SyncSource::Undo { to })?;
            assert_eq!(undone.map(|run| run.id), Some(id(4)));
            assert_eq!(tx.all_sync_runs(99)?.len(), 6);
            assert_eq!(tx.sync_run_of_any(id(3))?.map(|(district, _)| district), Some(here));
            assert_eq!(tx.open_syncs()?, [id(6)], "a held run needs its files still");
            // Another district sees none of it.
            let mut other = tx.district(there);
            assert_eq!(other.sync_runs(99)?, []);
            assert_eq!(other.sync_run(id(1))?, None);
            assert_eq!(other.sync_report(id(1))?, None);
            Ok::<_, StoreError>(())
        })
        .await
        .expect("read");
    let last = last.expect("a run");
    let touched = store.write(move |tx| {
        let mut other = tx.district(there);
        Ok::<_, StoreError>([
            other.discard_sync(id(6), "mine", NOW)?,
            other.keep_sync_alive(last, NOW)?,
            other.end_sync(last, &RunState::Unchanged, NOW)?,
        ])
    });
    assert_eq!(touched.await.expect("an answer"), [false; 3]);
}

pub async fn one_run_of_a_district_is_under_way(bench: Bench) {
    let store = &bench.store;
    let (here, there) = (district(1), district(2));
    let ids = (here.id, there.id);
    for made in [here, there] {
        store.write(move |tx| tx.create_district(&made, NOW)).await.expect("a district");
    }
    let beginning: Vec<_> = (1..=8)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { begin(&store, ids.0, number, SyncSource::Upload, NOW).await })
        })
        .collect();
    let mut begun = 0;
    for beginning in beginning {
        match beginning.await.expect("a task") {
            Begun::Begun(_) => begun += 1,
            Begun::Running(other) => {
                assert_eq!(other.state, RunState::Running { until: later(60_000) });
            }
        }
    }
    assert_eq!(begun, 1);
    let other = begin(store, ids.1, 9, SyncSource::Upload, NOW).await;
    assert!(matches!(other, Begun::Begun(_)), "districts do not wait for each other");
    assert_eq!(rows_of(store, "sync_runs").await.expect("a count"), 2);
}

pub async fn a_run_without_a_sign_of_life_fails_and_makes_room(bench: Bench) {
    let store = &bench.store;
    let here = populate(store, 1, &Roster::new(2, 1)).await;
    let first = started(store, here, 1, SyncSource::Upload, NOW).await;
    let alive = |at| store.write(move |tx| tx.district(here).keep_sync_alive(first, at));
    assert!(alive(later(50_000)).await.expect("an answer"));
    let early = begin(store, here, 2, SyncSource::Upload, later(109_999)).await;
    assert!(matches!(early, Begun::Running(_)), "{early:?}");
    started(store, here, 2, SyncSource::Upload, later(110_000)).await;
    let dead = run(store, here, 1).await;
    assert!(matches!(dead.state, RunState::Failed { .. }), "{dead:?}");
    assert_eq!(dead.ended, Some(later(110_000)));
    assert!(!alive(later(110_001)).await.expect("an answer"));
    let late = store
        .write(move |tx| tx.district(here).end_sync(first, &RunState::Unchanged, later(110_001)));
    assert!(!late.await.expect("an answer"), "the dead do not speak");

    let swept = store.write(move |tx| tx.fail_dead_syncs(later(999_999))).await;
    assert_eq!(swept.expect("swept"), 1);
    assert!(matches!(run(store, here, 2).await.state, RunState::Failed { .. }));
}

pub async fn a_run_that_was_taken_for_dead_applies_nothing(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(40, 1);
    let here = populate(store, 1, &roster).await;
    let planned_on = version(store, here).await;
    let first = started(store, here, 1, SyncSource::Upload, NOW).await;
    let second = started(store, here, 2, SyncSource::Upload, later(60_000)).await;

    let plan = |run| SyncPlan { run, district: here, planned_on };
    let change = || roster.rename_all("Renamed");
    let dead = store.apply_sync(plan(first), change(), later(60_000), |_, _| {}).await;
    assert!(matches!(dead, Err(ApplyError::LeaseLost)), "{dead:?}");
    assert_eq!(version(store, here).await, planned_on);
    assert!(current(store, here).await.people.values().all(|it| it.user.name.last != "Renamed"));

    let made = store.apply_sync(plan(second), change(), later(60_001), |_, _| {}).await;
    let made = made.expect("applied");
    assert_eq!(version(store, here).await, made);
    // Its process goes away before it could say that it is done.
    store.write(move |tx| tx.fail_dead_syncs(later(999_999))).await.expect("swept");
    let RunState::Failed { why } = run(store, here, 2).await.state else { panic!("failed") };
    assert!(why.contains("the roster is in"), "{why}");
}

/// A run is dropped in the middle of its change, as a killed process would leave it.
pub async fn a_killed_run_leaves_the_old_roster(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(9_000, 1);
    let here = populate(store, 1, &roster).await;
    let planned_on = version(store, here).await;
    let run_1 = started(store, here, 1, SyncSource::Upload, NOW).await;
    let half = tokio::sync::Notify::new();
    let plan = SyncPlan { run: run_1, district: here, planned_on };
    let applying = store.apply_sync(plan, roster.rename_all("Renamed"), NOW, |done, total| {
        if done > total / 2 {
            half.notify_one();
        }
    });
    tokio::select! {
        _ = applying => panic!("it should have been stopped"),
        () = half.notified() => {}
    }
    let run_2 = started(store, here, 2, SyncSource::Upload, later(61_000)).await;
    let RunState::Failed { why } = run(store, here, 1).await.state else { panic!("failed") };
    assert!(why.contains("was not changed"), "{why}");
    assert_eq!(version(store, here).await, planned_on);

    let plan = SyncPlan { run: run_2, district: here, planned_on };
    let again = store.apply_sync(plan, roster.rename_all("Again"), later(61_000), |_, _| {}).await;
    assert!(again.expect("applied") > planned_on);
    let names = current(store, here).await.people.into_values().map(|it| it.user.name.last);
    assert!(names.into_iter().all(|name| name == "Again"));
}

pub async fn a_held_run_goes_on_or_is_given_up(bench: Bench) {
    let store = &bench.store;
    let here = populate(store, 1, &Roster::new(2, 1)).await;
    let begin = async |number, source| started(store, here, number, source, NOW).await;
    let resume = |number, at| store.write(move |tx| tx.district(here).resume_sync(id(number), at));
    let state = async |number| run(store, here, number).await.state;

    let first = begin(1, SyncSource::Upload).await;
    end(store, here, first, held(), NOW).await;
    let first = taken_up(&resume(1, days(1)).await.expect("an answer"));
    assert!(matches!(resume(1, days(1)).await, Ok(Begun::Running(_))));
    end(store, here, first, held(), days(1)).await;
    assert_eq!(state(1).await, held(), "held again, for the same reasons once");

    // What does not say what the roster is to be leaves it waiting.
    let second = begin(2, SyncSource::Undo { to: RosterVersion(1) }).await;
    end(store, here, second, RunState::Applied { version: RosterVersion(2) }, NOW).await;
    let third = begin(3, SyncSource::Upload).await;
    end(store, here, third, RunState::Rejected, NOW).await;
    assert_eq!(state(1).await, held());
    // Newer files do.
    let fourth = begin(4, SyncSource::DropFolder).await;
    end(store, here, fourth, held(), NOW).await;
    assert_eq!(state(1).await, RunState::Discarded { why: "newer files came".into() });
    assert!(matches!(resume(1, NOW).await, Err(StoreError::Busy)));

    let discard = |number| {
        store.write(move |tx| tx.district(here).discard_sync(id(number), "a mistake", days(2)))
    };
    assert!(discard(4).await.expect("an answer"));
    assert!(!discard(4).await.expect("an answer"));
    assert_eq!(state(4).await, RunState::Discarded { why: "a mistake".into() });
}

/// Files that are the roster make earlier ones out of date from that moment on, whatever becomes of
/// their run afterwards.
pub async fn a_switch_gives_up_what_was_held(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(4, 1);
    let here = populate(store, 1, &roster).await;
    let planned_on = version(store, here).await;
    let state = async |number| run(store, here, number).await.state;
    let made = "sync_runs WHERE version IS NOT NULL";

    let run_1 = started(store, here, 1, SyncSource::Upload, NOW).await;
    end(store, here, run_1, held(), NOW).await;
    // What is no file does not.
    let to = RosterVersion(1);
    let run_2 = started(store, here, 2, SyncSource::Undo { to }, later(1)).await;
    let plan = |run, planned_on| SyncPlan { run, district: here, planned_on };
    let applying =
        store.apply_sync(plan(run_2, planned_on), roster.rename_all("A"), later(1), |_, _| {});
    let second = applying.await.expect("applied");
    end(store, here, run_2, RunState::Applied { version: second }, later(1)).await;
    assert_eq!(state(1).await, held());

    let run_3 = started(store, here, 3, SyncSource::DropFolder, later(2)).await;
    let applying =
        store.apply_sync(plan(run_3, second), roster.rename_all("B"), later(2), |_, _| {});
    let third = applying.await.expect("applied");
    assert_eq!(state(1).await, RunState::Discarded { why: "newer files came".into() });
    // Its process is killed, or its passwords fail.
    let why = || "the disk is full".to_owned();
    let failed = store.write(move |tx| tx.district(here).fail_sync(run_3, why(), later(3)));
    assert_eq!(failed.await.expect("an answer"), Failed::Recorded);
    assert_eq!(state(3).await, RunState::Failed { why: why() });
    assert_eq!(rows_of(store, made).await.expect("a count"), 2, "what it made stays known");
    let of_third = format!("{made} AND version = {}", third.0);
    assert_eq!(rows_of(store, &of_third).await.expect("a count"), 1);
}

/// Whoever approved a run need not ask for its files anew when it fails on our side.
pub async fn an_approved_run_that_fails_before_it_changes_anything_is_held_again(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(4, 1);
    let here = populate(store, 1, &roster).await;
    let planned_on = version(store, here).await;
    let state = async |number| run(store, here, number).await.state;
    let fail = async |run, at| {
        let why = "no room".to_owned();
        let failed = store.write(move |tx| tx.district(here).fail_sync(run, why.clone(), at));
        failed.await.expect("an answer")
    };
    let resume = async |at| {
        let resumed = store.write(move |tx| tx.district(here).resume_sync(id(1), at));
        taken_up(&resumed.await.expect("an answer"))
    };
    let run_1 = started(store, here, 1, SyncSource::Upload, NOW).await;
    end(store, here, run_1, held(), NOW).await;

    let run_1 = resume(later(1)).await;
    assert_eq!(fail(run_1, later(2)).await, Failed::HeldAgain);
    assert_eq!(state(1).await, held());
    assert_eq!(run(store, here, 1).await.ended, Some(later(2)));
    assert_eq!(fail(run_1, later(2)).await, Failed::TakenForDead, "it is not under way");

    // Its process is gone.
    resume(days(1)).await;
    let swept = store.write(move |tx| tx.fail_dead_syncs(days(2))).await;
    assert_eq!((swept.expect("swept"), state(1).await), (1, held()));
    let read = store.read(|tx| {
        assert_eq!(tx.open_syncs()?, [id(1)], "its files are needed still");
        Ok::<_, StoreError>(())
    });
    read.await.expect("read");

    // After the switch there is nothing left to approve.
    let run_1 = resume(days(2)).await;
    let plan = SyncPlan { run: run_1, district: here, planned_on };
    let applying = store.apply_sync(plan, roster.rename_all("Other"), days(2), |_, _| {});
    applying.await.expect("applied");
    assert_eq!(fail(run_1, days(2)).await, Failed::Recorded);
    assert_eq!(state(1).await, RunState::Failed { why: "no room".into() });
    // One that nobody was asked about fails for good.
    let run_2 = started(store, here, 2, SyncSource::Upload, days(3)).await;
    assert_eq!(fail(run_2, days(3)).await, Failed::Recorded);
}

/// A process falls silent, its run is held again, and another process takes it up. The first one wakes:
/// it is not the run any more, though the run is under way.
pub async fn a_run_that_is_taken_up_again_is_the_second_ones_alone(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(4, 1);
    let here = populate(store, 1, &roster).await;
    let planned_on = version(store, here).await;
    let plan = |run| SyncPlan { run, district: here, planned_on };
    let resume = async |at| {
        let resumed = store.write(move |tx| tx.district(here).resume_sync(id(1), at));
        taken_up(&resumed.await.expect("an answer"))
    };
    let begun = started(store, here, 1, SyncSource::Upload, NOW).await;
    end(store, here, begun, held(), NOW).await;
    let first = resume(NOW).await;
    let swept = store.write(move |tx| tx.fail_dead_syncs(later(60_000))).await;
    assert_eq!((swept.expect("swept"), run(store, here, 1).await.state), (1, held()));
    let second = resume(later(60_001)).await;
    let under_way = run(store, here, 1).await;

    for dead in [begun, first] {
        let applied =
            store.apply_sync(plan(dead), roster.rename_all("First"), later(60_002), |_, _| {});
        let applied = applied.await;
        assert!(matches!(applied, Err(ApplyError::LeaseLost)), "{applied:?}");
        assert_eq!(heard(store, here, dead, later(60_002)).await, [false; 5], "{dead:?}");
    }
    assert_eq!(run(store, here, 1).await, under_way);
    assert_eq!(version(store, here).await, planned_on);

    let alive = move |tx: &mut Tx<'_>| {
        let mut district = tx.district(here);
        let found = FoundBySync::default();
        Ok::<_, StoreError>([
            district.keep_sync_alive(second, later(60_003))?,
            district.record_sync_report(second, &found, "found")?,
        ])
    };
    assert_eq!(store.write(alive).await.expect("an answer"), [true; 2]);
    let applied =
        store.apply_sync(plan(second), roster.rename_all("Second"), later(60_003), |_, _| {});
    let version = applied.await.expect("applied");
    // Nor is anything of the first one heard while the second one gives passwords.
    assert_eq!(heard(store, here, first, later(60_004)).await, [false; 5]);
    end(store, here, second, RunState::Applied { version }, later(60_005)).await;
    assert_eq!(run(store, here, 1).await.state, RunState::Applied { version });
}

/// Whether anything comes of what a process says of its run.
async fn heard(store: &Store, district: DistrictId, run: SyncLease, now: Timestamp) -> [bool; 5] {
    let say = move |tx: &mut Tx<'_>| {
        let mut district = tx.district(district);
        Ok::<_, StoreError>([
            district.keep_sync_alive(run, now + HELD_FOR)?,
            district.record_sync_report(run, &FoundBySync::default(), "what it found")?,
            district.end_sync(run, &held(), now)?,
            district.end_sync(run, &RunState::Unchanged, now)?,
            district.fail_sync(run, "no room".to_owned(), now)? != Failed::TakenForDead,
        ])
    };
    store.write(say).await.expect("an answer")
}

/// What an undo goes back to is known of the version that it makes, for whoever must say it again.
pub async fn a_version_knows_to_which_one_an_undo_went_back(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(4, 1);
    let here = populate(store, 1, &roster).await;
    let there = populate(store, 2, &Roster::new(2, 2)).await;
    let back = async |district: DistrictId, made| {
        let found = store.read(move |tx| tx.district(district).gone_back_to(made)).await;
        found.expect("an answer")
    };
    let mut made = vec![version(store, here).await];
    let to = VersionMade { version: made[0], made: later(7) };
    let sources = [SyncSource::Upload, SyncSource::Undo { to: to.version }];
    for (number, source, name) in [(1, sources[0], "A"), (2, sources[1], "B"), (3, sources[1], "C")]
    {
        let planned_on = made[made.len() - 1];
        let run = started(store, here, number, source, NOW).await;
        // The third is one of an older program, which did not record it.
        let undo_to_made = (number == 2).then_some(to.made);
        let found = FoundBySync { undo_to_made, ..FoundBySync::default() };
        let record = move |tx: &mut Tx<'_>| tx.district(here).record_sync_report(run, &found, "{}");
        assert!(store.write(record).await.expect("recorded"));
        let plan = SyncPlan { run, district: here, planned_on };
        let applied = store.apply_sync(plan, roster.rename_all(name), NOW, |_, _| {}).await;
        let version = applied.expect("applied");
        // It need not come to its end for that.
        let why = "no room".to_owned();
        let failed = store.write(move |tx| tx.district(here).fail_sync(run, why.clone(), NOW));
        assert_eq!(failed.await.expect("an answer"), Failed::Recorded);
        made.push(version);
    }
    let known = [back(here, made[1]).await, back(here, made[2]).await, back(here, made[3]).await];
    assert_eq!(known, [None, Some(to), None]);
    assert_eq!(back(there, made[2]).await, None, "another district's is its own");
}

pub async fn runs_are_kept_for_their_time(bench: Bench) {
    let store = &bench.store;
    let here = populate(store, 1, &Roster::new(2, 1)).await;
    let run_to = async |number, source, state| {
        let run = started(store, here, number, source, NOW).await;
        let record = move |tx: &mut Tx<'_>| {
            let found = FoundBySync { fingerprint: Some(FILES), ..FoundBySync::default() };
            tx.district(here).record_sync_report(run, &found, "names")
        };
        assert!(store.write(record).await.expect("recorded"));
        end(store, here, run, state, NOW).await;
    };
    run_to(1, SyncSource::DropFolder, RunState::Unchanged).await;
    run_to(2, SyncSource::DropFolder, RunState::Rejected).await;
    run_to(3, SyncSource::Upload, held()).await;
    let reports = "sync_runs WHERE report IS NOT NULL";
    let count = async |what: &str| rows_of(store, what).await.expect("a count");

    assert_eq!(store.purge(days(29), 100).await.expect("purged").syncs, 0);
    assert_eq!((count("sync_runs").await, count(reports).await), (3, 3));
    store.purge(days(30), 100).await.expect("purged");
    assert!(matches!(run(store, here, 3).await.state, RunState::Discarded { .. }));
    assert_eq!((count("sync_runs").await, count(reports).await), (3, 1), "one ended just now");
    store.purge(days(60), 100).await.expect("purged");
    assert_eq!(count(reports).await, 0);
    store.purge(days(299), 100).await.expect("purged");
    assert_eq!(count("sync_runs").await, 3);
    run_to(4, SyncSource::Upload, RunState::Unchanged).await;
    store.purge(days(301), 100).await.expect("purged");
    let left = store.read(move |tx| tx.district(here).sync_runs(9)).await.expect("runs");
    let left: Vec<_> = left.iter().map(|run| run.id).collect();
    assert_eq!(left, [4, 2].map(id), "of each source the newest stays");
    assert_eq!(count("sync_holds").await, 0);
}

pub async fn an_older_roster_is_read_whole(bench: Bench) {
    let store = &bench.store;
    let roster = Roster::new(23, 1);
    let here = populate(store, 1, &roster).await;
    let (first, then) = (version(store, here).await, current(store, here).await);
    for number in 1..=14 {
        let change = roster.rename_all(&format!("Name {number}"));
        apply_at(store, here, change, days(number)).await.expect("applied");
    }
    apply_at(store, here, roster.leave(), days(15)).await.expect("applied");

    let read = |version| store.read_at_length(move |tx| tx.district(here).roster_in(version));
    let old = read(first).await.expect("a roster");
    assert_eq!(old.bindings, then.bindings);
    assert_eq!((old.schools, old.terms, old.courses), (then.schools, then.terms, then.courses));
    assert_eq!((old.sections, old.enrollments), (then.sections, then.enrollments));
    assert_eq!((old.people, old.contacts), (then.people, then.contacts));
    assert_eq!(old.resources, then.resources);
    assert!(current(store, here).await.people.is_empty());

    let kept = async |now| {
        let kept = store.read(move |tx| tx.district(here).roster_versions(now)).await;
        kept.expect("versions").iter().map(|made| made.version.0).collect::<Vec<_>>()
    };
    assert_eq!(kept(days(20)).await, (1..=16).collect::<Vec<_>>());
    // They are no longer offered when the purge may have begun with them, before it has.
    assert_eq!(kept(days(50)).await, (6..=16).collect::<Vec<_>>());
    store.purge(days(50), 10_000).await.expect("purged");
    assert_eq!(kept(days(50)).await, (6..=16).collect::<Vec<_>>());
    assert_eq!(kept(days(400)).await, [16]);
}

pub async fn a_sync_key_and_limits_are_a_districts_own(bench: Bench) {
    let store = &bench.store;
    let here = populate(store, 1, &Roster::new(0, 1)).await;
    let there = populate(store, 2, &Roster::new(0, 2)).await;
    let whose = async |text: &str| {
        let hash = hash(text);
        store.look(move |tx| tx.district_of_sync_key(&hash)).await.expect("an answer")
    };
    let give = async |district: DistrictId, text: &str| {
        let hash = hash(text);
        let give = move |tx: &mut Tx<'_>| tx.district(district).set_sync_key(&hash, NOW);
        store.write(give).await.expect("a key");
    };
    give(here, "one").await;
    give(there, "two").await;
    give(here, "three").await;
    assert_eq!(whose("one").await, None, "the next key ends the one before");
    assert_eq!((whose("two").await, whose("three").await), (Some(there), Some(here)));
    let revoke = || store.write(move |tx| tx.district(here).revoke_sync_key());
    assert!(revoke().await.expect("an answer"));
    assert!(!revoke().await.expect("an answer"));
    assert_eq!((whose("two").await, whose("three").await), (Some(there), None));

    let share = |hundredths| Share::of_hundredths(hundredths).expect("a share");
    let strict = SyncLimits { removals: share(500), renames: share(10_000), login_names: share(7) };
    let set = move |tx: &mut Tx<'_>| tx.district(here).set_sync_limits(strict);
    store.write(set).await.expect("set");
    let limits = |district: DistrictId| store.read(move |tx| tx.district(district).sync_limits());
    assert_eq!(limits(here).await.expect("limits"), strict);
    assert_eq!(limits(there).await.expect("limits"), SyncLimits::default());
}
