//! `firstbell serve`.

use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;

use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::net::TcpListener;

use anyhow::Context as _;

use super::{ConfigFile, open_store, start_logging};
use crate::entropy::Entropy;
use crate::service::Intake;
use crate::{keys, service};

/// Serves logins and the Data API.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let config = options.config.load()?;
    start_logging(&config.log)?;
    let store = open_store(&config)?;
    let key = keys::open(&config.secrets.key_file, &store, &mut Entropy).await?;
    let tls = match (&config.server.tls_certificate_file, &config.server.tls_key_file) {
        (Some(certificate), Some(key)) => Some(service::tls(certificate, key)?),
        _ => None,
    };
    let (figures, recorder) = match config.server.metrics_listen {
        Some(address) => {
            let recorder = PrometheusBuilder::new().install_recorder();
            let listener = bind("server.metrics_listen", address).await?;
            (Some(listener), Some(recorder.context("the metrics recorder")?))
        }
        None => (None, None),
    };
    let intake = Intake::of(&config);
    let app = service::assemble(store.clone(), &key, config.urls()?, recorder, intake).await?;
    let listen = config.server.listen;
    let listener = bind("server.listen", listen).await?;

    if runs_as_root() {
        tracing::warn!(
            "runs as root: give it a user of its own that owns its files and nothing else"
        );
    }
    tracing::info!(%listen, auth_base_url = app.urls().auth_base(), "serving");
    service::run(app, listener, tls, figures, service::told_to_stop()).await;
    tracing::info!("stopped");
    Ok(())
}

async fn bind(setting: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await;
    listener.with_context(|| format!("{setting}: cannot listen on {address}"))
}

/// Not told where the system does not say.
fn runs_as_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
