use std::collections::BTreeMap;

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::id::{CourseId, ResourceId, RoleId, SchoolId, TermId};
use crate::roster::change::RecordKind;
use crate::roster::{
    Contact, Course, Details, Generation, PersonName, Relationship, Resource, Role, RoleKind,
    School, Section, Term, User,
};
use crate::time::Timestamp;

/// What a version of a roster may say of each of a handful of records, if it has them at all. The
/// ids follow from the number, so that versions speak of the same records.
#[derive(Debug, Clone)]
struct Version {
    schools: BTreeMap<u8, u8>,
    sections: BTreeMap<u8, (u8, Vec<u8>)>,
    /// Which person holds each role, and the person's name.
    roles: BTreeMap<u8, u8>,
    names: [u8; 6],
    enrollments: std::collections::BTreeSet<(u8, u8)>,
    contacts: BTreeMap<u8, (u8, u8)>,
    others: BTreeMap<u8, u8>,
    made: i64,
}

fn version() -> impl Strategy<Value = Version> {
    let small = 0u8..4;
    (
        btree_map(0u8..4, small.clone(), 0..4),
        btree_map(0u8..5, (small.clone(), vec(0u8..8, 0..3)), 0..5),
        btree_map(0u8..8, 0u8..6, 0..8),
        any::<[bool; 6]>().prop_map(|names| names.map(u8::from)),
        btree_set((0u8..5, 0u8..8), 0..12),
        btree_map(0u8..4, (small.clone(), small.clone()), 0..4),
        btree_map(0u8..4, small, 0..4),
        option::of(1i64..9),
    )
        .prop_map(|(schools, sections, roles, names, enrollments, contacts, others, made)| {
            let made = made.unwrap_or_default();
            Version { schools, sections, roles, names, enrollments, contacts, others, made }
        })
}

