use super::*;
use crate::id::{TermId, UserId};
use crate::roster::{Generation, PersonName};
use crate::sharing::SectionTie;
use crate::time::Timestamp;

fn id<T: std::str::FromStr>(digit: char) -> T
where
    T::Err: std::fmt::Debug,
{
    digit.to_string().repeat(24).parse().expect("an id")
}

fn section(digit: char, school: char, details: &[(&str, &str)]) -> Section {
    Section {
        id: id(digit),
        school: id(school),
        sis_id: digit.to_string(),
        name: "Class".into(),
        course: None,
        term: Some(id::<TermId>('9')),
        teachers: vec![],
        details: told(details),
    }
}

fn told(details: &[(&str, &str)]) -> Details {
    details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn student(schools: &[char], details: &[(&str, &str)]) -> RosterPerson {
    let role =
        Role { id: id('1'), kind: RoleKind::Student, sis_id: "77".into(), details: told(details) };
    RosterPerson {
        schools: schools.iter().map(|school| (role.id, id(*school))).collect(),
        user: User {
            id: id::<UserId>('a'),
            email: None,
            name: PersonName::default(),
            created: Timestamp::from_milliseconds(1),
            last_modified: Timestamp::from_milliseconds(2),
            suspended_since: None,
            generation: Generation::default(),
            roles: vec![role],
        },
    }
}

fn ties(person: &RosterPerson, sections: &[&Section]) -> Ties {
    let tie = |section: &&Section| SectionTie {
        role: id('1'),
        section: section.id,
        school: section.school,
        grade: section.details.get("grade").map(str::to_owned),
        subject: section.details.get("subject").map(str::to_owned),
    };
    Ties {
        schools: person.schools.clone(),
        sections: sections.iter().map(tie).collect(),
        links: vec![],
    }
}

fn rule() -> SharingRule {
    SharingRule::default()
}

fn sharing(rules: Vec<SharingRule>) -> Sharing {
    Sharing { rules, ..Sharing::default() }
}

#[test]
fn where_everyone_is_shared_everything_is_seen() {
    let everyone = Sharing::everyone();
    let synced = Synced::of(&everyone, &[]);
    let person = student(&['b', 'c'], &[]);
    let seen = synced.person(&person, &Ties::default()).expect("seen");
    assert_eq!(seen.roles[0].schools, [id('b'), id('c')]);
    assert!(synced.is_whole() && synced.needs().is_nothing());
    assert!(synced.sees_section(&section('d', 'b', &[]), Vec::new));
    assert!(synced.sees_school(id('f')));
}

#[test]
fn nobody_is_seen_without_a_rule() {
    let nobody = sharing(vec![]);
    let synced = Synced::of(&nobody, &[]);
    let person = student(&['b'], &[]);
    assert!(synced.person(&person, &ties(&person, &[])).is_none());
    assert!(!synced.sees_section(&section('d', 'b', &[]), Vec::new));
    assert!(!synced.sees_school(id('b')));
}

#[test]
fn a_section_is_seen_where_all_parts_of_a_rule_fit_it() {
    let math = section('d', 'b', &[("subject", "math"), ("grade", "4")]);
    let plain = section('e', 'b', &[]);
    let by = |parts: SharingRule| sharing(vec![parts]);
    let rows: Vec<(Sharing, &Section, &[&str], bool)> = vec![
        (by(SharingRule { schools: Some(vec![id('b')]), ..rule() }), &math, &[], true),
        (by(SharingRule { schools: Some(vec![id('c')]), ..rule() }), &math, &[], false),
        (by(SharingRule { schools: Some(vec![]), ..rule() }), &math, &[], false),
        (by(SharingRule { sections: Some(vec![id('d')]), ..rule() }), &math, &[], true),
        (by(SharingRule { sections: Some(vec![id('d')]), ..rule() }), &plain, &[], false),
        (by(SharingRule { subjects: Some(vec!["Math".into()]), ..rule() }), &math, &[], true),
        (by(SharingRule { subjects: Some(vec!["Math".into()]), ..rule() }), &plain, &[], false),
        (by(SharingRule { grades: Some(vec!["4".into()]), ..rule() }), &math, &["5"], true),
        (by(SharingRule { grades: Some(vec!["5".into()]), ..rule() }), &math, &["5"], false),
        (by(SharingRule { grades: Some(vec!["5".into()]), ..rule() }), &plain, &["4", "5"], true),
        (by(SharingRule { grades: Some(vec!["5".into()]), ..rule() }), &plain, &[], false),
        (by(SharingRule { roles: Some(vec![RoleKind::Staff]), ..rule() }), &math, &[], false),
        (by(SharingRule { roles: Some(vec![RoleKind::Teacher]), ..rule() }), &math, &[], true),
        (
            by(SharingRule {
                schools: Some(vec![id('b')]),
                subjects: Some(vec!["science".into()]),
                ..rule()
            }),
            &math,
            &[],
            false,
        ),
    ];
    for (sharing, section, grades, expected) in rows {
        let synced = Synced::of(&sharing, &[]);
        let sees = synced.sees_section(section, || grades.iter().copied());
        assert_eq!(sees, expected, "{sharing:?} {grades:?}");
    }
}

#[test]
fn a_rule_for_sections_brings_their_schools_and_no_other() {
    let rules = sharing(vec![SharingRule { sections: Some(vec![id('d')]), ..rule() }]);
    assert_eq!(named_sections(&rules), [id('d')]);
    let synced = Synced::of(&rules, &[id('b')]);
    assert!(synced.sees_school(id('b')) && !synced.sees_school(id('c')));

    // A student who is shared by a section is told at the schools that are seen, and at no other.
    let person = student(&['c', 'b'], &[]);
    let math = section('d', 'b', &[]);
    let seen = synced.person(&person, &ties(&person, &[&math])).expect("seen");
    assert_eq!(seen.roles[0].schools, [id('b')]);
    assert!(synced.person(&person, &ties(&person, &[])).is_none());
    assert!(synced.needs().sections);
}

#[test]
fn schools_are_seen_by_the_widest_rule() {
    let narrow = SharingRule { schools: Some(vec![id('b')]), ..rule() };
    let wide = SharingRule { grades: Some(vec!["4".into()]), ..rule() };
    let one = sharing(vec![narrow.clone()]);
    assert!(!Synced::of(&one, &[]).sees_school(id('c')));
    assert!(named_sections(&one).is_empty());
    let both = sharing(vec![narrow.clone(), wide]);
    assert!(Synced::of(&both, &[]).sees_school(id('c')));
    let staff = Sharing { all_staff: true, ..sharing(vec![narrow]) };
    assert!(Synced::of(&staff, &[]).sees_school(id('c')), "staff are anywhere");
}

#[test]
fn a_column_is_told_only_with_its_group() {
    let details = told(&[
        ("grade", "4"),
        ("credentials.district_username", "ana"),
        ("dob", "2016-02-01"),
        ("location.city", "Ada"),
        ("iep_status", "Y"),
        ("disability.disability_type", "Autism"),
        ("ext.bus", "7"),
        ("unweighted_gpa", "3.1"),
        ("never.heard", "of"),
    ]);
    let rows: [(&[DataGroup], &[&str]); 5] = [
        (&[], &[]),
        (&[DataGroup::Demographics], &["dob", "location.city"]),
        (&[DataGroup::Sensitive], &["disability.disability_type", "iep_status"]),
        (&[DataGroup::Extensions], &["ext.bus"]),
        (&[DataGroup::Contacts, DataGroup::Events], &[]),
    ];
    for (groups, more) in rows {
        let groups = groups.iter().copied().collect();
        let sharing = Sharing { groups, ..Sharing::everyone() };
        let synced = Synced::of(&sharing, &[]);
        let names: Vec<_> =
            synced.facts_of_role(&details).into_iter().map(|(name, _)| name).collect();
        let mut expected: Vec<_> =
            ["credentials.district_username", "grade"].iter().chain(more).copied().collect();
        expected.sort_unstable();
        assert_eq!(names, expected, "{groups:?}");
    }
}

#[test]
fn a_school_tells_its_address_and_its_own_columns_with_their_group() {
    let details = told(&[("location.city", "Ada"), ("phone", "555-0100"), ("ext.bell", "8:00")]);
    let plain = Sharing::everyone();
    let names = |sharing: &Sharing| -> Vec<String> {
        let facts = Synced::of(sharing, &[]).facts_of_place(&details);
        facts.into_iter().map(|(name, _)| name.to_owned()).collect()
    };
    assert_eq!(names(&plain), ["location.city", "phone"]);
    let with = Sharing { groups: DataGroups::all(), ..plain };
    assert_eq!(names(&with), ["ext.bell", "location.city", "phone"]);
}

#[test]
fn a_contact_is_seen_with_a_student_of_theirs_and_where_contacts_are_shared() {
    let relationship = |digit| Relationship { student: id(digit), relationship: None, kind: None };
    let contact = Contact {
        id: id('e'),
        role: id('f'),
        sis_id: None,
        name: PersonName::default(),
        email: None,
        details: Details::new(),
        students: vec![relationship('1'), relationship('2')],
    };
    let groups = [DataGroup::Contacts].into_iter().collect();
    let shared = Sharing { groups, ..Sharing::everyone() };
    let seen = |sharing: &Sharing| -> Vec<RoleId> {
        let synced = Synced::of(sharing, &[]);
        let told = synced.relationships(&contact, |student| student == id('2'));
        told.into_iter().map(|it| it.student).collect()
    };
    assert_eq!(seen(&shared), [id('2')]);
    assert!(seen(&Sharing::everyone()).is_empty());
}
