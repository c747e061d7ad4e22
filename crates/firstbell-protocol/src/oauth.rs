//! OAuth 2.0 (RFC 6749) in the Clever-compatible dialect: what an authorization request and a
//! token request say, and how they are answered.
//!
//! Where the dialect departs from the RFC: `scope` is ignored in requests and always answered;
//! a login that the portal starts carries no `state`; `redirect_uri` may be left out of the
//! authorization request and the first registered one is taken; token requests may be JSON;
//! tokens are never refreshed.

pub mod authorize_request;
pub mod bearer;
pub mod client_auth;
pub mod district_tokens;
pub mod error;
mod form;
pub mod revocation_request;
pub mod token_info;
pub mod token_request;
pub mod token_response;

pub use authorize_request::{AuthorizeRequest, MalformedRequest};
pub use client_auth::{ClientCredentials, CredentialsError};
pub use district_tokens::{DistrictTokenItem, DistrictTokens, DistrictTokensQuery, Owner};
pub use error::ErrorBody;
pub use revocation_request::RevocationRequest;
pub use token_info::TokenInfo;
pub use token_request::{BodyKind, TokenRequest, TokenRequestError};
pub use token_response::TokenResponse;
