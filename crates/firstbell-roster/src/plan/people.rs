//! People: their roles get ids, their persons get users, and what is new about them is found.

use std::collections::BTreeMap;

use firstbell_core::id::{RoleId, SchoolId, UserId};
use firstbell_core::login::credential::fold_login_name;
use firstbell_core::roster::change::{Binding, ManyKind, Present, RecordKind, RosterPerson};
use firstbell_core::roster::{DISTRICT_USERNAME, Generation, PersonName, Role, RoleKind, User};
use firstbell_core::time::Timestamp;

use super::identity::{Bond, Claim, claim};
use super::ids::{Ids, order};
use super::login_names::LoginNames;
use super::renumbering::Leavers;
use super::stretches::{Seen, walk_past};
use super::walk::{Met, Pages};
use super::{Planned, Planner, of};
use crate::change::PlannedChange;
use crate::snapshot::{Adult, DetailNames, Index, RoleRecord, Roles};
use crate::summary::{IdentityChange, IdentityReason, Summary, SummaryKind};

/// The ids of all roles.
pub(super) struct RoleIds {
    pub students: Ids,
    pub teachers: Ids,
    staff: Ids,
    district_admins: Ids,
}

impl RoleIds {
    pub fn of(&self, kind: RoleKind) -> &Ids {
        match kind {
            RoleKind::Student => &self.students,
            RoleKind::Teacher => &self.teachers,
            RoleKind::Staff => &self.staff,
            RoleKind::DistrictAdmin => &self.district_admins,
        }
    }
}

/// Everybody, with their ids. People are numbered: the students, and the adults after them.
pub(super) struct MetPeople {
    records: Roles,
    adults: Vec<Adult>,
    pub roles: RoleIds,
    users: Vec<UserId>,
}

impl MetPeople {
    /// A person's roles in order.
    fn claims(&self, person: usize) -> Vec<Claim> {
        let students = self.roles.students.len();
        let Some(adult) = person.checked_sub(students).map(|number| self.adults.get(number)) else {
            let student = Index::of(person).map(|index| (RoleKind::Student, index));
            let claims = student.and_then(|role| claim(&self.roles.students, role, person));
            return claims.into_iter().collect();
        };
        let roles = adult.into_iter().flat_map(|adult| adult.roles());
        roles.filter_map(|role| claim(self.roles.of(role.0), role, person)).collect()
    }
}

