//! The OneRoster 1.2 Rostering Service, read only (REST binding): its paths, what a list can be asked,
//! and how a refusal is told. What objects hold is the server's to fill.

mod filter;
mod member;
mod query;
mod status;

pub use filter::{Filter, FilterError};
pub use query::{Cursor, MOST, MOST_SORTED, Onward, Order, Query, QueryError, SortKey};
pub use status::{CodeMinor, StatusInfo};

use crate::vocabulary::{RoleKind, RosterScopes};

/// What stands before every path.
pub const PREFIX: &str = "/ims/oneroster/rostering/v1p2";

/// What there is lists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// The district and its schools.
    Orgs,
    /// Those of them that are schools.
    Schools,
    /// Terms, whatever they are.
    AcademicSessions,
    /// The same: all that are kept are terms.
    Terms,
    /// Courses.
    Courses,
    /// Classes: sections.
    Classes,
    /// People and their contacts.
    Users,
    /// People who learn.
    Students,
    /// People who teach.
    Teachers,
    /// Who is in which class.
    Enrollments,
    /// Birth, sex, origin of students.
    Demographics,
}

impl Collection {
    /// All collections.
    pub const ALL: [Self; 11] = [
        Self::Orgs,
        Self::Schools,
        Self::AcademicSessions,
        Self::Terms,
        Self::Courses,
        Self::Classes,
        Self::Users,
        Self::Students,
        Self::Teachers,
        Self::Enrollments,
        Self::Demographics,
    ];

    /// Its word in paths.
    pub const fn path_name(self) -> &'static str {
        match self {
            Self::Orgs => "orgs",
            Self::Schools => "schools",
            Self::AcademicSessions => "academicSessions",
            Self::Terms => "terms",
            Self::Courses => "courses",
            Self::Classes => "classes",
            Self::Users => "users",
            Self::Students => "students",
            Self::Teachers => "teachers",
            Self::Enrollments => "enrollments",
            Self::Demographics => "demographics",
        }
    }

    /// The member of a reply that holds a list of it.
    pub const fn list_name(self) -> &'static str {
        match self {
            Self::Orgs | Self::Schools => "orgs",
            Self::AcademicSessions | Self::Terms => "academicSessions",
            Self::Courses => "courses",
            Self::Classes => "classes",
            Self::Users | Self::Students | Self::Teachers => "users",
            Self::Enrollments => "enrollments",
            Self::Demographics => "demographics",
        }
    }

    /// The member of a reply that holds one of it.
    pub const fn single_name(self) -> &'static str {
        match self {
            Self::Orgs | Self::Schools => "org",
            Self::AcademicSessions | Self::Terms => "academicSession",
            Self::Courses => "course",
            Self::Classes => "class",
            Self::Users | Self::Students | Self::Teachers => "user",
            Self::Enrollments => "enrollment",
            Self::Demographics => "demographics",
        }
    }

    /// Whether it is one of those of which others are a part.
    pub const fn is_core(self) -> bool {
        matches!(
            self,
            Self::Orgs
                | Self::AcademicSessions
                | Self::Courses
                | Self::Classes
                | Self::Users
                | Self::Enrollments
        )
    }

    /// Of which role its people are, if it is of people in one role.
    pub const fn role(self) -> Option<RoleKind> {
        match self {
            Self::Students | Self::Demographics => Some(RoleKind::Student),
            Self::Teachers => Some(RoleKind::Teacher),
            _ => None,
        }
    }

    /// The members that its objects can have, for `fields`.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Orgs | Self::Schools => &["name", "type", "identifier", "parent", "children"],
            Self::AcademicSessions | Self::Terms => {
                &["title", "type", "startDate", "endDate", "schoolYear"]
            }
            Self::Courses => &["title", "courseCode", "org"],
            Self::Classes => &[
                "title",
                "classCode",
                "classType",
                "grades",
                "subjects",
                "course",
                "school",
                "terms",
                "periods",
            ],
            Self::Users | Self::Students | Self::Teachers => &[
                "enabledUser",
                "username",
                "userIds",
                "givenName",
                "familyName",
                "middleName",
                "preferredFirstName",
                "preferredMiddleName",
                "preferredLastName",
                "identifier",
                "email",
                "sms",
                "phone",
                "roles",
                "primaryOrg",
                "agents",
                "grades",
            ],
            Self::Enrollments => &["user", "class", "school", "role", "primary"],
            Self::Demographics => &[
                "birthDate",
                "sex",
                "americanIndianOrAlaskaNative",
                "asian",
                "blackOrAfricanAmerican",
                "nativeHawaiianOrOtherPacificIslander",
                "white",
                "demographicRaceTwoOrMoreRaces",
                "hispanicOrLatinoEthnicity",
            ],
        }
    }
}

/// The members that every object has.
pub const BASE_FIELDS: [&str; 4] = ["sourcedId", "status", "dateLastModified", "metadata"];

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A list.
    All(Collection),
    /// The object whose id is in the path.
    One(Collection),
    /// A list of the second kind that belongs to the object of the first.
    Within(Collection, Collection),
}

impl Target {
    /// Everything that can be asked for.
    pub fn every() -> impl Iterator<Item = Self> {
        use Collection as C;

        const WITHIN: [(C, C); 10] = [
            (C::Schools, C::Classes),
            (C::Schools, C::Students),
            (C::Schools, C::Teachers),
            (C::Schools, C::Terms),
            (C::Schools, C::Courses),
            (C::Classes, C::Students),
            (C::Classes, C::Teachers),
            (C::Users, C::Classes),
            (C::Students, C::Classes),
            (C::Teachers, C::Classes),
        ];
        let all = C::ALL.into_iter().map(Self::All);
        let one = C::ALL.into_iter().map(Self::One);
        all.chain(one).chain(WITHIN.into_iter().map(|(of, what)| Self::Within(of, what)))
    }

    /// Its path, with this in the place of the id.
    pub fn path(self, id: &str) -> String {
        match self {
            Self::All(all) => format!("{PREFIX}/{}", all.path_name()),
            Self::One(one) => format!("{PREFIX}/{}/{id}", one.path_name()),
            Self::Within(of, what) => {
                format!("{PREFIX}/{}/{id}/{}", of.path_name(), what.path_name())
            }
        }
    }

    /// Whether a token of these scopes reads it (OneRoster 1.2, scopes of the rostering service).
    pub const fn is_open_to(self, scopes: RosterScopes) -> bool {
        use Collection as C;

        let roster = match self {
            Self::All(C::Demographics) | Self::One(C::Demographics) => RosterScopes::DEMOGRAPHICS,
            Self::All(what) | Self::One(what) if what.is_core() => {
                RosterScopes::ROSTER.or(RosterScopes::CORE)
            }
            Self::All(_) | Self::One(_) | Self::Within(..) => RosterScopes::ROSTER,
        };
        scopes.has_any(roster)
    }

    /// Of what the reply is made.
    pub const fn returns(self) -> Collection {
        match self {
            Self::All(what) | Self::One(what) | Self::Within(_, what) => what,
        }
    }
}
