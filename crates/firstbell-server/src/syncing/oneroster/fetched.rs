//! A fetch: all pages of all collections, as they were at one time, as far as a service tells that.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use firstbell_core::id::DistrictId;
use firstbell_core::time::Timestamp;
use firstbell_roster::{Collection, MOST_ROSTER_BYTES};

use super::FetchError;
use super::client::Client;
use super::pages::{Far, Pages, Turned, kept, write_whole};
use super::place::Place;
use crate::reply::fault::chain;
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

/// A roster that was fetched. Its folder is taken until this is dropped.
pub struct Tables {
    /// The folder of the tables.
    pub folder: PathBuf,
    pages: Pages,
}

impl Tables {
    /// Removes them, and the pages that they were made of.
    pub async fn remove(self) {
        wait_for_disk(move || {
            // Where somebody still writes a page, it is for `Fetched::tidy`.
            if let Some(place) = Arc::into_inner(self.pages.0) {
                remove(place);
            }
        })
        .await;
    }
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

    /// Fetches what is missing, and writes the tables. It stops with what `cut_off` says, should that
    /// come before all pages are there.
    ///
    /// # Errors
    /// See [`FetchError`]. What is whole is kept for the next time.
    pub async fn fetch(
        &self,
        client: &mut Client,
        now: Timestamp,
        cut_off: impl Future<Output = FetchError>,
    ) -> Result<Tables, FetchError> {
        let this = self.clone();
        let pages = tokio::task::spawn_blocking(move || this.prepare(now)).await??;
        let longest = client.patience().longest;
        let there = tokio::select! {
            there = fetch_all(&pages, client) => there?,
            () = tokio::time::sleep(longest) => return Err(FetchError::TooLong),
            error = cut_off => return Err(error),
        };
        let version = client.version();
        let writing = move || Ok(Tables { folder: pages.tables(version, &there)?, pages });
        tokio::task::spawn_blocking(writing).await?
    }

    /// Removes what was fetched, unless a fetch is under way: what that keeps of another service is
    /// not gone on with, and goes in time.
    pub async fn remove(&self) {
        let folder = self.folder.clone();
        wait_for_disk(move || remove_if_idle(&folder)).await;
    }

    /// Removes what lies in the spool of fetches that nobody goes on with.
    pub fn tidy(spool: &Spool, now: Timestamp) {
        for folder in spool.all_beside(PREFIX) {
            if began(&folder).is_some_and(|began| now.since(began) >= GONE_AFTER) {
                remove_if_idle(&folder);
            }
        }
    }

    /// Takes the folder; what lies there of another service, or for too long, goes.
    fn prepare(&self, now: Timestamp) -> Result<Pages, FetchError> {
        let place = Place::take(&self.folder)?;
        if let Some((began, identity)) = noted(&self.folder)
            && identity == self.identity
            && now.since(began) < KEPT_FOR
        {
            return Ok(Pages(Arc::new(place)));
        }
        place.clear().map_err(kept(&self.folder))?;
        let text = format!("{}\n{}", now.milliseconds(), self.identity);
        write_whole(&self.folder.join(NOTE), text.as_bytes())?;
        Ok(Pages(Arc::new(place)))
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

fn remove_if_idle(folder: &Path) {
    match Place::take_if_there(folder) {
        Ok(Some(place)) => remove(place),
        Ok(None) | Err(FetchError::UnderWay) => {}
        Err(error) => {
            tracing::warn!(
                cause = chain(&error),
                "the pages of a OneRoster service cannot be removed"
            );
        }
    }
}

fn remove(place: Place) {
    if let Err(error) = place.remove() {
        tracing::warn!(%error, "the pages of a OneRoster service cannot be removed");
    }
}

async fn wait_for_disk(removing: impl FnOnce() + Send + 'static) {
    if let Err(error) = tokio::task::spawn_blocking(removing).await {
        tracing::warn!(%error, "removing the pages of a OneRoster service was cut off");
    }
}

/// Fetches all collections, and again those that changed meanwhile: somebody who went before a page
/// was fetched makes somebody else be missing on it, who would leave the roster. Says which there
/// are.
async fn fetch_all(
    pages: &Pages,
    client: &mut Client,
) -> Result<Vec<(Collection, Far)>, FetchError> {
    let mut left = Left { bytes: 0, pages: client.patience().most_pages };
    let mut seen = BTreeSet::new();
    let mut changed = "roster";
    for _ in 0..MOST_ANEW {
        left.bytes = MOST_ROSTER_BYTES;
        let mut there = Vec::new();
        for collection in Collection::ALL {
            if let Some(far) = fetch_one(pages, client, collection, &mut left, &mut seen).await? {
                there.push((collection, far));
            }
        }
        let mut is_same = true;
        for (collection, far) in &there {
            let collection = *collection;
            if far.total.is_some() && client.total(collection).await? != far.total {
                (is_same, changed) = (false, collection.name());
                on_disk(pages, move |pages| pages.forget(collection)).await?;
            }
        }
        if is_same {
            return Ok(there);
        }
    }
    Err(FetchError::Shifted(changed))
}

/// Fetches what is missing of a collection, anew where it changes meanwhile; none where the service
/// keeps it to itself. What was `seen` of the service before is not kept from us, whatever it says now:
/// it has changed.
async fn fetch_one(
    pages: &Pages,
    client: &mut Client,
    collection: Collection,
    left: &mut Left,
    seen: &mut BTreeSet<Collection>,
) -> Result<Option<Far>, FetchError> {
    for _ in 0..MOST_ANEW {
        let mut far = on_disk(pages, move |pages| pages.far(collection)).await?;
        loop {
            if far.bytes > left.bytes {
                return Err(FetchError::TooLarge);
            }
            if far.has_begun() {
                seen.insert(collection);
            }
            if far.is_done {
                left.bytes -= far.bytes;
                return Ok(Some(far));
            }
            match turn(pages, client, collection, far, left).await? {
                Next::Far(next) => far = next,
                Next::Absent if !seen.contains(&collection) => return Ok(None),
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
        let items = far.items;
        on_disk(pages, move |pages| pages.done(collection, items)).await?;
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
