//! A pending login as a step finds it: named by the address, bound to the browser.

use axum::extract::FromRequestParts;
use axum::extract::Path;
use firstbell_core::error;
use firstbell_core::login::step::{Destination, PendingLogin};
use firstbell_core::roster::Shortname;
use firstbell_core::secret::{Secret, SecretHash};
use http::request::Parts;
use serde::Deserialize;

use crate::app::App;
use crate::extract::Visit;
use crate::reply::Fault;
use crate::settings::Settings;

/// The login that a request's path names; nothing is known of it yet.
#[derive(Debug)]
pub struct NamedLogin(Secret);

#[derive(Deserialize)]
struct Segments {
    login: String,
}

impl FromRequestParts<App> for NamedLogin {
    type Rejection = axum::extract::rejection::PathRejection;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let Path(segments) = Path::<Segments>::from_request_parts(parts, app).await?;
        Ok(Self(Secret::from_text(segments.login)))
    }
}

impl NamedLogin {
    /// Under which hash the login is stored.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        self.0.hash()
    }

    /// Where a part of this login is: `""` for the dispatcher, `"/sign-in"` for a step.
    #[must_use]
    pub fn path(&self, step: &str) -> String {
        path(&self.0, step)
    }

    /// Loads the login.
    ///
    /// # Errors
    /// When it is gone or too old, or was begun in another browser.
    pub async fn load(&self, app: &App, visit: &Visit) -> Result<PendingLogin, Fault> {
        let hash = self.hash();
        let found = app.store().read(move |tx| tx.pending_login(&hash)).await?;
        let expired = || Fault::from(&error::LOGIN_EXPIRED).then(home(visit));
        let pending = found.filter(|it| !it.has_expired(app.now())).ok_or_else(expired)?;
        let same_browser =
            visit.browser.as_ref().is_some_and(|secret| secret.hash() == pending.browser);
        if same_browser {
            Ok(pending)
        } else {
            Err(Fault::from(&error::LOGIN_OTHER_BROWSER).then(home(visit)))
        }
    }
}

/// Where to start again: at the portal of the district that was used last on this browser, which
/// knows whether somebody is logged in.
pub fn home(visit: &Visit) -> String {
    let shortname = visit.remembered_district.as_deref().and_then(|it| it.parse().ok());
    shortname.map_or_else(|| "/login".to_owned(), |it: Shortname| format!("/in/{it}"))
}

/// Where a part of a login is.
#[must_use]
pub fn path(login: &Secret, step: &str) -> String {
    format!("/login/{}{step}", login.expose())
}

/// The name of the application that a login leads to.
#[must_use]
pub fn application_name(pending: &PendingLogin, settings: &Settings) -> Option<String> {
    match &pending.destination {
        Destination::Application { application, .. } => {
            settings.application(*application).map(|application| application.name.clone())
        }
        Destination::Portal => None,
    }
}