impl<P: Present> Planner<'_, P> {
    /// Gives everybody their ids.
    pub(super) fn meet_people(
        &mut self,
        mut records: Roles,
        adults: Vec<Adult>,
    ) -> Planned<MetPeople, P> {
        let roles = RoleIds {
            students: self.roles(RoleKind::Student, &mut records)?,
            teachers: self.roles(RoleKind::Teacher, &mut records)?,
            staff: self.roles(RoleKind::Staff, &mut records)?,
            district_admins: self.roles(RoleKind::DistrictAdmin, &mut records)?,
        };
        let users = self.assign(&roles, &adults)?;
        let people = MetPeople { records, adults, roles, users };
        self.bind_roles(&people)?;
        Ok(people)
    }

    fn roles(&mut self, kind: RoleKind, records: &mut Roles) -> Planned<Ids, P> {
        self.ids(record_kind(kind), records.of(kind).len(), |each| {
            for at in records.of(kind).positions() {
                if let Some(parts) = records.login_parts(kind, at) {
                    each(at, &parts.sis_id);
                }
            }
            records.of_mut(kind).check()
        })
    }

    /// Binds the roles that are new to their people.
    fn bind_roles(&mut self, people: &MetPeople) -> Planned<(), P> {
        let students = people.roles.students.len();
        for kind in RoleKind::ALL {
            let mut person_of: Vec<usize> = vec![0; people.roles.of(kind).len()];
            for (number, adult) in people.adults.iter().enumerate() {
                let at = adult.role(kind).map_or(usize::MAX, Index::position);
                if let Some(slot) = person_of.get_mut(at) {
                    *slot = students + number;
                }
            }
            let person = |at: Index| match kind {
                RoleKind::Student => Some(at.position()),
                _ => person_of.get(at.position()).copied(),
            };
            let user = |at: Index| people.users.get(person(at)?).copied();
            self.bind(record_kind(kind), people.roles.of(kind), user)?;
        }
        Ok(())
    }

    /// Settles everybody; gives back the ids of the students' roles.
    pub(super) fn people(
        &mut self,
        mut people: MetPeople,
        schools: &[SchoolId],
    ) -> Planned<Vec<[u8; 12]>, P> {
        let known = self.known(ManyKind::Person)?;
        let Self { present, change, summary, leaving, now, detail_names, .. } = self;
        let order = order(&people.users);
        let mut desk = Desk {
            change,
            summary,
            leaving,
            now: *now,
            names: detail_names,
            schools,
            order: &order,
            identities: BTreeMap::new(),
            login_names: LoginNames::default(),
        };
        let mut persons = order.iter();
        let settled = std::cell::RefCell::new(&mut desk);
        let ours = || {
            let person = persons.next()?.position();
            Some(settled.borrow_mut().person(person, &mut people))
        };
        let pages = Pages::new(|after| present.people(after), |it: &RosterPerson| it.user.id);
        let settle = |seen| settled.borrow_mut().settle(seen);
        let found = walk_past(ours, |person| person.user.id, known, pages, settle)?;
        let Desk { identities, login_names, .. } = desk;
        summary.identity_changes.extend(identities.into_values().flatten());
        let login_names = login_names.count()?;
        summary.login_names_that_move = login_names.moved;
        summary.login_names_that_stay = login_names.staying;
        self.keep(ManyKind::Person, &found);
        for kind in RoleKind::ALL {
            people.records.of_mut(kind).check()?;
        }
        Ok(people.roles.students.into_ids())
    }
}

/// Where people are put together and settled.
struct Desk<'d> {
    change: &'d mut PlannedChange,
    summary: &'d mut Summary,
    leaving: &'d mut Leavers,
    now: Timestamp,
    names: &'d DetailNames,
    schools: &'d [SchoolId],
    /// People in the order of their ids.
    order: &'d [Index],
    /// Whose id changes, by the person's number.
    identities: BTreeMap<usize, Vec<IdentityChange>>,
    login_names: LoginNames,
}

