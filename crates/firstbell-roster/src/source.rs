//! Where the files come from: a folder, or a zip of one. Nothing is ever written to disk, so a
//! path in an archive can only be refused or read.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

mod archive;

use crate::fault::RosterFault;
use crate::oneroster::{self, OneRosterFile};
use crate::problem::{Place, Problems, Words};
use archive::Archive;

/// The most bytes that the files of one roster may have together, unpacked. The largest public
/// sandbox (56,635 students) has 30 MB.
pub const MOST_ROSTER_BYTES: u64 = 2 << 30;

/// The files of a roster, in the order in which they are read: a file comes after those it
/// refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RosterFile {
    /// `schools.csv`
    Schools,
    /// `students.csv`
    Students,
    /// `teachers.csv`
    Teachers,
    /// `staff.csv`, which may be absent
    Staff,
    /// `admins.csv`, the older form of `staff.csv`, read where that is absent
    Admins,
    /// `sections.csv`
    Sections,
    /// `enrollments.csv`
    Enrollments,
    /// `resources.csv`, which may be absent
    Resources,
    /// A file of a OneRoster export.
    OneRoster(OneRosterFile),
}

/// In which form a roster comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `schools.csv` and the files beside it.
    Plain,
    /// OneRoster, known by its `manifest.csv`.
    OneRoster,
}

impl Dialect {
    /// The file of this name, if the dialect has one.
    fn file(self, name: &str) -> Option<RosterFile> {
        let is_named = |file: &RosterFile| name.eq_ignore_ascii_case(file.name());
        match self {
            Self::Plain => RosterFile::ALL.into_iter().find(is_named),
            Self::OneRoster => {
                OneRosterFile::ALL.into_iter().map(RosterFile::OneRoster).find(is_named)
            }
        }
    }
}

impl RosterFile {
    /// A number that stands for the file in this process.
    pub(crate) fn number(self) -> u8 {
        let at = |file| Self::every().position(|one| one == file).unwrap_or_default();
        u8::try_from(at(self)).unwrap_or(u8::MAX)
    }

    /// The file of this number.
    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::every().nth(number.into())
    }

    fn every() -> impl Iterator<Item = Self> {
        let oneroster = OneRosterFile::ALL.into_iter().map(Self::OneRoster);
        Self::ALL.into_iter().chain(oneroster)
    }

    /// The files of the plain dialect, in reading order.
    pub const ALL: [Self; 8] = [
        Self::Schools,
        Self::Students,
        Self::Teachers,
        Self::Staff,
        Self::Admins,
        Self::Sections,
        Self::Enrollments,
        Self::Resources,
    ];

    /// The file's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schools => "schools.csv",
            Self::Students => "students.csv",
            Self::Teachers => "teachers.csv",
            Self::Staff => "staff.csv",
            Self::Admins => "admins.csv",
            Self::Sections => "sections.csv",
            Self::Enrollments => "enrollments.csv",
            Self::Resources => "resources.csv",
            Self::OneRoster(file) => file.name(),
        }
    }

    /// Whether a roster is refused without it.
    pub const fn is_required(self) -> bool {
        match self {
            Self::Staff | Self::Admins | Self::Resources => false,
            Self::OneRoster(file) => file.is_required(),
            _ => true,
        }
    }
}

/// A roster's files, found and not yet read.
pub(crate) struct Source {
    files: BTreeMap<RosterFile, Found>,
    archive: Option<Archive>,
    pub dialect: Dialect,
    /// How many bytes may still be read, whatever the files said of their size.
    left: Rc<Cell<u64>>,
}

struct Found {
    at: At,
    bytes: u64,
}

/// Where a file is: a path of the disk, or the number of an entry of the archive.
enum At {
    Path(PathBuf),
    Entry(usize),
}

/// What a file is called, before anybody knows whether it is one of ours.
struct Candidate {
    /// The last part of its path.
    name: String,
    at: At,
    bytes: u64,
}

impl Source {
    /// Finds the roster's files. `None` when there is nothing to read; why is in `problems`.
    pub fn open(path: &Path, problems: &mut Problems) -> Option<Self> {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let unreadable = |problems: &mut Problems, error: &io::Error| {
            let place = Place { file: &name, ..Place::default() };
            let words =
                || Words { reason: Some(format!("it cannot be opened: {error}")), remedy: None };
            problems.add_with(RosterFault::SourceUnreadable, place, words);
        };
        let found = fs::metadata(path).and_then(|metadata| {
            if metadata.is_dir() {
                Ok((None, candidates(path)?))
            } else {
                Ok((Some(File::open(path)?), Vec::new()))
            }
        });
        match found {
            Ok((None, candidates)) => Self::sort_out(candidates, None, &name, problems),
            Ok((Some(file), _)) => {
                let (archive, candidates) = Archive::open(file, &name, problems)?;
                Self::sort_out(candidates, Some(archive), &name, problems)
            }
            Err(error) => {
                unreadable(problems, &error);
                None
            }
        }
    }

