//! Which application talks to the endpoints of tokens: HTTP Basic or members of the body
//! (RFC 6749 section 2.3.1).

use firstbell_core::application::Application;
use firstbell_core::error::{self, Face};
use firstbell_core::secret::Secret;
use firstbell_core::time::Timestamp;
use firstbell_protocol::oauth::{ClientCredentials, CredentialsError};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::settings::Settings;

/// Why an application is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefusal {
    /// It presented nothing that could be read.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// No application has this identifier and secret.
    #[error("invalid client credentials")]
    Unknown,
}

impl ClientRefusal {
    /// How the refusal is told: more than one proof is a malformed request (RFC 6749 section 5.2).
    pub const fn face(self) -> &'static Face {
        match self {
            Self::Credentials(CredentialsError::Contradicting) => &error::TOKEN_REQUEST_MALFORMED,
            Self::Credentials(_) | Self::Unknown => &error::CLIENT_NOT_PROVED,
        }
    }
}

/// The application that proves itself with this request; `body` is `client_id` and
/// `client_secret`, where they stand in its body.
///
/// # Errors
/// See [`ClientRefusal`].
pub fn application<'a>(
    headers: &HeaderMap,
    body: (Option<&str>, Option<&str>),
    settings: &'a Settings,
    now: Timestamp,
) -> Result<&'a Application, ClientRefusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = match (sent.next(), sent.next()) {
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| CredentialsError::Malformed)?;
            Some(ClientCredentials::from_basic(text)?)
        }
        (None, _) => None,
        (Some(_), Some(_)) => return Err(CredentialsError::Contradicting.into()),
    };
    let presented = ClientCredentials::agree(header, body.0, body.1)?;
    let client_id = presented.client_id.parse().map_err(|_| ClientRefusal::Unknown)?;
    settings
        .application_by_client(&client_id)
        .filter(|known| {
            let secret = Secret::from_text(presented.client_secret);
            known.disabled.is_none() && known.is_proved_by(&secret, now)
        })
        .ok_or(ClientRefusal::Unknown)
}
