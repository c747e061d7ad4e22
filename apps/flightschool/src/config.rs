//! What the application is told when it starts.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use firstbell_client::ClientSecret;
use tokio::net::TcpListener;

use crate::rim;

/// Everything [`serve`](crate::serve) needs.
#[derive(Debug)]
pub struct Config {
    /// Where requests arrive, already bound: the caller knows the port before anybody is sent to
    /// it.
    pub listener: TcpListener,
    /// How a browser reaches this listener, without a path: `https://flightschool.example`.
    pub public_base: String,
    /// The broker's base URL, for `/oauth/authorize` and `/oauth/tokens`.
    pub auth_base: String,
    /// The Data API's base URL; often the same.
    pub api_base: String,
    /// The public identifier it is registered with.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: ClientSecret,
    /// Where accounts and sessions are kept.
    pub database: Database,
    /// Accounts from before it was connected to Firstbell. Whoever logs in for the first time from
    /// the same district with the same email address takes theirs over.
    pub earlier_accounts: Vec<EarlierAccount>,
    /// Clock and randomness; [`Surroundings::real`] outside tests.
    pub surroundings: Surroundings,
}

/// Where accounts and sessions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// In a `SQLite` file, created when it is not there.
    File(PathBuf),
    /// In memory: gone with the process.
    Memory,
}

/// An account that knows an email address and no Firstbell id yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierAccount {
    /// The district's id at Firstbell.
    pub district: String,
    /// The email address; upper and lower case do not matter.
    pub email: String,
}

/// Reads a clock.
pub type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Fills bytes from a cryptographically secure source.
pub type Randomness = Arc<dyn Fn(&mut [u8]) -> std::io::Result<()> + Send + Sync>;

/// Where time and randomness come from.
#[derive(Clone)]
pub struct Surroundings {
    /// The clock.
    pub now: Clock,
    /// Fills the bytes from a cryptographically secure source.
    pub random: Randomness,
}

impl Surroundings {
    /// The machine's own clock and randomness.
    pub fn real() -> Self {
        Self { now: Arc::new(rim::now), random: Arc::new(rim::random) }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Surroundings(…)")
    }
}
