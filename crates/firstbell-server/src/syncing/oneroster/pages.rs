//! The pages of a fetch, kept until all are there. A page is a file whose name says where it begins
//! and how many items it has; it gets its name when it is whole, so that a fetch that was killed
//! goes on after the last whole one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::OneRosterVersion;
use firstbell_core::time::Timestamp;
use firstbell_roster::{Collection, MOST_ROSTER_BYTES, Tables};
use serde_json::Value;

use super::FetchError;
use super::client::Client;
use crate::syncing::spool::Spool;

/// Pages that are older are not gone on with: the roster has moved on.
const KEPT_FOR: Duration = Duration::from_hours(6);

/// What was fetched of a service so far.
#[derive(Debug)]
pub struct Fetched {
    folder: PathBuf,
    identity: String,
}

/// How far a collection is.
#[derive(Debug, Default, PartialEq, Eq)]
struct Far {
    items: u64,
    bytes: u64,
}

impl Fetched {
    /// What was fetched for a district from the service with this identity.
    pub fn of(spool: &Spool, district: DistrictId, identity: String) -> Self {
        Self { folder: spool.beside(&format!("oneroster-{district}")), identity }
    }

    /// Fetches what is missing, and writes the tables; gives back their folder.
    ///
    /// # Errors
    /// See [`FetchError`]. What is whole is kept for the next time.
    pub async fn fetch(&self, client: &mut Client, now: Timestamp) -> Result<PathBuf, FetchError> {
        self.prepare(now)?;
        let mut left = MOST_ROSTER_BYTES;
        let mut there = Vec::new();
        for collection in Collection::ALL {
            if self.collection(client, collection, &mut left).await? {
                there.push(collection);
            }
        }
        let (folder, pages) = (self.folder.join("roster"), self.folder.clone());
        let version = client.version();
        let tables = folder.clone();
        let write = move || write_tables(&pages, &tables, version, &there);
        tokio::task::spawn_blocking(write).await??;
        Ok(folder)
    }

    /// Removes what was fetched.
    pub fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.folder)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the pages of a OneRoster service cannot be removed");
        }
    }

    /// Makes the folder; what lies there of another service, or for too long, goes.
    fn prepare(&self, now: Timestamp) -> Result<(), FetchError> {
        let note = self.folder.join("service");
        let began = fs::read_to_string(&note).ok().and_then(|text| {
            let (began, identity) = text.split_once('\n')?;
            (identity == self.identity).then(|| began.parse().ok()).flatten()
        });
        let began = began.map(Timestamp::from_milliseconds);
        if began.is_some_and(|began| now.since(began) < KEPT_FOR) {
            return Ok(());
        }
        self.remove();
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(&self.folder).map_err(kept(&self.folder))?;
        let text = format!("{}\n{}", now.milliseconds(), self.identity);
        write_whole(&note, text.as_bytes())
    }

    /// Fetches what is missing of a collection; false where the service keeps it to itself.
    async fn collection(
        &self,
        client: &mut Client,
        collection: Collection,
        left: &mut u64,
    ) -> Result<bool, FetchError> {
        let done = self.folder.join(format!("{}.done", collection.name()));
        let Far { mut items, bytes } = self.far(collection)?;
        *left = left.checked_sub(bytes).ok_or(FetchError::TooLarge)?;
        if done.exists() {
            return Ok(true);
        }
        let mut first: Option<Value> = None;
        loop {
            let Some(page) = client.page(collection, items).await? else { return Ok(false) };
            let got = page.items.len() as u64;
            if got > 0 {
                let begins = page.items.first().cloned();
                if begins == first {
                    self.forget(collection)?;
                    return Err(FetchError::Circle(collection.name()));
                }
                first = begins;
                let text = Value::Array(page.items).to_string();
                *left = left.checked_sub(text.len() as u64).ok_or(FetchError::TooLarge)?;
                let name = format!("{}-{items:012}-{got}.json", collection.name());
                write_whole(&self.folder.join(name), text.as_bytes())?;
                items += got;
            }
            match page.total {
                Some(total) if items == total => break,
                // People came or went while we fetched, or the service breaks off: a part of a
                // roster is no roster. The next fetch begins this collection anew.
                Some(total) if items > total || got == 0 => {
                    self.forget(collection)?;
                    let what = collection.name();
                    return Err(FetchError::Short { what, total, got: items });
                }
                None if got == 0 => break,
                _ => {}
            }
        }
        write_whole(&done, b"")?;
        Ok(true)
    }

    /// How far a collection is.
    fn far(&self, collection: Collection) -> Result<Far, FetchError> {
        let mut far = Far::default();
        for page in pages_of(&self.folder, collection)? {
            // One that is not where the one before ended was not fetched by us.
            if page.offset != far.items {
                self.forget(collection)?;
                return Ok(Far::default());
            }
            far.items += page.items;
            far.bytes += fs::metadata(&page.path).map_err(kept(&page.path))?.len();
        }
        Ok(far)
    }

    fn forget(&self, collection: Collection) -> Result<(), FetchError> {
        for page in pages_of(&self.folder, collection)? {
            fs::remove_file(&page.path).map_err(kept(&page.path))?;
        }
        Ok(())
    }
}

/// A page that is there.
struct Kept {
    path: PathBuf,
    offset: u64,
    items: u64,
}

/// The pages of a collection, in their order.
fn pages_of(folder: &Path, collection: Collection) -> Result<Vec<Kept>, FetchError> {
    let mut pages = Vec::new();
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

/// Writes the tables of all pages.
fn write_tables(
    pages: &Path,
    folder: &Path,
    version: OneRosterVersion,
    there: &[Collection],
) -> Result<(), FetchError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(kept(folder))?;
    }
    DirBuilder::new().mode(0o700).create(folder).map_err(kept(folder))?;
    let mut tables = Tables::new(folder, version);
    for &collection in there {
        tables.begin(collection)?;
        for page in pages_of(pages, collection)? {
            let text = fs::read(&page.path).map_err(kept(&page.path))?;
            let items: Vec<Value> = serde_json::from_slice(&text)
                .map_err(|cause| FetchError::Kept { path: page.path, cause: cause.into() })?;
            tables.write(collection, &items)?;
        }
    }
    Ok(tables.finish()?)
}

/// Writes a file under another name first: it is there whole, or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FetchError> {
    let beside = path.with_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file: File = options.open(&beside).map_err(kept(&beside))?;
    file.write_all(bytes).map_err(kept(&beside))?;
    fs::rename(&beside, path).map_err(kept(path))
}

fn kept(path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let path = path.to_owned();
    move |cause| FetchError::Kept { path, cause }
}
