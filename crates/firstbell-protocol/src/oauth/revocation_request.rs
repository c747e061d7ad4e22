//! The body of `POST /oauth/revoke` (RFC 7009 section 2.1).

use std::fmt;

use super::form;
use super::token_request::TokenRequestError;

/// A revocation request as it was sent. `token_type_hint` is not needed to find a token.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct RevocationRequest {
    /// `token`.
    pub token: Option<String>,
    /// `client_id`, when it stands in the body.
    pub client_id: Option<String>,
    /// `client_secret`, when it stands in the body.
    pub client_secret: Option<String>,
}

/// Neither token nor secret is printed.
impl fmt::Debug for RevocationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationRequest")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl RevocationRequest {
    /// Reads a form.
    ///
    /// # Errors
    /// See [`TokenRequestError`].
    pub fn parse(content_type: Option<&str>, body: &[u8]) -> Result<Self, TokenRequestError> {
        let names = ["token", "client_id", "client_secret"];
        let [token, client_id, client_secret] = form::members(content_type, body, names)?;
        Ok(Self { token, client_id, client_secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    #[test]
    fn a_form_is_read_and_what_is_none_is_refused() {
        let read = RevocationRequest::parse(FORM, b"token=il1&token_type_hint=x&client_id=");
        assert_eq!(
            read,
            Ok(RevocationRequest { token: Some("il1".into()), ..RevocationRequest::default() })
        );
        for (kind, body, error) in [
            (None, &b"token=a"[..], TokenRequestError::ContentType),
            (Some("application/json"), b"{}", TokenRequestError::ContentType),
            (FORM, b"token=a&token=b", TokenRequestError::Repeated),
            (FORM, b"token=\xff", TokenRequestError::Body),
        ] {
            assert_eq!(RevocationRequest::parse(kind, body), Err(error), "{body:?}");
        }
    }
}
