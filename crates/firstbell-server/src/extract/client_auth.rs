//! Which application talks to the endpoints of tokens: HTTP Basic or members of the body
//! (RFC 6749 section 2.3.1).

use firstbell_core::application::Application;
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
    let header = match headers.get(AUTHORIZATION) {
        Some(value) => {
            let text = value.to_str().map_err(|_| CredentialsError::Malformed)?;
            Some(ClientCredentials::from_basic(text)?)
        }
        None => None,
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
