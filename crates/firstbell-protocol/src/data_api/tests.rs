//! What each dialect says of each object, to the byte.

mod golden;

use serde::Serialize;

use super::samples::{
    CONTACT, COURSE, FULL_ROLES, LOGIN_ROLES, RESOURCE, SPARSE_CONTACT, SPARSE_ROLES, TERM,
    full_district, full_person, full_school, full_section, section, sparse_district, sparse_person,
    sparse_school, sparse_section,
};
use super::{
    Collection, Dialect, Link, People, Person, PersonKind, PersonRole, Told, v2_0, v2_1, v3_0, v3_1,
};
use crate::vocabulary::RoleKind;
use golden::GOLDEN;

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("prints")
}

/// One of the sample objects, as the dialect prints it.
fn printed(dialect: Dialect, name: &str) -> String {
    let (full, sparse) = (full_person(FULL_ROLES), sparse_person(SPARSE_ROLES));
    match name {
        "district" => text(&dialect.district_object(full_district())),
        "sparse district" => text(&dialect.district_object(sparse_district())),
        "school" => text(&dialect.school_object(full_school())),
        "sparse school" => text(&dialect.school_object(sparse_school())),
        "section" => text(&dialect.section_object(full_section())),
        "sparse section" => text(&dialect.section_object(sparse_section())),
        "term" => text(&TERM),
        "course" => text(&COURSE),
        "resource" => text(&RESOURCE),
        "contact" => text(&dialect.contact_object(CONTACT)),
        "sparse contact" => text(&dialect.contact_object(SPARSE_CONTACT)),
        "student" => in_role(dialect, &full, RoleKind::Student),
        "teacher" => in_role(dialect, &full, RoleKind::Teacher),
        "staff" => in_role(dialect, &full, RoleKind::Staff),
        "district admin" => in_role(dialect, &full, RoleKind::DistrictAdmin),
        "sparse student" => in_role(dialect, &sparse, RoleKind::Student),
        "sparse teacher" => in_role(dialect, &sparse, RoleKind::Teacher),
        "sparse staff" => in_role(dialect, &sparse, RoleKind::Staff),
        unknown => panic!("no sample {unknown}"),
    }
}

/// The person with this role alone.
fn in_role(dialect: Dialect, person: &Person<'_>, kind: RoleKind) -> String {
    let role: Vec<PersonRole<'_>> =
        person.roles.iter().filter(|role| role.kind == kind).copied().collect();
    text(&dialect.person_object(&Person { roles: &role, ..*person }, &role[0]))
}

#[test]
fn each_dialect_prints_each_object_to_the_byte() {
    for (name, prefixes, golden) in GOLDEN {
        let golden: String = golden.lines().map(str::trim_start).collect();
        for prefix in *prefixes {
            let dialect = Dialect::ALL.into_iter().find(|it| it.prefix() == *prefix);
            let dialect = dialect.expect("a dialect");
            assert_eq!(printed(dialect, name), golden, "{name} in {prefix}");
        }
    }
}

#[test]
fn each_dialect_has_each_object_among_its_texts() {
    for dialect in Dialect::ALL {
        let count =
            GOLDEN.iter().filter(|(_, prefixes, _)| prefixes.contains(&dialect.prefix())).count();
        let expected = if matches!(dialect, Dialect::V2(_)) { 17 } else { 18 };
        assert_eq!(count, expected, "{}", dialect.prefix());
    }
}

const GROUPS: [(Told, &[&str]); 4] = [
    (Told::ROSTER, &["state_id", "graduation_year", "enrollments", "credentials", "title"]),
    (Told::DEMOGRAPHICS, &["dob", "gender", "race", "hispanic_ethnicity", "location"]),
    (
        Told::SENSITIVE,
        &["ell_status", "frl_status", "iep_status", "section_504_status", "gifted_status"],
    ),
    (Told::EXT, &["ext"]),
];

#[test]
fn a_group_that_is_not_told_is_not_printed_whatever_the_facts_are() {
    for dialect in Dialect::ALL {
        for (group, members) in GROUPS {
            let others = GROUPS.iter().filter(|(other, _)| *other != group);
            let untold = others.fold(Told::CONTACTS, |told, (other, _)| told.and(*other));
            for role in FULL_ROLES {
                let roles = [PersonRole { told: untold, ..*role }];
                let text = text(&dialect.person_object(&full_person(&roles), &roles[0]));
                for member in members {
                    assert!(!text.contains(&format!("\"{member}\":")), "{member} in {text}");
                }
            }
        }
    }
}

#[test]
fn links_lead_to_what_can_be_read_from_there() {
    let dialect = Dialect::V2(v2_1::DIALECT);
    let students = Collection::People(People::In(PersonKind::Student));
    let rels = |told| -> Vec<&str> {
        dialect.single(students, "1a", (), told).links.iter().map(|link| link.rel).collect()
    };
    let all = ["self", "contacts", "district", "school", "schools", "sections", "teachers"];
    assert_eq!(rels(Told::CONTACTS), all);
    let others: Vec<_> = all.into_iter().filter(|rel| *rel != "contacts").collect();
    assert_eq!(rels(Told::ROSTER), others);
    let course = Dialect::V3(v3_1::DIALECT).single(Collection::Courses, "1a", COURSE, Told::ROSTER);
    let uris: Vec<_> = course.links.iter().map(|link| link.uri.as_str()).collect();
    assert_eq!(
        uris,
        [
            "/v3.1/courses/1a",
            "/v3.1/courses/1a/district",
            "/v3.1/courses/1a/resources",
            "/v3.1/courses/1a/schools",
            "/v3.1/courses/1a/sections"
        ]
    );
}

#[test]
fn single_people_and_sections_get_all_links_with_the_roster_alone() {
    let rels = |links: &[Link]| links.iter().map(|link| link.rel).collect::<Vec<_>>();
    let person = full_person(FULL_ROLES);
    let user = v3_0::DIALECT.user(&person);
    assert!(rels(&user.links).contains(&"mycontacts"), "{:?}", user.links);
    assert_eq!(user.links.len(), 8);
    let login = full_person(LOGIN_ROLES);
    assert_eq!(rels(&v3_0::DIALECT.user(&login).links), ["self", "district"]);
    assert_eq!(rels(&v2_0::DIALECT.role(&login, LOGIN_ROLES[0]).links), ["self", "district"]);
    assert_eq!(rels(&v2_0::DIALECT.role(&person, FULL_ROLES[0]).links).len(), 7);
    assert_eq!(v2_0::DIALECT.section(&full_section()).links.len(), 8);
    let classroom = v2_0::DIALECT.section(&section());
    assert_eq!(rels(&classroom.links), ["self", "district", "students"]);
}
