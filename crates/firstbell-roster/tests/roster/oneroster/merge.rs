//! Changes merged into the export that they change.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use firstbell_core::roster::RoleKind;
use firstbell_roster::{MergeError, Merged, RosterFault, Snapshot, merge_delta, read};

use super::{both, one_one};
use crate::files::{Files, faults, today};
use crate::store::Store;

const USERS: &str = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,\
                     givenName,familyName,metadata.bus\n";

/// A delta of some files: their names and rows, header and all.
fn delta(files: &[(&str, &str)]) -> Files {
    let mut manifest = "propertyName,value\noneroster.version,1.1\n".to_owned();
    let mut all = one_one();
    all.0.clear();
    for (name, text) in files {
        writeln!(manifest, "file.{},delta", name.trim_end_matches(".csv")).expect("text");
        all = all.with(name, text);
    }
    all.with("manifest.csv", manifest)
}

struct Folders {
    home: tempfile::TempDir,
}

impl Folders {
    fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a folder") }
    }

    fn put(&self, name: &str, files: &Files) -> PathBuf {
        let path = self.home.path().join(name);
        fs::create_dir(&path).expect("a folder");
        files.write(&path);
        path
    }

    fn out(&self) -> PathBuf {
        self.home.path().join("out")
    }

    fn merge(&self, bulk: &Files, delta: &Files) -> Result<Merged, MergeError> {
        merge_delta(&self.put("bulk", bulk), &self.put("delta", delta), &self.out())
    }

    fn read(&self) -> Snapshot {
        read(&self.out(), today(), &mut |_| {}).unwrap_or_else(|rejected| panic!("{rejected}"))
    }
}

fn merged(delta: &Files) -> (Merged, Snapshot) {
    let folders = Folders::new();
    let merged = folders.merge(&one_one(), delta).expect("merged");
    (merged, folders.read())
}

#[test]
fn new_rows_come_changed_rows_take_a_place_and_deleted_rows_go() {
    let users = format!(
        "{USERS}u1,active,2026-09-01T00:00:00Z,true,s1,student,u1,New,\"Poe, the \"\"Third\"\"\",7\n\
         p1,active,2026-09-01T00:00:00.000Z,true,s1,student,ana,Anna,Núñez,\n\
         p2,tobedeleted,2026-09-01,true,s2,student,bo,Bo,Lee,\n"
    );
    let enrollments = "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,\
                       userSourcedId,role,primary,beginDate,endDate\n\
                       n4,tobedeleted,2026-09-01,c2,s2,p2,student,,,\n\
                       n6,tobedeleted,2026-09-01,c1,s1,p2,student,,,\n\
                       n9,active,2026-09-01,c2,s2,u1,student,,,\n";
    let demographics = "sourcedId,status,dateLastModified\np2,tobedeleted,2026-09-01\n";
    let files = [
        ("users.csv", users.as_str()),
        ("enrollments.csv", enrollments),
        ("demographics.csv", demographics),
    ];
    let (merged, snapshot) = merged(&delta(&files));
    assert_eq!(merged, Merged { added: 2, replaced: 1, removed: 4 });
    assert_eq!((snapshot.roles(RoleKind::Student), snapshot.enrollments()), (2, 2));
    let change = Store::new().plan(snapshot).change;
    let names: Vec<String> =
        change.people.added.iter().map(|person| person.user.name.full()).collect();
    assert!(names.contains(&"New Poe, the \"Third\"".to_owned()), "{names:?}");
    assert!(names.contains(&"Anna Núñez".to_owned()), "{names:?}");
    let new = change.people.added.iter().find(|person| person.user.name.first == "New");
    assert_eq!(new.expect("New").user.roles[0].details.get("ext.bus"), Some("7"));
}

#[test]
fn an_older_change_changes_nothing_and_of_two_the_later_holds() {
    let bulk = one_one().replaced("users.csv", "p1,active,,", "p1,active,2026-09-05T00:00:00Z,");
    let row = |day: &str, name: &str| format!("p1,active,{day},true,s1,student,ana,{name},N,\n");
    for (rows, name) in [
        (row("2026-09-04", "Old"), "Ana"),
        (row("2026-09-05", "Same"), "Same"),
        (row("2026-09-07", "Later") + &row("2026-09-06", "Sooner"), "Later"),
        (row("2026-09-06", "First") + &row("2026-09-06", "Second"), "Second"),
    ] {
        let folders = Folders::new();
        folders.merge(&bulk, &delta(&[("users.csv", &format!("{USERS}{rows}"))])).expect("merged");
        let change = Store::new().plan(folders.read()).change;
        let is_there = change.people.added.iter().any(|person| person.user.name.first == name);
        assert!(is_there, "{name}");
    }
}

