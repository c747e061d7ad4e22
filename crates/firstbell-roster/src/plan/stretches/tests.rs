use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use firstbell_core::id::{CourseId, RoleId, SchoolId};
use firstbell_core::roster::change::CurrentRoster;
use firstbell_core::roster::{Email, Generation, PersonName, Relationship, Role, RoleKind, User};
use firstbell_core::time::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::plan::walk::walk;

/// A record: its place, its number there, and what is told of it.
type Thing = (u8, u8, u64);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct At(u8, u8);

impl Placed for At {
    fn place(self) -> [u8; PLACE] {
        let mut place = [0; PLACE];
        place[PLACE - 1] = self.0;
        place
    }
}

impl Told for Thing {
    fn tell(&self, to: &mut Vec<u8>) {
        to.extend([self.0, self.1]);
        to.extend(self.2.to_be_bytes());
    }
}

type Things = BTreeMap<(u8, u8), u64>;

fn things() -> impl Strategy<Value = Things> {
    proptest::collection::btree_map((0u8..40, 0u8..2), 0u64..3, 0..50)
}

/// Things, and what they are after a few changes.
fn changed() -> impl Strategy<Value = (Things, Things)> {
    let changes =
        proptest::collection::vec(((0u8..40, 0u8..2), proptest::option::of(0u64..3)), 0..4);
    (things(), changes).prop_map(|(before, changes)| {
        let mut after = before.clone();
        for (at, now) in changes {
            match now {
                Some(now) => after.insert(at, now),
                None => after.remove(&at),
            };
        }
        (before, after)
    })
}

fn listed(things: &Things) -> Vec<Thing> {
    things.iter().map(|((place, number), said)| (*place, *number, *said)).collect()
}

fn at(&(place, number, _): &Thing) -> At {
    At(place, number)
}

/// What a walk saw, and which of the district's records it had fetched.
#[derive(Default, Debug)]
struct Outcome {
    seen: Vec<(Option<Thing>, Option<Thing>)>,
    fetched: Vec<Thing>,
    found: Stretches,
}

const PAGE: usize = 3;
const PLACES: u32 = 4;

/// How to walk.
enum Way {
    SideBySide,
    Past(Stretches),
    /// Past what is known, and nothing is.
    Unknown,
}

fn walked(before: &Things, after: &Things, way: Way) -> Outcome {
    let present = listed(before);
    let fetched = RefCell::new(Vec::new());
    let pages = Pages::new(
        |last: Option<At>| {
            let following = present.iter().filter(|it| last.is_none_or(|last| at(it) > last));
            let page: Vec<Thing> = following.take(PAGE).copied().collect();
            fetched.borrow_mut().extend_from_slice(&page);
            Ok::<_, Infallible>(page)
        },
        at,
    );
    let mut seen = Vec::new();
    let mut note = |met: Met<Thing, Thing>| {
        seen.push(match met {
            Met::New(record) => (None, Some(record)),
            Met::Both(before, record) => (Some(before), Some(record)),
            Met::Gone(before) => (Some(before), None),
        });
    };
    let mut ours = listed(after).into_iter();
    let found = if let Way::SideBySide = way {
        walk(|| ours.next(), at, pages, note).map(|()| Stretches::default())
    } else {
        let known = if let Way::Past(known) = way { Some(known) } else { None };
        let each = |seen| match seen {
            Seen::Same(record) => note(Met::Both(record, record)),
            Seen::Met(met) => note(met),
        };
        walk_in_stretches(PLACES, || ours.next(), at, known, pages, each)
    };
    let found = found.expect("nothing fails");
    Outcome { seen, fetched: fetched.into_inner(), found }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn past_what_is_known_one_sees_the_same((before, after) in changed()) {
        let known = walked(&Things::new(), &before, Way::Unknown).found;
        let side_by_side = walked(&before, &after, Way::SideBySide);
        let past = walked(&before, &after, Way::Past(known));
        prop_assert_eq!(&past.seen, &side_by_side.seen);
        let unknown = walked(&before, &after, Way::Unknown);
        prop_assert_eq!(&unknown.seen, &side_by_side.seen);
        prop_assert_eq!(&past.found, &unknown.found);
        // No record is fetched twice.
        prop_assert!(past.fetched.is_sorted_by_key(at), "{:?}", past.fetched);
        prop_assert!(past.fetched.len() <= before.len());
    }

    #[test]
    fn what_has_not_changed_is_not_fetched(things in things()) {
        let known = walked(&Things::new(), &things, Way::Unknown).found;
        prop_assert!(known.0.windows(2).all(|two| two[0].first < two[1].first), "{:?}", known);
        let kept = Stretches::read(&known.to_bytes()).expect("of this format");
        prop_assert_eq!(&kept, &known);
        let again = walked(&things, &things, Way::Past(kept));
        prop_assert_eq!(again.fetched, []);
        prop_assert_eq!(again.found, known);
    }
}

