//! The district: the tenant that everything else belongs to.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Role, RoleKind, User};
use crate::id::{DistrictId, RoleId};
use crate::login::session;

/// A school district.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct District {
    /// Its identifier.
    pub id: DistrictId,
    /// Its name in addresses: `/in/<shortname>`.
    pub shortname: Shortname,
    /// What people call it.
    pub name: String,
    /// Where it is, as the finder shows it: "Springfield, OR".
    pub place: Option<String>,
    /// What it has decided about its people's logins.
    pub policy: DistrictPolicy,
}

/// What a district has decided about its people's logins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DistrictPolicy {
    /// The role in which a person of several roles comes: the first of these that they have. Where
    /// none is named, the role whose password or identity they used.
    pub role_order: Vec<RoleKind>,
    /// Limits of sessions that are shorter than the general ones, by band.
    pub session_limits: Vec<(Band, SessionLimits)>,
    /// Which applications its teachers may connect.
    pub classroom: ClassroomPolicy,
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// It ends when nobody used it for this long.
    pub idle: Duration,
    /// It ends after this long, however busy.
    pub longest: Duration,
}

/// Why a district cannot have these limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionLimitsError {
    /// Nobody would get anywhere.
    #[error("a session lasts a minute at least")]
    TooShort,
    /// Districts make sessions shorter, not longer.
    #[error(
        "a session ends after 2 idle hours and after 24 hours; a district may only shorten that"
    )]
    TooLong,
    /// The first would never matter.
    #[error("the idle limit is longer than the whole session")]
    IdleBeyondLongest,
}

impl SessionLimits {
    /// Limits that a district may have.
    ///
    /// # Errors
    /// See [`SessionLimitsError`].
    pub fn checked(idle: Duration, longest: Duration) -> Result<Self, SessionLimitsError> {
        if idle.min(longest) < Duration::from_mins(1) {
            return Err(SessionLimitsError::TooShort);
        }
        if idle > session::LONGEST_IDLE || longest > session::LONGEST {
            return Err(SessionLimitsError::TooLong);
        }
        if idle > longest {
            return Err(SessionLimitsError::IdleBeyondLongest);
        }
        Ok(Self { idle, longest })
    }
}

/// People whose sessions last equally long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// Students up to grade 5.
    Elementary,
    /// Students of the grades 6 to 8.
    Middle,
    /// Students above that, and those whose grade is not known.
    High,
    /// Everybody who is no student.
    Adults,
}

impl Band {
    /// All bands.
    pub const ALL: [Self; 4] = [Self::Elementary, Self::Middle, Self::High, Self::Adults];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Elementary => "elementary",
            Self::Middle => "middle",
            Self::High => "high",
            Self::Adults => "adults",
        }
    }

    /// The band of somebody in this role.
    pub fn of(role: &Role) -> Self {
        if role.kind != RoleKind::Student {
            return Self::Adults;
        }
        match role.details.get("grade") {
            Some(
                "InfantToddler"
                | "Preschool"
                | "PreKindergarten"
                | "TransitionalKindergarten"
                | "Kindergarten"
                | "1"
                | "2"
                | "3"
                | "4"
                | "5",
            ) => Self::Elementary,
            Some("6" | "7" | "8") => Self::Middle,
            _ => Self::High,
        }
    }
}

impl DistrictPolicy {
    /// How long sessions of somebody in this role last; never longer than the general limits.
    pub fn limits(&self, role: &Role) -> SessionLimits {
        let band = Band::of(role);
        let own = self.session_limits.iter().find(|(of, _)| *of == band).map(|(_, limits)| *limits);
        let general = SessionLimits { idle: session::LONGEST_IDLE, longest: session::LONGEST };
        own.map_or(general, |own| SessionLimits {
            idle: own.idle.min(general.idle),
            longest: own.longest.min(general.longest),
        })
    }

