//! Signed tokens: JWS compact serialization (RFC 7515), keys (RFC 7517), claims (RFC 7519), in the
//! narrow shape that RFC 8725 asks for.
//!
//! - [`sign`]: two algorithms, an enum, so that nothing else can be said.
//! - [`jwks`]: public keys; a type that has no member for a private one.
//! - [`unverified`]: a token that was read, whose claims nobody may believe yet.
//! - [`verify`]: the only way from there to claims that hold.

pub mod jwks;
mod members;
pub mod sign;
pub mod unverified;
pub mod verify;

use std::fmt;
use std::str::FromStr;

pub use jwks::{Jwk, JwkSet, MalformedKey, PublicKey};
pub use sign::{SigningError, SigningKey};
pub use unverified::{TokenRefusal, UnverifiedToken};
pub use verify::{VerifiedClaims, VerifyError};

/// How a token is signed. A key has one, and signs and verifies with no other (RFC 8725
/// section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256; every relying party knows it.
    Rs256,
    /// ECDSA on P-256 with SHA-256; a tenth of the work and a quarter of the length.
    Es256,
}

/// The text names no algorithm of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the algorithm is RS256 or ES256")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Rs256, Self::Es256];

    /// The name in `alg` (RFC 7518 section 3.1), in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// Exactly as it is registered: `rs256` is none.
impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Self, UnknownAlgorithm> {
        Self::ALL.into_iter().find(|one| one.name() == text).ok_or(UnknownAlgorithm)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
