//! Changes (`delta`) and the export that they change, merged into a new export: a roster is the
//! whole of a district, so changes alone are none.
//!
//! Row by row, by `sourcedId`: of two rows the one that was modified last holds, of the same moment
//! the change; a row that says `tobedeleted` goes. Only the changes are held in memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::OneRosterFile;
use super::manifest::{Manifest, Mode, Version, missing};
use crate::fault::RosterFault;
use crate::header::same_name;
use crate::private;
use crate::problem::{Place, Problems, Rejected};
use crate::read::{Draft, Files};
use crate::rows::{Row, Rows, Stopped};
use crate::sheet::Sheet;
use crate::source::{RosterFile, Source};
use changes::{Changes, moment};

mod changes;

/// What a merge did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Merged {
    /// Rows that are new.
    pub added: u64,
    /// Rows in whose place another came.
    pub replaced: u64,
    /// Rows that went.
    pub removed: u64,
}

/// Why nothing was merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of the two is not what it should be.
    #[error("the changes were not merged; the files are not what they should be")]
    Rejected(Box<Rejected>),
    /// The new folder cannot be written.
    #[error("{path} cannot be written")]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
}

/// Merges the changes in `delta` into the export in `bulk`, and writes the new export into the
/// folder `out`, which must not be there yet. Both may be folders or zip files. A file that the
/// changes bring whole takes the place of the old one; one that they say nothing of stays.
///
/// # Errors
/// [`MergeError::Rejected`] when one of the two is no OneRoster export of one version, or a row of
/// the changes has no id or no moment; [`MergeError::Unwritable`]. Nothing is left of `out` then.
pub fn merge_delta(bulk: &Path, delta: &Path, out: &Path) -> Result<Merged, MergeError> {
    let mut problems = Problems::default();
    let opened = Export::open(bulk, &mut problems).zip(Export::open(delta, &mut problems));
    let Some((mut bulk, mut delta)) = opened else { return Err(rejected(problems)) };
    let known = |file| bulk.source.has(RosterFile::OneRoster(file));
    bulk.manifest.check(bulk.version, known, &mut problems);
    if bulk.version != delta.version {
        let place = Place { file: OneRosterFile::Manifest.name(), ..Place::default() };
        problems.add(RosterFault::VersionUnknown, place);
    }
    if problems.refusals.total() > 0 {
        return Err(rejected(problems));
    }
    private::folder(out).map_err(|cause| MergeError::Unwritable { path: out.to_owned(), cause })?;
    let merged = write_all(&mut bulk, &mut delta, out, &mut problems);
    let merged = match merged {
        Ok(_) if problems.refusals.total() > 0 => Err(rejected(problems)),
        other => other,
    };
    if merged.is_err() {
        // What is left of it would look like an export.
        let _ = fs::remove_dir_all(out);
    }
    merged
}

fn rejected(problems: Problems) -> MergeError {
    let Problems { refusals, warnings } = problems;
    MergeError::Rejected(Box::new(Rejected { refusals, warnings }))
}

/// One of the two.
struct Export {
    source: Source,
    manifest: Manifest,
    version: Version,
}

impl Export {
    fn open(path: &Path, problems: &mut Problems) -> Option<Self> {
        let source = Source::open(path, problems)?;
        let file = RosterFile::OneRoster(OneRosterFile::Manifest);
        if !source.has(file) {
            let place = Place { file: file.name(), ..Place::default() };
            problems.add_with(RosterFault::FileMissing, place, missing);
            return None;
        }
        let mut draft = Draft { problems: std::mem::take(problems), ..Draft::default() };
        let mut manifest = Manifest::default();
        let mut ignore = |_| {};
        let mut files = Files::new(source, &mut ignore);
        files.each(file, &mut draft, |reading, draft| {
            manifest = Manifest::read(reading, &mut draft.problems);
        });
        *problems = draft.problems;
        let version = manifest.version?;
        Some(Self { source: files.into_source(), manifest, version })
    }

    fn rows(&mut self, file: OneRosterFile) -> Result<Reader<'_>, Stopped> {
        let unreadable =
            |cause| Stopped { fault: RosterFault::FileUnreadable, line: 1, cause: Some(cause) };
        let source = self.source.reader(RosterFile::OneRoster(file)).map_err(unreadable)?;
        let mut rows = Rows::open(source)?;
        let mut row = Row::default();
        if !rows.next(&mut row)? {
            return Err(Stopped { fault: RosterFault::FileEmpty, line: 1, cause: None });
        }
        let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
        let names = row.cells().map(name).collect();
        Ok(Reader { rows, names, row })
    }
}

/// The rows of a file below its header.
struct Reader<'s> {
    rows: Rows<Box<dyn io::Read + 's>>,
    names: Vec<String>,
    row: Row,
}

impl Reader<'_> {
    /// The next row that says anything.
    fn next(&mut self) -> Result<Option<&Row>, Stopped> {
        while self.rows.next(&mut self.row)? {
            if let Some(fault) = self.row.flaw {
                return Err(Stopped { fault, line: self.row.line, cause: None });
            }
            if self.row.bytes.iter().any(|byte| !byte.is_ascii_whitespace()) {
                return Ok(Some(&self.row));
            }
        }
        Ok(None)
    }

    fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| same_name(known, name))
    }
}

fn cell(row: &Row, at: Option<usize>) -> &[u8] {
    at.and_then(|at| row.cells().nth(at)).unwrap_or_default().trim_ascii()
}

