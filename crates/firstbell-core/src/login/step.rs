//! What must happen next before the person may go on. The dispatcher asks this after
//! every step; steps never lead to each other.

pub use firstbell_protocol::vocabulary::State;

use firstbell_protocol::vocabulary::RedirectUri;

use super::session::Session;
use crate::application::{Application, Connection};
use crate::id::{ApplicationId, DistrictId, RoleId, SchoolId};
use crate::roster::{Role, User};
use crate::secret::SecretHash;
use crate::sharing::{self, SharingRefusal};
use crate::time::Timestamp;

/// How long a begun login waits for its person.
pub const LOGIN_WAITS: std::time::Duration = std::time::Duration::from_mins(30);

/// A login that was begun and waits for its person.
#[derive(Debug, Clone)]
pub struct PendingLogin {
    /// Where the person wants to be.
    pub destination: Destination,
    /// Whose login page it is, once that is known.
    pub district: Option<DistrictId>,
    /// SHA-256 of the browser's own cookie: a login begun in one browser is not finished in
    /// another (login CSRF).
    pub browser: SecretHash,
    /// When it was begun.
    pub began: Timestamp,
}

impl PendingLogin {
    /// Whether its person took too long.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now.since(self.began) >= LOGIN_WAITS
    }
}

/// Where a person wants to be.
#[derive(Debug, Clone)]
pub enum Destination {
    /// In an application.
    Application {
        /// Which.
        application: ApplicationId,
        /// Where it takes them back. It was verified when the login was begun and is verified
        /// again before the person is sent there: a registration may change in between.
        redirect: RedirectUri,
        /// Its mark; none where the portal starts the login.
        state: Option<State>,
    },
    /// At their page of applications.
    Portal,
}

/// Somebody who is logged in on this browser.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Their session.
    pub session: Session,
    /// Who they are in the roster.
    pub user: User,
    /// The schools of their roles; may be left empty unless [`sharing::needs_schools`].
    pub schools: Vec<SchoolId>,
}

impl Visitor {
    /// The role they logged in with; their first one if the roster has since taken that away.
    pub fn role(&self) -> Option<&Role> {
        self.user.role_by_id(self.session.role).or_else(|| self.user.roles.first())
    }
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The person says which district is theirs.
    ChooseDistrict,
    /// The person proves who they are to this district.
    SignIn(DistrictId),
    /// The person may not go where they want to.
    Refuse(SharingRefusal),
    /// A code is issued for this role, and the person goes to the application.
    Issue(RoleId),
    /// The person goes to their portal.
    EnterPortal,
}

/// What is known about the application the person wants to enter.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// The application.
    pub application: &'a Application,
    /// That the visitor's district let it in.
    pub connection: Option<&'a Connection>,
}

/// The next step of a login. `door` is the application that the login leads to; none means the
/// portal.
pub fn next(
    district: Option<DistrictId>,
    visitor: Option<&Visitor>,
    door: Option<Door<'_>>,
) -> Step {
    let Some(visitor) = visitor else {
        return district.map_or(Step::ChooseDistrict, Step::SignIn);
    };
    if let Some(wanted) = district.filter(|wanted| *wanted != visitor.session.district) {
        return Step::SignIn(wanted);
    }
    let Some(door) = door else {
        return match visitor.user.suspended_since {
            Some(_) => Step::Refuse(SharingRefusal::Suspended),
            None => Step::EnterPortal,
        };
    };
    let login_role = visitor.session.role;
    match sharing::admit(
        door.application,
        door.connection,
        &visitor.user,
        login_role,
        &visitor.schools,
    ) {
        Ok(role) => Step::Issue(role.id),
        Err(refusal) => Step::Refuse(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::ConnectionScope;
    use crate::application::tests::flightschool;
    use crate::roster::{Details, PersonName, RoleKind};
    use crate::secret::Secret;

    fn id<T: std::str::FromStr>(digit: char) -> T
    where
        T::Err: std::fmt::Debug,
    {
        digit.to_string().repeat(24).parse().expect("an id")
    }

    fn visitor() -> Visitor {
        let role = Role {
            id: id('1'),
            kind: RoleKind::Student,
            sis_id: "7".into(),
            details: Details::new(),
        };
        Visitor {
            session: Session {
                secret_hash: Secret::from_text("s").hash(),
                district: id('d'),
                user: id('a'),
                role: id('1'),
                began: Timestamp::default(),
                last_seen: Timestamp::default(),
            },
            user: User {
                id: id('a'),
                email: None,
                name: PersonName::default(),
                created: Timestamp::default(),
                last_modified: Timestamp::default(),
                suspended_since: None,
                roles: vec![role],
            },
            schools: Vec::new(),
        }
    }

    #[test]
    fn each_situation_has_its_step() {
        let application = flightschool();
        let connection = Connection {
            application: application.id,
            district: id('d'),
            scope: ConnectionScope::Everyone,
            since: Timestamp::default(),
        };
        let open = Some(Door { application: &application, connection: Some(&connection) });
        let closed = Some(Door { application: &application, connection: None });
        let ana = visitor();
        let mut suspended = visitor();
        suspended.user.suspended_since = Some(Timestamp::default());
        let (home, away) = (Some(id('d')), Some(id('e')));

        for (name, district, visitor, door, expected) in [
            ("nobody, nowhere", None, None, open, Step::ChooseDistrict),
            ("nobody, at a district", home, None, open, Step::SignIn(id('d'))),
            ("Ana, any district", None, Some(&ana), open, Step::Issue(id('1'))),
            ("Ana, her district", home, Some(&ana), open, Step::Issue(id('1'))),
            ("Ana, another district", away, Some(&ana), open, Step::SignIn(id('e'))),
            ("Ana, to the portal", home, Some(&ana), None, Step::EnterPortal),
            (
                "Ana, an application that is not connected",
                home,
                Some(&ana),
                closed,
                Step::Refuse(SharingRefusal::NotConnected),
            ),
            (
                "suspended, to the portal",
                home,
                Some(&suspended),
                None,
                Step::Refuse(SharingRefusal::Suspended),
            ),
        ] {
            assert_eq!(next(district, visitor, door), expected, "{name}");
        }
    }
}
