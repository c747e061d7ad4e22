//! Hundreds of bad inputs, over both dialects: each is refused, or what is wrong with it is left
//! out and told. Either way a district that has the good roster does not change.

use std::collections::BTreeSet;

use firstbell_roster::RosterFault;

use crate::files::Files;
use crate::oneroster::{one_one, one_two};
use crate::store::Store;

/// A spoilt file: what was done to it, and what it became.
struct Spoilt {
    what: String,
    files: Files,
}

fn text(files: &Files, name: &str) -> String {
    String::from_utf8(files.0[name].clone()).expect("text")
}

/// What can be wrong with a file as bytes.
fn bytes_of(name: &str, files: &Files) -> Vec<Spoilt> {
    let whole = text(files, name);
    let (header, rows) = whole.split_once('\n').expect("a header");
    let utf16: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [b"\xff\xfe".as_slice(), &utf16].concat();
    let with = |tail: &[u8]| [whole.as_bytes(), tail].concat();
    let commas = ",".repeat(header.matches(',').count() - 1);
    let spoilt: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("only blank lines", b"\n\r\n\n".to_vec()),
        ("UTF-16", marked),
        ("UTF-16 without a mark", utf16),
        ("a workbook", b"PK\x03\x04\x14\0\x06\0".to_vec()),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1".to_vec()),
        ("a PDF", b"%PDF-1.7\n".to_vec()),
        ("a web page", b"<!DOCTYPE html><table><tr><td>1</td></tr></table>".to_vec()),
        ("gzip", b"\x1f\x8b\x08\0".to_vec()),
        ("rich text", b"{\\rtf1 x}".to_vec()),
        (
            "Latin-1",
            with(format!("x{commas}\n").replace('x', "\u{1}").as_bytes())
                .iter()
                .map(|&byte| if byte == 1 { 0xf1 } else { byte })
                .collect(),
        ),
        (
            "a lone continuation byte",
            with(format!("\u{1}{commas}\n").as_bytes())
                .iter()
                .map(|&byte| if byte == 1 { 0x80 } else { byte })
                .collect(),
        ),
        ("a surrogate", [whole.as_bytes(), b"\xed\xa0\x80", commas.as_bytes(), b"\n"].concat()),
        ("a NUL", with(format!("\0{commas}\n").as_bytes())),
        ("a quote that never closes", with(b"\"x,y\n")),
        ("text behind a quote", with(format!("\"x\"y{commas}\n").as_bytes())),
        ("a row too short", with(b"x\n")),
        ("a row too long", with(format!("x{commas},,more\n").as_bytes())),
        ("a row without end", with(&vec![b'x'; (1 << 20) + 10])),
        ("a cell too long", with(format!("{}{commas},\n", "y".repeat(501)).as_bytes())),
        ("a control character", with(format!("a\u{1b}[2J{commas},\n").as_bytes())),
        ("semicolons", whole.replace(',', ";").into_bytes()),
        ("tabs", whole.replace(',', "\t").into_bytes()),
        ("no header", rows.as_bytes().to_vec()),
        ("a header that stands twice", format!("{header},{header}\n{rows}").into_bytes()),
        ("too many columns", format!("{header}{}\n{rows}", ",ext.x".repeat(501)).into_bytes()),
        ("cut in a quote", format!("{header}\n\"{rows}").into_bytes()),
    ];
    spoilt
        .into_iter()
        .map(|(what, bytes)| Spoilt {
            what: format!("{name}: {what}"),
            files: files.clone().with(name, bytes),
        })
        .collect()
}

/// What can be wrong with a file's columns: each that is required missing, and empty in a row.
fn columns_of(name: &str, required: &[&str], files: &Files) -> Vec<Spoilt> {
    let whole = text(files, name);
    let (header, rows) = whole.split_once('\n').expect("a header");
    let names: Vec<&str> = header.split(',').collect();
    let mut spoilt = Vec::new();
    for column in required {
        let at = names.iter().position(|known| known == column).expect("a column");
        let mut renamed = names.clone();
        renamed[at] = "Nobody_knows_this";
        let cells: Vec<&str> =
            (0..names.len()).map(|nth| if nth == at { "" } else { "x" }).collect();
        for (what, text) in [
            ("is missing", format!("{}\n{rows}", renamed.join(","))),
            ("is empty", format!("{whole}{}\n", cells.join(","))),
            (
                "is only spaces",
                format!("{whole}{}\n", cells.join(",").replacen(",,", ", \u{a0} ,", 1)),
            ),
        ] {
            spoilt.push(Spoilt {
                what: format!("{name}: {column} {what}"),
                files: files.clone().with(name, text),
            });
        }
    }
    spoilt.push(Spoilt { what: format!("{name} is missing"), files: files.clone().without(name) });
    spoilt.push(Spoilt {
        what: format!("{name} is there twice"),
        files: files.clone().with(&name.to_uppercase(), whole),
    });
    spoilt
}

const PLAIN: [(&str, &[&str]); 5] = [
    ("schools.csv", &["School_id", "School_name", "School_number"]),
    ("students.csv", &["School_id", "Student_id", "Last_name", "First_name"]),
    ("teachers.csv", &["School_id", "Teacher_id", "Last_name", "First_name"]),
    ("sections.csv", &["School_id", "Section_id", "Teacher_id"]),
    ("enrollments.csv", &["School_id", "Section_id", "Student_id"]),
];

