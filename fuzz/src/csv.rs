//! The files of a roster: a snapshot or reasons, never both, never half, never a panic.
//!
//! An input that begins like a zip file is one. Any other is a text of files, each under a line
//! `==> students.csv`; those that it does not name are the files of a small good roster.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use firstbell_core::roster::change::CurrentRoster;
use firstbell_core::secret::Random;
use firstbell_core::time::Timestamp;
use firstbell_roster::{Day, Listed, MOST_LISTED, Severity, plan, read};
use tempfile::TempDir;

const GOOD: [(&str, &str); 6] = [
    ("schools.csv", "School_id,School_name,School_number\n1,North,10\n2,South,20\n"),
    (
        "students.csv",
        "School_id,Student_id,Last_name,First_name,Grade,DOB,Student_email,Username,Password\n\
         1,11,One,Ana,4,02/03/2016,ana@s.example,ana,maple\n\
         2,12,Two,Bo,5,,,bo,\n",
    ),
    (
        "teachers.csv",
        "School_id,Teacher_id,First_name,Last_name,Teacher_email,Title\n\
         1,T1,Tea,Three,tea@d.example,Ms\n2,T2,Tom,Four,tom@d.example,Mr\n",
    ),
    (
        "staff.csv",
        "School_id,Staff_id,Staff_email,First_name,Last_name,Title,Role\n\
         1,S1,sam@d.example,Sam,Five,Clerk,Staff\n,S2,lin@d.example,Lin,Six,,District Admin\n",
    ),
    (
        "sections.csv",
        "School_id,Section_id,Teacher_id,Teacher_2_id,Name,Course_name,Course_number,Period,\
         Subject,Term_name,Term_start,Term_end\n\
         1,C1,T1,T2,Math 4,Math,M4,1,math,Fall,08/17/2026,12/18/2026\n\
         2,C2,T2,,,Art,A,2,,,,\n",
    ),
    ("enrollments.csv", "School_id,Section_id,Student_id\n1,C1,11\n2,C2,12\n"),
];

const HEADING: &[u8] = b"==> ";

/// Takes files.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    thread_local! {
        static FOLDER: RefCell<Folder> = RefCell::new(Folder::new());
    }
    FOLDER.with_borrow_mut(|folder| {
        if bytes.starts_with(b"PK") {
            let path = folder.roster.with_extension("zip");
            fs::write(&path, bytes).expect("written");
            judge(&path);
            fs::remove_file(&path).expect("removed");
        } else {
            folder.lay_out(bytes);
            judge(&folder.roster);
            folder.tidy();
        }
    });
}

fn judge(path: &Path) {
    let mut reported = 0;
    let mut rows_told = 0;
    let now = Timestamp::from_milliseconds(1_790_000_000_000);
    let result = read(path, Day::utc(now), &mut |progress| {
        assert!(progress.bytes >= reported && progress.rows < u64::from(u32::MAX));
        reported = progress.bytes;
        rows_told += 1;
    });
    match result {
        Ok(snapshot) => {
            assert!(rows_told > 0);
            bounded(&snapshot.warnings, Severity::Warning);
            let (schools, enrollments) = (snapshot.schools(), snapshot.enrollments());
            assert!(schools > 0, "a roster has schools");
            let plan = plan(snapshot, &CurrentRoster::default(), now, &mut Counting(1));
            let change = plan.expect("planned").change.gather().expect("read back");
            assert_eq!(change.schools.added.len(), schools);
            assert_eq!(change.enrollments.added.len(), enrollments);
        }
        Err(rejected) => {
            assert!(rejected.refusals.total() > 0, "a refusal has a reason");
            bounded(&rejected.refusals, Severity::Refusal);
            bounded(&rejected.warnings, Severity::Warning);
            let report = rejected.to_string();
            let obeyed = report.chars().find(|letter| letter.is_control() && *letter != '\n');
            assert_eq!(obeyed, None, "a report that a terminal obeys");
        }
    }
}

fn bounded(listed: &Listed, severity: Severity) {
    assert!(listed.problems.len() <= MOST_LISTED);
    assert!(listed.problems.iter().all(|problem| problem.severity() == severity));
}

/// A folder with the good files, and what an input puts in their place.
struct Folder {
    _home: TempDir,
    roster: PathBuf,
    changed: Vec<&'static str>,
}

impl Folder {
    fn new() -> Self {
        let home = TempDir::new().expect("a folder");
        let roster = home.path().join("roster");
        fs::create_dir(&roster).expect("a folder");
        let mut folder =
            Self { _home: home, roster, changed: GOOD.iter().map(|(name, _)| *name).collect() };
        folder.tidy();
        folder
    }

    fn lay_out(&mut self, text: &[u8]) {
        let mut named: Option<&'static str> = None;
        let mut bytes: Vec<u8> = Vec::new();
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            let heading = line.strip_prefix(HEADING).map(<[u8]>::trim_ascii_end);
            let next = heading.and_then(|name| {
                GOOD.iter().map(|(known, _)| *known).find(|known| known.as_bytes() == name)
            });
            if next.is_some() {
                self.put(named, &bytes);
                bytes.clear();
                named = next;
            } else {
                bytes.extend_from_slice(line);
            }
        }
        self.put(named, &bytes);
    }

    fn put(&mut self, name: Option<&'static str>, bytes: &[u8]) {
        let Some(name) = name else { return };
        fs::write(self.roster.join(name), bytes).expect("written");
        self.changed.push(name);
    }

    fn tidy(&mut self) {
        for (name, text) in GOOD.iter().filter(|(name, _)| self.changed.contains(name)) {
            fs::write(self.roster.join(name), text).expect("written");
        }
        self.changed.clear();
    }
}

struct Counting(u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 += 1;
            chunk.copy_from_slice(&self.0.to_be_bytes()[8 - chunk.len()..]);
        }
    }
}
