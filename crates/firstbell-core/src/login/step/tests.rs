use super::*;
use crate::application::tests::flightschool;
use crate::application::{ConnectionState, Sharing};
use crate::login::session::Impersonator;
use crate::roster::{Details, Generation, PersonName};
use crate::secret::Secret;
use crate::sharing::AccessTier;

fn id<T: std::str::FromStr>(digit: char) -> T
where
    T::Err: std::fmt::Debug,
{
    digit.to_string().repeat(24).parse().expect("an id")
}

const LATE: Timestamp = Timestamp::from_milliseconds(60_000);

fn visitor(kind: RoleKind) -> Visitor {
    let role = Role { id: id('1'), kind, sis_id: "7".into(), details: Details::new() };
    Visitor {
        session: Session {
            secret_hash: Secret::from_text("s").hash(),
            district: id('d'),
            user: id('a'),
            generation: Generation::default(),
            role: id('1'),
            began: LATE,
            last_seen: LATE,
            impersonator: None,
        },
        user: User {
            id: id('a'),
            email: None,
            name: PersonName::default(),
            created: Timestamp::default(),
            last_modified: Timestamp::default(),
            suspended_since: None,
            generation: Generation::default(),
            roles: vec![role],
        },
        ties: Ties::default(),
    }
}

fn connection() -> Connection {
    Connection {
        application: flightschool().id,
        district: id('d'),
        state: ConnectionState::Active,
        sharing: Sharing::everyone(),
        since: Timestamp::default(),
    }
}

#[test]
fn each_situation_has_its_step() {
    let application = flightschool();
    let connection = connection();
    let plain = Demands::default();
    let door = |connection| Door {
        application: &application,
        connection,
        classroom: ClassroomPolicy::Allowed,
    };
    let open = Some((door(Some(&connection)), &plain));
    let closed = Some((door(None), &plain));
    let ana = visitor(RoleKind::Student);
    let mut suspended = visitor(RoleKind::Student);
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
        let situation = Situation { district, visitor, door, waited: None };
        assert_eq!(next(&situation), expected, "{name}");
    }
}

#[test]
fn what_an_application_demands_of_who_is_logged_in() {
    let application = flightschool();
    let connection = connection();
    let door = Door {
        application: &application,
        connection: Some(&connection),
        classroom: ClassroomPolicy::Allowed,
    };
    let (ana, teacher) = (visitor(RoleKind::Student), visitor(RoleKind::Teacher));
    let mut watched = visitor(RoleKind::Student);
    watched.session.impersonator = Some(Impersonator {
        user: id('9'),
        generation: Generation::default(),
        role: id('8'),
        until: LATE,
    });
    let hash = ana.session.secret_hash;
    let (issue, sign_in) = (Step::Issue(id('1')), Step::SignIn(id('d')));
    let confirm = Demands { confirm: true, ..Demands::default() };
    let since = |at| Demands { fresh_since: Some(at), ..Demands::default() };
    let hinted = |user| Demands { hinted: Some(user), ..Demands::default() };
    let waited = |present, vouched| Some(Waited { present, vouched });
    let (mine, other) = (Some(hash), Some(Secret::from_text("other").hash()));
    let after = Timestamp::from_milliseconds(60_001);

    for (name, visitor, demands, waited, expected) in [
        ("is this you?", &ana, &confirm, None, Step::Confirm),
        ("a teacher is not asked", &teacher, &confirm, None, issue.clone()),
        ("nor an administrator who acts as her", &watched, &confirm, None, issue.clone()),
        ("it is", &ana, &confirm, waited(mine, mine), issue.clone()),
        ("she signed in on the way", &ana, &confirm, waited(None, mine), issue.clone()),
        ("asked, not answered", &ana, &confirm, waited(mine, None), Step::Confirm),
        ("a session that is fresh enough", &ana, &since(LATE), None, issue.clone()),
        ("one that is not", &ana, &since(after), None, sign_in.clone()),
        ("whom the hint names", &ana, &hinted(id('a')), None, issue.clone()),
        ("somebody else", &ana, &hinted(id('b')), None, sign_in),
        (
            "somebody logged in meanwhile",
            &ana,
            &Demands::default(),
            waited(None, None),
            Step::Superseded,
        ),
        ("after somebody else", &ana, &Demands::default(), waited(other, other), Step::Superseded),
        ("she was there before", &ana, &Demands::default(), waited(mine, None), issue),
    ] {
        let door = Some((door, demands));
        let situation = Situation { district: None, visitor: Some(visitor), door, waited };
        assert_eq!(next(&situation), expected, "{name}");
    }
}

#[test]
fn a_teacher_is_asked_whether_she_connects_an_application_of_the_classroom_tier() {
    let mut application = flightschool();
    application.tier = AccessTier::Classroom;
    let demands = Demands::default();
    let step = |visitor: &Visitor, classroom| {
        let door = Door { application: &application, connection: None, classroom };
        let door = Some((door, &demands));
        next(&Situation { district: None, visitor: Some(visitor), door, waited: None })
    };
    let mut teacher = visitor(RoleKind::Teacher);
    assert_eq!(step(&teacher, ClassroomPolicy::Allowed), Step::AskTeacher);
    assert_eq!(step(&teacher, ClassroomPolicy::Off), Step::Refuse(SharingRefusal::ClassroomOff));
    let student = visitor(RoleKind::Student);
    assert_eq!(
        step(&student, ClassroomPolicy::Allowed),
        Step::Refuse(SharingRefusal::TeacherNotConnected)
    );
    teacher.session.impersonator = Some(Impersonator {
        user: id('9'),
        generation: Generation::default(),
        role: id('8'),
        until: LATE,
    });
    assert_eq!(
        step(&teacher, ClassroomPolicy::Allowed),
        Step::Refuse(SharingRefusal::TeacherMayConnect),
        "nobody agrees for her"
    );
}
