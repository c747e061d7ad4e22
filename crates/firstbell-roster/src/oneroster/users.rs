//! `users.csv`: people, each in the roles that they have today. Parents, guardians and relatives
//! are contacts, tied to students by `agentSourcedIds` on either side.

use std::collections::HashMap;

use firstbell_core::roster::RoleKind;

use super::roles::Held;
use super::{OneRosterFile, Rostering, in_file, list, number_name};
use crate::contacts::{Contacts, Stated, Tied, Word};
use crate::fault::RosterFault;
use crate::ids::Ids;
use crate::problem::{Place, Problems};
use crate::read::{Draft, Reading};
use crate::snapshot::{DetailName, DetailNames, Index};
use crate::table::Line;
use row::{Row, UserColumns};

mod row;

/// The users of an export. A user has a slot as soon as some row names them.
#[derive(Default)]
pub(super) struct Users {
    pub ids: Ids,
    slots: Vec<Slot>,
    /// Roles of `roles.csv`, each user's together.
    pub held: Vec<Held>,
    agents: Vec<Agency>,
}

/// What a user became.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    pub student: Option<Index>,
    pub teacher: Option<Index>,
    contact: Option<Index>,
    pub state: State,
}

/// How a user's row was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// There was none yet.
    #[default]
    Unseen,
    /// It was spoilt: what refers to it says nothing.
    Spoilt,
    LeftOut,
    Kept,
}

/// That one user names another as agent.
struct Agency {
    user: Index,
    agent: Index,
    line: u32,
    /// What the contact is to the student, where the row says more than the contact's role does.
    said: Option<Said>,
}

/// What a contact is to a student, and when they are called.
#[derive(Clone, Copy)]
struct Said {
    relationship: Option<Word>,
    kind: Option<Word>,
}

impl Users {
    /// The slot of an id.
    pub fn intern(&mut self, id: &str) -> Index {
        if let Some(known) = self.ids.get(id) {
            return known;
        }
        let at = Index::next(&self.slots);
        self.slots.push(Slot::default());
        self.ids.insert(id, at);
        at
    }

    pub fn slot(&self, user: Index) -> Slot {
        self.slots.get(user.position()).copied().unwrap_or_default()
    }

    fn held_by(&self, user: Index) -> &[Held] {
        let start = self.held.partition_point(|held| held.user < user);
        let end = self.held.partition_point(|held| held.user <= user);
        self.held.get(start..end).unwrap_or_default()
    }

    /// Ends the reading: who was named and has no row is told, contacts are tied to students.
    fn settle(&mut self, contacts: &mut Contacts, problems: &mut Problems) {
        let Self { ids, slots, held, agents } = self;
        let state = |at: Index| slots.get(at.position()).map(|slot| slot.state);
        let unseen = ids.part_from(|at| state(at) == Some(State::Unseen));
        for held in std::mem::take(held) {
            if let Some(id) = unseen.get(&held.user) {
                let place = Place {
                    line: Some(held.line.into()),
                    column: Some("userSourcedId"),
                    value: Some(id),
                    ..in_file(OneRosterFile::Roles)
                };
                problems.add(RosterFault::ReferenceUnknown, place);
            }
        }
        for agency in std::mem::take(agents) {
            tie(&agency, slots, &unseen, contacts, problems);
        }
        for at in contacts.of_nobody() {
            let Some(contact) = contacts.records.get(at) else { continue };
            let id = contact.stated().texts[0];
            let place = Place {
                column: Some("sourcedId"),
                value: Some(id),
                ..in_file(OneRosterFile::Users)
            };
            problems.add(RosterFault::ContactOfNobody, place);
        }
    }
}

