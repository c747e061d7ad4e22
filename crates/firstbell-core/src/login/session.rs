//! That somebody is logged in on a browser. A new login on the same browser ends the
//! session that was there, because school devices are shared.

use std::time::Duration;

use crate::id::{DistrictId, RoleId, UserId};
use crate::roster::Generation;
use crate::roster::district::SessionLimits;
use crate::secret::{Random, Secret, SecretHash};
use crate::time::Timestamp;

/// A session ends when nobody used it for this long (seed: District SSO with OAuth 2.0, "User
/// sessions expire after 2 hours").
pub const LONGEST_IDLE: Duration = Duration::from_hours(2);

/// A session ends after this long, however busy (seed: District SSO best practices, "sessions can
/// last up to 24 hours").
pub const LONGEST: Duration = Duration::from_hours(24);

/// Use is recorded at most this often: a durable write for each request would cost more than the
/// request.
pub const USE_RECORDED_EVERY: Duration = Duration::from_mins(5);

/// Somebody is logged in.
#[derive(Debug, Clone)]
pub struct Session {
    /// SHA-256 of the cookie.
    pub secret_hash: SecretHash,
    /// The district whose login page they used.
    pub district: DistrictId,
    /// Who they are.
    pub user: UserId,
    /// Their generation when it began.
    pub generation: Generation,
    /// The role they logged in with.
    pub role: RoleId,
    /// When they logged in.
    pub began: Timestamp,
    /// When they last did anything, to within [`USE_RECORDED_EVERY`].
    pub last_seen: Timestamp,
    /// The administrator who acts as them, if it is not themselves.
    pub impersonator: Option<Impersonator>,
}

/// An administrator who acts as somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impersonator {
    /// The administrator.
    pub user: UserId,
    /// The administrator's generation when their own session began.
    pub generation: Generation,
    /// The role that the administrator logged in with.
    pub role: RoleId,
    /// When it ends, however busy.
    pub until: Timestamp,
}

impl Session {
    /// A new session and the secret that its browser keeps.
    pub fn begin(
        district: DistrictId,
        (user, generation): (UserId, Generation),
        role: RoleId,
        now: Timestamp,
        random: &mut dyn Random,
    ) -> (Secret, Self) {
        let secret = Secret::generate("", random);
        let secret_hash = secret.hash();
        let session = Self {
            secret_hash,
            district,
            user,
            generation,
            role,
            began: now,
            last_seen: now,
            impersonator: None,
        };
        (secret, session)
    }

    /// Whether it still counts within these limits.
    pub fn is_live(&self, limits: SessionLimits, now: Timestamp) -> bool {
        now.since(self.last_seen) < limits.idle
            && now.since(self.began) < limits.longest
            && self.impersonator.is_none_or(|it| now < it.until)
    }

    /// Whether this use should be recorded. Short limits want a finer record.
    pub fn use_is_worth_recording(&self, limits: SessionLimits, now: Timestamp) -> bool {
        now.since(self.last_seen) >= USE_RECORDED_EVERY.min(limits.idle / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::Counting;

    #[test]
    fn a_session_ends_after_two_idle_hours_and_after_a_day() {
        let id = |digit: &str| digit.repeat(24);
        let start = Timestamp::from_milliseconds(1_000_000);
        let (_, mut session) = Session::begin(
            id("d").parse().expect("an id"),
            (id("a").parse().expect("an id"), Generation::default()),
            id("1").parse().expect("an id"),
            start,
            &mut Counting(0),
        );
        for (idle_seconds, age_seconds, live) in [
            (0, 0, true),
            (7_199, 7_200, true),
            (7_200, 7_200, false),
            (0, 86_399, true),
            (0, 86_400, false),
        ] {
            let idle = Duration::from_secs(idle_seconds);
            let age = Duration::from_secs(age_seconds);
            let now = start + age;
            session.last_seen = Timestamp::from_milliseconds(
                now.milliseconds() - i64::try_from(idle.as_millis()).expect("small"),
            );
            let general = SessionLimits { idle: LONGEST_IDLE, longest: LONGEST };
            assert_eq!(session.is_live(general, now), live, "idle {idle:?}, age {age:?}");
        }
    }
}