const ONEROSTER: [(&str, &[&str]); 8] = [
    ("orgs.csv", &["sourcedId", "name", "type"]),
    ("academicSessions.csv", &["sourcedId", "title"]),
    ("courses.csv", &["sourcedId", "title"]),
    ("users.csv", &["sourcedId", "givenName", "familyName"]),
    ("classes.csv", &["sourcedId", "title", "schoolSourcedId"]),
    ("enrollments.csv", &["sourcedId", "classSourcedId", "userSourcedId", "role"]),
    ("demographics.csv", &["sourcedId"]),
    ("courseResources.csv", &["sourcedId", "courseSourcedId", "resourceSourcedId"]),
];

fn spoilt(good: &Files, table: &[(&str, &[&str])]) -> Vec<Spoilt> {
    let of = |(name, required): &(&str, &[&str])| {
        let mut all = bytes_of(name, good);
        all.extend(columns_of(name, required, good));
        all
    };
    table.iter().flat_map(of).collect()
}

/// Imports the good roster, tries each bad one, and says which faults were told.
fn try_all(good: &Files, inputs: Vec<Spoilt>) -> (usize, BTreeSet<RosterFault>) {
    let mut store = Store::new();
    store.import(good.accepted());
    let mut told = BTreeSet::new();
    let count = inputs.len();
    for Spoilt { what, files } in inputs {
        match files.read() {
            Err(rejected) => {
                assert!(rejected.refusals.total() > 0, "{what}");
                told.extend(rejected.refusals.problems.iter().map(|problem| problem.fault));
            }
            Ok(snapshot) => {
                let warnings = &snapshot.warnings;
                told.extend(warnings.problems.iter().map(|problem| problem.fault));
                assert!(warnings.total() > 0, "{what}: nothing is said");
                let change = store.plan(snapshot).change;
                assert!(change.is_empty(), "{what}: {change:?}");
            }
        }
    }
    (count, told)
}

/// One row more, of which nothing can come.
fn left_out(files: &Files, rows: &[(&str, &str)]) -> Vec<Spoilt> {
    rows.iter()
        .map(|(name, row)| Spoilt {
            what: format!("{name}: {row}"),
            files: files.clone().and(name, row),
        })
        .collect()
}

#[test]
fn hundreds_of_bad_files_of_the_plain_dialect_change_nothing() {
    let good = Files::good().with("resources.csv", "Resource_id,Title,Roles\nR1,Atlas,\n");
    let mut inputs = spoilt(&good, &PLAIN);
    inputs.extend(
        spoilt(&good, &[("resources.csv", &["Resource_id", "Title"])]).into_iter().filter(
            // Without the file the resources go, which is what the district says then.
            |spoilt| spoilt.what != "resources.csv is missing",
        ),
    );
    inputs.extend(left_out(
        &good,
        &[
            ("resources.csv", "R2,Key,parent\n"),
            ("enrollments.csv", "1,C1,11\n"),
            ("enrollments.csv", "2,C1,11\n"),
        ],
    ));
    let (count, told) = try_all(&good, inputs);
    assert!(count >= 180, "{count} inputs");
    assert!(told.len() >= 15, "{told:?}");
}

#[test]
fn hundreds_of_bad_files_of_oneroster_change_nothing() {
    let good = one_one();
    let mut inputs = spoilt(&good, &ONEROSTER);
    inputs.extend(left_out(
        &good,
        &[
            ("users.csv", "u1,tobedeleted,,true,s1,student,u1,,A,B,,,,,,,,\n"),
            ("users.csv", "u1,active,,false,s1,student,u1,,A,B,,,,,,,,\n"),
            ("users.csv", "u1,active,,true,s1,wizard,u1,,A,B,,,,,,,,\n"),
            ("users.csv", "u1,active,,true,d1,student,u1,,A,B,,,,,,,,\n"),
            ("users.csv", "u1,active,,true,s1,parent,u1,,A,B,,,,,,,,\n"),
            ("users.csv", "u1,active,,true,s1,guardian,u1,,A,B,,,,,,zz,,\n"),
            ("enrollments.csv", "n9,active,,c1,s1,x1,student,,,\n"),
            ("enrollments.csv", "n9,active,,c1,s1,e1,student,,,\n"),
            ("enrollments.csv", "n9,active,,c1,s1,p1,teacher,,,\n"),
            ("enrollments.csv", "n9,active,,c1,s1,p2,janitor,,,\n"),
            ("enrollments.csv", "n9,active,,c1,s1,p1,student,,,\n"),
            ("enrollments.csv", "n9,active,,c1,s1,p2,student,,,2026-01-01\n"),
            ("enrollments.csv", "n9,active,,c1,s1,p2,student,,2026-12-01,\n"),
            ("classes.csv", "c3,active,,Nobody's,,k1,,,,s1,t1,,,\n"),
            ("resources.csv", "r9,active,,v9,Key,parent,,,\n"),
        ],
    ));
    let (count, told) = try_all(&good, inputs);
    assert!(count >= 280, "{count} inputs");
    assert!(told.len() >= 20, "{told:?}");
}

#[test]
fn bad_rows_of_roles_change_nothing() {
    let good = one_two();
    let mut inputs =
        spoilt(&good, &[("roles.csv", &["sourcedId", "userSourcedId", "role", "orgSourcedId"])]);
    inputs.extend(left_out(
        &good,
        &[
            ("roles.csv", "o9,active,,e1,secondary,wizard,,,s1,\n"),
            ("roles.csv", "o9,active,,e1,secondary,principal,2026-12-01,,s1,\n"),
            ("roles.csv", "o9,tobedeleted,,e1,secondary,principal,,,s1,\n"),
            ("users.csv", "u1,active,,true,u1,,A,B,,,,,,,,\n"),
        ],
    ));
    let (count, _) = try_all(&good, inputs);
    assert!(count >= 40, "{count} inputs");
}
