//! The servers that are compared.

mod constant;
mod firstbell;
mod floor;
mod floor_store;
mod nodes;
mod oidc_provider;
mod postgres;
mod synced;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::ValueEnum;

pub use firstbell::{Firstbell, Student, generate};
pub use nodes::{APPLICATIONS, DISTRICTS, Nodes};
pub use oidc_provider::start as start_oidc_provider;
pub use postgres::Postgres;
pub use synced::Synced;

use crate::process::{Server, free_address, sibling};
use crate::visitor::{Application, FIRSTBELL, Visitor};

/// The client ID at our own servers.
pub const CLIENT_ID: &str = "5f3c1b2a9d8e7f605142";
/// The client secret at our own servers.
pub const CLIENT_SECRET: &str = "0123456789abcdef0123456789abcdef01234567";
/// Where the application wants people back. Nobody listens there: the driver reads the redirect.
pub const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
/// The cookie of our own servers.
const SESSION_COOKIE: &str = "session";

/// The servers that this program is itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Own {
    /// The same four answers to everybody: what the wire and axum cost.
    Constant,
    /// The least honest work for one login.
    Floor,
}

impl Own {
    /// Serves in the foreground until it is killed.
    pub fn serve(self, port: u16, folder: &Path, people: usize) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
            let router = match self {
                Self::Constant => constant::router(),
                Self::Floor => floor::router(folder, people)?,
            };
            axum::serve(listener, router).await.context("the server ended")
        })
    }

    /// Starts it as a process of its own.
    pub async fn start(self, folder: &Path, people: usize) -> Result<Server> {
        let name = self.to_possible_value().context("a server without a name")?;
        let address = free_address()?;
        let mut command = Command::new(sibling("bench")?);
        command.args(["serve", name.get_name(), "--port", &address.port().to_string()]);
        command.args(["--people", &people.to_string(), "--folder"]).arg(folder);
        let log = folder.join(format!("{}.log", name.get_name()));
        Server::start(&mut command, address, &log).await
    }
}

/// People with a session at one of our own servers.
pub fn visitors(address: SocketAddr, number: usize) -> Vec<Visitor> {
    let application = Arc::new(Application {
        id: CLIENT_ID.to_owned(),
        secret: CLIENT_SECRET.to_owned(),
        redirect_uri: REDIRECT_URI.to_owned(),
    });
    (0..number)
        .map(|index| {
            let mut visitor = Visitor::new(address, &FIRSTBELL, &application);
            visitor.keep(SESSION_COOKIE, &session_of(index));
            visitor
        })
        .collect()
}

/// The value of the session cookie that person number `index` has.
fn session_of(index: usize) -> String {
    format!("{index:040x}")
}
