//! Public keys, and how they are printed (RFC 7517; RFC 7518 section 6).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{PublicKey as RsaPublicKey, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::Algorithm;

/// The bytes are no public key that we would use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RSA key of 2048 to 8192 bits, and no point on P-256")]
pub struct MalformedKey;

/// A public key. It verifies with one algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// For RS256; big-endian, without leading zeros.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The exponent.
        exponent: Vec<u8>,
    },
    /// For ES256.
    P256 {
        /// The first coordinate.
        x: [u8; 32],
        /// The second coordinate.
        y: [u8; 32],
    },
}

/// What stands before the point in the `SubjectPublicKeyInfo` of a key on P-256 (RFC 5480).
const P256_INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The largest and smallest modulus, in bytes: 8192 and 2048 bits.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 section 4.1).
    ///
    /// # Errors
    /// [`MalformedKey`].
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, MalformedKey> {
        match algorithm {
            Algorithm::Rs256 => {
                let key = RsaPublicKey::from_der(der).map_err(|_| MalformedKey)?;
                Self::rsa(
                    key.modulus().big_endian_without_leading_zero(),
                    key.exponent().big_endian_without_leading_zero(),
                )
            }
            Algorithm::Es256 => Self::p256(der.strip_prefix(&P256_INFO[..]).ok_or(MalformedKey)?),
        }
    }

    /// The key with this modulus and exponent.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, MalformedKey> {
        let components = PublicKeyComponents { n: modulus, e: exponent };
        let fits = MODULUS_BYTES.contains(&modulus.len()) && exponent.len() <= 8;
        if !fits || components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).is_err() {
            return Err(MalformedKey);
        }
        Ok(Self::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec() })
    }

    /// The key at this point, uncompressed (SEC 1 section 2.3.3).
    pub(super) fn p256(point: &[u8]) -> Result<Self, MalformedKey> {
        let Some((4, coordinates)) = point.split_first() else { return Err(MalformedKey) };
        let (x, y) = coordinates.split_at_checked(32).ok_or(MalformedKey)?;
        let x = x.try_into().map_err(|_| MalformedKey)?;
        let y = y.try_into().map_err(|_| MalformedKey)?;
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| MalformedKey)?;
        Ok(Self::P256 { x, y })
    }

    /// The key as a `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`MalformedKey`]; not for a key that was read from one.
    pub fn to_der(&self) -> Result<Vec<u8>, MalformedKey> {
        match self {
            Self::Rsa { modulus, exponent } => {
                let der = PublicKeyComponents { n: modulus, e: exponent }.as_der();
                Ok(der.map_err(|_| MalformedKey)?.as_ref().to_vec())
            }
            Self::P256 { .. } => Ok([&P256_INFO[..], &self.point()].concat()),
        }
    }

    /// What it verifies.
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256 { .. } => Algorithm::Es256,
        }
    }

    /// Whether `signature` is this key's for `message`.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let verified = match self {
            Self::Rsa { modulus, exponent } => PublicKeyComponents { n: modulus, e: exponent }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
            Self::P256 { .. } => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.point())
                .verify(message, signature),
        };
        verified.is_ok()
    }

    /// The key's name: its thumbprint (RFC 7638), so that it is never anybody's choice and two
    /// keys never share it. 43 characters of Base64url.
    pub fn thumbprint(&self) -> String {
        // The required members in the order of their names, without spaces (section 3).
        let members = match self {
            Self::Rsa { modulus, exponent } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, text(exponent), text(modulus))
            }
            Self::P256 { x, y } => {
                format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text(x), text(y))
            }
        };
        text(digest(&SHA256, members.as_bytes()).as_ref())
    }

    fn point(&self) -> Vec<u8> {
        match self {
            Self::P256 { x, y } => [&[4][..], x, y].concat(),
            Self::Rsa { .. } => Vec::new(),
        }
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A public key and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwk {
    /// `kid`.
    pub id: String,
    /// The key.
    pub key: PublicKey,
}

impl Jwk {
    /// The key under its own name.
    pub fn of(key: PublicKey) -> Self {
        Self { id: key.thumbprint(), key }
    }
}

/// A JWK as it is printed: only what is public has a member here.
#[derive(Serialize, Deserialize)]
struct Members {
    kty: String,
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alg: Option<String>,
    #[serde(default)]
    kid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    e: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

impl Serialize for Jwk {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut members = Members {
            kty: "RSA".to_owned(),
            purpose: Some("sig".to_owned()),
            alg: Some(self.key.algorithm().name().to_owned()),
            kid: self.id.clone(),
            n: None,
            e: None,
            crv: None,
            x: None,
            y: None,
        };
        match &self.key {
            PublicKey::Rsa { modulus, exponent } => {
                members.n = Some(text(modulus));
                members.e = Some(text(exponent));
            }
            PublicKey::P256 { x, y } => {
                "EC".clone_into(&mut members.kty);
                members.crv = Some("P-256".to_owned());
                members.x = Some(text(x));
                members.y = Some(text(y));
            }
        }
        members.serialize(to)
    }
}

impl TryFrom<Members> for Jwk {
    type Error = MalformedKey;

    fn try_from(members: Members) -> Result<Self, MalformedKey> {
        let bytes = |text: &Option<String>| {
            let text = text.as_deref().ok_or(MalformedKey)?;
            URL_SAFE_NO_PAD.decode(text).map_err(|_| MalformedKey)
        };
        let key = match (members.kty.as_str(), members.crv.as_deref()) {
            ("RSA", None) => PublicKey::rsa(&bytes(&members.n)?, &bytes(&members.e)?)?,
            ("EC", Some("P-256")) => {
                PublicKey::p256(&[&[4][..], &bytes(&members.x)?, &bytes(&members.y)?].concat())?
            }
            _ => return Err(MalformedKey),
        };
        let for_signatures = members.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let fits = members.alg.as_deref().is_none_or(|name| name == key.algorithm().name());
        if for_signatures && fits { Ok(Self { id: members.kid, key }) } else { Err(MalformedKey) }
    }
}

/// Public keys, as a `jwks_uri` answers: `{"keys": [...]}` (RFC 7517 section 5).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

/// The longest set that is read.
const MOST_BYTES: usize = 64 * 1024;

impl JwkSet {
    /// Reads a set. Keys of kinds that we do not use are left out (RFC 7517 section 5).
    ///
    /// # Errors
    /// [`MalformedKey`] when it is longer than 64 KiB or no set at all.
    pub fn parse(json: &[u8]) -> Result<Self, MalformedKey> {
        #[derive(Deserialize)]
        struct Read {
            keys: Vec<serde_json::Value>,
        }

        if json.len() > MOST_BYTES {
            return Err(MalformedKey);
        }
        let read: Read = serde_json::from_slice(json).map_err(|_| MalformedKey)?;
        let key = |value| {
            let members: Members = serde_json::from_value(value).ok()?;
            Jwk::try_from(members).ok()
        };
        Ok(Self { keys: read.keys.into_iter().filter_map(key).collect() })
    }

    /// The key of this name.
    pub fn find(&self, id: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.id == id)
    }
}
