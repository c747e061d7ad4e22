//! OpenID Connect as the dialect speaks it: what an application reads to find us
//! ([`discovery`]), who somebody is in a signed token ([`id_token`]) and at `/userinfo`
//! ([`userinfo`]).
//!
//! Where the dialect departs from OpenID Connect Core: ID tokens come by an application's switch,
//! not by the scope `openid`; `name` at `/userinfo` is an object unless the application has
//! chosen standard claims; there is no logout for applications.

pub mod discovery;
pub mod id_token;
pub mod userinfo;

pub use discovery::Discovery;
pub use id_token::IdToken;
pub use userinfo::{NameForm, UserInfo};
