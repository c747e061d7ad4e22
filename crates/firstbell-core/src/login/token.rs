//! The access token that a code buys. Opaque, good for a day, never refreshed, stored as
//! its hash (seed: "Tokens expire after 24 hours and cannot be refreshed").

use std::time::Duration;

use super::code::Grant;
use crate::secret::{Random, Secret, SecretHash};
use crate::time::Timestamp;

/// A token is good for 24 hours.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// What tokens of people start with; relying parties tell them by it.
pub const PREFIX: &str = "il";

/// A token as it is stored.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// SHA-256 of the token.
    pub hash: SecretHash,
    /// For whom it was made.
    pub grant: Grant,
    /// When it was made.
    pub issued: Timestamp,
    /// Set once it was revoked.
    pub revoked: Option<Timestamp>,
}

/// Makes a token and the secret that the application keeps.
pub fn mint(grant: Grant, now: Timestamp, random: &mut dyn Random) -> (Secret, AccessToken) {
    let secret = Secret::generate(PREFIX, random);
    let hash = secret.hash();
    (secret, AccessToken { hash, grant, issued: now, revoked: None })
}

impl AccessToken {
    /// Whether it still opens anything.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked.is_none()
            && now.since(self.issued) < LIFETIME
            && self.grant.impersonator.is_none_or(|it| now < it.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::session::Impersonator;
    use crate::roster::Generation;
    use crate::secret::tests::Counting;

    #[test]
    fn a_token_is_good_for_a_day_unless_it_is_revoked() {
        let id = |digit: &str| digit.repeat(24);
        let grant = Grant {
            application: id("b").parse().expect("an id"),
            district: id("d").parse().expect("an id"),
            user: id("a").parse().expect("an id"),
            generation: Generation::default(),
            role: id("1").parse().expect("an id"),
            impersonator: None,
        };
        let start = Timestamp::from_milliseconds(0);
        let (secret, token) = mint(grant, start, &mut Counting(0));
        assert!(secret.expose().starts_with("il") && secret.expose().len() == 42);
        assert!(token.is_good(start + (LIFETIME.saturating_sub(Duration::from_millis(1)))));
        assert!(!token.is_good(start + Duration::from_hours(24)));
        assert!(!AccessToken { revoked: Some(start), ..token.clone() }.is_good(start));
        let until = start + Duration::from_mins(3);
        let admin = Impersonator {
            user: grant.user,
            generation: Generation::default(),
            role: grant.role,
            until,
        };
        let grant = Grant { impersonator: Some(admin), ..grant };
        let impersonated = AccessToken { grant, ..token };
        assert!(impersonated.is_good(start));
        assert!(!impersonated.is_good(until), "no longer than the administrator acts");
    }
}
