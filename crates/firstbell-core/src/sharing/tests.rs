use super::SharingRefusal as R;
use super::*;
use crate::application::tests::flightschool;
use crate::id::{DistrictId, UserId};
use crate::roster::{Details, Generation, PersonName};
use crate::time::Timestamp;

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

fn person(roles: &[(RoleKind, char)]) -> User {
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
        generation: Generation::default(),
        roles: roles.iter().map(|(kind, digit)| role(*kind, *digit)).collect(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what the questions take")]
fn connected(state: ConnectionState, sharing: Sharing) -> Option<Connection> {
    Some(Connection {
        application: flightschool().id,
        district: id::<DistrictId>('d'),
        state,
        sharing,
        since: Timestamp::from_milliseconds(0),
    })
}

fn active(rules: Vec<SharingRule>) -> Option<Connection> {
    connected(ConnectionState::Active, Sharing { rules, all_staff: false, ..Sharing::default() })
}

/// Who enters, in the first of their roles.
fn answer(
    application: &Application,
    connection: Option<&Connection>,
    classroom: ClassroomPolicy,
    user: &User,
    ties: &Ties,
) -> Result<(RoleId, Vec<RoleId>), SharingRefusal> {
    let login_role = user.roles[0].id;
    let case = Case { application, connection, classroom, user, login_role, ties };
    let told = why(&case);
    let entry = admit(&case);
    assert_eq!(told.verdict, entry.as_ref().map(|entry| entry.role.kind).map_err(|it| *it));
    assert_eq!(told.fields.is_empty(), entry.is_err(), "no fields without entry");
    entry.map(|entry| (entry.role.id, entry.roles.iter().map(|role| role.id).collect()))
}

fn at(schools: &[(char, char)]) -> Ties {
    let schools = schools.iter().map(|(role, school)| (id(*role), id(*school))).collect();
    Ties { schools, ..Ties::default() }
}

fn section(role: char, section: char, grade: &str, subject: &str) -> SectionTie {
    SectionTie {
        role: id(role),
        section: id(section),
        school: id('e'),
        grade: Some(grade.into()),
        subject: Some(subject.into()),
    }
}

const STUDENT: &[(RoleKind, char)] = &[(RoleKind::Student, '1')];
const STAFF: &[(RoleKind, char)] = &[(RoleKind::Staff, '2')];
const TEACHER_AND_ADMIN: &[(RoleKind, char)] =
    &[(RoleKind::Teacher, '3'), (RoleKind::DistrictAdmin, '4')];

#[test]
fn who_may_enter_and_why_not() {
    let everyone = connected(ConnectionState::Active, Sharing::everyone());
    let north = connected(ConnectionState::Active, Sharing::schools(vec![id('e')]));
    let nobody = active(vec![]);
    let state = |state| connected(state, Sharing::everyone());
    let suspended = User { suspended_since: Some(Timestamp::default()), ..person(STUDENT) };
    let none = || Ties::default();

    for (name, connection, user, ties, expected) in [
        ("shared with everyone", &everyone, person(STUDENT), none(), Ok('1')),
        ("not connected", &None, person(STUDENT), none(), Err(R::NotConnected)),
        ("paused", &state(ConnectionState::Paused), person(STUDENT), none(), Err(R::Paused)),
        (
            "disconnected",
            &state(ConnectionState::Disconnected),
            person(STUDENT),
            none(),
            Err(R::NotConnected),
        ),
        (
            "blocked",
            &state(ConnectionState::Blocked),
            person(STUDENT),
            none(),
            Err(R::NotConnected),
        ),
        (
            "recommended only",
            &state(ConnectionState::Recommended),
            person(STUDENT),
            none(),
            Err(R::NotConnected),
        ),
        ("no rule", &nobody, person(STUDENT), none(), Err(R::NotShared)),
        ("in a shared school", &north, person(STUDENT), at(&[('1', 'f'), ('1', 'e')]), Ok('1')),
        ("in another school", &north, person(STUDENT), at(&[('1', 'f')]), Err(R::NotShared)),
        (
            "only the other role is there",
            &north,
            person(TEACHER_AND_ADMIN),
            at(&[('3', 'f')]),
            Err(R::UserTypeNotServed),
        ),
        ("of no served type", &everyone, person(STAFF), none(), Err(R::UserTypeNotServed)),
        ("suspended, whatever else", &None, suspended, none(), Err(R::Suspended)),
    ] {
        let policy = ClassroomPolicy::Allowed;
        let answer = answer(&flightschool(), connection.as_ref(), policy, &user, &ties);
        assert_eq!(answer.map(|(role, _)| role), expected.map(id), "{name}");
    }
}

#[test]
fn nobody_enters_an_application_that_is_turned_off() {
    let mut application = flightschool();
    application.disabled = Some(Timestamp::default());
    let everyone = connected(ConnectionState::Active, Sharing::everyone());
    let policy = ClassroomPolicy::Allowed;
    let answer =
        answer(&application, everyone.as_ref(), policy, &person(STUDENT), &Ties::default());
    assert_eq!(answer, Err(R::Disabled));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn a_rule_fits_when_all_its_parts_do() {
    let any = SharingRule::default;
    let words = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect());
    let in_class = |role| Ties {
        schools: vec![(id(role), id('e'))],
        sections: vec![section(role, '7', "4", "Math")],
        ..Ties::default()
    };
    let teacher: &[(RoleKind, char)] = &[(RoleKind::Teacher, '3')];
    for (name, rule, roles, ties, fits) in [
        ("everybody", any(), STUDENT, Ties::default(), true),
        (
            "an empty part",
            SharingRule { schools: Some(vec![]), ..any() },
            STUDENT,
            in_class('1'),
            false,
        ),
        (
            "a section",
            SharingRule { sections: Some(vec![id('7')]), ..any() },
            STUDENT,
            in_class('1'),
            true,
        ),
        (
            "another section",
            SharingRule { sections: Some(vec![id('8')]), ..any() },
            STUDENT,
            in_class('1'),
            false,
        ),
        (
            "her section",
            SharingRule { sections: Some(vec![id('7')]), ..any() },
            teacher,
            in_class('3'),
            true,
        ),
        (
            "a grade",
            SharingRule { grades: words(&["3", "4"]), ..any() },
            STUDENT,
            Ties::default(),
            true,
        ),
        (
            "another grade",
            SharingRule { grades: words(&["3"]), ..any() },
            STUDENT,
            in_class('1'),
            false,
        ),
        (
            "the grade she teaches",
            SharingRule { grades: words(&["4"]), ..any() },
            teacher,
            in_class('3'),
            true,
        ),
        (
            "a subject, whatever its case",
            SharingRule { subjects: words(&["math"]), ..any() },
            STUDENT,
            in_class('1'),
            true,
        ),
        (
            "another subject",
            SharingRule { subjects: words(&["science"]), ..any() },
            STUDENT,
            in_class('1'),
            false,
        ),
        (
            "a kind of role",
            SharingRule { roles: Some(vec![RoleKind::Student]), ..any() },
            STUDENT,
            Ties::default(),
            true,
        ),
        (
            "another kind",
            SharingRule { roles: Some(vec![RoleKind::Student]), ..any() },
            teacher,
            in_class('3'),
            false,
        ),
        (
            "school and subject",
            SharingRule { schools: Some(vec![id('e')]), subjects: words(&["math"]), ..any() },
            STUDENT,
            in_class('1'),
            true,
        ),
        (
            "school but not subject",
            SharingRule { schools: Some(vec![id('e')]), subjects: words(&["art"]), ..any() },
            STUDENT,
            in_class('1'),
            false,
        ),
        (
            "somebody else's section",
            SharingRule { sections: Some(vec![id('7')]), ..any() },
            STUDENT,
            in_class('9'),
            false,
        ),
    ] {
        let connection = active(vec![SharingRule { roles: Some(vec![]), ..any() }, rule]);
        let policy = ClassroomPolicy::Allowed;
        let answer = answer(&flightschool(), connection.as_ref(), policy, &person(roles), &ties);
        assert_eq!(answer.is_ok(), fits, "{name}: {answer:?}");
    }
}

#[test]
fn all_staff_are_shared_where_the_district_says_so() {
    let mut application = flightschool();
    application.user_types = RoleKind::ALL.to_vec();
    let admit = |roles: &[(RoleKind, char)], all_staff| {
        let sharing = Sharing { rules: vec![], all_staff, ..Sharing::default() };
        let connection = connected(ConnectionState::Active, sharing);
        let policy = ClassroomPolicy::Allowed;
        answer(&application, connection.as_ref(), policy, &person(roles), &Ties::default())
    };
    assert_eq!(admit(STAFF, true), Ok((id('2'), vec![id('2')])));
    assert_eq!(admit(TEACHER_AND_ADMIN, true), Ok((id('4'), vec![id('4')])), "not the teacher");
    assert_eq!(admit(STUDENT, true), Err(R::NotShared));
    assert_eq!(admit(STAFF, false), Err(R::NotShared));
}

#[test]
fn the_role_of_the_login_wins_where_it_is_shared_and_served() {
    let both = person(&[(RoleKind::Teacher, '3'), (RoleKind::Staff, '5')]);
    let everyone = connected(ConnectionState::Active, Sharing::everyone());
    let mut application = flightschool();
    let entered = |application: &Application, login_role| {
        let case = Case {
            application,
            connection: everyone.as_ref(),
            classroom: ClassroomPolicy::Off,
            user: &both,
            login_role: id(login_role),
            ties: &Ties::default(),
        };
        admit(&case).map(|entry| entry.role.id)
    };
    assert_eq!(entered(&application, '5'), Ok(id('3')), "staff is not served");
    application.user_types.push(RoleKind::Staff);
    assert_eq!(entered(&application, '5'), Ok(id('5')));
    assert_eq!(entered(&application, '3'), Ok(id('3')));
}

fn classroom_application() -> Application {
    Application { tier: AccessTier::Classroom, ..flightschool() }
}

fn link(teacher: char, section: char) -> TeacherLink {
    TeacherLink {
        application: flightschool().id,
        district: id('d'),
        teacher: id::<UserId>(teacher),
        sections: vec![id(section)],
        since: Timestamp::default(),
    }
}

#[test]
fn what_a_teacher_connects() {
    let application = classroom_application();
    let teacher: &[(RoleKind, char)] = &[(RoleKind::Teacher, '3')];
    let (all, some, off) =
        (ClassroomPolicy::Allowed, ClassroomPolicy::Recommended, ClassroomPolicy::Off);
    let said = |state| connected(state, Sharing::everyone());
    let ties = |role, links: Vec<TeacherLink>| Ties {
        sections: vec![section(role, '7', "4", "math")],
        links,
        ..Ties::default()
    };
    let mine = || vec![link('a', '7')];
    let other = || vec![TeacherLink { application: id('9'), ..link('a', '7') }];

    for (name, connection, policy, roles, ties, expected) in [
        ("she has", None, all, teacher, ties('3', mine()), Ok('3')),
        ("she may", None, all, teacher, ties('3', vec![]), Err(R::TeacherMayConnect)),
        (
            "another has",
            None,
            all,
            teacher,
            ties('3', vec![link('b', '7')]),
            Err(R::TeacherMayConnect),
        ),
        ("another application", None, all, teacher, ties('3', other()), Err(R::TeacherMayConnect)),
        ("not recommended", None, some, teacher, ties('3', mine()), Err(R::ClassroomOff)),
        (
            "recommended",
            said(ConnectionState::Recommended),
            some,
            teacher,
            ties('3', mine()),
            Ok('3'),
        ),
        ("off", None, off, teacher, ties('3', mine()), Err(R::ClassroomOff)),
        (
            "blocked",
            said(ConnectionState::Blocked),
            all,
            teacher,
            ties('3', mine()),
            Err(R::NotConnected),
        ),
        (
            "the district wins",
            said(ConnectionState::Active),
            off,
            teacher,
            ties('3', vec![]),
            Ok('3'),
        ),
        ("her student", None, all, STUDENT, ties('1', vec![link('b', '7')]), Ok('1')),
        (
            "of a section she does not share",
            None,
            all,
            STUDENT,
            ties('1', vec![link('b', '8')]),
            Err(R::TeacherNotConnected),
        ),
        ("a student alone", None, all, STUDENT, ties('1', vec![]), Err(R::TeacherNotConnected)),
        ("staff", None, all, STAFF, ties('2', mine()), Err(R::ClassroomUserType)),
    ] {
        let answer = answer(&application, connection.as_ref(), policy, &person(roles), &ties);
        assert_eq!(answer.map(|(role, _)| role), expected.map(id), "{name}");
    }
    let plain = flightschool();
    let answer = answer(&plain, None, all, &person(teacher), &ties('3', mine()));
    assert_eq!(answer, Err(R::NotConnected), "an application of another tier");
}

#[test]
fn a_token_reaches_its_person_their_roles_and_their_district_and_nothing_else() {
    let user = person(&[(RoleKind::Teacher, '3'), (RoleKind::Staff, '5')]);
    let teacher = &user.roles[0];
    let entry =
        Entry { role: teacher, roles: vec![teacher], authorized_by: AuthorizedBy::District };
    assert_eq!(reach_person(&user, id('a')), Ok(()));
    assert_eq!(reach_person(&user, id('b')), Err(OutOfScope));
    assert!(reach_role(&entry, RoleKind::Teacher, id('3')).is_ok());
    assert_eq!(reach_role(&entry, RoleKind::Student, id('3')), Err(OutOfScope));
    assert_eq!(reach_role(&entry, RoleKind::Staff, id('5')), Err(OutOfScope), "not shared");
    assert_eq!(reach_district(id('d'), id('d')), Ok(()));
    assert_eq!(reach_district(id('d'), id('e')), Err(OutOfScope));
    assert!(reads_sections(AccessTier::Classroom).is_ok());
    assert!(reads_sections(AccessTier::DistrictSso).is_err());
}

#[test]
fn a_teachers_token_reads_the_sections_that_she_shares() {
    let application = classroom_application();
    let user = person(&[(RoleKind::Teacher, '3')]);
    let ties = Ties {
        sections: vec![section('3', '7', "4", "math"), section('3', '8', "4", "math")],
        links: vec![link('a', '7')],
        ..Ties::default()
    };
    let everyone = connected(ConnectionState::Active, Sharing::everyone());
    let sections = |connection: Option<&Connection>| {
        let case = Case {
            application: &application,
            connection,
            classroom: ClassroomPolicy::Allowed,
            user: &user,
            login_role: id('3'),
            ties: &ties,
        };
        let entry = admit(&case).expect("she enters");
        (entry.authorized_by, reach_section(&case, &entry))
    };
    assert_eq!(sections(None), (AuthorizedBy::Teacher, vec![id('7')]));
    assert_eq!(sections(everyone.as_ref()), (AuthorizedBy::District, vec![id('7'), id('8')]));
}

#[test]
fn under_a_district_a_section_is_read_if_a_rule_fits_it_alone() {
    let application = classroom_application();
    let user = person(&[(RoleKind::Teacher, '3')]);
    let elsewhere = SectionTie { school: id('f'), ..section('3', '9', "5", "art") };
    let ties = Ties {
        schools: vec![(id('3'), id('e')), (id('3'), id('f'))],
        sections: vec![section('3', '7', "4", "math"), section('3', '8', "4", "art"), elsewhere],
        links: vec![link('a', '9')],
    };
    let any = SharingRule::default;
    let read = |rule: SharingRule| {
        let connection = active(vec![rule]);
        let case = Case {
            application: &application,
            connection: connection.as_ref(),
            classroom: ClassroomPolicy::Allowed,
            user: &user,
            login_role: id('3'),
            ties: &ties,
        };
        let entry = admit(&case).expect("she enters");
        assert!(is_told(&case, &user.roles[0], entry.authorized_by));
        reach_section(&case, &entry)
    };
    let all: Vec<SectionId> = vec![id('7'), id('8'), id('9')];
    assert_eq!(read(any()), all);
    assert_eq!(read(SharingRule { sections: Some(vec![id('8')]), ..any() }), [id('8')]);
    assert_eq!(read(SharingRule { grades: Some(vec!["4".into()]), ..any() }), all[..2]);
    assert_eq!(read(SharingRule { subjects: Some(vec!["math".into()]), ..any() }), all[..1]);
    assert_eq!(read(SharingRule { schools: Some(vec![id('f')]), ..any() }), all[2..]);
}

#[test]
fn whom_a_token_is_told_of_in_a_section() {
    let application = classroom_application();
    let student = person(STUDENT);
    let nobody = active(vec![]);
    let told = |connection: &Option<Connection>, by| {
        let case = Case {
            application: &application,
            connection: connection.as_ref(),
            classroom: ClassroomPolicy::Allowed,
            user: &student,
            login_role: id('1'),
            ties: &Ties::default(),
        };
        is_told(&case, &student.roles[0], by)
    };
    assert!(told(&None, AuthorizedBy::Teacher), "she shares the section");
    assert!(told(&active(vec![SharingRule::default()]), AuthorizedBy::District));
    assert!(!told(&nobody, AuthorizedBy::District), "the rules leave the student out");
    assert!(!told(&None, AuthorizedBy::District));

    let member = |digit| Member { role: id(digit), user: id('a') };
    let classroom = Classroom {
        section: crate::roster::Section {
            id: id('7'),
            school: id('e'),
            sis_id: "77".into(),
            name: "Math".into(),
            course: None,
            term: None,
            teachers: vec![id('4'), id('3')],
            details: Details::from([("subject".to_owned(), "math".to_owned())]),
        },
        primary: Some(member('4')),
        teachers: vec![member('4'), member('3')],
        students: vec![member('1'), member('2')],
    };
    let seen = |kind, digit, told: &[char]| {
        let role = role(kind, digit);
        let entry = Entry { role: &role, roles: vec![&role], authorized_by: AuthorizedBy::Teacher };
        let told: Vec<RoleId> = told.iter().map(|digit| id(*digit)).collect();
        let view = section_view(id('d'), &classroom, &entry, |it| told.contains(&it.role));
        assert_eq!((view.name, view.grade, view.subject), ("Math", None, Some("math")));
        let ids = |members: &[Member]| members.iter().map(|it| it.role).collect::<Vec<_>>();
        let primary = view.primary.map(|it| it.role);
        assert!(primary.is_none() || view.teachers.first() == view.primary.as_ref());
        (
            ids(&view.teachers),
            ids(&view.students),
            primary.is_some(),
            reach_classmates(&entry).is_ok(),
        )
    };
    let roles = |digits: &[char]| digits.iter().map(|digit| id(*digit)).collect::<Vec<RoleId>>();
    for (kind, own, told, teachers, students, primary, reads) in [
        (
            RoleKind::Teacher,
            '3',
            &['4', '1', '2'][..],
            &['4', '3'][..],
            &['1', '2'][..],
            true,
            true,
        ),
        (RoleKind::Teacher, '3', &['2'], &['3'], &['2'], false, true),
        (RoleKind::Teacher, '4', &['2'], &['4'], &['2'], true, true),
        // No classmates, and no teacher of whom the application may not know.
        (RoleKind::Student, '1', &['1', '2', '3'], &['3'], &['1'], false, false),
        (RoleKind::Student, '1', &['1', '2', '3', '4'], &['4', '3'], &['1'], true, false),
    ] {
        let expected = (roles(teachers), roles(students), primary, reads);
        assert_eq!(seen(kind, own, told), expected, "{kind:?} {own} {told:?}");
    }
}

#[test]
fn each_tier_sees_its_fields_and_no_others() {
    use {AccessTier as T, RoleKind as K};

    let seen = |tier, kind| {
        let application = Application { tier, ..flightschool() };
        let user = person(&[(kind, '3'), (RoleKind::Staff, '5')]);
        let role = &user.roles[0];
        let entry = Entry { role, roles: vec![role], authorized_by: AuthorizedBy::District };
        let seen = view(&application, &user, &entry);
        let role = seen.roles[0];
        assert_eq!(seen.roles.len(), 1, "the role that is not shared is not told");
        format!(
            "{} {} {} {} {} {}",
            seen.first_name,
            seen.middle_name.unwrap_or("-"),
            seen.last_name,
            seen.email.map_or("-", |email| email.as_str()),
            role.grade.unwrap_or("-"),
            role.sis_id.unwrap_or("-"),
        )
    };
    for (tier, kind, expected) in [
        (T::DistrictSso, K::Student, "Ana - Núñez ana@school.example - -"),
        (T::DistrictSso, K::Teacher, "Ana - Núñez ana@school.example - -"),
        (T::Classroom, K::Student, "Ana - N - 4 -"),
        (T::Classroom, K::Teacher, "Ana María Núñez ana@school.example - -"),
        (T::SecureSync, K::Student, "Ana María Núñez ana@school.example 4 77"),
        (T::SecureSync, K::Teacher, "Ana María Núñez ana@school.example - 77"),
    ] {
        assert_eq!(seen(tier, kind), expected, "{tier:?} {kind:?}");
    }
}

#[test]
fn where_an_application_stands_in_the_portal() {
    let everyone = connected(ConnectionState::Active, Sharing::everyone());
    let nobody = active(vec![]);
    let stands =
        |connection: &Option<Connection>, roles: &[(RoleKind, char)], types: &[RoleKind]| {
            let application = Application { user_types: types.to_vec(), ..flightschool() };
            let user = person(roles);
            let case = Case {
                application: &application,
                connection: connection.as_ref(),
                classroom: ClassroomPolicy::Off,
                user: &user,
                login_role: user.roles[0].id,
                ties: &Ties::default(),
            };
            place(&case)
        };
    let (students, staff) = (&[RoleKind::Student][..], &[RoleKind::Staff][..]);
    assert_eq!(stands(&everyone, STUDENT, students), Place::Open);
    assert_eq!(stands(&everyone, STUDENT, staff), Place::None, "students do not see it");
    assert_eq!(stands(&everyone, STAFF, students), Place::WebsiteOnly, "staff see it with a flag");
    assert_eq!(stands(&nobody, STAFF, students), Place::None, "not shared is not seen");
}

#[test]
fn what_led_to_an_answer_is_told_in_order() {
    let rules = vec![
        SharingRule { roles: Some(vec![RoleKind::Student]), ..SharingRule::default() },
        SharingRule { schools: Some(vec![id('e')]), ..SharingRule::default() },
    ];
    let connection = active(rules);
    let user = person(&[(RoleKind::Teacher, '3')]);
    let ties = at(&[('3', 'e')]);
    let case = Case {
        application: &flightschool(),
        connection: connection.as_ref(),
        classroom: ClassroomPolicy::Allowed,
        user: &user,
        login_role: id('3'),
        ties: &ties,
    };
    let told: Vec<String> = why(&case).findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the person is not suspended",
            "the application is turned on",
            "for the district the application is active",
            "sharing rule 1 does not fit the role teacher: role",
            "sharing rule 2 fits the role teacher",
            "the application serves the role teacher",
            "the person enters as teacher",
        ]
    );
}

#[test]
fn only_what_matters_is_asked_of_the_roster() {
    let needs = |connection: &Option<Connection>, application: &Application| {
        Needs::of(application, connection.as_ref())
    };
    let plain = flightschool();
    let nothing = Needs::default();
    assert_eq!(needs(&None, &plain), nothing);
    assert_eq!(needs(&connected(ConnectionState::Active, Sharing::everyone()), &plain), nothing);
    let by_school = connected(ConnectionState::Active, Sharing::schools(vec![]));
    assert_eq!(needs(&by_school, &plain), Needs { schools: true, ..nothing });
    let grades = SharingRule { grades: Some(vec![]), ..SharingRule::default() };
    assert_eq!(needs(&active(vec![grades]), &plain), Needs { sections: true, ..nothing });
    let links = Needs { sections: true, links: true, ..nothing };
    assert_eq!(needs(&None, &classroom_application()), links);
    assert_eq!(nothing.and(links), links);
}