fn bytes(kind: u8, number: u8) -> [u8; 12] {
    [kind, number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
}

fn role_id(number: u8) -> RoleId {
    RoleId::from_bytes(bytes(5, number))
}

fn user_id(number: u8) -> UserId {
    UserId::from_bytes(bytes(6, number))
}

impl Version {
    /// The roster, with the bindings that it adds to those that were there.
    fn roster(&self, before: &CurrentRoster) -> CurrentRoster {
        let mut roster =
            CurrentRoster { bindings: before.bindings.clone(), ..CurrentRoster::default() };
        for (number, name) in &self.schools {
            let id = SchoolId::from_bytes(bytes(1, *number));
            let (sis_id, name) = (number.to_string(), name.to_string());
            let school =
                School { id, sis_id, name, number: String::new(), details: Details::new() };
            roster.schools.insert(id, school);
        }
        for (number, name) in &self.others {
            let term = TermId::from_bytes(bytes(2, *number));
            let name = name.to_string();
            let dates = (None, None);
            let (start_date, end_date) = dates;
            roster.terms.insert(term, Term { id: term, name: name.clone(), start_date, end_date });
            let course = CourseId::from_bytes(bytes(3, *number));
            let number_of = number.to_string();
            roster.courses.insert(
                course,
                Course { id: course, name: name.clone(), number: number_of.clone() },
            );
            let id = ResourceId::from_bytes(bytes(4, *number));
            let (roles, courses) = (vec![RoleKind::Student], vec![course]);
            let resource = Resource { id, sis_id: number_of, title: name, roles, courses };
            roster.resources.insert(id, resource);
        }
        for (number, (name, teachers)) in &self.sections {
            let id = SectionId::from_bytes(bytes(7, *number));
            let section = Section {
                id,
                school: SchoolId::from_bytes(bytes(1, 0)),
                sis_id: number.to_string(),
                name: name.to_string(),
                course: None,
                term: None,
                teachers: teachers.iter().map(|role| role_id(*role)).collect(),
                details: Details::new(),
            };
            roster.sections.insert(id, section);
        }
        self.people(&mut roster);
        for (section, student) in &self.enrollments {
            let section = SectionId::from_bytes(bytes(7, *section));
            roster.enrollments.insert(Enrollment { section, student: role_id(*student) });
        }
        roster
    }

    fn people(&self, roster: &mut CurrentRoster) {
        for (role, holder) in &self.roles {
            let id = user_id(*holder);
            let made = Timestamp::from_milliseconds(self.made);
            let first = self.names[usize::from(*holder)].to_string();
            let person = roster.people.entry(id).or_insert_with(|| RosterPerson {
                user: User {
                    id,
                    email: None,
                    name: PersonName { first, middle: None, last: String::new() },
                    created: made,
                    last_modified: made,
                    suspended_since: None,
                    generation: Generation::default(),
                    roles: Vec::new(),
                },
                schools: Vec::new(),
            });
            let sis_id = role.to_string();
            let details = Details::new();
            let held = Role {
                id: role_id(*role),
                kind: RoleKind::Teacher,
                sis_id: sis_id.clone(),
                details,
            };
            person.user.roles.push(held);
            let key = (RecordKind::Teacher, sis_id);
            roster.bindings.insert(key, (role_id(*role).to_bytes(), Some(id)));
        }
        for (number, (name, student)) in &self.contacts {
            let id = UserId::from_bytes(bytes(8, *number));
            let role = RoleId::from_bytes(bytes(9, *number));
            let students =
                vec![Relationship { student: role_id(*student), relationship: None, kind: None }];
            let name = PersonName { first: name.to_string(), middle: None, last: String::new() };
            let details = Details::new();
            let contact = Contact { id, role, sis_id: None, name, email: None, details, students };
            roster.contacts.insert(id, contact);
            let key = (RecordKind::Contact, number.to_string());
            roster.bindings.insert(key, (role.to_bytes(), Some(id)));
        }
    }
}

/// What the store does with a change.
fn applied(mut roster: CurrentRoster, change: &RosterChange) -> CurrentRoster {
    fn take<K: Copy + Eq + Hash, T: Clone>(
        records: &mut HashMap<K, T>,
        changed: &Changed<T, K>,
        id: impl Fn(&T) -> K,
    ) {
        for gone in &changed.removed {
            assert!(records.remove(gone).is_some(), "what is not there cannot go");
        }
        for record in &changed.added {
            assert!(records.insert(id(record), record.clone()).is_none(), "it was there");
        }
        for record in &changed.replaced {
            assert!(records.insert(id(record), record.clone()).is_some(), "it was not there");
        }
    }
    take(&mut roster.schools, &change.schools, |it| it.id);
    take(&mut roster.terms, &change.terms, |it| it.id);
    take(&mut roster.courses, &change.courses, |it| it.id);
    take(&mut roster.sections, &change.sections, |it| it.id);
    take(&mut roster.people, &change.people, |it| it.user.id);
    take(&mut roster.contacts, &change.contacts, |it| it.id);
    take(&mut roster.resources, &change.resources, |it| it.id);
    for gone in &change.enrollments.removed {
        assert!(roster.enrollments.remove(gone));
    }
    for added in &change.enrollments.added {
        assert!(roster.enrollments.insert(*added));
    }
    for binding in &change.rebound {
        let key = (binding.kind, binding.sis_id.clone());
        let bound = roster.bindings.get_mut(&key).expect("a role that was bound");
        assert_eq!(bound.0, binding.id, "a role keeps its id");
        bound.1 = binding.user;
    }
    roster
}

fn without_dates(people: &HashMap<UserId, RosterPerson>) -> HashMap<UserId, RosterPerson> {
    let mut people = people.clone();
    for person in people.values_mut() {
        person.user.created = Timestamp::default();
        person.user.last_modified = Timestamp::default();
    }
    people
}

proptest! {
    #[test]
    fn going_back_gives_the_roster_that_was(then in version(), between in vec(version(), 0..3)) {
        let target = then.roster(&CurrentRoster::default());
        let mut current = target.clone();
        for version in &between {
            current = version.roster(&current);
        }
        let change = back_to(&current, &target);
        let back = applied(current.clone(), &change);

        prop_assert_eq!(&back.schools, &target.schools);
        prop_assert_eq!(&back.terms, &target.terms);
        prop_assert_eq!(&back.courses, &target.courses);
        prop_assert_eq!(&back.sections, &target.sections);
        prop_assert_eq!(without_dates(&back.people), without_dates(&target.people));
        prop_assert_eq!(&back.enrollments, &target.enrollments);
        prop_assert_eq!(&back.contacts, &target.contacts);
        prop_assert_eq!(&back.resources, &target.resources);

        // Every binding that was ever made is there, with its id; roles are with who held them.
        prop_assert_eq!(back.bindings.len(), current.bindings.len());
        for (key, (id, _)) in &current.bindings {
            prop_assert_eq!(&back.bindings[key].0, id);
        }
        for (key, bound) in &target.bindings {
            prop_assert_eq!(&back.bindings[key], bound);
        }
        prop_assert!(change.bindings.is_empty() && change.passwords.is_empty());

        // A section is modified when its members are, and nothing is touched that was so already.
        for changed in change.enrollments.added.iter().chain(&change.enrollments.removed) {
            let stays = current.sections.contains_key(&changed.section)
                && target.sections.contains_key(&changed.section);
            let replaced = change.sections.replaced.iter().any(|it| it.id == changed.section);
            prop_assert_eq!(replaced, stays);
        }
        prop_assert!(back_to(&back, &target).is_empty());
    }
}
