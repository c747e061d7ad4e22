//! `firstbell sync`, as a data office and an operator use it.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use firstbell_store::testing::expire_holds;
use serde_json::{Value, json};

use crate::commands::wait_for;
use crate::installation::{Installation, program};

impl Installation {
    /// `firstbell sync run` of a folder; its exit code and what it printed.
    fn sync(&self, source: &Path) -> (Option<i32>, String) {
        let source = source.display().to_string();
        let output = self.run(&self.command("sync run --district ada", &[&source]));
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    /// The newest run.
    fn newest(&self) -> Value {
        self.json("sync show --district ada --last 1")["runs"][0].clone()
    }

    fn of(&self, verb: &str, run: &Value) -> (Option<i32>, String) {
        let words = format!("sync {verb} {}", run["id"].as_str().unwrap());
        let output = self.run(&self.command(&words, &[]));
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    /// The version of the roster that is there.
    fn version(&self) -> i64 {
        self.json("sync versions --district ada")["present"]["version"].as_i64().unwrap()
    }

    fn kept(&self) -> usize {
        fs::read_dir(self.path("spool")).map_or(0, Iterator::count)
    }

    /// The sandbox once more, with one of its files changed.
    fn changed(
        &self,
        name: &str,
        file: &str,
        change: impl Fn(&str) -> String,
    ) -> std::path::PathBuf {
        let (from, to) = (self.path("roster"), self.path(name));
        fs::create_dir(&to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
        let text = fs::read_to_string(to.join(file)).unwrap();
        let changed = change(&text);
        assert_ne!(text, changed);
        fs::write(to.join(file), changed).unwrap();
        to
    }

    /// One student has another first name.
    fn renamed(&self, name: &str, first: &str) -> std::path::PathBuf {
        let renamed = format!(",Jun,{first},");
        self.changed(name, "students.csv", |text| text.replace(",Jun,Ana,", &renamed))
    }

    /// Nobody is in any section.
    fn emptied(&self, name: &str) -> std::path::PathBuf {
        self.changed(name, "enrollments.csv", |text| text.lines().next().unwrap().to_owned())
    }
}

#[test]
fn a_sync_is_planned_applied_and_recorded() {
    let installation = Installation::furnished();
    let imported = installation.newest();
    assert_eq!(imported["state"], "applied", "an import is a run too");
    assert_eq!(
        (imported["source"].as_str(), imported["version"].as_i64()),
        (Some("command"), Some(1))
    );

    let renamed = installation.renamed("renamed", "Anna");
    let path = renamed.display().to_string();
    let plan = installation.run_well(&installation.command("sync plan --district ada", &[&path]));
    assert!(plan.contains("1 changed") && plan.contains("~ Anna"), "{plan}");
    assert!(plan.contains("would be applied on version 1"), "{plan}");
    assert_eq!((installation.version(), installation.newest()), (1, imported));

    let (code, said) = installation.sync(&renamed);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("applied as version 2"), "{said}");
    let run = installation.newest();
    assert_eq!(
        (&run["state"], &run["version"], &run["planned_on"]),
        (&json!("applied"), &json!(2), &json!(1))
    );
    let id = run["id"].as_str().unwrap();
    let shown = installation.json(&format!("sync show {id}"));
    let students = &shown["report"]["kinds"].as_array().unwrap().iter();
    let students = students.clone().find(|kind| kind["name"] == "students").unwrap();
    assert_eq!((&students["changed"], &students["removed"]), (&json!(1), &json!(0)));
    assert!(installation.tell(&format!("sync show {id}")).contains("~ Anna"));

    let (code, said) = installation.sync(&renamed);
    assert!(code == Some(0) && said.contains("is so already"), "{said}");
    assert_eq!(
        (installation.newest()["state"].clone(), installation.version()),
        (json!("unchanged"), 2)
    );
    assert_eq!(installation.kept(), 0, "files are not kept longer than they are needed");
    assert_eq!(installation.actions(), ["sync.applied", "sync.applied"]);
}

#[test]
fn a_sync_that_would_remove_too_much_waits_and_its_approval_applies_what_was_shown() {
    let installation = Installation::furnished();
    let emptied = installation.emptied("emptied");
    let (code, said) = installation.sync(&emptied);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("enrolments would be removed (more than 10 % is held)"), "{said}");
    let held = installation.newest();
    assert_eq!((&held["state"], &held["version"]), (&json!("held"), &Value::Null));
    assert!(held["reasons"][0].as_str().unwrap().contains("enrolments"), "{held}");
    assert_eq!((installation.version(), installation.kept()), (1, 1));

    // Whatever becomes of the source, what was shown is applied.
    fs::remove_dir_all(&emptied).unwrap();
    let (code, said) = installation.of("approve", &held);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("applied as version 2"), "{said}");
    let applied = installation.newest();
    assert_eq!((&applied["id"], &applied["state"]), (&held["id"], &json!("applied")));
    assert_eq!(applied["fingerprint"], held["fingerprint"]);
    assert_eq!((installation.version(), installation.kept()), (2, 0));
    assert_eq!(installation.actions(), ["sync.applied", "sync.approved", "sync.applied"]);
    for verb in ["approve", "discard"] {
        let (code, said) = installation.of(verb, &held);
        assert!(code == Some(1) && said.contains("is applied, not held"), "{said}");
    }
}

