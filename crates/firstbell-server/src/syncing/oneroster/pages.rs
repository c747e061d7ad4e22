//! The pages of a fetch on disk, until all are there. A page is a file whose name says where it
//! begins and how many items it has; it gets its name when it is whole and on the disk, so that a
//! fetch that was killed goes on after the last whole one.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use firstbell_core::roster::sync::OneRosterVersion;
use firstbell_roster::{Collection, Tables, private};

use super::FetchError;
use super::client::Page;
use super::items;

/// A folder of pages.
#[derive(Debug, Clone)]
pub struct Pages(pub PathBuf);

/// How far a collection is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Far {
    /// So many items are kept.
    pub items: u64,
    /// So large are they.
    pub bytes: u64,
    /// How many there are in all, as the service said when it was first asked.
    pub total: Option<u64>,
    /// Whether these are all.
    pub is_done: bool,
    /// The first item of the last page, and all of them.
    first: Option<String>,
    last: HashSet<String>,
}

/// What a reply came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Turned {
    /// So many items more are kept.
    Got(usize),
    /// It is the page before once more.
    Circle,
    /// Something of it was on the page before: what was there has moved.
    Shifted,
}

impl Pages {
    /// How far a collection is. What of it cannot be gone on with goes.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn far(&self, collection: Collection) -> Result<Far, FetchError> {
        let mut far = Far {
            total: fs::read_to_string(self.note(collection, "total"))
                .ok()
                .and_then(|total| total.parse().ok()),
            is_done: self.note(collection, "done").exists(),
            ..Far::default()
        };
        for page in self.kept(collection)? {
            let text = fs::read(&page.path).map_err(kept(&page.path))?;
            let found = items::of_kept(&text).ok();
            let found = found.filter(|found| found.len() as u64 == page.items);
            // One that is not where the one before ended was not fetched by us.
            let Some(found) = found.filter(|_| page.offset == far.items) else {
                self.forget(collection)?;
                return Ok(Far::default());
            };
            let marks: Vec<_> = found.into_iter().map(items::mark).collect();
            far.add(text.len(), marks);
        }
        Ok(far)
    }

    /// Keeps the items of a reply, which are the next ones.
    ///
    /// # Errors
    /// When it is no page, or the disk fails.
    pub fn keep(
        &self,
        collection: Collection,
        page: &Page,
        far: &mut Far,
    ) -> Result<Turned, FetchError> {
        let found = items::of_reply(collection, &page.body)?;
        if far.total.is_none()
            && let Some(total) = page.total
        {
            write_whole(&self.note(collection, "total"), total.to_string().as_bytes())?;
            far.total = Some(total);
        }
        let marks: Vec<_> = found.iter().map(|item| items::mark(item)).collect();
        if !marks.is_empty() && marks.first() == far.first.as_ref() {
            return Ok(Turned::Circle);
        }
        if marks.iter().any(|mark| far.last.contains(mark)) {
            return Ok(Turned::Shifted);
        }
        let got = found.len();
        if got > 0 {
            let name = format!("{}-{:012}-{got}.json", collection.name(), far.items);
            let path = self.0.join(name);
            let text = items::to_keep(&found)
                .map_err(|cause| FetchError::Kept { path: path.clone(), cause: cause.into() })?;
            write_whole(&path, &text)?;
            far.add(text.len(), marks);
        }
        Ok(Turned::Got(got))
    }

    /// Says that a collection is whole.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn done(&self, collection: Collection) -> Result<(), FetchError> {
        write_whole(&self.note(collection, "done"), b"")
    }

    /// Forgets what is kept of a collection.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn forget(&self, collection: Collection) -> Result<(), FetchError> {
        for note in ["done", "total"] {
            let path = self.note(collection, note);
            remove(&path).map_err(kept(&path))?;
        }
        for page in self.kept(collection)? {
            fs::remove_file(&page.path).map_err(kept(&page.path))?;
        }
        Ok(())
    }

    /// Writes the tables of all pages into a new folder beside them, and gives it back.
    ///
    /// # Errors
    /// When the disk fails, or a page is none any more: then its collection is fetched again the
    /// next time.
    pub fn tables(
        &self,
        version: OneRosterVersion,
        there: &[Collection],
    ) -> Result<PathBuf, FetchError> {
        let folder = self.0.join("roster");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(kept(&folder))?;
        }
        private::folder(&folder).map_err(kept(&folder))?;
        let mut tables = Tables::new(&folder, version);
        for &collection in there {
            tables.begin(collection)?;
            for page in self.kept(collection)? {
                if let Err(broken) = write_page(&mut tables, collection, &page)? {
                    self.forget(collection)?;
                    return Err(FetchError::Kept { path: page.path, cause: broken.into() });
                }
            }
        }
        tables.finish()?;
        Ok(folder)
    }

    fn note(&self, collection: Collection, what: &str) -> PathBuf {
        self.0.join(format!("{}.{what}", collection.name()))
    }

    /// The pages of a collection, in their order.
    fn kept(&self, collection: Collection) -> Result<Vec<Kept>, FetchError> {
        let mut pages = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(kept(&self.0))? {
            let path = entry.map_err(kept(&self.0))?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let Some(name) = name.strip_suffix(".json") else { continue };
            let mut parts = name.split('-');
            let (of, offset, items) = (parts.next(), parts.next(), parts.next());
            if of != Some(collection.name()) {
                continue;
            }
            let number = |part: Option<&str>| part.and_then(|part| part.parse().ok());
            if let (Some(offset), Some(items)) = (number(offset), number(items)) {
                pages.push(Kept { path, offset, items });
            }
        }
        pages.sort_by_key(|page| page.offset);
        Ok(pages)
    }
}

