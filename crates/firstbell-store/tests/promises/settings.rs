//! The settings snapshot.

use firstbell_core::application::ConnectionScope;
use firstbell_core::id::SchoolId;
use firstbell_store::{Settings, Store, StoreError, Tx};

use crate::bench::Bench;
use crate::population::{NOW, application, connection, district};

async fn settings(store: &Store) -> Settings {
    store.read(read).await.expect("settings")
}

fn read(tx: &mut Tx<'_>) -> Result<Settings, StoreError> {
    tx.settings()
}

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

pub async fn settings_read_back_and_raise_their_version(bench: Bench) {
    let before = settings(&bench.store).await.version;
    furnish(&bench.store).await;

    let read = settings(&bench.store).await;
    assert!(read.version > before);
    assert_eq!(read.districts, [district(1), district(2)]);
    let (read, made) = (&read.applications[0], application(1));
    assert_eq!(read.redirect_uris, made.redirect_uris, "in the order of their registration");
    assert_eq!(read.user_types, made.user_types);
    assert_eq!((read.id, &read.client_id, read.stage), (made.id, &made.client_id, made.stage));
    assert!(read.secret_hash == made.secret_hash);
}

pub async fn names_are_unique(bench: Bench) {
    furnish(&bench.store).await;
    let before = settings(&bench.store).await.version;

    let mut same_shortname = district(3);
    same_shortname.shortname = district(1).shortname;
    let mut same_client_id = application(2);
    same_client_id.client_id = application(1).client_id;
    let (shortname, client_id) = (same_shortname, same_client_id);
    let taken = |result: Result<(), StoreError>| match result {
        Err(StoreError::AlreadyThere { what }) => what,
        other => panic!("{other:?}"),
    };
    let store = &bench.store;
    let refused = store.write(move |tx| tx.create_district(&shortname, NOW)).await;
    assert_eq!(taken(refused), "shortname");
    let refused = store.write(|tx| tx.create_district(&district(1), NOW)).await;
    assert!(["id", "shortname"].contains(&taken(refused)));
    let refused = store.write(move |tx| tx.create_application(&client_id, NOW)).await;
    assert_eq!(taken(refused), "client_id");
    assert_eq!(settings(store).await.version, before, "what is refused changes nothing");
}

pub async fn a_connection_can_be_changed(bench: Bench) {
    furnish(&bench.store).await;
    let schools = ConnectionScope::Schools(vec![
        SchoolId::from_bytes([1; 12]),
        SchoolId::from_bytes([2; 12]),
    ]);
    for scope in [ConnectionScope::Everyone, schools, ConnectionScope::Everyone] {
        let wanted = connection(1, 2, scope);
        let made = wanted.clone();
        bench.store.write(move |tx| tx.connect(&made)).await.expect("connected");
        assert_eq!(settings(&bench.store).await.connections, [wanted]);
    }
    let nowhere = connection(1, 9, ConnectionScope::Everyone);
    bench.store.write(move |tx| tx.connect(&nowhere)).await.expect_err("no such district");
}
