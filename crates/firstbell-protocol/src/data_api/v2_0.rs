//! The v2.0 dialect: fewer grades and genders, no extension fields, nothing counted, and districts
//! without their portal.

use super::DistrictShape;
use super::tables::{self, Details};
use super::v2::{Dialect, endpoints};
use super::words::FEWER_GRADES;

/// What sets it apart.
pub const DIALECT: Dialect = Dialect {
    prefix: "/v2.0",
    endpoints: endpoints::TABLE_WITHOUT_COUNT,
    details: &Details {
        grades: FEWER_GRADES,
        student: &[tables::STUDENT, tables::TWO_GENDERED, tables::SENSITIVE_V2],
        teacher: &[tables::TEACHER],
        staff: &[tables::STAFF],
        district_admin: &[tables::DISTRICT_ADMIN],
        school: &[tables::FEWER_SCHOOL_GRADES, tables::SCHOOL],
        section: &[tables::SECTION],
    },
    district: DistrictShape::Named,
};
