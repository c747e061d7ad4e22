//! The way back: what arrives at the redirect URI (RFC 6749 sections 4.1.2 and 4.1.2.1), judged
//! against the login cookie (section 10.12) before anything is believed.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use crate::login::{PendingLogins, Restart};

/// What an arrival at the redirect URI means.
#[derive(Debug)]
pub enum Callback {
    /// A login that began in this browser ends with a code: exchange it. The person that it names
    /// replaces whoever was logged in here before.
    Code(VerifiedCode),
    /// Firstbell began the login (portal, Instant Login Link): send the person round once more.
    Restart(Restart),
    /// A login that began in this browser ends with a refusal.
    Refused(Refused),
}

/// A code that belongs to a login of this browser. It can be exchanged once: it is neither `Clone`
/// nor readable.
pub struct VerifiedCode {
    pub(crate) code: String,
    cookie_after: String,
}

impl VerifiedCode {
    /// What the login cookie is to be set to; when empty, remove it. A state is good for one
    /// arrival.
    pub fn cookie_after(&self) -> &str {
        &self.cookie_after
    }
}

impl fmt::Debug for VerifiedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedCode(…)")
    }
}

/// Firstbell sent the person back without a code.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    cookie_after: String,
}

impl Refused {
    /// As [`VerifiedCode::cookie_after`].
    pub fn cookie_after(&self) -> &str {
        &self.cookie_after
    }
}

/// The `error` of a refused login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// `unauthorized-user`: the district does not share this person with the application.
    NotShared,
    /// `access_denied`: the person, or a rule, said no.
    Denied,
    /// `server_error` or `temporarily_unavailable`: later it may work.
    Unavailable,
    /// Any other name, for the log: letters, digits, `-`, `_`, at most 64 of them.
    Other(String),
}

impl Refusal {
    fn read(error: &str) -> Self {
        match error {
            "unauthorized-user" => Self::NotShared,
            "access_denied" => Self::Denied,
            "server_error" | "temporarily_unavailable" => Self::Unavailable,
            other => Self::Other(
                other
                    .chars()
                    .filter(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'))
                    .take(64)
                    .collect(),
            ),
        }
    }
}

/// Why an arrival is not believed. Nobody is logged in, nobody is logged out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// The `state` is not one this browser was given in the last ten minutes, or was used before.
    #[error("the state belongs to no login of this browser")]
    StateMismatch,
    /// There is a `state` and no login cookie: another browser's link, or cookies are off.
    #[error("a state arrived in a browser that began no login")]
    StateWithoutLogin,
    /// An `error` without `state` proves nothing.
    #[error("an error arrived without a state")]
    ErrorWithoutState,
    /// Neither `code` nor `error`.
    #[error("neither a code nor an error arrived")]
    NeitherCodeNorError,
    /// Both `code` and `error`.
    #[error("both a code and an error arrived")]
    BothCodeAndError,
    /// `code`, `state` or `error` is there twice (RFC 6749 section 3.1).
    #[error("a parameter arrived more than once")]
    Repeated,
    /// The query is longer than [`Callback::MOST_QUERY_BYTES`].
    #[error("the query is too long")]
    TooLong,
    /// Codes without `state` keep coming although each was answered with a login of our own.
    #[error("logins come back without the state they were begun with")]
    RestartLoop,
}

impl Callback {
    /// The longest query that is read.
    pub const MOST_QUERY_BYTES: usize = 16 * 1024;
    /// How many codes without `state` are answered in a row before somebody has to be told. Two,
    /// because a double click on a portal's tile sends two at once.
    pub const MOST_RESTARTS: u8 = 2;

    /// Judges a request to the redirect URI by its query string (without `?`) and the value of
    /// the login cookie. Parameters with no meaning here are ignored, among them
    /// `loginas_by_admin`: unsigned, it proves nothing.
    ///
    /// # Errors
    /// [`CallbackError`]: show the person a page with the login button. Leave the login cookie as
    /// it is, except after [`CallbackError::RestartLoop`], when it is to be removed.
    pub fn read(query: &str, cookie: Option<&str>, now: SystemTime) -> Result<Self, CallbackError> {
        let query = Query::read(query)?;
        let pending = PendingLogins::read(cookie, now);

        match (query.code, query.error) {
            (None, None) => Err(CallbackError::NeitherCodeNorError),
            (Some(_), Some(_)) => Err(CallbackError::BothCodeAndError),
            (Some(code), None) => match query.state {
                None => restart(pending).map(Self::Restart),
                Some(state) => {
                    let cookie_after = verify(pending, &state, cookie)?;
                    Ok(Self::Code(VerifiedCode { code: code.into_owned(), cookie_after }))
                }
            },
            (None, Some(error)) => {
                let state = query.state.ok_or(CallbackError::ErrorWithoutState)?;
                let cookie_after = verify(pending, &state, cookie)?;
                Ok(Self::Refused(Refused { refusal: Refusal::read(&error), cookie_after }))
            }
        }
    }
}

fn restart(mut pending: PendingLogins) -> Result<Restart, CallbackError> {
    if pending.restarts >= Callback::MOST_RESTARTS {
        return Err(CallbackError::RestartLoop);
    }
    pending.restarts += 1;
    Ok(Restart { pending })
}

fn verify(
    mut pending: PendingLogins,
    state: &str,
    cookie: Option<&str>,
) -> Result<String, CallbackError> {
    if pending.take(state) {
        pending.restarts = 0;
        Ok(pending.print())
    } else if cookie.is_none_or(str::is_empty) {
        Err(CallbackError::StateWithoutLogin)
    } else {
        Err(CallbackError::StateMismatch)
    }
}

/// The three parameters that matter. One sent empty counts as not sent (RFC 6749 section 3.1).
#[derive(Default)]
struct Query<'q> {
    code: Option<Cow<'q, str>>,
    state: Option<Cow<'q, str>>,
    error: Option<Cow<'q, str>>,
}

impl<'q> Query<'q> {
    fn read(text: &'q str) -> Result<Self, CallbackError> {
        if text.len() > Callback::MOST_QUERY_BYTES {
            return Err(CallbackError::TooLong);
        }
        let mut query = Self::default();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            let parameter = match &*name {
                "code" => &mut query.code,
                "state" => &mut query.state,
                "error" => &mut query.error,
                _ => continue,
            };
            if parameter.replace(value).is_some() {
                return Err(CallbackError::Repeated);
            }
        }
        for parameter in [&mut query.code, &mut query.state, &mut query.error] {
            parameter.take_if(|value| value.is_empty());
        }
        Ok(query)
    }
}
