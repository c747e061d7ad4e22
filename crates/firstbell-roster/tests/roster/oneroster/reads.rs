//! What a good export becomes, and what is left out of it and said.

use firstbell_core::roster::change::RecordKind;
use firstbell_core::roster::{Contact, Email, RoleKind};
use firstbell_roster::{Day, read};

use super::{both, one_one, one_two};
use crate::files::{Files, told};
use crate::store::Store;

/// The codes of the warnings that the tests of this page provoke.
pub const WARNED: [&str; 13] = [
    "R114", "R514", "R515", "R517", "R518", "R519", "R613", "R614", "R615", "R616", "R617", "R618",
    "R619",
];

fn imported(files: &Files) -> Store {
    let mut store = Store::new();
    store.import(files.accepted());
    store
}

/// The details of the one role with this id.
fn role(store: &Store, kind: RoleKind, sis_id: &str) -> Vec<(String, String)> {
    let roles = store.current.people.values().flat_map(|person| &person.user.roles);
    let role = roles.into_iter().find(|role| role.kind == kind && role.sis_id == sis_id);
    let details = &role.expect("a role").details;
    details.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn both_versions_of_a_district_are_the_same_roster() {
    for (version, files) in both() {
        let snapshot = files.accepted();
        let expected = ["R619 users.csv:11 sourcedId \"x2\""];
        assert_eq!(told(&snapshot.warnings), expected, "{version}");
        let kinds = RoleKind::ALL.map(|kind| snapshot.roles(kind));
        assert_eq!((snapshot.schools(), kinds), (2, [2, 2, 1, 1]), "{version}");
        assert_eq!((snapshot.sections(), snapshot.enrollments()), (2, 2), "{version}");
        assert_eq!((snapshot.contacts(), snapshot.resources()), (2, 2), "{version}");
    }
    let mut store = imported(&one_one());
    let change = store.plan(one_two().accepted()).change;
    // Only the word for the administrator is another.
    assert_eq!(change.people.replaced.len(), 1, "{change:?}");
    assert_eq!((change.bindings.len(), change.people.len()), (0, 1));
    assert!(change.sections.is_empty() && change.contacts.is_empty());
}

#[test]
fn the_same_export_again_changes_nothing() {
    for (version, files) in both() {
        let mut store = imported(&files);
        let plan = store.plan(files.accepted());
        assert!(plan.change.is_empty() && plan.summary.is_empty(), "{version}: {:?}", plan.change);
    }
}

#[test]
fn what_the_files_say_of_people_arrives() {
    for (version, files) in both() {
        let store = imported(&files);
        let ana = [
            ("credentials.district_username", "ana"),
            ("dob", "2016-02-03"),
            ("gender", "F"),
            ("grade", "4"),
            ("hispanic_ethnicity", "Y"),
            ("race", "Asian"),
            ("student_number", "1001"),
        ];
        assert_eq!(role(&store, RoleKind::Student, "p1"), pairs(&ana), "{version}");
        let bo = role(&store, RoleKind::Student, "p2");
        assert!(bo.contains(&("race".to_owned(), "Two or More Races".to_owned())));
        assert!(bo.contains(&("grade".to_owned(), "Kindergarten".to_owned())));
        let tea = [("credentials.district_username", "tea"), ("teacher_number", "77")];
        assert_eq!(role(&store, RoleKind::Teacher, "e1"), pairs(&tea), "{version}");
        let lin = role(&store, RoleKind::DistrictAdmin, "a2");
        assert!(lin.contains(&("role".to_owned(), "districtAdministrator".to_owned())));
        let ana = store.current.people.values().find(|person| person.user.name.first == "Ana");
        let ana = &ana.expect("Ana").user;
        assert_eq!(ana.name.middle.as_deref(), Some("Mae"));
        assert_eq!(ana.email.as_ref().map(Email::as_str), Some("ana@s.example"));
    }
}

#[test]
fn the_first_organisation_is_the_primary_school_and_a_department_is_its_school() {
    for (version, files) in both() {
        let store = imported(&files);
        let at = |first: &str| {
            let person = store.current.people.values().find(|p| p.user.name.first == first);
            let schools = person.expect("somebody").schools.iter();
            schools.map(|(_, id)| store.current.schools[id].sis_id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(at("Bo"), ["s2", "s1"], "{version}");
        assert_eq!(at("Tom"), ["s2"], "{version}");
        assert_eq!(at("Lin"), [] as [&str; 0], "{version}");
        let north = store.current.schools.values().find(|school| school.sis_id == "s1");
        let north = north.expect("North");
        assert_eq!((&*north.number, north.details.get("ext.color")), ("10", Some("blue")));
    }
}

#[test]
fn classes_have_the_course_the_first_term_and_the_primary_teacher_first() {
    let store = imported(&one_one());
    let section = |sis_id: &str| {
        store.current.sections.values().find(|section| section.sis_id == sis_id).expect("a class")
    };
    let math = section("c1");
    let sis_id = |kind, id: [u8; 12]| {
        let bound = store.current.bindings.iter().find(|((of, _), to)| *of == kind && to.0 == id);
        bound.map(|((_, sis_id), _)| sis_id.as_str()).expect("bound")
    };
    let teachers: Vec<_> =
        math.teachers.iter().map(|id| sis_id(RecordKind::Teacher, id.to_bytes())).collect();
    assert_eq!(teachers, ["e1", "e2"]);
    let course = math.course.expect("a course");
    assert_eq!(sis_id(RecordKind::Course, course.to_bytes()), "k1");
    let term = &store.current.terms[&math.term.expect("a term")];
    assert_eq!((&*term.name, sis_id(RecordKind::Term, term.id.to_bytes())), ("Fall", "t1"));
    assert_eq!(term.end_date.as_deref(), Some("2026-12-18"));
    let details: Vec<_> = math.details.iter().collect();
    let expected =
        [("grade", "4"), ("period", "1"), ("section_number", "M4-1"), ("subject", "math")];
    assert_eq!(details, expected);
    assert!(!section("c2").details.contains_key("grade"), "two grades are none");
}

#[test]
fn an_enrolment_counts_on_the_days_that_it_names() {
    let folder = tempfile::tempdir().expect("a folder");
    one_one().write(folder.path());
    for (day, enrollments) in [
        ("2026-08-16", 1),
        ("2026-08-17", 3),
        ("2026-09-14", 3),
        ("2026-09-15", 2),
        ("2026-09-16", 3),
        ("2026-12-18", 3),
        ("2026-12-19", 2),
    ] {
        let today: Day = day.parse().expect("a day");
        let snapshot = read(folder.path(), today, &mut |_| {}).expect("a roster");
        assert_eq!(snapshot.enrollments(), enrollments, "{day}");
    }
}

#[test]
fn who_left_a_class_and_came_back_in_the_same_file_is_in_it() {
    let files = one_one().and("enrollments.csv", "n9,active,,c1,s1,p2,student,,2026-09-15,\n");
    let snapshot = files.accepted();
    assert_eq!((snapshot.enrollments(), snapshot.warnings.total()), (3, 1));
}

#[test]
fn parents_are_contacts_of_the_students_who_name_them_or_whom_they_name() {
    for (version, files) in both() {
        let store = imported(&files);
        let mut contacts: Vec<&Contact> = store.current.contacts.values().collect();
        contacts.sort_by_key(|contact| contact.sis_id.clone());
        let [eva, gus] = contacts[..] else { panic!("{version}: {contacts:?}") };
        assert_eq!((eva.name.full(), eva.students.len()), ("Eva Núñez".to_owned(), 2));
        let phone = ["phone", "phone_type"].map(|name| eva.details.get(name));
        assert_eq!(phone, [Some("555-1"), Some("Cell")]);
        assert_eq!((gus.sis_id.as_deref(), gus.students.len()), (Some("g2"), 1));
        let said = &gus.students[0];
        assert_eq!(said.kind.as_deref(), Some("Parent/Guardian"));
        assert_eq!(said.relationship.as_deref(), Some("Other"));
    }
}

#[test]
fn one_user_with_several_roles_is_one_person_without_any_email() {
    let files = one_two()
        .replaced("users.csv", "tea@d.example", "")
        .and("roles.csv", "o1,active,,e1,secondary,principal,,,s2,\n")
        .and("roles.csv", "o2,active,,e1,secondary,districtAdministrator,,,d1,\n")
        .and("roles.csv", "o3,active,,e1,secondary,districtAdministrator,2026-10-01,,d1,\n");
    let store = imported(&files);
    let tea = store.current.people.values().find(|person| person.user.name.first == "Tea");
    let kinds: Vec<_> = tea.expect("Tea").user.roles.iter().map(|role| role.kind).collect();
    assert_eq!(kinds, [RoleKind::Teacher, RoleKind::Staff, RoleKind::DistrictAdmin]);
}

#[test]
fn a_role_that_ended_or_has_not_begun_is_none() {
    for dates in ["2026-01-01,2026-09-14", "2026-09-16,"] {
        let files = one_two().and(
            "roles.csv",
            &format!("o1,active,,e1,secondary,districtAdministrator,{dates},d1,\n"),
        );
        assert_eq!(files.accepted().roles(RoleKind::DistrictAdmin), 1, "{dates}");
    }
}

#[test]
fn nobody_is_raised_to_administrator_by_a_role_at_a_school() {
    for (org, admins, warned) in [("d1", 2, false), ("s1", 1, true), ("s2a", 1, true)] {
        let row = format!("o1,active,,a1,secondary,districtAdministrator,,,{org},\n");
        let snapshot = one_two().and("roles.csv", &row).accepted();
        assert_eq!(snapshot.roles(RoleKind::DistrictAdmin), admins, "{org}");
        assert_eq!(told(&snapshot.warnings).iter().any(|told| told.starts_with("R609")), warned);
    }
    for word in ["administrator", "systemAdministrator", "siteAdministrator", "principal"] {
        let row = format!("o1,active,,e1,secondary,{word},,,d1,\n");
        let snapshot = one_two().and("roles.csv", &row).accepted();
        assert_eq!(snapshot.roles(RoleKind::DistrictAdmin), 1, "{word}");
    }
}

#[test]
fn a_student_who_works_here_is_two_people_and_logs_in_as_the_first() {
    let files = one_two().and("roles.csv", "o1,active,,p1,secondary,aide,,,s1,\n");
    let snapshot = files.accepted();
    let warned = told(&snapshot.warnings);
    assert!(warned.iter().any(|told| told.starts_with("R617 users.csv:2")), "{warned:?}");
    let mut store = Store::new();
    let change = store.plan(snapshot).change;
    let anas: Vec<_> =
        change.people.added.iter().filter(|person| person.user.name.first == "Ana").collect();
    assert_eq!(anas.len(), 2);
    let with_name = |kind: RoleKind| {
        let role = anas.iter().find_map(|person| person.user.role(kind)).expect("a role");
        role.details.contains_key("credentials.district_username")
    };
    assert!(with_name(RoleKind::Student) && !with_name(RoleKind::Teacher));
}

/// What is odd, and how it is told.
type Oddity = (Files, &'static [&'static str]);

fn odd_files() -> Vec<Oddity> {
    vec![
        (one_one().with("results.csv", "x\n"), &["R114 results.csv"]),
        (one_one().with("userProfiles.csv", "x\n"), &["R114 userProfiles.csv"]),
        (
            one_one().with("roles.csv", "sourcedId,userSourcedId,role,orgSourcedId\n"),
            &["R114 roles.csv"],
        ),
        (one_one().with("notes.csv", "x\n"), &["R106 notes.csv"]),
        (
            one_one().and("orgs.csv", "s3,active,,East,school,,zz,\n"),
            &["R515 orgs.csv:6 parentSourcedId \"zz\""],
        ),
        (
            one_one().and("classes.csv", "c3,active,,Empty,,k1,,,,s1,t1,,,\n"),
            &["R518 classes.csv sourcedId \"c3\""],
        ),
        (one_one().and("classes.csv", "c3,tobedeleted,,Old,,k1,,,,s1,t1,,,\n"), &[]),
        (
            one_one()
                .and("orgs.csv", "s3,tobedeleted,,East,school,,,\n")
                .and("classes.csv", "c3,active,,East 1,,k1,,,,s3,t1,,,\n"),
            &["R514 classes.csv:4 schoolSourcedId \"s3\""],
        ),
        (
            one_one().and("enrollments.csv", "n9,active,,c1,s1,x1,student,,,\n"),
            &["R514 enrollments.csv:10 userSourcedId \"x1\""],
        ),
        (
            one_one().and("enrollments.csv", "n9,active,,c1,s1,x2,student,,,\n"),
            &["R514 enrollments.csv:10 userSourcedId \"x2\""],
        ),
        (
            one_one().and("enrollments.csv", "n9,active,,c1,s1,e1,student,,,\n"),
            &["R519 enrollments.csv:10 role \"student\""],
        ),
        (
            one_one().and("enrollments.csv", "n9,active,,c1,s1,p1,student,,,\n"),
            &["R509 enrollments.csv:10 userSourcedId \"p1\""],
        ),
        (
            one_one().and("enrollments.csv", "n9,active,,c1,s2,p2,student,,,\n"),
            &["R508 enrollments.csv:10 schoolSourcedId \"s2\""],
        ),
        (
            one_one().and("enrollments.csv", "n9,active,,c1,s1,p2,janitor,,,\n"),
            &["R616 enrollments.csv:10 role \"janitor\""],
        ),
    ]
}

fn odd_people() -> Vec<Oddity> {
    vec![
        (
            one_one().and("users.csv", "u1,active,,true,d1,student,u1,,A,B,,,,,,,,\n"),
            &["R517 users.csv:12 sourcedId \"u1\""],
        ),
        (
            one_one().and("users.csv", "u1,active,,true,s1,wizard,u1,,A,B,,,,,,,,\n"),
            &["R616 users.csv:12 role \"wizard\""],
        ),
        (
            one_two().and("users.csv", "u1,active,,true,u1,,A,B,,,,,,,,\n"),
            &["R618 users.csv:12 sourcedId \"u1\""],
        ),
        (
            one_one().and("users.csv", "u1,active,,true,s1,parent,u1,,A,B,,,,,,,,\n"),
            &["R614 users.csv sourcedId \"u1\""],
        ),
        (
            one_one().and("users.csv", "u1,active,,true,s1,parent,u1,,A,B,,,x,,,p1,,\n"),
            &["R407 users.csv:12 email \"x\""],
        ),
        (
            one_one().and("users.csv", "u1,active,,true,s1,student,u1,,A,B,,,,,,zz,,\n"),
            &["R613 users.csv:12 agentSourcedIds \"zz\""],
        ),
        (
            one_one().and("users.csv", "u1,active,,true,s1,student,u1,,A,B,,,,,,e1,,\n"),
            &["R613 users.csv:12 agentSourcedIds"],
        ),
        (
            one_one().and("resources.csv", "r3,active,,v3,Key,\"administrator\",,,\n"),
            &["R513 resources.csv:4 roles \"administrator\""],
        ),
        (
            one_one().replaced("users.csv", "g1,04,maple", "g1,4th,maple"),
            &["R407 users.csv:2 grades \"4th\""],
        ),
    ]
}

#[test]
fn each_oddity_is_warned_of_where_it_is_and_kept_out() {
    for (files, expected) in odd_files().into_iter().chain(odd_people()) {
        let snapshot = files.accepted();
        let warned: Vec<String> = told(&snapshot.warnings)
            .into_iter()
            .filter(|told| told != "R619 users.csv:11 sourcedId \"x2\"")
            .collect();
        assert_eq!(warned, expected);
        assert_eq!(snapshot.sections(), 2, "{expected:?}");
        let mut store = imported(&files);
        assert!(store.plan(files.accepted()).change.is_empty(), "{expected:?}");
    }
}

#[test]
fn a_sixth_contact_is_not_kept() {
    let mut files = one_one();
    for nth in 0..5 {
        files = files
            .and("users.csv", &format!("u{nth},active,,true,,relative,,,A{nth},B,,,,,,p1,,\n"));
    }
    let snapshot = files.accepted();
    let warned = told(&snapshot.warnings);
    assert!(warned.contains(&"R615 users.csv:16 agentSourcedIds".to_owned()), "{warned:?}");
    assert_eq!(snapshot.contacts(), 6);
}