#[test]
fn an_approval_is_for_the_plan_that_was_shown() {
    let installation = Installation::furnished();
    let (code, _) = installation.sync(&installation.emptied("emptied"));
    assert_eq!(code, Some(3));
    let held = installation.newest();

    // The roster changes behind it, by a way that does not make the files out of date.
    assert_eq!(installation.sync(&installation.renamed("renamed", "Anna")).0, Some(0));
    assert_eq!(installation.newest()["state"], "applied");
    let (code, said) = installation.of("approve", &held);
    assert!(code == Some(1) && said.contains("is discarded, not held"), "{said}");

    let (code, _) = installation.sync(&installation.emptied("emptied again"));
    assert_eq!(code, Some(3));
    let held = installation.newest();
    let kept = installation.path("spool").join(held["id"].as_str().unwrap()).join("roster");
    fs::write(kept.join("students.csv"), "something else").unwrap();
    let (code, said) = installation.of("approve", &held);
    assert!(code == Some(1) && said.contains("are not those that were shown"), "{said}");
    assert_eq!(
        (installation.version(), installation.newest()["state"].clone()),
        (2, json!("held"))
    );

    let (code, said) = installation.of("discard", &held);
    assert!(code == Some(0) && said.contains("Nothing was changed"), "{said}");
    assert_eq!((installation.version(), installation.kept()), (2, 0));
    let shown = installation.json(&format!("sync show {}", held["id"].as_str().unwrap()));
    assert_eq!(shown["state"], "discarded");
    let unknown = installation.refuse(&format!("sync approve {}", "0".repeat(24)), &[]);
    assert!(unknown.contains("sync show"), "{unknown}");
}

/// What a file becomes: a name, the file, the change, the exit code and words of the reply.
type Case<'c> = (&'c str, &'c str, &'c dyn Fn(&str) -> String, i32, &'c str);

/// U-08 and U-09.
#[test]
fn files_that_were_cut_off_or_slipped_by_a_row_change_nothing_by_themselves() {
    let installation = Installation::furnished();
    let lines = |text: &str, take: fn(usize) -> usize| {
        let all: Vec<_> = text.lines().collect();
        all[..take(all.len())].join("\n")
    };
    let header_only = |text: &str| lines(text, |_| 1);
    let half = |text: &str| lines(text, |all| all / 2);
    // Every student has the names and email address of the next one.
    let slipped = |text: &str| {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let column = |name: &str| rows[0].iter().position(|column| column == name).unwrap();
        let columns = ["First_name", "Last_name", "Student_email"].map(column);
        let id = column("Student_id");
        let mut firsts: Vec<&csv::StringRecord> = rows[1..].iter().collect();
        firsts.dedup_by_key(|row| &row[id]);
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&rows[0]).unwrap();
        for row in &rows[1..] {
            let place = firsts.iter().position(|first| first[id] == row[id]).unwrap();
            let next = firsts[(place + 1) % firsts.len()];
            let cells = row.iter().enumerate();
            let from = |at: usize| if columns.contains(&at) { next } else { row };
            writer.write_record(cells.map(|(at, _)| &from(at)[at])).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    };
    let empty = |_: &str| String::new();
    let cases: [Case<'_>; 6] = [
        ("empty", "students.csv", &empty, 1, "no roster"),
        ("empty enrolments", "enrollments.csv", &empty, 1, "no roster"),
        ("header only", "enrollments.csv", &header_only, 3, "enrolments would be removed"),
        ("half the enrolments", "enrollments.csv", &half, 3, "enrolments would be removed"),
        ("half the students", "students.csv", &half, 1, "no row of students.csv has this id"),
        ("slipped", "students.csv", &slipped, 3, "did a column slip?"),
    ];
    for (name, file, change, code, words) in cases {
        let folder = installation.changed(name, file, change);
        let (found, said) = installation.sync(&folder);
        assert_eq!(found, Some(code), "{name}: {said}");
        assert!(said.contains(words), "{name}: {said}");
        assert_eq!(installation.version(), 1, "{name}");
    }
}

