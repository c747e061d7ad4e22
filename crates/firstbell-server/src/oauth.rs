//! `/oauth/…`: the authorization server.

pub mod authorize;
pub mod certs;
mod client_credentials;
pub mod district_tokens;
pub mod id_token;
pub mod instant_login;
pub mod revoke;
pub mod token_info;
pub mod tokens;
