//! Going back, page by page, is going back with both rosters in memory.

use std::collections::BTreeMap;

use firstbell_core::id::UserId;
use firstbell_core::roster::change::{CurrentRoster, RosterChange, back_to};
use firstbell_roster::{IdentityReason, Plan, SummaryKind, plan_back};
use proptest::prelude::*;

use crate::files::Files;
use crate::properties::district;
use crate::store::Store;

/// What [`plan_back`] plans, all of it in memory; and that what it shows is what it does.
fn planned(current: &CurrentRoster, then: &CurrentRoster) -> RosterChange {
    let Plan { change, summary } = plan_back(current, then).expect("planned");
    let is_empty = change.is_empty();
    let change = change.gather().expect("read back");
    assert_eq!(change.is_empty(), is_empty);
    assert_eq!(summary.identity_changes.len(), change.rebound.len());
    assert!(summary.identity_changes.iter().all(|it| it.reason == IdentityReason::Returned));
    let tally = |kind| (summary.tally(kind).added, summary.tally(kind).removed);
    let (sections, enrollments) = (&change.sections, &change.enrollments);
    let of_sections = (sections.added.len(), sections.removed.len());
    assert_eq!(tally(SummaryKind::Section), of_sections);
    let of_enrollments = (enrollments.added.len(), enrollments.removed.len());
    assert_eq!(tally(SummaryKind::Enrollment), of_enrollments);
    change
}

/// What a roster says of people; when it did is the store's to say.
fn said(roster: &CurrentRoster) -> BTreeMap<UserId, String> {
    let people = roster.people.iter().map(|(id, person)| {
        let (user, schools) = (&person.user, &person.schools);
        (*id, format!("{:?} {:?} {:?} {schools:?}", user.name, user.email, user.roles))
    });
    people.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn going_back_by_pages_is_going_back_in_memory(
        rosters in proptest::collection::vec(district(), 1..5),
    ) {
        let mut store = Store::new();
        let mut versions = vec![store.current.clone()];
        for district in rosters {
            store.import(district.files().accepted());
            versions.push(store.current.clone());
        }
        for then in versions {
            let change = planned(&store.current, &then);
            prop_assert_eq!(format!("{change:?}"), format!("{:?}", back_to(&store.current, &then)));
            let mut back = Store::new();
            back.current.clone_from(&store.current);
            back.apply(change);
            prop_assert_eq!(said(&back.current), said(&then));
            prop_assert_eq!(&back.current.enrollments, &then.enrollments);
            prop_assert!(planned(&back.current, &then).is_empty());
        }
    }
}

#[test]
fn what_going_back_changes_is_told_as_an_imports_changes_are() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let then = store.current.clone();
    let left = Files::good()
        .replaced("students.csv", "2,12,Lee,Bo,5,,,bo,\n", "")
        .replaced("students.csv", "Núñez", "Nunez")
        .replaced("enrollments.csv", "2,C2,12\n", "");
    store.import(left.accepted());
    let plan = plan_back(&store.current, &then).expect("planned");
    let told = plan.summary.to_string();
    assert!(told.contains("students                1 new, 1 changed, 0 removed"), "{told}");
    assert!(told.contains("+ Bo Lee (12)") && told.contains("~ Ana Núñez (11)"), "{told}");
    assert!(told.contains("enrolments              1 new, 0 changed, 0 removed"), "{told}");
    let sections = plan.summary.tally(SummaryKind::Section);
    assert_eq!((sections.changed, sections.unchanged), (0, 2), "its members are no change of it");
}
