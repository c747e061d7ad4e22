//! Which fields of a section an application of the Classroom tier sees, and whom it sees in it.

use firstbell_protocol::vocabulary::RoleKind;

use super::Entry;
use crate::id::{DistrictId, RoleId, SectionId, UserId};
use crate::roster::Section;

/// A section with the people in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classroom {
    /// The section.
    pub section: Section,
    /// Its teachers, the primary one first.
    pub teachers: Vec<Member>,
    /// Its students.
    pub students: Vec<Member>,
}

/// Somebody in a section: the person, and the role that they have there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// The role.
    pub role: RoleId,
    /// The person.
    pub user: UserId,
}

/// What an application sees of a section (seed: Classroom SSO).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionView<'a> {
    /// Its id.
    pub id: SectionId,
    /// Its district.
    pub district: DistrictId,
    /// Its name.
    pub name: &'a str,
    /// Its grade, where it is known.
    pub grade: Option<&'a str>,
    /// Its subject, where it is known.
    pub subject: Option<&'a str>,
    /// Its teachers, the primary one first.
    pub teachers: &'a [Member],
    /// Its students, as far as they are told.
    pub students: Vec<Member>,
}

/// The section as the application sees it with a token of this person. `told` says which students
/// the application may know of. A student's token tells of the students that one alone.
pub fn section_view<'a>(
    district: DistrictId,
    classroom: &'a Classroom,
    entry: &Entry<'_>,
    told: impl Fn(&Member) -> bool,
) -> SectionView<'a> {
    let teaches = entry.roles.iter().any(|role| role.kind == RoleKind::Teacher);
    let own = |student: &Member| entry.roles.iter().any(|role| role.id == student.role);
    let students = classroom.students.iter().copied();
    let details = |name| classroom.section.details.get(name);
    SectionView {
        id: classroom.section.id,
        district,
        name: &classroom.section.name,
        grade: details("grade"),
        subject: details("subject"),
        teachers: &classroom.teachers,
        students: students.filter(|it| if teaches { told(it) } else { own(it) }).collect(),
    }
}
