//! A district's token, narrowed to scopes and to an hour: what the client credentials grant
//! (RFC 6749 section 4.4) buys for OneRoster. Nothing is stored of it. It says by itself what it is
//! for, under the key of district tokens, and is good only while the token that it was made of is.

use std::time::Duration;

use aws_lc_rs::hmac;
use firstbell_protocol::vocabulary::RosterScopes;

use super::{DistrictToken, DistrictTokenKey};
use crate::id::{ApplicationId, DistrictId};
use crate::secret::{Secret, SecretHash, hexadecimal};
use crate::time::Timestamp;

/// A narrowed token is good for an hour, as OneRoster recommends.
pub const LIFETIME: Duration = Duration::from_hours(1);

/// What narrowed tokens start with: no other token does.
pub const PREFIX: &str = "or";

/// What is signed begins with this, so that it is no other text under the same key.
const PURPOSE: &[u8] = b"narrowed token";

const PAYLOAD: usize = 12 + 12 + 8 + 1 + 8;
const TAG: usize = 32;

/// What a narrowed token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Narrowed {
    /// The application that may use it.
    pub application: ApplicationId,
    /// The district that it reads.
    pub district: DistrictId,
    /// Of which token of the application in the district it was made.
    pub generation: i64,
    /// What of the roster it reads.
    pub scopes: RosterScopes,
    /// When it is good no longer.
    pub expires: Timestamp,
}

impl Narrowed {
    /// A token narrowed to these scopes, from now on.
    pub fn of(token: &DistrictToken, scopes: RosterScopes, now: Timestamp) -> Self {
        Self {
            application: token.application,
            district: token.district,
            generation: token.generation,
            scopes,
            expires: now + LIFETIME,
        }
    }

    fn payload(&self) -> [u8; PAYLOAD] {
        let mut bytes = [0; PAYLOAD];
        let parts = self.application.to_bytes().into_iter().chain(self.district.to_bytes());
        let numbers = self.generation.to_be_bytes().into_iter().chain([self.scopes.bits()]);
        let expires = self.expires.milliseconds().to_be_bytes();
        for (byte, part) in bytes.iter_mut().zip(parts.chain(numbers).chain(expires)) {
            *byte = part;
        }
        bytes
    }

    fn of_payload(bytes: &[u8]) -> Option<Self> {
        let (application, rest) = bytes.split_first_chunk()?;
        let (district, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (scopes, rest) = rest.split_first()?;
        let expires = i64::from_be_bytes(rest.try_into().ok()?);
        Some(Self {
            application: ApplicationId::from_bytes(*application),
            district: DistrictId::from_bytes(*district),
            generation: i64::from_be_bytes(*generation),
            scopes: RosterScopes::from_bits(*scopes)?,
            expires: Timestamp::from_milliseconds(expires),
        })
    }
}

impl DistrictTokenKey {
    /// The token that says this.
    pub fn seal(&self, narrowed: &Narrowed) -> Secret {
        let payload = narrowed.payload();
        let tag = hmac::sign(&self.0, &[PURPOSE, &payload].concat());
        let text = format!("{PREFIX}{}{}", hexadecimal(&payload), hexadecimal(tag.as_ref()));
        Secret::from_text(text)
    }

    /// What a presented token says; None where it was not sealed with this key, or is past its hour.
    pub fn open(&self, presented: &Secret, now: Timestamp) -> Option<Narrowed> {
        let sealed: [u8; PAYLOAD + TAG] = bytes(presented.expose().strip_prefix(PREFIX)?)?;
        let (payload, tag) = sealed.split_at(PAYLOAD);
        hmac::verify(&self.0, &[PURPOSE, payload].concat(), tag).ok()?;
        Narrowed::of_payload(payload).filter(|narrowed| now < narrowed.expires)
    }

    /// The hash of the token of which a narrowed one was made.
    pub fn whole(&self, narrowed: &Narrowed) -> SecretHash {
        self.token(narrowed.application, narrowed.district, narrowed.generation).hash()
    }
}

/// So many bytes in lower-case hexadecimal digits.
fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let mut found = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in found.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        *byte = (value(high)? << 4) | value(low)?;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed() -> Narrowed {
        let id = |digit: &str| digit.repeat(24);
        Narrowed {
            application: id("b").parse().expect("an id"),
            district: id("d").parse().expect("an id"),
            generation: 3,
            scopes: RosterScopes::CORE,
            expires: Timestamp::from_milliseconds(7_200_000),
        }
    }

    #[test]
    fn a_narrowed_token_says_what_it_is_for_until_its_hour_is_over() {
        let key = DistrictTokenKey::derive(&[5; 32]);
        let sealed = key.seal(&narrowed());
        let at = Timestamp::from_milliseconds;
        assert_eq!(key.open(&sealed, at(7_199_999)), Some(narrowed()));
        assert_eq!(key.open(&sealed, at(7_200_000)), None);
        let whole = key.token(narrowed().application, narrowed().district, 3);
        assert_eq!(key.whole(&narrowed()), whole.hash());
    }

    #[test]
    fn no_digit_of_a_narrowed_token_can_be_changed() {
        let key = DistrictTokenKey::derive(&[5; 32]);
        let sealed = key.seal(&narrowed()).expose().to_owned();
        let now = Timestamp::from_milliseconds(0);
        let opens = |text: &str| key.open(&Secret::from_text(text), now).is_some();
        assert!(opens(&sealed));
        for at in 0..sealed.len() {
            let mut digits = sealed.clone().into_bytes();
            digits[at] = if digits[at] == b'0' { b'1' } else { b'0' };
            let changed = String::from_utf8(digits).expect("text");
            assert!(!opens(&changed), "{at}");
        }
        for changed in [&sealed[..sealed.len() - 2], &format!("{sealed}00"), "or", ""] {
            assert!(!opens(changed), "{changed}");
        }
        assert!(!opens(&sealed.to_uppercase().replace("OR", "or")), "one spelling a token");
        let foreign = DistrictTokenKey::derive(&[6; 32]);
        assert!(foreign.open(&Secret::from_text(&sealed), now).is_none());
    }
}
