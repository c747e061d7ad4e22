use super::*;

fn row(file: &str, value: &str) -> Row {
    Row {
        file: file.to_owned(),
        line: Some(7),
        column: Some("Grade".to_owned()),
        value: Some(value.to_owned()),
        reason: "not a word that this column knows".to_owned(),
        remedy: "see the list of words".to_owned(),
        code: "R407".to_owned(),
    }
}

fn report() -> Report {
    let kind = Kind {
        name: "students".to_owned(),
        added: 7,
        removed: 1,
        unchanged: 90,
        added_examples: vec!["Ana <b>Núñez</b> (1)".to_owned()],
        removed_examples: vec!["Theo Park (2)".to_owned()],
        ..Kind::default()
    };
    let change = IdentityChange {
        role: "teacher".to_owned(),
        sis_id: "t-1".to_owned(),
        name: "Grace & Co".to_owned(),
        from: "1".repeat(24),
        to: "2".repeat(24),
        why: "now has the email of another record".to_owned(),
    };
    let hostile = ["=HYPERLINK(\"x\")", "a,\"b\"", "<script>alert(1)</script>"];
    let listed = hostile.map(|value| row("students.csv", value)).to_vec();
    let rest = Unlisted {
        file: "students.csv".to_owned(),
        count: 1_200,
        reason: "not a word".to_owned(),
        remedy: "see the list".to_owned(),
        code: "R407".to_owned(),
    };
    Report {
        kinds: vec![kind],
        identity_changes: vec![change],
        identity_changes_total: 3,
        slips: vec!["2 people get both another name and another email".to_owned()],
        passwords: 5,
        refusals: Problems { listed, unlisted: vec![rest], total: 1_203 },
        warnings: Problems { listed: vec![row("staff.csv", "x")], unlisted: Vec::new(), total: 1 },
    }
}

#[test]
fn a_report_reads_back_as_it_was_written() {
    assert_eq!(Report::read(&report().written()).unwrap(), report());
    assert!(Report::read("{}").is_err(), "half a report is none");
}

#[test]
fn a_terminal_is_shown_counts_examples_ids_and_rows() {
    let text = report().to_string();
    for line in [
        "students                7 new, 0 changed, 1 removed, 90 unchanged\n",
        "    + … and 6 more\n",
        "    - Theo Park (2)\n",
        "! Grace & Co (teacher t-1) now has the email of another record: id 111",
        "! … and the ids of 2 more change\n",
        "! 2 people get both",
        "1203 refusals:\n",
        "  students.csv: and 1200 more: not a word. To do: see the list. [R407]\n",
        "1 warnings:\n  staff.csv:7 Grade \"x\": not a word",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
}

#[test]
fn a_table_holds_every_row_and_no_formula() {
    let table = csv::table(&report());
    let lines: Vec<_> = table.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 3 + 1 + 1 + 1, "{table}");
    assert!(lines[1].contains(r#","'=HYPERLINK(""x"")","#), "{}", lines[1]);
    assert!(lines[2].contains(r#","a,""b""","#), "{}", lines[2]);
    assert!(lines[4].contains("and 1200 more"), "{}", lines[4]);
    assert!(lines[5].starts_with(r#""warning","staff.csv","7","Grade","x","#), "{}", lines[5]);
}

#[test]
fn a_page_stands_by_itself_and_takes_nothing_for_markup() {
    let report = report();
    let page = html::page(&html::Page {
        district: "Ada <Unified>",
        run: "3".repeat(24),
        source: "upload",
        began: "2026-08-24T06:00:00.000Z".to_owned(),
        state: "held".to_owned(),
        reasons: vec!["9 of 10 students would be removed".to_owned()],
        report: &report,
    })
    .unwrap();
    for word in ["Ada &#60;Unified&#62;", "9 of 10", "Grace &#38; Co", "1203", "R407", ">7<"] {
        assert!(page.contains(word), "{word} is not in\n{page}");
    }
    for bad in ["<script", "<b>N", "http:", "https:", " src=", "<Unified>"] {
        assert!(!page.contains(bad), "{bad} is in\n{page}");
    }
}

#[test]
fn what_is_not_listed_is_counted_by_file_and_kind() {
    let fault = RosterFault::ALL[0];
    let listed =
        Listed { problems: Vec::new(), totals: [(("students.csv".to_owned(), fault), 7)].into() };
    let problems = Problems::of(&listed);
    let [rest] = &problems.unlisted[..] else { panic!("{problems:?}") };
    assert_eq!((rest.count, rest.code.as_str(), problems.total), (7, fault.code(), 7));
}