#[test]
fn a_district_says_how_much_may_change_unasked() {
    let installation = Installation::furnished();
    let limits = "sync limits --district ada";
    let shares = |removals: f64, login_names: f64| {
        json!({
            "removals_percent": removals,
            "renames_percent": 2.0,
            "login_names_percent": login_names,
        })
    };
    let default = shares(10.0, 2.0);
    assert_eq!(installation.json(limits), default);
    let all = shares(100.0, 7.5);
    let words = format!("{limits} --removals 100% --login-names 7.5%");
    assert_eq!(installation.json(&words), all);
    let (code, said) = installation.sync(&installation.emptied("emptied"));
    assert_eq!(code, Some(0), "{said}");
    for bad in ["101%", "15", "-1%"] {
        let output = installation.run(&installation.command(limits, &["--removals", bad]));
        assert_eq!(output.status.code(), Some(2), "{bad}");
    }
    assert_eq!(installation.json(limits), all);
    assert_eq!(installation.actions(), ["sync.applied", "sync.limits_changed", "sync.applied"]);
}

#[test]
fn rejected_rows_are_written_to_be_sent_back() {
    let installation = Installation::furnished();
    let wrong = installation
        .changed("wrong", "enrollments.csv", |text| format!("{text}101,=cmd|' /C calc'!A0,1001\n"));
    let (code, said) = installation.sync(&wrong);
    assert_eq!(code, Some(1), "{said}");
    let run = installation.newest();
    assert_eq!((run["state"].clone(), installation.kept()), (json!("rejected"), 0));

    let (html, csv) = (installation.path("report.html"), installation.path("rows.csv"));
    let report = format!("sync report {}", run["id"].as_str().unwrap());
    let files = ["--html", html.to_str().unwrap(), "--csv", csv.to_str().unwrap()];
    installation.run_well(&installation.command(&report, &files));
    let (html, csv) = (fs::read_to_string(html).unwrap(), fs::read_to_string(csv).unwrap());
    assert!(html.contains("R507") && html.contains("rejected"), "{html}");
    assert!(csv.contains("\"refusal\",\"enrollments.csv\"") && csv.contains("\"R507\""), "{csv}");
    assert!(csv.contains("\"'=cmd|"), "a formula is a text: {csv}");
    assert_eq!(installation.run(&installation.command(&report, &[])).status.code(), Some(2));
}

#[test]
fn a_key_is_shown_once_and_kept_as_its_hash() {
    let installation = Installation::furnished();
    let first = installation.json("sync key --district ada new");
    let second = installation.json("sync key new --district ada");
    let (first, second) = (first["key"].as_str().unwrap(), second["key"].as_str().unwrap());
    assert!(first != second && first.len() == 42 && first.starts_with("su"));
    for entry in fs::read_dir(installation.path("")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let has = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
            assert!(!has(first) && !has(second), "{}", path.display());
        }
    }
    assert_eq!(installation.json("sync key --district ada revoke")["changed"], true);
    assert_eq!(installation.json("sync key --district ada revoke")["changed"], false);
    let made = ["sync.applied", "sync.key_made", "sync.key_made", "sync.key_revoked"];
    assert_eq!(installation.actions(), made);
}

