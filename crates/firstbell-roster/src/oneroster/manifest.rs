//! `manifest.csv`: which version an export is of, and whether each of its files is the whole
//! (`bulk`), changes only (`delta`), or not there (`absent`).

use std::collections::BTreeMap;

use super::OneRosterFile;
use crate::fault::RosterFault;
use crate::problem::{Place, Problems, Words};
use crate::read::Reading;

/// The version of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// A user has one role, which `users.csv` says.
    OneOne,
    /// A user has the roles that `roles.csv` says.
    OneTwo,
}

impl Version {
    pub const fn text(self) -> &'static str {
        match self {
            Self::OneOne => "1.1",
            Self::OneTwo => "1.2",
        }
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Bulk,
    Delta,
    Absent,
}

/// A manifest.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub version: Option<Version>,
    modes: BTreeMap<OneRosterFile, (Mode, u64)>,
}

impl Manifest {
    /// Reads the file; what it says of files that nobody reads does not matter.
    pub fn read(reading: &mut Reading<'_, '_>, problems: &mut Problems) -> Self {
        let header = &reading.table.header;
        let [name, value] = ["propertyName", "value"].map(|column| header.at(column));
        let mut manifest = Self::default();
        while let Some(line) = reading.next(problems) {
            if !line.is_whole {
                continue;
            }
            let said = line.cell(value);
            if line.cell(name).eq_ignore_ascii_case("oneroster.version") {
                manifest.version = match said {
                    "1.1" | "1.1.0" => Some(Version::OneOne),
                    "1.2" | "1.2.0" => Some(Version::OneTwo),
                    _ => None,
                };
                if manifest.version.is_none() {
                    problems.add(RosterFault::VersionUnknown, line.place(value));
                    return manifest;
                }
            }
            let file =
                OneRosterFile::ALL.into_iter().find(|file| file.is_property(line.cell(name)));
            let Some(file) = file else { continue };
            let mode = [("bulk", Mode::Bulk), ("delta", Mode::Delta), ("absent", Mode::Absent)]
                .into_iter()
                .find_map(|(word, mode)| word.eq_ignore_ascii_case(said).then_some(mode));
            match mode {
                Some(mode) => {
                    manifest.modes.insert(file, (mode, line.number));
                }
                None => problems.add(RosterFault::ManifestWordUnknown, line.place(value)),
            }
        }
        if manifest.version.is_none() {
            let place = Place { file: OneRosterFile::Manifest.name(), ..Place::default() };
            problems.add(RosterFault::VersionUnknown, place);
        }
        manifest
    }

    /// What a file holds, as far as the manifest says.
    pub fn mode(&self, file: OneRosterFile) -> Option<Mode> {
        self.modes.get(&file).map(|(mode, _)| *mode)
    }

    /// Whether the files are those of a whole roster, and those that the manifest names.
    pub fn check(
        &self,
        version: Version,
        has: impl Fn(OneRosterFile) -> bool,
        problems: &mut Problems,
    ) {
        for file in OneRosterFile::ALL {
            let (mode, line) = match self.modes.get(&file) {
                Some(&(mode, line)) => (Some(mode), Some(line)),
                None => (None, None),
            };
            let place = Place { file: file.name(), ..Place::default() };
            let is_required = file.is_required()
                || file == OneRosterFile::Roles && version == Version::OneTwo
                || mode == Some(Mode::Bulk);
            match (mode, has(file)) {
                (Some(Mode::Delta), _) => problems.add(RosterFault::DeltaAlone, place),
                (Some(Mode::Absent), true) => {
                    let name = OneRosterFile::Manifest.name();
                    let place = Place { file: name, line, value: Some(file.name()), ..place };
                    problems.add(RosterFault::ManifestDisagrees, place);
                }
                (_, false) if is_required => {
                    problems.add_with(RosterFault::FileMissing, place, missing);
                }
                _ => {}
            }
        }
    }
}

/// What is said of a file that is not there.
pub(super) fn missing() -> Words {
    let remedy = "add it: orgs, academicSessions, courses, users, classes and enrollments are all \
                  required, roles from 1.2 on, and whatever the manifest calls bulk";
    Words { reason: Some("the file is missing".to_owned()), remedy: Some(remedy.to_owned()) }
}
