//! A running Firstbell: the application, what it does beside answering requests, and its end.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use firstbell_core::login::district_token::DistrictTokenKey;
use firstbell_store::{Store, StoreError};
use firstbell_upstream::password::{PasswordKey, PasswordPool};
use metrics_exporter_prometheus::PrometheusHandle;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsAcceptor;

use crate::app::{self, App, Parts};
use crate::clock::Clock;
use crate::config::{Config, PublicUrls};
use crate::data_api::roster::Rosters;
use crate::entropy::Entropy;
use crate::events::walk::{self, Walker};
use crate::listen;
use crate::operate::figures;
use crate::reply::fault::chain;
use crate::reply::text::Texts;
use crate::sealing::SealingKey;
use crate::settings;
use crate::signing::{self, CurrentKeys};
use crate::syncing::Syncing;
use crate::syncing::drop_folder::{self, DropSettings, Lookout};
use crate::syncing::oneroster::{Lanes, Patience};
use crate::syncing::spool::Spool;
use crate::webhooks;

/// How often rows whose time is over are looked for.
const PURGED_EVERY: Duration = Duration::from_mins(1);

/// So many rows go at most in one piece of work, so that logins need not wait for them.
const MOST_PURGED_AT_ONCE: u32 = 500;

/// Where rosters come in.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Where their files are kept while they are needed.
    pub spool: Spool,
    /// The folder that is looked into, if any.
    pub drop_folder: Option<DropSettings>,
}

impl Intake {
    /// As the configuration says.
    pub fn of(config: &Config) -> Self {
        let settle = Duration::from_secs(config.sync.settle_seconds);
        let folder = config.sync.drop_folder.clone();
        Self {
            spool: Spool::at(config.spool()),
            drop_folder: folder.map(|folder| DropSettings { folder, settle }),
        }
    }
}

/// An application on this store with the machine's clock.
///
/// # Errors
/// When the store cannot be read or the system gives no threads.
pub async fn assemble(
    store: Store,
    master_key: &[u8; 32],
    urls: PublicUrls,
    metrics: Option<PrometheusHandle>,
    intake: Intake,
) -> anyhow::Result<App> {
    let key = PasswordKey::derive(master_key);
    let passwords = PasswordPool::start(key).context("no thread for hashing passwords")?;
    let texts = Texts::embedded().context("the texts of the pages")?;
    let sealing = SealingKey::derive(master_key).context("no key to seal with")?;
    let syncing = Syncing::new(store.clone(), master_key, intake.spool)?;
    let parts = Parts {
        store,
        keys: CurrentKeys::sealed_under(sealing),
        district_token_key: DistrictTokenKey::derive(master_key),
        passwords,
        syncing,
        drop_folder: intake.drop_folder,
        texts,
        clock: Clock::System,
        urls,
        metrics,
    };
    let app = App::start(parts).await.context("the settings cannot be read")?;
    app.rotate_keys().await.context("the keys that sign ID tokens")?;
    Ok(app)
}

/// Answers requests until `shutdown` is done, and keeps the settings fresh and the tables clean
/// meanwhile.
pub async fn run(
    app: App,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    figures: Option<TcpListener>,
    shutdown: impl Future<Output = ()>,
) {
    let refreshing = tokio::spawn(refresh_settings(app.clone()));
    let rotating = tokio::spawn(rotate_keys(app.clone()));
    let purging = tokio::spawn(purge(app.clone()));
    let syncing = tokio::spawn(take_rosters(app.clone()));
    let fetching = tokio::spawn(fetch_rosters(app.clone()));
    let following = tokio::spawn(follow_changes(app.clone()));
    let telling = tokio::spawn(webhooks::run(app.clone()));
    let figures = figures.map(|listener| {
        let router = figures::router(app.clone());
        tokio::spawn(listen::serve(listener, None, router, std::future::pending()))
    });
    listen::serve(listener, tls, app::router(app), shutdown).await;
    refreshing.abort();
    rotating.abort();
    purging.abort();
    syncing.abort();
    fetching.abort();
    following.abort();
    telling.abort();
    if let Some(figures) = figures {
        figures.abort();
    }
}

