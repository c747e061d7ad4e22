//! The schema goes forward only, and only once.

use firstbell_store::testing::run_sql;
use firstbell_store::{OpenError, SchemaState, Store};

use crate::bench::Bench;

pub async fn migrating_twice_changes_nothing(bench: Bench) {
    let again = Store::open(bench.backend.clone()).expect("a store");
    assert_eq!(again.schema_state().expect("a state"), SchemaState::Current);
    assert!(again.migrate().expect("a schema").is_empty());

    run_sql(&bench.store, "DELETE FROM migrations WHERE number > 2").await.expect("deleted");
    let SchemaState::Behind { missing } = again.schema_state().expect("a state") else {
        panic!("the schema is behind");
    };
    assert_eq!(missing.first(), Some(&"0003_credentials"));
}

pub async fn a_newer_schema_is_refused(bench: Bench) {
    let newer = "INSERT INTO migrations (number, name) VALUES (9999, 'from the future')";
    run_sql(&bench.store, newer).await.expect("inserted");

    assert!(matches!(bench.store.schema_state(), Ok(SchemaState::Ahead { found: 9999, .. })));
    assert!(matches!(bench.store.migrate(), Err(OpenError::Ahead { found: 9999, .. })));
}