    /// The role in which a person comes who proved to be the holder of `proved`.
    pub fn first_role(&self, user: &User, proved: RoleId) -> RoleId {
        let mut ordered = self.role_order.iter().filter_map(|kind| user.role(*kind));
        ordered.next().map_or(proved, |role| role.id)
    }
}

/// Which applications a district's teachers may connect for themselves and their students.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClassroomPolicy {
    /// Any of the Classroom tier that the district has not blocked.
    #[default]
    Allowed,
    /// Those that the district recommends.
    Recommended,
    /// None.
    Off,
}

impl ClassroomPolicy {
    /// All policies.
    pub const ALL: [Self; 3] = [Self::Allowed, Self::Recommended, Self::Off];

    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Recommended => "recommended",
            Self::Off => "off",
        }
    }
}

/// A district's name in addresses: 1 to 40 of `a-z`, `0-9` and `-`, not starting or ending in `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shortname(String);

/// A text that cannot be a shortname.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a shortname is 1 to 40 of a-z, 0-9 and -, and starts and ends with a letter or digit")]
pub struct MalformedShortname;

impl Shortname {
    /// The shortname as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Shortname {
    type Err = MalformedShortname;

    fn from_str(text: &str) -> Result<Self, MalformedShortname> {
        let characters_fit =
            text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let ends_fit = !text.starts_with('-') && !text.ends_with('-');
        if (1..=40).contains(&text.len()) && characters_fit && ends_fit {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedShortname)
        }
    }
}

impl fmt::Display for Shortname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(kind: RoleKind, grade: Option<&str>) -> Role {
        let details = grade.map(|grade| ("grade".to_owned(), grade.to_owned()));
        Role {
            id: "1".repeat(24).parse().expect("an id"),
            kind,
            sis_id: "7".into(),
            details: details.into_iter().collect(),
        }
    }

    #[test]
    fn sessions_are_as_long_as_the_district_says_for_the_grade_and_never_longer() {
        let minutes = Duration::from_mins;
        let limits =
            |idle, longest| SessionLimits { idle: minutes(idle), longest: minutes(longest) };
        let policy = DistrictPolicy {
            session_limits: vec![
                (Band::Elementary, limits(10, 60)),
                (Band::Adults, limits(6000, 6000)),
            ],
            ..DistrictPolicy::default()
        };
        let of = |kind, grade| policy.limits(&role(kind, grade));
        assert_eq!(of(RoleKind::Student, Some("Kindergarten")), limits(10, 60));
        assert_eq!(of(RoleKind::Student, Some("7")), limits(120, 1440));
        assert_eq!(of(RoleKind::Student, None), limits(120, 1440));
        assert_eq!(
            of(RoleKind::Teacher, Some("3")),
            limits(120, 1440),
            "no longer than in general"
        );
    }

    #[test]
    fn a_district_only_shortens_sessions() {
        let limits = |idle, longest| {
            SessionLimits::checked(Duration::from_mins(idle), Duration::from_mins(longest))
        };
        for (idle, longest) in [(1, 1), (10, 120), (120, 1440)] {
            assert!(limits(idle, longest).is_ok(), "{idle}/{longest}");
        }
        for (idle, longest, error) in [
            (0, 60, SessionLimitsError::TooShort),
            (1, 0, SessionLimitsError::TooShort),
            (121, 1440, SessionLimitsError::TooLong),
            (60, 1441, SessionLimitsError::TooLong),
            (60, 59, SessionLimitsError::IdleBeyondLongest),
        ] {
            assert_eq!(limits(idle, longest), Err(error), "{idle}/{longest}");
        }
    }

    #[test]
    fn shortnames_are_plain() {
        for good in ["a", "ada", "north-4", &"x".repeat(40)] {
            assert!(good.parse::<Shortname>().is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "Ada", "a b", "ñ", "a/b", &"x".repeat(41)] {
            assert_eq!(bad.parse::<Shortname>(), Err(MalformedShortname), "{bad}");
        }
    }
}