    fn sort_out(
        candidates: Vec<Candidate>,
        archive: Option<Archive>,
        source_name: &str,
        problems: &mut Problems,
    ) -> Option<Self> {
        let mut files = BTreeMap::new();
        let mut others = Vec::new();
        let manifest = OneRosterFile::Manifest.name();
        let has_manifest =
            candidates.iter().any(|candidate| candidate.name.eq_ignore_ascii_case(manifest));
        let dialect = if has_manifest { Dialect::OneRoster } else { Dialect::Plain };
        for Candidate { name, at, bytes } in candidates {
            match dialect.file(&name) {
                Some(file) if files.contains_key(&file) => {
                    problems.add(RosterFault::FileTwice, in_file(file.name()));
                }
                Some(file) => {
                    files.insert(file, Found { at, bytes });
                }
                None => others.push(name),
            }
        }
        others.sort_unstable();
        for name in others {
            problems.add(stranger(dialect, &name), in_file(&name));
        }
        if files.contains_key(&RosterFile::Admins) {
            let admins = in_file(RosterFile::Admins.name());
            if files.contains_key(&RosterFile::Staff) {
                files.remove(&RosterFile::Admins);
                problems.add(RosterFault::AdminsFileIgnored, admins);
            } else {
                problems.add(RosterFault::AdminsFileDeprecated, admins);
            }
        }
        // What OneRoster requires its manifest can say, which is not read yet.
        let required = RosterFile::ALL.into_iter().filter(|_| dialect == Dialect::Plain);
        for file in required.filter(|file| file.is_required() && !files.contains_key(file)) {
            problems.add(RosterFault::FileMissing, in_file(file.name()));
        }
        let source = Self { files, archive, dialect, left: Rc::new(Cell::new(MOST_ROSTER_BYTES)) };
        if source.total_bytes() > MOST_ROSTER_BYTES {
            problems.add(RosterFault::TooLarge, in_file(source_name));
            return None;
        }
        Some(source)
    }

    /// Whether the file is there.
    pub fn has(&self, file: RosterFile) -> bool {
        self.files.contains_key(&file)
    }

    /// How many bytes all files say they have.
    pub fn total_bytes(&self) -> u64 {
        self.files.values().fold(0, |sum, found| sum.saturating_add(found.bytes))
    }

    /// Opens a file that is there.
    pub fn reader(&mut self, file: RosterFile) -> io::Result<Box<dyn Read + '_>> {
        let found = self.files.get(&file).ok_or(io::ErrorKind::NotFound)?;
        let left = Rc::clone(&self.left);
        match (&found.at, &mut self.archive) {
            (At::Path(path), _) => {
                Ok(Box::new(Bounded { source: File::open(path)?, most: u64::MAX, left }))
            }
            (At::Entry(index), Some(archive)) => {
                let (source, most) = archive.entry(*index)?;
                Ok(Box::new(Bounded { source, most, left }))
            }
            (At::Entry(_), None) => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// What there is to say of a file that is not read.
fn stranger(dialect: Dialect, name: &str) -> RosterFault {
    let is_known = match dialect {
        Dialect::OneRoster => oneroster::is_known_and_unread(name),
        Dialect::Plain => name.eq_ignore_ascii_case("attendance.csv"),
    };
    if is_known { RosterFault::FileNotKept } else { RosterFault::FileUnknown }
}

/// A file that gives no more than it may, however long it turns out to be. It fails then: an end
/// would look like the end of the roster.
struct Bounded<R> {
    source: R,
    /// What this file may still give.
    most: u64,
    /// What all files together may still give.
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        let Some(most) = self.most.checked_sub(count as u64) else {
            return Err(io::Error::other(Refused(RosterFault::ArchiveBomb)));
        };
        let Some(left) = self.left.get().checked_sub(count as u64) else {
            return Err(io::Error::other(Refused(RosterFault::TooLarge)));
        };
        self.most = most;
        self.left.set(left);
        Ok(count)
    }
}

/// A refusal that travels through `io::Error`.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.reason())]
pub(crate) struct Refused(pub RosterFault);

fn in_file(name: &str) -> Place<'_> {
    Place { file: name, ..Place::default() }
}

/// The CSV files of a folder. Other files are nobody's business.
fn candidates(folder: &Path) -> io::Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name.filter(|name| is_csv(name)) else { continue };
        // A link to a file is followed: the folder is the operator's own.
        let metadata = fs::metadata(&path)?;
        if metadata.is_file() {
            candidates.push(Candidate { name, at: At::Path(path), bytes: metadata.len() });
        }
    }
    Ok(candidates)
}

fn is_csv(name: &str) -> bool {
    !name.starts_with('.')
        && Path::new(name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(most: u64, left: u64) -> (u64, Option<RosterFault>) {
        let left = Rc::new(Cell::new(left));
        let mut bounded = Bounded { source: io::repeat(b'x'), most, left };
        let mut given = 0;
        let mut buffer = [0; 100];
        loop {
            match bounded.read(&mut buffer) {
                Ok(count) => given += count as u64,
                Err(error) => {
                    let refused = error.get_ref().and_then(|inner| inner.downcast_ref::<Refused>());
                    return (given, refused.map(|refused| refused.0));
                }
            }
        }
    }

    #[test]
    fn a_file_without_end_is_refused_at_its_bound_and_never_just_ends() {
        assert_eq!(refused(1_050, u64::MAX), (1_000, Some(RosterFault::ArchiveBomb)));
        assert_eq!(refused(u64::MAX, 1_050), (1_000, Some(RosterFault::TooLarge)));
    }
}
