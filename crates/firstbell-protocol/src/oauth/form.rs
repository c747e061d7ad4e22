//! Bodies of `application/x-www-form-urlencoded` from which a few named members are taken.

use super::token_request::{BodyKind, TokenRequestError};

/// Takes the members of these names out of a form, in their order; others are ignored, and one that
/// is sent empty counts as not sent (RFC 6749 section 3.2).
pub(super) fn members<const N: usize>(
    content_type: Option<&str>,
    body: &[u8],
    names: [&str; N],
) -> Result<[Option<String>; N], TokenRequestError> {
    if BodyKind::of(content_type)? != BodyKind::Form {
        return Err(TokenRequestError::ContentType);
    }
    std::str::from_utf8(body).map_err(|_| TokenRequestError::Body)?;
    let mut members = [const { None }; N];
    for (name, value) in url::form_urlencoded::parse(body) {
        let Some(at) = names.iter().position(|known| *known == name) else { continue };
        if members[at].replace(value.into_owned()).is_some() {
            return Err(TokenRequestError::Repeated);
        }
    }
    Ok(members.map(|member| member.filter(|value| !value.is_empty())))
}
