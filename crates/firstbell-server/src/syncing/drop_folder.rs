//! The drop folder: a folder for each district, named by its shortname, into which something outside
//! puts rosters. It is looked into every few seconds. What has not changed for a while is taken, once:
//! files may lie there as long as they like. Nothing is written or removed there, and nothing is read
//! that lies elsewhere: a link is refused, whatever it leads to.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use firstbell_core::id::DistrictId;
use firstbell_core::roster::District;
use firstbell_core::roster::sync::{Consent, Fingerprint, TRIED_AGAIN_AFTER};
use firstbell_core::time::Timestamp;
use firstbell_roster::RosterFault;
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, fstat, openat, statat};
use rustix::io::Errno;

use super::report::Report;
use super::run::{Run, RunError, Unwatched};
use super::spool::{self, Found, SourceFile, SpoolError};
use super::{BeginError, Syncing};
use crate::reply::fault::chain;

/// How often somebody looks.
pub const LOOKED_EVERY: Duration = Duration::from_secs(10);

/// Where the drop folder is, and how long files must lie still.
#[derive(Debug, Clone)]
pub struct DropSettings {
    /// The folder of all districts' folders.
    pub folder: PathBuf,
    /// Files are taken when they have not changed for this long.
    pub settle: Duration,
}

/// Somebody who looks into the drop folder, and remembers what they saw.
#[derive(Debug)]
pub struct Lookout {
    settings: DropSettings,
    seen: HashMap<DistrictId, Seen>,
}

/// What was seen of a district.
#[derive(Debug)]
struct Seen {
    stamp: Stamp,
    /// Since when it has been so.
    since: Timestamp,
    then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It is taken when it has lain still for long enough, and not before this moment.
    Take(Timestamp),
    /// It was taken, or had been before.
    Leave,
}

/// What tells a file that was changed from one that was not: its name; its size, time of change
/// (seconds, and nanoseconds beside them) and number.
type Stamp = Vec<(String, [i128; 4])>;

/// What lies in a district's folder.
#[derive(Debug)]
pub struct Inside {
    folder: OwnedFd,
    stamp: Stamp,
    /// Why it is no roster, with the file that it is about.
    pub refused: Option<(RosterFault, String)>,
}

impl Inside {
    /// The names of the files that count, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.stamp.iter().map(|(name, _)| name.as_str())
    }

    /// Looks into a folder; none where it is not there or nothing in it is of a roster. A file that
    /// is none of ours is nobody's business.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = match openat(CWD, path, flags, Mode::empty()) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut stamp = Stamp::new();
        let mut refused = None;
        for entry in Dir::read_from(&folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if !spool::is_csv(&name) && !spool::is_zip(&name) {
                continue;
            }
            let found = match statat(&folder, &*name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) => found,
                // It was there a moment ago: somebody is at work.
                Err(Errno::NOENT) => continue,
                Err(error) => return Err(error.into()),
            };
            if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
                refused = Some((RosterFault::NotAFile, name.clone()));
            }
            let facts = [
                i128::from(found.st_size),
                i128::from(found.st_mtime),
                i128::from(found.st_mtime_nsec),
                i128::from(found.st_ino),
            ];
            stamp.push((name, facts));
        }
        stamp.sort_unstable();
        let archives = stamp.iter().filter(|(name, _)| spool::is_zip(name));
        if let Some((name, _)) = archives.clone().next()
            && refused.is_none()
            && (archives.count() > 1 || stamp.len() > 1)
        {
            // Which of them holds would be a guess.
            refused = Some((RosterFault::FileTwice, name.clone()));
        }
        Ok((!stamp.is_empty()).then_some(Self { folder, stamp, refused }))
    }

    /// Opens what was seen.
    ///
    /// # Errors
    /// When a file is gone, or is a link now.
    pub fn open(&self) -> Result<Found, SpoolError> {
        let mut files = Vec::new();
        for name in self.names() {
            let unreadable = |cause| SpoolError::Source { path: name.to_owned(), cause };
            let file = self.open_one(name).map_err(unreadable)?;
            if spool::is_zip(name) {
                return Ok(Found::Archive(file));
            }
            files.push(SourceFile { name: name.to_owned(), file });
        }
        Ok(Found::Folder(files))
    }

    fn open_one(&self, name: &str) -> io::Result<File> {
        // What is no ordinary file must not make us wait either.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(&self.folder, name, flags, Mode::empty())?;
        if FileType::from_raw_mode(fstat(&file)?.st_mode) != FileType::RegularFile {
            return Err(io::Error::other("it is no ordinary file"));
        }
        Ok(file.into())
    }

    /// What it holds; of what is refused, how it looks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn fingerprint(&self) -> Result<Fingerprint, SpoolError> {
        if self.refused.is_none() {
            return spool::fingerprint(self.open()?);
        }
        let mut sum = Context::new(&SHA256);
        sum.update(format!("refused {:?}", self.stamp).as_bytes());
        Ok(spool::finished(sum))
    }
}

