//! Secrets that the database may keep because it cannot read them: sealed with AES-256-GCM under a
//! key that is made of the master key.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;

/// Seals and opens.
pub struct SealingKey(RandomizedNonceKey);

/// What was sealed cannot be opened: it was changed, or sealed under another key or for another
/// purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret cannot be opened; was it sealed under another master key?")]
pub struct Unopened;

impl From<Unspecified> for Unopened {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

impl SealingKey {
    /// The key made of the installation's master key.
    ///
    /// # Errors
    /// [`Unopened`] when the cryptographic library fails.
    pub fn derive(master_key: &[u8; 32]) -> Result<Self, Unopened> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, master_key);
        let derived = hmac::sign(&master, b"firstbell sealed secrets 1");
        Ok(Self(RandomizedNonceKey::new(&AES_256_GCM, derived.as_ref())?))
    }

    /// Seals `secret`: the nonce, the ciphertext and its tag. It can be opened only for the same
    /// `purpose`, so that one sealed secret cannot take the place of another.
    ///
    /// # Errors
    /// [`Unopened`] when the cryptographic library fails.
    pub fn seal(&self, purpose: &str, mut secret: Vec<u8>) -> Result<Vec<u8>, Unopened> {
        let aad = Aad::from(purpose.as_bytes());
        let nonce = self.0.seal_in_place_append_tag(aad, &mut secret)?;
        Ok([&nonce.as_ref()[..], &secret].concat())
    }

    /// Opens what [`SealingKey::seal`] returned.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, Unopened> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(Unopened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let mut buffer = rest.to_vec();
        let opened = self.0.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut buffer)?;
        Ok(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_alone() {
        let key = SealingKey::derive(&[5; 32]).unwrap();
        let sealed = key.seal("signing key a", b"private".to_vec()).unwrap();
        assert_eq!(key.open("signing key a", &sealed).unwrap(), b"private");
        assert_ne!(sealed, key.seal("signing key a", b"private".to_vec()).unwrap());
        assert!(!sealed.windows(7).any(|part| part == b"private"));

        assert_eq!(key.open("signing key b", &sealed), Err(Unopened));
        let other = SealingKey::derive(&[6; 32]).unwrap();
        assert_eq!(other.open("signing key a", &sealed), Err(Unopened));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(key.open("signing key a", &changed), Err(Unopened), "at {at}");
            assert_eq!(key.open("signing key a", &sealed[..at]), Err(Unopened), "cut at {at}");
        }
    }
}
