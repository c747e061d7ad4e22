//! Where a request carries a bearer token (RFC 6750 section 2): in the header, or in the form of a
//! `POST` to an endpoint that takes it there. In a query it is no token: addresses are logged.

use super::form;
use super::token_request::TokenRequestError;

/// A token that is sent in two ways, or twice (RFC 6750 section 2: one method a request).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("send the access token once: in the Authorization header, or in the form")]
pub struct SentTwice;

/// The token in the value of an `Authorization` header.
pub fn in_header(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// The token of a request, from wherever it stands.
///
/// # Errors
/// [`SentTwice`].
pub fn in_header_or_form(
    header: Option<&str>,
    content_type: Option<&str>,
    body: &[u8],
) -> Result<Option<String>, SentTwice> {
    let in_form = match form::members(content_type, body, ["access_token"]) {
        Ok([token]) => token,
        Err(TokenRequestError::Repeated) => return Err(SentTwice),
        // What is no form holds no token.
        Err(_) => None,
    };
    match (header, in_form) {
        (Some(_), Some(_)) => Err(SentTwice),
        (Some(value), None) => Ok(in_header(value).map(str::to_owned)),
        (None, in_form) => Ok(in_form),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    #[test]
    fn a_token_stands_in_one_place() {
        let token = |text: &str| Ok(Some(text.to_owned()));
        for (header, kind, body, expected) in [
            (Some("Bearer a"), None, &b""[..], token("a")),
            (Some("bearer  a "), FORM, b"x=y", token("a")),
            (None, FORM, b"access_token=a", token("a")),
            (Some("Bearer a"), FORM, b"access_token=a", Err(SentTwice)),
            (Some("Basic a"), FORM, b"access_token=a", Err(SentTwice)),
            (None, FORM, b"access_token=a&access_token=a", Err(SentTwice)),
            (None, FORM, b"access_token=", Ok(None)),
            (None, Some("text/plain"), b"access_token=a", Ok(None)),
            (None, None, b"access_token=a", Ok(None)),
            (Some("Basic a"), None, b"", Ok(None)),
            (Some("Bearer "), None, b"", Ok(None)),
            (Some("Bearer"), None, b"", Ok(None)),
        ] {
            assert_eq!(in_header_or_form(header, kind, body), expected, "{header:?} {body:?}");
        }
    }
}
