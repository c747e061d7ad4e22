//! The one place where the machine's clock and randomness are read.

use std::time::SystemTime;

#[expect(clippy::disallowed_methods, reason = "the rim: from here time travels as a parameter")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

#[expect(clippy::disallowed_methods, reason = "the rim: from here randomness is a parameter")]
pub(crate) fn random(bytes: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(bytes).map_err(std::io::Error::other)
}
