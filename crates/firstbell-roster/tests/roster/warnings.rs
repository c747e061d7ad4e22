//! What is forgiven, and what is said about it.

use firstbell_core::roster::RoleKind;

use crate::files::{Files, told};
use crate::refusals::{Case, case};

pub fn cases() -> Vec<Case> {
    [file_cases(), contact_cases(), resource_cases()].into_iter().flatten().collect()
}

fn file_cases() -> Vec<Case> {
    let good = Files::good;
    vec![
        case(&["R105 admins.csv"], good().with("admins.csv", "School_id,Staff_id\n")),
        case(
            &["R104 admins.csv"],
            good()
                .without("staff.csv")
                .with("Admins.CSV", "School_id,Staff_id,First_name,Last_name\n"),
        ),
        case(&["R106 atendance.csv"], good().with("atendance.csv", "x\n")),
        case(&["R114 attendance.csv"], good().with("attendance.csv", "x\n")),
        case(&["R303 students.csv:1 Gradee"], good().replaced("students.csv", "Grade,", "Gradee,")),
        case(
            &["R304 schools.csv:1"],
            good().with(
                "schools.csv",
                "School_id,,School_name,School_number\n1,,North,10\n2,?,South,20\n",
            ),
        ),
        case(
            &["R407 students.csv:2 Grade \"fourth\""],
            good().replaced("students.csv", "Ana,4", "Ana,fourth"),
        ),
        case(
            &["R407 sections.csv:2 Subject \"Alchemy\""],
            good().replaced("sections.csv", "1,math", "1,Alchemy"),
        ),
        case(
            &["R502 enrollments.csv"],
            good().with("enrollments.csv", "School_id,Section_id,Student_id\n\n"),
        ),
        case(
            &["R505 teachers.csv:4 Title \"Dr\""],
            good().and("teachers.csv", "2,T1,Tea,Moreno,tea@d.example,Dr,,\n"),
        ),
        case(
            &["R508 enrollments.csv:4 School_id \"2\""],
            good().and("enrollments.csv", "2,C1,12\n"),
        ),
        case(
            &["R509 enrollments.csv:4 Student_id \"11\""],
            good().and("enrollments.csv", "1,C1,11\n"),
        ),
        case(
            &["R510 sections.csv:4 Teacher_2_id \"T1\""],
            good().and("sections.csv", "1,C3,T1,T1,,,,,,,,\n"),
        ),
        case(
            &["R511 students.csv Student_id \"0011\""],
            good().and("students.csv", "1,0011,Poe,Al,,,,,\n"),
        ),
        case(
            &["R602 students.csv:4 Password"],
            good().and("students.csv", "1,13,Poe,Al,,,,,secret\n"),
        ),
        case(
            &["R607 students.csv:4 Student_email \"ANA@s.example\""],
            good().and("students.csv", "1,13,Poe,Al,,,ANA@s.example,al,oak\n"),
        ),
        case(
            &[
                "R608 students.csv:4 Student_email \"tom@d.example\"",
                "R603 students.csv:4 Password",
            ],
            good()
                .replaced("teachers.csv", "Mr,tom,oak", "Mr,tom@d.example,oak")
                .and("students.csv", "1,13,Poe,Al,,,tom@d.example,,oak\n"),
        ),
        case(
            &["R604 staff.csv:4 Password"],
            good().and("staff.csv", "1,S3,tom@d.example,Tom,Idle,,Staff,tom,ash\n"),
        ),
        case(
            &["R605 staff.csv:4 Staff_email \"TEA@d.example\""],
            good().and("staff.csv", "1,S3,TEA@d.example,Thea,Moreno,,Staff,,\n"),
        ),
        case(
            &["R606 teachers.csv:4 Teacher_email \"tea@d.example\""],
            good().and("teachers.csv", "1,T3,Tea,Moreno,tea@d.example,,,\n"),
        ),
        case(
            &["R609 staff.csv:4 Role \"district_admin\""],
            good().and("staff.csv", "1,S3,new@d.example,Ned,Ray,,district_admin,,\n"),
        ),
    ]
}

