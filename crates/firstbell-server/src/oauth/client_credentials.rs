//! The client credentials grant (RFC 6749 section 4.4), with which applications read OneRoster. A token
//! reads one district, so that the address of the token endpoint names it (`?district=…`) where an
//! application reads several.

use std::sync::Arc;

use axum::response::Response;
use firstbell_core::application::Application;
use firstbell_core::error;
use firstbell_core::login::district_token::DistrictToken;
use firstbell_core::login::district_token::narrowed::{LIFETIME, Narrowed};
use firstbell_protocol::oauth::TokenResponse;
use firstbell_protocol::vocabulary::RosterScopes;

use super::district_tokens;
use crate::app::App;
use crate::reply::oauth_json::{self, TokenFault};
use crate::settings::Settings;

/// The grant's name.
pub(super) const CLIENT_CREDENTIALS: &str = "client_credentials";

/// What an application asks for.
pub(super) struct Asked<'r> {
    /// What stands behind the path.
    pub query: Option<&'r str>,
    /// `scope`; None for all that there is.
    pub scope: Option<&'r str>,
}

/// A token for an application that has proved itself.
///
/// # Errors
/// When no scope is left, the application reads no such district, or it is not said which of several.
pub(super) async fn issue(
    app: &App,
    settings: Arc<Settings>,
    application: &Application,
    asked: &Asked<'_>,
) -> Result<Response, TokenFault> {
    let scopes = asked.scope.map_or(Some(RosterScopes::ALL), RosterScopes::parse);
    let scopes = scopes.ok_or_else(|| {
        let known = format!("scope names one of these at least: {}", RosterScopes::ALL);
        TokenFault::new(&error::SCOPE_UNKNOWN, known)
    })?;

    let tokens = district_tokens::tokens(app, settings, application).await?;

    let token = one(&tokens, asked.query.unwrap_or_default())?;
    let sealed = app.district_token_key().seal(&Narrowed::of(token, scopes, app.now()));
    let mut reply = TokenResponse::bearer(sealed.expose());
    reply.expires_in = Some(LIFETIME.as_secs());
    reply.scope = Some(scopes.to_string());
    Ok(oauth_json::token(reply))
}

/// The token of the district that is asked for, or of the only one.
fn one<'t>(tokens: &'t [DistrictToken], query: &str) -> Result<&'t DistrictToken, TokenFault> {
    let mut named = url::form_urlencoded::parse(query.as_bytes())
        .filter_map(|(name, value)| (name == "district").then_some(value));
    let found = match (named.next(), named.next(), tokens) {
        (Some(_), Some(_), _) => {
            let twice = "district is named more than once";
            return Err(TokenFault::new(&error::TOKEN_REQUEST_MALFORMED, twice));
        }
        (Some(id), None, _) => tokens.iter().find(|token| *token.district.hex() == *id),
        (None, _, [only]) => Some(only),
        (None, _, []) => None,
        (None, ..) => {
            let which = "the application reads several districts: name one behind the address of \
                         the token endpoint, as in /oauth/tokens?district=…";
            return Err(TokenFault::new(&error::TOKEN_REQUEST_INCOMPLETE, which));
        }
    };
    found.ok_or_else(|| {
        let refused = "the application does not read this district, or any";
        TokenFault::new(&error::NO_DISTRICT_TO_READ, refused)
    })
}
