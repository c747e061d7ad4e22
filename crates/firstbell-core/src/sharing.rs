//! The one answer to "may this application see this person, and which fields".
//!
//! Every reply that tells an application something about a person is made from a [`View`], and
//! only [`view`] makes one. Who may enter at all is [`admit`].

use firstbell_protocol::vocabulary::RoleKind;

use crate::application::{Application, Connection, ConnectionScope};
use crate::error::{self, Face};
use crate::id::{DistrictId, RoleId, SchoolId, UserId};
use crate::roster::{Email, Role, User};
use crate::time::Timestamp;

/// How much an application sees of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTier {
    /// Who somebody is, and nothing of the roster: id, type, district, first and last name,
    /// email.
    DistrictSso,
}

impl AccessTier {
    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DistrictSso => "district_sso",
        }
    }

    /// What the tier may read, in the order in which `scope` names it.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::DistrictSso => {
                "read:district_admins_basic read:school_admins_basic read:students_basic \
                 read:teachers_basic read:user_id"
            }
        }
    }
}

/// Why a person may not enter an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharingRefusal {
    /// The person's district has not connected the application.
    #[error("the district has not connected the application")]
    NotConnected,
    /// The district shares others, but not this person.
    #[error("the district does not share this person with the application")]
    NotShared,
    /// The application serves none of the person's roles.
    #[error("the application serves none of the person's roles")]
    UserTypeNotServed,
    /// An administrator has suspended the person.
    #[error("the person is suspended")]
    Suspended,
}

impl SharingRefusal {
    /// How the refusal is told.
    pub const fn face(self) -> &'static Face {
        match self {
            Self::NotConnected => &error::APPLICATION_NOT_CONNECTED,
            Self::NotShared => &error::PERSON_NOT_SHARED,
            Self::UserTypeNotServed => &error::USER_TYPE_NOT_SUPPORTED,
            Self::Suspended => &error::PERSON_SUSPENDED,
        }
    }
}

/// Whether the person may enter the application, and in which role: the role they logged in
/// with if the application serves it, else the first that it does.
///
/// `schools` are the schools of any of the person's roles; they matter only where the connection
/// names schools (see [`needs_schools`]).
///
/// # Errors
/// The first of [`SharingRefusal`] that holds: suspension, connection, sharing, user type.
pub fn admit<'a>(
    application: &Application,
    connection: Option<&Connection>,
    user: &'a User,
    login_role: RoleId,
    schools: &[SchoolId],
) -> Result<&'a Role, SharingRefusal> {
    if user.suspended_since.is_some() {
        return Err(SharingRefusal::Suspended);
    }
    let connection = connection.ok_or(SharingRefusal::NotConnected)?;
    if !is_shared(connection, user, schools) {
        return Err(SharingRefusal::NotShared);
    }
    let served = |role: &&Role| application.serves(role.kind);
    user.role_by_id(login_role)
        .filter(served)
        .or_else(|| user.roles.iter().find(served))
        .ok_or(SharingRefusal::UserTypeNotServed)
}

/// Whether [`admit`] must be told the person's schools.
pub fn needs_schools(connection: Option<&Connection>) -> bool {
    connection.is_some_and(|connection| matches!(connection.scope, ConnectionScope::Schools(_)))
}

fn is_shared(connection: &Connection, user: &User, schools: &[SchoolId]) -> bool {
    match &connection.scope {
        ConnectionScope::Everyone => true,
        ConnectionScope::Schools(shared) => {
            user.role(RoleKind::DistrictAdmin).is_some()
                || schools.iter().any(|school| shared.contains(school))
        }
    }
}

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

/// The role with this id, if a token of this person reads it: it reads the person's own roles, each
/// under the name of its kind.
///
/// # Errors
/// [`OutOfScope`] for any other.
pub fn reach_role(owner: &User, kind: RoleKind, asked: RoleId) -> Result<&Role, OutOfScope> {
    owner.role_by_id(asked).filter(|role| role.kind == kind).ok_or(OutOfScope)
}

/// Whether a token of a person of district `own` reads the district `asked`: it reads its own.
///
/// # Errors
/// [`OutOfScope`] for any other.
pub fn reach_district(own: DistrictId, asked: DistrictId) -> Result<(), OutOfScope> {
    if asked == own { Ok(()) } else { Err(OutOfScope) }
}

/// What an application may see of a person.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The person's id.
    pub id: UserId,
    /// First name.
    pub first_name: &'a str,
    /// Last name.
    pub last_name: &'a str,
    /// The email address, if there is one.
    pub email: Option<&'a Email>,
    /// When the roster first named the person.
    pub created: Timestamp,
    /// When the roster last changed the person.
    pub last_modified: Timestamp,
    /// The kinds and ids of the person's roles that the application serves.
    pub roles: Vec<(RoleKind, RoleId)>,
}

