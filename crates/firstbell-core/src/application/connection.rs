//! What a district, or a teacher of it, has said about an application: whether it lets it in, and whom
//! it shares.

use firstbell_protocol::vocabulary::RoleKind;

use crate::id::{ApplicationId, DistrictId, SchoolId, SectionId, UserId};
use crate::time::Timestamp;

/// What a district has said about an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// The application.
    pub application: ApplicationId,
    /// The district.
    pub district: DistrictId,
    /// Whether it lets the application in.
    pub state: ConnectionState,
    /// Whom the district shares.
    pub sharing: Sharing,
    /// When the district connected it.
    pub since: Timestamp,
}

/// Whether a district lets an application in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// It does.
    Active,
    /// It did and will again: people are told to wait.
    Paused,
    /// It does no longer; its rules are kept for the case that it does again.
    Disconnected,
    /// It does not, and its teachers may not connect it either.
    Blocked,
    /// It has not connected the application, and recommends it to its teachers.
    Recommended,
}

impl ConnectionState {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Active, Self::Paused, Self::Disconnected, Self::Blocked, Self::Recommended];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disconnected => "disconnected",
            Self::Blocked => "blocked",
            Self::Recommended => "recommended",
        }
    }

    /// Whether the district has connected the application itself, for now or for later.
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::Active | Self::Paused)
    }
}

/// Whom a district shares with an application: whoever one of the rules fits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sharing {
    /// The rules, in the order in which the district gave them.
    pub rules: Vec<SharingRule>,
    /// Whether all staff and district administrators are shared too, whatever the rules say.
    pub all_staff: bool,
    /// What is shared of them beside the roster itself.
    pub groups: DataGroups,
}

impl Sharing {
    /// Everyone of the district.
    pub fn everyone() -> Self {
        Self { rules: vec![SharingRule::default()], ..Self::default() }
    }

    /// People of these schools, and people who answer for the whole district.
    pub fn schools(schools: Vec<SchoolId>) -> Self {
        let rule = SharingRule { schools: Some(schools), ..SharingRule::default() };
        Self { rules: vec![rule], ..Self::default() }
    }
}

/// Data of a roster that an application sees only where the district says so, one group at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataGroup {
    /// Date of birth, gender, race, ethnicity, address.
    Demographics,
    /// What may hurt a child who is found out: lunch status, individual education programs, language
    /// learner status, section 504, giftedness, disabilities, the language at home.
    Sensitive,
    /// Whom a school calls about a student.
    Contacts,
    /// Columns of the district's own, `ext.*`.
    Extensions,
    /// The feed of changes.
    Events,
}

impl DataGroup {
    /// All groups.
    pub const ALL: [Self; 5] =
        [Self::Demographics, Self::Sensitive, Self::Contacts, Self::Extensions, Self::Events];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Demographics => "demographics",
            Self::Sensitive => "sensitive",
            Self::Contacts => "contacts",
            Self::Extensions => "extensions",
            Self::Events => "events",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of [`DataGroup`]s; by default none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct DataGroups(u8);

impl DataGroups {
    /// All groups.
    pub fn all() -> Self {
        DataGroup::ALL.into_iter().collect()
    }

    /// Whether a group is among them.
    pub const fn has(self, group: DataGroup) -> bool {
        self.0 & group.bit() != 0
    }

    /// The groups, in the order of [`DataGroup::ALL`].
    pub fn iter(self) -> impl Iterator<Item = DataGroup> {
        DataGroup::ALL.into_iter().filter(move |group| self.has(*group))
    }
}

impl FromIterator<DataGroup> for DataGroups {
    fn from_iter<I: IntoIterator<Item = DataGroup>>(groups: I) -> Self {
        Self(groups.into_iter().fold(0, |bits, group| bits | group.bit()))
    }
}

/// A rule fits a role of a person if each of its parts does. A part that is not there fits
/// everybody; one that is empty fits nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SharingRule {
    /// The role is held at one of these schools. District administrators belong to all.
    pub schools: Option<Vec<SchoolId>>,
    /// A student is in one of these sections, a teacher teaches one.
    pub sections: Option<Vec<SectionId>>,
    /// A student is in one of these grades, a teacher teaches a section of one.
    pub grades: Option<Vec<String>>,
    /// A student is in a section of one of these subjects, a teacher teaches one.
    pub subjects: Option<Vec<String>>,
    /// It is one of these kinds of role.
    pub roles: Option<Vec<RoleKind>>,
}

/// That a teacher lets an application in for herself and her students, where her district has not
/// (seed: Classroom SSO).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeacherLink {
    /// The application.
    pub application: ApplicationId,
    /// The teacher's district.
    pub district: DistrictId,
    /// The teacher.
    pub teacher: UserId,
    /// The sections that she shares and still teaches.
    pub sections: Vec<SectionId>,
    /// When she agreed.
    pub since: Timestamp,
}
