//! Learning resources that a district assigns to courses.

use firstbell_protocol::vocabulary::RoleKind;

use crate::id::{CourseId, ResourceId};

/// Something to learn with: a book, a program, a licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its identifier.
    pub id: ResourceId,
    /// Its id in the district's systems (`resource_id` on the wire), unique in the district.
    pub sis_id: String,
    /// What it is called.
    pub title: String,
    /// Whom it is for: teachers, students or both, in the order of [`RoleKind`].
    pub roles: Vec<RoleKind>,
    /// The courses that it is assigned to, sorted.
    pub courses: Vec<CourseId>,
}
