//! A login name and what proves it.

use crate::id::RoleId;
use crate::time::Timestamp;

/// A password as it is kept. How the two kinds are made and checked is
/// `firstbell-upstream/src/password.rs`; why there are two, `docs/decisions/0004-passwords.md`.
#[derive(Clone, PartialEq, Eq)]
pub enum Verifier {
    /// Brought by a roster and not used yet: a keyed MAC, because a hundred thousand Argon2
    /// hashes would take an import half an hour.
    Provisioned {
        /// Makes equal passwords look different.
        salt: [u8; 16],
        /// HMAC-SHA-256 under a key that is not in the database.
        mac: [u8; 32],
    },
    /// Argon2id in the PHC string format.
    Argon2id(String),
}

/// Nothing of a verifier is printed.
impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Provisioned { .. } => "Provisioned(…)",
            Self::Argon2id(_) => "Argon2id(…)",
        })
    }
}

/// A login name, whose it is, and what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The role that logs in with it.
    pub role: RoleId,
    /// The name, folded: see [`fold_login_name`].
    pub login_name: String,
    /// What proves it.
    pub verifier: Verifier,
    /// When it was set.
    pub set: Timestamp,
}

/// The form in which login names are compared: without surrounding spaces, in lower case, so that
/// a child's `Ana.Nunez` is `ana.nunez`.
pub fn fold_login_name(typed: &str) -> String {
    typed.trim().to_lowercase()
}
