//! The v3.1 dialect: preferred names, more of what is sensitive, learning management systems.

use super::tables::{self, Details};
use super::v3::{self, Dialect, endpoints};
use super::{DistrictShape, LmsShape};

/// What sets it apart.
pub const DIALECT: Dialect = Dialect {
    prefix: "/v3.1",
    endpoints: endpoints::TABLE,
    details: &Details {
        student: &[
            tables::STUDENT,
            tables::GENDERED,
            tables::ENROLLED,
            tables::EXTENSIONS,
            tables::STUDENT_V3_1,
        ],
        ..*v3::DETAILS
    },
    district: DistrictShape::WithLms,
    lms: LmsShape::Told,
};
