use std::fs;

use crate::installation::Installation;

#[test]
fn a_sandbox_is_small_or_large_or_a_state() {
    let installation = Installation::new();
    let generate = |more: &[&str]| {
        let words = [&["sandbox", "generate"], more, &["sandbox"]].concat();
        installation.run_well(&words)
    };
    assert!(generate(&[]).contains("3 schools, 60 students"));
    assert!(generate(&["--students", "700"]).contains("1 schools, 700 students"));
    assert!(generate(&["--size", "large", "--students", "700"]).contains("5685 enrolments"));
    assert!(generate(&["--size", "state", "--students", "700"]).contains("6706 enrolments"));
    let both = ["sandbox", "generate", "--size", "small", "--students", "7", "sandbox"];
    assert!(installation.run_badly(&both).contains("--students"));
}

#[test]
fn a_school_year_is_played_onto_a_sandbox() {
    let installation = Installation::furnished();
    let advance = |days: &str, more: &[&str]| {
        let words = format!("sandbox advance --days {days}");
        installation.command(&words, &[more, &["roster"]].concat())
    };
    let note = || fs::read_to_string(installation.path("roster/sandbox.txt")).unwrap();
    assert_eq!(note(), "size small\nseed 1\nday 0\n");

    let said = installation.run_well(&advance("2", &[]));
    assert!(said.contains("stands at day 2") && !said.contains("Wren"), "{said}");
    let said = installation.run_well(&advance("1", &[]));
    assert!(said.contains("Day 3: Wren Castellanos (1101) enrols"), "{said}");
    assert!(said.contains("+ Wren Castellanos (1101)") && said.contains("day 3"), "{said}");
    assert!(installation.tell("person suspend --district ada --person wren.castellanos").len() > 1);
    assert_eq!(note(), "size small\nseed 1\nday 3\n");

    // A week later in one step; then what the folder holds is what the district has.
    let said = installation.run_well(&advance("7", &[]));
    for day in ["Day 5: ", "Day 8: ", "Day 10: "] {
        assert!(said.contains(day), "{said}");
    }
    let again = installation.import(&installation.path("roster"), &[]);
    assert!(installation.run_well(&again).contains("nothing was changed"));
}

#[test]
fn the_end_of_a_sandbox_year_is_held_until_it_is_meant() {
    let installation = Installation::furnished();
    let advance = |more: &[&str]| {
        installation.command("sandbox advance --days 180", &[more, &["roster"]].concat())
    };
    let said = installation.run_badly(&advance(&[]));
    assert!(said.contains("--yes") && said.contains("Nothing was changed"), "{said}");
    let note = || fs::read_to_string(installation.path("roster/sandbox.txt")).unwrap();
    assert!(note().ends_with("day 0\n"), "what was held has not happened");
    assert!(!installation.path("roster.next").exists());

    let said = installation.run_well(&advance(&["--yes"]));
    assert!(said.contains("Day 180: The year ends"), "{said}");
    assert!(note().ends_with("day 180\n"));
    assert!(!installation.path("roster.next").exists());
}

#[test]
fn only_a_sandbox_advances_and_only_its_district() {
    let installation = Installation::furnished();
    let advance = |more: &[&str]| installation.command("sandbox advance --days 1", more);
    let said = installation.run_badly(&advance(&["--district", "nowhere", "roster"]));
    assert!(said.contains("\"nowhere\"") && said.contains("firstbell import"), "{said}");
    let note = installation.path("roster/sandbox.txt");
    fs::write(&note, "day tomorrow").unwrap();
    assert!(installation.run_badly(&advance(&["roster"])).contains("does not say"));
    fs::remove_file(note).unwrap();
    assert!(installation.run_badly(&advance(&["roster"])).contains("sandbox generate"));
}
