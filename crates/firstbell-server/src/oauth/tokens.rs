//! `POST /oauth/tokens`: an application exchanges a code for a token (RFC 6749 section 4.1.3), or asks
//! for one of its own (`client_credentials.rs`).
//!
//! 1. Read the body and who sends it.
//! 2. In one transaction: load the code, let [`code::redeem`] decide, spend the code with one
//!    conditional statement, and only then record the token: whoever loses a race finds the code
//!    spent.
//! 3. Sign the ID token, for an application that gets one.
//! 4. Reply with the token, which from then on exists only as a hash.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::ApplicationId;
use firstbell_core::login::code::{self, AuthorizationCode, RedeemRefusal, Redemption};
use firstbell_core::login::token::{self, AccessToken};
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_core::sharing::{self, Needs};
use firstbell_core::time::Timestamp;
use firstbell_protocol::oauth::{BodyKind, TokenRequest, TokenResponse};
use firstbell_protocol::vocabulary::RedirectUri;
use firstbell_store::{StoreError, Tx};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::app::App;
use crate::entropy::Entropy;
use crate::extract::client_auth;
use crate::login::visitor;
use crate::oauth::client_credentials::{self, Asked, CLIENT_CREDENTIALS};
use crate::oauth::id_token;
use crate::reply::fault::chain;
use crate::reply::oauth_json::{self, TokenFault};
use crate::settings::Settings;

