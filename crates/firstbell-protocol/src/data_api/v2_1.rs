//! The v2.1 dialect, which the unversioned `/me` speaks too.

use super::DistrictShape;
use super::tables::{self, Details};
use super::v2::{Dialect, endpoints};
use super::words::GRADES;

/// What sets it apart.
pub const DIALECT: Dialect = Dialect {
    prefix: "/v2.1",
    endpoints: endpoints::TABLE,
    details: &Details {
        grades: GRADES,
        student: &[
            tables::STUDENT,
            tables::GENDERED,
            tables::SENSITIVE_V2,
            tables::ENROLLED,
            tables::EXTENSIONS,
        ],
        teacher: &[tables::TEACHER, tables::EXTENSIONS],
        staff: &[tables::DEPARTMENT, tables::STAFF, tables::EXTENSIONS],
        district_admin: &[tables::DISTRICT_ADMIN],
        school: &[tables::SCHOOL_GRADES, tables::SCHOOL, tables::EXTENSIONS],
        section: &[tables::SECTION, tables::EXTENSIONS],
    },
    district: DistrictShape::WithPortal,
};