#[test]
fn no_change_is_the_export_as_it_was() {
    for (version, files) in both() {
        let manifest = format!("propertyName,value\noneroster.version,{version}\n");
        let mut nothing = files.clone();
        nothing.0.clear();
        let folders = Folders::new();
        let merged = folders.merge(&files, &nothing.with("manifest.csv", manifest));
        assert_eq!(merged.expect("merged"), Merged::default());
        let mut store = Store::new();
        store.import(files.accepted());
        assert!(store.plan(folders.read()).change.is_empty(), "{version}");
    }
}

#[test]
fn what_was_merged_is_read_by_its_owner_alone() {
    let folders = Folders::new();
    folders.merge(&one_one(), &delta(&[])).expect("merged");
    let mode = |path: PathBuf| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(folders.out()), 0o700);
    for entry in fs::read_dir(folders.out()).expect("a folder") {
        let path = entry.expect("a file").path();
        assert_eq!(mode(path.clone()), 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_that_comes_whole_takes_the_place_of_the_old_one_and_a_new_one_is_added() {
    let resources = "sourcedId,status,dateLastModified,title\nr1,active,,Only\n";
    let files = delta(&[("resources.csv", resources), ("classResources.csv", "")])
        .replaced("manifest.csv", "file.resources,delta", "file.resources,bulk")
        .replaced("manifest.csv", "file.classResources,delta", "file.classResources,bulk")
        .with("classResources.csv", "sourcedId,classSourcedId,resourceSourcedId\n");
    let (merged, snapshot) = merged(&files);
    assert_eq!((merged, snapshot.resources()), (Merged::default(), 1));

    let without = one_one().without("demographics.csv").replaced(
        "manifest.csv",
        "graphics,bulk",
        "graphics,absent",
    );
    let rows = "sourcedId,status,dateLastModified,sex\np1,active,2026-09-01,female\n";
    let folders = Folders::new();
    let merged = folders.merge(&without, &delta(&[("demographics.csv", rows)])).expect("merged");
    assert_eq!(merged.added, 1);
    folders.read();
}

#[test]
fn what_is_no_delta_of_this_export_is_refused_and_leaves_nothing() {
    let cell = |row: &str| delta(&[("users.csv", &format!("{USERS}{row}"))]);
    let good = cell("u1,active,2026-09-01,true,s1,student,u1,A,B,\n");
    for (bulk, delta, fault) in [
        (Files::good(), good.clone(), RosterFault::FileMissing),
        (one_one(), Files::good(), RosterFault::FileMissing),
        (one_one().without("users.csv"), good.clone(), RosterFault::FileMissing),
        (one_one(), good.clone().without("users.csv"), RosterFault::FileMissing),
        (
            one_one().replaced("manifest.csv", "file.orgs,bulk", "file.orgs,delta"),
            good.clone(),
            RosterFault::DeltaAlone,
        ),
        (
            one_one(),
            good.clone().replaced("manifest.csv", "1.1", "1.2"),
            RosterFault::VersionUnknown,
        ),
        (one_one(), cell(",active,2026-09-01,true,s1,student,u1,A,B,\n"), RosterFault::CellEmpty),
        (one_one(), cell("u1,active,,true,s1,student,u1,A,B,\n"), RosterFault::DateMalformed),
        (one_one(), cell("u1,active,now,true,s1,student,u1,A,B,\n"), RosterFault::DateMalformed),
        (one_one(), cell("\"u1,active\n"), RosterFault::QuoteNeverClosed),
        (one_one(), delta(&[("users.csv", "sourcedId,status\n")]), RosterFault::ColumnMissing),
        (one_one(), delta(&[("users.csv", "")]), RosterFault::FileEmpty),
    ] {
        let folders = Folders::new();
        let error = folders.merge(&bulk, &delta).expect_err("refused");
        let MergeError::Rejected(rejected) = error else { panic!("{error}") };
        assert_eq!(faults(&rejected.refusals), [fault], "{rejected}");
        assert!(!folders.out().exists(), "{fault:?} left something");
    }
}

#[test]
fn a_folder_that_is_there_is_never_written_into() {
    let folders = Folders::new();
    fs::create_dir(folders.out()).expect("a folder");
    fs::write(folders.out().join("mine.txt"), "mine").expect("written");
    let error = folders.merge(&one_one(), &delta(&[])).expect_err("there");
    assert!(matches!(error, MergeError::Unwritable { .. }), "{error}");
    assert!(folders.out().join("mine.txt").exists());
}