/// The person as an application of this tier sees them. A role that the application does not
/// serve is not told.
pub fn view<'a>(application: &Application, user: &'a User) -> View<'a> {
    match application.tier {
        AccessTier::DistrictSso => View {
            id: user.id,
            first_name: &user.name.first,
            last_name: &user.name.last,
            email: user.email.as_ref(),
            created: user.created,
            last_modified: user.last_modified,
            roles: user
                .roles
                .iter()
                .filter(|role| application.serves(role.kind))
                .map(|role| (role.kind, role.id))
                .collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::tests::flightschool;
    use crate::roster::{Details, PersonName};

    fn id<T: std::str::FromStr>(digit: char) -> T
    where
        T::Err: std::fmt::Debug,
    {
        digit.to_string().repeat(24).parse().expect("an id")
    }

    fn role(kind: RoleKind, digit: char) -> Role {
        let details = Details::from([("grade".to_owned(), "4".to_owned())]);
        Role { id: id(digit), kind, sis_id: "77".into(), details }
    }

    fn person(roles: Vec<Role>) -> User {
        User {
            id: id('a'),
            email: "ana@school.example".parse().ok(),
            name: PersonName {
                first: "Ana".into(),
                middle: Some("María".into()),
                last: "Núñez".into(),
            },
            created: Timestamp::from_milliseconds(1),
            last_modified: Timestamp::from_milliseconds(2),
            suspended_since: None,
            roles,
        }
    }

    fn connection(scope: ConnectionScope) -> Connection {
        Connection {
            application: flightschool().id,
            district: id::<DistrictId>('d'),
            scope,
            since: Timestamp::from_milliseconds(0),
        }
    }

    #[test]
    fn who_may_enter_and_why_not() {
        use SharingRefusal as R;
        let student = || person(vec![role(RoleKind::Student, '1')]);
        let staff = || person(vec![role(RoleKind::Staff, '2')]);
        let admin =
            || person(vec![role(RoleKind::Teacher, '3'), role(RoleKind::DistrictAdmin, '4')]);
        let suspended = User { suspended_since: Some(Timestamp::default()), ..student() };
        let everyone = Some(connection(ConnectionScope::Everyone));
        let north = Some(connection(ConnectionScope::Schools(vec![id('e')])));

        for (name, connection, user, schools, expected) in [
            ("shared with everyone", &everyone, student(), vec![], Ok('1')),
            ("not connected", &None, student(), vec![], Err(R::NotConnected)),
            ("in a shared school", &north, student(), vec![id('f'), id('e')], Ok('1')),
            ("in another school", &north, student(), vec![id('f')], Err(R::NotShared)),
            ("answers for the district", &north, admin(), vec![], Ok('3')),
            ("of no served type", &everyone, staff(), vec![], Err(R::UserTypeNotServed)),
            ("suspended, whatever else", &None, suspended, vec![], Err(R::Suspended)),
        ] {
            let login_role = user.roles[0].id;
            let answer = admit(&flightschool(), connection.as_ref(), &user, login_role, &schools);
            assert_eq!(answer.map(|role| role.id), expected.map(id), "{name}");
        }
    }

    #[test]
    fn a_token_reaches_its_person_their_roles_and_their_district_and_nothing_else() {
        let user = person(vec![role(RoleKind::Teacher, '3')]);
        assert_eq!(reach_person(&user, id('a')), Ok(()));
        assert_eq!(reach_person(&user, id('b')), Err(OutOfScope));
        assert!(reach_role(&user, RoleKind::Teacher, id('3')).is_ok());
        assert_eq!(reach_role(&user, RoleKind::Student, id('3')), Err(OutOfScope));
        assert_eq!(reach_role(&user, RoleKind::Teacher, id('4')), Err(OutOfScope));
        assert_eq!(reach_district(id('d'), id('d')), Ok(()));
        assert_eq!(reach_district(id('d'), id('e')), Err(OutOfScope));
    }

    #[test]
    fn the_role_of_the_login_wins_where_the_application_serves_it() {
        let both = person(vec![role(RoleKind::Teacher, '3'), role(RoleKind::Staff, '5')]);
        let connection = connection(ConnectionScope::Everyone);
        let mut application = flightschool();
        let entered = |application: &Application, login_role| {
            admit(application, Some(&connection), &both, id(login_role), &[]).map(|role| role.id)
        };
        assert_eq!(entered(&application, '5'), Ok(id('3')), "staff is not served");
        application.user_types.push(RoleKind::Staff);
        assert_eq!(entered(&application, '5'), Ok(id('5')));
        assert_eq!(entered(&application, '3'), Ok(id('3')));
    }

    #[test]
    fn the_district_sso_tier_sees_no_middle_name_no_grade_and_no_unserved_role() {
        let user = person(vec![role(RoleKind::Teacher, '3'), role(RoleKind::Staff, '5')]);
        let application = flightschool();
        let seen = view(&application, &user);
        assert_eq!((seen.first_name, seen.last_name), ("Ana", "Núñez"));
        assert_eq!(seen.roles, [(RoleKind::Teacher, id('3'))]);
        assert!(!format!("{seen:?}").contains("María"));
        assert!(!format!("{seen:?}").contains("grade"));
    }
}
