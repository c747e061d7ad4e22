//! How often somebody may guess a password.
//!
//! A hard lockout lets a classmate lock a child out, and a limit by address locks a whole school
//! out, because a school has one address. So failures are counted where they happen:
//!
//! 1. Each login name has a counter *per browser*. After [`FREE_TRIES`] failures that browser
//!    waits for that name, longer each time, [`LONGEST_WAIT`] at most. A classmate who types
//!    nonsense slows only the browser they type on.
//! 2. Each login name has one counter for all *strangers*: browsers on which nobody of the district
//!    ever logged in. A program that takes a new browser cookie for every guess meets it after
//!    [`STRANGERS_TRIES`]; the devices of the school and of the person's home do not feel it. A
//!    person on a brand-new browser does, while the attack lasts.
//! 3. Each browser has a counter *for all names together*, so that one password is not tried on
//!    every name: after [`FREE_TRIES_OF_A_BROWSER`] failures without a success it waits too.
//!
//! A try is counted before the password is looked at, so that parallel guesses cannot slip by,
//! and taken back by a success.

use std::time::Duration;

use crate::id::{DistrictId, RoleId};
use crate::secret::{Secret, SecretHash};
use crate::time::Timestamp;

/// Failures on one browser before it has to wait.
pub const FREE_TRIES: u32 = 5;

/// The first wait; it doubles with each further failure.
pub const FIRST_WAIT: Duration = Duration::from_secs(15);

/// The longest wait between two tries.
pub const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// Failures on one browser, whatever the names, before it has to wait. A classroom's Chromebook sees
/// many hands, so there are more of them, and any success forgives them.
pub const FREE_TRIES_OF_A_BROWSER: u32 = 30;

/// Failures of a login name on strangers' browsers, before those have to wait (NIST SP 800-63B: at
/// most 100 in a row).
pub const STRANGERS_TRIES: u32 = 60;

/// A counter that saw no try for this long starts anew.
pub const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// A browser on which somebody of the district logged in is no stranger for this long.
pub const BROWSER_KNOWN_FOR: Duration = Duration::from_hours(24 * 180);

/// Tries since the last success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    /// How many, the ones under way included.
    pub count: u32,
    /// When the last one was.
    pub last: Timestamp,
}

/// The counters of one login name at one browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Of this name on this browser.
    pub here: Tries,
    /// Of this name on all strangers' browsers; none where this browser is no stranger.
    pub strangers: Option<Tries>,
    /// Of all names on this browser.
    pub browser: Tries,
}

/// Somebody guessed too often and has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many tries; wait {} s", wait.as_secs())]
pub struct TooManyTries {
    /// How much longer.
    pub wait: Duration,
}

/// Whose tries are counted together: those of a role, whatever name it is called by; where there is
/// no such role, those of the name. Names that exist and names that do not are counted alike, so
/// that nobody learns which is which.
pub fn subject(district: DistrictId, folded_name: &str, role: Option<RoleId>) -> SecretHash {
    let text = match role {
        Some(role) => format!("{district} role {role}"),
        None => format!("{district} name {folded_name}"),
    };
    Secret::from_text(text).hash()
}

/// Under what the tries of a browser are counted, whatever the names.
pub fn subject_of_all_names(district: DistrictId) -> SecretHash {
    Secret::from_text(format!("{district} all names")).hash()
}

/// Counts a try.
///
/// # Errors
/// [`TooManyTries`] when it must not be made yet; it is then not counted.
pub fn admit(counters: Counters, now: Timestamp) -> Result<Counters, TooManyTries> {
    let strangers = counters.strangers.unwrap_or_default();
    let wait = remaining(counters.here, FREE_TRIES, now)
        .max(remaining(strangers, STRANGERS_TRIES, now))
        .max(remaining(counters.browser, FREE_TRIES_OF_A_BROWSER, now));
    if !wait.is_zero() {
        return Err(TooManyTries { wait });
    }
    Ok(Counters {
        here: counted(counters.here, now),
        strangers: counters.strangers.map(|tries| counted(tries, now)),
        browser: counted(counters.browser, now),
    })
}

/// Uncounts a try that was counted and then not made. Others may have been counted meanwhile.
pub fn take_back(counters: Counters) -> Counters {
    let one_less = |tries: Tries| Tries { count: tries.count.saturating_sub(1), ..tries };
    Counters {
        here: one_less(counters.here),
        strangers: counters.strangers.map(one_less),
        browser: one_less(counters.browser),
    }
}