/// Redeems a code, or issues a token to an application in its own name.
///
/// # Errors
/// See [`TokenFault`]; each is JSON with the RFC's name for it.
pub async fn redeem(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, TokenFault> {
    let body =
        body.map_err(|refusal| TokenFault::new(&error::REQUEST_TOO_LARGE, refusal.body_text()))?;
    let request = read(query.as_deref(), &headers, &body)?;
    let settings = app.settings();
    let now = app.now();
    let credentials = (request.client_id.as_deref(), request.client_secret.as_deref());
    let application = client_auth::application(&app, &headers, credentials, &settings)?;
    if request.grant_type.as_deref() == Some(CLIENT_CREDENTIALS) {
        let asked = Asked { query: query.as_deref(), scope: request.scope.as_deref() };
        let application = application.clone();
        return client_credentials::issue(&app, settings, &application, &asked).await;
    }
    let application = application.id;
    let presented = Arc::new(presented(request)?);

    let outcome = redeem_by(&app, settings, application, &presented, now).await?;

    let bought = outcome.map_err(|refusal| {
        tracing::info!(application.id = %application, cause = ?refusal, "a code was not redeemed");
        TokenFault::new(refusal.face(), refusal.to_string())
    })?;
    metrics::counter!("firstbell_codes_redeemed_total").increment(1);
    let mut reply = TokenResponse::bearer(bought.token.expose());
    if let Some(unsigned) = bought.id_token {
        let signed = unsigned.sign(&app).map_err(|error| {
            tracing::error!(cause = chain(&error), "an ID token could not be signed");
            TokenFault::new(&error::SERVER_TROUBLE, "Something failed on the server")
        })?;
        reply.id_token = Some(signed);
    }
    Ok(oauth_json::token(reply))
}

/// What a code bought.
struct Bought {
    token: Secret,
    id_token: Option<id_token::Unsigned>,
}

/// What an application wants redeemed.
struct Presented {
    code: SecretHash,
    redirect_uri: Option<RedirectUri>,
    verifier: Option<Secret>,
}

/// Redeems a code by settings that are as new as the code's fate: a district may have withdrawn the
/// application in this very second, on another node.
async fn redeem_by(
    app: &App,
    mut settings: Arc<Settings>,
    application: ApplicationId,
    presented: &Arc<Presented>,
    now: Timestamp,
) -> Result<Result<Bought, RedeemRefusal>, StoreError> {
    loop {
        let (judged_by, presented) = (Arc::clone(&settings), Arc::clone(presented));
        let outcome = app
            .store()
            .write(move |tx| {
                let stored = match tx.code(&presented.code)? {
                    Some((_, version)) if version > judged_by.version() => return Ok(Err(version)),
                    stored => stored.map(|(code, _)| code),
                };
                exchange(tx, &judged_by, application, stored.as_ref(), &presented, now).map(Ok)
            })
            .await?;
        match outcome {
            Ok(outcome) => return Ok(outcome),
            Err(version) => settings = app.settings_of(version).await?,
        }
    }
}

fn read(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Result<TokenRequest, TokenFault> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    TokenRequest::must_not_be_in(query.unwrap_or_default())
        .and_then(|()| BodyKind::of(content_type))
        .and_then(|kind| TokenRequest::parse(kind, body))
        .map_err(|fault| TokenFault::new(&error::TOKEN_REQUEST_MALFORMED, fault.to_string()))
}

fn presented(request: TokenRequest) -> Result<Presented, TokenFault> {
    let missing = |name: &str| {
        TokenFault::new(&error::TOKEN_REQUEST_INCOMPLETE, format!("missing parameter: {name}"))
    };
    match request.grant_type.as_deref() {
        Some("authorization_code") => {}
        Some(_) => {
            let only = "grant_type must be authorization_code or client_credentials";
            return Err(TokenFault::new(&error::GRANT_TYPE_UNSUPPORTED, only));
        }
        None => return Err(missing("grant_type")),
    }
    let code = request.code.ok_or_else(|| missing("code"))?;
    let redirect_uri = request.redirect_uri.ok_or_else(|| missing("redirect_uri"))?;
    // What is no URI cannot be the one that the code was sent to.
    Ok(Presented {
        code: Secret::from_text(code).hash(),
        redirect_uri: redirect_uri.parse().ok(),
        verifier: request.code_verifier.map(Secret::from_text),
    })
}

fn exchange(
    tx: &mut Tx<'_>,
    settings: &Settings,
    application: ApplicationId,
    stored: Option<&AuthorizationCode>,
    presented: &Presented,
    now: Timestamp,
) -> Result<Result<Bought, RedeemRefusal>, StoreError> {
    let verifier = presented.verifier.as_ref().map(Secret::expose);
    let redirect_uri = presented.redirect_uri.as_ref();
    let redemption = code::redeem(stored, application, redirect_uri, verifier, now);

    match redemption {
        Redemption::Spend(grant) => {
            let Some(code) = stored else { return Ok(Err(RedeemRefusal::Unknown)) };
            let still_registered = settings
                .application(application)
                .is_some_and(|it| it.verify_redirect(presented.redirect_uri.as_ref()).is_ok());
            if !still_registered {
                tx.burn_code(&presented.code, now)?;
                return Ok(Err(RedeemRefusal::NoEntry));
            }
            let id_token = match admit(tx, settings, code, now)? {
                Ok(id_token) => id_token,
                Err(refusal) => {
                    tx.burn_code(&presented.code, now)?;
                    return Ok(Err(refusal));
                }
            };
            let (secret, token): (Secret, AccessToken) = token::mint(grant, now, &mut Entropy);
            if !tx.spend_code(&presented.code, &token.hash, now)? {
                return Ok(Err(RedeemRefusal::Spent));
            }
            tx.record_token(&token)?;
            Ok(Ok(Bought { token: secret, id_token }))
        }
        Redemption::Refuse(refusal) => Ok(Err(refusal)),
        Redemption::Burn(refusal) => {
            tx.burn_code(&presented.code, now)?;
            Ok(Err(refusal))
        }
        Redemption::Revoke { token } => {
            tx.revoke_token(&token, now)?;
            Ok(Err(RedeemRefusal::Spent))
        }
    }
}

/// Asks once more whether the person of a code may enter, because much can happen in a minute, and
/// gathers what an ID token says of them.
fn admit(
    tx: &mut Tx<'_>,
    settings: &Settings,
    code: &AuthorizationCode,
    now: Timestamp,
) -> Result<Result<Option<id_token::Unsigned>, RedeemRefusal>, StoreError> {
    let grant = code.grant;
    let Some(door) = settings.door(grant.application, grant.district) else {
        return Ok(Err(RedeemRefusal::NoEntry));
    };
    let Some(user) = tx.district(grant.district).user(grant.user)? else {
        return Ok(Err(RedeemRefusal::NoEntry));
    };
    if !visitor::impersonator_may_go_on(tx, grant.district, grant.impersonator, &user, now)? {
        return Ok(Err(RedeemRefusal::NoEntry));
    }
    let needs = Needs::of(door.application, door.connection);
    let ties = tx.district(grant.district).ties_of(&user, needs)?;
    let entry = sharing::admit(&door.case(&user, grant.role, &ties));
    let entry = entry.map_err(|_| RedeemRefusal::NoEntry);
    Ok(entry.map(|entry| id_token::Unsigned::of(door.application, code, &user, &entry, now)))
}
