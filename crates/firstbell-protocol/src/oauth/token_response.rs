//! The answer to a code that was exchanged (RFC 6749 section 5.1).

use std::fmt;

use serde::{Deserialize, Serialize};

/// `{"access_token": …, "token_type": "bearer"}`. The dialect's documents show only the first
/// member; strict clients of other authors refuse a reply without the second.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The bearer token.
    pub access_token: String,
    /// `bearer`; a reply without it is taken as one.
    #[serde(default = "bearer")]
    pub token_type: String,
    /// In how many seconds the token expires, where it is told.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// What was granted, where that is told.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The ID token, for applications that speak OpenID Connect (Core section 3.1.3.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
}

fn bearer() -> String {
    "bearer".to_owned()
}

impl TokenResponse {
    /// The reply for this token.
    pub fn bearer(access_token: impl Into<String>) -> Self {
        Self {
            access_token: access_token.into(),
            token_type: bearer(),
            expires_in: None,
            scope: None,
            id_token: None,
        }
    }
}

/// The token is not printed.
impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenResponse(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reply_names_its_token_type() {
        let reply = serde_json::to_string(&TokenResponse::bearer("il1")).expect("prints");
        assert_eq!(reply, r#"{"access_token":"il1","token_type":"bearer"}"#);
    }

    #[test]
    fn a_reply_of_one_key_is_understood() {
        let reply: TokenResponse = serde_json::from_str(r#"{"access_token":"x"}"#).expect("reads");
        assert_eq!(reply, TokenResponse::bearer("x"));
    }
}
