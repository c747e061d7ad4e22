//! Rows about one person stand together in most files, and need not.

use std::fmt::Write as _;

use firstbell_roster::RosterFault;

use crate::files::{Files, told};
use crate::store::Store;

const HEADER: &str = "School_id,Student_id,Last_name,First_name,Grade,Contact_name,Contact_phone\n";

/// Rows of so many other students: more than any buffer holds.
fn others(text: &mut String, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let pad = "x".repeat(60);
        writeln!(text, "1,{number},Poe{pad},Al,4,Contact {number},{number}").expect("text");
    }
}

fn spread(second: &str) -> Files {
    let mut students = HEADER.to_owned();
    students.push_str("1,11,Núñez,Ana,4,Eva,1\n");
    others(&mut students, 1_000..4_000);
    students.push_str(second);
    others(&mut students, 4_000..7_000);
    students.push_str("1,11,Núñez,Ana,4,Eva,1\n");
    Files::good()
        .with("students.csv", students)
        .with("enrollments.csv", "School_id,Section_id,Student_id\n1,C1,11\n")
}

#[test]
fn rows_of_one_student_far_apart_are_one_student() {
    let snapshot = spread("2,11,Núñez,Ana,4,Bob,2\n").accepted();
    assert_eq!(told(&snapshot.warnings), Vec::<String>::new());
    assert_eq!(snapshot.roles(firstbell_core::roster::RoleKind::Student), 6_001);
    assert_eq!(snapshot.contacts(), 6_002);
    let change = Store::new().plan(snapshot).change;
    let of_ana = |sis_id: &str| {
        let found = change.people.added.iter().find(|it| it.user.roles[0].sis_id == sis_id);
        found.expect("a student").clone()
    };
    let ana = of_ana("11");
    assert_eq!(ana.schools.len(), 2, "both schools");
    let student = ana.user.roles[0].id;
    let contacts = change.contacts.added.iter();
    let mut names: Vec<&str> = contacts
        .filter(|contact| contact.students.iter().any(|tie| tie.student == student))
        .map(|contact| contact.name.last.as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Bob", "Eva"]);
    assert_eq!(of_ana("5000").schools.len(), 1);
}

#[test]
fn rows_of_one_student_far_apart_that_disagree_are_told() {
    let rejected = spread("2,11,Núñez,Anna,5,Bob,2\n").rejected();
    let [told] = &rejected.refusals.problems[..] else { panic!("{rejected}") };
    assert_eq!(told.fault, RosterFault::RowsDisagree);
    assert_eq!((told.line, told.column.as_deref()), (Some(3_003), Some("First_name")));
    assert!(told.reason.ends_with("(line 2)"), "{}", told.reason);
}
