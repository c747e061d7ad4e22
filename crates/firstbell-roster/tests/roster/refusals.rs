//! Each refusal, provoked: the fault and the place that is told, and nothing else.

use std::collections::BTreeSet;

use firstbell_roster::{RosterFault, Severity, read};

use crate::archives;
use crate::files::{Files, rows, today, told};
use crate::oneroster;
use crate::warnings;

pub struct Case {
    pub told: &'static [&'static str],
    pub files: Files,
}

pub fn case(told: &'static [&'static str], files: Files) -> Case {
    Case { told, files }
}

/// What is wrong with a folder or with a file as text.
fn text_cases() -> Vec<Case> {
    let good = Files::good;
    let latin = b"School_id,School_name,School_number\n1,North,10\n2,Pe\xf1a,20\n";
    let split = b"School_id,School_name,School_number\n1,North,10\n2,Pe\xc3,\xb1 20\n";
    vec![
        case(&["R102 sections.csv"], good().without("sections.csv")),
        case(&["R103 students.csv"], good().with("Students.CSV", "x")),
        case(&["R201 staff.csv:1"], good().with("staff.csv", b"\xff\xfeS\0t\0")),
        case(&["R202 staff.csv:1"], good().with("staff.csv", b"PK\x03\x04\x14\0")),
        case(&["R203 schools.csv:3 School_name \"Pe�a\""], good().with("schools.csv", latin)),
        case(&["R203 schools.csv:3 School_name \"Pe�\""], good().with("schools.csv", split)),
        case(&["R203 schools.csv:1"], good().with("schools.csv", b"School_id,Nombre\xf1\n")),
        case(&["R204 schools.csv:4"], good().and("schools.csv", "3,Ea\0st,30\n")),
        case(
            &["R205 schools.csv:4"],
            good().and("schools.csv", &format!("3,{}\n", "x".repeat(1 << 20))),
        ),
        case(&["R206 schools.csv:5"], good().and("schools.csv", "3,E,30\n4,\"West,40\n5,F,50\n")),
        case(&["R207 schools.csv:4"], good().and("schools.csv", "3,\"Ea\"st,30\n")),
        case(&["R209 staff.csv"], good().with("staff.csv", "")),
        case(&["R209 staff.csv"], good().with("staff.csv", "\u{feff}\n\r\n\n")),
        case(&["R210 staff.csv:1"], good().with("staff.csv", "School_id;Staff_id\n1;S1\n")),
    ]
}

/// What is wrong with a header, a row or a cell.
fn row_cases() -> Vec<Case> {
    let good = Files::good;
    let long = "y".repeat(501);
    vec![
        case(
            &["R301 enrollments.csv:1 Student_id"],
            good().with("enrollments.csv", "School_id,Section_id,Studnet_id\n1,C1,11\n"),
        ),
        case(
            &["R302 schools.csv:1 school id"],
            good().replaced("schools.csv", "School_number", "School_number,school id"),
        ),
        case(
            &["R305 schools.csv:1"],
            good().with("schools.csv", format!("School_id{}\n", ",ext.a".repeat(500))),
        ),
        case(&["R401 schools.csv:4"], good().and("schools.csv", "3,East\n")),
        case(&["R401 schools.csv:4"], good().and("schools.csv", "3,East,30,,extra\n")),
        // An empty id is no id, and two of them are no repetition.
        case(
            &["R402 schools.csv:4 School_id", "R402 schools.csv:5 School_id"],
            good().and("schools.csv", ",East,30\n,West,40\n"),
        ),
        case(
            &["R402 teachers.csv:4 Teacher_id", "R402 teachers.csv:5 Teacher_id"],
            good().and("teachers.csv", "1,,A,B,,,,\n1,,C,D,,,,\n"),
        ),
        case(&["R402 schools.csv:4 School_name"], good().and("schools.csv", "3,\u{a0} ,30\n")),
        case(
            &["R403 schools.csv:4 School_name \"Ea␛[31m\""],
            good().and("schools.csv", "3,Ea\u{1b}[31m,30\n"),
        ),
        case(
            &["R403 schools.csv:4 School_name \"E\\u{9b}\""],
            good().and("schools.csv", "3,E\u{9b},30\n"),
        ),
        case(
            &["R403 schools.csv:4 School_name \"a␊b\""],
            good().and("schools.csv", "3,\"a\nb\",30\n"),
        ),
        case(
            &["R404 schools.csv:4 School_name \"yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…\""],
            good().and("schools.csv", &format!("3,{long},30\n")),
        ),
        case(
            &["R405 students.csv:2 DOB \"31/02/2016\""],
            good().replaced("students.csv", "02/03/2016", "31/02/2016"),
        ),
        case(
            &["R405 sections.csv:2 Term_start \"46251\""],
            good().replaced("sections.csv", "08/17/2026", "46251"),
        ),
        case(
            &["R406 teachers.csv:2 Teacher_email \"n/a\""],
            good().replaced("teachers.csv", "tea@d.example", "n/a"),
        ),
    ]
}

