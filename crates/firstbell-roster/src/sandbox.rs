//! Rosters of people who do not exist, written as the files that a real district would export.
//! The same seed gives the same bytes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

mod columns;
mod dice;
mod family;
mod large;
mod names;
pub mod people;
mod pupil;
mod season;
mod small;
mod year;

use crate::sheet::Sheet;
use crate::source::RosterFile;
use large::{Large, Proportions};
pub use people::SandboxPerson;
pub use year::{Happening, SandboxDay, SandboxDayError, happenings};

/// What people call the sandbox's district.
pub const DISTRICT_NAME: &str = "Ada Lovelace Unified";

/// Its name in addresses.
pub const DISTRICT_SHORTNAME: &str = "ada";

/// Where it is, as the finder shows it.
pub const DISTRICT_PLACE: &str = "Analytical Springs";

/// The SIS ids of the two schools of the small sandbox that the demo shares with FlightSchool. The
/// high school is the third.
pub const SHARED_SCHOOLS: [&str; 2] = ["101", "102"];

/// How large a sandbox is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SandboxSize {
    /// Three schools and about seventy people, the awkward ones of [`people`] among them.
    Small,
    /// A district with this many students, and schools, teachers, sections and enrolments in the
    /// proportions of [`LARGE_STUDENTS`].
    Large {
        /// How many students.
        students: u32,
    },
    /// A state with this many students: the proportions of [`Self::Large`], but for more
    /// enrolments, so that [`STATE_STUDENTS`] stand on twelve million rows.
    State {
        /// How many students.
        students: u32,
    },
}

/// The students of the best known large public sandbox: with as many, a large sandbox has 8,412
/// teachers, 25,843 sections, 460,000 enrolments and 100 schools.
pub const LARGE_STUDENTS: u32 = 56_635;

/// The students of a state of middling size.
pub const STATE_STUDENTS: u32 = 1_000_000;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SandboxReport {
    /// Schools.
    pub schools: usize,
    /// Students.
    pub students: usize,
    /// Teachers.
    pub teachers: usize,
    /// Staff members, district administrators among them.
    pub staff: usize,
    /// Sections.
    pub sections: usize,
    /// Enrolments.
    pub enrollments: usize,
    /// Resources.
    pub resources: usize,
    /// Rows of all files, without their headers: students stand on several, one for each contact.
    pub rows: usize,
}

/// Why a sandbox could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be written")]
pub struct SandboxError {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    #[source]
    pub cause: io::Error,
}

/// Writes the files of a sandbox into a folder, as they are on the first day of school. The folder
/// is made if it is not there; files of these names are replaced.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn generate(
    folder: &Path,
    size: SandboxSize,
    seed: u64,
) -> Result<SandboxReport, SandboxError> {
    generate_on(folder, size, seed, 0)
}

/// Writes the files of a sandbox as they are on a day of its school year, and beside them a note
/// which day that is ([`SandboxDay`]). Days are school days since the first one, which is 0;
/// [`happenings`] says what happens on them.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn generate_on(
    folder: &Path,
    size: SandboxSize,
    seed: u64,
    day: u32,
) -> Result<SandboxReport, SandboxError> {
    fs::create_dir_all(folder).map_err(|cause| SandboxError { path: folder.to_owned(), cause })?;
    let sandbox = SandboxDay { size, seed, day };
    let mut report = SandboxReport::default();
    for file in columns::FILES {
        let path = folder.join(file.name());
        let written = write_file(&path, file, sandbox);
        let (records, rows) = written.map_err(|cause| SandboxError { path, cause })?;
        report.rows += rows;
        match file {
            RosterFile::Schools => report.schools = records,
            RosterFile::Students => report.students = records,
            RosterFile::Teachers => report.teachers = records,
            RosterFile::Staff => report.staff = records,
            RosterFile::Sections => report.sections = records,
            RosterFile::Enrollments => report.enrollments = records,
            RosterFile::Resources => report.resources = records,
            RosterFile::Admins | RosterFile::OneRoster(_) => {}
        }
    }
    sandbox.write(folder).map_err(|(path, cause)| SandboxError { path, cause })?;
    Ok(report)
}

/// Writes one file; returns how many records it holds, and on how many rows.
fn write_file(path: &Path, file: RosterFile, sandbox: SandboxDay) -> io::Result<(usize, usize)> {
    let lines = Lines { out: File::create(path)?, ended: 0 };
    let mut buffer = BufWriter::with_capacity(1 << 18, lines);
    let mut sheet = Sheet::new(&mut buffer);
    sheet.row(columns::columns(file))?;
    let SandboxDay { size, seed, day } = sandbox;
    let large = |proportions| Large { proportions, seed, day };
    let records = match size {
        SandboxSize::Small => small::write(file, (seed, day), &mut sheet)?,
        SandboxSize::Large { students } => {
            large(Proportions::of_district(students)).write(file, &mut sheet)?
        }
        SandboxSize::State { students } => {
            large(Proportions::of_state(students)).write(file, &mut sheet)?
        }
    };
    buffer.flush()?;
    Ok((records, buffer.get_ref().ended.saturating_sub(1)))
}

/// Counts the lines that are written: no cell of a sandbox holds a line end.
struct Lines {
    out: File,
    ended: usize,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.ended += bytes.iter().take(count).filter(|&&byte| byte == b'\n').count();
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A grade as the files write it; 0 is Kindergarten.
fn grade_name(grade: usize) -> String {
    if grade == 0 { "Kindergarten".to_owned() } else { grade.to_string() }
}

#[cfg(test)]
mod tests;
