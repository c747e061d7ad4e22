//! Any bytes in any file: a roster or reasons, never both and never a panic.

use firstbell_roster::Severity;
use proptest::prelude::*;

use crate::files::Files;
use crate::oneroster::{one_one, one_two};
use crate::store::Store;

const NAMES: [&str; 7] = [
    "schools.csv",
    "students.csv",
    "teachers.csv",
    "staff.csv",
    "sections.csv",
    "enrollments.csv",
    "resources.csv",
];

fn good() -> Files {
    let resources = "Resource_id,Title,Roles,Course_number\nR1,Atlas,student,M4\nR2,Map,,\n";
    Files::good().with("resources.csv", resources)
}

/// Reads, and plans what was read; what is good must also be good again.
fn examine(files: &Files) -> Result<(), TestCaseError> {
    match files.read() {
        Ok(snapshot) => {
            let listed = &snapshot.warnings.problems;
            prop_assert!(listed.iter().all(|problem| problem.severity() == Severity::Warning));
            let mut store = Store::new();
            store.import(snapshot);
            prop_assert!(store.plan(files.accepted()).change.is_empty());
        }
        Err(rejected) => {
            let refusals = &rejected.refusals.problems;
            prop_assert!(!refusals.is_empty());
            prop_assert!(refusals.iter().all(|problem| problem.severity() == Severity::Refusal));
            let report = rejected.to_string();
            let obeyed = report.chars().find(|letter| letter.is_control() && *letter != '\n');
            prop_assert_eq!(obeyed, None);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_place_of_a_file(
        name in proptest::sample::select(&NAMES),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        examine(&good().with(name, bytes))?;
    }

    #[test]
    fn any_bytes_in_the_middle_of_a_file(
        name in proptest::sample::select(&NAMES),
        at in any::<proptest::sample::Index>(),
        cut in 0usize..40,
        bytes in proptest::collection::vec(
            prop_oneof![any::<u8>(), proptest::sample::select(b",\"\n\r\0 01TC\xc3\xb1".as_slice())],
            0..12,
        ),
    ) {
        let mut files = good();
        let file = files.0.get_mut(name).expect("a file");
        let start = at.index(file.len());
        let end = (start + cut).min(file.len());
        file.splice(start..end, bytes);
        examine(&files)?;
    }

    #[test]
    fn any_bytes_in_the_middle_of_a_file_of_an_export(
        is_one_two in any::<bool>(),
        name in any::<proptest::sample::Index>(),
        at in any::<proptest::sample::Index>(),
        cut in 0usize..40,
        bytes in proptest::collection::vec(
            prop_oneof![any::<u8>(), proptest::sample::select(b",\"\n\r\0 01scpe\xc3\xb1".as_slice())],
            0..12,
        ),
    ) {
        let mut files = if is_one_two { one_two() } else { one_one() };
        let names: Vec<String> = files.0.keys().cloned().collect();
        let file = files.0.get_mut(&names[name.index(names.len())]).expect("a file");
        let start = at.index(file.len());
        let end = (start + cut).min(file.len());
        file.splice(start..end, bytes);
        examine(&files)?;
    }

    #[test]
    fn any_rows_below_the_header(
        name in proptest::sample::select(&NAMES),
        rows in "([A-Za-z0-9ñ@.=\" /-]{0,6}(,|\n|,,)){0,40}",
    ) {
        examine(&good().and(name, &rows))?;
    }
}
