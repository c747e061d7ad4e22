//! Files and folders that only their owner reads: whatever holds a roster, a part of one, or what
//! was found in it.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Makes a new file (mode `0600`).
///
/// # Errors
/// When something is there already, be it a link that leads elsewhere, or the disk fails.
pub fn file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Makes a new folder (mode `0700`).
///
/// # Errors
/// When something is there already, or the disk fails.
pub fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Makes a folder (mode `0700`) and those that it stands in, where they are not there yet.
///
/// # Errors
/// When the disk fails.
pub fn folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn only_the_owner_reads_and_nothing_is_written_over() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        file(&at("file")).unwrap();
        folder(&at("folder")).unwrap();
        folders(&at("a/b")).unwrap();
        folders(&at("a/b")).unwrap();
        for (name, mode) in [("file", 0o600), ("folder", 0o700), ("a", 0o700), ("a/b", 0o700)] {
            let found = fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{name}");
        }
        symlink(at("elsewhere"), at("link")).unwrap();
        for there in ["file", "link"] {
            assert_eq!(file(&at(there)).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        }
        assert_eq!(folder(&at("folder")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
