//! The answer of `GET /oauth/tokeninfo`: whose token it is, for applications that check that a
//! token was made for them.

use serde::Serialize;

/// `{"client_id", "scopes"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenInfo<'a> {
    /// The application that holds the token.
    pub client_id: &'a str,
    /// What it may read.
    pub scopes: Vec<&'a str>,
}
