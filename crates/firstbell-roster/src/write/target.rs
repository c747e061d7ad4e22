//! Where the files go: a folder, or a zip file of one. They stand beside the place under another name
//! until they are whole, and are read by their owner alone.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::private;

/// Files that are on their way to a place where nothing is yet. What is dropped before
/// [`Target::finish`] leaves nothing behind.
#[derive(Debug)]
pub struct Target {
    at: PathBuf,
    partial: PathBuf,
    form: Form,
}

enum Form {
    Folder,
    Archive(Box<ZipWriter<File>>),
    Finished,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Folder => "Folder",
            Self::Archive(_) => "Archive",
            Self::Finished => "Finished",
        })
    }
}

impl Target {
    /// Begins to write to a place: a zip file where its name ends in `.zip`, else a folder.
    ///
    /// # Errors
    /// When something is there already, or the folder that it stands in cannot be written.
    pub fn create(at: &Path) -> io::Result<Self> {
        refuse_existing(at)?;
        let name = at.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let partial = at.with_file_name(format!(".{name}.{}.partial", std::process::id()));
        let is_archive = at.extension().is_some_and(|it| it.eq_ignore_ascii_case("zip"));
        let form = if is_archive {
            Form::Archive(Box::new(ZipWriter::new(private::file(&partial)?)))
        } else {
            private::folder(&partial)?;
            Form::Folder
        };
        Ok(Self { at: at.to_owned(), partial, form })
    }

    /// Writes one file.
    pub(super) fn file<T, E: From<io::Error>>(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        match &mut self.form {
            Form::Folder => {
                let mut out = BufWriter::new(private::file(&self.partial.join(name))?);
                let written = write(&mut out)?;
                out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
                Ok(written)
            }
            Form::Archive(archive) => {
                let options = SimpleFileOptions::default().unix_permissions(0o600);
                archive.start_file(name, options).map_err(io::Error::from)?;
                let mut out = BufWriter::new(archive);
                let written = write(&mut out)?;
                out.flush()?;
                Ok(written)
            }
            Form::Finished => Err(io::Error::from(io::ErrorKind::NotFound).into()),
        }
    }

    /// Puts the files in their place.
    ///
    /// # Errors
    /// When somebody else put something there meanwhile, or the disk fails.
    pub fn finish(mut self) -> io::Result<()> {
        let whole = match std::mem::replace(&mut self.form, Form::Folder) {
            Form::Archive(archive) => archive.finish().map_err(io::Error::from)?,
            Form::Folder | Form::Finished => File::open(&self.partial)?,
        };
        whole.sync_all()?;
        // A folder never takes the place of one that holds something, whoever is faster; a file
        // could, in the moment between these two.
        refuse_existing(&self.at)?;
        fs::rename(&self.partial, &self.at)?;
        self.form = Form::Finished;
        let parent = self.at.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !matches!(self.form, Form::Finished) {
            let is_folder = self.partial.is_dir();
            // Half of a roster is nobody's; that it cannot be taken away changes nothing of why.
            let _ = if is_folder {
                fs::remove_dir_all(&self.partial)
            } else {
                fs::remove_file(&self.partial)
            };
        }
    }
}

fn refuse_existing(at: &Path) -> io::Result<()> {
    match at.symlink_metadata() {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
