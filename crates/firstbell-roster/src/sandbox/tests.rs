use std::collections::BTreeMap;

use firstbell_core::roster::RoleKind;
use firstbell_core::time::Timestamp;

use super::*;
use crate::{Day, Snapshot, read};

fn written(size: SandboxSize, seed: u64) -> (tempfile::TempDir, SandboxReport) {
    let folder = tempfile::tempdir().expect("a folder");
    let report = generate(folder.path(), size, seed).expect("written");
    (folder, report)
}

fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a file")))
        .map(|(path, bytes)| (path.rsplit('/').next().unwrap_or_default().to_owned(), bytes))
        .collect()
}

fn imported(folder: &Path) -> Snapshot {
    let snapshot = read(folder, Day::utc(Timestamp::default()), &mut |_| {})
        .unwrap_or_else(|rejected| panic!("{rejected}"));
    assert_eq!(snapshot.warnings.to_string(), "");
    snapshot
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for size in [SandboxSize::Small, SandboxSize::Large { students: 700 }] {
        let first = bytes(written(size, 7).0.path());
        assert_eq!(first, bytes(written(size, 7).0.path()));
        assert_ne!(first, bytes(written(size, 8).0.path()));
    }
}

#[test]
fn the_small_sandbox_is_a_roster_without_a_warning() {
    for seed in [0, 1, 7, u64::MAX] {
        let (folder, report) = written(SandboxSize::Small, seed);
        let snapshot = imported(folder.path());
        assert_eq!(snapshot.schools(), 3);
        assert_eq!(snapshot.roles(RoleKind::Student), 60);
        assert_eq!(snapshot.roles(RoleKind::Teacher), 9);
        assert_eq!(snapshot.roles(RoleKind::Staff), 4);
        assert_eq!(snapshot.roles(RoleKind::DistrictAdmin), 2);
        // Amara is one person: 60 students, 9 teachers, 4 of the 5 staff.
        assert_eq!(snapshot.people(), 73);
        let counts = (report.students, report.teachers, report.staff, report.sections);
        assert_eq!(counts, (60, 9, 5, snapshot.sections()));
        assert_eq!(report.enrollments, snapshot.enrollments());
    }
}

#[test]
fn everybody_whom_the_demo_names_is_in_the_roster() {
    let (folder, _) = written(SandboxSize::Small, 7);
    let snapshot = imported(folder.path());
    for person in people::ALL {
        let record = snapshot
            .roles
            .of(person.role)
            .iter()
            .find(|record| record.username.as_deref() == Some(person.login_name));
        let record = record.unwrap_or_else(|| panic!("{} is missing", person.login_name));
        assert_eq!(record.name.first, person.first);
        assert_eq!(record.name.last, person.last);
        assert_eq!(record.email.as_ref().map(firstbell_core::roster::Email::as_str), person.email);
        assert_eq!(&*record.sis_id, person.sis_id);
        assert!(person.login_name.is_ascii());
    }
}

#[test]
fn a_large_sandbox_keeps_its_proportions() {
    let (folder, report) = written(SandboxSize::Large { students: LARGE_STUDENTS }, 1);
    let expected = SandboxReport {
        schools: 100,
        students: 56_635,
        teachers: 8_412,
        staff: 400,
        sections: 25_843,
        enrollments: 460_000,
    };
    assert_eq!(report, expected);
    let snapshot = imported(folder.path());
    assert_eq!(snapshot.enrollments(), 460_000);
    assert_eq!(snapshot.people(), 56_635 + 8_412 + 400);
}

#[test]
fn a_sandbox_of_any_size_is_a_roster() {
    for students in [1, 2, 9, 100, 567, 1_000] {
        let (folder, report) = written(SandboxSize::Large { students }, 3);
        let snapshot = imported(folder.path());
        assert_eq!(snapshot.roles(RoleKind::Student), students as usize);
        assert_eq!(snapshot.enrollments(), report.enrollments);
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = generate(&file.path().join("x"), SandboxSize::Small, 1).expect_err("no folder");
    assert!(error.to_string().contains(&file.path().display().to_string()));
}