fn contact_cases() -> Vec<Case> {
    vec![
        case(
            &["R611 students.csv:2 Student_id \"11\""],
            with_contact("Contact_relationship", "Parent"),
        ),
        case(
            &["R407 students.csv:2 Contact_email \"none\""],
            with_contact("Contact_name,Contact_email", "Eva,none"),
        ),
        case(
            &[
                "R407 students.csv:2 Contact_phone_type \"Fax\"",
                "R407 students.csv:2 Contact_relationship \"Boss\"",
                "R407 students.csv:2 Contact_type \"Any\"",
            ],
            with_contact(
                "Contact_name,Contact_phone_type,Contact_relationship,Contact_type",
                "Eva,Fax,Boss,Any",
            ),
        ),
        case(
            &["R612 students.csv:3 Contact_phone \"555-2\""],
            Files::good().with(
                "students.csv",
                "School_id,Student_id,Last_name,First_name,Contact_sis_id,Contact_phone\n\
                 1,11,N,A,K1,555-1\n2,12,L,B,K1,555-2\n",
            ),
        ),
    ]
}

fn resource_cases() -> Vec<Case> {
    let good = Files::good;
    vec![
        case(
            &["R505 resources.csv:3 Title \"Book B\""],
            good().with("resources.csv", "Resource_id,Title\nR1,Book A\nR1,Book B\n"),
        ),
        case(
            &["R505 resources.csv:3 Roles \"student\""],
            good().with("resources.csv", "Resource_id,Title,Roles\nR1,A,\nR1,A,student\n"),
        ),
        case(
            &["R512 resources.csv:2 Course_number \"M5\""],
            good().with("resources.csv", "Resource_id,Title,Course_number\nR1,A,M5\n"),
        ),
        case(
            &["R512 resources.csv:2 Course_number \"M4\""],
            good().with(
                "resources.csv",
                "Resource_id,Title,Course_number,Course_name\nR1,A,M4,Art\n",
            ),
        ),
        case(
            &["R407 resources.csv:2 Roles \"Teachers; parents\""],
            good().with("resources.csv", "Resource_id,Title,Roles\nR1,A,Teachers; parents\n"),
        ),
        case(
            &["R407 resources.csv:2 Roles \"parent\"", "R513 resources.csv:2 Roles \"parent\""],
            good().with("resources.csv", "Resource_id,Title,Roles\nR1,A,parent\n"),
        ),
    ]
}

/// The good roster in which Ana has a contact with these columns.
fn with_contact(columns: &str, cells: &str) -> Files {
    let blanks = ",".repeat(columns.matches(',').count());
    Files::good()
        .replaced("students.csv", "Password\n", &format!("Password,{columns}\n"))
        .replaced("students.csv", "ana,maple", &format!("ana,maple,{cells}"))
        .replaced("students.csv", "bo,", &format!("bo,,{blanks}"))
}

#[test]
fn each_oddity_is_warned_of_where_it_is_and_does_no_harm() {
    for Case { told: expected, files } in cases() {
        assert_eq!(told(&files.accepted().warnings), expected);
    }
}

#[test]
fn what_spreadsheets_do_to_a_file_is_forgiven_in_silence() {
    for files in [
        Files::good().with(
            "schools.csv",
            "\u{feff}School_id,School_name,School_number\r\n1,North,10\r\n2,South,20",
        ),
        Files::good()
            .with("schools.csv", "school id, SCHOOL NAME ,School_Number\r1,North,10\r2,South,20\r"),
        Files::good().with(
            "schools.csv",
            "School_number,School_id,School_name,,\n\n10,1,North,,\n20,2,South\n,,,,\n  \n",
        ),
        Files::good().with(
            "schools.csv",
            "\"School_id\",School_name,School_number,,\n1, North ,10,,,,\n2,\"South\",20,,\n",
        ),
    ] {
        let snapshot = files.accepted();
        assert_eq!((snapshot.schools(), snapshot.warnings.total()), (2, 0));
    }
}

#[test]
fn a_slip_in_a_column_name_is_answered_with_the_name() {
    let snapshot = Files::good().replaced("students.csv", "Grade,", "Gradee,").accepted();
    assert_eq!(snapshot.warnings.problems[0].remedy, "if Grade is meant, write it so");
}

#[test]
fn a_missing_column_is_answered_with_its_likely_twin() {
    let rejected = Files::good().replaced("students.csv", "Last_name", "Lsat_name").rejected();
    assert_eq!(rejected.refusals.problems[0].remedy, "rename Lsat_name to Last_name");
}

