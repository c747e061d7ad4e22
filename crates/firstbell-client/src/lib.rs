//! Log people in with Firstbell (OAuth 2.0 code grant, RFC 6749 section 4.1, in the dialect that
//! education applications speak).
//!
//! A login is four calls, and between them there is nothing to decide:
//!
//! 1. The person presses your button. [`Firstbell::start`] makes the URL to send them to and the
//!    value of a cookie of yours that binds the login to this browser.
//! 2. They come back to your redirect URI. [`Callback::read`] looks at the query and the cookie.
//!    Only a code whose `state` belongs to this browser becomes a [`VerifiedCode`].
//! 3. [`Firstbell::exchange`] spends the code, once.
//! 4. [`Firstbell::person`] says who it is.
//!
//! **People who come from their portal bring a code and no `state`.** Anybody can push such a code
//! into somebody else's browser and so log them in to a foreign account. Firstbell's answer is to
//! throw that code away and to start again with a `state`; the person notices nothing. Here that
//! is a type: [`Callback::Restart`] holds no code, and there is no other way to get one.
//!
//! Nothing is stored here, no clock is read and no randomness drawn: pass in `now` and 32 bytes of
//! a secure source. Secrets, codes and tokens have no `Display` and say nothing in `Debug`, nor do
//! names and email addresses.
//!
//! # Example
//!
//! ```
//! use std::time::SystemTime;
//! use firstbell_client::{Callback, ClientSecret, Firstbell, Settings};
//!
//! /// What an application answers.
//! enum Answer {
//!     /// Redirect, and set the login cookie to this; an empty value removes it.
//!     Redirect { to: String, login_cookie: String },
//!     /// Start a session for this Firstbell id and greet this name.
//!     LoggedIn { id: String, name: String },
//!     /// Say that it did not work, and offer the button again.
//!     Sorry,
//! }
//!
//! fn connect() -> Result<Firstbell, firstbell_client::SettingsError> {
//!     Firstbell::new(Settings {
//!         auth_base: "https://firstbell.example".into(),
//!         api_base: "https://api.firstbell.example".into(),
//!         client_id: "4c63c1cf623dce82caac".into(),
//!         client_secret: ClientSecret::new("kept in the environment"),
//!         redirect_uri: "https://flightschool.example/oauth/callback".into(),
//!         timeout: Settings::TIMEOUT,
//!     })
//! }
//!
//! /// `GET /login`
//! fn login(firstbell: &Firstbell, cookie: Option<&str>, random: [u8; 32], now: SystemTime) -> Answer {
//!     let start = firstbell.start(cookie, random, now);
//!     Answer::Redirect { to: start.authorize_url, login_cookie: start.cookie }
//! }
//!
//! /// `GET /oauth/callback?…`
//! async fn callback(
//!     firstbell: &Firstbell, query: &str, cookie: Option<&str>, random: [u8; 32], now: SystemTime,
//! ) -> Answer {
//!     match Callback::read(query, cookie, now) {
//!         Ok(Callback::Code(code)) => {
//!             let Ok(token) = firstbell.exchange(code).await else { return Answer::Sorry };
//!             let Ok(person) = firstbell.person(&token).await else { return Answer::Sorry };
//!             Answer::LoggedIn { name: person.name.full(), id: person.id }
//!         }
//!         Ok(Callback::Restart(restart)) => {
//!             let start = firstbell.restart(restart, random, now);
//!             Answer::Redirect { to: start.authorize_url, login_cookie: start.cookie }
//!         }
//!         Ok(Callback::Refused(_)) | Err(_) => Answer::Sorry,
//!     }
//! }
//! ```
//!
//! The login cookie must be `HttpOnly; SameSite=Lax; Path=/; Max-Age=600`, and over https also
//! `Secure` with a name that begins with `__Host-`.

mod callback;
mod exchange;
mod login;
mod person;
mod secret;
mod settings;
mod transport;

pub use callback::{Callback, CallbackError, Refusal, Refused, VerifiedCode};
pub use exchange::{AccessToken, ExchangeError};
pub use firstbell_protocol::vocabulary::RoleKind;
pub use login::{LoginStart, Restart};
pub use person::{Me, Person, PersonName, PersonRole, ReplyError};
pub use secret::ClientSecret;
pub use settings::{Firstbell, Settings, SettingsError};
pub use transport::{MalformedReply, NoAnswer};
