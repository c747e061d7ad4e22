//! Tokens with which applications read whole districts.

use firstbell_core::application::{ConnectionState, Sharing};
use firstbell_core::login::district_token::{DistrictToken, DistrictTokenKey};
use firstbell_store::testing::Dice;
use firstbell_store::{Store, Tx};

use crate::bench::Bench;
use crate::population::{NOW, application, connection, days, district};

async fn furnish(store: &Store) {
    store
        .write(|tx| {
            tx.create_district(&district(1), NOW)?;
            tx.create_district(&district(2), NOW)?;
            tx.create_application(&application(1), NOW)
        })
        .await
        .expect("furnished");
}

fn token(in_district: u8, previous: Option<i64>, seed: u64) -> DistrictToken {
    let key = DistrictTokenKey::derive(&[5; 32]);
    let (application, district) = (application(1).id, district(in_district).id);
    DistrictToken::following(previous, application, district, &key, (NOW, &mut Dice::new(seed)))
}

pub async fn one_token_is_in_force(bench: Bench) {
    let store = &bench.store;
    furnish(store).await;
    let nodes = (0..8).map(|node| {
        let store = store.clone();
        tokio::spawn(async move {
            let made = token(1, None, node);
            store.write(move |tx| tx.record_district_token(&made)).await.expect("recorded")
        })
    });
    let mut recorded = 0;
    for node in nodes.collect::<Vec<_>>() {
        recorded += u32::from(node.await.expect("ran"));
    }
    assert_eq!(recorded, 1);
    let elsewhere = token(2, None, 100);
    let made = elsewhere.clone();
    assert!(store.write(move |tx| tx.record_district_token(&made)).await.expect("recorded"));

    let id = application(1).id;
    let mut in_force = store.read(move |tx| tx.district_tokens(id)).await.expect("tokens");
    in_force.sort_by_key(|token| token.district);
    assert_eq!(in_force.len(), 2);
    assert_eq!(in_force[1], elsewhere);
    let hash = in_force[0].hash;
    let found = store.look(move |tx| tx.district_token(&hash)).await.expect("found");
    assert_eq!(found.map(|(token, _)| token).as_ref(), Some(&in_force[0]));
    assert!(in_force[0].hash == token(1, None, 7).hash, "any node derives the same");
}

pub async fn a_revoked_token_has_a_successor(bench: Bench) {
    let store = &bench.store;
    furnish(store).await;
    let (first, here) = (token(1, None, 1), district(1).id);
    let (made, id) = (first.clone(), first.application);
    let revoke = move |tx: &mut Tx<'_>| tx.revoke_district_token(id, here, days(1));
    store.write(move |tx| tx.record_district_token(&made)).await.expect("recorded");
    assert!(store.write(revoke).await.expect("revoked"));
    assert!(!store.write(revoke).await.expect("revoked"), "once");
    let hash = first.hash;
    let found = store.look(move |tx| tx.district_token(&hash)).await.expect("found");
    assert!(!found.expect("kept").0.is_good());

    let again = first.clone();
    assert!(!store.write(move |tx| tx.record_district_token(&again)).await.expect("refused"));
    let newest = store.read(move |tx| tx.newest_district_token(id, here)).await.expect("newest");
    assert_eq!(newest, Some(1));
    let second = token(1, newest, 2);
    assert!(second.hash != first.hash && second.generation == 2);
    assert!(store.write(move |tx| tx.record_district_token(&second)).await.expect("recorded"));
}

pub async fn a_token_ends_with_its_connection(bench: Bench) {
    let store = &bench.store;
    furnish(store).await;
    let (made, hash) = (token(1, None, 1), token(1, None, 1).hash);
    let (id, here) = (made.application, made.district);
    let is_good = || async move {
        let found = store.look(move |tx| tx.district_token(&hash)).await.expect("found");
        found.expect("kept").0.is_good()
    };
    let link = connection(1, 1, Sharing::everyone());
    let record = move |tx: &mut Tx<'_>| {
        tx.connect(&link)?;
        tx.record_district_token(&made)
    };
    store.write(record).await.expect("recorded");
    for (state, good) in [
        (ConnectionState::Paused, true),
        (ConnectionState::Active, true),
        (ConnectionState::Disconnected, false),
        (ConnectionState::Active, false),
    ] {
        let set = move |tx: &mut Tx<'_>| tx.set_connection_state(id, here, state);
        store.write(set).await.expect("set");
        assert_eq!(is_good().await, good, "{state:?}");
    }
}
