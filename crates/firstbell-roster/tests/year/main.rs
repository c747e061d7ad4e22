//! The school year of a sandbox, imported as a district would import it.

#![cfg(test)]

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use firstbell_core::id::UserId;
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::change::RecordKind;
use firstbell_roster::sandbox::{SandboxDay, SandboxSize, generate, generate_on, happenings};
use firstbell_roster::{Snapshot, Summary, SummaryKind, read};
use proptest::prelude::*;

#[path = "../roster/store.rs"]
mod store;

use store::{Store, held_for};

const YEAR: u32 = 200;

const SMALL: SandboxSize = SandboxSize::Small;

/// Five schools of everything.
const LARGE: SandboxSize = SandboxSize::Large { students: 3_000 };

fn today() -> firstbell_roster::Day {
    "2026-11-16".parse().expect("a day")
}

fn on(size: SandboxSize, seed: u64, day: u32) -> Snapshot {
    let folder = tempfile::tempdir().expect("a folder");
    generate_on(folder.path(), size, seed, day).expect("written");
    let snapshot =
        read(folder.path(), today(), &mut |_| {}).unwrap_or_else(|rejected| panic!("{rejected}"));
    assert_eq!(snapshot.warnings.to_string(), "", "day {day}");
    snapshot
}

/// New, changed and removed records of each kind of which there are any.
type Changes = Vec<(SummaryKind, [usize; 3])>;

fn changes(summary: &Summary) -> Changes {
    assert!(summary.identity_changes.is_empty(), "{summary}");
    let tally = |kind| {
        let tally = summary.tally(kind);
        (kind, [tally.added, tally.changed, tally.removed])
    };
    SummaryKind::ALL.into_iter().map(tally).filter(|(_, counts)| *counts != [0; 3]).collect()
}

/// What the small sandbox of seed 1 changes on each day on which something happens.
#[rustfmt::skip]
fn expected() -> Vec<(u32, Changes)> {
    use SummaryKind::{Contact, Course, Enrollment, Section, Student, Teacher, Term};
    vec![
        (3, vec![(Student, [1, 0, 0]), (Enrollment, [5, 0, 0]), (Contact, [1, 0, 0])]),
        (5, vec![(Enrollment, [1, 0, 1])]),
        (8, vec![(Teacher, [0, 1, 0])]),
        (10, vec![(Student, [0, 1, 0])]),
        (12, vec![(Contact, [0, 1, 0])]),
        (13, vec![(Contact, [1, 0, 1])]),
        (14, vec![(Student, [0, 1, 0]), (Enrollment, [3, 0, 3])]),
        (20, vec![(Section, [0, 3, 0])]),
        (21, vec![(Student, [0, 0, 1]), (Enrollment, [0, 0, 5]), (Contact, [0, 0, 2])]),
        (35, vec![(Student, [1, 0, 0]), (Enrollment, [5, 0, 0]), (Contact, [2, 0, 0])]),
        (45, vec![(Course, [1, 0, 0]), (Section, [1, 0, 0]), (Enrollment, [11, 0, 0])]),
        (60, vec![(Student, [0, 1, 0]), (Enrollment, [3, 0, 3])]),
        (75, vec![(Section, [0, 3, 0])]),
        (90, vec![(Term, [0, 0, 1]), (Course, [3, 0, 3]), (Section, [1, 2, 1]), (Enrollment, [18, 0, 18])]),
        (180, vec![
            (Term, [3, 0, 2]), (Course, [3, 0, 3]), (Section, [1, 16, 1]), (Student, [0, 57, 3]),
            (Enrollment, [102, 0, 102]), (Contact, [0, 0, 5]),
        ]),
        (190, vec![(Student, [3, 0, 0]), (Enrollment, [3, 0, 0]), (Contact, [4, 0, 0])]),
    ]
}

#[test]
fn each_happening_changes_what_it_says_and_other_days_nothing() {
    let mut expected = expected().into_iter().peekable();
    let mut store = Store::new();
    store.import(on(SMALL, 1, 0));
    for day in 1..=YEAR {
        let found = changes(&store.import(on(SMALL, 1, day)));
        let told: Vec<_> = happenings(SMALL, day..=day).collect();
        match expected.next_if(|(expected, _)| *expected == day) {
            Some((_, changes)) => {
                assert_eq!(found, changes, "day {day}");
                assert_eq!(told.len(), 1, "day {day}");
            }
            None => assert!(found.is_empty() && told.is_empty(), "day {day}: {found:?} {told:?}"),
        }
    }
    assert_eq!(expected.next(), None);
}

#[test]
fn a_year_past_what_has_not_changed_is_the_same_year() {
    let (mut keeps, mut reads) = (Store::with_digests(), Store::new());
    // Ordinary days, the end of the fall, and the end of the year.
    for day in [0, 1, 2, 3, 10, 40, 89, 90, 91, 179, 180, 190] {
        let [past, all] = [&mut keeps, &mut reads].map(|store| store.plan(on(LARGE, 3, day)));
        assert_eq!(past.summary, all.summary, "day {day}");
        assert!(format!("{:?}", past.change) == format!("{:?}", all.change), "day {day}");
        keeps.apply(past.change);
        reads.apply(all.change);
    }
    assert!(keeps.current.people == reads.current.people);
    assert!(keeps.current.sections == reads.current.sections);
    assert!(keeps.current.contacts == reads.current.contacts);
    assert!(keeps.current.enrollments == reads.current.enrollments);
}

