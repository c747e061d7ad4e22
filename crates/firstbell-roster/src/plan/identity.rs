//! Which user id a person has. Applications know people by it, so it moves as little as it can:
//!
//! 1. A role that was ever here brings the user it was bound to. Roles are asked in the order of
//!    [`RoleKind`](firstbell_core::roster::RoleKind), older ids first; the first that asks for a
//!    user gets it for its person, once. So when two people become one, the teacher's id stays;
//!    when one person becomes two, the one with the first role keeps the id.
//! 2. A person who got none is new, or was parted from somebody. They get the user id that
//!    belongs to their first role, [`own_user`], unless somebody has it.
//!
//! Because of 2, two records that are joined by a mistaken email and parted again the next
//! morning have their old ids back.

use std::collections::HashSet;

use firstbell_core::id::{RoleId, UserId};
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::change::Present;

use super::ids::Ids;
use super::people::RoleIds;
use super::{Planned, Planner};
use crate::snapshot::{Adult, Index};

/// What a role was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bond {
    /// Never here.
    New,
    /// Here, with nobody: no roster makes this, but a database can hold it.
    Loose,
    /// Bound to this user.
    To(UserId),
}

/// A role of a person, on the way to a user id.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub kind: RoleKind,
    /// Its position among the roles of its kind.
    pub index: Index,
    pub role: RoleId,
    pub bound: Bond,
    /// Which person holds the role.
    pub person: usize,
}

impl<P: Present> Planner<'_, P> {
    /// Gives everybody a user id: the students, and the adults after them.
    ///
    /// Nearly all students have the user that comes with their role, which nobody else asks for. Only
    /// the others, and whoever may be in their way, are looked at one by one.
    pub(super) fn assign(&mut self, roles: &RoleIds, adults: &[Adult]) -> Planned<Vec<UserId>, P> {
        let students = &roles.students;
        let own = students.all().map(|id| own_user(RoleId::from_bytes(id)));
        let mut users: Vec<UserId> = own.collect();
        let mut claims = claims_of_adults(roles, adults, students.len());
        claims.extend(claims_of_students(students, &wanted(&claims, students)));
        claims.sort_by_key(|claim| claim.person);

        let mut given: Vec<Option<UserId>> = vec![None; claims.len()];
        let mut taken = HashSet::with_capacity(claims.len());
        ask(&claims, &mut given, &mut taken);
        self.give_own(&claims, &mut given, &mut taken)?;
        users.resize(students.len() + adults.len(), UserId::from_bytes([0; 12]));
        // A person's claims stand together, and the first of them has what was given.
        for (first, of_person) in by_person(&claims) {
            let user = given.get(first).copied().flatten();
            let user = user.unwrap_or_else(|| UserId::new(self.now, self.random));
            if let Some(slot) = of_person.first().and_then(|claim| users.get_mut(claim.person)) {
                *slot = user;
            }
        }
        Ok(users)
    }

    /// Step 2. `given` and `claims` go together.
    fn give_own(
        &mut self,
        claims: &[Claim],
        given: &mut [Option<UserId>],
        taken: &mut HashSet<UserId>,
    ) -> Planned<(), P> {
        let without = |given: &[Option<UserId>], first| given.get(first) == Some(&None);
        let mut asked = HashSet::new();
        for (first, of_person) in by_person(claims) {
            if without(given, first) {
                // Of an id that is new, nobody can have had the user.
                let known = of_person.iter().filter(|claim| claim.bound != Bond::New);
                asked.extend(known.map(|claim| own_user(claim.role)));
            }
        }
        // Also users of roles that have left: they may come back.
        taken.extend(self.ever_bound(&asked)?);
        for (first, of_person) in by_person(claims) {
            if without(given, first) {
                let own = of_person.iter().map(|claim| own_user(claim.role));
                let user = own.into_iter().find(|own| taken.insert(*own));
                if let Some(slot) = given.get_mut(first) {
                    *slot = user;
                }
            }
        }
        Ok(())
    }
}

/// Step 1: the user that each person is given, at the place of their first claim.
fn ask(claims: &[Claim], given: &mut [Option<UserId>], taken: &mut HashSet<UserId>) {
    let mut asking: Vec<(&Claim, usize)> = Vec::with_capacity(claims.len());
    for (first, of_person) in by_person(claims) {
        asking.extend(of_person.iter().map(|claim| (claim, first)));
    }
    asking.sort_by_key(|(claim, _)| (claim.kind, claim.role));
    for (claim, first) in asking {
        if let (Bond::To(user), Some(slot)) = (claim.bound, given.get_mut(first))
            && slot.is_none()
            && taken.insert(user)
        {
            *slot = Some(user);
        }
    }
}

/// Each person's claims, and where the first of them stands.
fn by_person(claims: &[Claim]) -> impl Iterator<Item = (usize, &[Claim])> {
    let mut at = 0;
    claims.chunk_by(|one, next| one.person == next.person).map(move |claims| {
        let first = at;
        at += claims.len();
        (first, claims)
    })
}

fn claims_of_adults(roles: &RoleIds, adults: &[Adult], students: usize) -> Vec<Claim> {
    let all = adults.iter().enumerate().flat_map(|(number, adult)| {
        adult.roles().filter_map(move |(kind, index)| {
            claim(roles.of(kind), (kind, index), students + number)
        })
    });
    all.collect()
}

pub(super) fn claim(ids: &Ids, (kind, index): (RoleKind, Index), person: usize) -> Option<Claim> {
    let role = RoleId::from_bytes(ids.get(index)?);
    Some(Claim { kind, index, role, bound: ids.bond(index)?, person })
}

/// The users that somebody asks for, or may be given, beside those students who have their own.
fn wanted(adults: &[Claim], students: &Ids) -> HashSet<UserId> {
    let odd = students.odd().filter_map(|at| claim(students, (RoleKind::Student, at), 0));
    let mut wanted = HashSet::new();
    for claim in odd.chain(adults.iter().copied()) {
        wanted.insert(own_user(claim.role));
        if let Bond::To(user) = claim.bound {
            wanted.insert(user);
        }
    }
    wanted
}

/// The students whose user is not simply their own, or is wanted by somebody else too.
fn claims_of_students(students: &Ids, wanted: &HashSet<UserId>) -> Vec<Claim> {
    let positions = (0..students.len()).filter_map(Index::of);
    let looked_at = positions.filter(|at| {
        let id = students.get(*at).map(RoleId::from_bytes);
        students.is_odd(*at) || id.is_some_and(|id| wanted.contains(&own_user(id)))
    });
    let claims = looked_at.filter_map(|at| claim(students, (RoleKind::Student, at), at.position()));
    claims.collect()
}

/// The user id of a person who has only this role and always had. It is not the role's own
/// twelve bytes: an application that takes one for the other must not work by chance. Only the
/// last four differ, so that people come in the order of their roles.
pub(super) fn own_user(role: RoleId) -> UserId {
    const APART: [u8; 4] = [0xa5, 0x5a, 0xc3, 0x3c];
    let mut bytes = role.to_bytes();
    for (byte, apart) in bytes.iter_mut().rev().zip(APART) {
        *byte ^= apart;
    }
    UserId::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_and_its_own_user_have_different_ids_of_the_same_second() {
        let role: RoleId = "62817c88dc4dc002ea40b594".parse().expect("24 digits");
        let user = own_user(role);
        assert_ne!(user.to_bytes(), role.to_bytes());
        assert_eq!(user.to_bytes()[..8], role.to_bytes()[..8]);
    }
}
