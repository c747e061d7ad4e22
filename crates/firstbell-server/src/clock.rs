//! The one place where the clock is read. Everything else takes `now` as a parameter.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use firstbell_core::time::Timestamp;

/// Tells the time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that is moved by hand, for tests: see [`Clock::moved_by_hand`].
    Hand(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `start` until [`Clock::advance`] moves it.
    #[must_use]
    pub fn moved_by_hand(start: Timestamp) -> Self {
        Self::Hand(Arc::new(AtomicI64::new(start.milliseconds())))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(match self {
            Self::System => system_milliseconds(),
            Self::Hand(milliseconds) => milliseconds.load(Ordering::SeqCst),
        })
    }

    /// Moves a clock that is moved by hand; the machine's clock stays as it is.
    pub fn advance(&self, span: Duration) {
        if let Self::Hand(milliseconds) = self {
            let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
            milliseconds.fetch_add(span, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the place where the clock is read")]
fn system_milliseconds() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
}
