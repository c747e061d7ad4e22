//! Step 4: who the person is that an identity provider vouches for.

use crate::id::RoleId;
use crate::roster::User;

/// What an identity provider says about who came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// The holder of this role: a district password belongs to a role.
    Role(RoleId),
}

/// Whether this person of the roster is who the identity provider vouches for, and in which
/// role they come.
pub fn role_of(identity: Identity, user: &User) -> Option<RoleId> {
    match identity {
        Identity::Role(role) => user.role_by_id(role).map(|role| role.id),
    }
}
