//! A district administrator opens the portal as somebody else of the same district: to see what they
//! see, with a reason, for a short while, and never unmarked.

use std::time::Duration;

use super::session::{Impersonator, Session};
use crate::error::{self, Face};
use crate::roster::{RoleKind, User};
use crate::secret::{Random, Secret};
use crate::time::Timestamp;

/// It ends after this long.
pub const LONGEST: Duration = Duration::from_mins(15);

/// A reason is a sentence, so that whoever reads the log understands it.
pub const SHORTEST_REASON: usize = 10;

/// And no essay.
pub const LONGEST_REASON: usize = 200;

/// Why nobody is impersonated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImpersonationRefusal {
    /// Only a district administrator may, in that role.
    #[error("only a district administrator may act as somebody else")]
    NotAdministrator,
    /// Who acts as somebody else does not act as a third.
    #[error("whoever acts as somebody else does not act as a third")]
    Already,
    /// Administrators are not impersonated.
    #[error("nobody acts as an administrator")]
    IsAdministrator,
    /// The person is suspended.
    #[error("the person is suspended")]
    Suspended,
    /// The reason is missing, or no sentence.
    #[error("a reason has at least {SHORTEST_REASON} characters")]
    ReasonTooShort,
    /// The reason is no sentence.
    #[error("a reason has at most {LONGEST_REASON} characters, and no control characters")]
    ReasonTooLong,
}

impl ImpersonationRefusal {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::NotAdministrator
            | Self::IsAdministrator
            | Self::Suspended
            | Self::ReasonTooShort
            | Self::ReasonTooLong => &error::IMPERSONATION_REFUSED,
            Self::Already => &error::NOT_WHILE_IMPERSONATING,
        }
    }
}

/// Whether somebody with this session may act as somebody else at all.
///
/// # Errors
/// [`ImpersonationRefusal::Already`] or [`ImpersonationRefusal::NotAdministrator`].
pub fn may_begin(session: &Session, admin: &User) -> Result<(), ImpersonationRefusal> {
    if session.impersonator.is_some() {
        return Err(ImpersonationRefusal::Already);
    }
    let comes_as = admin.role_by_id(session.role).map(|role| role.kind);
    if comes_as == Some(RoleKind::DistrictAdmin) {
        Ok(())
    } else {
        Err(ImpersonationRefusal::NotAdministrator)
    }
}

/// Begins it: the session that takes the place of the administrator's, and the secret that the
/// browser keeps. The other person is of the same district by the way they were looked up.
///
/// # Errors
/// See [`ImpersonationRefusal`].
pub fn begin(
    session: &Session,
    admin: &User,
    other: &User,
    reason: &str,
    now: Timestamp,
    random: &mut dyn Random,
) -> Result<(Secret, Session), ImpersonationRefusal> {
    may_begin(session, admin)?;
    if other.role(RoleKind::DistrictAdmin).is_some() {
        return Err(ImpersonationRefusal::IsAdministrator);
    }
    if other.suspended_since.is_some() {
        return Err(ImpersonationRefusal::Suspended);
    }
    let reason = reason.trim();
    if reason.chars().count() > LONGEST_REASON || reason.contains(char::is_control) {
        return Err(ImpersonationRefusal::ReasonTooLong);
    }
    if reason.chars().count() < SHORTEST_REASON {
        return Err(ImpersonationRefusal::ReasonTooShort);
    }
    let role = other.roles.first().map(|role| role.id).ok_or(ImpersonationRefusal::Suspended)?;
    let (secret, begun) =
        Session::begin(session.district, (other.id, other.generation), role, now, random);
    let impersonator = Some(Impersonator {
        user: admin.id,
        generation: session.generation,
        role: session.role,
        until: now + LONGEST,
    });
    // The administrator's own session goes on being as old as it is.
    Ok((secret, Session { began: session.began, impersonator, ..begun }))
}

/// Ends it: the administrator's own session again, under a new secret. None where nobody is
/// impersonated.
pub fn end(
    session: &Session,
    now: Timestamp,
    random: &mut dyn Random,
) -> Option<(Secret, Session)> {
    let admin = session.impersonator?;
    let whose = (admin.user, admin.generation);
    let (secret, own) = Session::begin(session.district, whose, admin.role, now, random);
    Some((secret, Session { began: session.began, ..own }))
}

/// Whether it may go on: for as long as it was begun for, while the administrator is one and was not
/// signed out, and while the other person is none. `admin` is whom the roster has now under the administrator's id.
pub fn may_go_on(
    impersonator: Impersonator,
    admin: Option<&User>,
    other: &User,
    now: Timestamp,
) -> bool {
    now < impersonator.until
        && other.role(RoleKind::DistrictAdmin).is_none()
        && admin.is_some_and(|admin| {
            admin.suspended_since.is_none()
                && admin.generation == impersonator.generation
                && admin
                    .role_by_id(impersonator.role)
                    .is_some_and(|role| role.kind == RoleKind::DistrictAdmin)
        })
}

