//! One login, in reading order:
//!
//! 1. [`authorize`]: an authorization request is admitted, or refused on a page or by redirect.
//! 2. [`step`]: what must happen next before the person may go on.
//! 3. [`throttle`]: how often somebody may guess a password.
//! 4. [`credential`], [`matching`]: who the person is that an identity provider vouches for.
//! 5. [`session`]: that somebody is logged in on a browser.
//! 6. [`code`]: the code that takes a person to an application, and how it is redeemed.
//! 7. [`token`]: what a redeemed code buys; [`signing_key`]: what signs the ID token beside it.
//! 8. [`district_token`]: what an application reads a whole district with.
//!
//! Beside it: [`impersonation`], an administrator acts as somebody else; [`trace`], what a support
//! code finds.

pub mod authorize;
pub mod code;
pub mod credential;
pub mod district_token;
pub mod impersonation;
pub mod matching;
pub mod session;
pub mod signing_key;
pub mod step;
pub mod throttle;
pub mod token;
pub mod trace;
