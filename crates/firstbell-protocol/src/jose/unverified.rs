//! A token that was read and not believed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::{Algorithm, members};

/// A token in good shape, signed by whoever. Its claims are named `unverified_…` until
/// [`UnverifiedToken::verify`] has made [`super::VerifiedClaims`] of it.
#[derive(Clone)]
pub struct UnverifiedToken<'t> {
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub(super) unverified_claims: Map<String, Value>,
    pub(super) signed: &'t str,
    pub(super) signature: Vec<u8>,
}

/// The claims are somebody's, and not even believed.
impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedToken({}, …)", self.algorithm)
    }
}

/// Why a text is no token that is worth verifying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It is longer than is read.
    #[error("a token has at most {MOST_BYTES} bytes")]
    TooLong,
    /// It is not three parts of Base64url, the first two of them JSON objects without repeated
    /// names.
    #[error("not a signed token in compact form")]
    Malformed,
    /// `alg` is neither RS256 nor ES256: `none`, HS256 and everything encrypted are here.
    #[error("the token must be signed with RS256 or ES256")]
    Algorithm,
    /// The header names something that must not decide how a token is verified: a key or where
    /// to fetch one, an extension, a compression.
    #[error("the header holds {0:?}")]
    Header(&'static str),
    /// `kid` is no short text.
    #[error("kid is a text of at most {MOST_KEY_ID_BYTES} bytes")]
    KeyId,
    /// `typ` says that this is something else than a JWT (RFC 8725 section 3.11).
    #[error("typ is JWT, or not there")]
    Type,
}

/// The longest token that is read.
pub const MOST_BYTES: usize = 16 * 1024;

/// The longest `kid` that is read.
pub const MOST_KEY_ID_BYTES: usize = 128;

/// Header members that make a token refused (RFC 8725 sections 3.10 and 3.6; RFC 7515 section
/// 4.1.11; RFC 7797).
const REFUSED: [&str; 9] = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc", "p2c"];

impl<'t> UnverifiedToken<'t> {
    /// Reads a token in compact form.
    ///
    /// # Errors
    /// See [`TokenRefusal`].
    pub fn parse(text: &'t str) -> Result<Self, TokenRefusal> {
        if text.len() > MOST_BYTES {
            return Err(TokenRefusal::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenRefusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenRefusal::Malformed)?;
        let header = object(header)?;

        if let Some(name) = REFUSED.into_iter().find(|name| header.contains_key(*name)) {
            return Err(TokenRefusal::Header(name));
        }
        let algorithm = header.get("alg").and_then(Value::as_str).ok_or(TokenRefusal::Algorithm)?;
        let algorithm = algorithm.parse().map_err(|_| TokenRefusal::Algorithm)?;
        match header.get("typ") {
            None => {}
            Some(Value::String(kind)) if kind.eq_ignore_ascii_case("JWT") => {}
            Some(_) => return Err(TokenRefusal::Type),
        }
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= MOST_KEY_ID_BYTES => Some(id.clone()),
            Some(_) => return Err(TokenRefusal::KeyId),
        };

        let unverified_claims = object(claims)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenRefusal::Malformed)?;
        Ok(Self { algorithm, key_id, unverified_claims, signed, signature })
    }

    /// Who says to have signed it: for choosing whose keys to ask, and for nothing else.
    pub fn unverified_issuer(&self) -> Option<&str> {
        self.unverified_claims.get("iss").and_then(Value::as_str)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, TokenRefusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenRefusal::Malformed)?;
    members::parse(&bytes).ok_or(TokenRefusal::Malformed)
}