fn counted(tries: Tries, now: Timestamp) -> Tries {
    let before = if now.since(tries.last) >= FORGOTTEN_AFTER { 0 } else { tries.count };
    Tries { count: before.saturating_add(1), last: now }
}

fn remaining(tries: Tries, free: u32, now: Timestamp) -> Duration {
    let over = match tries.count.checked_sub(free) {
        Some(over) if now.since(tries.last) < FORGOTTEN_AFTER => over,
        _ => return Duration::ZERO,
    };
    let wait = FIRST_WAIT.saturating_mul(1 << over.min(16)).min(LONGEST_WAIT);
    wait.saturating_sub(now.since(tries.last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries(count: u32) -> Tries {
        Tries { count, last: Timestamp::from_milliseconds(0) }
    }

    #[test]
    fn the_wait_grows_with_the_failures_on_a_browser() {
        let now = Timestamp::from_milliseconds(0);
        for (count, wait) in
            [(0, 0), (4, 0), (5, 15), (6, 30), (7, 60), (10, 480), (11, 600), (4_000_000_000, 600)]
        {
            let counters = Counters { here: tries(count), ..Counters::default() };
            let expected = match wait {
                0 => Ok(count + 1),
                wait => Err(TooManyTries { wait: Duration::from_secs(wait) }),
            };
            assert_eq!(admit(counters, now).map(|after| after.here.count), expected, "{count}");
        }
    }

    #[test]
    fn one_password_is_not_tried_on_every_name() {
        let now = Timestamp::from_milliseconds(0);
        let sprayed = |count| Counters { browser: tries(count), ..Counters::default() };
        assert!(admit(sprayed(FREE_TRIES_OF_A_BROWSER - 1), now).is_ok());
        assert!(admit(sprayed(FREE_TRIES_OF_A_BROWSER), now).is_err());
    }

    #[test]
    fn a_try_that_was_not_made_is_taken_back_and_no_other() {
        let now = Timestamp::from_milliseconds(0);
        let before =
            Counters { here: tries(3), strangers: Some(tries(9)), browser: Tries::default() };
        let (once, twice) = (admit(before, now), admit(before, now).and_then(|it| admit(it, now)));
        assert_eq!(twice.map(take_back), once);
        assert_eq!(take_back(Counters::default()), Counters::default());
    }

    #[test]
    fn when_the_wait_is_over_one_more_try_is_free() {
        let counters = Counters { here: tries(5), ..Counters::default() };
        let seconds = |n: u64| Timestamp::from_milliseconds(0) + Duration::from_secs(n);
        assert_eq!(
            admit(counters, seconds(14)),
            Err(TooManyTries { wait: Duration::from_secs(1) })
        );
        assert_eq!(admit(counters, seconds(15)).map(|after| after.here.count), Ok(6));
    }

    #[test]
    fn a_role_has_one_counter_under_all_its_names() {
        let district = "d".repeat(24).parse().expect("an id");
        let role = "1".repeat(24).parse().ok();
        assert_eq!(subject(district, "ana", role), subject(district, "ana@x", role));
        assert_ne!(subject(district, "ana", None), subject(district, "bo", None));
        let other = "e".repeat(24).parse().expect("an id");
        assert_ne!(subject(district, "ana", None), subject(other, "ana", None));
    }

    #[test]
    fn new_browsers_share_one_counter_that_known_ones_do_not_feel() {
        let now = Timestamp::from_milliseconds(0);
        let new = Counters { strangers: Some(tries(STRANGERS_TRIES)), ..Counters::default() };
        assert!(admit(new, now).is_err());
        let known = Counters { strangers: None, ..new };
        assert!(admit(known, now).is_ok());
    }

    #[test]
    fn after_a_day_without_tries_the_count_starts_anew() {
        let counters =
            Counters { here: tries(40), strangers: Some(tries(500)), browser: tries(90) };
        let later = Timestamp::from_milliseconds(0) + FORGOTTEN_AFTER;
        let after = admit(counters, later).expect("forgotten");
        assert_eq!((after.here.count, after.strangers.map(|tries| tries.count)), (1, Some(1)));
    }
}
