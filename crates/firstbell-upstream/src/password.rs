//! District passwords: Argon2id (RFC 9106) at 19 MiB and two passes, on a pool of its own.
//!
//! A hash costs some 17 ms of a core, a login with a session 0.2 ms; so hashing runs on few
//! threads of low priority, behind a bounded queue that takes turns between districts
//! ([`pool`]). Whatever the answer is, it costs one hash: a name that does not exist, a password
//! that a roster brought and that was never used, and one that was.

mod pool;

use std::fmt;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use firstbell_core::login::credential::Verifier;
use firstbell_core::secret::{Random, Secret};

pub use pool::{Asked, Busy, PasswordPool};

/// Callers refuse longer passwords before anything is hashed.
pub const MOST_BYTES: usize = 1024;

/// The key under which provisioned passwords are kept. It is not in the database.
#[derive(Clone)]
pub struct PasswordKey(hmac::Key);

impl PasswordKey {
    /// The key made of the installation's master key. Its purpose is part of it, so that no
    /// other use of the master key gives the same bytes.
    pub fn derive(master_key: &[u8; 32]) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, master_key);
        let derived = hmac::sign(&master, b"firstbell provisioned passwords 1");
        Self(hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()))
    }
}

impl fmt::Debug for PasswordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordKey(…)")
    }
}

/// Keeps a password that a roster brought.
pub fn provision(key: &PasswordKey, password: &Secret, random: &mut dyn Random) -> Verifier {
    let mut salt = [0; 16];
    random.fill(&mut salt);
    Verifier::Provisioned { salt, mac: mac(key, salt, password) }
}

fn mac(key: &PasswordKey, salt: [u8; 16], password: &Secret) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&key.0);
    context.update(&salt);
    context.update(password.expose().as_bytes());
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
}

/// What came of checking a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is right. Where a verifier comes with it, that is to be kept from now on.
    Right(Option<Verifier>),
    /// It is wrong, or there is nobody of that name.
    Wrong,
}

/// Checks a password against what is kept; `None` is a name that does not exist. `salt` is
/// random and new: it goes into the hash that a provisioned password gets at its first use.
/// Takes one Argon2id hash of time, always.
pub fn check(
    key: &PasswordKey,
    kept: Option<&Verifier>,
    password: &Secret,
    salt: [u8; 16],
) -> Checked {
    match kept {
        Some(Verifier::Argon2id(phc)) => {
            match argon2().verify_password(password.expose().as_bytes(), phc.as_str()) {
                Ok(()) => Checked::Right(None),
                Err(_) => Checked::Wrong,
            }
        }
        Some(Verifier::Provisioned { salt: kept_salt, mac: kept_mac }) => {
            let presented = mac(key, *kept_salt, password);
            let hashed = hash(password, salt);
            match (verify_slices_are_equal(&presented, kept_mac), hashed) {
                (Ok(()), new) => Checked::Right(new),
                (Err(_), _) => Checked::Wrong,
            }
        }
        None => {
            let _same_time_as_for_a_name_that_exists = hash(password, salt);
            Checked::Wrong
        }
    }
}

/// The Argon2id verifier of a password; none where the library refuses, which it does only for
/// inputs of gigabytes: callers keep to [`MOST_BYTES`].
pub fn hash(password: &Secret, salt: [u8; 16]) -> Option<Verifier> {
    argon2()
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .ok()
        .map(|phc| Verifier::Argon2id(phc.to_string()))
}

/// 19 MiB, two passes, one lane: the first choice of OWASP's password storage guidance.
fn argon2() -> Argon2<'static> {
    #[cfg(test)]
    tests::HASHES.with(|count| count.set(count.get() + 1));
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        /// How often this thread has hashed.
        pub(super) static HASHES: Cell<u32> = const { Cell::new(0) };
    }

    struct Fixed(u8);

    impl Random for Fixed {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn key() -> PasswordKey {
        PasswordKey::derive(&[7; 32])
    }

    fn checked(kept: Option<&Verifier>, typed: &str) -> Checked {
        check(&key(), kept, &Secret::from_text(typed), [9; 16])
    }

    #[test]
    fn a_provisioned_password_is_right_once_typed_and_is_then_kept_as_argon2id() {
        let kept = provision(&key(), &Secret::from_text("maple-42"), &mut Fixed(1));
        let Checked::Right(Some(new)) = checked(Some(&kept), "maple-42") else {
            panic!("the right password was refused");
        };
        assert!(
            matches!(&new, Verifier::Argon2id(phc) if phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"))
        );
        assert_eq!(checked(Some(&new), "maple-42"), Checked::Right(None));
        assert_eq!(checked(Some(&new), "maple-43"), Checked::Wrong);
        assert_eq!(checked(Some(&kept), "maple-43"), Checked::Wrong);
    }

    #[test]
    fn nobody_has_a_password() {
        assert_eq!(checked(None, ""), Checked::Wrong);
        assert_eq!(checked(None, "maple-42"), Checked::Wrong);
    }

    #[test]
    fn every_check_costs_one_hash_so_that_time_tells_nobody_which_names_exist() {
        let password = Secret::from_text("maple-42");
        let provisioned = provision(&key(), &password, &mut Fixed(1));
        let established = hash(&password, [3; 16]).expect("hashes");
        for kept in [None, Some(&provisioned), Some(&established)] {
            for typed in ["maple-42", "wrong"] {
                HASHES.set(0);
                checked(kept, typed);
                assert_eq!(HASHES.get(), 1, "{kept:?} {typed}");
            }
        }
    }

    #[test]
    fn every_byte_of_a_long_password_matters() {
        let long = "ñ 🦉".repeat(40);
        let kept = hash(&Secret::from_text(long.clone()), [3; 16]).expect("hashes");
        assert_eq!(checked(Some(&kept), &long), Checked::Right(None));
        assert_eq!(checked(Some(&kept), &format!("{long}x")), Checked::Wrong);
        assert_eq!(checked(Some(&kept), long.trim_end_matches('🦉')), Checked::Wrong);
    }

    #[test]
    fn a_key_of_another_installation_opens_nothing() {
        let kept = provision(&key(), &Secret::from_text("maple-42"), &mut Fixed(1));
        let other = PasswordKey::derive(&[8; 32]);
        let typed = Secret::from_text("maple-42");
        assert_eq!(check(&other, Some(&kept), &typed, [9; 16]), Checked::Wrong);
    }

    #[test]
    fn equal_passwords_are_kept_unlike() {
        let password = Secret::from_text("maple-42");
        let one = provision(&key(), &password, &mut Fixed(1));
        assert_ne!(one, provision(&key(), &password, &mut Fixed(2)));
    }
}
