//! OAuth 2.0 (RFC 6749) in the Clever-compatible dialect: what an authorization request and a
//! token request say, and how they are answered.
//!
//! Where the dialect departs from the RFC: `scope` is ignored in requests and always answered;
//! a login that the portal starts carries no `state`; `redirect_uri` may be left out of the
//! authorization request and the first registered one is taken; token requests may be JSON;
//! tokens are never refreshed.

pub mod authorize_request;
pub mod client_auth;
pub mod error;
pub mod token_request;
pub mod token_response;

pub use authorize_request::{AuthorizeRequest, MalformedRequest};
pub use client_auth::{ClientCredentials, CredentialsError};
pub use error::ErrorBody;
pub use token_request::{BodyKind, TokenRequest, TokenRequestError};
pub use token_response::TokenResponse;
