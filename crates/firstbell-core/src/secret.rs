//! Secrets that are random: session cookies, codes, tokens, client secrets. They have at least
//! 128 bits of randomness, so the database keeps their SHA-256 and nothing slower
//! (`docs/decisions/0004-passwords.md` says what holds for passwords, which are not random).

use std::fmt;

use aws_lc_rs::digest;
use subtle::ConstantTimeEq;

/// A source of unpredictable bytes. The one that production uses is the server's `entropy.rs`.
pub trait Random: Send {
    /// Fills `bytes` with unpredictable values.
    fn fill(&mut self, bytes: &mut [u8]);
}

impl<R: Random + ?Sized> Random for &mut R {
    fn fill(&mut self, bytes: &mut [u8]) {
        (**self).fill(bytes);
    }
}

/// So many bytes are drawn at once.
const DRAWN_AT_ONCE: usize = 4096;

/// Draws much at once for whoever wants little often: each draw asks the operating system.
pub struct DrawnAhead<R> {
    from: R,
    drawn: [u8; DRAWN_AT_ONCE],
    used: usize,
}

impl<R> DrawnAhead<R> {
    /// Draws from here.
    pub fn new(from: R) -> Self {
        Self { from, drawn: [0; DRAWN_AT_ONCE], used: DRAWN_AT_ONCE }
    }
}

/// For what is no secret once it is used, such as salts and ids: what was drawn stays in memory.
impl<R: Random> Random for DrawnAhead<R> {
    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(DRAWN_AT_ONCE) {
            if DRAWN_AT_ONCE - self.used < part.len() {
                self.from.fill(&mut self.drawn);
                self.used = 0;
            }
            let end = self.used + part.len();
            part.copy_from_slice(self.drawn.get(self.used..end).unwrap_or_default());
            self.used = end;
        }
    }
}

/// A value that only its holder may know. It prints as `Secret(…)`.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret that somebody presented, or that configuration holds.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// `prefix` followed by 40 hexadecimal digits: 160 bits, the shape that relying parties'
    /// databases have room for (`docs/compatibility.md`, "Hosts, paths, ids").
    pub fn generate(prefix: &str, random: &mut dyn Random) -> Self {
        let mut bytes = [0; 20];
        random.fill(&mut bytes);
        Self(format!("{prefix}{}", hexadecimal(&bytes)))
    }

    /// The text itself, for the one place that hands it to its holder.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    pub fn hash(&self) -> SecretHash {
        let digest = digest::digest(&digest::SHA256, self.0.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        SecretHash(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    text
}

/// SHA-256 of a [`Secret`]. Comparing two takes the same time whatever they hold.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The 32 bytes, as the database stores them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Bytes that count up, so that tests know what they get.
    pub(crate) struct Counting(pub(crate) u8);

    impl Random for Counting {
        fn fill(&mut self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
        }
    }

    /// Numbers each eight bytes that it ever gives.
    struct Numbering(u64);

    impl Random for Numbering {
        fn fill(&mut self, bytes: &mut [u8]) {
            for eight in bytes.chunks_mut(8) {
                self.0 += 1;
                eight.copy_from_slice(&self.0.to_be_bytes()[..eight.len()]);
            }
        }
    }

    #[test]
    fn nothing_that_was_drawn_ahead_is_given_twice() {
        let mut random = DrawnAhead::new(Numbering(0));
        let mut seen = std::collections::HashSet::new();
        for draw in 0..3_000 {
            let mut bytes =
                vec![0; [8, 16, 24, 4096, 10_000][if draw % 500 == 0 { 4 } else { draw % 4 }]];
            random.fill(&mut bytes);
            for eight in bytes.chunks_exact(8) {
                let number = u64::from_be_bytes(eight.try_into().expect("eight bytes"));
                assert!(number > 0 && seen.insert(number), "{number} at draw {draw}");
            }
        }
    }

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::generate("il", &mut Counting(0));
        assert_eq!(secret.expose(), "il000102030405060708090a0b0c0d0e0f10111213");
        assert_eq!(format!("{secret:?} {:?}", secret.hash()), "Secret(…) SecretHash(…)");
    }

    #[test]
    fn equal_secrets_have_equal_hashes_and_others_do_not() {
        let one = Secret::from_text("one").hash();
        assert_eq!(one, Secret::from_text("one").hash());
        assert_ne!(one, Secret::from_text("One").hash());
    }
}
