//! Keys that sign.

use std::sync::Arc;

use firstbell_core::login::signing_key::{Algorithm, Change, End, KeyLife, Stage, plan, signer};
use firstbell_core::time::Timestamp;
use firstbell_store::testing::number;
use firstbell_store::{Store, StoreError, StoredKey, Tx};

use crate::bench::Bench;
use crate::population::{NOW, days};

async fn keys(store: &Store) -> Vec<StoredKey> {
    store.read(read).await.expect("keys")
}

fn read(tx: &mut Tx<'_>) -> Result<Vec<StoredKey>, StoreError> {
    tx.signing_keys()
}

fn read_version(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    tx.settings_version()
}

async fn version(store: &Store) -> i64 {
    store.read(read_version).await.expect("a version")
}

/// Does what the plan asks for until there is nothing left. `node` is in the name of its keys.
async fn rotate(store: &Store, node: &str, now: Timestamp) {
    loop {
        let lives: Vec<KeyLife> = keys(store).await.into_iter().map(|key| key.life).collect();
        let changes = plan(&lives, now);
        if changes.is_empty() {
            return;
        }
        for change in changes {
            let name = format!("{node} {} {}", lives.len(), now.milliseconds());
            let change = Arc::new(change);
            let work = move |tx: &mut Tx<'_>| match &*change {
                Change::Make(algorithm) => {
                    let id = format!("{name} {algorithm}");
                    tx.add_signing_key(&id, *algorithm, (b"public", b"sealed"), now)
                }
                Change::Promote { id, retire } => {
                    tx.promote_signing_key(id, retire.as_deref(), now)
                }
                Change::Drop { id } => tx.drop_signing_key(id, now),
            };
            store.write(work).await.expect("changed");
        }
    }
}

pub async fn a_key_goes_through_its_life(bench: Bench) {
    let store = &bench.store;
    let before = version(store).await;
    rotate(store, "a", NOW).await;
    assert!(version(store).await > before, "the nodes notice");
    let first = keys(store).await;
    assert_eq!(first.len(), 4, "of each algorithm one that signs and one in waiting");
    let life = first[0].clone();
    assert_eq!(
        (&*life.public_key, life.sealed_key.as_deref()),
        (&b"public"[..], Some(&b"sealed"[..]))
    );

    let settled = version(store).await;
    rotate(store, "a", days(89)).await;
    assert_eq!(version(store).await, settled, "nothing to do changes nothing");

    let signing = |keys: &[StoredKey]| {
        let lives: Vec<_> = keys.iter().map(|key| key.life.clone()).collect();
        signer(&lives, Algorithm::Es256).expect("a signer").id.clone()
    };
    let old = signing(&first);
    rotate(store, "a", days(90)).await;
    let second = keys(store).await;
    assert_ne!(signing(&second), old);
    let stage =
        |keys: &[StoredKey]| keys.iter().find(|key| key.life.id == old).map(|k| k.life.stage);
    assert_eq!(stage(&second), Some(Stage::Retiring { since: days(90) }));

    rotate(store, "a", days(92)).await;
    let third = keys(store).await;
    assert_eq!(stage(&third), Some(Stage::Gone { since: days(92), cause: End::Retired }));
    let gone = third.iter().find(|key| key.life.id == old).expect("kept");
    assert_eq!((gone.sealed_key.as_ref(), &*gone.public_key), (None, &b"public"[..]));
}

pub async fn two_nodes_end_with_one_current_key(bench: Bench) {
    for (round, now) in [NOW, days(90), days(92), days(182)].into_iter().enumerate() {
        let nodes = (0..8).map(|node| {
            let store = bench.store.clone();
            tokio::spawn(async move { rotate(&store, &format!("{node}"), now).await })
        });
        for node in nodes.collect::<Vec<_>>() {
            node.await.expect("rotated");
        }
        for stage in ["current", "next"] {
            for algorithm in Algorithm::ALL {
                let count = number(
                    &bench.store,
                    format!(
                        "SELECT COUNT(*) FROM signing_keys \
                         WHERE stage = '{stage}' AND algorithm = '{algorithm}'"
                    ),
                );
                assert_eq!(count.await.expect("a count"), 1, "{stage} {algorithm} in {round}");
            }
        }
        let lives: Vec<_> = keys(&bench.store).await.into_iter().map(|key| key.life).collect();
        assert_eq!(plan(&lives, now), [], "round {round}");
    }
}

pub async fn a_compromised_key_is_erased_at_once(bench: Bench) {
    let store = &bench.store;
    rotate(store, "a", NOW).await;
    let lives: Vec<_> = keys(store).await.into_iter().map(|key| key.life).collect();
    let stolen = signer(&lives, Algorithm::Rs256).expect("a signer").id.clone();
    let before = version(store).await;
    let id = stolen.clone();
    let erase = move |tx: &mut Tx<'_>| tx.compromise_signing_key(&id, days(1));
    assert!(store.write(erase.clone()).await.expect("erased"));
    assert!(version(store).await > before, "the nodes notice");
    assert!(!store.write(erase).await.expect("erased"), "once");
    let unknown = |tx: &mut Tx<'_>| tx.compromise_signing_key("nobody", days(1));
    assert!(!store.write(unknown).await.expect("none"));

    let now = keys(store).await;
    let key = now.iter().find(|key| key.life.id == stolen).expect("kept");
    assert_eq!(key.life.stage, Stage::Gone { since: days(1), cause: End::Compromised });
    assert_eq!(key.sealed_key, None);
    // Nobody promotes it again, whatever an old plan says.
    let old_plan = move |tx: &mut Tx<'_>| {
        assert!(!tx.drop_signing_key(&stolen, days(1))?);
        tx.promote_signing_key(&stolen, None, days(1))
    };
    assert!(!store.write(old_plan).await.expect("refused"));
    rotate(store, "a", days(1)).await;
    let lives: Vec<_> = keys(store).await.into_iter().map(|key| key.life).collect();
    assert!(signer(&lives, Algorithm::Rs256).is_some());
}
