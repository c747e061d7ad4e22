//! A fetch: all pages of all collections, as they were at one time, as far as a service tells that.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use firstbell_core::id::DistrictId;
use firstbell_core::time::Timestamp;
use firstbell_roster::{Collection, MOST_ROSTER_BYTES, private};

use super::FetchError;
use super::client::Client;
use super::pages::{Far, Pages, Turned, kept, write_whole};
use crate::syncing::spool::Spool;

/// Pages of a fetch that began longer ago are not gone on with: the roster has moved on.
const KEPT_FOR: Duration = Duration::from_mins(30);

/// Pages of a fetch that began longer ago are nobody's any more: one that went on at the last moment
/// has had its hour since, and half an hour for its tables.
const GONE_AFTER: Duration = Duration::from_hours(2);

/// So often a collection that changes while it is fetched is begun anew.
const MOST_ANEW: u32 = 3;

/// What the folders are called, before the district's id.
const PREFIX: &str = "oneroster-";

/// What was fetched of a service so far.
#[derive(Debug, Clone)]
pub struct Fetched {
    folder: PathBuf,
    identity: String,
}

/// What may still come.
struct Left {
    bytes: u64,
    pages: u32,
}

impl Fetched {
    /// What was fetched for a district from the service with this identity.
    pub fn of(spool: &Spool, district: DistrictId, identity: String) -> Self {
        Self { folder: spool.beside(&format!("{PREFIX}{district}")), identity }
    }

    /// Fetches what is missing, and writes the tables; gives back their folder.
    ///
    /// # Errors
    /// See [`FetchError`]. What is whole is kept for the next time.
    pub async fn fetch(&self, client: &mut Client, now: Timestamp) -> Result<PathBuf, FetchError> {
        let this = self.clone();
        let pages = tokio::task::spawn_blocking(move || this.prepare(now)).await??;
        let longest = client.patience().longest;
        let fetching = tokio::time::timeout(longest, fetch_all(&pages, client)).await;
        let there = fetching.map_err(|_| FetchError::TooLong)??;
        let version = client.version();
        tokio::task::spawn_blocking(move || pages.tables(version, &there)).await?
    }

    /// Removes what was fetched.
    pub async fn remove(&self) {
        let folder = self.folder.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || remove(&folder)).await {
            tracing::warn!(%error, "removing the pages of a OneRoster service was cut off");
        }
    }

    /// Removes what lies in the spool of fetches that nobody goes on with.
    pub fn tidy(spool: &Spool, now: Timestamp) {
        for folder in spool.all_beside(PREFIX) {
            if began(&folder).is_some_and(|began| now.since(began) >= GONE_AFTER) {
                remove(&folder);
            }
        }
    }

    /// Makes the folder; what lies there of another service, or for too long, goes.
    fn prepare(&self, now: Timestamp) -> Result<Pages, FetchError> {
        let pages = Pages(self.folder.clone());
        if let Some((began, identity)) = noted(&self.folder)
            && identity == self.identity
            && now.since(began) < KEPT_FOR
        {
            return Ok(pages);
        }
        remove(&self.folder);
        private::folders(&self.folder).map_err(kept(&self.folder))?;
        let text = format!("{}\n{}", now.milliseconds(), self.identity);
        write_whole(&self.folder.join(NOTE), text.as_bytes())?;
        Ok(pages)
    }
}

/// The file that says when a fetch began, and of which service.
const NOTE: &str = "service";

fn noted(folder: &Path) -> Option<(Timestamp, String)> {
    let text = fs::read_to_string(folder.join(NOTE)).ok()?;
    let (began, identity) = text.split_once('\n')?;
    Some((Timestamp::from_milliseconds(began.parse().ok()?), identity.to_owned()))
}

/// When what lies in a folder was begun; where it does not say so, when it last changed.
fn began(folder: &Path) -> Option<Timestamp> {
    let changed = || {
        let modified = fs::metadata(folder).ok()?.modified().ok()?;
        let since = modified.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_milliseconds(i64::try_from(since.as_millis()).ok()?))
    };
    noted(folder).map(|(began, _)| began).or_else(changed)
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "the pages of a OneRoster service cannot be removed");
    }
}