/// What an administrator may not do while acting as somebody else: whatever would bind that person
/// or reach further than looking.
///
/// # Errors
/// [`ImpersonationRefusal::Already`] in such a session.
pub fn forbid(session: &Session) -> Result<(), ImpersonationRefusal> {
    match session.impersonator {
        Some(_) => Err(ImpersonationRefusal::Already),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::ImpersonationRefusal as No;
    use super::*;
    use crate::id::UserId;
    use crate::roster::{Details, Generation, PersonName, Role};
    use crate::secret::tests::Counting;

    fn id<T: std::str::FromStr>(digit: char) -> T
    where
        T::Err: std::fmt::Debug,
    {
        digit.to_string().repeat(24).parse().expect("an id")
    }

    fn person(digit: char, kinds: &[(RoleKind, char)]) -> User {
        let role = |(kind, digit): &(RoleKind, char)| Role {
            id: id(*digit),
            kind: *kind,
            sis_id: "7".into(),
            details: Details::new(),
        };
        User {
            id: id::<UserId>(digit),
            email: None,
            name: PersonName::default(),
            created: Timestamp::default(),
            last_modified: Timestamp::default(),
            suspended_since: None,
            generation: Generation::default(),
            roles: kinds.iter().map(role).collect(),
        }
    }

    #[test]
    fn who_may_act_as_whom() {
        let admin = person('a', &[(RoleKind::Teacher, '1'), (RoleKind::DistrictAdmin, '2')]);
        let student = person('b', &[(RoleKind::Student, '3')]);
        let other_admin = person('c', &[(RoleKind::Staff, '4'), (RoleKind::DistrictAdmin, '5')]);
        let suspended = User { suspended_since: Some(Timestamp::default()), ..student.clone() };
        let now = Timestamp::from_milliseconds(1_000_000);
        let as_role = |role| {
            let whose = (admin.id, admin.generation);
            Session::begin(id('d'), whose, id(role), now, &mut Counting(0)).1
        };
        let acting = Session {
            impersonator: Some(Impersonator {
                user: admin.id,
                generation: admin.generation,
                role: id('2'),
                until: now,
            }),
            ..as_role('2')
        };
        let reason = "She cannot open the reading app.";
        let essay = "so ".repeat(70);
        for (name, session, other, reason, expected) in [
            ("a student", as_role('2'), &student, reason, Ok(id('b'))),
            ("in another role", as_role('1'), &student, reason, Err(No::NotAdministrator)),
            ("another administrator", as_role('2'), &other_admin, reason, Err(No::IsAdministrator)),
            ("somebody suspended", as_role('2'), &suspended, reason, Err(No::Suspended)),
            ("without a reason", as_role('2'), &student, "because", Err(No::ReasonTooShort)),
            ("with an essay", as_role('2'), &student, essay.as_str(), Err(No::ReasonTooLong)),
            ("in two lines", as_role('2'), &student, "she cannot\nlog in", Err(No::ReasonTooLong)),
            ("a third person", acting.clone(), &student, reason, Err(No::Already)),
        ] {
            let begun = begin(&session, &admin, other, reason, now, &mut Counting(9));
            assert_eq!(begun.map(|(_, session)| session.user), expected, "{name}");
        }
        let (_, own) = end(&acting, now, &mut Counting(3)).expect("an end");
        assert_eq!((own.user, own.role, own.impersonator), (admin.id, id('2'), None));
        assert!(end(&own, now, &mut Counting(3)).is_none());
        let begun = acting.impersonator.expect("an administrator");
        let (before, after) = (now.earlier_by(Duration::from_secs(1)), now);
        let demoted = person('a', &[(RoleKind::Teacher, '1'), (RoleKind::Staff, '2')]);
        let gone = User { suspended_since: Some(now), ..admin.clone() };
        let signed_out = User { generation: Generation::after(1), ..admin.clone() };
        for (name, admin, other, now, goes_on) in [
            ("as begun", Some(&admin), &student, before, true),
            ("its time is over", Some(&admin), &student, after, false),
            ("the administrator is suspended", Some(&gone), &student, before, false),
            ("or was signed out", Some(&signed_out), &student, before, false),
            ("or none any more", Some(&demoted), &student, before, false),
            ("or has left", None, &student, before, false),
            ("the person has become one", Some(&admin), &other_admin, before, false),
        ] {
            assert_eq!(may_go_on(begun, admin, other, now), goes_on, "{name}");
        }
        assert_eq!(forbid(&own), Ok(()));
        assert_eq!(forbid(&acting), Err(No::Already));
    }
}
