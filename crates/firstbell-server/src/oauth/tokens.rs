//! `POST /oauth/tokens`: an application exchanges a code for a token (RFC 6749 section 4.1.3).
//!
//! 1. Read the body and who sends it.
//! 2. In one transaction: load the code, let [`code::redeem`] decide, spend the code with one
//!    conditional statement, and only then record the token: whoever loses a race finds the code
//!    spent.
//! 3. Reply with the token, which from then on exists only as a hash.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::id::ApplicationId;
use firstbell_core::login::code::{self, Grant, RedeemRefusal, Redemption};
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
use crate::reply::oauth_json::{self, TokenFault};
use crate::settings::Settings;

/// Redeems a code.
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
    let application = client_auth::application(&headers, &request, &settings, now)
        .map_err(|refusal| TokenFault::new(refusal.face(), refusal.to_string()))?
        .id;
    let presented = Arc::new(presented(request)?);

    let outcome = redeem_by(&app, settings, application, &presented, now).await?;

    let token = outcome.map_err(|refusal| {
        tracing::info!(application.id = %application, cause = ?refusal, "a code was not redeemed");
        TokenFault::new(refusal.face(), refusal.to_string())
    })?;
    metrics::counter!("firstbell_codes_redeemed_total").increment(1);
    Ok(oauth_json::token(TokenResponse::bearer(token.expose())))
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
) -> Result<Result<Secret, RedeemRefusal>, StoreError> {
    loop {
        let (judged_by, presented) = (Arc::clone(&settings), Arc::clone(presented));
        let outcome = app
            .store()
            .write(move |tx| {
                let version = tx.settings_version()?;
                if version > judged_by.version() {
                    return Ok(Err(version));
                }
                exchange(tx, &judged_by, application, &presented, now).map(Ok)
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
            let only = "grant_type must be authorization_code";
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
    presented: &Presented,
    now: Timestamp,
) -> Result<Result<Secret, RedeemRefusal>, StoreError> {
    let stored = tx.code(&presented.code)?;

    let verifier = presented.verifier.as_ref().map(Secret::expose);
    let redirect_uri = presented.redirect_uri.as_ref();
    let redemption = code::redeem(stored.as_ref(), application, redirect_uri, verifier, now);

    match redemption {
        Redemption::Spend(grant) => {
            let still_registered = settings
                .application(application)
                .is_some_and(|it| it.verify_redirect(presented.redirect_uri.as_ref()).is_ok());
            if !still_registered || !may_still_enter(tx, settings, grant, now)? {
                tx.burn_code(&presented.code, now)?;
                return Ok(Err(RedeemRefusal::NoEntry));
            }
            let (secret, token): (Secret, AccessToken) = token::mint(grant, now, &mut Entropy);
            if !tx.spend_code(&presented.code, &token.hash, now)? {
                return Ok(Err(RedeemRefusal::Spent));
            }
            tx.record_token(&token)?;
            Ok(Ok(secret))
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

/// Whether the person of a code may still enter the application: much can happen in a minute.
fn may_still_enter(
    tx: &mut Tx<'_>,
    settings: &Settings,
    grant: Grant,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(door) = settings.door(grant.application, grant.district) else {
        return Ok(false);
    };
    let Some(user) = tx.district(grant.district).user(grant.user)? else {
        return Ok(false);
    };
    if !visitor::impersonator_may_go_on(tx, grant.district, grant.impersonator, &user, now)? {
        return Ok(false);
    }
    let needs = Needs::of(door.application, door.connection);
    let ties = tx.district(grant.district).ties_of(&user, needs)?;
    Ok(sharing::admit(&door.case(&user, grant.role, &ties)).is_ok())
}
