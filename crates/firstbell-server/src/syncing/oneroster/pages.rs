//! The pages of a fetch on disk, until all are there. A page is a file whose name says where it
//! begins and how many items it has; it gets its name when it is whole and on the disk, so that a
//! fetch that was killed goes on after the last whole one.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use firstbell_core::roster::sync::OneRosterVersion;
use firstbell_roster::{Collection, Tables, TablesError, private};

use super::FetchError;
use super::client::Page;
use super::items;
use super::place::Place;

/// The pages in a folder, which is taken as long as somebody has this: also who writes the last page of a
/// fetch that was cut off.
#[derive(Debug, Clone)]
pub struct Pages(pub Arc<Place>);

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
        let mut far = Far { total: number_in(&self.note(collection, "total")), ..Far::default() };
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
        if let Some(all) = number_in(&self.note(collection, "done")) {
            // Whoever was removing them, and killed, may have left the note.
            if all != far.items {
                self.forget(collection)?;
                return Ok(Far::default());
            }
            far.is_done = true;
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
            let path = self.0.folder().join(name);
            let text = items::to_keep(&found)
                .map_err(|cause| FetchError::Kept { path: path.clone(), cause: cause.into() })?;
            write_whole(&path, &text)?;
            far.add(text.len(), marks);
        }
        Ok(Turned::Got(got))
    }

    /// Says that a collection is whole, with so many items.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn done(&self, collection: Collection, items: u64) -> Result<(), FetchError> {
        write_whole(&self.note(collection, "done"), items.to_string().as_bytes())
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
    /// When the disk fails, or the pages of a collection are not those that were fetched, or hold
    /// what is no record: then it is fetched again the next time.
    pub fn tables(
        &self,
        version: OneRosterVersion,
        there: &[(Collection, Far)],
    ) -> Result<PathBuf, FetchError> {
        let folder = self.0.folder().join("roster");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(kept(&folder))?;
        }
        private::folder(&folder).map_err(kept(&folder))?;
        let mut tables = Tables::new(&folder, version);
        for (collection, far) in there {
            let written = self.write_all(&mut tables, *collection, far.items);
            if written.as_ref().is_err_and(is_of_pages) {
                // What is kept stays as it is: whoever goes on with it would fail in the same way.
                self.forget(*collection)?;
            }
            written?;
        }
        tables.finish()?;
        Ok(folder)
    }

    /// Writes the rows of a collection, which has so many.
    fn write_all(
        &self,
        tables: &mut Tables,
        collection: Collection,
        items: u64,
    ) -> Result<(), FetchError> {
        tables.begin(collection)?;
        let mut written = 0;
        for page in self.kept(collection)? {
            let rows = write_page(tables, collection, &page)?;
            if page.offset != written || page.items != rows {
                return Err(FetchError::Mixed(collection.name()));
            }
            written += rows;
        }
        if written == items { Ok(()) } else { Err(FetchError::Mixed(collection.name())) }
    }

    fn note(&self, collection: Collection, what: &str) -> PathBuf {
        self.0.folder().join(format!("{}.{what}", collection.name()))
    }

    /// The pages of a collection, in their order.
    fn kept(&self, collection: Collection) -> Result<Vec<Kept>, FetchError> {
        let mut pages = Vec::new();
        let folder = self.0.folder();
        for entry in fs::read_dir(folder).map_err(kept(folder))? {
            let path = entry.map_err(kept(folder))?.path();
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
    /// Whether the service has given anything of it.
    pub fn has_begun(&self) -> bool {
        self.total.is_some() || self.is_done || self.items > 0
    }

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

/// Writes the rows of a page, one after the other; says how many.
fn write_page(tables: &mut Tables, collection: Collection, page: &Kept) -> Result<u64, FetchError> {
    let text = fs::read(&page.path).map_err(kept(&page.path))?;
    let torn = |broken: serde_json::Error| FetchError::Torn { path: page.path.clone(), broken };
    let mut rows = 0;
    for item in items::of_kept(&text).map_err(torn)? {
        tables.write(collection, &[serde_json::from_str(item.get()).map_err(torn)?])?;
        rows += 1;
    }
    Ok(rows)
}

/// Whether pages themselves are not what they should be, and not the disk.
fn is_of_pages(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Torn { .. }
            | FetchError::Mixed(_)
            | FetchError::Tables(TablesError::NoObject(_))
    )
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

/// The number that a note holds.
fn number_in(note: &Path) -> Option<u64> {
    fs::read_to_string(note).ok()?.parse().ok()
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
        let pages = Pages(Arc::new(Place::take(folder.path()).unwrap()));
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
        pages.done(USERS, far.items).unwrap();
        assert!(pages.far(USERS).unwrap().is_done);
        pages.forget(USERS).unwrap();
        assert_eq!(pages.far(USERS).unwrap(), Far::default());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the lock");
    }

    #[test]
    fn a_page_that_was_torn_is_forgotten_and_fetched_again() {
        let folder = tempfile::tempdir().unwrap();
        let pages = Pages(Arc::new(Place::take(folder.path()).unwrap()));
        let fill = || {
            let mut far = Far::default();
            pages.keep(USERS, &page(&[1, 2], None), &mut far).unwrap();
            pages.done(USERS, far.items).unwrap();
            far
        };
        let torn = folder.path().join("users-000000000000-2.json");
        for bytes in ["", r#"[{"sourcedId":"1"}"#, r#"[{"sourcedId":"1"}]"#] {
            fill();
            fs::write(&torn, bytes).unwrap();
            assert_eq!(pages.far(USERS).unwrap(), Far::default(), "{bytes}");
            assert!(!torn.exists());
        }
        fill();
        fs::remove_file(&torn).unwrap();
        assert_eq!(
            pages.far(USERS).unwrap(),
            Far::default(),
            "it says that it is whole, and is not"
        );
        let far = fill();
        fs::write(&torn, "").unwrap();
        let refused = pages.tables(OneRosterVersion::OneTwo, &[(USERS, far)]).unwrap_err();
        assert!(matches!(refused, FetchError::Torn { .. }), "{refused}");
        assert_eq!(pages.far(USERS).unwrap(), Far::default(), "else every retry would fail");
    }

    #[test]
    fn a_page_with_what_is_no_record_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let pages = Pages(Arc::new(Place::take(folder.path()).unwrap()));
        for item in ["null", "7", r#"{"sourcedId":"2","roles":[7]}"#] {
            let body = format!(r#"{{"users":[{{"sourcedId":"1"}},{item}]}}"#);
            let mut far = Far::default();
            pages.keep(USERS, &Page { body: body.into(), total: Some(2) }, &mut far).unwrap();
            pages.done(USERS, far.items).unwrap();
            let refused = pages.tables(OneRosterVersion::OneTwo, &[(USERS, far)]).unwrap_err();
            assert!(matches!(refused, FetchError::Tables(TablesError::NoObject(_))), "{refused}");
            assert_eq!(pages.far(USERS).unwrap(), Far::default(), "else every retry would fail");
        }
    }

    #[test]
    fn pages_that_do_not_follow_each_other_are_no_collection() {
        let folder = tempfile::tempdir().unwrap();
        let pages = Pages(Arc::new(Place::take(folder.path()).unwrap()));
        let of = |name: &str| folder.path().join(format!("users-{name}.json"));
        // What somebody else does to the folder: takes away the first page, the last one, puts one
        // between, exchanges one for a shorter one.
        let meddled: [(&str, &dyn Fn()); 4] = [
            ("first", &|| fs::remove_file(of("000000000000-2")).unwrap()),
            ("last", &|| fs::remove_file(of("000000000002-1")).unwrap()),
            ("between", &|| fs::write(of("000000000001-1"), r#"[{"sourcedId":"9"}]"#).unwrap()),
            ("shorter", &|| fs::write(of("000000000000-2"), r#"[{"sourcedId":"1"}]"#).unwrap()),
        ];
        for (which, meddle) in meddled {
            let mut far = Far::default();
            pages.keep(USERS, &page(&[1, 2], None), &mut far).unwrap();
            pages.keep(USERS, &page(&[3], None), &mut far).unwrap();
            pages.done(USERS, far.items).unwrap();
            meddle();
            let refused = pages.tables(OneRosterVersion::OneTwo, &[(USERS, far)]).unwrap_err();
            assert!(matches!(refused, FetchError::Mixed("users")), "{which}: {refused}");
            assert_eq!(pages.far(USERS).unwrap(), Far::default(), "{which}");
        }
    }
}
