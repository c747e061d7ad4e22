//! What the token of a person reaches: its own person, roles and district, and where the tier
//! shares sections, those that the application sees.

use firstbell_protocol::vocabulary::RoleKind;

use super::{AccessTier, AuthorizedBy, Case, Entry, links};
use crate::error::{self, Face};
use crate::id::{DistrictId, RoleId, SectionId, UserId};
use crate::roster::{Role, User};

/// The object is not one that the token reaches. Whether there is such an object is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token does not reach this object")]
pub struct OutOfScope;

impl OutOfScope {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        &error::OUT_OF_SCOPE
    }
}

/// Whether a token of this person reads the person with this id: it reads its own person.
///
/// # Errors
/// [`OutOfScope`] for anybody else.
pub fn reach_person(owner: &User, asked: UserId) -> Result<(), OutOfScope> {
    if asked == owner.id { Ok(()) } else { Err(OutOfScope) }
}

/// The role with this id, if a token of this person reads it: it reads the roles that the
/// application sees, each under the name of its kind.
///
/// # Errors
/// [`OutOfScope`] for any other.
pub fn reach_role<'a>(
    entry: &Entry<'a>,
    kind: RoleKind,
    asked: RoleId,
) -> Result<&'a Role, OutOfScope> {
    let mut roles = entry.roles.iter();
    roles.find(|role| role.kind == kind && role.id == asked).copied().ok_or(OutOfScope)
}

/// Whether a token of a person of district `own` reads the district `asked`: it reads its own.
///
/// # Errors
/// [`OutOfScope`] for any other.
pub fn reach_district(own: DistrictId, asked: DistrictId) -> Result<(), OutOfScope> {
    if asked == own { Ok(()) } else { Err(OutOfScope) }
}

/// Whether tokens of people read sections of their own: those of the Classroom tier do (a person's
/// token of the other tiers reads none: the roster is read with the district's token).
///
/// # Errors
/// [`OutOfScope`] where they do not.
pub fn reads_sections(tier: AccessTier) -> Result<(), OutOfScope> {
    match tier {
        AccessTier::Classroom => Ok(()),
        AccessTier::DistrictSso | AccessTier::SecureSync => Err(OutOfScope),
    }
}

/// The sections that a token of this person reads: those of the role they came in; where a teacher
/// let the application in, only the ones she shares.
pub fn reach_section(case: &Case<'_>, entry: &Entry<'_>) -> Vec<SectionId> {
    let own = case.ties.sections.iter().filter(|tie| tie.role == entry.role.id);
    let is_shared = |section: SectionId| match entry.authorized_by {
        AuthorizedBy::District => true,
        AuthorizedBy::Teacher => links(case).any(|link| link.sections.contains(&section)),
    };
    own.map(|tie| tie.section).filter(|section| is_shared(*section)).collect()
}
