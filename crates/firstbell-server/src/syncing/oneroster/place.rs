//! The folder of a district's fetch. One fetch has it at a time, also where several processes share the
//! spool: pages that two of them kept would be of two moments, and whoever is done first would take the
//! folder from under the other. Whoever has it holds a lock on a file in it, which ends with the process,
//! however that ends; that the file is there says nothing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use firstbell_roster::private;

use super::FetchError;
use super::pages::kept;

/// The file that is locked.
const LOCK: &str = "lock";

/// So often somebody else may remove the folder between our making and our locking it.
const MOST_TRIES: u32 = 10;

/// A folder that nobody else fetches into or removes, until this is dropped.
#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
    /// Locked while it is open.
    lock: File,
}

impl Place {
    /// Takes the folder, and makes it where it is not there.
    ///
    /// # Errors
    /// [`FetchError::UnderWay`] where another fetch has it; when the disk fails, or keeps no locks.
    pub fn take(folder: &Path) -> Result<Self, FetchError> {
        for _ in 0..MOST_TRIES {
            private::folders(folder).map_err(kept(folder))?;
            if let Some(place) = Self::take_if_there(folder)? {
                return Ok(place);
            }
        }
        Err(FetchError::UnderWay)
    }

    /// Takes the folder, unless there is none.
    ///
    /// # Errors
    /// As of [`Place::take`].
    pub fn take_if_there(folder: &Path) -> Result<Option<Self>, FetchError> {
        let path = folder.join(LOCK);
        let mut as_lock = OpenOptions::new();
        as_lock.write(true).create(true).truncate(false).mode(0o600);
        let Some(lock) = unless_gone(as_lock.open(&path)).map_err(kept(&path))? else {
            return Ok(None);
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FetchError::UnderWay),
            Err(TryLockError::Error(cause)) => return Err(kept(&path)(cause)),
        }
        // Whoever had it may have removed it after we opened it: what we locked is nobody's then.
        let ours = lock.metadata().map_err(kept(&path))?;
        let there = unless_gone(fs::symlink_metadata(&path)).map_err(kept(&path))?;
        let is_there = there.is_some_and(|it| (it.dev(), it.ino()) == (ours.dev(), ours.ino()));
        Ok(is_there.then(|| Self { folder: folder.to_owned(), lock }))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes everything in it but the lock.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name() == LOCK {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Removes it.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn remove(self) -> io::Result<()> {
        self.clear()?;
        // The lock goes last: from then on the folder is whosoever makes another one in it. A network
        // file system keeps the name of an open file, so it is closed before the folder goes.
        fs::remove_file(self.folder.join(LOCK))?;
        drop(self.lock);
        match fs::remove_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => unless_gone(removed).map(drop),
        }
    }
}

/// What came of asking for something that others may remove; none where they have.
fn unless_gone<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        found => found.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn one_fetch_has_a_folder_until_it_ends_however_it_ends() {
        let spool = tempfile::tempdir().unwrap();
        let folder = spool.path().join("a").join("b");
        assert!(Place::take_if_there(&folder).unwrap().is_none());
        assert!(!folder.exists());
        let place = Place::take(&folder).unwrap();
        for other in [Place::take(&folder).map(Some), Place::take_if_there(&folder)] {
            assert!(matches!(other, Err(FetchError::UnderWay)), "{other:?}");
        }
        fs::write(folder.join("page"), "").unwrap();
        // As with a process that is killed, the file stays.
        drop(place);
        assert!(folder.join(LOCK).exists());
        let place = Place::take(&folder).unwrap();
        assert!(folder.join("page").exists());
        place.remove().unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn a_folder_that_was_removed_meanwhile_is_made_anew() {
        let spool = tempfile::tempdir().unwrap();
        let folder = spool.path().join("b");
        let place = Place::take(&folder).unwrap();
        // Somebody else takes it between the two last steps of removing it.
        fs::remove_file(folder.join(LOCK)).unwrap();
        let other = Place::take(&folder).unwrap();
        fs::write(folder.join(LOCK), "").unwrap();
        assert!(fs::remove_dir(&folder).is_err(), "it is the other's now");
        drop(place);
        let third = Place::take(&folder);
        assert!(matches!(third, Err(FetchError::UnderWay)), "{third:?}");
        other.remove().unwrap();
        assert!(!folder.exists());
    }

    #[test]
    fn whoever_takes_and_removes_at_once_never_has_it_together() {
        let spool = tempfile::tempdir().unwrap();
        let folder = spool.path().join("b");
        let is_taken = AtomicBool::new(false);
        let take_often = || {
            for _ in 0..500 {
                let Ok(place) = Place::take(&folder) else { continue };
                assert!(!is_taken.swap(true, Ordering::SeqCst), "two have it");
                fs::write(folder.join("page"), "").unwrap();
                is_taken.store(false, Ordering::SeqCst);
                place.remove().unwrap();
            }
        };
        thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(take_often))));
    }
}