impl Far {
    fn add(&mut self, bytes: usize, marks: Vec<String>) {
        self.items += marks.len() as u64;
        self.bytes += bytes as u64;
        self.first = marks.first().cloned();
        self.last = marks.into_iter().collect();
    }
}

/// A page that is there.
struct Kept {
    path: PathBuf,
    offset: u64,
    items: u64,
}

/// Writes the rows of a page, one after the other; says where it is no page.
fn write_page(
    tables: &mut Tables,
    collection: Collection,
    page: &Kept,
) -> Result<serde_json::Result<()>, FetchError> {
    let text = fs::read(&page.path).map_err(kept(&page.path))?;
    let found = match items::of_kept(&text) {
        Ok(found) => found,
        Err(broken) => return Ok(Err(broken)),
    };
    for item in found {
        match serde_json::from_str(item.get()) {
            Ok(item) => tables.write(collection, &[item])?,
            Err(broken) => return Ok(Err(broken)),
        }
    }
    Ok(Ok(()))
}

/// Writes a file under another name first: it is there whole, or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    let beside = path.with_extension("part");
    // Of a process that was killed.
    remove(&beside).map_err(kept(&beside))?;
    let mut file = private::file(&beside).map_err(kept(&beside))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(kept(&beside))?;
    fs::rename(&beside, path).map_err(kept(path))
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Says what could not be kept.
pub fn kept(path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.to_owned();
    move |cause| FetchError::Kept { path, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: Collection = Collection::Users;

    fn page(ids: &[u32], total: Option<u64>) -> Page {
        let items: Vec<_> = ids.iter().map(|id| format!(r#"{{"sourcedId":"{id}"}}"#)).collect();
        Page { body: format!(r#"{{"users":[{}]}}"#, items.join(",")).into(), total }
    }

    #[test]
    fn a_collection_is_gone_on_with_where_it_stopped() {
        let folder = tempfile::tempdir().unwrap();
        let pages = Pages(folder.path().to_owned());
        let mut far = pages.far(USERS).unwrap();
        assert_eq!(far, Far::default());
        for (ids, turned) in [
            (&[1, 2][..], Turned::Got(2)),
            (&[1, 2], Turned::Circle),
            (&[2, 3], Turned::Shifted),
            (&[3], Turned::Got(1)),
            (&[], Turned::Got(0)),
        ] {
            let got = pages.keep(USERS, &page(ids, Some(4)), &mut far).unwrap();
            assert_eq!(got, turned, "{ids:?}");
        }
        let again = pages.far(USERS).unwrap();
        assert_eq!((again.items, again.total, again.is_done), (3, Some(4), false));
        assert_eq!(again, far);
        pages.done(USERS).unwrap();
        assert!(pages.far(USERS).unwrap().is_done);
        pages.forget(USERS).unwrap();
        assert_eq!(pages.far(USERS).unwrap(), Far::default());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_page_that_was_torn_is_forgotten_and_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        let pages = Pages(folder.path().to_owned());
        let fill = || {
            let mut far = Far::default();
            pages.keep(USERS, &page(&[1, 2], None), &mut far).unwrap();
            pages.done(USERS).unwrap();
        };
        let torn = folder.path().join("users-000000000000-2.json");
        for bytes in ["", r#"[{"sourcedId":"1"}"#, r#"[{"sourcedId":"1"}]"#] {
            fill();
            fs::write(&torn, bytes).unwrap();
            assert_eq!(pages.far(USERS).unwrap(), Far::default(), "{bytes}");
            assert!(!torn.exists());
        }
        fill();
        fs::write(&torn, "").unwrap();
        let refused = pages.tables(OneRosterVersion::OneTwo, &[USERS]).unwrap_err();
        assert!(matches!(refused, FetchError::Kept { .. }), "{refused}");
        assert_eq!(pages.far(USERS).unwrap(), Far::default(), "else every retry would fail");
    }
}
