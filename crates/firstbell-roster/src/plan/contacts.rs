//! Contacts: each gets the id it had under what it is known by, and the students it is called
//! about. Nobody is joined with a contact, so its person is always its own.

use firstbell_core::id::{RoleId, UserId, ascending};
use firstbell_core::roster::change::{Binding, RecordKind};
use firstbell_core::roster::{Contact, Details, PersonName, Relationship};

use super::identity::own_user;
use super::{Planner, of, settle};
use crate::contacts::{ContactRecord, Part, Tie, Word};
use crate::summary::SummaryKind;

impl Planner<'_> {
    /// `ties` has each contact's together; a contact without one is nobody's and left out.
    pub(super) fn contacts(
        &mut self,
        records: &[ContactRecord],
        ties: &[Tie],
        students: &[RoleId],
    ) {
        let all = || {
            ties.chunk_by(|one, next| one.contact == next.contact).filter_map(|ties| {
                let record = records.get(ties.first()?.contact.position())?;
                Some((record, ties))
            })
        };
        let ids = self.contact_ids(all().map(|(record, _)| record));
        let contacts = all().zip(ids).map(|((record, ties), (role, id))| {
            let students = relationships(ties, students);
            contact(record, (id, role), students)
        });
        self.change.contacts = settle(
            contacts.map(|contact| (contact.id, contact)),
            &self.current.contacts,
            label,
            self.summary.tally_mut(SummaryKind::Contact),
        );
    }

    /// The ids of contacts, known ones and new ones; new ones are bound.
    fn contact_ids<'r>(
        &mut self,
        records: impl Iterator<Item = &'r ContactRecord> + Clone,
    ) -> Vec<(RoleId, UserId)> {
        let bindings = &self.current.bindings;
        // One key for all: the map wants to be asked with an owned text.
        let mut key = (RecordKind::Contact, String::new());
        let mut look_up = |record: &ContactRecord| {
            record.stated().write_key(&mut key.1);
            bindings.get(&key).copied()
        };
        let known: Vec<_> = records.clone().map(&mut look_up).collect();
        let unknown = known.iter().filter(|known| known.is_none()).count();
        let mut fresh = ascending(unknown, self.now, self.random).into_iter();
        let mut ids = Vec::with_capacity(known.len());
        for (record, known) in records.zip(known) {
            let Some((id, user)) = known.or_else(|| Some((fresh.next()?, None))) else { break };
            let role = RoleId::from_bytes(id);
            let user_id = user.unwrap_or_else(|| own_user(role));
            if user.is_none() {
                let mut sis_id = String::new();
                record.stated().write_key(&mut sis_id);
                let kind = RecordKind::Contact;
                let binding = Binding { kind, sis_id, id, user: Some(user_id) };
                // A database can hold a contact that is bound to nobody, though no roster makes one.
                if known.is_some() {
                    self.change.rebound.push(binding);
                } else {
                    self.change.bindings.push(binding);
                }
            }
            ids.push((role, user_id));
        }
        ids
    }
}

fn relationships(ties: &[Tie], students: &[RoleId]) -> Vec<Relationship> {
    let word = |word: Option<Word>| word.map(|word| word.text().to_owned());
    let mut relationships: Vec<Relationship> = ties
        .iter()
        .filter_map(|tie| {
            Some(Relationship {
                student: of(students, tie.student)?,
                relationship: word(tie.relationship),
                kind: word(tie.kind),
            })
        })
        .collect();
    relationships.sort_unstable();
    relationships
}

fn contact(
    record: &ContactRecord,
    (id, role): (UserId, RoleId),
    students: Vec<Relationship>,
) -> Contact {
    let stated = record.stated();
    let text = |part| Some(stated.text(part)).filter(|text| !text.is_empty()).map(str::to_owned);
    let phone_type = record.phone_type.map(|word| word.text().to_owned());
    let details: Details = [("phone", text(Part::Phone)), ("phone_type", phone_type)]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect();
    let name = PersonName {
        first: text(Part::First).unwrap_or_default(),
        middle: text(Part::Middle),
        last: text(Part::Last).unwrap_or_default(),
    };
    let email = stated.text(Part::Email).parse().ok();
    Contact { id, role, sis_id: text(Part::SisId), name, email, details, students }
}

/// How a summary names a contact: by name and what the district calls it, never by its address.
fn label(contact: &Contact) -> String {
    match (contact.name.full(), &contact.sis_id) {
        (name, Some(sis_id)) => format!("{name} ({sis_id})"),
        (name, None) if name.is_empty() => "a contact without a name".to_owned(),
        (name, None) => name,
    }
}