/// What is wrong between rows and between files.
fn record_cases() -> Vec<Case> {
    let good = Files::good;
    let contacts = rows(0..6, |nth| format!("1,11,Núñez,Ana,Aunt {nth}\n"));
    vec![
        case(&["R501 schools.csv"], empty_district()),
        case(&["R503 schools.csv:4 School_id \"1\""], good().and("schools.csv", "1,Again,30\n")),
        case(
            &["R503 teachers.csv:4 Teacher_id \"T1\""],
            good().and("teachers.csv", "1,T1,Tea,Moreno,tea@d.example,Ms,,\n"),
        ),
        case(
            &["R503 staff.csv:4 Staff_id \"S2\""],
            good().and("staff.csv", ",S2,lin@d.example,Lin,Zhou,,District Admin,,\n"),
        ),
        case(
            &["R503 sections.csv:4 Section_id \"C1\""],
            good().and("sections.csv", "1,C1,T1,,,,,,,,,\n"),
        ),
        case(
            &["R504 students.csv:4 Grade \"6\""],
            good().and("students.csv", "2,11,Núñez,Ana,6,02/03/2016,ana@s.example,ana,maple\n"),
        ),
        // A password is not shown.
        case(
            &["R504 students.csv:4 Password"],
            good().and("students.csv", "2,11,Núñez,Ana,4,02/03/2016,ana@s.example,ana,other\n"),
        ),
        case(
            &["R504 teachers.csv:4 Last_name \"Morena\""],
            good().and("teachers.csv", "2,T1,Tea,Morena,tea@d.example,Ms,,\n"),
        ),
        case(
            &["R504 staff.csv:4 Staff_email \"else@d.example\""],
            good().and("staff.csv", ",S1,else@d.example,Sam,Rivers,,District Admin,,\n"),
        ),
        case(
            &["R506 students.csv:7 Student_id \"11\""],
            good().with(
                "students.csv",
                format!(
                    "School_id,Student_id,Last_name,First_name,Contact_name\n{contacts}2,12,L,B,\n"
                ),
            ),
        ),
        case(
            &["R507 students.csv:4 School_id \"9\""],
            good().and("students.csv", "9,13,Poe,Al,,,,,\n"),
        ),
        case(
            &["R507 sections.csv:4 Teacher_id \"T9\"", "R507 sections.csv:4 Teacher_2_id \"t1\""],
            good().and("sections.csv", "1,C3,T9,t1,,,,,,,,\n"),
        ),
        case(
            &[
                "R507 enrollments.csv:4 School_id \"9\"",
                "R507 enrollments.csv:4 Section_id \"C9\"",
                "R507 enrollments.csv:4 Student_id \"19\"",
            ],
            good().and("enrollments.csv", "9,C9,19\n"),
        ),
        case(
            &["R601 teachers.csv:3 Username \"ANA\""],
            good().replaced("teachers.csv", "Mr,tom,", "Mr,ANA,"),
        ),
    ]
}

