//! The nouns of the Data API and the words for them in paths, types of events and parameters.

use crate::vocabulary::RoleKind;

/// Objects of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Collection {
    /// Districts, of which a token reads one.
    Districts,
    /// Schools.
    Schools,
    /// Terms.
    Terms,
    /// Courses.
    Courses,
    /// Sections.
    Sections,
    /// Resources (v3).
    Resources,
    /// People.
    People(People),
    /// What happened.
    Events,
}

/// People, as a dialect counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum People {
    /// Everybody, each once (v3).
    Users,
    /// Everybody in this role (v2).
    In(PersonKind),
}

/// The roles of the Data API: those of a login, and contacts, who do not log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PersonKind {
    /// Learns.
    Student,
    /// Teaches.
    Teacher,
    /// Works at a school or in the district.
    Staff,
    /// Answers for the district.
    DistrictAdmin,
    /// Is called about a student.
    Contact,
}

impl Collection {
    /// The name in paths.
    pub const fn path_name(self) -> &'static str {
        match self {
            Self::Districts => "districts",
            Self::Schools => "schools",
            Self::Terms => "terms",
            Self::Courses => "courses",
            Self::Sections => "sections",
            Self::Resources => "resources",
            Self::People(People::Users) => "users",
            Self::People(People::In(PersonKind::Student)) => "students",
            Self::People(People::In(PersonKind::Teacher)) => "teachers",
            Self::People(People::In(PersonKind::Staff)) => "school_admins",
            Self::People(People::In(PersonKind::DistrictAdmin)) => "district_admins",
            Self::People(People::In(PersonKind::Contact)) => "contacts",
            Self::Events => "events",
        }
    }

    /// The name of one object among the schemas of a dialect's description.
    pub(super) const fn schema_name(self) -> &'static str {
        match self {
            Self::Districts => "District",
            Self::Schools => "School",
            Self::Terms => "Term",
            Self::Courses => "Course",
            Self::Sections => "Section",
            Self::Resources => "Resource",
            Self::People(People::Users) => "User",
            Self::People(People::In(PersonKind::Student)) => "Student",
            Self::People(People::In(PersonKind::Teacher)) => "Teacher",
            Self::People(People::In(PersonKind::Staff)) => "SchoolAdmin",
            Self::People(People::In(PersonKind::DistrictAdmin)) => "DistrictAdmin",
            Self::People(People::In(PersonKind::Contact)) => "Contact",
            Self::Events => "Event",
        }
    }

    /// The name in types of events and for `record_type`: two of them have lost their underscore.
    pub const fn event_name(self) -> &'static str {
        match self {
            Self::People(People::In(PersonKind::Staff)) => "schooladmins",
            Self::People(People::In(PersonKind::DistrictAdmin)) => "districtadmins",
            other => other.path_name(),
        }
    }
}

impl PersonKind {
    /// All, students first.
    pub const ALL: [Self; 5] =
        [Self::Student, Self::Teacher, Self::Staff, Self::DistrictAdmin, Self::Contact];

    /// The name in the v3 dialects.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Student => "student",
            Self::Teacher => "teacher",
            Self::Staff => "staff",
            Self::DistrictAdmin => "district_admin",
            Self::Contact => "contact",
        }
    }

    /// The role of somebody who logs in; None for contacts.
    pub const fn role(self) -> Option<RoleKind> {
        match self {
            Self::Student => Some(RoleKind::Student),
            Self::Teacher => Some(RoleKind::Teacher),
            Self::Staff => Some(RoleKind::Staff),
            Self::DistrictAdmin => Some(RoleKind::DistrictAdmin),
            Self::Contact => None,
        }
    }
}

impl From<RoleKind> for PersonKind {
    fn from(kind: RoleKind) -> Self {
        match kind {
            RoleKind::Student => Self::Student,
            RoleKind::Teacher => Self::Teacher,
            RoleKind::Staff => Self::Staff,
            RoleKind::DistrictAdmin => Self::DistrictAdmin,
        }
    }
}