/// Writes the files, the manifest last: without it the folder is no export.
fn write_all(
    bulk: &mut Export,
    delta: &mut Export,
    out: &Path,
    problems: &mut Problems,
) -> Result<Merged, MergeError> {
    let mut merged = Merged::default();
    let mut manifest: Vec<[String; 2]> = vec![
        ["propertyName".to_owned(), "value".to_owned()],
        ["manifest.version".to_owned(), "1.0".to_owned()],
        ["oneroster.version".to_owned(), bulk.version.text().to_owned()],
    ];
    for file in OneRosterFile::ALL.into_iter().filter(|file| *file != OneRosterFile::Manifest) {
        let is_there = |export: &Export| export.source.has(RosterFile::OneRoster(file));
        let mode = delta.manifest.mode(file).filter(|mode| *mode != Mode::Absent);
        if mode.is_some() && !is_there(delta) {
            let place = Place { file: file.name(), ..Place::default() };
            problems.add_with(RosterFault::FileMissing, place, missing);
            continue;
        }
        let stem = file.name().trim_end_matches(".csv");
        let (has_old, has_new) = (is_there(bulk), is_there(delta));
        let is_written = has_old || mode.is_some() && has_new;
        let word = if is_written { "bulk" } else { "absent" };
        manifest.push([format!("file.{stem}"), word.to_owned()]);
        if !is_written {
            continue;
        }
        let mut writing = Writing { out, file, merged: &mut merged };
        let written = match mode {
            Some(Mode::Bulk) => writing.copy(delta),
            Some(_) => writing.merge(has_old.then_some(&mut *bulk), delta, problems),
            None => writing.copy(bulk),
        };
        written.or_else(|error| error.told(out, file, problems))?;
    }
    let path = out.join(OneRosterFile::Manifest.name());
    let written = write(&path, |sheet| manifest.iter().try_for_each(|row| sheet.row(row)));
    written.map_err(|cause| MergeError::Unwritable { path, cause })?;
    Ok(merged)
}

fn write(path: &Path, rows: impl FnOnce(&mut Sheet<'_>) -> io::Result<()>) -> io::Result<()> {
    let mut buffer = BufWriter::with_capacity(1 << 18, private::file(path)?);
    rows(&mut Sheet::new(&mut buffer))?;
    buffer.flush()
}

/// Why a file was not written.
enum Failure {
    Read(Stopped),
    Write(io::Error),
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        Self::Read(stopped)
    }
}

impl From<io::Error> for Failure {
    fn from(cause: io::Error) -> Self {
        Self::Write(cause)
    }
}

impl Failure {
    /// What cannot be read is a problem among others; what cannot be written ends the merge.
    fn told(
        self,
        out: &Path,
        file: OneRosterFile,
        problems: &mut Problems,
    ) -> Result<(), MergeError> {
        match self {
            Self::Read(stopped) => {
                crate::table::add_stopped(&stopped, RosterFile::OneRoster(file), problems);
                Ok(())
            }
            Self::Write(cause) => {
                Err(MergeError::Unwritable { path: out.join(file.name()), cause })
            }
        }
    }
}

/// A file that is being written.
struct Writing<'w> {
    out: &'w Path,
    file: OneRosterFile,
    merged: &'w mut Merged,
}

impl Writing<'_> {
    fn buffer(&self) -> io::Result<BufWriter<File>> {
        Ok(BufWriter::with_capacity(1 << 18, private::file(&self.out.join(self.file.name()))?))
    }

    fn copy(&mut self, from: &mut Export) -> Result<(), Failure> {
        let mut reader = from.rows(self.file)?;
        let mut buffer = self.buffer()?;
        let mut sheet = Sheet::new(&mut buffer);
        sheet.row(&reader.names)?;
        while let Some(row) = reader.next()? {
            sheet.row(&row.cells().collect::<Vec<_>>())?;
        }
        Ok(buffer.flush()?)
    }

    /// Merges the rows of `delta` into those of `bulk`, if it has the file.
    fn merge(
        &mut self,
        bulk: Option<&mut Export>,
        delta: &mut Export,
        problems: &mut Problems,
    ) -> Result<(), Failure> {
        let mut changes = Changes::read(self.file, delta, problems)?;
        let mut buffer = self.buffer()?;
        let mut sheet = Sheet::new(&mut buffer);
        let mut old = bulk.map(|bulk| bulk.rows(self.file)).transpose()?;
        let mut names = old.as_ref().map_or_else(Vec::new, |old| old.names.clone());
        for name in &changes.names {
            if !names.iter().any(|known| same_name(known, name)) {
                names.push(name.clone());
            }
        }
        sheet.row(&names)?;
        if let Some(old) = &mut old {
            let (id, modified) = (old.at("sourcedId"), old.at("dateLastModified"));
            while let Some(row) = old.next()? {
                let change = changes.take(cell(row, id), moment(cell(row, modified)));
                match change {
                    None => {
                        let mut cells: Vec<&[u8]> = row.cells().collect();
                        cells.resize(cells.len().max(names.len()), b"");
                        sheet.row(&cells)?;
                    }
                    Some(change) if change.is_removal => self.merged.removed += 1,
                    Some(change) => {
                        self.merged.replaced += 1;
                        sheet.row(&changes.cells(&names, &change))?;
                    }
                }
            }
        }
        for change in changes.rest() {
            self.merged.added += 1;
            sheet.row(&changes.cells(&names, &change))?;
        }
        Ok(buffer.flush()?)
    }
}
