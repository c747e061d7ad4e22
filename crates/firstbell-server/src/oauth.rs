//! `/oauth/…`: the authorization server.

pub mod authorize;
pub mod tokens;