async fn refresh_settings(app: App) {
    let mut beat = tokio::time::interval(settings::ASKED_EVERY);
    loop {
        beat.tick().await;
        if let Err(error) = app.refresh_settings().await {
            tracing::warn!(cause = chain(&error), "the settings could not be refreshed");
        }
        if let Err(error) = app.refresh_keys().await {
            tracing::error!(cause = chain(&error), "the signing keys could not be refreshed");
        }
    }
}

async fn rotate_keys(app: App) {
    let mut beat = tokio::time::interval(signing::ROTATED_EVERY);
    loop {
        beat.tick().await;
        if let Err(error) = app.rotate_keys().await {
            tracing::error!(cause = chain(&error), "the signing keys could not be rotated");
        }
    }
}

/// How often it is asked whether anything has changed that applications are told of.
const CHANGES_ASKED_EVERY: Duration = Duration::from_secs(1);

async fn follow_changes(app: App) {
    let mut beat = tokio::time::interval(CHANGES_ASKED_EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        match tell_events(&app).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, "events are told"),
            Err(error) => tracing::warn!(cause = chain(&error), "nobody is told what changed"),
        }
    }
}

/// Tells everything that has changed until now to those who follow, and says how many events these
/// are.
///
/// # Errors
/// When it cannot be found out who follows.
pub async fn tell_events(app: &App) -> Result<u64, StoreError> {
    let rosters = Rosters::of(app.clone());
    let walker =
        Walker { store: app.store(), objects: &rosters, clock: app.clock(), piece: walk::PIECE };
    let mut told = 0;
    while let Some(events) = walker.round(&mut Entropy).await? {
        told += events;
    }
    Ok(told)
}

async fn purge(app: App) {
    let mut beat = tokio::time::interval(PURGED_EVERY);
    loop {
        beat.tick().await;
        match purge_all(&app).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "rows whose time was over are gone"),
            Err(error) => tracing::warn!(cause = chain(&error), "the purge failed"),
        }
    }
}

/// Looks into the drop folder, and tidies up after syncs whose process is gone.
async fn take_rosters(app: App) {
    let mut lookout = app.drop_folder().cloned().map(Lookout::new);
    let mut beat = tokio::time::interval(drop_folder::LOOKED_EVERY);
    loop {
        beat.tick().await;
        if let Err(error) = app.syncing().tidy().await {
            tracing::warn!(cause = chain(&error), "nobody tidied up after syncs");
        }
        if let Some(lookout) = &mut lookout {
            let settings = app.settings();
            lookout.look(app.syncing(), settings.districts()).await;
        }
    }
}

/// How often it is asked whether a roster is to be fetched.
const FETCHES_ASKED_EVERY: Duration = Duration::from_mins(1);

/// Fetches rosters from districts' OneRoster services.
async fn fetch_rosters(app: App) {
    let mut beat = tokio::time::interval(FETCHES_ASKED_EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut lanes = Lanes::new(Patience::default());
    loop {
        tokio::select! {
            _ = beat.tick() => {}
            () = lanes.freed() => {}
        }
        if let Err(error) = lanes.fetch_due(app.syncing()).await {
            tracing::warn!(cause = chain(&error), "no roster is fetched");
        }
    }
}

async fn purge_all(app: &App) -> Result<u64, StoreError> {
    let mut rows = 0;
    loop {
        let purged = app.store().purge(app.now(), MOST_PURGED_AT_ONCE).await?;
        rows += purged.total();
        if !purged.more {
            return Ok(rows);
        }
    }
}

/// TLS with this certificate chain and key, HTTP/2 and HTTP/1.1.
///
/// # Errors
/// When a file cannot be read, or the key does not fit the certificate.
pub fn tls(certificate_file: &Path, key_file: &Path) -> anyhow::Result<TlsAcceptor> {
    let chain = CertificateDer::pem_file_iter(certificate_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("{}: no certificate chain", certificate_file.display()))?;
    let key = PrivateKeyDer::from_pem_file(key_file)
        .with_context(|| format!("{}: no private key", key_file.display()))?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Done when the process is told to stop: Ctrl-C, or SIGTERM from a service manager.
pub async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};

    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
