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
    /// Its primary teacher; None where that is somebody who is not told.
    pub primary: Option<Member>,
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
    /// Its primary teacher, if they are told: no other one stands in their place.
    pub primary: Option<Member>,
    /// Its teachers, as far as they are told, the primary one first.
    pub teachers: Vec<Member>,
    /// Its students, as far as they are told.
    pub students: Vec<Member>,
}

/// The section as the application sees it with a token of this person. `told` says of whom the
/// application may know, beside that person. A student's token tells of the students that one alone.
pub fn section_view<'a>(
    district: DistrictId,
    classroom: &'a Classroom,
    entry: &Entry<'_>,
    told: impl Fn(&Member) -> bool,
) -> SectionView<'a> {
    let teaches = entry.roles.iter().any(|role| role.kind == RoleKind::Teacher);
    let own = |member: &Member| entry.roles.iter().any(|role| role.id == member.role);
    let as_teacher = |member: &Member| own(member) || told(member);
    let as_student = |member: &Member| if teaches { told(member) } else { own(member) };
    let details = |name| classroom.section.details.get(name);
    SectionView {
        id: classroom.section.id,
        district,
        name: &classroom.section.name,
        grade: details("grade"),
        subject: details("subject"),
        primary: classroom.primary.filter(as_teacher),
        teachers: classroom.teachers.iter().copied().filter(as_teacher).collect(),
        students: classroom.students.iter().copied().filter(as_student).collect(),
    }
}
