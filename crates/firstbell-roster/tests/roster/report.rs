//! What people are given to read of a run: lines, a page, and rows to mend.

use firstbell_roster::{Listed, Outcome, Rejected, Report};

use crate::files::{Files, rows};
use crate::store::Store;

#[test]
fn the_report_of_a_broken_folder_says_where_what_why_and_what_to_do() {
    let files = Files::good()
        .without("staff.csv")
        .with("admins.csv", "School_id,Staff_id,First_name,Last_name\n")
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

/// A roster whose names are markup and formulas, in everything that a report shows.
fn hostile() -> Files {
    Files::good()
        .replaced("students.csv", "Grade,", "\"<b>Gr\"\"ade</b>\",")
        .and("students.csv", "\"=HYPERLINK(\"\"x\"\")\",13,Poe,Al,,,,,\n")
        .and("students.csv", "+1,14,Poe,Al,,,,,\n-2,15,Poe,Al,,,,,\n@x,16,Poe,Al,,,,,\n")
        .and("students.csv", "<script>alert(1)</script>,17,Poe,Al,,,,,\n")
        .and("students.csv", "\u{202e}evil,18,Poe,Al,,,,,\n")
}

fn report(rejected: &Rejected) -> Report<'_> {
    Report {
        district: "Ada & <Lovelace>",
        when: "2026-09-15 03:00",
        outcome: Outcome::Refused,
        summary: None,
        refusals: &rejected.refusals,
        warnings: &rejected.warnings,
    }
}

#[test]
fn nothing_that_a_roster_says_is_markup_in_the_page() {
    let rejected = hostile().rejected();
    let page = report(&rejected).html();
    for markup in
        ["<script", "<b>", "</b>", "<Lovelace", "\u{202e}", "<link", "<img", "http:", "https:"]
    {
        assert!(!page.contains(markup), "{markup}");
    }
    for told in [
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "Ada &amp; &lt;Lovelace&gt;",
        "&lt;b&gt;Gr&quot;ade&lt;/b&gt;",
        "What keeps it out: 6",
        "The roster was refused; nothing was changed.",
        "(R507)",
        "no row of schools.csv has this id",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let count = |part: &str| page.matches(part).count();
    for (open, close) in [("<tr>", "</tr>"), ("<bdi>", "</bdi>"), ("<table>", "</table>")] {
        assert_eq!(count(open), count(close), "{open}");
    }
    assert!(page.contains("default-src 'none'") && page.contains("@media print"));
    assert!(page.contains("prefers-color-scheme: dark"));
}

#[test]
fn no_cell_of_the_rows_to_mend_is_a_formula() {
    let rejected = hostile().rejected();
    let text = report(&rejected).csv();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(records.len() as u64, rejected.refusals.total() + rejected.warnings.total());
    for cell in records.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
    let first = &records[0];
    let cells: Vec<&str> = first.iter().collect();
    assert_eq!(cells[..5], ["refusal", "students.csv", "4", "School_id", "'=HYPERLINK(\"x\")"]);
    assert_eq!(&cells[7], &"R507");
    let values: Vec<&str> = records.iter().map(|row| &row[4]).collect();
    assert!(values.contains(&"'+1") && values.contains(&"'-2") && values.contains(&"'@x"));
}

#[test]
fn what_is_counted_and_not_listed_is_told_too() {
    let many = rows(0..1_500, |_| "1,C1,99\n".to_owned());
    let rejected = Files::good().and("enrollments.csv", &many).rejected();
    let report = report(&rejected);
    assert!(report.html().contains("and 500 more"));
    let text = report.csv();
    assert_eq!(text.lines().count(), 1 + 1_000 + 1);
    assert!(text.lines().last().is_some_and(|line| line.contains("and 500 more")), "{text}");
}

#[test]
fn the_page_of_a_good_run_has_the_counts_and_examples() {
    let mut store = Store::new();
    let summary = store.import(Files::good().accepted());
    let nothing = Listed::default();
    let report = Report {
        district: "Ada",
        when: "today",
        outcome: Outcome::Applied,
        summary: Some(&summary),
        refusals: &nothing,
        warnings: &nothing,
    };
    let page = report.html();
    assert!(page.contains("The roster was applied."), "{page}");
    assert!(page.contains("<th scope=\"row\">students</th><td class=\"number\">2</td>"), "{page}");
    assert!(page.contains("<bdi>Ana Núñez (11)</bdi>"), "{page}");
    assert!(page.contains("Nothing is wrong with the files."));
    assert_eq!(report.csv().lines().count(), 1);
}
