//! Records that leave under one id and come under another, and are the same people: a district that
//! moves to another student information system gives everybody a new number, and applications would
//! lose them all. Nothing is repaired here; it is counted and told before anybody agrees.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};

use firstbell_core::roster::change::RosterPerson;
use firstbell_core::roster::{Contact, Email, RoleKind};

use super::Planner;
use crate::summary::ContactIdReason;

/// Those who leave, by what stays of a person, as numbers: a state has millions of them.
struct Leaving {
    by_mark: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Leaving {
    fn new() -> Self {
        Self { by_mark: HashMap::new(), hasher: RandomState::new() }
    }

    fn add(&mut self, mark: &impl Hash) {
        *self.by_mark.entry(self.hasher.hash_one(mark)).or_default() += 1;
    }

    /// Whether somebody leaves who has this mark; each is found once.
    fn take(&mut self, mark: &impl Hash) -> bool {
        let found = self.by_mark.get_mut(&self.hasher.hash_one(mark)).filter(|count| **count > 0);
        found.map(|count| *count -= 1).is_some()
    }
}

impl Planner<'_> {
    /// Counts who only changes ids. Students and contacts must be settled.
    pub(super) fn note_renumbering(&mut self) {
        self.note_students();
        self.note_contacts();
    }

    fn note_students(&mut self) {
        let people = &self.change.people;
        if people.added.is_empty() || people.removed.is_empty() {
            return;
        }
        let (mut by_name, mut by_email) = (Leaving::new(), Leaving::new());
        let leaving = people.removed.iter().filter_map(|user| self.current.people.get(user));
        for person in leaving.filter(|person| is_student(person)) {
            by_name.add(&name_and_birth(person));
            if let Some(email) = &person.user.email {
                by_email.add(&email.folded());
            }
        }
        let came = people.added.iter().filter(|person| is_student(person));
        self.summary.renumbered_students += came
            .filter(|person| {
                let email = person.user.email.as_ref().map(Email::folded);
                by_name.take(&name_and_birth(person))
                    || email.is_some_and(|email| by_email.take(&email))
            })
            .count();
    }

    fn note_contacts(&mut self) {
        let contacts = &self.change.contacts;
        if contacts.added.is_empty() || contacts.removed.is_empty() {
            return;
        }
        let (mut with_id, mut without) = (Leaving::new(), Leaving::new());
        for contact in contacts.removed.iter().filter_map(|id| self.current.contacts.get(id)) {
            let leaving = if contact.sis_id.is_some() { &mut with_id } else { &mut without };
            leaving.add(&who(contact));
        }
        for contact in &contacts.added {
            let mark = who(contact);
            let reason = match contact.sis_id {
                Some(_) if without.take(&mark) => ContactIdReason::Given,
                Some(_) if with_id.take(&mark) => ContactIdReason::Changed,
                None if with_id.take(&mark) => ContactIdReason::Dropped,
                _ => continue,
            };
            *self.summary.contact_id_changes.entry(reason).or_default() += 1;
        }
    }
}

fn is_student(person: &RosterPerson) -> bool {
    person.user.role(RoleKind::Student).is_some()
}

/// What a student keeps in another system.
fn name_and_birth(person: &RosterPerson) -> (String, String, Option<&str>) {
    let student = person.user.role(RoleKind::Student);
    let birth = student.and_then(|role| role.details.get("dob")).map(String::as_str);
    let name = &person.user.name;
    (name.first.to_lowercase(), name.last.to_lowercase(), birth)
}

/// What a contact keeps when only its id changes.
fn who(contact: &Contact) -> (String, Option<String>, Option<&str>) {
    let phone = contact.details.get("phone").map(String::as_str);
    (contact.name.full(), contact.email.as_ref().map(Email::folded), phone)
}
