//! A school of a district.

use super::details::Details;
use crate::id::SchoolId;

/// A school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct School {
    /// Its identifier.
    pub id: SchoolId,
    /// Its id in the district's student information system, unique in the district.
    pub sis_id: String,
    /// Its name.
    pub name: String,
    /// The number by which the district knows it.
    pub number: String,
    /// Everything else that the roster said: grades, principal, address.
    pub details: Details,
}
