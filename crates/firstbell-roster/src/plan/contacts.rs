//! Contacts: each gets the id it had under what it is known by, and the students it is called
//! about. Nobody is joined with a contact, so its person is always its own.

use firstbell_core::id::{RoleId, UserId};
use firstbell_core::roster::change::{Binding, ManyKind, Present, RecordKind};
use firstbell_core::roster::{Contact, Details, PersonName, Relationship};

use super::identity::{Bond, own_user};
use super::ids::{Ids, order};
use super::stretches::{Seen, walk_past};
use super::walk::{Met, Pages};
use super::{Planned, Planner};
use crate::contacts::{ContactRecord, Part, Tie, TiedContact, Word};
use crate::spill::Spilled;
use crate::summary::SummaryKind;

impl<P: Present> Planner<'_, P> {
    /// `students` are the ids of the students' roles.
    pub(super) fn contacts(
        &mut self,
        mut records: Spilled<TiedContact>,
        students: &[[u8; 12]],
    ) -> Planned<(), P> {
        let ids = self.contact_ids(&mut records)?;
        let users = self.contact_users(&mut records, &ids);
        let ids = ids.into_ids();
        let known = self.known(ManyKind::Contact)?;
        let Self { present, change, summary, leaving, .. } = self;
        let tally = summary.tally_mut(SummaryKind::Contact);
        let changed = &mut change.contacts;
        let mut order = order(&users).into_iter();
        let ours = || {
            order.by_ref().find_map(|at| {
                let TiedContact { record, ties } = records.get(at)?;
                let role = RoleId::from_bytes(*ids.get(at.position())?);
                let id = users.get(at.position()).copied()?;
                Some(contact(&record, (id, role), relationships(&ties, students)))
            })
        };
        let pages = Pages::new(|after| present.contacts(after), |it: &Contact| it.id);
        let found = walk_past(
            ours,
            |contact| contact.id,
            known,
            pages,
            |seen| match seen {
                Seen::Same(_) => tally.unchanged += 1,
                Seen::Met(Met::New(contact)) => {
                    tally.add(|| label(&contact));
                    changed.added.push(&contact);
                }
                Seen::Met(Met::Both(before, contact)) if before == contact => tally.unchanged += 1,
                Seen::Met(Met::Both(_, contact)) => {
                    tally.change(|| label(&contact));
                    changed.replaced.push(&contact);
                }
                Seen::Met(Met::Gone(contact)) => {
                    tally.remove(|| label(&contact));
                    leaving.add_contact(&contact);
                    changed.removed.push(&contact.id);
                }
            },
        )?;
        self.keep(ManyKind::Contact, &found);
        Ok(records.check()?)
    }

    /// The ids of contacts' roles, known ones and new ones; new ones are bound.
    fn contact_ids(&mut self, records: &mut Spilled<TiedContact>) -> Planned<Ids, P> {
        let ids = self.ids(RecordKind::Contact, records.len(), |each| {
            let mut key = String::new();
            for at in records.positions() {
                if let Some(contact) = records.get(at) {
                    contact.record.stated().write_key(&mut key);
                    each(at, &key);
                }
            }
            records.check()
        })?;
        self.bind(RecordKind::Contact, &ids, |at| {
            ids.get(at).map(RoleId::from_bytes).map(own_user)
        })?;
        Ok(ids)
    }

    /// The contacts' ids among people.
    fn contact_users(&mut self, records: &mut Spilled<TiedContact>, ids: &Ids) -> Vec<UserId> {
        let mut users: Vec<UserId> = ids.all().map(|id| own_user(RoleId::from_bytes(id))).collect();
        for at in ids.odd() {
            let Some(slot) = users.get_mut(at.position()) else { continue };
            if let Some(Bond::To(user)) = ids.bond(at) {
                *slot = user;
            } else if let (Some(id), Some(contact)) = (ids.get(at), records.get(at)) {
                // A database can hold a contact that is bound to nobody, though no roster makes one.
                let mut sis_id = String::new();
                contact.record.stated().write_key(&mut sis_id);
                let kind = RecordKind::Contact;
                let binding = Binding { kind, sis_id, id, user: Some(*slot) };
                self.change.few.rebound.push(binding);
            }
        }
        users
    }
}

fn relationships(ties: &[Tie], students: &[[u8; 12]]) -> Vec<Relationship> {
    let word = |word: Option<Word>| word.map(|word| word.text().to_owned());
    let mut relationships: Vec<Relationship> = ties
        .iter()
        .filter_map(|tie| {
            Some(Relationship {
                student: RoleId::from_bytes(*students.get(tie.student.position())?),
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