impl Lookout {
    /// Somebody who has seen nothing yet.
    pub fn new(settings: DropSettings) -> Self {
        Self { settings, seen: HashMap::new() }
    }

    /// Looks once into every district's folder, and takes what has lain still for long enough; one
    /// district after the other.
    pub async fn look(&mut self, syncing: &Syncing, districts: &[District]) {
        for district in districts {
            let path = self.settings.folder.join(district.shortname.as_str());
            let looking = tokio::task::spawn_blocking(move || Inside::of(&path)).await;
            match looking {
                Ok(Ok(Some(inside))) => self.consider(syncing, district.id, inside).await,
                Ok(Ok(None)) => {
                    self.seen.remove(&district.id);
                }
                Ok(Err(error)) => {
                    // Told once, not every ten seconds.
                    let stamp = vec![(error.to_string(), [0; 4])];
                    if self.is_news(district.id, stamp, syncing.clock.now()) {
                        tracing::warn!(
                            %error, district.id = %district.id,
                            "the district's folder of the drop folder cannot be read"
                        );
                    }
                }
                Err(error) => tracing::warn!(%error, "looking into the drop folder was cut off"),
            }
        }
    }

    /// Remembers what was seen; whether it was another thing before.
    fn is_news(&mut self, district: DistrictId, stamp: Stamp, now: Timestamp) -> bool {
        let is_same = self.seen.get(&district).is_some_and(|seen| seen.stamp == stamp);
        if !is_same {
            self.seen.insert(district, Seen { stamp, since: now, then: Then::Take(now) });
        }
        !is_same
    }

    async fn consider(&mut self, syncing: &Syncing, district: DistrictId, inside: Inside) {
        let now = syncing.clock.now();
        if self.is_news(district, inside.stamp.clone(), now) {
            return;
        }
        let Some(seen) = self.seen.get_mut(&district) else { return };
        let is_settled = now.since(seen.since) >= self.settings.settle;
        let is_time = matches!(seen.then, Then::Take(not_before) if not_before <= now);
        if !is_settled || !is_time {
            return;
        }
        seen.then = match take(syncing, district, inside).await {
            Ok(()) => Then::Leave,
            // Then it is tried again at the next look.
            Err(TakeError::Begin(BeginError::Running(_))) => Then::Take(now),
            Err(error) => {
                tracing::warn!(
                    cause = chain(&error), district.id = %district,
                    "what lies in the drop folder was not synced"
                );
                Then::Take(now + TRIED_AGAIN_AFTER)
            }
        };
    }
}

#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error(transparent)]
    Begin(#[from] BeginError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Spool(#[from] SpoolError),
    #[error("looking was cut off")]
    CutOff(#[from] tokio::task::JoinError),
}

/// Takes what lies in a folder, unless it was taken before.
async fn take(syncing: &Syncing, district: DistrictId, inside: Inside) -> Result<(), TakeError> {
    let inside = Arc::new(inside);
    let summing = Arc::clone(&inside);
    let print = tokio::task::spawn_blocking(move || summing.fingerprint()).await??;
    let Some(run) = syncing.begin_if_due(district, print).await? else { return Ok(()) };
    if let Some((fault, name)) = &inside.refused {
        tracing::warn!(
            code = fault.code(), district.id = %district, run.id = %run.id,
            "what lies in the drop folder is refused"
        );
        run.reject(Report::of_fault(*fault, name), Some(print)).await?;
        return Ok(());
    }
    carry_out(&run, &inside, print).await
}

async fn carry_out(run: &Run, inside: &Inside, print: Fingerprint) -> Result<(), TakeError> {
    let found = match inside.open() {
        Ok(found) => found,
        Err(error) => return Err(run.failed(error.into()).await.into()),
    };
    let files = run.take_in_same(found, print).await?;
    let ended = run.carry_out(&files, Consent::NotAsked, Arc::new(Unwatched)).await?;
    tracing::info!(
        run.id = %run.id, district.id = %run.district, state = ended.state.name(),
        "a roster from the drop folder was synced"
    );
    Ok(())
}
