//! Which application talks to the endpoints of tokens: HTTP Basic or members of the body
//! (RFC 6749 section 2.3.1).

use firstbell_core::application::Application;
use firstbell_core::error::{self, Face};
use firstbell_core::secret::Secret;
use firstbell_protocol::oauth::{ClientCredentials, CredentialsError};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::app::App;
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
    /// Nor had the many that were presented before.
    #[error("invalid client credentials, too often; wait a moment")]
    TooOften,
}

impl ClientRefusal {
    /// How the refusal is told: more than one proof is a malformed request (RFC 6749 section 5.2).
    #[must_use]
    pub const fn face(self) -> &'static Face {
        match self {
            Self::Credentials(CredentialsError::Contradicting) => &error::TOKEN_REQUEST_MALFORMED,
            Self::Credentials(_) | Self::Unknown => &error::CLIENT_NOT_PROVED,
            Self::TooOften => &error::TOO_MANY_PROOFS,
        }
    }
}

/// The application that proves itself with this request; `body` is `client_id` and
/// `client_secret`, where they stand in its body.
///
/// A secret is too long to be guessed, so wrong ones are only counted to keep the log readable: the
/// right one counts however many wrong ones came before, and nobody can lock an application out.
///
/// # Errors
/// See [`ClientRefusal`].
pub fn application<'a>(
    app: &App,
    headers: &HeaderMap,
    body: (Option<&str>, Option<&str>),
    settings: &'a Settings,
) -> Result<&'a Application, ClientRefusal> {
    let presented = presented(headers, body)?;
    let known = presented.client_id.parse().ok();
    let known = known.and_then(|client_id| settings.application_by_client(&client_id));
    let secret = Secret::from_text(presented.client_secret);
    let proved = known.filter(|it| it.disabled.is_none() && it.is_proved_by(&secret, app.now()));
    proved.ok_or_else(|| {
        let may_be_wrong = app.may_present_wrong_secret(known.map(|it| it.id));
        if may_be_wrong { ClientRefusal::Unknown } else { ClientRefusal::TooOften }
    })
}

fn presented(
    headers: &HeaderMap,
    body: (Option<&str>, Option<&str>),
) -> Result<ClientCredentials, ClientRefusal> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = match (sent.next(), sent.next()) {
        (Some(value), None) => {
            let text = value.to_str().map_err(|_| CredentialsError::Malformed)?;
            Some(ClientCredentials::from_basic(text)?)
        }
        (None, _) => None,
        (Some(_), Some(_)) => return Err(CredentialsError::Contradicting.into()),
    };
    Ok(ClientCredentials::agree(header, body.0, body.1)?)
}
