//! Whose token a request to the Data API carries (RFC 6750 section 2.1). A token opens something
//! only while its person is in the roster, is not suspended and is still shared with the
//! application.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use firstbell_core::application::Application;
use firstbell_core::error;
use firstbell_core::login::code::Grant;
use firstbell_core::roster::User;
use firstbell_core::secret::Secret;
use firstbell_core::sharing::{self, Case, Entry, Needs, Ties};
use firstbell_core::time::Timestamp;
use firstbell_store::Known;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::App;
use crate::login::visitor;
use crate::reply::data_json::DataFault;
use crate::settings::Settings;

/// A good token and the person it speaks for.
#[derive(Debug)]
pub struct Bearer {
    settings: Arc<Settings>,
    /// For whom the token was made.
    pub grant: Grant,
    /// The person.
    pub user: User,
    ties: Ties,
}

impl Bearer {
    /// The settings by which the token was judged.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The application that holds the token.
    ///
    /// # Errors
    /// When it was withdrawn in this very moment.
    pub fn application(&self) -> Result<&Application, DataFault> {
        self.settings.application(self.grant.application).ok_or(INVALID)
    }

    /// The person at the door of the application.
    ///
    /// # Errors
    /// When application or district were withdrawn in this very moment.
    pub fn case(&self) -> Result<Case<'_>, DataFault> {
        let door = self.settings.door(self.grant.application, self.grant.district);
        let door = door.ok_or(INVALID)?;
        Ok(door.case(&self.user, self.grant.role, &self.ties))
    }

    /// The token with all that ties its person to sections, where only what entering depends on was
    /// loaded.
    ///
    /// # Errors
    /// When the database fails, or the person may no longer enter.
    pub async fn with_sections(mut self, app: &App) -> Result<Self, DataFault> {
        let (application, district) = (self.grant.application, self.grant.district);
        let connection = self.settings.connection(application, district);
        let needs = Needs::of(self.application()?, connection);
        let needs = needs.and(Needs { sections: true, ..Needs::default() });
        self.ties = visitor::ties(app.store(), district, &self.user, needs).await?;
        self.entry()?;
        Ok(self)
    }

    /// That the person may be in the application, and in which role they are.
    ///
    /// # Errors
    /// When they may not.
    pub fn entry(&self) -> Result<Entry<'_>, DataFault> {
        sharing::admit(&self.case()?).map_err(|refusal| {
            tracing::info!(
                district.id = %self.grant.district, application.id = %self.grant.application,
                %refusal, "a token was refused because its person may no longer enter"
            );
            INVALID
        })
    }
}

const INVALID: DataFault = DataFault::new(&error::TOKEN_INVALID, "Invalid or expired token");

const TWICE: DataFault =
    DataFault::new(&error::PARAMETER_MALFORMED, "Send the token in the Authorization header only");

impl FromRequestParts<App> for Bearer {
    type Rejection = DataFault;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, DataFault> {
        let presented = bearer_token(parts).ok_or(INVALID)?;
        if stands_in_query(parts.uri.query().unwrap_or_default()) {
            return Err(TWICE);
        }
        owner(app, &presented, app.now()).await
    }
}

fn bearer_token(parts: &Parts) -> Option<Secret> {
    let mut sent = parts.headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return None;
    };
    let text = value.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    let fits = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
    fits.then(|| Secret::from_text(token))
}

/// A token in the address ends up in logs; it counts for nothing there, and beside the header it
/// makes the request one to refuse (RFC 6750 section 2).
fn stands_in_query(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token")
}

async fn owner(app: &App, presented: &Secret, now: Timestamp) -> Result<Bearer, DataFault> {
    let hash = presented.hash();
    let Some(known) = app.store().look(move |tx| tx.token_owner(&hash)).await? else {
        return Err(INVALID);
    };
    let settings = app.settings_of(known.settings_version).await?;
    let Known { proof: token, user: Some(user), .. } = known else {
        return Err(INVALID);
    };
    if !token.is_good(now) {
        return Err(INVALID);
    }
    let grant = token.grant;
    if grant.impersonator.is_some() {
        let (person, district) = (user.clone(), grant.district);
        let may = app.store().read(move |tx| {
            visitor::impersonator_may_go_on(tx, district, grant.impersonator, &person, now)
        });
        if !may.await? {
            return Err(INVALID);
        }
    }
    let application = settings.application(grant.application).ok_or(INVALID)?;
    let needs = Needs::of(application, settings.connection(grant.application, grant.district));
    let ties = visitor::ties(app.store(), grant.district, &user, needs).await?;

    let bearer = Bearer { settings, grant, user, ties };
    bearer.entry()?;
    Ok(bearer)
}
