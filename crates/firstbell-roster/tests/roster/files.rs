//! A small good roster, and ways to spoil it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use firstbell_roster::{Day, Listed, Rejected, RosterFault, Snapshot, read};

/// The day on which the tests' rosters are read.
pub fn today() -> Day {
    "2026-09-15".parse().expect("a day")
}

/// The files of a roster, by name.
#[derive(Debug, Clone)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

const GOOD: [(&str, &str); 6] = [
    ("schools.csv", "School_id,School_name,School_number\n1,North,10\n2,South,20\n"),
    (
        "students.csv",
        "School_id,Student_id,Last_name,First_name,Grade,DOB,Student_email,Username,Password\n\
         1,11,Núñez,Ana,4,02/03/2016,ana@s.example,ana,maple\n\
         2,12,Lee,Bo,5,,,bo,\n",
    ),
    (
        "teachers.csv",
        "School_id,Teacher_id,First_name,Last_name,Teacher_email,Title,Username,Password\n\
         1,T1,Tea,Moreno,tea@d.example,Ms,,\n\
         2,T2,Tom,Idle,tom@d.example,Mr,tom,oak\n",
    ),
    (
        "staff.csv",
        "School_id,Staff_id,Staff_email,First_name,Last_name,Title,Role,Username,Password\n\
         1,S1,sam@d.example,Sam,Rivers,Clerk,Staff,,\n\
         ,S2,lin@d.example,Lin,Zhou,,District Admin,,\n",
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

impl Files {
    /// A roster without a fault.
    pub fn good() -> Self {
        let file = |(name, text): (&str, &str)| (name.to_owned(), text.as_bytes().to_vec());
        Self(GOOD.into_iter().map(file).collect())
    }

    /// The same with another file.
    pub fn with(mut self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.0.insert(name.to_owned(), bytes.as_ref().to_vec());
        self
    }

    /// The same without a file.
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The same with more rows at the end of a file.
    pub fn and(mut self, name: &str, rows: &str) -> Self {
        self.0.entry(name.to_owned()).or_default().extend_from_slice(rows.as_bytes());
        self
    }

    /// The same with a part of a file replaced.
    pub fn replaced(mut self, name: &str, from: &str, to: &str) -> Self {
        let file = self.0.get_mut(name).expect("a file");
        let text = String::from_utf8(file.clone()).expect("text");
        assert!(text.contains(from), "{name} has no {from}");
        *file = text.replacen(from, to, 1).into_bytes();
        self
    }

    pub fn write(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            fs::write(folder.join(name), bytes).expect("written");
        }
    }

    pub fn read(&self) -> Result<Snapshot, Rejected> {
        let folder = tempfile::tempdir().expect("a folder");
        self.write(folder.path());
        read(folder.path(), today(), &mut |_| {})
    }

    pub fn accepted(&self) -> Snapshot {
        self.read().unwrap_or_else(|rejected| panic!("{rejected}"))
    }

    pub fn rejected(&self) -> Rejected {
        self.read().expect_err("rejected")
    }
}

/// Many rows of one form.
pub fn rows(numbers: impl IntoIterator<Item = usize>, row: impl Fn(usize) -> String) -> String {
    numbers.into_iter().map(row).collect::<Vec<_>>().concat()
}

/// Where the problems of a list are and what they are: `R402 students.csv:2 Grade "x"`.
pub fn told(listed: &Listed) -> Vec<String> {
    listed
        .problems
        .iter()
        .map(|problem| {
            let text = problem.to_string();
            let place = text.split(": ").next().unwrap_or_default();
            format!("{} {place}", problem.fault.code())
        })
        .collect()
}

/// Which faults a list has.
pub fn faults(listed: &Listed) -> Vec<RosterFault> {
    listed.problems.iter().map(|problem| problem.fault).collect()
}
