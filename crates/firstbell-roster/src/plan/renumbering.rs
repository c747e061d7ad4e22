//! Records that leave under one id and come under another, and are the same people: a district that
//! moves to another student information system gives everybody a new number, and applications would
//! lose them all. Nothing is repaired here; it is counted and told before anybody agrees.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::io;

use firstbell_core::id::UserId;
use firstbell_core::roster::change::{Present, RosterPerson};
use firstbell_core::roster::{Contact, Email, RoleKind};

use super::{Planned, Planner};
use crate::change::Many;
use crate::summary::{ContactIdReason, Summary};

/// Those who leave, by what stays of a person, as numbers: a state has millions of them.
#[derive(Default)]
struct Leaving {
    by_mark: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Leaving {
    fn add(&mut self, mark: &impl Hash) {
        *self.by_mark.entry(self.hasher.hash_one(mark)).or_default() += 1;
    }

    /// Whether somebody leaves who has this mark; each is found once.
    fn take(&mut self, mark: &impl Hash) -> bool {
        let found = self.by_mark.get_mut(&self.hasher.hash_one(mark)).filter(|count| **count > 0);
        found.map(|count| *count -= 1).is_some()
    }
}

impl<P: Present> Planner<'_, P> {
    /// Counts who only changes ids. People and contacts must be settled.
    pub(super) fn note_renumbering(&mut self) -> Planned<(), P> {
        let Self { change, summary, leaving, .. } = self;
        note_students(&mut change.people, leaving, summary)?;
        note_contacts(&mut change.contacts, leaving, summary)?;
        Ok(())
    }
}

/// What stays of those who leave.
#[derive(Default)]
pub(super) struct Leavers {
    students_by_name: Leaving,
    students_by_email: Leaving,
    contacts_with_id: Leaving,
    contacts_without: Leaving,
}

impl Leavers {
    pub fn add_person(&mut self, person: &RosterPerson) {
        if is_student(person) {
            self.students_by_name.add(&name_and_birth(person));
            if let Some(email) = &person.user.email {
                self.students_by_email.add(&email.folded());
            }
        }
    }

    pub fn add_contact(&mut self, contact: &Contact) {
        let has_id = contact.sis_id.is_some();
        let leaving = if has_id { &mut self.contacts_with_id } else { &mut self.contacts_without };
        leaving.add(&who(contact));
    }
}

/// Counts who only changes ids among those who come.
fn note_students(
    people: &mut Many<RosterPerson, UserId>,
    leavers: &mut Leavers,
    summary: &mut Summary,
) -> io::Result<()> {
    if people.removed.len() == 0 {
        return Ok(());
    }
    while let Some(person) = people.added.next()? {
        let email = person.user.email.as_ref().map(Email::folded);
        let is_known = is_student(&person)
            && (leavers.students_by_name.take(&name_and_birth(&person))
                || email.is_some_and(|email| leavers.students_by_email.take(&email)));
        summary.renumbered_students += usize::from(is_known);
    }
    people.added.rewind();
    Ok(())
}

fn note_contacts(
    contacts: &mut Many<Contact, UserId>,
    leavers: &mut Leavers,
    summary: &mut Summary,
) -> io::Result<()> {
    if contacts.removed.len() == 0 {
        return Ok(());
    }
    let (with_id, without) = (&mut leavers.contacts_with_id, &mut leavers.contacts_without);
    while let Some(contact) = contacts.added.next()? {
        let mark = who(&contact);
        let reason = match contact.sis_id {
            Some(_) if without.take(&mark) => ContactIdReason::Given,
            Some(_) if with_id.take(&mark) => ContactIdReason::Changed,
            None if with_id.take(&mark) => ContactIdReason::Dropped,
            _ => continue,
        };
        *summary.contact_id_changes.entry(reason).or_default() += 1;
    }
    contacts.added.rewind();
    Ok(())
}

fn is_student(person: &RosterPerson) -> bool {
    person.user.role(RoleKind::Student).is_some()
}

/// What a student keeps in another system.
fn name_and_birth(person: &RosterPerson) -> (String, String, Option<&str>) {
    let student = person.user.role(RoleKind::Student);
    let birth = student.and_then(|role| role.details.get("dob"));
    let name = &person.user.name;
    (name.first.to_lowercase(), name.last.to_lowercase(), birth)
}

/// What a contact keeps when only its id changes.
fn who(contact: &Contact) -> (String, Option<String>, Option<&str>) {
    let phone = contact.details.get("phone");
    (contact.name.full(), contact.email.as_ref().map(Email::folded), phone)
}
