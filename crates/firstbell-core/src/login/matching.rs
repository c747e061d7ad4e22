//! Who the person is that an identity provider vouches for, and whether they may come in.

use crate::error::{self, Face};
use crate::id::RoleId;
use crate::roster::User;

/// What an identity provider says about who came. A further provider adds what it knows people
/// by: an email address, an id of the student information system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// The holder of this role: a district password belongs to a role.
    Role(RoleId),
}

/// Why somebody who proved who they are does not come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEntry {
    /// The district's roster does not have them any more.
    #[error("the person is not in the roster")]
    NotInRoster,
    /// An administrator has suspended them.
    #[error("the person is suspended")]
    Suspended,
}

impl NoEntry {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::NotInRoster => &error::PERSON_NOT_IN_ROSTER,
            Self::Suspended => &error::PERSON_SUSPENDED,
        }
    }
}

/// The person whom the identity provider vouches for, and the role in which they come. `found` is
/// whom the roster has under that identity.
///
/// # Errors
/// See [`NoEntry`].
pub fn enter(identity: Identity, found: Option<User>) -> Result<(User, RoleId), NoEntry> {
    let Identity::Role(role) = identity;
    let user = found.filter(|user| user.role_by_id(role).is_some()).ok_or(NoEntry::NotInRoster)?;
    match user.suspended_since {
        Some(_) => Err(NoEntry::Suspended),
        None => Ok((user, role)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::{Details, Generation, PersonName, Role, RoleKind};
    use crate::time::Timestamp;

    fn id<T: std::str::FromStr>(digit: char) -> T
    where
        T::Err: std::fmt::Debug,
    {
        digit.to_string().repeat(24).parse().expect("an id")
    }

    fn user(suspended_since: Option<Timestamp>) -> User {
        let role = Role {
            id: id('1'),
            kind: RoleKind::Student,
            sis_id: "7".into(),
            details: Details::new(),
        };
        User {
            id: id('a'),
            email: None,
            name: PersonName::default(),
            created: Timestamp::default(),
            last_modified: Timestamp::default(),
            suspended_since,
            generation: Generation::default(),
            roles: vec![role],
        }
    }

    #[test]
    fn who_comes_in() {
        let (mine, gone) = (Identity::Role(id('1')), Identity::Role(id('2')));
        let since = Some(Timestamp::default());
        for (name, identity, found, expected) in [
            ("in the roster", mine, Some(user(None)), Ok(id('1'))),
            ("suspended", mine, Some(user(since)), Err(NoEntry::Suspended)),
            ("gone", mine, None, Err(NoEntry::NotInRoster)),
            ("there, but without the role", gone, Some(user(None)), Err(NoEntry::NotInRoster)),
        ] {
            assert_eq!(enter(identity, found).map(|(_, role)| role), expected, "{name}");
        }
    }
}
