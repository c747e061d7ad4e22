//! The report of a thoroughly broken folder, as a person reads it.

use crate::files::Files;

#[test]
fn the_report_of_a_broken_folder_says_where_what_why_and_what_to_do() {
    let files = Files::good()
        .without("staff.csv")
        .with("admins.csv", "School_id\n")
        .and("schools.csv", "2,South again,30\n3,\u{1b}[2JEast,30\n")
        .with(
            "students.csv",
            "School_id,Student_id,Last_name,First_name,Grade,Bus,Password\n\
             1,11,N\u{fa}\u{f1}ez,Ana,IV,7,top secret\n\
             1,11,N\u{fa}\u{f1}ez,Ana,IV,7,other secret\n\
             7,12,=HYPERLINK(\"http://x\"),Bo,5\n",
        )
        .with("teachers.csv", b"School_id,Teacher_id,First_name,Last_name\n1,T1,Jos\xe9,Moreno\n")
        .replaced("sections.csv", "08/17/2026", "8/17/26")
        .and("enrollments.csv", "1,C1,0011\n\"2,C2,12\n");
    assert_eq!(files.rejected().to_string(), include_str!("broken.txt"));
}