#[test]
fn of_the_small_year_only_its_end_is_held() {
    let mut store = Store::new();
    store.import(on(SMALL, 1, 0));
    for day in happenings(SMALL, 1..=YEAR).map(|it| it.day) {
        let is_held = !held_for(&store.import(on(SMALL, 1, day))).is_empty();
        assert_eq!(is_held, day == 180, "day {day}");
    }
}

#[test]
fn the_first_day_is_what_a_sandbox_is_without_a_day() {
    for size in [SMALL, LARGE, SandboxSize::State { students: 500 }] {
        let [plain, first] = [0, 1].map(|_| tempfile::tempdir().expect("a folder"));
        generate(plain.path(), size, 7).expect("written");
        generate_on(first.path(), size, 7, 0).expect("written");
        let bytes = |folder: &Path, name: &str| fs::read(folder.join(name)).expect("a file");
        for entry in fs::read_dir(plain.path()).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            let name = name.to_string_lossy();
            assert_eq!(bytes(plain.path(), &name), bytes(first.path(), &name), "{name}");
        }
        let noted = SandboxDay::read(first.path()).expect("a note");
        assert_eq!(noted, SandboxDay { size, seed: 7, day: 0 });
    }
}

/// The user of each role that the district has now.
fn users(store: &Store) -> HashMap<(RoleKind, String), UserId> {
    let people = store.current.people.values();
    people
        .flat_map(|person| {
            let id = person.user.id;
            person.user.roles.iter().map(move |role| ((role.kind, role.sis_id.clone()), id))
        })
        .collect()
}

#[test]
fn who_leaves_and_comes_back_is_who_they_were() {
    for size in [SMALL, LARGE] {
        let mut store = Store::new();
        let mut known: HashMap<(RoleKind, String), UserId> = HashMap::new();
        let mut sections = HashMap::new();
        for day in [0, 20, 21, 34, 35, 89, 90, 179, 180, 190, 0, 21, 90] {
            store.import(on(size, 1, day));
            for (role, user) in users(&store) {
                let before = *known.entry(role.clone()).or_insert(user);
                assert_eq!(before, user, "{role:?} on day {day}");
            }
            for section in store.current.sections.values() {
                let before = *sections.entry(section.sis_id.clone()).or_insert(section.id);
                assert_eq!(before, section.id, "{} on day {day}", section.sis_id);
            }
            if size == SMALL {
                let is_here =
                    |id: &str| users(&store).contains_key(&(RoleKind::Student, id.into()));
                assert_eq!(is_here("1032"), !(21..35).contains(&day), "day {day}");
                assert_eq!(is_here("1201"), day >= 190, "day {day}");
                let is_held = store.current.sections.values().any(|it| it.sis_id == "2104");
                assert_eq!(is_held, !(90..180).contains(&day), "day {day}");
            }
        }
    }
}

#[test]
fn one_enrolment_of_a_thousand_moves_a_day_in_a_large_sandbox() {
    let mut store = Store::new();
    store.import(on(LARGE, 1, 0));
    let enrollments = store.current.enrollments.len();
    let days = 1..=40;
    let mut moved = 0;
    for day in days.clone() {
        match changes(&store.import(on(LARGE, 1, day))).as_slice() {
            [(SummaryKind::Enrollment, [added, 0, removed])] => {
                assert_eq!(added, removed, "day {day}");
                moved += added;
            }
            other => panic!("day {day}: {other:?}"),
        }
    }
    let a_day = moved / days.count();
    assert!((800..1_200).contains(&(a_day * 1_000_000 / enrollments)), "{a_day} of {enrollments}");
}

#[test]
fn a_large_district_has_a_year_too() {
    let mut store = Store::new();
    let mut import = |day| store.import(on(LARGE, 1, day));
    import(89);
    let spring = import(90);
    let sections = spring.tally(SummaryKind::Section);
    assert_eq!((sections.added, sections.removed), (0, 0));
    // A third of them was of the fall.
    let all = sections.before();
    assert!((all / 4..all / 2).contains(&sections.changed), "{spring}");
    assert_eq!(spring.tally(SummaryKind::Student).changed, 0);

    import(179);
    let end = import(180);
    let students = end.tally(SummaryKind::Student);
    // A quarter of the fifth who are at a high school graduates; nobody stays in their grade.
    assert_eq!((students.added, students.unchanged, students.removed), (0, 0, 150));
    assert!(!held_for(&end).is_empty(), "enrolments move with those who change school");
    assert_eq!(end.tally(SummaryKind::Section).removed, 0);

    import(189);
    let beginners = import(190).tally(SummaryKind::Student);
    assert_eq!((beginners.added, beginners.changed, beginners.removed), (300, 0, 0));
}

#[test]
fn the_document_tells_what_happens() {
    let document = include_str!("../../../../docs/integrate/sandbox.md");
    for size in [SMALL, LARGE] {
        for happening in happenings(size, 1..=YEAR) {
            let row = format!("| {} | {} |", happening.day, happening.what);
            assert!(document.lines().any(|line| line == row), "the document lacks {row}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ids_hold_between_any_two_days(seed: u64, day in 0..YEAR, later in 1..YEAR) {
        let mut store = Store::new();
        store.import(on(SMALL, seed, day));
        let before = store.current.bindings.clone();
        let people = users(&store);
        store.import(on(SMALL, seed, day + later));
        for (key, bound) in before {
            // Contacts without an id are known by their words, which may change.
            prop_assert!(key.0 == RecordKind::Contact || store.current.bindings[&key] == bound);
        }
        for (role, user) in users(&store) {
            prop_assert!(people.get(&role).is_none_or(|before| *before == user), "{role:?}");
        }
    }
}
