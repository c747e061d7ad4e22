//! `/oauth/…`: the authorization server.

pub mod authorize;
pub mod instant_login;
pub mod tokens;
