//! The way out: the authorization request (RFC 6749 section 4.1.1), and the cookie that remembers
//! which `state` values this browser was given (section 10.12).

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use firstbell_protocol::vocabulary::encode_query_value;
use subtle::{Choice, ConstantTimeEq as _};

use crate::settings::Firstbell;

/// A login that begins: send the person to `authorize_url` and set the login cookie to `cookie`.
#[derive(Clone)]
pub struct LoginStart {
    /// Firstbell's login page for this application.
    pub authorize_url: String,
    /// The new value of the login cookie.
    pub cookie: String,
}

impl LoginStart {
    /// How long the login cookie is to live; a login that takes longer starts again.
    pub const COOKIE_LIFETIME: Duration = Duration::from_mins(10);

    /// The same login on the page of one district: the person need not look for it.
    #[must_use]
    pub fn in_district(mut self, district_id: &str) -> Self {
        // Writing to a String cannot fail.
        let _ = write!(self.authorize_url, "&district_id={}", encode_query_value(district_id));
        self
    }
}

/// The state in it is the key to a login: it is not printed.
impl std::fmt::Debug for LoginStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginStart(…)")
    }
}

/// A code came without `state` and was thrown away; [`Firstbell::restart`] begins a login of the
/// application's own.
#[derive(Debug)]
#[must_use = "the person is waiting: send them on with `Firstbell::restart`"]
pub struct Restart {
    pub(crate) pending: PendingLogins,
}

impl Firstbell {
    /// Begins a login because the person asked for it. `cookie` is the login cookie's value, when
    /// the browser sent one: logins begun in other tabs stay valid. `random` are 32 bytes from a
    /// secure source, never used twice.
    pub fn start(&self, cookie: Option<&str>, random: [u8; 32], now: SystemTime) -> LoginStart {
        let mut pending = PendingLogins::read(cookie, now);
        pending.restarts = 0;
        self.start_with(pending, random, now)
    }

    /// Begins a login in place of one that Firstbell began. The person's session at Firstbell
    /// makes it invisible.
    pub fn restart(&self, restart: Restart, random: [u8; 32], now: SystemTime) -> LoginStart {
        self.start_with(restart.pending, random, now)
    }

    fn start_with(
        &self,
        mut pending: PendingLogins,
        random: [u8; 32],
        now: SystemTime,
    ) -> LoginStart {
        let state = hexadecimal(random);
        let authorize_url = format!(
            "{}?response_type=code&client_id={}&redirect_uri={}&state={state}",
            self.authorize,
            encode_query_value(self.client_id.as_str()),
            encode_query_value(self.redirect_uri.as_str()),
        );
        pending.add(state, now);
        LoginStart { authorize_url, cookie: pending.print() }
    }
}

/// What the login cookie says: `restarts.started-state.started-state…`, the newest last. More than
/// one, because a double click on a portal's tile opens two tabs, and both must arrive.
#[derive(Default)]
pub(crate) struct PendingLogins {
    pub(crate) restarts: u8,
    logins: Vec<PendingLogin>,
}

struct PendingLogin {
    started_unix_seconds: u64,
    state: String,
}

impl PendingLogins {
    /// As many tabs as may be logging in at once.
    const MOST: usize = 4;

    /// Reads the cookie. What is too old or was never written here is as good as absent.
    pub(crate) fn read(cookie: Option<&str>, now: SystemTime) -> Self {
        let mut parts = cookie.unwrap_or_default().split('.');
        let restarts = parts.next().and_then(|part| part.parse().ok()).unwrap_or(0);
        let now = unix_seconds(now);
        let logins: Vec<_> = parts
            .take(Self::MOST)
            .filter_map(PendingLogin::read)
            .filter(|login| {
                now.abs_diff(login.started_unix_seconds) <= LoginStart::COOKIE_LIFETIME.as_secs()
            })
            .collect();
        if logins.is_empty() { Self::default() } else { Self { restarts, logins } }
    }

    /// The cookie's value; empty when there is nothing to remember.
    pub(crate) fn print(&self) -> String {
        if self.logins.is_empty() {
            return String::new();
        }
        let mut text = self.restarts.to_string();
        for login in &self.logins {
            let _ = write!(text, ".{}-{}", login.started_unix_seconds, login.state);
        }
        text
    }

    /// Takes out the login that this state began. Every comparison takes the same time and all of
    /// them are made, so that timing tells nothing about a state.
    pub(crate) fn take(&mut self, state: &str) -> bool {
        let mut found = Choice::from(0);
        self.logins.retain(|login| {
            let same = login.state.as_bytes().ct_eq(state.as_bytes());
            found |= same;
            !bool::from(same)
        });
        found.into()
    }

    fn add(&mut self, state: String, now: SystemTime) {
        if self.logins.len() == Self::MOST {
            self.logins.remove(0);
        }
        self.logins.push(PendingLogin { started_unix_seconds: unix_seconds(now), state });
    }
}

impl std::fmt::Debug for PendingLogins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PendingLogins({})", self.logins.len())
    }
}

impl PendingLogin {
    fn read(part: &str) -> Option<Self> {
        let (started, state) = part.split_once('-')?;
        let ours = state.len() == 64 && state.bytes().all(|byte| byte.is_ascii_hexdigit());
        let started_unix_seconds = started.parse().ok()?;
        ours.then(|| Self { started_unix_seconds, state: state.to_owned() })
    }
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn hexadecimal(bytes: [u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
