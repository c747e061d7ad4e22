//! What is said on the wire between Firstbell, the browser and an application: requests, replies
//! and the names of errors. Everything here parses or prints; nothing does IO, reads a clock or
//! decides whether somebody may do something.
//!
//! - [`vocabulary`]: the words that mean something, a type each.
//! - [`oauth`]: the authorization request, its answers, the token exchange (RFC 6749 in the
//!   Clever-compatible dialect).
//! - [`oidc`]: what OpenID Connect adds: discovery, the ID token, `/userinfo`.
//! - [`jose`]: signed tokens and the keys that verify them (RFC 7515, 7517, 7519).
//! - [`oneroster`]: the OneRoster 1.2 Rostering Service: paths, queries, refusals.
//! - [`data_api`]: the reply envelope, a printer per family of dialects (`v2`, `v3`), a file a dialect.
//! - [`webhook`]: signed messages to applications (Standard Webhooks).

pub mod data_api;
pub mod jose;
pub mod oauth;
pub mod oidc;
pub mod oneroster;
pub mod vocabulary;
pub mod webhook;
