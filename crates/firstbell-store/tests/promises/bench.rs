//! An empty, migrated store of either kind, and a runtime to use it in.

use std::sync::OnceLock;

use firstbell_store::testing::Cluster;
use firstbell_store::{Backend, Store};
use tempfile::TempDir;

/// What a promise is kept on.
pub struct Bench {
    pub store: Store,
    pub backend: Backend,
    _directory: Option<TempDir>,
}

pub fn on_sqlite<F: Future<Output = ()>>(promise: fn(Bench) -> F) {
    let directory = tempfile::tempdir().expect("a directory");
    let backend = Backend::Sqlite { path: directory.path().join("store.db") };
    keep(promise, backend, Some(directory));
}

pub fn on_postgres<F: Future<Output = ()>>(name: &str, promise: fn(Bench) -> F) {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();

    let start = || Cluster::start_if_wanted().unwrap_or_else(|error| panic!("{error}"));
    let Some(cluster) = CLUSTER.get_or_init(start) else {
        eprintln!("left out: there is no PostgreSQL here");
        return;
    };
    let name = name.get(..60).unwrap_or(name);
    let url = cluster.create_database(name).expect("a database");
    keep(promise, Backend::Postgres { url, connections: 6 }, None);
}

fn keep<F: Future<Output = ()>>(
    promise: fn(Bench) -> F,
    backend: Backend,
    directory: Option<TempDir>,
) {
    let store = Store::open(backend.clone()).expect("a store");
    store.migrate().expect("a schema");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(promise(Bench { store, backend, _directory: directory }));
}
