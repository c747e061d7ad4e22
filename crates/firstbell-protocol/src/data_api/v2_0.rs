//! The v2.0 dialect: fewer grades, and districts without their portal.

use super::v2::{Dialect, DistrictShape};

/// What sets it apart.
pub const DIALECT: Dialect = Dialect {
    prefix: "/v2.0",
    grades: Some(&[
        "PreKindergarten",
        "Kindergarten",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
        "11",
        "12",
        "PostGraduate",
        "Other",
    ]),
    district: DistrictShape::Named,
};
