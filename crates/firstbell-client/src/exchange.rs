//! A code becomes an access token (RFC 6749 sections 4.1.3, 5.1 and 5.2), once.

use std::fmt;

use firstbell_protocol::oauth::TokenResponse;
use reqwest::StatusCode;

use crate::callback::VerifiedCode;
use crate::settings::Firstbell;
use crate::transport::{Failure, MalformedReply, NoAnswer, Reply};

/// A bearer token for one person, good for 24 hours and never renewed. It answers "who is this?"
/// at login; it is no session, and an application that only logs people in need not keep it.
pub struct AccessToken(String);

impl AccessToken {
    /// The token, for calls to the Data API that this library does not make.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

/// Why there is no token. The code is gone in every case: let the person log in again.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Nothing was heard. The code may have been spent, so it is not tried again.
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// `invalid_grant`: the code is older than a minute, was used before, or is somebody else's.
    #[error("the code was not accepted ({})", described(.description.as_deref()))]
    InvalidGrant {
        /// Firstbell's words for the developer.
        description: Option<String>,
    },
    /// `invalid_client`: the client id or the secret is wrong.
    #[error("the client credentials were not accepted ({})", described(.description.as_deref()))]
    InvalidClient {
        /// Firstbell's words for the developer.
        description: Option<String>,
    },
    /// Any other OAuth error.
    #[error("refused with `{error}` ({})", described(.description.as_deref()))]
    Refused {
        /// Its name.
        error: String,
        /// Firstbell's words for the developer.
        description: Option<String>,
    },
    /// 429 or 5xx: Firstbell, or something in front of it, is busy or down.
    #[error("Firstbell is unavailable (status {status})")]
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// An answer that makes no sense.
    #[error("the token endpoint sent {0}")]
    Malformed(#[from] MalformedReply),
}

fn described(description: Option<&str>) -> &str {
    description.unwrap_or("no description")
}

impl From<Failure> for ExchangeError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NoAnswer(no_answer) => Self::NoAnswer(no_answer),
            Failure::Malformed(malformed) => Self::Malformed(malformed),
        }
    }
}

impl Firstbell {
    /// Spends the code. It is never tried twice, whatever happens: a second try would be refused
    /// and may revoke what the first one bought.
    ///
    /// # Errors
    /// [`ExchangeError`], a variant per cause.
    pub async fn exchange(&self, code: VerifiedCode) -> Result<AccessToken, ExchangeError> {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code.code)
            .append_pair("grant_type", "authorization_code")
            .append_pair("redirect_uri", self.redirect_uri.as_str())
            .finish();
        let reply = self.transport.post_form(self.client_id.as_str(), body).await?;
        if reply.status.is_success() { token(&reply) } else { Err(refusal(&reply)) }
    }
}

fn token(reply: &Reply) -> Result<AccessToken, ExchangeError> {
    let TokenResponse { access_token, token_type, .. } = reply.json()?;
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err(MalformedReply::Member("token_type").into());
    }
    // It goes into a header: nothing but visible ASCII (RFC 6749 appendix A.12).
    if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(MalformedReply::Member("access_token").into());
    }
    Ok(AccessToken(access_token))
}

fn refusal(reply: &Reply) -> ExchangeError {
    let status = reply.status.as_u16();
    if reply.is_unavailable() {
        return ExchangeError::Unavailable { status };
    }
    match reply.oauth_error() {
        Some(body) => match body.error.as_str() {
            "invalid_grant" => ExchangeError::InvalidGrant { description: body.error_description },
            "invalid_client" => {
                ExchangeError::InvalidClient { description: body.error_description }
            }
            _ => ExchangeError::Refused { error: body.error, description: body.error_description },
        },
        None if reply.status == StatusCode::UNAUTHORIZED => {
            ExchangeError::InvalidClient { description: None }
        }
        None => MalformedReply::Status(status).into(),
    }
}
