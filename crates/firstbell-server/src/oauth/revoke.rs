//! `POST /oauth/revoke`: an application gives a token back (RFC 7009).

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use firstbell_core::error;
use firstbell_core::login::district_token::narrowed;
use firstbell_core::secret::Secret;
use firstbell_protocol::oauth::RevocationRequest;
use firstbell_store::StoreError;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::app::App;
use crate::extract::client_auth;
use crate::reply::fault::chain;
use crate::reply::oauth_json::{self, TokenFault};

/// Revokes a token of the application. Whether there was one is not told; another application's
/// stays (section 2.2).
///
/// # Errors
/// See [`TokenFault`]. Where the database does not take it, 503: the application must know that the
/// token may still be good (section 2.2.1).
pub async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, TokenFault> {
    let body =
        body.map_err(|refusal| TokenFault::new(&error::REQUEST_TOO_LARGE, refusal.body_text()))?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let request = RevocationRequest::parse(content_type, &body)
        .map_err(|fault| TokenFault::new(&error::TOKEN_REQUEST_MALFORMED, fault.to_string()))?;

    let (settings, now) = (app.settings(), app.now());
    let (id, secret) = (request.client_id.as_deref(), request.client_secret.as_deref());
    let application = client_auth::application(&app, &headers, (id, secret), &settings)?.id;
    let hash = match request.token {
        Some(token) if token.starts_with(narrowed::PREFIX) => {
            let told = "tokens of the client credentials grant end by themselves within the hour, or \
                        with the token of their district";
            return Err(TokenFault::new(&error::TOKEN_REQUEST_MALFORMED, told));
        }
        Some(token) => Secret::from_text(token).hash(),
        None => {
            let missing = "missing parameter: token";
            return Err(TokenFault::new(&error::TOKEN_REQUEST_INCOMPLETE, missing));
        }
    };

    let revoked = app
        .store()
        .write(move |tx| {
            let of_person = tx.revoke_own_token(&hash, application, now)?;
            let of_district = tx.revoke_own_district_token(&hash, application, now)?;
            Ok::<_, StoreError>(of_person || of_district)
        })
        .await;

    match revoked {
        Ok(found) => {
            tracing::info!(application.id = %application, found, "a token was given back");
            Ok(oauth_json::done())
        }
        Err(error) => {
            tracing::error!(cause = chain(&error), "a token could not be revoked");
            Err(TokenFault::new(&error::SERVER_BUSY, "The token is not revoked yet; try again"))
        }
    }
}