/// Ties the two users of an agency, if one is a student and the other a contact.
fn tie(
    agency: &Agency,
    slots: &[Slot],
    unseen: &HashMap<Index, Box<str>>,
    contacts: &mut Contacts,
    problems: &mut Problems,
) {
    let slot = |at: Index| slots.get(at.position()).copied().unwrap_or_default();
    let (user, agent) = (slot(agency.user), slot(agency.agent));
    let place = Place {
        line: Some(agency.line.into()),
        column: Some("agentSourcedIds"),
        value: unseen.get(&agency.agent).map(|id| &**id),
        ..in_file(OneRosterFile::Users)
    };
    let pair = user.student.zip(agent.contact).or(agent.student.zip(user.contact));
    let Some((student, contact)) = pair else {
        if !matches!(agent.state, State::LeftOut | State::Spoilt) {
            problems.add(RosterFault::AgentUnknown, place);
        }
        return;
    };
    let Some(record) = contacts.records.get(contact) else { return };
    let mut words = Stated { texts: Default::default(), ..record.stated() };
    if let Some(said) = agency.said {
        (words.relationship, words.kind) = (said.relationship, said.kind);
    }
    if contacts.tie(contact, student, &words) == Tied::TooMany {
        problems.add(RosterFault::ContactBeyondFive, place);
    }
}

/// The wire names that a user's cells are passed on under.
pub(super) struct Names {
    grade: DetailName,
    preferred: [DetailName; 3],
    role: DetailName,
    numbers: [(RoleKind, DetailName); RoleKind::ALL.len()],
    pub demographics: [DetailName; 4],
}

impl Names {
    pub fn of(names: &mut DetailNames) -> Self {
        let mut number = |name: &str| names.number(name);
        Self {
            grade: number("grade"),
            preferred: ["preferred_name.first", "preferred_name.middle", "preferred_name.last"]
                .map(&mut number),
            role: number("role"),
            numbers: RoleKind::ALL.map(|kind| (kind, number(number_name(kind)))),
            demographics: ["dob", "gender", "race", "hispanic_ethnicity"].map(&mut number),
        }
    }
}

pub(super) fn read(reading: &mut Reading<'_, '_>, rostering: &mut Rostering, draft: &mut Draft) {
    let columns = UserColumns::of(&reading.table.header, &mut draft.detail_names);
    if !columns.are_of(rostering.version, &mut draft.problems) {
        return;
    }
    while let Some(line) = reading.next(&mut draft.problems) {
        let Some(id) = line.filled(columns.base.id) else { continue };
        let user = rostering.users.intern(id);
        if rostering.users.slot(user).state != State::Unseen {
            draft.problems.add(RosterFault::IdTwice, line.place(columns.base.id));
            continue;
        }
        let slot = if !line.is_whole {
            Slot { state: State::Spoilt, ..Slot::default() }
        } else if columns.base.is_left_out(&line) {
            Slot { state: State::LeftOut, ..Slot::default() }
        } else {
            Row { line: &line, columns: &columns, user }.keep(rostering, draft)
        };
        if slot.student.or(slot.contact).is_some() {
            note_agents(&line, (user, &columns), rostering, &mut draft.problems);
        }
        if let Some(known) = rostering.users.slots.get_mut(user.position()) {
            *known = slot;
        }
    }
    rostering.users.settle(&mut draft.contacts, &mut draft.problems);
    draft.seal_contacts();
    rostering.users.ids.complete(&reading.table, "sourcedId", &mut draft.problems);
}

fn note_agents(
    line: &Line<'_>,
    (user, columns): (Index, &UserColumns),
    rostering: &mut Rostering,
    problems: &mut Problems,
) {
    let agents = columns.agents;
    for id in list(line, agents) {
        let agent = rostering.users.intern(id);
        if agent == user {
            problems.add(RosterFault::SelfReference, line.place(agents));
            continue;
        }
        let number = u32::try_from(line.number).unwrap_or(u32::MAX);
        let said = list(line, columns.own_contacts).find_map(|entry| said_of(entry, id));
        rostering.users.agents.push(Agency { user, agent, line: number, said });
    }
}

/// What an entry of our own exports (`id:Parent:Emergency`) says, if it is about this contact.
fn said_of(entry: &str, id: &str) -> Option<Said> {
    let (relationship, kind) = entry.strip_prefix(id)?.strip_prefix(':')?.split_once(':')?;
    Some(Said { relationship: Word::named(relationship), kind: Word::named(kind) })
}
