//! Whose token a request to the Data API carries (RFC 6750 section 2.1). A token opens something
//! only while its person is in the roster, is not suspended and is still shared with the
//! application.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use firstbell_core::application::Application;
use firstbell_core::error;
use firstbell_core::id::RoleId;
use firstbell_core::login::code::Grant;
use firstbell_core::roster::{Role, User};
use firstbell_core::secret::Secret;
use firstbell_core::sharing;
use firstbell_core::time::Timestamp;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app::App;
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
    role: RoleId,
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

    /// The role in which the person is in the application.
    ///
    /// # Errors
    /// When the person has lost it in this very moment.
    pub fn role(&self) -> Result<&Role, DataFault> {
        self.user.role_by_id(self.role).ok_or(INVALID)
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
        let settings = app.settings();
        owner(app, &presented, settings, app.now()).await
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

async fn owner(
    app: &App,
    presented: &Secret,
    settings: Arc<Settings>,
    now: Timestamp,
) -> Result<Bearer, DataFault> {
    let hash = presented.hash();
    let found = app.store().look(move |tx| tx.token_owner(&hash)).await?;
    let (token, user) = match found {
        Some((token, Some(user))) if token.is_good(now) => (token, user),
        _ => return Err(INVALID),
    };
    let grant = token.grant;
    let connection = settings.connection(grant.application, grant.district);
    let schools = if sharing::needs_schools(connection) {
        let (district, person) = (grant.district, user.id);
        app.store().look(move |tx| tx.district(district).schools_of(person)).await?
    } else {
        Vec::new()
    };

    let application = settings.application(grant.application).ok_or(INVALID)?;
    let role = sharing::admit(application, connection, &user, grant.role, &schools)
        .map_err(|refusal| {
            tracing::info!(
                district.id = %grant.district, application.id = %grant.application, %refusal,
                "a token was refused because its person may no longer enter"
            );
            INVALID
        })?
        .id;
    Ok(Bearer { settings, grant, user, role })
}