#[test]
fn staff_is_optional() {
    let snapshot = Files::good().without("staff.csv").accepted();
    assert_eq!((snapshot.roles(RoleKind::Staff), snapshot.people()), (0, 4));
}

#[test]
fn files_may_be_named_in_capitals_and_other_files_lie_beside_them() {
    let mut files = Files::good().with("README.txt", "hello").with(".hidden.csv", "x");
    let schools = files.0.remove("schools.csv").expect("a file");
    let snapshot = files.with("SCHOOLS.CSV", schools).accepted();
    assert_eq!(snapshot.warnings.total(), 0);
}

#[test]
fn nobody_is_raised_to_administrator_by_a_row_with_a_school() {
    for (row, staff, admins) in [
        ("1,S3,x@d.example,A,B,District Administrator,,,\n", 2, 1),
        (",S3,x@d.example,A,B,District Administrator,,,\n", 1, 2),
        (",S3,x@d.example,A,B,District Administrator,Secretary,,\n", 2, 1),
        (",S3,x@d.example,A,B,,district_admin,,\n", 1, 2),
        (",S3,x@d.example,A,B,Assistant to the District Administrator,,,\n", 2, 1),
        (",S3,x@d.example,A,B,,,,\n", 2, 1),
    ] {
        let snapshot = Files::good().and("staff.csv", row).accepted();
        let roles = (snapshot.roles(RoleKind::Staff), snapshot.roles(RoleKind::DistrictAdmin));
        assert_eq!(roles, (staff, admins), "{row}");
    }
}

#[test]
fn a_teacher_with_the_title_of_an_administrator_stays_a_teacher() {
    let snapshot =
        Files::good().and("teachers.csv", "1,T3,A,B,x@d.example,District Admin,,\n").accepted();
    assert_eq!(snapshot.roles(RoleKind::DistrictAdmin), 1);
}

#[test]
fn the_older_form_of_the_staff_file_is_read_in_its_place_and_raises_nobody() {
    let admins = "School_id,Staff_id,Admin_email,First_name,Last_name,Admin_title,Username,Password\n\
                  1,S1,sam@d.example,Sam,Rivers,Principal,sam,\n\
                  1,S3,tea@d.example,Tea,Morena,District Admin,,\n\
                  ,S2,lin@d.example,Lin,Zhou,District Admin,,\n";
    let files = Files::good().without("staff.csv").with("admins.csv", admins);
    let snapshot = files.accepted();
    assert_eq!((snapshot.roles(RoleKind::Staff), snapshot.roles(RoleKind::DistrictAdmin)), (2, 1));
    let expected = [
        "R104 admins.csv",
        "R609 admins.csv:3 Admin_title \"District Admin\"",
        "R605 admins.csv:3 Admin_email \"tea@d.example\"",
    ];
    assert_eq!(told(&snapshot.warnings), expected);
    let mut store = crate::store::Store::new();
    store.import(snapshot);
    let sam = store.current.people.values().find(|person| person.user.name.first == "Sam");
    assert_eq!(sam.expect("Sam").user.roles[0].details.get("title"), Some("Principal"));
}

#[test]
fn ext_columns_of_every_file_with_records_are_kept() {
    let mut files = Files::good();
    let names = ["schools.csv", "students.csv", "teachers.csv", "staff.csv", "sections.csv"];
    for name in names {
        let text = String::from_utf8(files.0[name].clone()).expect("text");
        let mut lines = text.lines();
        let header = format!("{},Ext.Color\n", lines.next().expect("a header"));
        let rows: Vec<String> = lines.map(|row| format!("{row},blue\n")).collect();
        files = files.with(name, header + &rows.concat());
    }
    let snapshot = files.accepted();
    assert_eq!(snapshot.warnings.total(), 0);
    let mut store = crate::store::Store::new();
    store.import(snapshot);
    let current = &store.current;
    let schools = current.schools.values().map(|school| &school.details);
    let sections = current.sections.values().map(|section| &section.details);
    let roles = current.people.values().flat_map(|person| &person.user.roles);
    let mut all = schools.chain(sections).chain(roles.map(|role| &role.details));
    assert!(all.all(|details| details.get("ext.Color") == Some("blue")));
}
