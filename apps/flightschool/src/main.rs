//! The sample application on its own: settings from flags or the environment, until Ctrl-C.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;
use flightschool::{ClientSecret, Config, Database, EarlierAccount, Surroundings};
use tokio::net::TcpListener;

/// The sample application of Firstbell: a little flying school that people enter with Firstbell.
#[derive(Parser)]
#[command(version)]
struct Flags {
    /// Where to listen
    #[arg(long, env = "FLIGHTSCHOOL_LISTEN", default_value = "127.0.0.1:3001")]
    listen: SocketAddr,
    /// How browsers reach this address, when it is not http:// and where we listen; with
    /// /oauth/callback behind it, the redirect URI to register
    #[arg(long, env = "FLIGHTSCHOOL_PUBLIC_BASE")]
    public_base: Option<String>,
    /// Firstbell's base URL
    #[arg(long, env = "FIRSTBELL_AUTH_BASE", default_value = "http://127.0.0.1:3000")]
    auth_base: String,
    /// The Data API's base URL, when it is another
    #[arg(long, env = "FIRSTBELL_API_BASE")]
    api_base: Option<String>,
    /// The client id this application is registered with
    #[arg(long, env = "FIRSTBELL_CLIENT_ID")]
    client_id: String,
    /// The client secret; the environment is the better place, others can see flags
    #[arg(long, env = "FIRSTBELL_CLIENT_SECRET", hide_env_values = true)]
    client_secret: String,
    /// The database file; in memory without one
    #[arg(long, env = "FLIGHTSCHOOL_DATABASE")]
    database: Option<PathBuf>,
    /// An account from before Firstbell, a district's id and an email address: whoever has both takes it over
    #[arg(long = "earlier-account", value_name = "DISTRICT_ID,EMAIL", value_parser = earlier_account)]
    earlier_accounts: Vec<EarlierAccount>,
}

fn earlier_account(text: &str) -> Result<EarlierAccount, &'static str> {
    let (district, email) = text.split_once(',').ok_or("write DISTRICT_ID,EMAIL")?;
    Ok(EarlierAccount { district: district.trim().to_owned(), email: email.trim().to_owned() })
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    // Fails when there is one already, which is as good.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();

    let listener = TcpListener::bind(flags.listen)
        .await
        .with_context(|| format!("cannot listen on {}", flags.listen))?;
    let public_base = match flags.public_base {
        Some(base) => base,
        None => format!("http://{}", listener.local_addr()?),
    };
    tracing::info!(
        redirect_uri = flightschool::redirect_uri(&public_base),
        "FlightSchool is at {public_base}"
    );
    let config = Config {
        listener,
        api_base: flags.api_base.unwrap_or_else(|| flags.auth_base.clone()),
        public_base,
        auth_base: flags.auth_base,
        client_id: flags.client_id,
        client_secret: ClientSecret::new(flags.client_secret),
        database: flags.database.map_or(Database::Memory, Database::File),
        earlier_accounts: flags.earlier_accounts,
        surroundings: Surroundings::real(),
    };
    flightschool::serve(config, shutdown_signal()).await
}

/// Ctrl-C, or the signal that service managers send.
async fn shutdown_signal() {
    let interrupt = async { tokio::signal::ctrl_c().await.ok() };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
