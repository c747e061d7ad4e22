use std::fs;

use crate::installation::Installation;

#[test]
fn a_roster_comes_in_and_the_same_one_changes_nothing() {
    let installation = Installation::new();
    let roster = installation.roster("roster");
    let first = installation.run_well(&installation.import(&roster, &[]));
    assert!(first.contains("schools") && first.contains("3 new"), "{first}");
    assert!(first.contains("Applied."), "{first}");
    let second = installation.run_well(&installation.import(&roster, &[]));
    assert!(second.contains("3 unchanged"), "{second}");
    assert!(second.contains("nothing was changed"), "{second}");
}

#[test]
fn a_dry_run_shows_the_difference_and_makes_no_district() {
    let installation = Installation::new();
    let roster = installation.roster("roster");
    let shown = installation.run_well(&installation.import(&roster, &["--dry-run"]));
    assert!(shown.contains("3 new") && shown.contains("dry run"), "{shown}");
    let again = installation.run_well(&installation.import(&roster, &["--dry-run"]));
    assert!(again.contains("3 new"), "{again}");
}

#[test]
fn bad_input_is_named_by_file_line_and_column_and_changes_nothing() {
    let installation = Installation::furnished();
    let good = installation.path("roster");
    let text = fs::read_to_string(good.join("students.csv")).unwrap();
    let before = database_dump(&installation);

    let broken: [(&str, Vec<u8>, &[&str]); 6] = [
        (
            "dangling",
            text.replacen("101,1001,", "999,1001,", 1).into(),
            &["students.csv", "2", "999"],
        ),
        (
            "latin1",
            text.replace('ñ', "\u{1}")
                .into_bytes()
                .into_iter()
                .map(|b| if b == 1 { 0xf1 } else { b })
                .collect(),
            &["students.csv", "UTF-8"],
        ),
        ("ragged", format!("{text}101,1\n").into(), &["students.csv"]),
        (
            "no column",
            text.replacen("Last_name", "Lost_name", 1).into(),
            &["students.csv", "Last_name"],
        ),
        ("empty", Vec::new(), &["students.csv"]),
        ("long line", [text.as_bytes(), &vec![b'x'; 5 << 20]].concat(), &["students.csv"]),
    ];
    for (name, bytes, words) in broken {
        let folder = installation.path(name);
        copy(&good, &folder);
        fs::write(folder.join("students.csv"), bytes).unwrap();
        let said = installation.run_badly(&installation.import(&folder, &[]));
        for word in words {
            assert!(said.contains(word), "{name}: {said} does not say {word}");
        }
        assert!(said.contains("nothing was changed"), "{name}: {said}");
    }
    let folder = installation.path("no file");
    copy(&good, &folder);
    fs::remove_file(folder.join("sections.csv")).unwrap();
    let said = installation.run_badly(&installation.import(&folder, &[]));
    assert!(said.contains("sections.csv"), "{said}");
    assert_eq!(database_dump(&installation), before, "a refused import left something behind");
}

#[test]
fn a_file_that_lost_most_of_its_people_is_held_until_somebody_says_yes() {
    let installation = Installation::furnished();
    let roster = installation.path("roster");
    let students = fs::read_to_string(roster.join("students.csv")).unwrap();
    let few: Vec<_> = students.lines().take(20).collect();
    fs::write(roster.join("students.csv"), few.join("\n")).unwrap();
    let enrollments = fs::read_to_string(roster.join("enrollments.csv")).unwrap();
    let header = enrollments.lines().next().unwrap().to_owned();
    fs::write(roster.join("enrollments.csv"), header).unwrap();

    let said = installation.run_badly(&installation.import(&roster, &[]));
    assert!(said.contains("--yes"), "{said}");
    let shown = installation.run_well(&installation.import(&roster, &["--dry-run"]));
    assert!(shown.contains("removed"), "{shown}");
    installation.run_well(&installation.import(&roster, &["--yes"]));
}

#[test]
fn a_name_that_the_roster_gives_to_somebody_else_is_theirs() {
    let installation = Installation::furnished();
    let roster = installation.path("roster");
    let students = fs::read_to_string(roster.join("students.csv")).unwrap();
    let moved = students.replace("theo.park,", "theo.park.1,").replace("ana.nunez,", "theo.park,");
    assert_ne!(moved, students);
    fs::write(roster.join("students.csv"), moved).unwrap();
    let said = installation.run_well(&installation.import(&roster, &[]));
    assert!(said.contains("2 passwords were provisioned"), "{said}");
    let again = installation.run_well(&installation.import(&roster, &[]));
    assert!(again.contains("nothing was changed"), "{again}");
    let config = installation.config_text();
    let suspend = |name: &str| {
        let arguments =
            ["person", "suspend", "--district", "ada", "--config", &config, "--username", name];
        installation.run(&arguments).status.success()
    };
    assert!(suspend("theo.park") && suspend("theo.park.1"));
    assert!(!suspend("ana.nunez"), "nobody has the old name any more");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// What the summary of a re-import of the good roster says: everything unchanged, or not.
fn database_dump(installation: &Installation) -> String {
    let good = installation.path("roster");
    let summary = installation.run_well(&installation.import(&good, &["--dry-run"]));
    assert!(!summary.contains("    +"), "{summary}");
    summary
}
