//! Whole logins: a browser, the application over HTTP, and a broker of our own that speaks the
//! wire and misbehaves on demand.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod accounts;
mod broker;
mod browser;
mod login;
mod pages;
mod portal;
mod sessions;
mod trouble;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use flightschool::{ClientSecret, Config, Database, EarlierAccount, Surroundings};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::broker::Broker;
use crate::browser::Browser;

/// Never the same twice, in no school of this process.
static RANDOM: AtomicU64 = AtomicU64::new(1);

/// A `FlightSchool` that runs, and the broker it trusts.
struct School {
    base: String,
    broker: Broker,
    seconds: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl School {
    async fn open() -> Self {
        Self::open_with(Database::Memory, Vec::new()).await
    }

    async fn open_with(database: Database, earlier_accounts: Vec<EarlierAccount>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let broker = Broker::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let seconds = Arc::new(AtomicU64::new(1_900_000_000));
        let clock = Arc::clone(&seconds);
        let config = Config {
            listener,
            public_base: base.clone(),
            auth_base: broker.base.clone(),
            api_base: broker.base.clone(),
            client_id: "4c63c1cf623dce82caac".to_owned(),
            client_secret: ClientSecret::new("s3cret"),
            database,
            earlier_accounts,
            surroundings: Surroundings {
                now: Arc::new(move || {
                    UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst))
                }),
                random: Arc::new(move |bytes| {
                    let number = RANDOM.fetch_add(1, Ordering::SeqCst).to_be_bytes();
                    bytes.iter_mut().zip(number.iter().cycle()).for_each(|(to, from)| *to = *from);
                    Ok(())
                }),
            },
        };
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(flightschool::serve(config, async { drop(stopped.await) }));
        Self { base, broker, seconds, stop, task }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.base)
    }

    fn pass_minutes(&self, minutes: u64) {
        self.seconds.fetch_add(minutes * 60, Ordering::SeqCst);
    }

    async fn close(self) {
        self.stop.send(()).expect("it runs");
        self.task.await.expect("it ends").expect("without an error");
    }
}