/// U-19, as far as a test can bring it about: there is no room in the spool.
#[test]
fn without_room_in_the_spool_a_sync_fails_and_the_roster_stays() {
    let installation = Installation::furnished();
    fs::write(installation.path("spool"), "a file where the folder should be").unwrap();
    let (code, said) = installation.sync(&installation.renamed("renamed", "Anna"));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("did not get into the spool"), "{said}");
    let run = installation.newest();
    assert_eq!((run["state"].clone(), installation.version()), (json!("failed"), 1));
    assert!(run["reasons"][0].as_str().unwrap().contains("spool"), "{run}");

    fs::remove_file(installation.path("spool")).unwrap();
    let (code, said) = installation.sync(&installation.path("renamed"));
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn a_roster_goes_back_to_what_it_was_as_a_new_version() {
    let installation = Installation::furnished();
    let original = installation.path("roster");
    assert_eq!(installation.sync(&installation.renamed("renamed", "Anna")).0, Some(0));
    let unlimited = "sync limits --district ada --removals 100%";
    installation.tell(unlimited);
    assert_eq!(installation.sync(&installation.emptied("emptied")).0, Some(0));
    assert_eq!(installation.version(), 3);
    let plan = |source: &Path| {
        let source = source.display().to_string();
        installation.run_well(&installation.command("sync plan --district ada", &[&source]))
    };
    assert!(!plan(&original).contains("is so already"));

    let undo = "sync undo --district ada --to";
    let shown = installation.tell(&format!("{undo} 1"));
    assert!(shown.contains("Nothing was changed"), "{shown}");
    let enrolments = shown.lines().find(|line| line.starts_with("enrolments")).unwrap();
    assert!(enrolments.contains(" new, 0 changed, 0 removed, 0 unchanged"), "{enrolments}");
    assert!(!enrolments.contains(" 0 new"), "{enrolments}");
    assert_eq!(installation.version(), 3);
    let told = installation.tell(&format!("{undo} 1 --yes"));
    assert!(told.contains("as it was in version 1: applied as version 4"), "{told}");
    assert_eq!(installation.version(), 4);
    assert!(plan(&original).contains("is so already"), "it is what it was");
    let run = installation.newest();
    assert_eq!((&run["source"], &run["undo_to"]), (&json!("undo"), &json!(1)));
    assert_eq!(installation.actions().last().map(String::as_str), Some("sync.undone"));

    // An undo can be undone: the version in between is there still.
    installation.tell(&format!("{undo} 3 --yes"));
    assert!(plan(&installation.path("emptied")).contains("is so already"));
    let again = installation.tell(&format!("{undo} 3 --yes"));
    assert!(again.contains("as it was in version 3"), "{again}");
    assert_eq!(
        (installation.version(), installation.newest()["state"].clone()),
        (5, json!("unchanged"))
    );

    for (to, words) in
        [("5", "is the one that is there"), ("6", "no version 6"), ("0", "no version 0")]
    {
        let said = installation.refuse(&format!("{undo} {to} --yes"), &[]);
        assert!(said.contains(words), "{to}: {said}");
    }
    let versions = installation.json("sync versions --district ada");
    let versions = versions["to_go_back_to"].as_array().unwrap().iter();
    let versions: Vec<_> = versions.map(|it| it["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, [4, 3, 2, 1]);
}

/// U-18. Wherever the process is when it is killed, the roster is the old one or the new one, and
/// the next sync brings it to where it should be.
#[test]
fn a_sync_that_is_killed_leaves_the_old_roster_or_the_new_one() {
    let installation = Installation::furnished();
    let sources = [installation.path("roster"), installation.renamed("renamed", "Anna")];
    let is_so = |source: &Path| {
        let source = source.display().to_string();
        let plan = installation.command("sync plan --district ada", &[&source]);
        installation.run_well(&plan).contains("is so already")
    };
    let mut states = Vec::new();
    for (round, delay) in (0..12).map(|it| it * 17).enumerate() {
        let source = sources[(round + 1) % 2].display().to_string();
        let words = installation.command("sync run --district ada", &[&source]);
        let mut running = program();
        running.args(words).stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = running.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        // It may have come to its end by itself.
        let _ = running.kill();
        running.wait().unwrap();
        let store = installation.store();
        wait_for(expire_holds(&store)).unwrap();
        drop(store);

        assert_eq!(sources.iter().filter(|source| is_so(source)).count(), 1, "after {delay} ms");
        let newest = installation.newest();
        states.push(newest["state"].as_str().unwrap().to_owned());
        assert_ne!(newest["state"], "running", "{newest}");
        assert_eq!(installation.kept(), 0, "after {delay} ms");
        let (code, said) = installation.sync(Path::new(&source));
        assert_eq!(code, Some(0), "after {delay} ms: {said}");
        assert!(is_so(Path::new(&source)));
    }
    assert!(states.iter().any(|state| state == "failed"), "nothing was killed: {states:?}");
}
