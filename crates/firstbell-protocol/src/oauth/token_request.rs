//! The body of `POST /oauth/tokens` (RFC 6749 section 4.1.3), as a form or as JSON.

use std::fmt;

use serde::Deserialize;

/// How the body is written, by its `Content-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// `application/x-www-form-urlencoded`, also with the misspelling
    /// `application/x-www-form-url-encoded` that a published example carries.
    Form,
    /// `application/json`.
    Json,
}

impl BodyKind {
    /// Reads a `Content-Type`; parameters such as `; charset=utf-8` do not matter.
    ///
    /// # Errors
    /// [`TokenRequestError::ContentType`] for any other type, `multipart/form-data` among them.
    pub fn of(content_type: Option<&str>) -> Result<Self, TokenRequestError> {
        let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        match essence.trim().to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" | "application/x-www-form-url-encoded" => {
                Ok(Self::Form)
            }
            "application/json" => Ok(Self::Json),
            _ => Err(TokenRequestError::ContentType),
        }
    }
}

/// Why a body is no token request. All of them are `invalid_request`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRequestError {
    /// The `Content-Type` is missing or none of the two.
    #[error("invalid content-type: send application/x-www-form-urlencoded or application/json")]
    ContentType,
    /// The body cannot be read as what its type says.
    #[error("the body cannot be read as its content-type says")]
    Body,
    /// A parameter stands in the address, where servers and proxies write it into their logs
    /// (RFC 6749 section 2.3.1).
    #[error("the parameters belong into the body, not into the address")]
    InAddress,
    /// A parameter is there twice (RFC 6749 section 3.2).
    #[error("a parameter is sent more than once")]
    Repeated,
}

/// A token request as it was sent; members that are unknown are ignored.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
pub struct TokenRequest {
    /// `grant_type`.
    pub grant_type: Option<String>,
    /// `code`.
    pub code: Option<String>,
    /// `redirect_uri`.
    pub redirect_uri: Option<String>,
    /// `code_verifier` (RFC 7636 section 4.5).
    pub code_verifier: Option<String>,
    /// `scope`, which the client credentials grant alone asks for (RFC 6749 section 4.4.2).
    #[serde(default, deserialize_with = "text_if_any")]
    pub scope: Option<String>,
    /// `client_id`, when it stands in the body.
    pub client_id: Option<String>,
    /// `client_secret`, when it stands in the body.
    pub client_secret: Option<String>,
}

/// Neither code nor secret is printed.
impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest").field("grant_type", &self.grant_type).finish_non_exhaustive()
    }
}

impl TokenRequest {
    /// Reads a body. A parameter sent empty counts as not sent (RFC 6749 section 3.2).
    ///
    /// # Errors
    /// See [`TokenRequestError`].
    pub fn parse(kind: BodyKind, body: &[u8]) -> Result<Self, TokenRequestError> {
        let mut request = match kind {
            BodyKind::Form => Self::from_form(body)?,
            BodyKind::Json => Self::from_json(body)?,
        };
        for member in request.members() {
            if member.as_deref() == Some("") {
                *member = None;
            }
        }
        Ok(request)
    }

    /// Refuses a query that holds a parameter of the request.
    ///
    /// # Errors
    /// [`TokenRequestError::InAddress`].
    pub fn must_not_be_in(query: &str) -> Result<(), TokenRequestError> {
        let is_ours = |name: &str| {
            matches!(name, "grant_type" | "code" | "redirect_uri" | "client_id" | "client_secret")
        };
        let found = url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| is_ours(&name));
        if found { Err(TokenRequestError::InAddress) } else { Ok(()) }
    }

    /// A list of values in the right order would read as the object, so its brace is asked for.
    fn from_json(body: &[u8]) -> Result<Self, TokenRequestError> {
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(TokenRequestError::Body);
        }
        serde_json::from_slice(body).map_err(|_| TokenRequestError::Body)
    }

    fn from_form(body: &[u8]) -> Result<Self, TokenRequestError> {
        std::str::from_utf8(body).map_err(|_| TokenRequestError::Body)?;
        let mut request = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let member = match &*name {
                "grant_type" => &mut request.grant_type,
                "code" => &mut request.code,
                "redirect_uri" => &mut request.redirect_uri,
                "code_verifier" => &mut request.code_verifier,
                "scope" => &mut request.scope,
                "client_id" => &mut request.client_id,
                "client_secret" => &mut request.client_secret,
                _ => continue,
            };
            if member.replace(value.into_owned()).is_some() {
                return Err(TokenRequestError::Repeated);
            }
        }
        Ok(request)
    }

    fn members(&mut self) -> [&mut Option<String>; 7] {
        [
            &mut self.grant_type,
            &mut self.code,
            &mut self.redirect_uri,
            &mut self.code_verifier,
            &mut self.scope,
            &mut self.client_id,
            &mut self.client_secret,
        ]
    }
}

/// Whoever exchanges a code may send what they like under the name of a member that is not asked for.
fn text_if_any<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let sent = serde_json::Value::deserialize(from)?;
    Ok(sent.as_str().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_json_say_the_same() {
        let form = TokenRequest::parse(
            BodyKind::Form,
            b"code=c&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fa.example%2Fcb&code_verifier=x",
        );
        let json = TokenRequest::parse(
            BodyKind::Json,
            br#"{"code":"c","grant_type":"authorization_code","redirect_uri":"https://a.example/cb","code_verifier":"x","extra":[1],"scope":[1]}"#,
        );
        assert!(form.is_ok());
        assert_eq!(form, json);
    }

    #[test]
    fn content_types_are_read_with_parameters_and_in_any_case() {
        for (text, kind) in [
            ("application/x-www-form-urlencoded", BodyKind::Form),
            ("Application/X-WWW-Form-URLencoded; charset=UTF-8", BodyKind::Form),
            ("application/x-www-form-url-encoded", BodyKind::Form),
            ("application/json;charset=utf-8", BodyKind::Json),
        ] {
            assert_eq!(BodyKind::of(Some(text)), Ok(kind), "{text}");
        }
        for bad in [None, Some(""), Some("multipart/form-data; boundary=x"), Some("text/plain")] {
            assert_eq!(BodyKind::of(bad), Err(TokenRequestError::ContentType), "{bad:?}");
        }
    }

    #[test]
    fn what_is_repeated_or_broken_is_refused() {
        for (kind, body, error) in [
            (BodyKind::Form, &b"code=a&code=b"[..], TokenRequestError::Repeated),
            (BodyKind::Form, b"scope=a&scope=b", TokenRequestError::Repeated),
            (BodyKind::Form, b"code=\xff", TokenRequestError::Body),
            (BodyKind::Json, b"{", TokenRequestError::Body),
            (BodyKind::Json, b"[]", TokenRequestError::Body),
            (BodyKind::Json, br#"["authorization_code","c","u","i","s"]"#, TokenRequestError::Body),
            (BodyKind::Json, br#"{"code":1}"#, TokenRequestError::Body),
            (BodyKind::Json, br#"{"code":"a","code":"b"}"#, TokenRequestError::Body),
        ] {
            assert_eq!(TokenRequest::parse(kind, body), Err(error), "{body:?}");
        }
    }
}
