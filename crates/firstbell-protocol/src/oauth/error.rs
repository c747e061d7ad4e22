//! The body of a refusal at the token endpoint (RFC 6749 section 5.2).

use serde::{Deserialize, Serialize};

/// `{"error": …, "error_description": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The name that programs read.
    pub error: String,
    /// A sentence for the developer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
}