fn empty_district() -> Files {
    let headers_only = |name: &str, files: Files| {
        let header: Vec<u8> = files.0[name]
            .split_inclusive(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default()
            .to_vec();
        files.with(name, header)
    };
    let names: Vec<String> = Files::good().0.into_keys().collect();
    names.iter().fold(Files::good(), |files, name| headers_only(name, files))
}

fn cases() -> Vec<Case> {
    [text_cases(), row_cases(), record_cases(), oneroster::refusals::cases()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn the_good_roster_has_nothing_wrong_with_it() {
    let snapshot = Files::good().accepted();
    assert_eq!(told(&snapshot.warnings), [] as [&str; 0]);
    assert_eq!((snapshot.schools(), snapshot.sections(), snapshot.people()), (2, 2, 6));
}

#[test]
fn each_fault_is_refused_where_it_is_and_nothing_else_is() {
    for Case { told: expected, files } in cases() {
        let rejected = files.rejected();
        assert_eq!(told(&rejected.refusals), expected, "{rejected}");
    }
}

#[test]
fn every_fault_of_the_registry_is_provoked_by_some_test() {
    let codes = |told: &[&'static str]| -> Vec<&'static str> {
        told.iter().map(|told| &told[..4]).collect()
    };
    let mut provoked: BTreeSet<&str> = BTreeSet::new();
    for case in cases().iter().chain(&warnings::cases()) {
        provoked.extend(codes(case.told));
    }
    provoked.extend(archives::PROVOKED.map(RosterFault::code));
    provoked.extend(oneroster::reads::WARNED);
    provoked.extend(
        [RosterFault::SourceUnreadable, RosterFault::FileUnreadable].map(RosterFault::code),
    );
    let missing: Vec<_> =
        RosterFault::ALL.iter().filter(|fault| !provoked.contains(fault.code())).collect();
    assert_eq!(missing, [] as [&RosterFault; 0]);
}

#[test]
fn codes_are_in_order_and_unlike() {
    let codes: Vec<&str> = RosterFault::ALL.iter().map(|fault| fault.code()).collect();
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
    for fault in RosterFault::ALL {
        assert!(!fault.reason().is_empty() && !fault.remedy().is_empty());
    }
}

#[test]
fn a_path_with_nothing_there_is_told() {
    let rejected =
        read("/nowhere/at/all".as_ref(), today(), &mut |_| {}).expect_err("nothing there");
    assert_eq!(told(&rejected.refusals), ["R101 all"]);
}

#[test]
fn all_problems_are_told_and_not_the_first_alone() {
    let files = Files::good()
        .and("schools.csv", "3,,30\n")
        .and("students.csv", "1,13,Poe,Al,,99/99/9999,no mail,,\n")
        .and("enrollments.csv", "1,C1,99\n");
    let expected = [
        "R402 schools.csv:4 School_name",
        "R405 students.csv:4 DOB \"99/99/9999\"",
        "R406 students.csv:4 Student_email \"no mail\"",
        "R507 enrollments.csv:4 Student_id \"99\"",
    ];
    let mut told = told(&files.rejected().refusals);
    told.sort();
    assert_eq!(told, expected);
}

#[test]
fn what_refers_to_a_spoilt_row_or_file_is_not_refused_too() {
    for files in [
        Files::good().replaced("schools.csv", "1,North,10", "1,North"),
        Files::good().replaced("students.csv", "1,11,Núñez,Ana,4", "1,11,\"Nú\"ñez,Ana,4"),
        Files::good().replaced("students.csv", "Student_id", "Student_number"),
        Files::good().with("teachers.csv", b"\xff\xfe"),
        Files::good().replaced("sections.csv", "1,C1", "1,\"C1"),
    ] {
        let rejected = files.rejected();
        assert_eq!(rejected.refusals.total(), 1, "{rejected}");
    }
}

#[test]
fn an_id_that_lost_its_zeros_is_recognised() {
    let files = Files::good().replaced("schools.csv", "2,South", "0002,South").replaced(
        "students.csv",
        "2,12",
        "0002,12",
    );
    let rejected = files.rejected();
    let remedies: Vec<_> =
        rejected.refusals.problems.iter().map(|problem| problem.remedy.as_str()).collect();
    assert!(!remedies.is_empty());
    assert!(remedies.iter().all(|remedy| *remedy == "if \"0002\" is meant, write it so"));
}

#[test]
fn a_header_cannot_speak_to_the_terminal() {
    let files = Files::good().replaced("schools.csv", "School_id", "\u{e}chool_id").replaced(
        "students.csv",
        "Grade",
        "Gr\u{1b}de",
    );
    let report = files.rejected().to_string();
    assert!(report.contains("rename ␎chool_id to School_id"), "{report}");
    assert!(report.contains("Gr␛de"), "{report}");
    assert!(!report.contains(['\u{e}', '\u{1b}']));
}

#[test]
fn a_thousand_refusals_are_told_and_the_others_counted() {
    let rows: String = (0..2_500).map(|_| "1,C1,99\n").collect();
    let rejected = Files::good().and("enrollments.csv", &rows).rejected();
    assert_eq!(rejected.refusals.problems.len(), 1_000);
    assert_eq!(rejected.refusals.total(), 2_500);
    assert!(rejected.refusals.problems.iter().all(|p| p.severity() == Severity::Refusal));
}
