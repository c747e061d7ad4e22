//! A roster as a zip file: everything an archive may claim is checked, then checked again while
//! it unpacks (bombs, thousands of entries, escaping paths, links, encryption, wrong
//! checksums).

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Component;
use std::rc::Rc;

use zip::ZipArchive;

use super::{At, Candidate, is_csv};
use crate::fault::RosterFault;
use crate::problem::{Place, Problems, Words};

/// The most entries of an archive. A roster has eight files; some programs add a few of their own.
const MOST_ENTRIES: usize = 200;

/// How many bytes may be read before the directory of the archive is known.
const MOST_DIRECTORY_BYTES: u64 = 4 << 20;

/// How much an entry may expand. Rosters shrink to a fifth or a tenth.
const MOST_EXPANSION: u64 = 100;

/// Entries that unpack to less are never bombs.
const HARMLESS_BYTES: u64 = 1 << 20;

pub(super) struct Archive {
    zip: ZipArchive<BufReader<Allowed>>,
}

impl Archive {
    /// Reads the directory of the archive and refuses what no roster has.
    pub fn open(file: File, name: &str, problems: &mut Problems) -> Option<(Self, Vec<Candidate>)> {
        let allowance = Rc::new(Cell::new(MOST_DIRECTORY_BYTES));
        let allowed = Allowed { file, allowance: Rc::clone(&allowance) };
        let zip = match ZipArchive::new(BufReader::new(allowed)) {
            Ok(zip) => zip,
            Err(error) => {
                let fault = if allowance.get() == 0 {
                    RosterFault::TooManyEntries
                } else {
                    RosterFault::ArchiveBroken
                };
                let place = Place { file: name, ..Place::default() };
                let reason = format!("no folder and no readable zip file: {error}");
                problems.add_with(fault, place, || Words { reason: Some(reason), remedy: None });
                return None;
            }
        };
        allowance.set(u64::MAX);
        if zip.len() > MOST_ENTRIES || zip.has_duplicate_names() {
            let fault = if zip.has_duplicate_names() {
                RosterFault::FileTwice
            } else {
                RosterFault::TooManyEntries
            };
            problems.add(fault, Place { file: name, ..Place::default() });
            return None;
        }
        let mut archive = Self { zip };
        let candidates = archive.candidates(problems)?;
        Some((archive, candidates))
    }

    /// The CSV files of the archive, in whatever folder of it they lie. `None` if one entry is
    /// hostile: then the archive is not read at all.
    fn candidates(&mut self, problems: &mut Problems) -> Option<Vec<Candidate>> {
        let mut candidates = Vec::new();
        let mut harmless = true;
        for index in 0..self.zip.len() {
            let Ok(entry) = self.zip.by_index_raw(index) else {
                problems.add(RosterFault::ArchiveBroken, Place::default());
                return None;
            };
            let path = String::from_utf8_lossy(entry.name_raw()).into_owned();
            if let Some(fault) = hostile(&entry, &path) {
                problems.add(fault, Place { file: &path, ..Place::default() });
                harmless = false;
            } else if !entry.is_dir() && !is_hidden(&path) {
                let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                if is_csv(&name) {
                    candidates.push(Candidate { name, at: At::Entry(index), bytes: entry.size() });
                }
            }
        }
        harmless.then_some(candidates)
    }

    /// Opens an entry; also, how much it may unpack to, whatever it says of itself.
    pub fn entry(&mut self, index: usize) -> io::Result<(impl Read + '_, u64)> {
        let entry = self.zip.by_index(index).map_err(io::Error::other)?;
        let most = most_bytes(entry.compressed_size());
        Ok((entry, most))
    }
}

/// What an entry of this packed size may unpack to.
fn most_bytes(packed: u64) -> u64 {
    packed.saturating_mul(MOST_EXPANSION).max(HARMLESS_BYTES)
}

fn hostile<R: Read>(entry: &zip::read::ZipFile<'_, R>, path: &str) -> Option<RosterFault> {
    let unified = path.replace('\\', "/");
    let escapes = unified.starts_with('/')
        || unified.contains(':')
        || unified.contains('\0')
        || std::path::Path::new(&unified)
            .components()
            .any(|part| !matches!(part, Component::Normal(_) | Component::CurDir));
    if escapes {
        Some(RosterFault::ArchivePath)
    } else if entry.encrypted() {
        Some(RosterFault::ArchiveEncrypted)
    } else if entry.is_symlink() {
        Some(RosterFault::NotAFile)
    } else if entry.size() > most_bytes(entry.compressed_size()) {
        Some(RosterFault::ArchiveBomb)
    } else {
        None
    }
}

/// What file managers add on their own.
fn is_hidden(path: &str) -> bool {
    path.split(['/', '\\']).any(|part| part == "__MACOSX" || part.starts_with("._"))
}

/// A file of which only so much may be read.
struct Allowed {
    file: File,
    allowance: Rc<Cell<u64>>,
}

impl Read for Allowed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        match self.allowance.get().checked_sub(count as u64) {
            Some(left) if left > 0 => self.allowance.set(left),
            _ => {
                self.allowance.set(0);
                return Err(io::Error::other("the directory of the archive is far too long"));
            }
        }
        Ok(count)
    }
}

impl Seek for Allowed {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}
