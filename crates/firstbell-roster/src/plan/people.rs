//! People: their roles get ids, their persons get users, and what is new about them is found.

use std::collections::HashSet;

use firstbell_core::id::{RoleId, SchoolId, UserId, ascending};
use firstbell_core::roster::change::{
    Binding, Changed, ProvisionedPassword, RecordKind, RosterPerson,
};
use firstbell_core::roster::{Generation, PersonName, Role, RoleKind, User};
use firstbell_core::secret::Secret;

use super::identity::{self, Bond, Claim};
use super::{Planner, of};
use crate::snapshot::{Adult, Index, RoleRecord, Roles};
use crate::summary::{IdentityChange, IdentityReason, SummaryKind};

/// The ids of roles that sections and enrolments refer to.
pub(super) struct RoleIds {
    pub students: Vec<RoleId>,
    pub teachers: Vec<RoleId>,
}

/// A role with its id.
struct Known {
    record: Option<RoleRecord>,
    id: RoleId,
    bound: Bond,
}

/// All roles of the roster, with their ids.
struct KnownRoles {
    students: Vec<Known>,
    teachers: Vec<Known>,
    staff: Vec<Known>,
    district_admins: Vec<Known>,
}

impl KnownRoles {
    fn of(&self, kind: RoleKind) -> &[Known] {
        match kind {
            RoleKind::Student => &self.students,
            RoleKind::Teacher => &self.teachers,
            RoleKind::Staff => &self.staff,
            RoleKind::DistrictAdmin => &self.district_admins,
        }
    }

    /// Takes the record of a role, once.
    fn take(&mut self, claim: &Claim) -> Option<RoleRecord> {
        let list = match claim.kind {
            RoleKind::Student => &mut self.students,
            RoleKind::Teacher => &mut self.teachers,
            RoleKind::Staff => &mut self.staff,
            RoleKind::DistrictAdmin => &mut self.district_admins,
        };
        list.get_mut(claim.index.position())?.record.take()
    }
}

