//! The spool: a folder in which the files of a run are kept while they are needed. What is planned
//! is read from here, so that nobody changes it between planning and applying, and what was shown
//! of a held run is what its approval applies. It holds whole districts with their passwords, so
//! nobody but its owner reads it, and each run's files go with the run.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use firstbell_core::id::SyncRunId;
use firstbell_core::roster::sync::Fingerprint;
use firstbell_roster::{MOST_ROSTER_BYTES, private};

/// The name of a zip file in the spool.
const ARCHIVE: &str = "roster.zip";

/// The name of the folder of CSV files in the spool.
const FOLDER: &str = "roster";

/// Bytes that are copied at a time.
const PIECE: usize = 64 * 1024;

/// Where files are kept.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
}

/// The files of a roster in the spool: a folder of CSV files, or a zip file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// Where they are.
    pub path: PathBuf,
    /// What is in them.
    pub fingerprint: Fingerprint,
}

/// A file of a roster where it was found.
#[derive(Debug)]
pub struct SourceFile {
    /// The last part of its path.
    pub name: String,
    /// The file, open.
    pub file: File,
}

/// What was found: CSV files, or one zip file.
#[derive(Debug)]
pub enum Found {
    /// The CSV files of a folder.
    Folder(Vec<SourceFile>),
    /// A zip file.
    Archive(File),
}

/// Why files did not get into the spool.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The spool cannot be written or read: no room, no permission.
    #[error("{path} cannot be kept")]
    Spool {
        /// Where.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The files cannot be read where they are.
    #[error("{path} cannot be read")]
    Source {
        /// Which.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// There is more than an import takes.
    #[error("the files hold more data than an import takes (2 GiB)")]
    TooLarge,
}

impl SpoolError {
    fn spool(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |cause| Self::Spool { path, cause }
    }

    fn source(path: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Source { path, cause }
    }
}

impl Spool {
    /// The spool in this folder, which is made when something is first kept.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// A folder of this name in the spool, which no run has.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// All folders in the spool whose names begin so.
    pub fn all_beside(&self, prefix: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let is_meant = |path: &PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|it| it.starts_with(prefix))
        };
        entries.flatten().map(|entry| entry.path()).filter(is_meant).collect()
    }

    fn of(&self, id: SyncRunId) -> PathBuf {
        self.folder.join(id.to_string())
    }

    /// Makes the folder of a run.
    fn make(&self, id: SyncRunId) -> Result<PathBuf, SpoolError> {
        let folder = self.of(id);
        private::folders(&folder).map_err(SpoolError::spool(&folder))?;
        Ok(folder)
    }

    /// Copies what was found into the spool.
    ///
    /// # Errors
    /// See [`SpoolError`]; nothing is left in the spool then.
    pub fn copy_in(&self, id: SyncRunId, found: Found) -> Result<Files, SpoolError> {
        let copied = self.copy(id, found);
        if copied.is_err() {
            self.remove(id);
        }
        copied
    }

    fn copy(&self, id: SyncRunId, found: Found) -> Result<Files, SpoolError> {
        let folder = self.make(id)?;
        let mut left = MOST_ROSTER_BYTES;
        match found {
            Found::Archive(mut file) => {
                let path = folder.join(ARCHIVE);
                let fingerprint = copy_file(&mut file, &path, &mut left)?;
                Ok(Files { path, fingerprint })
            }
            Found::Folder(mut files) => {
                let path = folder.join(FOLDER);
                private::folder(&path).map_err(SpoolError::spool(&path))?;
                let mut prints = Vec::new();
                for SourceFile { name, file } in &mut files {
                    let print = copy_file(file, &path.join(&name), &mut left)?;
                    prints.push((name.to_lowercase(), print));
                }
                Ok(Files { path, fingerprint: of_all(prints) })
            }
        }
    }

    /// A new, empty zip file for what is sent to us, and where it is.
    ///
    /// # Errors
    /// When the spool cannot be written.
    pub fn receive(&self, id: SyncRunId) -> Result<(File, PathBuf), SpoolError> {
        let path = self.make(id)?.join(ARCHIVE);
        let file = create(&path)?;
        Ok((file, path))
    }

    /// The files of a run that are in the spool.
    ///
    /// # Errors
    /// When they are not.
    pub fn files(&self, id: SyncRunId) -> Result<Files, SpoolError> {
        let folder = self.of(id);
        let (archive, files) = (folder.join(ARCHIVE), folder.join(FOLDER));
        let path = if files.is_dir() { files } else { archive };
        let fingerprint = fingerprint(open(&path)?)?;
        Ok(Files { path, fingerprint })
    }

    /// Removes the files of a run; what cannot be removed is tried again when somebody next tidies.
    pub fn remove(&self, id: SyncRunId) {
        let folder = self.of(id);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, run.id = %id, "the files of a sync run cannot be removed");
            }
            _ => {}
        }
    }

    /// Removes the files of these runs, where nobody who answers requests waits for the disk.
    pub async fn clear(&self, runs: Vec<SyncRunId>) {
        let spool = self.clone();
        let removing =
            tokio::task::spawn_blocking(move || runs.into_iter().for_each(|id| spool.remove(id)));
        if let Err(error) = removing.await {
            tracing::warn!(%error, "removing the files of sync runs was cut off");
        }
    }

    /// The runs of which something is in the spool.
    pub fn runs(&self) -> Vec<SyncRunId> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    }
}

