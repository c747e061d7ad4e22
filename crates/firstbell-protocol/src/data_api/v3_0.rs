//! The v3.0 dialect.

use super::v3::Dialect;

/// What sets it apart.
pub const DIALECT: Dialect = Dialect { prefix: "/v3.0" };
