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

/// FNV-1a of all files with their names.
fn digest(files: &BTreeMap<String, Vec<u8>>) -> u64 {
    let bytes = files.iter().flat_map(|(name, bytes)| name.as_bytes().iter().chain(bytes));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Whoever changes these on purpose says so in the changelog.
#[test]
fn a_seed_gives_the_bytes_that_it_gave_yesterday() {
    let sizes = [
        SandboxSize::Small,
        SandboxSize::Large { students: 700 },
        SandboxSize::State { students: 700 },
    ];
    let found = sizes.map(|size| {
        let mut files = bytes(written(size, 1).0.path());
        files.retain(|name, _| columns::FILES.iter().any(|file| file.name() == name));
        format!("{:x}", digest(&files))
    });
    assert_eq!(found, ["19ad817675637f69", "3df6c7413e94791c", "c7ad96de31799f84"]);
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
        assert_eq!(counts, (60, 9, 5, 18));
        assert_eq!(snapshot.sections(), 18);
        assert_eq!((report.enrollments, report.resources), (172, 6));
        assert_eq!((snapshot.enrollments(), snapshot.resources()), (172, 6));
    }
}

/// How many contacts each student has.
fn contacts_of(snapshot: &mut Snapshot) -> Vec<usize> {
    let mut counts = vec![0; snapshot.roles.students.len()];
    for tie in snapshot.contacts.all().iter().flat_map(|contact| &contact.ties) {
        counts[tie.student.position()] += 1;
    }
    counts
}

#[test]
fn both_sandboxes_hold_all_that_a_roster_can() {
    for size in [SandboxSize::Small, SandboxSize::Large { students: 3_000 }] {
        let (folder, _) = written(size, 1);
        let mut snapshot = imported(folder.path());

        let counts = contacts_of(&mut snapshot);
        assert!((0..=3).all(|count| counts.contains(&count)) && counts.iter().all(|it| *it <= 3));
        let contacts = snapshot.contacts.all();
        let with_id = |has: bool| {
            let texts = contacts.iter().map(|contact| contact.record.stated().texts[0]);
            texts.filter(|sis_id| sis_id.is_empty() != has).count()
        };
        assert!(with_id(true) > 4 && with_id(false) > 4);
        assert!(contacts.iter().any(|contact| contact.ties.len() > 1), "nobody shares a contact");

        let audiences: Vec<usize> = snapshot.resources.iter().map(|it| it.roles.len()).collect();
        assert!(audiences.contains(&1) && audiences.contains(&2));
        let courses: Vec<usize> = snapshot.resources.iter().map(|it| it.courses.len()).collect();
        assert!((0..=2).all(|count| courses.contains(&count)), "{courses:?}");

        for records in [snapshot.roles.students.all(), snapshot.roles.teachers.all()] {
            let backwards =
                |schools: &[crate::snapshot::Index]| schools.len() > 1 && schools[0] > schools[1];
            assert!(records.iter().any(|record| backwards(&record.schools)));
        }
        let terms =
            |has: bool| snapshot.terms.iter().filter(|it| it.start.is_some() == has).count();
        assert!(terms(true) >= 3 && terms(false) == 1);
        let sections = snapshot.sections.all();
        assert!(sections.iter().any(|section| section.term.is_none()));
        let teachers: Vec<usize> = sections.iter().map(|it| it.teachers.len()).collect();
        assert!((1..=3).all(|count| teachers.contains(&count)), "{teachers:?}");
        let gradeless = |details: &crate::snapshot::PackedDetails| {
            !details.unpack(&snapshot.detail_names, None).contains_key("grade")
        };
        assert!(sections.iter().any(|section| gradeless(&section.details)));
    }
}

#[test]
fn what_is_known_of_students_differs_from_nothing_to_everything() {
    let (folder, _) = written(SandboxSize::Small, 1);
    let mut snapshot = imported(folder.path());
    let students = snapshot.roles.students.all();
    for name in [
        "race",
        "hispanic_ethnicity",
        "home_language_code",
        "frl_status",
        "iep_status",
        "section_504_status",
        "gifted_status",
        "disability.disability_status",
        "disability.disability_code",
        "preferred_name.first",
        "location.zip",
        "state_id",
        "dob",
        "ext.bus_route",
        "ext.locker",
    ] {
        let has = |it: &&crate::snapshot::RoleRecord| {
            it.details.unpack(&snapshot.detail_names, None).contains_key(name)
        };
        let count = students.iter().filter(has).count();
        assert!(0 < count && count < students.len(), "{count} students have {name}");
    }
    // A cell of blanks, an empty cell, and no column at all.
    let text = fs::read_to_string(folder.path().join("students.csv")).expect("a file");
    assert!(text.contains(", ,") && text.contains(",,"));
    assert!(!text.contains("_gpa") && !text.contains("Preferred_last_name"));
}

#[test]
fn everybody_whom_the_demo_names_is_in_the_roster() {
    let (folder, _) = written(SandboxSize::Small, 7);
    let mut snapshot = imported(folder.path());
    for person in people::ALL {
        let record = snapshot
            .roles
            .of_mut(person.role)
            .all()
            .into_iter()
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
        resources: 12,
        rows: report.rows,
    };
    assert_eq!(report, expected);
    let snapshot = imported(folder.path());
    assert_eq!(snapshot.enrollments(), 460_000);
    assert_eq!(snapshot.people(), 56_635 + 8_412 + 400);
}

#[test]
fn a_sandbox_of_any_size_is_a_roster() {
    for students in [1, 2, 9, 100, 567, 1_000] {
        for size in [SandboxSize::Large { students }, SandboxSize::State { students }] {
            let (folder, report) = written(size, 3);
            let snapshot = imported(folder.path());
            assert_eq!(snapshot.roles(RoleKind::Student), students as usize);
            assert_eq!(snapshot.enrollments(), report.enrollments);
        }
    }
}

#[test]
fn a_state_of_a_thousandth_has_a_thousandth_of_everything() {
    let thousandth = |report: usize, whole: usize| {
        let difference = (report * 1_000).abs_diff(whole);
        assert!(difference * 100 < whole, "{report} is no thousandth of {whole}");
    };
    let parts = 20;
    let (folder, report) = written(SandboxSize::State { students: parts * 1_000 }, 1);
    let part = |count: usize| count / parts as usize;
    thousandth(part(report.rows), 12_000_000);
    thousandth(part(report.enrollments), 9_580_000);
    thousandth(part(report.sections), 456_308);
    thousandth(part(report.teachers), 148_530);
    assert_eq!(report.students, 20_000);
    let lines = |name: &str| {
        let text = fs::read_to_string(folder.path().join(name)).expect("a file");
        text.lines().count() - 1
    };
    let counted: usize = columns::FILES.iter().map(|file| lines(file.name())).sum();
    assert_eq!(report.rows, counted);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let error = generate(&file.path().join("x"), SandboxSize::Small, 1).expect_err("no folder");
    assert!(error.to_string().contains(&file.path().display().to_string()));
}
