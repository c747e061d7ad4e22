//! Rosters in the form of OneRoster 1.1 and 1.2 (CSV tables), a folder or zip with a
//! `manifest.csv`. They become the same [`Snapshot`](crate::Snapshot) as any other:
//!
//! | There | Here |
//! |---|---|
//! | `orgs` of type `school` | schools; the others say who is at the district and who is not |
//! | `academicSessions` that classes name first | terms |
//! | `courses`, `classes` | courses, sections |
//! | `users` by their roles | students, teachers (and aides), staff, district administrators, contacts |
//! | `enrollments` | enrolments of students; the teachers of a section, the primary one first |
//! | `demographics` | details of students |
//! | `resources`, `courseResources`, `classResources` | resources and their courses |
//!
//! Every record is known by its `sourcedId`. A record that is `tobedeleted` is left out, and so is
//! a user who is not enabled; what refers to it is told and left out too. Enrolments and roles with
//! dates count on the days between them. What our own exports say in `metadata.firstbell.*` columns
//! ([`crate::write`]) is taken back. Changes alone (`delta`) are no roster:
//! [`merge_delta`] makes one of them.

mod claims;
mod demographics;
mod enrollments;
mod files;
mod manifest;
mod merge;
mod offerings;
mod orgs;
pub(crate) mod own;
mod resources;
mod rest;
mod roles;
mod users;

use firstbell_core::roster::RoleKind;

use crate::day::Day;
use crate::fault::RosterFault;
use crate::header::{At, Header};
use crate::ids::Ids;
use crate::problem::{Place, Problems, Words};
use crate::read::{Draft, Files};
use crate::snapshot::Index;
use crate::source::RosterFile;
use crate::table::Line;
use crate::words;
pub(crate) use claims::Claims;
pub use files::OneRosterFile;
pub(crate) use files::{RACES, is_known_and_unread};
use manifest::{Manifest, Version};
pub use merge::{MergeError, Merged, merge_delta};
pub use rest::{Collection, Tables, TablesError};

/// Reads the files of an export.
pub(crate) fn read(files: &mut Files<'_>, today: Day, draft: &mut Draft) {
    let mut manifest = Manifest::default();
    files.each(RosterFile::OneRoster(OneRosterFile::Manifest), draft, |reading, draft| {
        manifest = Manifest::read(reading, &mut draft.problems);
    });
    let Some(version) = manifest.version else { return };
    let has = |file| files.has(RosterFile::OneRoster(file));
    manifest.check(version, has, &mut draft.problems);
    let mut rostering = Rostering::new(version, today, draft);
    for file in OneRosterFile::ALL.into_iter().filter(|file| *file != OneRosterFile::Manifest) {
        files.each(RosterFile::OneRoster(file), draft, |reading, draft| match file {
            OneRosterFile::Manifest => {}
            OneRosterFile::Orgs => rostering.orgs.read(reading, draft),
            OneRosterFile::AcademicSessions => rostering.sessions.read(reading, draft),
            OneRosterFile::Courses => offerings::read_courses(reading, &mut rostering, draft),
            OneRosterFile::Roles => roles::read(reading, &mut rostering, draft),
            OneRosterFile::Users => users::read(reading, &mut rostering, draft),
            OneRosterFile::Demographics => demographics::read(reading, &rostering, draft),
            OneRosterFile::Classes => offerings::read_classes(reading, &mut rostering, draft),
            OneRosterFile::Enrollments => enrollments::read(reading, &rostering, draft),
            OneRosterFile::Resources => resources::read(reading, draft),
            OneRosterFile::CourseResources => {
                resources::read_courses(reading, &rostering.courses, draft);
            }
            OneRosterFile::ClassResources => resources::read_classes(reading, draft),
        });
    }
    enrollments::leave_out_untaught(draft);
}

/// What the files refer to, while they are read.
struct Rostering {
    version: Version,
    today: Day,
    orgs: orgs::Orgs,
    sessions: offerings::Sessions,
    courses: Ids,
    users: users::Users,
    names: users::Names,
}

