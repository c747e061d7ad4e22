//! How many rows and lines may be made for anybody who asks: logins that wait for their person, traces
//! of refusals, wrong secrets in the log. A program that asks all day must not fill the disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use firstbell_core::id::ApplicationId;
use firstbell_core::time::Timestamp;

/// A bucket that fills with time.
#[derive(Debug)]
pub struct Allowance {
    burst: u64,
    per_second: u64,
    spent: Mutex<Spent>,
}

/// What was taken and has not come back yet, in thousandths.
#[derive(Debug, Default)]
struct Spent {
    thousandths: u64,
    at: Timestamp,
}

impl Allowance {
    /// Logins that wait: several large schools may begin at once, and after that so many a second,
    /// per node. Passwords are checked more slowly than this.
    #[must_use]
    pub fn of_waiting_logins() -> Self {
        Self::new(20_000, 200)
    }

    /// Traces of somebody who logs in: a bad morning of a large district, and after that so many a
    /// second, per node.
    #[must_use]
    pub fn of_traces() -> Self {
        Self::new(5_000, 20)
    }

    /// Traces of what anybody can bring about.
    #[must_use]
    pub fn of_strangers_traces() -> Self {
        Self::new(500, 1)
    }

    /// Wrong secrets of one application: a deployment with a stale secret on all its machines.
    fn of_wrong_secrets() -> Self {
        Self::new(100, 1)
    }

    fn new(burst: u64, per_second: u64) -> Self {
        Self { burst, per_second, spent: Mutex::default() }
    }

    /// Whether one more may begin now.
    pub fn take(&self, now: Timestamp) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let milliseconds = u64::try_from(now.since(spent.at).as_millis()).unwrap_or(u64::MAX);
        let back = milliseconds.saturating_mul(self.per_second);
        let still = spent.thousandths.saturating_sub(back);
        if still + 1000 > self.burst * 1000 {
            return false;
        }
        *spent = Spent { thousandths: still + 1000, at: now.max(spent.at) };
        true
    }
}

/// One allowance for each application whose secret somebody gets wrong, and one for all names that
/// no application has.
#[derive(Debug, Default)]
pub struct WrongSecrets(Mutex<HashMap<Option<ApplicationId>, Allowance>>);

impl WrongSecrets {
    /// Whether one more may be refused in full now.
    pub fn take(&self, application: Option<ApplicationId>, now: Timestamp) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(application).or_insert_with(Allowance::of_wrong_secrets).take(now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_burst_is_let_in_and_then_what_comes_back_with_time() {
        const BURST: u64 = 2_000;
        const PER_SECOND: u64 = 20;
        let allowance = Allowance::new(BURST, PER_SECOND);
        let start = Timestamp::from_milliseconds(1_780_000_000_000);
        let let_in = (0..BURST + 50).filter(|_| allowance.take(start)).count();
        assert_eq!(let_in as u64, BURST);
        let later = start + Duration::from_secs(1);
        let let_in = (0..BURST).filter(|_| allowance.take(later)).count();
        assert_eq!(let_in as u64, PER_SECOND);
        assert!(!allowance.take(start), "a clock that goes back gives nothing");
    }
}
