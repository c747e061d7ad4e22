//! What holds for every roster: small random ones, imported again and again.

use std::fmt::Write as _;

use firstbell_core::roster::Email;
use proptest::prelude::*;

use crate::files::Files;
use crate::store::Store;

/// A small district: which people are there, with which email each, and what they do.
#[derive(Debug, Clone)]
pub struct District {
    /// For each teacher, staff member and administrator: absent, or the number of their email
    /// (0: none).
    teachers: Vec<Option<u8>>,
    staff: Vec<Option<u8>>,
    admins: Vec<Option<u8>>,
    students: Vec<Option<u8>>,
    sections: Vec<(u8, u8)>,
    /// For each student, their contacts: what is known of each, in a byte.
    contacts: Vec<Vec<u8>>,
    /// Resources: which, and for which course.
    resources: Vec<(u8, u8)>,
}

pub fn district() -> impl Strategy<Value = District> {
    // Few emails, so that people are joined and parted often.
    let people = || proptest::collection::vec(proptest::option::weighted(0.7, 0u8..5), 4);
    let sections = proptest::collection::vec((0u8..4, any::<u8>()), 0..4);
    let contacts = proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..4), 4);
    let resources = proptest::collection::vec((0u8..3, 0u8..5), 0..4);
    (people(), people(), people(), people(), sections, contacts, resources).prop_map(
        |(teachers, staff, admins, students, sections, contacts, resources)| District {
            teachers,
            staff,
            admins,
            students,
            sections,
            contacts,
            resources,
        },
    )
}

