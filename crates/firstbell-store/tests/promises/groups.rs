//! Pieces that fail do so alone.

use firstbell_core::login::token::{self, AccessToken};
use firstbell_core::time::Timestamp;
use firstbell_store::testing::Dice;
use firstbell_store::{Store, StoreError, Tx};

use crate::bench::Bench;
use crate::population::{NOW, Roster, district, grant};

#[derive(Debug)]
enum Refusal {
    OfMine,
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What the third of four pieces does after it has written.
#[derive(Clone, Copy)]
enum Mishap {
    Fails,
    Panics,
}

fn token(number: u64) -> AccessToken {
    let roster = Roster::new(1, 1);
    token::mint(grant(district(1).id, &roster.people[0].user), NOW, &mut Dice::new(number)).1
}

/// Forty pieces at once, every fourth of which comes to grief after it has written.
async fn with_mishaps(store: &Store, mishap: Mishap) -> Vec<Result<(), Refusal>> {
    let pieces: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let token = token(number);
                store
                    .write(move |tx| {
                        tx.record_token(&token)?;
                        match (number % 4, mishap) {
                            (3, Mishap::Fails) => Err(Refusal::OfMine),
                            (3, Mishap::Panics) => panic!("a mishap, as the test has it"),
                            _ => Ok(()),
                        }
                    })
                    .await
            })
        })
        .collect();
    let mut results = Vec::new();
    for piece in pieces {
        results.push(piece.await.expect("a task"));
    }
    results
}

async fn tokens_there(store: &Store) -> Vec<bool> {
    let mut there = Vec::new();
    for number in 0..40 {
        let hash = token(number).hash;
        let found = store.look(move |tx| tx.token_owner(&hash)).await.expect("an answer");
        there.push(found.is_some());
    }
    there
}

fn all_but_every_fourth() -> Vec<bool> {
    (0..40).map(|number| number % 4 != 3).collect()
}

pub async fn a_failed_piece_does_not_sink_its_group(bench: Bench) {
    let results = with_mishaps(&bench.store, Mishap::Fails).await;
    for (number, result) in results.iter().enumerate() {
        match result {
            Ok(()) => assert_ne!(number % 4, 3),
            Err(Refusal::OfMine) => assert_eq!(number % 4, 3),
            Err(Refusal::Store(error)) => panic!("{error}"),
        }
    }
    assert_eq!(tokens_there(&bench.store).await, all_but_every_fourth());
}

pub async fn a_panicking_piece_does_not_sink_its_group(bench: Bench) {
    let results = with_mishaps(&bench.store, Mishap::Panics).await;
    for (number, result) in results.iter().enumerate() {
        match result {
            Ok(()) => assert_ne!(number % 4, 3),
            Err(Refusal::Store(StoreError::Panicked)) => assert_eq!(number % 4, 3),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(tokens_there(&bench.store).await, all_but_every_fourth());
}

/// The first piece is under way while the others come, and the last of those fails.
pub async fn a_piece_that_comes_late_and_fails_sinks_nobody(bench: Bench) {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let first = token(0);
    let store = bench.store.clone();
    let slow = tokio::spawn(async move {
        store
            .write(move |tx| {
                // Once; a second run finds that nobody is there to wait for.
                let _ = wait.lock().expect("a lock").recv();
                tx.record_token(&first).map_err(Refusal::Store)
            })
            .await
    });
    let late: Vec<_> = (1..8)
        .map(|number| {
            let store = bench.store.clone();
            tokio::spawn(async move {
                let token = token(number);
                let work = move |tx: &mut Tx<'_>| {
                    tx.record_token(&token)?;
                    if number == 7 { Err(Refusal::OfMine) } else { Ok(()) }
                };
                store.write(work).await
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    drop(go);
    slow.await.expect("a task").expect("recorded");
    for (number, piece) in (1..8).zip(late) {
        assert_eq!(piece.await.expect("a task").is_ok(), number < 7, "{number}");
    }
    let there = tokens_there(&bench.store).await;
    assert!(there[..7].iter().all(|it| *it) && !there[7], "{there:?}");
}

pub async fn a_failure_cannot_be_ignored(bench: Bench) {
    let result = bench
        .store
        .write(|tx| {
            tx.record_token(&token(1))?;
            // The same hash again: refused, and not listened to.
            let _ = tx.record_token(&token(1));
            Ok::<_, StoreError>(())
        })
        .await;
    assert!(matches!(result, Err(StoreError::FailureIgnored)), "{result:?}");
    assert!(!tokens_there(&bench.store).await[1]);
}

pub async fn a_look_is_one_statement(bench: Bench) {
    let result = bench
        .store
        .look(|tx| {
            tx.settings_version()?;
            tx.settings_version()
        })
        .await;
    assert!(matches!(result, Err(StoreError::SecondStatement)), "{result:?}");

    let writing =
        bench.store.read(|tx| tx.revoke_token(&token(1).hash, Timestamp::default())).await;
    assert!(writing.is_err(), "a reader cannot write");
    let hash = token(1).hash;
    let looking = bench.store.look(move |tx| tx.token_owner(&hash)).await;
    assert!(looking.expect("the reader is of use again").is_none());
}
