//! The one place where randomness is taken from the operating system.

use firstbell_core::secret::Random;

/// The operating system's random bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Entropy;

impl Random for Entropy {
    /// Aborts the process where the operating system has no randomness: a predictable code or
    /// token would be worse than no service.
    #[expect(clippy::disallowed_methods, reason = "this is the place where randomness is taken")]
    fn fill(&mut self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            tracing::error!(%error, "the operating system has no randomness; stopping");
            std::process::abort();
        }
    }
}
