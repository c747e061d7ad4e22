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
use firstbell_core::roster::change::CurrentRoster;
use firstbell_core::secret::Random;
use firstbell_core::time::Timestamp;

use crate::snapshot::Index;

/// What a record is bound to.
pub(super) type Bound = ([u8; 12], Option<UserId>);

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

/// Gives each of `people` a user id. `claims` names each person's roles in order.
pub(super) fn assign(
    people: usize,
    claims: &[Claim],
    current: &CurrentRoster,
    now: Timestamp,
    random: &mut dyn Random,
) -> Vec<UserId> {
    let mut users: Vec<Option<UserId>> = vec![None; people];
    let mut taken = HashSet::with_capacity(people);
    let mut asking: Vec<&Claim> = claims.iter().collect();
    asking.sort_by_key(|claim| (claim.kind, claim.role));
    for claim in asking {
        if let (Bond::To(user), Some(slot)) = (claim.bound, users.get_mut(claim.person))
            && slot.is_none()
            && taken.insert(user)
        {
            *slot = Some(user);
        }
    }
    if users.iter().any(Option::is_none) {
        // Also users of roles that have left: they may come back.
        taken.extend(current.bindings.values().filter_map(|(_, user)| *user));
        for claim in claims {
            let own = own_user(claim.role);
            if let Some(slot) = users.get_mut(claim.person)
                && slot.is_none()
                && taken.insert(own)
            {
                *slot = Some(own);
            }
        }
    }
    users.into_iter().map(|user| user.unwrap_or_else(|| UserId::new(now, random))).collect()
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
