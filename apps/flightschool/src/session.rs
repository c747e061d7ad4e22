//! Sessions: a random key in the browser, its hash in the database.

use std::fmt::Write as _;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderMap;

use crate::app::App;
use crate::browser::Cookie;
use crate::store::Account;
use crate::trouble::Trouble;

/// Who does nothing for so long is logged out: a class period is longer, a break is not.
pub(crate) const IDLE: Duration = Duration::from_mins(30);
/// No session outlives a school day.
pub(crate) const LONGEST: Duration = Duration::from_hours(10);

/// What the session cookie holds.
pub(crate) struct SessionKey(String);

/// What the database holds of it: whoever reads the table can build no cookie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SessionHash(pub(crate) [u8; 32]);

impl SessionKey {
    pub(crate) fn new(random: [u8; 32]) -> Self {
        Self(random.iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }

    pub(crate) fn as_cookie(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> SessionHash {
        SessionHash::of(&self.0)
    }
}

impl SessionHash {
    fn of(cookie: &str) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, cookie.as_bytes()).as_ref());
        Self(hash)
    }

    /// The hash of the session cookie, if the browser sent one.
    pub(crate) fn presented(app: &App, headers: &HeaderMap) -> Option<Self> {
        app.site.read_cookie(headers, Cookie::Session).map(Self::of)
    }
}

/// Whoever is logged in here; looking keeps the session alive.
pub(crate) async fn who_is_here(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<Account>, Trouble> {
    match SessionHash::presented(app, headers) {
        None => Ok(None),
        Some(session) => Ok(app.store.visit(session, app.now()).await?),
    }
}