/// Fetches all collections, and again those that changed meanwhile: somebody who went before a page
/// was fetched makes somebody else be missing on it, who would leave the roster. Says which there
/// are.
async fn fetch_all(pages: &Pages, client: &mut Client) -> Result<Vec<Collection>, FetchError> {
    let mut left = Left { bytes: 0, pages: client.patience().most_pages };
    let mut changed = "roster";
    for _ in 0..MOST_ANEW {
        left.bytes = MOST_ROSTER_BYTES;
        let mut there = Vec::new();
        for collection in Collection::ALL {
            if let Some(total) = fetch_one(pages, client, collection, &mut left).await? {
                there.push((collection, total));
            }
        }
        let mut is_same = true;
        for &(collection, total) in &there {
            if total.is_some() && client.total(collection).await? != total {
                (is_same, changed) = (false, collection.name());
                on_disk(pages, move |pages| pages.forget(collection)).await?;
            }
        }
        if is_same {
            return Ok(there.into_iter().map(|(collection, _)| collection).collect());
        }
    }
    Err(FetchError::Shifted(changed))
}

/// Fetches what is missing of a collection, anew where it changes meanwhile. Gives back how many
/// items the service says that there are; none where it keeps the collection to itself.
async fn fetch_one(
    pages: &Pages,
    client: &mut Client,
    collection: Collection,
    left: &mut Left,
) -> Result<Option<Option<u64>>, FetchError> {
    for begun_anew in 0..MOST_ANEW {
        let mut far = on_disk(pages, move |pages| pages.far(collection)).await?;
        loop {
            if far.bytes > left.bytes {
                return Err(FetchError::TooLarge);
            }
            if far.is_done {
                left.bytes -= far.bytes;
                return Ok(Some(far.total));
            }
            match turn(pages, client, collection, far, left).await? {
                Next::Far(next) => far = next,
                Next::Absent if begun_anew == 0 => return Ok(None),
                // Where it was there a moment ago, it is not absent.
                Next::Anew | Next::Absent => break,
            }
        }
        on_disk(pages, move |pages| pages.forget(collection)).await?;
    }
    Err(FetchError::Shifted(collection.name()))
}

/// What came of asking for a page.
enum Next {
    Far(Far),
    /// It is not as it was when it was begun.
    Anew,
    Absent,
}

/// Fetches the next page.
async fn turn(
    pages: &Pages,
    client: &mut Client,
    collection: Collection,
    mut far: Far,
    left: &mut Left,
) -> Result<Next, FetchError> {
    left.pages = left.pages.checked_sub(1).ok_or(FetchError::TooLong)?;
    let Some(page) = client.page(collection, far.items).await? else { return Ok(Next::Absent) };
    if let (Some(before), Some(now)) = (far.total, page.total)
        && before != now
    {
        return Ok(Next::Anew);
    }
    let keeping = move |pages: &Pages| {
        let turned = pages.keep(collection, &page, &mut far)?;
        Ok((far, turned))
    };
    let (mut far, turned) = on_disk(pages, keeping).await?;
    let got = match turned {
        Turned::Got(got) => got,
        Turned::Shifted => return Ok(Next::Anew),
        Turned::Circle => {
            on_disk(pages, move |pages| pages.forget(collection)).await?;
            return Err(FetchError::Circle(collection.name()));
        }
    };
    match far.total {
        Some(total) if far.items == total => far.is_done = true,
        // The service breaks off: a part of a roster is no roster. The next fetch begins this
        // collection anew.
        Some(total) if far.items > total || got == 0 => {
            on_disk(pages, move |pages| pages.forget(collection)).await?;
            return Err(FetchError::Short { what: collection.name(), total, got: far.items });
        }
        None if got == 0 => far.is_done = true,
        _ => {}
    }
    if far.is_done {
        on_disk(pages, move |pages| pages.done(collection)).await?;
    }
    Ok(Next::Far(far))
}

/// Does what waits for the disk, and what reads whole pages, where nobody else waits for it.
async fn on_disk<T: Send + 'static>(
    pages: &Pages,
    work: impl FnOnce(&Pages) -> Result<T, FetchError> + Send + 'static,
) -> Result<T, FetchError> {
    let pages = pages.clone();
    tokio::task::spawn_blocking(move || work(&pages)).await?
}
