//! How an application proves itself at the token endpoint: HTTP Basic or members of the body
//! (RFC 6749 section 2.3.1).

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What an application presented.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCredentials {
    /// `client_id`, in the sender's words.
    pub client_id: String,
    /// `client_secret`.
    pub client_secret: String,
}

/// The secret is not printed.
impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCredentials({:?}, …)", self.client_id)
    }
}

/// Why no credentials could be taken from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Neither header nor body holds any.
    #[error("no client credentials: send HTTP Basic, or client_id and client_secret in the body")]
    Missing,
    /// The Authorization header is not HTTP Basic with `id:secret` in Base64.
    #[error("the Authorization header is not HTTP Basic")]
    Malformed,
    /// Header and body hold different ones (RFC 6749 section 2.3: one method a request).
    #[error("the Authorization header and the body hold different client credentials")]
    Contradicting,
}

impl ClientCredentials {
    /// Reads the value of an `Authorization` header. RFC 6749 wants both parts form-encoded, and
    /// they are decoded once; most clients of this dialect send them raw, and since ids and
    /// secrets are plain hexadecimal digits both readings agree.
    ///
    /// # Errors
    /// [`CredentialsError::Malformed`] when it is not HTTP Basic (RFC 7617).
    pub fn from_basic(header: &str) -> Result<Self, CredentialsError> {
        let (scheme, value) = header.split_once(' ').ok_or(CredentialsError::Malformed)?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(CredentialsError::Malformed);
        }
        let decoded = STANDARD.decode(value.trim()).map_err(|_| CredentialsError::Malformed)?;
        let decoded = String::from_utf8(decoded).map_err(|_| CredentialsError::Malformed)?;
        let (client_id, client_secret) =
            decoded.split_once(':').ok_or(CredentialsError::Malformed)?;
        Ok(Self {
            client_id: form_decoded(client_id)?,
            client_secret: form_decoded(client_secret)?,
        })
    }

    /// Chooses between what the header and what the body holds. A body may repeat the
    /// `client_id` beside a header, as many clients do.
    ///
    /// # Errors
    /// [`CredentialsError::Missing`] without any, [`CredentialsError::Contradicting`] when both
    /// hold some and they differ.
    pub fn agree(
        header: Option<Self>,
        body_id: Option<&str>,
        body_secret: Option<&str>,
    ) -> Result<Self, CredentialsError> {
        match (header, body_id, body_secret) {
            (Some(header), id, secret) => {
                let same = id.is_none_or(|id| id == header.client_id)
                    && secret.is_none_or(|secret| secret == header.client_secret);
                if same { Ok(header) } else { Err(CredentialsError::Contradicting) }
            }
            (None, Some(id), Some(secret)) => {
                Ok(Self { client_id: id.to_owned(), client_secret: secret.to_owned() })
            }
            (None, _, _) => Err(CredentialsError::Missing),
        }
    }
}

/// What stands behind the escapes of a form (RFC 6749 appendix B).
fn form_decoded(text: &str) -> Result<String, CredentialsError> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| CredentialsError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(id: &str, secret: &str) -> ClientCredentials {
        ClientCredentials { client_id: id.into(), client_secret: secret.into() }
    }

    #[test]
    fn basic_is_read_whatever_the_case_of_its_name() {
        for header in ["Basic aWQ6c2VjcmV0", "basic aWQ6c2VjcmV0"] {
            assert_eq!(ClientCredentials::from_basic(header), Ok(credentials("id", "secret")));
        }
        for header in ["", "Basic", "Bearer aWQ6c2VjcmV0", "Basic !!!", "Basic aWQ="] {
            assert_eq!(ClientCredentials::from_basic(header), Err(CredentialsError::Malformed));
        }
    }

    #[test]
    fn basic_is_decoded_once() {
        for (pair, expected) in [
            ("i%64:se%63ret", Ok(credentials("id", "secret"))),
            ("id:a%3Ab+c", Ok(credentials("id", "a:b c"))),
            ("id:%2530", Ok(credentials("id", "%30"))),
            ("id:%", Ok(credentials("id", "%"))),
            ("id:%FF", Err(CredentialsError::Malformed)),
        ] {
            let header = format!("Basic {}", STANDARD.encode(pair));
            assert_eq!(ClientCredentials::from_basic(&header), expected, "{pair}");
        }
    }

    #[test]
    fn header_and_body_must_not_contradict_each_other() {
        let header = || Some(credentials("id", "secret"));
        for (header, id, secret, expected) in [
            (header(), None, None, Ok(credentials("id", "secret"))),
            (header(), Some("id"), None, Ok(credentials("id", "secret"))),
            (header(), Some("id"), Some("secret"), Ok(credentials("id", "secret"))),
            (header(), Some("other"), None, Err(CredentialsError::Contradicting)),
            (header(), Some("id"), Some("other"), Err(CredentialsError::Contradicting)),
            (None, Some("id"), Some("secret"), Ok(credentials("id", "secret"))),
            (None, Some("id"), None, Err(CredentialsError::Missing)),
            (None, None, None, Err(CredentialsError::Missing)),
        ] {
            assert_eq!(ClientCredentials::agree(header, id, secret), expected);
        }
    }
}
