//! How often a token may ask the Data API: so many requests in each minute of the clock, told in the
//! headers of every reply (`docs/compatibility.md`, "Rate limits"). Each node counts for itself.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use firstbell_core::login::district_token::narrowed;
use firstbell_core::secret::{Secret, SecretHash};
use firstbell_core::time::Timestamp;
use firstbell_protocol::oauth::bearer;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::App;

/// Requests of one token in one minute.
pub const MOST_A_MINUTE: u32 = 1200;

/// So many tokens are counted at once. Where more come in one minute, those that come late are not:
/// to turn a class away because of strangers would be worse.
const MOST_TOKENS: usize = 200_000;

const MINUTE: i64 = 60_000;

/// The name of what is counted, as the headers tell it.
const BUCKET: &str = "data-api";

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const BUCKET_NAME: HeaderName = HeaderName::from_static("x-ratelimit-bucket");

/// How often each token has asked in this minute.
#[derive(Debug, Default)]
pub struct Windows(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    /// The minute, counted from 1970.
    minute: i64,
    /// By the hash of the token.
    asked: HashMap<[u8; 32], u32>,
}

/// Where a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowed {
    /// How many more requests it has in this minute; None where this one was one too many.
    pub remaining: Option<u32>,
    /// When the next minute begins, in seconds since 1970.
    pub reset: i64,
}

impl Windows {
    /// Counts a request of a token.
    pub fn take(&self, token: &SecretHash, now: Timestamp) -> Allowed {
        let minute = now.milliseconds().div_euclid(MINUTE);
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if window.minute != minute {
            *window = Window { minute, asked: HashMap::new() };
        }
        let reset = (minute + 1).saturating_mul(MINUTE / 1000);
        if window.asked.len() >= MOST_TOKENS && !window.asked.contains_key(token.as_bytes()) {
            return Allowed { remaining: Some(0), reset };
        }
        let asked = window.asked.entry(*token.as_bytes()).or_default();
        if *asked >= MOST_A_MINUTE {
            return Allowed { remaining: None, reset };
        }
        *asked += 1;
        Allowed { remaining: Some(MOST_A_MINUTE - *asked), reset }
    }
}

/// Lists take a processor for a while, so that some of them wait for others: as many are read at once
/// as leave a processor to people who log in.
#[derive(Debug)]
pub struct LongReads(Arc<Semaphore>);

/// A list waits so long before it is told to come again.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

impl Default for LongReads {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::of(processors.saturating_sub(1).max(1))
    }
}

impl LongReads {
    fn of(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }

    /// A place among those that read; None where none became free in time. The request keeps the asker,
    /// and what reads keeps the place: whoever hangs up must not make room for another as long as it is
    /// still read for them.
    pub async fn enter(&self) -> Option<(Asker, Place)> {
        let permit = Arc::clone(&self.0).acquire_owned();
        let permit = tokio::time::timeout(LONGEST_WAIT, permit).await.ok()?.ok()?;
        let asker = Asker(Arc::new(()));
        let waits = Arc::downgrade(&asker.0);
        Some((asker, Place { waits, _permit: permit }))
    }

    /// How many places are free.
    #[must_use]
    pub fn free(&self) -> usize {
        self.0.available_permits()
    }
}

/// Whoever waits for what is read: dropped when they go.
#[derive(Debug)]
#[must_use]
pub struct Asker(Arc<()>);

/// A place among those that read at length. It is given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    waits: Weak<()>,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Whether the asker still waits.
    pub fn is_awaited(&self) -> bool {
        self.waits.strong_count() > 0
    }
}

/// Counts requests that carry a token, and turns away those that are too many. The reply of these is
/// empty, as the dialect has it.
pub async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(token) = presented(&app, request.headers()) else { return next.run(request).await };
    let allowed = app.rates().take(&token, app.now());
    let mut response = if allowed.remaining.is_some() {
        next.run(request).await
    } else {
        metrics::counter!("firstbell_rate_limited_total").increment(1);
        StatusCode::TOO_MANY_REQUESTS.into_response()
    };
    let headers = response.headers_mut();
    headers.insert(LIMIT, MOST_A_MINUTE.into());
    headers.insert(REMAINING, allowed.remaining.unwrap_or(0).into());
    headers.insert(RESET, allowed.reset.into());
    headers.insert(BUCKET_NAME, HeaderValue::from_static(BUCKET));
    response
}

/// The hash of the token. One that was narrowed counts as the one that it was made of: of those there
/// are as many as an application likes.
fn presented(app: &App, headers: &HeaderMap) -> Option<SecretHash> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let presented = Secret::from_text(bearer::in_header(header)?);
    if presented.expose().starts_with(narrowed::PREFIX) {
        let key = app.district_token_key();
        if let Some(narrowed) = key.open(&presented, app.now()) {
            return Some(key.whole(&narrowed));
        }
    }
    Some(presented.hash())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_list_waits_for_others_and_not_for_ever() {
        let reads = LongReads::of(1);
        let (asker, place) = reads.enter().await.expect("a place");
        assert!(reads.enter().await.is_none(), "nobody gave a place back");
        assert!(place.is_awaited());
        drop(asker);
        assert!(!place.is_awaited());
        assert!(reads.enter().await.is_none(), "who hangs up leaves the place to what still reads");
        drop(place);
        assert!(reads.enter().await.is_some());
    }

    #[test]
    fn a_token_has_so_many_requests_in_each_minute_of_the_clock() {
        let windows = Windows::default();
        let (ours, other) = (Secret::from_text("a").hash(), Secret::from_text("b").hash());
        let at = Timestamp::from_milliseconds;
        for asked in 1..=MOST_A_MINUTE {
            let expected = Allowed { remaining: Some(MOST_A_MINUTE - asked), reset: 120 };
            assert_eq!(windows.take(&ours, at(60_000)), expected);
        }
        assert_eq!(windows.take(&ours, at(119_999)), Allowed { remaining: None, reset: 120 });
        assert_eq!(windows.take(&other, at(119_999)).remaining, Some(MOST_A_MINUTE - 1));
        let next = Allowed { remaining: Some(MOST_A_MINUTE - 1), reset: 180 };
        assert_eq!(windows.take(&ours, at(120_000)), next, "the next minute begins anew");
    }
}
