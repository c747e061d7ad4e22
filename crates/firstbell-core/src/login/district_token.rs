//! The token with which an application of the tier Secure Sync reads a whole district (seed:
//! Secure Sync, "each district has its own token"). An application may ask for it at any time, so
//! it is derived anew each time from a key that is not in the database, which keeps only its hash.

pub mod narrowed;

use aws_lc_rs::hmac;

use crate::id::{ApplicationId, DistrictId, DistrictTokenId};
use crate::secret::{Random, Secret, SecretHash, hexadecimal};
use crate::time::Timestamp;

/// The key from which tokens are derived.
#[derive(Clone)]
pub struct DistrictTokenKey(hmac::Key);

impl std::fmt::Debug for DistrictTokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DistrictTokenKey(…)")
    }
}

impl DistrictTokenKey {
    /// The key made of the installation's master key.
    pub fn derive(master_key: &[u8; 32]) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, master_key);
        let derived = hmac::sign(&master, b"firstbell district tokens 1");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }

    /// The token of an application in a district: 40 hexadecimal digits, 160 bits.
    pub fn token(
        &self,
        application: ApplicationId,
        district: DistrictId,
        generation: i64,
    ) -> Secret {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"district token");
        context.update(&application.to_bytes());
        context.update(&district.to_bytes());
        context.update(&generation.to_be_bytes());
        let tag = context.sign();
        Secret::from_text(hexadecimal(tag.as_ref().get(..20).unwrap_or_default()))
    }
}

/// A token as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistrictToken {
    /// The name of the record.
    pub id: DistrictTokenId,
    /// The application that may use it.
    pub application: ApplicationId,
    /// The district that it reads.
    pub district: DistrictId,
    /// Which of the tokens that followed each other it is, from 1.
    pub generation: i64,
    /// SHA-256 of the token.
    pub hash: SecretHash,
    /// When it was made.
    pub created: Timestamp,
    /// Set once it was replaced or the connection ended.
    pub revoked: Option<Timestamp>,
}

impl DistrictToken {
    /// The token of the generation that follows `previous`, the last one that there was.
    pub fn following(
        previous: Option<i64>,
        application: ApplicationId,
        district: DistrictId,
        key: &DistrictTokenKey,
        (now, random): (Timestamp, &mut dyn Random),
    ) -> Self {
        let generation = previous.unwrap_or(0).saturating_add(1);
        Self {
            id: DistrictTokenId::new(now, random),
            application,
            district,
            generation,
            hash: key.token(application, district, generation).hash(),
            created: now,
            revoked: None,
        }
    }

    /// Whether it still opens anything.
    pub fn is_good(&self) -> bool {
        self.revoked.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_same_each_time_and_another_for_anything_else() {
        let id = |digit: &str| digit.repeat(24);
        let (one, two) = (id("b").parse().expect("an id"), id("c").parse().expect("an id"));
        let (here, there) = (id("d").parse().expect("an id"), id("e").parse().expect("an id"));
        let key = DistrictTokenKey::derive(&[5; 32]);
        let token = |application, district, generation| {
            key.token(application, district, generation).expose().to_owned()
        };
        let first = token(one, here, 1);
        assert_eq!(first, token(one, here, 1));
        assert!(first.len() == 40 && first.bytes().all(|byte| byte.is_ascii_hexdigit()));
        for other in [token(two, here, 1), token(one, there, 1), token(one, here, 2)] {
            assert_ne!(first, other);
        }
        let foreign = DistrictTokenKey::derive(&[6; 32]).token(one, here, 1);
        assert_ne!(first, foreign.expose());
        assert_eq!(format!("{key:?}"), "DistrictTokenKey(…)");
    }
}
