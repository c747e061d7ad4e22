//! Private keys, and signing with them (RFC 7515 section 5.1).

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::{Algorithm, Jwk, MalformedKey, PublicKey};

/// Why there is no key or no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The bytes are no PKCS #8 document of this kind of key.
    #[error("not a private key of this algorithm")]
    Malformed,
    /// The cryptographic library failed.
    #[error("the cryptographic library failed")]
    Failed,
    /// The claims cannot be written as JSON.
    #[error("the claims cannot be written as JSON")]
    Claims,
}

impl From<Unspecified> for SigningError {
    fn from(_: Unspecified) -> Self {
        Self::Failed
    }
}

impl From<KeyRejected> for SigningError {
    fn from(_: KeyRejected) -> Self {
        Self::Malformed
    }
}

impl From<MalformedKey> for SigningError {
    fn from(_: MalformedKey) -> Self {
        Self::Malformed
    }
}

/// A private key that signs with one algorithm.
pub struct SigningKey {
    pair: Pair,
    public: Jwk,
    /// The header of everything it signs, encoded.
    header: String,
}

enum Pair {
    Rs256(RsaKeyPair),
    Es256(EcdsaKeyPair),
}

/// The private part is not printed.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {}, …)", self.algorithm(), self.public.id)
    }
}

impl SigningKey {
    /// A new key: RSA of 2048 bits, or P-256.
    ///
    /// # Errors
    /// [`SigningError::Failed`].
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningError> {
        match algorithm {
            Algorithm::Rs256 => Self::of(Pair::Rs256(RsaKeyPair::generate(KeySize::Rsa2048)?)),
            Algorithm::Es256 => {
                Self::of(Pair::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?))
            }
        }
    }

    /// Reads a key (PKCS #8, RFC 5958).
    ///
    /// # Errors
    /// [`SigningError::Malformed`] for another kind of key, too.
    pub fn from_pkcs8(algorithm: Algorithm, pkcs8: &[u8]) -> Result<Self, SigningError> {
        match algorithm {
            Algorithm::Rs256 => Self::of(Pair::Rs256(RsaKeyPair::from_pkcs8(pkcs8)?)),
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)?;
                Self::of(Pair::Es256(pair))
            }
        }
    }

    fn of(pair: Pair) -> Result<Self, SigningError> {
        let public = Jwk::of(match &pair {
            Pair::Rs256(pair) => PublicKey::rsa(
                pair.public_key().modulus().big_endian_without_leading_zero(),
                pair.public_key().exponent().big_endian_without_leading_zero(),
            )?,
            Pair::Es256(pair) => PublicKey::p256(pair.public_key().as_ref())?,
        });
        let (algorithm, id) = (public.key.algorithm(), &public.id);
        let header = format!(r#"{{"alg":"{algorithm}","kid":"{id}","typ":"JWT"}}"#);
        Ok(Self { pair, public, header: URL_SAFE_NO_PAD.encode(header) })
    }

    /// The key as a PKCS #8 document, for the one place that seals it.
    ///
    /// # Errors
    /// [`SigningError::Failed`].
    pub fn to_pkcs8(&self) -> Result<Vec<u8>, SigningError> {
        Ok(match &self.pair {
            Pair::Rs256(pair) => pair.as_der()?.as_ref().to_vec(),
            Pair::Es256(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        })
    }

    /// What it signs with.
    pub const fn algorithm(&self) -> Algorithm {
        self.public.key.algorithm()
    }

    /// The public part, under the name that the tokens carry.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// These claims as a signed token (RFC 7515 section 7.1).
    ///
    /// # Errors
    /// [`SigningError::Claims`] or [`SigningError::Failed`].
    pub fn sign(&self, claims: &impl Serialize) -> Result<String, SigningError> {
        let claims = serde_json::to_vec(claims).map_err(|_| SigningError::Claims)?;
        let mut token = self.header.clone();
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)?;
                Ok(signature)
            }
            Pair::Es256(pair) => Ok(pair.sign(&random, message)?.as_ref().to_vec()),
        }
    }
}