#[test]
fn one_change_has_one_stretch_read() {
    let before: Things = (0..200).flat_map(|place| [((place, 0), 0), ((place, 1), 0)]).collect();
    let known = walked(&Things::new(), &before, Way::Unknown).found;
    assert!(known.0.len() > 20, "{} stretches", known.0.len());
    let mut after = before.clone();
    after.insert((100, 1), 1);
    let firsts: Vec<u8> = known.0.iter().map(|stretch| stretch.first[PLACE - 1]).collect();
    let begin = firsts.iter().rfind(|first| **first <= 100).expect("a stretch");
    let end = firsts.iter().find(|first| **first > 100).expect("another");
    let past = walked(&before, &after, Way::Past(known));
    let (changed, others): (Vec<Thing>, Vec<Thing>) =
        past.fetched.iter().partition(|it| (begin..end).contains(&&it.0));
    assert_eq!(changed.len(), 2 * usize::from(end - begin));
    assert!(others.len() <= PAGE, "{others:?}");
}

#[test]
fn ids_that_count_up_are_cut_evenly() {
    let places = |places: u32| -> Vec<usize> {
        let ids = (0..100_000u32).map(|number| {
            let [a, b, c, d] = (0x8a41_0000 + number).to_be_bytes();
            [0x69, 0xaa, 1, 2, 3, 4, 5, 6, a, b, c, d]
        });
        let begins = ids.enumerate().filter(|(_, id)| is_begin(*id, places)).map(|(at, _)| at);
        begins.collect::<Vec<_>>().windows(2).map(|two| two[1] - two[0]).collect()
    };
    for wanted in [SectionId::PLACES, Enrollment::PLACES] {
        let stretches = places(wanted);
        let wanted = usize::try_from(wanted).expect("few");
        let mean = stretches.iter().sum::<usize>() / stretches.len();
        assert!((wanted / 2..wanted * 2).contains(&mean), "{mean} for {wanted}");
        let longest = stretches.iter().max().expect("some");
        assert!(*longest < wanted * 20, "{longest} for {wanted}");
    }
}

#[test]
fn what_another_program_kept_is_unknown() {
    let known = walked(&Things::new(), &[((1, 0), 0)].into(), Way::Unknown).found.to_bytes();
    assert_eq!(known.len(), 1 + PLACE + DIGEST);
    assert!(Stretches::read(&known).is_some());
    assert_eq!(Stretches::read(&[]), None);
    assert_eq!(Stretches::read(&known[..known.len() - 1]), None, "cut off");
    let mut other = known;
    other[0] = FORMAT + 1;
    assert_eq!(Stretches::read(&other), None);
    // A roster in memory keeps none until a change brings some.
    assert!(CurrentRoster::default().digests.is_empty());
}

/// Whoever sees this fail has changed what is told of a record: raise `FORMAT`, so that digests of before
/// are not taken for what they are not, and write the new digests here.
#[test]
fn what_is_told_has_this_format() {
    let details: firstbell_core::roster::Details =
        [("grade".to_owned(), "4".to_owned())].into_iter().collect();
    let id = |byte: u8| [byte; 12];
    let name = PersonName { first: "Ana".to_owned(), middle: None, last: "Núñez".to_owned() };
    let email: Option<Email> = "ana@s.example".parse().ok();
    let person = RosterPerson {
        user: User {
            id: UserId::from_bytes(id(1)),
            email: email.clone(),
            name: name.clone(),
            created: Timestamp::from_milliseconds(1),
            last_modified: Timestamp::from_milliseconds(2),
            suspended_since: Some(Timestamp::from_milliseconds(3)),
            generation: Generation::default(),
            roles: vec![Role {
                id: RoleId::from_bytes(id(2)),
                kind: RoleKind::Student,
                sis_id: "11".to_owned(),
                details: details.clone(),
            }],
        },
        schools: vec![(RoleId::from_bytes(id(2)), SchoolId::from_bytes(id(3)))],
    };
    let section = Section {
        id: SectionId::from_bytes(id(4)),
        school: SchoolId::from_bytes(id(3)),
        sis_id: "M4".to_owned(),
        name: "Math".to_owned(),
        course: Some(CourseId::from_bytes(id(5))),
        term: None,
        teachers: vec![RoleId::from_bytes(id(6))],
        details: details.clone(),
    };
    let contact = Contact {
        id: UserId::from_bytes(id(7)),
        role: RoleId::from_bytes(id(8)),
        sis_id: None,
        name,
        email,
        details,
        students: vec![Relationship {
            student: RoleId::from_bytes(id(2)),
            relationship: Some("Parent".to_owned()),
            kind: None,
        }],
    };
    let enrollment =
        Enrollment { section: SectionId::from_bytes(id(4)), student: RoleId::from_bytes(id(2)) };
    let told: [&dyn Told; 4] = [&person, &(section, Index::default()), &contact, &enrollment];
    let digests = told.map(|told| {
        let mut bytes = Vec::new();
        told.tell(&mut bytes);
        let [a, b, c, d, ..] = digest(&bytes);
        u32::from_be_bytes([a, b, c, d])
    });
    let expected = [0x9e57_d087, 0x1654_99d7, 0x9d36_f012, 0xddb3_cfcc];
    assert_eq!((FORMAT, digests), (1, expected), "{digests:#x?}");
    // What the store keeps by itself is not told.
    let mut later = person.clone();
    later.user.last_modified = Timestamp::from_milliseconds(9);
    later.user.suspended_since = None;
    let bytes = |person: &RosterPerson| {
        let mut bytes = Vec::new();
        person.tell(&mut bytes);
        bytes
    };
    assert_eq!(bytes(&later), bytes(&person));
}
