//! How many logins may be begun that wait for their person. Each is a durable row, made for
//! anybody who asks, so a program that asks all day must not fill the disk.

use std::sync::{Mutex, PoisonError};

use firstbell_core::time::Timestamp;

/// So many may begin at once: several large schools at the first bell.
const BURST: u64 = 20_000;

/// And so many a second after that, per node. Passwords are checked more slowly than this.
const PER_SECOND: u64 = 200;

/// A bucket that fills with time.
#[derive(Debug, Default)]
pub struct Allowance(Mutex<Spent>);

/// What was taken and has not come back yet, in thousandths.
#[derive(Debug, Default)]
struct Spent {
    thousandths: u64,
    at: Timestamp,
}

impl Allowance {
    /// Whether one more may begin now.
    pub fn take(&self, now: Timestamp) -> bool {
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let milliseconds = u64::try_from(now.since(spent.at).as_millis()).unwrap_or(u64::MAX);
        let back = milliseconds.saturating_mul(PER_SECOND);
        let still = spent.thousandths.saturating_sub(back);
        if still + 1000 > BURST * 1000 {
            return false;
        }
        *spent = Spent { thousandths: still + 1000, at: now.max(spent.at) };
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_let_in_and_then_what_comes_back_with_time() {
        let allowance = Allowance::default();
        let start = Timestamp::from_milliseconds(1_780_000_000_000);
        let let_in = (0..BURST + 50).filter(|_| allowance.take(start)).count();
        assert_eq!(let_in as u64, BURST);
        let later = start + Duration::from_secs(1);
        let let_in = (0..BURST).filter(|_| allowance.take(later)).count();
        assert_eq!(let_in as u64, PER_SECOND);
        assert!(!allowance.take(start), "a clock that goes back gives nothing");
    }
}
