//! What an import needs of memory, measured in a process of its own.

use std::process::Command;

use firstbell_core::time::Timestamp;
use firstbell_roster::sandbox::{SandboxSize, generate};
use firstbell_roster::{Day, read};

use crate::through_the_store::Stored;

const FOLDER: &str = "FIRSTBELL_MEMORY_OF";

/// The most that both imports may take, in KiB. Held in memory as a whole, the roster took six times
/// as much.
const MOST: u64 = 120 * 1024;

#[test]
fn importing_a_large_roster_twice_takes_little_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let size = SandboxSize::State { students: 100_000 };
    generate(folder.path(), size, 1).expect("a sandbox");
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "memory::a_child_imports_twice", "--ignored", "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .expect("a child");
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(child.status.success(), "{said}{}", String::from_utf8_lossy(&child.stderr));
    let peak = said.split("VmHWM:").nth(1).and_then(|rest| rest.split_whitespace().next());
    let peak: u64 = peak.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{said}"));
    assert!(peak < MOST, "{peak} KiB at most");
    println!("{peak} KiB at most");
}

/// The child: it is nothing by itself.
#[test]
#[ignore = "the test above runs it"]
fn a_child_imports_twice() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let place = tempfile::tempdir().expect("a folder");
    let mut stored = Stored::open(place.path());
    let today = Day::utc(Timestamp::from_milliseconds(1_790_000_000_000));
    for changes in [true, false] {
        let snapshot = read(folder.as_ref(), today, &mut |_| {});
        let snapshot = snapshot.unwrap_or_else(|rejected| panic!("{rejected}"));
        assert_eq!(!stored.import(snapshot).is_empty(), changes);
    }
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak"));
}
