//! The v3.1 dialect. What it adds to v3.0 (preferred names, learning management systems) is nothing
//! that tokens of people read.

use super::v3::Dialect;

/// What sets it apart.
pub const DIALECT: Dialect = Dialect { prefix: "/v3.1" };
