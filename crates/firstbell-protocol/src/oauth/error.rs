//! The body of a refusal at the token endpoint (RFC 6749 section 5.2).

use serde::{Deserialize, Serialize};

/// What an application is told that asked with `return_unshared=true` for a person who has no access
/// to it. With a hyphen, as the dialect has it (seed: several applications behind one button).
pub const UNAUTHORIZED_USER: &str = "unauthorized-user";

/// `{"error": …, "error_description": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The name that programs read.
    pub error: String,
    /// A sentence for the developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}
