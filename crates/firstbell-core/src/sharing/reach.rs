//! What the token of a person reaches: its own person, roles and district, and where the tier
//! shares sections, those that the application sees.

use firstbell_protocol::vocabulary::RoleKind;

use super::derivation::Silent;
use super::{AccessTier, AuthorizedBy, Case, Entry, SectionTie, Ties, links};
use crate::application::{Application, Connection, ConnectionState};
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

/// Why an application does not read a whole district.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DistrictRefusal {
    /// The district does not let the application in now, or the application is turned off.
    #[error("the district does not let the application in")]
    NotConnected,
    /// The application's tier does not reach the roster.
    #[error(transparent)]
    OutOfScope(#[from] OutOfScope),
}

/// Whether an application reads a whole district with a token of its own: one of the tier Secure
/// Sync does, where the district lets it in.
///
/// # Errors
/// See [`DistrictRefusal`].
pub fn reads_district(
    application: &Application,
    connection: Option<&Connection>,
) -> Result<(), DistrictRefusal> {
    let is_open = connection.is_some_and(|link| link.state == ConnectionState::Active);
    if !is_open || application.disabled.is_some() {
        return Err(DistrictRefusal::NotConnected);
    }
    match application.tier {
        AccessTier::SecureSync => Ok(()),
        AccessTier::DistrictSso | AccessTier::Classroom => Err(OutOfScope.into()),
    }
}

/// The sections that a token of this person reads: those of the roles that the application sees.
/// Where a teacher let the application in, only the ones that are shared by links; where the district
/// did, only the ones that one of its rules fits together with the role.
pub fn reach_section(case: &Case<'_>, entry: &Entry<'_>) -> Vec<SectionId> {
    let seen = |tie: &SectionTie| entry.roles.iter().find(|role| role.id == tie.role).copied();
    let is_shared = |tie: &SectionTie, role: &Role| match (entry.authorized_by, case.connection) {
        (AuthorizedBy::Teacher, _) => links(case).any(|link| link.sections.contains(&tie.section)),
        (AuthorizedBy::District, Some(connection)) => {
            // As if it were the only section.
            let alone = Ties {
                schools: vec![(tie.role, tie.school)],
                sections: vec![tie.clone()],
                links: Vec::new(),
            };
            super::is_shared(&connection.sharing, role, &alone, &mut Silent)
        }
        (AuthorizedBy::District, None) => false,
    };
    let ties = case.ties.sections.iter();
    let shared = ties.filter(|tie| seen(tie).is_some_and(|role| is_shared(tie, role)));
    shared.map(|tie| tie.section).collect()
}

/// Whether a token of somebody who came in this way reads who else is in a section: a teacher's
/// does, a student's does not.
///
/// # Errors
/// [`OutOfScope`] where it does not.
pub fn reach_classmates(entry: &Entry<'_>) -> Result<(), OutOfScope> {
    let teaches = entry.roles.iter().any(|role| role.kind == RoleKind::Teacher);
    if teaches { Ok(()) } else { Err(OutOfScope) }
}

/// Whether somebody is told who is in a section that a token reads, `case` being theirs: everybody
/// where the teacher shares the section; where the district does, whom it shares.
pub fn is_told(case: &Case<'_>, role: &Role, authorized_by: AuthorizedBy) -> bool {
    match (authorized_by, case.connection) {
        (AuthorizedBy::Teacher, _) => true,
        (AuthorizedBy::District, Some(connection)) => {
            super::is_shared(&connection.sharing, role, case.ties, &mut Silent)
        }
        (AuthorizedBy::District, None) => false,
    }
}
