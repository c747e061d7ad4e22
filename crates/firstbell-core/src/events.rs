//! The feed of changes that an application follows in a district: who follows, what the feed tells
//! of, and its ids. How it is made so that nothing is missing and nothing is there twice:
//! `docs/decisions/0010-events.md`.

use std::time::Duration;

use crate::application::{Connection, ConnectionState, DataGroup};
use crate::id::EventId;
use crate::secret::Random;
use crate::sharing::AccessTier;
use crate::time::Timestamp;

/// How long an event is told (`docs/compatibility.md`, "Events").
pub const KEPT_FOR: Duration = Duration::from_hours(24 * 30);

/// Whether an application follows what changes in a district.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Following {
    /// It does.
    Follows,
    /// The district has paused it: nothing is told now, and everything later.
    Rests,
    /// It does not; where it did, that is forgotten.
    Not,
}

/// Whether an application of this tier follows the district that has said this about it.
pub const fn following(tier: AccessTier, connection: &Connection) -> Following {
    let is_told =
        matches!(tier, AccessTier::SecureSync) && connection.sharing.groups.has(DataGroup::Events);
    match connection.state {
        ConnectionState::Active if is_told => Following::Follows,
        ConnectionState::Paused if is_told => Following::Rests,
        _ => Following::Not,
    }
}

/// The families of dialects, which have other words for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// An object for each role of a person.
    V2,
    /// An object for each person.
    V3,
}

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The district itself.
    District,
    /// A school.
    School,
    /// A term.
    Term,
    /// A course.
    Course,
    /// A section.
    Section,
    /// A resource; v3 alone has them.
    Resource,
    /// A person or a contact, by the person's id; v3.
    User,
    /// A student, by the role's id; v2, as all that follow.
    Student,
    /// A teacher.
    Teacher,
    /// Staff of a school.
    SchoolAdmin,
    /// Staff of the district.
    DistrictAdmin,
    /// A contact of a student.
    Contact,
}

impl Kind {
    /// All kinds, in the order in which one change of a district is told: what others refer to
    /// comes before them.
    pub const ALL: [Self; 12] = [
        Self::District,
        Self::School,
        Self::Term,
        Self::Course,
        Self::Section,
        Self::Resource,
        Self::User,
        Self::Student,
        Self::Teacher,
        Self::SchoolAdmin,
        Self::DistrictAdmin,
        Self::Contact,
    ];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::District => "district",
            Self::School => "school",
            Self::Term => "term",
            Self::Course => "course",
            Self::Section => "section",
            Self::Resource => "resource",
            Self::User => "user",
            Self::Student => "student",
            Self::Teacher => "teacher",
            Self::SchoolAdmin => "school_admin",
            Self::DistrictAdmin => "district_admin",
            Self::Contact => "contact",
        }
    }

    /// Whether the dialects of a family tell of it.
    pub const fn is_in(self, family: Family) -> bool {
        match self {
            Self::District | Self::School | Self::Term | Self::Course | Self::Section => true,
            Self::Resource | Self::User => matches!(family, Family::V3),
            Self::Student
            | Self::Teacher
            | Self::SchoolAdmin
            | Self::DistrictAdmin
            | Self::Contact => matches!(family, Family::V2),
        }
    }
}

/// What happened to an object, as the application sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// It is seen now: it is new, or newly shared.
    Created,
    /// It looks different.
    Updated,
    /// It is seen no more: it is gone, or shared no longer.
    Deleted,
}

impl Verb {
    /// All verbs.
    pub const ALL: [Self; 3] = [Self::Created, Self::Updated, Self::Deleted];

    /// The name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }
}

/// The id of the event that follows `last`: made now, but never lower than the one after `last`, so
/// that ids ascend also where a clock steps back.
pub fn following_id(last: EventId, now: Timestamp, random: &mut dyn Random) -> EventId {
    let made = EventId::new(now, random);
    let seconds = |id: EventId| id.to_bytes().first_chunk::<4>().copied();
    if seconds(made) > seconds(last) { made } else { successor(last) }
}

/// The id as a number, plus one.
fn successor(id: EventId) -> EventId {
    let mut bytes = id.to_bytes();
    for byte in bytes.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
    EventId::from_bytes(bytes)
}

/// The id that is lower than that of every event.
pub fn before_all() -> EventId {
    EventId::from_bytes([0; 12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::Sharing;
    use crate::id::{ApplicationId, DistrictId};
    use crate::secret::tests::Counting;

    fn connection(state: ConnectionState, groups: &[DataGroup]) -> Connection {
        let mut sharing = Sharing::everyone();
        sharing.groups = groups.iter().copied().collect();
        Connection {
            application: ApplicationId::from_bytes([1; 12]),
            district: DistrictId::from_bytes([2; 12]),
            state,
            sharing,
            since: Timestamp::default(),
        }
    }

    #[test]
    fn who_reads_a_roster_follows_it_where_the_district_says_so() {
        use AccessTier as T;
        use ConnectionState as S;
        use Following as F;
        let events = &[DataGroup::Events][..];
        let others = &[DataGroup::Contacts, DataGroup::Sensitive][..];
        for (tier, state, groups, expected) in [
            (T::SecureSync, S::Active, events, F::Follows),
            (T::SecureSync, S::Paused, events, F::Rests),
            (T::SecureSync, S::Active, others, F::Not),
            (T::SecureSync, S::Paused, others, F::Not),
            (T::SecureSync, S::Disconnected, events, F::Not),
            (T::SecureSync, S::Blocked, events, F::Not),
            (T::SecureSync, S::Recommended, events, F::Not),
            (T::DistrictSso, S::Active, events, F::Not),
            (T::Classroom, S::Active, events, F::Not),
        ] {
            let found = following(tier, &connection(state, groups));
            assert_eq!(found, expected, "{tier:?} {state:?} {groups:?}");
        }
    }

    #[test]
    fn ids_ascend_whatever_the_clock_does() {
        let random = &mut Counting(250);
        let mut last = before_all();
        for seconds in [100, 100, 100, 99, 5, 101, 101, 100, 102] {
            let now = Timestamp::from_milliseconds(seconds * 1000);
            let next = following_id(last, now, random);
            assert!(next > last, "{last:?} {next:?} at {seconds}");
            last = next;
        }
    }

    #[test]
    fn an_id_after_a_full_one_carries() {
        let id = EventId::from_bytes([0, 0, 0, 9, 1, 255, 255, 255, 255, 255, 255, 255]);
        let next = EventId::from_bytes([0, 0, 0, 9, 2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(following_id(id, Timestamp::default(), &mut Counting(1)), next);
    }

    #[test]
    fn each_family_has_its_words_for_people_and_shares_the_others() {
        let of = |family| Kind::ALL.into_iter().filter(move |kind| kind.is_in(family));
        assert_eq!(of(Family::V3).count(), 7);
        assert_eq!(of(Family::V2).count(), 10);
        assert_eq!(of(Family::V2).filter(|kind| kind.is_in(Family::V3)).count(), 5);
    }
}
