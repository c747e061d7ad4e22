//! The v2.1 dialect, which the unversioned `/me` speaks too.

use super::v2::{Dialect, DistrictShape};

/// What sets it apart.
pub const DIALECT: Dialect =
    Dialect { prefix: "/v2.1", grades: None, district: DistrictShape::WithPortal };
