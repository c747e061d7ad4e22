//! Rosters out: what is written, where, and that reading it again changes nothing.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use firstbell_core::roster::{District, DistrictPolicy};
use firstbell_roster::write::{self, Target, Written};
use firstbell_roster::{RosterFault, read};
use proptest::prelude::*;

use crate::files::{Files, faults, today};
use crate::oneroster::both;
use crate::outgoing::{Leaving, read_back};
use crate::random::{Awkward, awkward};
use crate::store::Store;

fn csv(leaving: &mut Leaving<'_>, target: &mut Target) -> io::Result<Written> {
    write::csv(leaving, target)
}

fn oneroster(leaving: &mut Leaving<'_>, target: &mut Target) -> io::Result<Written> {
    let district = District {
        id: "62817c88dc4dc002ea40b590".parse().expect("an id"),
        shortname: "ada".parse().expect("a shortname"),
        name: "Ada, \"Unified\"".into(),
        place: None,
        policy: DistrictPolicy::default(),
    };
    write::oneroster(leaving, &district, target)
}

type Form = fn(&mut Leaving<'_>, &mut Target) -> io::Result<Written>;

/// Writes the store's roster in a form and says what reading that would change.
fn changes_of_return(store: &mut Store, name: &str, form: Form) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (at, _) = Leaving(store).write_as(folder.path(), name, form);
    let change = store.plan(read_back(&at)).change;
    (!change.is_empty()).then(|| format!("{name}: {change:?}"))
}

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).expect("a file")
}

#[test]
fn a_roster_leaves_as_it_came() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let folder = tempfile::tempdir().expect("a folder");
    let (at, written) = Leaving(&store).write_as(folder.path(), "out", csv);
    assert_eq!((written.schools, written.roles, written.sections), (2, 6, 2));
    assert_eq!((written.enrollments, written.contacts, written.resources), (2, 0, 0));
    assert_eq!(text(&at, "enrollments.csv"), "School_id,Section_id,Student_id\n1,C1,11\n2,C2,12\n");
    let change = store.plan(read_back(&at)).change;
    assert!(change.is_empty(), "{change:?}");
}

#[test]
fn no_file_has_a_password_and_nobody_else_reads_them() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let folder = tempfile::tempdir().expect("a folder");
    let (at, _) = Leaving(&store).write_as(folder.path(), "out", csv);
    let mode = |path: &Path| path.metadata().expect("metadata").permissions().mode() & 0o777;
    assert_eq!(mode(&at), 0o700);
    for entry in fs::read_dir(&at).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("text");
        assert!(!text.contains("Password") && !text.contains("maple"), "{}", path.display());
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    let (zip, _) = Leaving(&store).write_as(folder.path(), "out.zip", csv);
    assert_eq!(mode(&zip), 0o600);
    assert!(store.plan(read_back(&zip)).change.is_empty());
}

#[test]
fn nothing_is_overwritten_and_half_a_roster_is_not_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path().join("out");
    fs::write(&at, "mine").expect("written");
    let refused = Target::create(&at).expect_err("refused");
    assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);

    for name in ["new", "new.zip"] {
        let late = folder.path().join(name);
        let target = Target::create(&late).expect("a target");
        fs::write(&late, "faster").expect("written");
        let refused = target.finish().expect_err("refused");
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists, "{name}");
        assert_eq!(fs::read_to_string(&late).expect("text"), "faster");

        let given_up = Target::create(&folder.path().join(format!("gone-{name}")));
        drop(given_up.expect("a target"));
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 3, "something was left");
}

#[test]
fn staff_without_a_school_are_not_raised_by_their_title() {
    let mut store = Store::new();
    let files = Files::good().and("staff.csv", "1,S7,,Max,Loud,District Admin,,,\n");
    store.import(files.accepted());
    let staff = |person: &&mut firstbell_core::roster::change::RosterPerson| {
        person.user.roles.iter().any(|role| role.sis_id == "S7")
    };
    store.current.people.values_mut().find(staff).expect("Max").schools.clear();
    let folder = tempfile::tempdir().expect("a folder");
    let (at, _) = Leaving(&store).write_as(folder.path(), "out", csv);
    let change = store.plan(read_back(&at)).change;
    assert!(change.bindings.is_empty(), "a role came: {:?}", change.bindings);
}

#[test]
fn what_came_as_oneroster_leaves_as_oneroster() {
    for (version, files) in both() {
        let mut store = Store::new();
        store.import(files.accepted());
        let folder = tempfile::tempdir().expect("a folder");
        let (at, written) = Leaving(&store).write_as(folder.path(), "out.zip", oneroster);
        assert_eq!((written.schools, written.sections), (2, 2), "{version}: {written:?}");
        let change = store.plan(read_back(&at)).change;
        assert!(change.is_empty(), "{version}: {change:?}");
    }
}

#[test]
fn columns_of_two_kinds_that_a_header_takes_for_one_stand_apart() {
    let files = Files::good()
        .with(
            "students.csv",
            "School_id,Student_id,Last_name,First_name,ext.bus\n1,11,A,B,x\n2,12,A,B,\n",
        )
        .with(
            "teachers.csv",
            "School_id,Teacher_id,First_name,Last_name,ext.Bus\n1,T1,A,B,y\n1,T2,A,B,z\n",
        );
    let mut store = Store::new();
    store.import(files.accepted());
    let changes = changes_of_return(&mut store, "out", oneroster);
    assert!(changes.is_none(), "{}", changes.unwrap_or_default());
}

#[test]
fn two_records_of_our_own_export_with_one_id_are_refused() {
    let mut store = Store::new();
    store.import(Files::good().accepted());
    let folder = tempfile::tempdir().expect("a folder");
    let (at, _) = Leaving(&store).write_as(folder.path(), "out", oneroster);
    let users = text(&at, "users.csv");
    let twice = users.replace(",T2,", ",T1,");
    assert_ne!(users, twice, "{users}");
    fs::write(at.join("users.csv"), twice).expect("written");
    let rejected = read(&at, today(), &mut |_| {}).expect_err("rejected");
    assert_eq!(faults(&rejected.refusals), [RosterFault::IdTwice]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn what_leaves_and_returns_changes_nothing(first in awkward(), then in awkward()) {
        let mut store = Store::new();
        for district in [first, then] {
            let Awkward { files } = district;
            store.import(files.accepted());
            let forms: [(&str, Form); 3] =
                [("out", csv), ("out.zip", csv), ("oneroster", oneroster)];
            for (name, form) in forms {
                let changes = changes_of_return(&mut store, name, form);
                prop_assert!(changes.is_none(), "{}", changes.unwrap_or_default());
            }
        }
    }
    #[test]
    fn what_moves_to_another_installation_and_back_changes_nothing(district in awkward()) {
        let mut here = Store::new();
        here.import(district.files.accepted());
        let forms: [(&str, Form); 2] = [("there", csv), ("there.zip", oneroster)];
        for (name, form) in forms {
            let folder = tempfile::tempdir().expect("a folder");
            let (at, _) = Leaving(&here).write_as(folder.path(), name, form);
            let mut there = Store::new();
            there.import(read_back(&at));
            let (at, _) = Leaving(&there).write_as(folder.path(), "back", form);
            let change = here.plan(read_back(&at)).change;
            prop_assert!(change.is_empty(), "{name}: {change:?}");
        }
    }
}
