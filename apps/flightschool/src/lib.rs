//! `FlightSchool`: the smallest honest relying party. A little flying school that people enter with
//! Firstbell, and nothing else; everything a District SSO integration must do, and how little code
//! that takes on top of `firstbell-client`. Start reading at `app` (all URLs), then `login`.

mod app;
mod browser;
mod config;
mod grade;
mod home;
mod login;
mod page;
mod rim;
mod server;
mod session;
mod store;
mod trouble;

use anyhow::Context as _;
use firstbell_client::{Firstbell, Settings};

pub use config::{Clock, Config, Database, EarlierAccount, Randomness, Surroundings};
pub use firstbell_client::ClientSecret;

use crate::app::App;
use crate::browser::Site;
use crate::store::Store;

/// Where Firstbell is to send people back: the first and only redirect URI to register.
pub fn redirect_uri(public_base: &str) -> String {
    format!("{}/oauth/callback", public_base.trim_end_matches('/'))
}

/// Serves the application until `shutdown` is done, then finishes the requests under way.
///
/// A `rustls` crypto provider must be installed in the process before.
///
/// # Errors
/// When a setting is wrong or the database cannot be opened.
pub async fn serve(
    config: Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let site = Site::new(&config.public_base).context("the public base URL is wrong")?;
    let firstbell = Firstbell::new(Settings {
        redirect_uri: redirect_uri(&site.origin),
        auth_base: config.auth_base,
        api_base: config.api_base,
        client_id: config.client_id,
        client_secret: config.client_secret,
        timeout: Settings::TIMEOUT,
    })?;
    let store = Store::open(&config.database).context("the database cannot be opened")?;
    store.add_earlier_accounts(config.earlier_accounts).await?;

    let app = App { site, firstbell, store, surroundings: config.surroundings };
    server::serve(config.listener, app::router(app), shutdown).await;
    Ok(())
}