/// Opens what an operator names: a folder, of which the CSV files count, or a zip file. Links are
/// followed: the path is the operator's own.
///
/// # Errors
/// When it cannot be read.
pub fn open(path: &Path) -> Result<Found, SpoolError> {
    let shown = path.display().to_string();
    let is_folder = fs::metadata(path).map_err(SpoolError::source(&*shown))?.is_dir();
    if !is_folder {
        return File::open(path).map(Found::Archive).map_err(SpoolError::source(shown));
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(SpoolError::source(&*shown))? {
        let entry = entry.map_err(SpoolError::source(&*shown))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let opened = || File::open(&path).map_err(SpoolError::source(path.display().to_string()));
        if is_csv(&name) && path.is_file() {
            files.push(SourceFile { file: opened()?, name });
        }
    }
    Ok(Found::Folder(files))
}

/// Whether a file of this name may be of a roster.
pub fn is_csv(name: &str) -> bool {
    has_ending(name, "csv")
}

/// Whether a file of this name may be a roster in a zip file.
pub fn is_zip(name: &str) -> bool {
    has_ending(name, "zip")
}

fn has_ending(name: &str, ending: &str) -> bool {
    let found = Path::new(name).extension();
    !name.starts_with('.') && found.is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// What is in files, without keeping anything.
///
/// # Errors
/// When they cannot be read, or hold more than an import takes.
pub fn fingerprint(found: Found) -> Result<Fingerprint, SpoolError> {
    let mut left = MOST_ROSTER_BYTES;
    match found {
        Found::Archive(mut file) => pour(&mut file, &mut io::sink(), &mut left, Path::new("")),
        Found::Folder(files) => {
            let mut prints = Vec::new();
            for SourceFile { name, mut file } in files {
                let print = pour(&mut file, &mut io::sink(), &mut left, Path::new(&name))?;
                prints.push((name.to_lowercase(), print));
            }
            Ok(of_all(prints))
        }
    }
}

/// The fingerprint of several files, whatever order they came in.
fn of_all(mut prints: Vec<(String, Fingerprint)>) -> Fingerprint {
    prints.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut sum = Context::new(&SHA256);
    for (name, print) in prints {
        sum.update(&(name.len() as u64).to_be_bytes());
        sum.update(name.as_bytes());
        sum.update(print.as_bytes());
    }
    finished(sum)
}

/// What a sum of bytes comes to.
pub fn finished(sum: Context) -> Fingerprint {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(sum.finish().as_ref());
    Fingerprint::from_bytes(bytes)
}

fn copy_file(from: &mut File, to: &Path, left: &mut u64) -> Result<Fingerprint, SpoolError> {
    let mut file = create(to)?;
    let print = pour(from, &mut file, left, to)?;
    file.sync_all().map_err(SpoolError::spool(to))?;
    Ok(print)
}

fn create(path: &Path) -> Result<File, SpoolError> {
    private::file(path).map_err(SpoolError::spool(path))
}

fn pour(
    from: &mut impl Read,
    to: &mut impl Write,
    left: &mut u64,
    path: &Path,
) -> Result<Fingerprint, SpoolError> {
    let mut sum = Context::new(&SHA256);
    let mut piece = vec![0; PIECE];
    loop {
        let count = match from.read(&mut piece) {
            Ok(0) => return Ok(finished(sum)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(SpoolError::source(path.display().to_string())(error)),
        };
        let bytes = piece.get(..count).unwrap_or_default();
        *left = left.checked_sub(count as u64).ok_or(SpoolError::TooLarge)?;
        sum.update(bytes);
        to.write_all(bytes).map_err(SpoolError::spool(path))?;
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn id(number: u8) -> SyncRunId {
        SyncRunId::from_bytes([number; 12])
    }

    fn roster(folder: &Path, students: &str) {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in
            [("schools.csv", "s"), ("students.csv", students), ("notes.txt", "not ours")]
        {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    #[test]
    fn what_is_kept_is_what_was_there_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let (source, spool) =
            (folder.path().join("in"), Spool::at(folder.path().join("a").join("spool")));
        roster(&source, "one");
        let kept = spool.copy_in(id(1), open(&source).unwrap()).unwrap();
        assert_eq!(fingerprint(open(&source).unwrap()).unwrap(), kept.fingerprint);
        assert_eq!(spool.files(id(1)).unwrap(), kept);
        assert!(!kept.path.join("notes.txt").exists());
        for (path, mode) in [
            (folder.path().join("a").join("spool"), 0o700),
            (kept.path.clone(), 0o700),
            (kept.path.join("students.csv"), 0o600),
        ] {
            let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}", path.display());
        }
        // What is changed later is not what was kept.
        roster(&source, "two");
        assert_eq!(spool.files(id(1)).unwrap().fingerprint, kept.fingerprint);
        assert_ne!(fingerprint(open(&source).unwrap()).unwrap(), kept.fingerprint);

        assert_eq!(spool.runs(), [id(1)]);
        spool.remove(id(1));
        assert!(spool.runs().is_empty() && spool.files(id(1)).is_err());
        spool.remove(id(1));
    }

    #[test]
    fn a_fingerprint_is_of_names_and_contents() {
        let folder = tempfile::tempdir().unwrap();
        let print = |name: &str, files: &[(&str, &str)]| {
            let source = folder.path().join(name);
            fs::create_dir(&source).unwrap();
            for (name, text) in files {
                fs::write(source.join(name), text).unwrap();
            }
            fingerprint(open(&source).unwrap()).unwrap()
        };
        let one = print("1", &[("a.csv", "x"), ("b.csv", "y")]);
        assert_eq!(one, print("2", &[("b.csv", "y"), ("A.CSV", "x")]));
        for (name, files) in [
            ("3", &[("a.csv", "y"), ("b.csv", "x")][..]),
            ("4", &[("a.csv", "xy"), ("b.csv", "")]),
            ("5", &[("a.csv", "x")]),
            ("6", &[("a.csv", "x"), ("c.csv", "y")]),
        ] {
            assert_ne!(one, print(name, files), "{name}");
        }
    }

    #[test]
    fn a_spool_that_cannot_be_written_says_so_and_keeps_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("in");
        roster(&source, "one");
        fs::write(folder.path().join("file"), "no folder").unwrap();
        let spool = Spool::at(folder.path().join("file"));
        let refused = spool.copy_in(id(1), open(&source).unwrap()).unwrap_err();
        assert!(matches!(refused, SpoolError::Spool { .. }), "{refused}");
        assert!(refused.to_string().contains("file"), "{refused}");
    }
}
