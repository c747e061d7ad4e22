//! Connections to PostgreSQL come to an end: it is restarted, or a firewall forgets them.

use firstbell_core::secret::SecretHash;
use firstbell_store::{Backend, StoreError, Tx};
use tokio_postgres::{Config, NoTls};

use crate::bench::{self, Bench};
use crate::population::{NOW, district};

#[test]
fn who_asks_notices_nothing_of_connections_that_ended_before() {
    bench::on_postgres("connections_that_ended", |bench| async move {
        let Bench { store, backend, .. } = &bench;
        let version = |tx: &mut Tx<'_>| -> Result<i64, StoreError> { Ok(tx.settings()?.version) };
        let nobodys = SecretHash::from_bytes([7; 32]);
        let mut before = store.read(version).await.expect("read");
        for number in 1..=3 {
            end_all(backend).await;
            store
                .write(move |tx| tx.create_district(&district(number), NOW))
                .await
                .expect("written");
            end_all(backend).await;
            let now = store.read(version).await.expect("read");
            assert!(now > before, "{now} after {before}");
            before = now;
            end_all(backend).await;
            let token = store.look(move |tx| tx.district_token(&nobodys)).await.expect("seen");
            assert!(token.is_none(), "{token:?}");
        }
    });
}

/// Ends every connection of the store, and knows that it had one.
async fn end_all(backend: &Backend) {
    const END: &str = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let Backend::Postgres { url, .. } = backend else { panic!("this is PostgreSQL's") };
    let config: Config = url.parse().expect("an address");
    let (client, connection) = config.connect(NoTls).await.expect("a connection");
    let driven = tokio::spawn(connection);
    let ended = client.query(END, &[]).await.expect("an answer");
    assert!(!ended.is_empty() && ended.iter().all(|ended| ended.get(0)), "{ended:?}");
    drop(client);
    driven.await.expect("driven").expect("the end");
}
