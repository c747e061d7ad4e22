//! The application's secret, which nothing prints.

use std::fmt;

/// The secret an application was registered with. It goes to the token endpoint and nowhere else:
/// there is no `Display`, and `Debug` says nothing.
#[derive(Clone)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// Takes the secret as it was issued.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}
