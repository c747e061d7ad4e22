//! From a token to claims that hold: the signature first (RFC 7515 section 5.2), then who said it,
//! to whom and for how long (RFC 7519 section 4.1; OpenID Connect Core section 3.1.3.7).

use std::fmt;

use serde_json::{Map, Value};

use super::{JwkSet, UnverifiedToken};

/// Why a token's claims do not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No key of the set has its `kid`; or it has none, and the set not exactly one key.
    #[error("no known key has signed the token")]
    UnknownKey,
    /// The key is for another algorithm than `alg` says.
    #[error("the key is for another algorithm")]
    OtherAlgorithm,
    /// The signature is not the key's.
    #[error("the signature is wrong")]
    Signature,
    /// A claim is missing or is no text, number or list as it should be.
    #[error("the claim {0:?} is missing or malformed")]
    Claim(&'static str),
    /// Somebody else issued it.
    #[error("the token was issued by somebody else")]
    Issuer,
    /// It is meant for somebody else.
    #[error("the token is meant for somebody else")]
    Audience,
    /// Its time is over, or has not come yet.
    #[error("the token does not hold now")]
    Time,
}

/// Claims whose signature was verified. Who may believe them is for [`VerifiedClaims::expect`].
#[derive(Clone, PartialEq)]
pub struct VerifiedClaims(Map<String, Value>);

/// The claims are somebody's.
impl fmt::Debug for VerifiedClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedClaims(…)")
    }
}

/// What a token must say to be meant.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// `iss`, to the letter.
    pub issuer: &'a str,
    /// `aud`, or one of it.
    pub audience: &'a str,
    /// Whether its time matters.
    pub time: Time,
}

/// Whether the time of a token matters.
#[derive(Debug, Clone, Copy)]
pub enum Time {
    /// It must hold now.
    Now {
        /// Seconds since 1970.
        seconds: i64,
    },
    /// It may be over: an `id_token_hint` says who somebody was (OpenID Connect Core
    /// section 3.1.2.1).
    Whenever,
}

/// How far two clocks may differ.
pub const LEEWAY_SECONDS: i64 = 60;

impl UnverifiedToken<'_> {
    /// The claims, if one of these keys has signed them.
    ///
    /// # Errors
    /// [`VerifyError::UnknownKey`], [`VerifyError::OtherAlgorithm`], [`VerifyError::Signature`].
    pub fn verify(self, keys: &JwkSet) -> Result<VerifiedClaims, VerifyError> {
        let key = match (&self.key_id, keys.keys.as_slice()) {
            (Some(id), _) => keys.find(id),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let key = &key.ok_or(VerifyError::UnknownKey)?.key;
        // RFC 8725 section 3.1: the key says how, the token does not.
        if key.algorithm() != self.algorithm {
            return Err(VerifyError::OtherAlgorithm);
        }
        if !key.verifies(self.signed.as_bytes(), &self.signature) {
            return Err(VerifyError::Signature);
        }
        Ok(VerifiedClaims(self.unverified_claims))
    }
}

impl VerifiedClaims {
    /// Checks that the token is the one that is meant.
    ///
    /// # Errors
    /// [`VerifyError::Claim`], [`VerifyError::Issuer`], [`VerifyError::Audience`],
    /// [`VerifyError::Time`].
    pub fn expect(&self, expected: Expected<'_>) -> Result<(), VerifyError> {
        if self.text("iss")?.ok_or(VerifyError::Claim("iss"))? != expected.issuer {
            return Err(VerifyError::Issuer);
        }
        self.is_meant_for(expected.audience)?;
        let expires = self.seconds("exp")?.ok_or(VerifyError::Claim("exp"))?;
        let issued = self.seconds("iat")?.ok_or(VerifyError::Claim("iat"))?;
        let begins = self.seconds("nbf")?.unwrap_or(issued);
        let Time::Now { seconds } = expected.time else { return Ok(()) };
        let holds = seconds < expires.saturating_add(LEEWAY_SECONDS)
            && begins.max(issued) <= seconds.saturating_add(LEEWAY_SECONDS);
        if holds { Ok(()) } else { Err(VerifyError::Time) }
    }

    /// OpenID Connect Core section 3.1.3.7, steps 3 to 5: with several audiences, `azp` says for
    /// whom it was made.
    fn is_meant_for(&self, audience: &str) -> Result<(), VerifyError> {
        let malformed = VerifyError::Claim("aud");
        let party = self.text("azp")?;
        let named = match self.0.get("aud").ok_or(malformed)? {
            Value::String(one) => one == audience,
            Value::Array(several) => {
                let names: Option<Vec<_>> = several.iter().map(Value::as_str).collect();
                let names = names.ok_or(malformed)?;
                names.contains(&audience) && (names.len() == 1 || party.is_some())
            }
            _ => return Err(malformed),
        };
        let ours = named && party.is_none_or(|party| party == audience);
        if ours { Ok(()) } else { Err(VerifyError::Audience) }
    }

    /// A claim that is a text.
    ///
    /// # Errors
    /// [`VerifyError::Claim`] when it is something else.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, VerifyError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(VerifyError::Claim(name)),
        }
    }

    /// A claim that is a point in time: whole seconds since 1970.
    ///
    /// # Errors
    /// [`VerifyError::Claim`] when it is something else, a fraction too.
    pub fn seconds(&self, name: &'static str) -> Result<Option<i64>, VerifyError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or(VerifyError::Claim(name)),
        }
    }

    /// A claim, whatever it is.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The names of all claims, in alphabetical order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}
