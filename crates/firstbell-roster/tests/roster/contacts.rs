//! Contacts: who is one contact, whose they are, and which id they keep.

use std::fmt::Write as _;

use firstbell_core::id::RoleId;
use firstbell_core::roster::change::RecordKind;
use firstbell_core::roster::{Contact, Email};
use firstbell_roster::SummaryKind;

use crate::files::{Files, told};
use crate::store::Store;

const COLUMNS: &str = "School_id,Student_id,Last_name,First_name,Contact_name,Contact_email,\
                       Contact_phone,Contact_phone_type,Contact_relationship,Contact_type,\
                       Contact_sis_id";

/// The good roster in which students have contacts: a row each, the school, the student, and the
/// cells of the contact.
fn roster(rows: &[(&str, &str, &str)]) -> Files {
    let mut students = format!("{COLUMNS}\n");
    for (school, student, contact) in rows {
        writeln!(students, "{school},{student},Poe,Al{student},{contact}").expect("text");
    }
    Files::good().with("students.csv", students)
}

const EVA: &str = "Eva Moss,eva@x.example,555-1,Mobile,Mother,guardian,";

fn contacts(store: &Store) -> Vec<&Contact> {
    let mut all: Vec<_> = store.current.contacts.values().collect();
    all.sort_by_key(|contact| contact.id);
    all
}

fn student(store: &Store, sis_id: &str) -> RoleId {
    let key = (RecordKind::Student, sis_id.to_owned());
    RoleId::from_bytes(store.current.bindings[&key].0)
}

#[test]
fn everything_that_a_row_says_of_a_contact_arrives_in_the_words_of_the_wire() {
    let mut store = Store::new();
    store.import(roster(&[("1", "11", EVA), ("2", "12", ",,,,,,")]).accepted());
    let [eva] = contacts(&store)[..] else { panic!("one contact") };
    assert_eq!((eva.name.full(), &*eva.name.first), ("Eva Moss".to_owned(), ""));
    assert_eq!(eva.email.as_ref().map(Email::as_str), Some("eva@x.example"));
    let phone = ["phone", "phone_type"].map(|name| eva.details.get(name));
    assert_eq!(phone, [Some("555-1"), Some("Cell")]);
    assert_eq!(eva.sis_id, None);
    let [said] = &eva.students[..] else { panic!("one student") };
    assert_eq!(said.student, student(&store, "11"));
    assert_eq!(said.relationship.as_deref(), Some("Parent"));
    assert_eq!(said.kind.as_deref(), Some("Parent/Guardian"));
    assert_ne!(eva.id.to_bytes(), eva.role.to_bytes());
}

#[test]
fn one_contact_of_two_students_is_one_with_two_relationships() {
    let aunt = "Eva Moss,EVA@x.example,555-1,Cell,Aunt,Emergency,";
    let mut store = Store::new();
    let snapshot = roster(&[("1", "11", EVA), ("2", "12", aunt)]).accepted();
    assert_eq!((snapshot.contacts(), told(&snapshot.warnings)), (1, Vec::new()));
    store.import(snapshot);
    let [eva] = contacts(&store)[..] else { panic!("one contact") };
    let words: Vec<_> = eva.students.iter().map(|said| said.relationship.as_deref()).collect();
    assert_eq!(words, [Some("Parent"), Some("Aunt/Uncle")]);
}

#[test]
fn several_schools_and_several_contacts_make_several_rows_and_no_noise() {
    let bob = "Bob Moss,,555-2,Home,Father,Secondary,";
    let rows = [("1", "11", EVA), ("2", "11", EVA), ("1", "11", bob), ("2", "11", bob)];
    let with_bo = [&rows[..], &[("2", "12", ",,,,,,")]].concat();
    let snapshot = roster(&with_bo).accepted();
    assert_eq!((snapshot.contacts(), told(&snapshot.warnings)), (2, Vec::new()));
    let mut store = Store::new();
    store.import(snapshot);
    let of_11 = student(&store, "11");
    let person = store.current.people.values().find(|person| person.user.roles[0].id == of_11);
    assert_eq!(person.map(|person| person.schools.len()), Some(2));
}

#[test]
fn a_contact_with_an_id_keeps_it_whatever_else_changes() {
    let mut store = Store::new();
    let bo = ("2", "12", ",,,,,,");
    store.import(roster(&[("1", "11", "Eva,eva@x.example,,,,,K1"), bo]).accepted());
    let before = contacts(&store)[0].id;
    let summary = store.import(roster(&[("1", "11", "Ava,ava@y.example,5,,,,K1"), bo]).accepted());
    assert_eq!(contacts(&store)[0].id, before);
    assert_eq!(summary.tally(SummaryKind::Contact).changed, 1);
    assert_eq!(contacts(&store)[0].sis_id.as_deref(), Some("K1"));
}

#[test]
fn without_an_id_another_email_is_another_contact_and_the_old_one_comes_back_as_it_was() {
    let mut store = Store::new();
    let bo = ("2", "12", ",,,,,,");
    let eva = |email: &str| roster(&[("1", "11", &format!("Eva,{email},5,,,,")), bo]).accepted();
    store.import(eva("eva@x.example"));
    let before = contacts(&store)[0].id;
    let summary = store.import(eva("eva@y.example"));
    assert_ne!(contacts(&store)[0].id, before);
    let tally = summary.tally(SummaryKind::Contact);
    assert_eq!((tally.added, tally.removed), (1, 1));
    store.import(eva("EVA@x.example"));
    assert_eq!(contacts(&store)[0].id, before);
}

#[test]
fn an_id_that_looks_like_a_derived_key_is_another_contact() {
    let bo = ("2", "12", "email,eva@x.example,,,,,");
    let mut store = Store::new();
    store.import(roster(&[("1", "11", ",,,,,,emailemaileva@x.example"), bo]).accepted());
    assert_eq!(contacts(&store).len(), 2);
    let keys = store.current.bindings.keys().filter(|(kind, _)| *kind == RecordKind::Contact);
    let mut prefixed: Vec<bool> = keys.map(|(_, key)| key.starts_with('\u{1f}')).collect();
    prefixed.sort_unstable();
    assert_eq!(prefixed, [false, true]);
}

#[test]
fn five_contacts_are_kept_and_who_leaves_takes_only_their_own() {
    let cells: Vec<String> = (0..5).map(|nth| format!("Aunt {nth},,,,,,")).collect();
    let mut rows: Vec<(&str, &str, &str)> =
        cells.iter().map(|cells| ("1", "11", cells.as_str())).collect();
    rows.push(("2", "12", "Aunt 0,,,,,,"));
    let mut store = Store::new();
    store.import(roster(&rows).accepted());
    assert_eq!(contacts(&store).len(), 5);
    let summary = store.import(roster(&[rows[1], rows[5]]).accepted());
    let tally = summary.tally(SummaryKind::Contact);
    assert_eq!((tally.removed, tally.changed, tally.unchanged), (3, 1, 1));
}

#[test]
fn a_cell_that_could_be_a_key_of_ours_is_refused() {
    let rejected = roster(&[("1", "11", ",,,,,,\u{1f}email"), ("2", "12", ",,,,,,")]).rejected();
    assert_eq!(told(&rejected.refusals), ["R403 students.csv:2 Contact_sis_id \"␟email\""]);
}