/// The cells of a contact: few names, addresses and ids, so that students share them often.
fn contact(byte: u8) -> String {
    let part = |shift: u8, texts: [&'static str; 4]| texts[usize::from(byte >> shift & 3)];
    let name = part(0, ["Eva", "Bob", "Eva", ""]);
    let email = part(2, ["", "eva@x.example", "EVA@x.example", "b@x.example"]);
    let phone = part(4, ["", "1", "2", ""]);
    let said = part(6, ["Parent,", "Aunt,K1", ",K2", ","]);
    format!("{name},{email},{phone},{said}")
}

fn email(number: u8) -> String {
    if number == 0 { String::new() } else { format!("p{number}@d.example") }
}

impl District {
    pub fn files(&self) -> Files {
        let present = |people: &[Option<u8>]| -> Vec<(usize, u8)> {
            people.iter().enumerate().filter_map(|(id, mail)| Some((id, (*mail)?))).collect()
        };
        let mut students = "School_id,Student_id,Last_name,First_name,Student_email,Contact_name,\
                            Contact_email,Contact_phone,Contact_relationship,Contact_sis_id\n"
            .to_owned();
        for (id, mail) in present(&self.students) {
            let of_student = self.contacts[id].iter().map(|byte| contact(*byte));
            for contact in of_student.chain([",,,,".to_owned()]) {
                writeln!(students, "1,P{id},Poe,Al,{},{contact}", email(mail)).expect("text");
            }
        }
        let mut resources = "Resource_id,Title,Course_name\n".to_owned();
        for (id, course) in &self.resources {
            writeln!(resources, "R{id},Title {id},K{course}").expect("text");
        }
        let mut teachers = "School_id,Teacher_id,Last_name,First_name,Teacher_email\n".to_owned();
        for (id, mail) in present(&self.teachers) {
            writeln!(teachers, "1,T{id},Poe,Al,{}", email(mail)).expect("text");
        }
        let mut staff = "School_id,Staff_id,Last_name,First_name,Staff_email,Role\n".to_owned();
        for (id, mail) in present(&self.staff) {
            writeln!(staff, "1,S{id},Poe,Al,{},Staff", email(mail)).expect("text");
        }
        for (id, mail) in present(&self.admins) {
            writeln!(staff, ",A{id},Poe,Al,{},District Admin", email(mail)).expect("text");
        }
        let mut sections = "School_id,Section_id,Teacher_id,Course_name,Term_name\n".to_owned();
        let mut enrollments = "School_id,Section_id,Student_id\n".to_owned();
        for (number, (teacher, who)) in self.sections.iter().enumerate() {
            if self.teachers[usize::from(*teacher)].is_none() {
                continue;
            }
            writeln!(sections, "1,C{number},T{teacher},K{teacher},").expect("text");
            for (id, _) in present(&self.students) {
                if who >> id & 1 == 1 {
                    writeln!(enrollments, "1,C{number},P{id}").expect("text");
                }
            }
        }
        Files::good()
            .with("students.csv", students)
            .with("teachers.csv", teachers)
            .with("staff.csv", staff)
            .with("sections.csv", sections)
            .with("enrollments.csv", enrollments)
            .with("resources.csv", resources)
    }
}

/// Everything but the times, which the store keeps.
fn state(store: &Store) -> String {
    let current = &store.current;
    let mut people: Vec<_> = current
        .people
        .values()
        .map(|person| {
            let user = &person.user;
            let email = user.email.as_ref().map(Email::as_str);
            format!("{:?} {email:?} {:?} {:?}\n", user.id, user.roles, person.schools)
        })
        .collect();
    people.sort();
    let mut sections: Vec<_> =
        current.sections.values().map(|section| format!("{section:?}\n")).collect();
    sections.sort();
    let mut contacts: Vec<_> =
        current.contacts.values().map(|contact| format!("{contact:?}\n")).collect();
    contacts.sort();
    let mut resources: Vec<_> =
        current.resources.values().map(|resource| format!("{resource:?}\n")).collect();
    resources.sort();
    let mut enrollments: Vec<_> = current.enrollments.iter().collect();
    enrollments.sort();
    format!("{people:?}{sections:?}{enrollments:?}{contacts:?}{resources:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_looked_at_makes_no_difference(
        rosters in proptest::collection::vec(district(), 1..5),
        again in proptest::collection::vec(any::<bool>(), 5),
    ) {
        let (mut keeps, mut reads) = (Store::with_digests(), Store::new());
        for (district, again) in rosters.iter().zip(again) {
            for _ in 0..=usize::from(again) {
                let plans = [&mut keeps, &mut reads].map(|store| store.plan(district.files().accepted()));
                let [one, other] = plans;
                prop_assert_eq!(&one.summary, &other.summary);
                prop_assert_eq!(format!("{:?}", one.change), format!("{:?}", other.change));
                // A store keeps nothing of a change that changes nothing.
                if !one.change.is_empty() {
                    keeps.apply(one.change);
                    reads.apply(other.change);
                }
            }
        }
        prop_assert_eq!(state(&keeps), state(&reads));
    }

    #[test]
    fn an_unchanged_roster_changes_nothing(first in district(), then in district()) {
        let mut store = Store::new();
        for district in [first, then] {
            store.import(district.files().accepted());
            let plan = store.plan(district.files().accepted());
            prop_assert!(plan.change.is_empty(), "{:?}", plan.change);
            prop_assert!(plan.summary.is_empty());
        }
    }

    #[test]
    fn what_was_before_another_roster_comes_back_with_all_its_ids(
        first in district(),
        other in district(),
    ) {
        let mut store = Store::new();
        store.import(first.files().accepted());
        let before = state(&store);
        store.import(other.files().accepted());
        store.import(first.files().accepted());
        prop_assert_eq!(state(&store), before);
    }

    #[test]
    fn every_person_has_roles_of_different_kinds_and_every_role_its_person(
        rosters in proptest::collection::vec(district(), 1..5),
    ) {
        let mut store = Store::new();
        for district in &rosters {
            store.import(district.files().accepted());
            let mut roles = 0;
            for (id, person) in &store.current.people {
                prop_assert_eq!(*id, person.user.id);
                prop_assert!(person.user.roles.is_sorted_by(|one, next| one.kind < next.kind));
                prop_assert!(!person.user.roles.is_empty());
                roles += person.user.roles.len();
                for role in &person.user.roles {
                    let bound = store.current.bindings.values().find(|(bytes, _)| *bytes == role.id.to_bytes());
                    prop_assert_eq!(bound.and_then(|(_, user)| *user), Some(*id));
                }
            }
            let stated = [&district.teachers, &district.staff, &district.admins, &district.students];
            let expected: usize = stated.iter().map(|people| people.iter().flatten().count()).sum();
            prop_assert_eq!(roles, expected);
        }
    }

    #[test]
    fn the_order_of_rows_decides_nothing_about_who_is_who(roster in district()) {
        let files = roster.files();
        let mut turned = files.clone();
        for name in ["students.csv", "teachers.csv", "staff.csv"] {
            let text = String::from_utf8(files.0[name].clone()).expect("text");
            let mut rows: Vec<&str> = text.lines().collect();
            rows[1..].reverse();
            turned = turned.with(name, rows.join("\n"));
        }
        let mut store = Store::new();
        store.import(files.accepted());
        let change = store.plan(turned.accepted()).change;
        prop_assert!(change.bindings.is_empty() && change.rebound.is_empty());
        prop_assert!(change.people.is_empty(), "{:?}", change.people);
        // Of a contact on two rows, what the first says holds; who it is does not change.
        prop_assert!(change.contacts.added.is_empty() && change.contacts.removed.is_empty());
    }
}