impl Desk<'_> {
    /// Puts one person together out of their roles, first role first.
    fn person(&mut self, number: usize, people: &mut MetPeople) -> RosterPerson {
        let claims = people.claims(number);
        let id = people.users.get(number).copied();
        let mut user = User {
            id: id.unwrap_or_else(|| UserId::from_bytes([0; 12])),
            email: None,
            name: PersonName::default(),
            created: self.now,
            last_modified: self.now,
            suspended_since: None,
            generation: Generation::default(),
            roles: Vec::with_capacity(claims.len()),
        };
        let mut held_at = Vec::new();
        for claim in claims {
            let Some(record) = people.records.get(claim.kind, claim.index) else { continue };
            self.rebind(&claim, &record, user.id, &people.users);
            self.provision(claim.role, &record);
            let first = held_at.len();
            held_at.extend(
                record.schools.iter().filter_map(|&at| Some((claim.role, of(self.schools, at)?))),
            );
            // The primary school stays first.
            if let Some(others) = held_at.get_mut(first + 1..) {
                others.sort_unstable();
            }
            if user.roles.is_empty() {
                user.name = record.name;
            }
            user.email = user.email.or(record.email);
            let username = record.username.as_deref();
            let username = username.map(|name| (DISTRICT_USERNAME, name));
            let details = record.details.unpack(self.names, username);
            let sis_id = record.sis_id.into();
            user.roles.push(Role { id: claim.role, kind: claim.kind, sis_id, details });
        }
        RosterPerson { user, schools: held_at }
    }

    /// Notes a role whose person is another one now.
    fn rebind(&mut self, claim: &Claim, record: &RoleRecord, user: UserId, users: &[UserId]) {
        let from = match claim.bound {
            Bond::New => return,
            Bond::To(before) if before == user => return,
            Bond::Loose => None,
            Bond::To(from) => Some(from),
        };
        self.change.few.rebound.push(Binding {
            kind: record_kind(claim.kind),
            sis_id: record.sis_id.to_string(),
            id: claim.role.to_bytes(),
            user: Some(user),
        });
        let Some(from) = from else { return };
        let stays = self.order.binary_search_by_key(&Some(&from), |at| users.get(at.position()));
        self.identities.entry(claim.person).or_default().push(IdentityChange {
            role: claim.kind,
            sis_id: record.sis_id.to_string(),
            name: record.name.full(),
            from,
            to: user,
            reason: match stays {
                Ok(_) => IdentityReason::Parted,
                Err(_) => IdentityReason::Joined,
            },
        });
    }

    fn provision(&mut self, role: RoleId, record: &RoleRecord) {
        if let Some(password) = &record.password
            && let Some(login_name) = record.login_name()
        {
            self.summary.passwords += 1;
            let folded = fold_login_name(login_name);
            self.change.provision(&folded, role, login_name, password);
        }
    }

    fn settle(&mut self, seen: Seen<RosterPerson, RosterPerson>) {
        let changed = &mut self.change.people;
        match seen {
            Seen::Same(person) => {
                self.login_names.stay(&person);
                self.summary.tally_mut(kind_of(&person)).unchanged += 1;
            }
            Seen::Met(Met::New(person)) => {
                self.summary.tally_mut(kind_of(&person)).add(|| label(&person));
                self.login_names.add(&person);
                changed.added.push(&person);
            }
            Seen::Met(Met::Both(before, person)) => {
                self.login_names.meet(&before, &person);
                let tally = self.summary.tally_mut(kind_of(&person));
                if is_same(&before, &person) {
                    tally.unchanged += 1;
                    return;
                }
                tally.change(|| label(&person));
                let has_other_name = before.user.name != person.user.name;
                let has_other_email = before.user.email != person.user.email;
                self.summary.other_name_and_email += usize::from(has_other_name && has_other_email);
                changed.replaced.push(&person);
            }
            Seen::Met(Met::Gone(person)) => {
                self.summary.tally_mut(kind_of(&person)).remove(|| label(&person));
                self.leaving.add_person(&person);
                changed.removed.push(&person.user.id);
            }
        }
    }
}

/// Equal in all that a roster says. The store keeps the times and the suspension.
pub(super) fn is_same(before: &RosterPerson, person: &RosterPerson) -> bool {
    let (old, new) = (&before.user, &person.user);
    old.name == new.name
        && old.email == new.email
        && old.roles == new.roles
        && (before.schools == person.schools
            || by_role(&before.schools) == by_role(&person.schools))
}

/// The schools of each role in one order: whoever keeps them may keep the roles in another, and a
/// role's schools in any, but for the first.
fn by_role(schools: &[(RoleId, SchoolId)]) -> Vec<(RoleId, SchoolId)> {
    let mut ordered = schools.to_vec();
    // Stable: of a role the first stays the first.
    ordered.sort_by_key(|&(role, _)| role);
    for role in ordered.chunk_by_mut(|one, next| one.0 == next.0) {
        if let Some(others) = role.get_mut(1..) {
            others.sort_unstable();
        }
    }
    ordered
}

/// Under what a person is counted.
pub(super) fn kind_of(person: &RosterPerson) -> SummaryKind {
    let first = person.user.roles.first();
    first.map_or(SummaryKind::Staff, |role| SummaryKind::of_role(role.kind))
}

pub(super) fn label(person: &RosterPerson) -> String {
    let sis_id = person.user.roles.first().map_or("", |role| &role.sis_id);
    format!("{} ({sis_id})", person.user.name.full())
}

pub(crate) const fn record_kind(kind: RoleKind) -> RecordKind {
    match kind {
        RoleKind::Student => RecordKind::Student,
        RoleKind::Teacher => RecordKind::Teacher,
        RoleKind::Staff => RecordKind::Staff,
        RoleKind::DistrictAdmin => RecordKind::DistrictAdmin,
    }
}