impl Planner<'_> {
    pub(super) fn people(
        &mut self,
        roles: Roles,
        adults: &[Adult],
        schools: &[SchoolId],
    ) -> RoleIds {
        let known = KnownRoles {
            students: self.roles(RecordKind::Student, roles.students),
            teachers: self.roles(RecordKind::Teacher, roles.teachers),
            staff: self.roles(RecordKind::Staff, roles.staff),
            district_admins: self.roles(RecordKind::DistrictAdmin, roles.district_admins),
        };
        let ids = |roles: &[Known]| roles.iter().map(|known| known.id).collect();
        let role_ids = RoleIds { students: ids(&known.students), teachers: ids(&known.teachers) };
        self.persons(known, adults, schools);
        role_ids
    }

    fn roles(&mut self, kind: RecordKind, records: Vec<RoleRecord>) -> Vec<Known> {
        let found: Vec<_> =
            self.look_up(kind, records.iter().map(|record| &*record.sis_id)).collect();
        let unknown = found.iter().filter(|found| found.is_none()).count();
        let mut fresh = ascending(unknown, self.now, self.random).into_iter();
        records
            .into_iter()
            .zip(found)
            .filter_map(|(record, found)| {
                let (id, bound) = match found {
                    Some((id, user)) => (id, user.map_or(Bond::Loose, Bond::To)),
                    None => (fresh.next()?, Bond::New),
                };
                Some(Known { record: Some(record), id: RoleId::from_bytes(id), bound })
            })
            .collect()
    }

    /// The roles of everybody, person after person.
    fn claims(known: &KnownRoles, adults: &[Adult]) -> Vec<Claim> {
        let students = known.of(RoleKind::Student).len();
        let claim = |person, kind, index: Index| {
            let known = known.of(kind).get(index.position())?;
            Some(Claim { kind, index, role: known.id, bound: known.bound, person })
        };
        let of_students =
            (0..students).filter_map(|at| claim(at, RoleKind::Student, Index::of(at)?));
        let of_adults = adults.iter().enumerate().flat_map(|(at, adult)| {
            let person = students + at;
            adult.roles().filter_map(move |(kind, index)| claim(person, kind, index))
        });
        of_students.chain(of_adults).collect()
    }

    fn persons(&mut self, mut known: KnownRoles, adults: &[Adult], schools: &[SchoolId]) {
        let people = known.of(RoleKind::Student).len() + adults.len();
        let claims = Self::claims(&known, adults);
        let users = identity::assign(people, &claims, self.current, self.now, self.random);
        let stay: HashSet<UserId> = users.iter().copied().collect();
        for (roles, &user) in claims.chunk_by(|one, next| one.person == next.person).zip(&users) {
            let person = self.person(user, roles, &mut known, schools, &stay);
            self.settle_person(person);
        }
        let current = self.current;
        let mut removed: Vec<UserId> =
            current.people.keys().copied().filter(|user| !stay.contains(user)).collect();
        removed.sort_unstable();
        for person in removed.iter().filter_map(|user| current.people.get(user)) {
            self.summary.tally_mut(kind_of(person)).remove(|| label(person));
        }
        self.change.people.removed = removed;
    }

    /// Puts one person together out of their roles, first role first.
    fn person(
        &mut self,
        id: UserId,
        claims: &[Claim],
        known: &mut KnownRoles,
        schools: &[SchoolId],
        stay: &HashSet<UserId>,
    ) -> RosterPerson {
        let mut user = User {
            id,
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
            let Some(mut record) = known.take(claim) else { continue };
            self.bind(claim, &record, id, stay);
            self.provision(claim.role, &mut record);
            let first = held_at.len();
            held_at.extend(
                record.schools.iter().filter_map(|&at| Some((claim.role, of(schools, at)?))),
            );
            // The primary school stays first.
            if let Some(others) = held_at.get_mut(first + 1..) {
                others.sort_unstable();
            }
            if user.roles.is_empty() {
                user.name = record.name;
            }
            user.email = user.email.or(record.email);
            let mut details = record.details.unpack(&self.detail_names);
            if let Some(username) = record.username {
                details.insert("credentials.district_username".to_owned(), username.into());
            }
            let sis_id = record.sis_id.into();
            user.roles.push(Role { id: claim.role, kind: claim.kind, sis_id, details });
        }
        RosterPerson { user, schools: held_at }
    }

    /// Notes a new role, or one whose person is another one now.
    fn bind(&mut self, claim: &Claim, record: &RoleRecord, user: UserId, stay: &HashSet<UserId>) {
        let binding = || Binding {
            kind: record_kind(claim.kind),
            sis_id: record.sis_id.to_string(),
            id: claim.role.to_bytes(),
            user: Some(user),
        };
        match claim.bound {
            Bond::New => self.change.bindings.push(binding()),
            Bond::To(before) if before == user => {}
            Bond::Loose => self.change.rebound.push(binding()),
            Bond::To(from) => {
                self.change.rebound.push(binding());
                self.summary.identity_changes.push(IdentityChange {
                    role: claim.kind,
                    sis_id: record.sis_id.to_string(),
                    name: record.name.full(),
                    from,
                    to: user,
                    reason: if stay.contains(&from) {
                        IdentityReason::Parted
                    } else {
                        IdentityReason::Joined
                    },
                });
            }
        }
    }

    fn provision(&mut self, role: RoleId, record: &mut RoleRecord) {
        if let Some(password) = record.password.take()
            && let Some(login_name) = record.login_name()
        {
            self.summary.passwords += 1;
            self.change.passwords.push(ProvisionedPassword {
                role,
                login_name: login_name.to_owned(),
                password: Secret::from_text(password),
            });
        }
    }

    fn settle_person(&mut self, person: RosterPerson) {
        let Changed { added, replaced, .. } = &mut self.change.people;
        let tally = self.summary.tally_mut(kind_of(&person));
        match self.current.people.get(&person.user.id) {
            None => {
                tally.add(|| label(&person));
                added.push(person);
            }
            Some(before) if is_same(before, &person) => tally.unchanged += 1,
            Some(before) => {
                tally.change(|| label(&person));
                let has_other_name = before.user.name != person.user.name;
                let has_other_email = before.user.email != person.user.email;
                self.summary.other_name_and_email += usize::from(has_other_name && has_other_email);
                replaced.push(person);
            }
        }
    }
}

/// Equal in all that a roster says. The store keeps the times and the suspension.
fn is_same(before: &RosterPerson, person: &RosterPerson) -> bool {
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
fn kind_of(person: &RosterPerson) -> SummaryKind {
    let first = person.user.roles.first();
    first.map_or(SummaryKind::Staff, |role| SummaryKind::of_role(role.kind))
}

fn label(person: &RosterPerson) -> String {
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
