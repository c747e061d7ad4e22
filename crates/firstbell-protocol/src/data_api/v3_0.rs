//! The v3.0 dialect.

use super::v3::{self, Dialect, endpoints};
use super::{DistrictShape, LmsShape};

/// What sets it apart.
pub const DIALECT: Dialect = Dialect {
    prefix: "/v3.0",
    endpoints: endpoints::TABLE,
    details: v3::DETAILS,
    district: DistrictShape::WithUsers,
    lms: LmsShape::Untold,
};
