//! Rosters of people who do not exist, written as the files that a real district would export.
//! The same seed gives the same bytes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

mod dice;
mod large;
mod names;
pub mod people;
mod pupil;
mod small;

use crate::sheet::Sheet;
use crate::source::RosterFile;
pub use people::SandboxPerson;

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
}

/// The students of the best known large public sandbox: with as many, a large sandbox has 8,412
/// teachers, 25,843 sections, 460,000 enrolments and 100 schools.
pub const LARGE_STUDENTS: u32 = 56_635;

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

/// The files that a sandbox has.
const FILES: [RosterFile; 6] = [
    RosterFile::Schools,
    RosterFile::Students,
    RosterFile::Teachers,
    RosterFile::Staff,
    RosterFile::Sections,
    RosterFile::Enrollments,
];

/// Writes the six files of a sandbox into a folder, which is made if it is not there. Files of
/// these names are replaced.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn generate(
    folder: &Path,
    size: SandboxSize,
    seed: u64,
) -> Result<SandboxReport, SandboxError> {
    fs::create_dir_all(folder).map_err(|cause| SandboxError { path: folder.to_owned(), cause })?;
    let mut report = SandboxReport::default();
    for file in FILES {
        let path = folder.join(file.name());
        let written = File::create(&path).and_then(|created| {
            let mut buffer = BufWriter::with_capacity(1 << 18, created);
            let mut sheet = Sheet::new(&mut buffer);
            sheet.row(columns(file))?;
            let records = match size {
                SandboxSize::Small => small::write(file, seed, &mut sheet)?,
                SandboxSize::Large { students } => large::write(file, students, seed, &mut sheet)?,
            };
            buffer.flush()?;
            Ok(records)
        });
        let records = written.map_err(|cause| SandboxError { path, cause })?;
        match file {
            RosterFile::Schools => report.schools = records,
            RosterFile::Students => report.students = records,
            RosterFile::Teachers => report.teachers = records,
            RosterFile::Staff => report.staff = records,
            RosterFile::Sections => report.sections = records,
            RosterFile::Enrollments => report.enrollments = records,
            RosterFile::Resources | RosterFile::OneRoster(_) => {}
        }
    }
    Ok(report)
}

/// The columns that each sandbox file has.
fn columns(file: RosterFile) -> &'static [&'static str] {
    match file {
        RosterFile::Schools => &[
            "School_id",
            "School_name",
            "School_number",
            "State_id",
            "Low_grade",
            "High_grade",
            "Principal",
            "Principal_email",
            "School_address",
            "School_city",
            "School_state",
            "School_zip",
            "School_phone",
        ],
        RosterFile::Students => &[
            "School_id",
            "Student_id",
            "Student_number",
            "Last_name",
            "Middle_name",
            "First_name",
            "Grade",
            "Gender",
            "Graduation_year",
            "DOB",
            "Home_language",
            "Ell_status",
            "Student_email",
            "Username",
            "Password",
            "ext.bus_route",
        ],
        RosterFile::Teachers => &[
            "School_id",
            "Teacher_id",
            "Teacher_number",
            "Teacher_email",
            "First_name",
            "Middle_name",
            "Last_name",
            "Title",
            "Username",
            "Password",
        ],
        RosterFile::Staff => &[
            "School_id",
            "Staff_id",
            "Staff_email",
            "First_name",
            "Last_name",
            "Department",
            "Title",
            "Role",
            "Username",
            "Password",
        ],
        RosterFile::Sections => &[
            "School_id",
            "Section_id",
            "Teacher_id",
            "Teacher_2_id",
            "Name",
            "Section_number",
            "Grade",
            "Course_name",
            "Course_number",
            "Period",
            "Subject",
            "Term_name",
            "Term_start",
            "Term_end",
        ],
        RosterFile::Enrollments => &["School_id", "Section_id", "Student_id"],
        RosterFile::Resources | RosterFile::OneRoster(_) => &[],
    }
}

#[cfg(test)]
mod tests;