impl Rostering {
    fn new(version: Version, today: Day, draft: &mut Draft) -> Self {
        Self {
            version,
            today,
            orgs: orgs::Orgs::default(),
            sessions: offerings::Sessions::default(),
            courses: Ids::default(),
            users: users::Users::default(),
            names: users::Names::of(&mut draft.detail_names),
        }
    }
}

/// The columns that every file has, and those of our own exports that several have.
#[derive(Clone, Copy)]
struct Base {
    id: At,
    status: At,
    sis_id: At,
    known_by: At,
    unnamed: At,
}

impl Base {
    fn of(header: &Header) -> Self {
        Self {
            id: header.at("sourcedId"),
            status: header.at("status"),
            sis_id: header.at("metadata.firstbell.sis_id"),
            known_by: header.at("metadata.firstbell.known_by"),
            unnamed: header.at("metadata.firstbell.unnamed"),
        }
    }

    /// The record's id in the district's systems: its `sourcedId`, but for our own exports. None
    /// where it has none and is known by what it says.
    fn sis_id<'t>(self, line: &Line<'t>) -> Option<&'t str> {
        if line.cell(self.known_by) == "content" {
            return None;
        }
        Some(line.filled(self.sis_id).unwrap_or_else(|| line.cell(self.id)))
    }

    /// A name, unless it was made up because the table wants one.
    fn name<'t>(self, line: &Line<'t>, at: At) -> &'t str {
        if line.cell(self.unnamed) == "true" { "" } else { line.cell(at) }
    }

    /// Whether the record is on its way out.
    fn is_left_out(self, line: &Line<'_>) -> bool {
        let status = line.cell(self.status);
        ["tobedeleted", "inactive"].iter().any(|word| word.eq_ignore_ascii_case(status))
    }
}

/// The record that a cell refers to; `None`, with a problem, if there is none or it was left out.
fn reference(
    ids: &Ids,
    line: &Line<'_>,
    at: At,
    target: OneRosterFile,
    problems: &mut Problems,
) -> Option<Index> {
    let found = ids.resolve(line, at, RosterFile::OneRoster(target), problems)?;
    if found == Index::LEFT_OUT {
        problems.add(RosterFault::ReferenceLeftOut, line.place(at));
        return None;
    }
    Some(found)
}

/// The parts of a cell that is a list.
fn list<'t>(line: &Line<'t>, at: At) -> impl Iterator<Item = &'t str> {
    line.cell(at).split(',').map(str::trim).filter(|part| !part.is_empty())
}

/// The day of a cell, if it has one.
fn day(line: &Line<'_>, at: At, problems: &mut Problems) -> Option<Day> {
    let date = words::date(line.filled(at)?);
    if date.is_none() {
        let words = || Words { reason: None, remedy: Some("write it as YYYY-MM-DD".to_owned()) };
        problems.add_with(RosterFault::DateMalformed, line.place(at), words);
    }
    date.map(Day::of)
}

/// What a cell says that is `true` or `false`; nothing if it says neither.
fn truth(line: &Line<'_>, at: At, problems: &mut Problems) -> Option<bool> {
    let said = words::Rule::YesOrNo.read(line.filled(at)?).value;
    if said.is_empty() {
        let words = || Words { reason: None, remedy: Some("it knows: true, false".to_owned()) };
        problems.add_with(RosterFault::WordUnknown, line.place(at), words);
        return None;
    }
    Some(said == "Y")
}

/// The place of a file as a whole.
fn in_file(file: OneRosterFile) -> Place<'static> {
    Place { file: file.name(), ..Place::default() }
}

/// Under which name a user's number in the district's books stands in the details of a role.
pub(crate) const fn number_name(kind: RoleKind) -> &'static str {
    match kind {
        RoleKind::Student => "student_number",
        RoleKind::Teacher => "teacher_number",
        RoleKind::Staff | RoleKind::DistrictAdmin => "ext.identifier",
    }
}
