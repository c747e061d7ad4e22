//! The settings snapshot.

use std::time::Duration;

use firstbell_core::application::{
    Application, ClientSecret, ConnectionState, IdTokenAlgorithm, Sharing, SharingRule, Stage,
    Switches,
};
use firstbell_core::id::{DistrictId, SchoolId, SectionId};
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::district::{Band, ClassroomPolicy, DistrictPolicy, SessionLimits};
use firstbell_core::sharing::AccessTier;
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
    assert!(read.secrets == made.secrets);
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
    let two = vec![SchoolId::from_bytes([1; 12]), SchoolId::from_bytes([2; 12])];
    let everything = SharingRule {
        schools: Some(vec![]),
        sections: Some(vec![SectionId::from_bytes([3; 12])]),
        grades: Some(vec!["4".into(), "Kindergarten".into()]),
        subjects: Some(vec!["math".into()]),
        roles: Some(vec![RoleKind::Teacher]),
    };
    let rules = Sharing { rules: vec![everything, SharingRule::default()], all_staff: true, ..Sharing::default() };
    let nobody = Sharing::default();
    for sharing in [Sharing::everyone(), Sharing::schools(two), rules, nobody] {
        let wanted = connection(1, 2, sharing);
        let made = wanted.clone();
        bench.store.write(move |tx| tx.connect(&made)).await.expect("connected");
        assert_eq!(settings(&bench.store).await.connections, [wanted]);
    }
    let nowhere = connection(1, 9, Sharing::everyone());
    bench.store.write(move |tx| tx.connect(&nowhere)).await.expect_err("no such district");
}

pub async fn whether_a_district_lets_an_application_in_changes_alone(bench: Bench) {
    furnish(&bench.store).await;
    let made = connection(1, 2, Sharing::everyone());
    let (application, district) = (made.application, made.district);
    let wanted = made.clone();
    bench.store.write(move |tx| tx.connect(&wanted)).await.expect("connected");
    for state in ConnectionState::ALL {
        let before = settings(&bench.store).await.version;
        let changed = move |tx: &mut Tx<'_>| tx.set_connection_state(application, district, state);
        assert!(bench.store.write(changed).await.expect("changed"));
        let read = settings(&bench.store).await;
        assert!(read.version > before, "every node reads it anew");
        assert_eq!(
            (read.connections[0].state, &read.connections[0].sharing),
            (state, &made.sharing)
        );
    }
    let elsewhere = DistrictId::from_bytes([9; 12]);
    let nowhere = bench
        .store
        .write(move |tx| tx.set_connection_state(application, elsewhere, ConnectionState::Paused));
    assert!(!nowhere.await.expect("an answer"));
}

pub async fn everything_of_an_application_can_be_changed(bench: Bench) {
    furnish(&bench.store).await;
    let address = |text: &str| text.parse().expect("an address");
    let mut switches = Switches::default();
    for (name, ..) in Switches::ALL {
        switches.set(name, true);
    }
    let old = application(1);
    let secrets = vec![
        ClientSecret { hash: crate::population::hash("new"), until: None },
        ClientSecret { until: Some(NOW), ..old.secrets[0] },
    ];
    let changed = Application {
        secrets,
        name: "FlightSchool Two".into(),
        developer: Some("Flight Inc.".into()),
        website: Some(address("https://a.example/about")),
        redirect_uris: vec![address("https://b.example/cb")],
        initiate_login_uri: Some(address("https://b.example/start")),
        user_types: vec![RoleKind::Staff],
        stage: Stage::Development,
        tier: AccessTier::SecureSync,
        switches,
        id_token_algorithm: IdTokenAlgorithm::Es256,
        disabled: Some(NOW),
        ..old
    };
    let wanted = changed.clone();
    assert!(bench.store.write(move |tx| tx.change_application(&wanted)).await.expect("changed"));
    let read = settings(&bench.store).await;
    assert_eq!(format!("{:?}", read.applications[0]), format!("{changed:?}"));
    assert!(read.applications[0].secrets == changed.secrets, "in their order");
    let nobody = application(7);
    assert!(!bench.store.write(move |tx| tx.change_application(&nobody)).await.expect("answered"));
}

pub async fn a_districts_policy_reads_back(bench: Bench) {
    furnish(&bench.store).await;
    let limits = |minutes| SessionLimits {
        idle: Duration::from_mins(minutes),
        longest: Duration::from_mins(4 * minutes),
    };
    let policy = DistrictPolicy {
        role_order: vec![RoleKind::DistrictAdmin, RoleKind::Teacher],
        session_limits: vec![(Band::Adults, limits(60)), (Band::Elementary, limits(10))],
        classroom: ClassroomPolicy::Recommended,
    };
    for policy in [policy, DistrictPolicy::default()] {
        let (id, wanted) = (district(1).id, policy.clone());
        let set = bench.store.write(move |tx| tx.set_district_policy(id, &wanted));
        set.await.expect("recorded");
        assert_eq!(settings(&bench.store).await.districts[0].policy, policy);
    }
}
