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
use firstbell_core::roster::sync::{Consent, Fingerprint, RunState, TRIED_AGAIN_AFTER};
use firstbell_core::time::Timestamp;
use firstbell_roster::{MOST_ROSTER_BYTES, RosterFault};
use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;
use tokio::task::JoinError;

use super::report::Report;
use super::run::{Run, RunError, Unwatched};
use super::spool::{self, Found, SourceFile, SpoolError};
use super::{BeginError, Fetch, Syncing};
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
    /// What is in it, if that was summed up.
    print: Option<Fingerprint>,
    then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// It is taken when it has lain still for long enough, and not before this moment.
    Take(Timestamp),
    /// It was taken, or had been before, and nothing will come of that but what has.
    Leave,
}

/// What tells a file that was changed from one that was not: its name; its size, time of change
/// (seconds, and nanoseconds beside them) and number.
type Stamp = Vec<(String, [i128; 4])>;

/// What lies in a district's folder.
#[derive(Debug)]
pub struct Inside {
    /// None where it is no folder.
    folder: Option<OwnedFd>,
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
    /// is none of ours is nobody's business; what stands there in the place of the folder is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> io::Result<Option<Self>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = match openat(CWD, path, flags, Mode::empty()) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => return Self::of_no_folder(path),
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
            stamp.push((name, facts(&found)));
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
        let bytes: i128 = stamp.iter().map(|(_, [size, ..])| size).sum();
        if let Some((name, _)) = stamp.iter().max_by_key(|(_, [size, ..])| *size)
            && refused.is_none()
            && bytes > i128::from(MOST_ROSTER_BYTES)
        {
            refused = Some((RosterFault::TooLarge, name.clone()));
        }
        Ok((!stamp.is_empty()).then_some(Self { folder: Some(folder), stamp, refused }))
    }

    /// What stands where a folder should be: a link, or a file.
    fn of_no_folder(path: &Path) -> io::Result<Option<Self>> {
        let found = match statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) => found,
            Err(Errno::NOENT) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let refused = Some((RosterFault::NotAFile, name.clone()));
        Ok(Some(Self { folder: None, stamp: vec![(name, facts(&found))], refused }))
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
        let folder = self.folder.as_ref().ok_or(io::ErrorKind::NotADirectory)?;
        let file = openat(folder, name, flags, Mode::empty())?;
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
        Ok(of_stamp(&self.stamp))
    }
}

/// What of a file tells whether it was changed.
fn facts(found: &Stat) -> [i128; 4] {
    [
        i128::from(found.st_size),
        i128::from(found.st_mtime),
        i128::from(found.st_mtime_nsec),
        i128::from(found.st_ino),
    ]
}

/// What stands for the contents of what is not read.
fn of_stamp(stamp: &Stamp) -> Fingerprint {
    let mut sum = Context::new(&SHA256);
    sum.update(format!("refused {stamp:?}").as_bytes());
    spool::finished(sum)
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
                Ok(Ok(Some(inside))) => {
                    self.consider(syncing, district.id, Sight::Inside(inside)).await;
                }
                Ok(Ok(None)) => {
                    self.seen.remove(&district.id);
                }
                Ok(Err(error)) => self.consider(syncing, district.id, Sight::None(error)).await,
                Err(error) => tracing::warn!(%error, "looking into the drop folder was cut off"),
            }
        }
    }

    /// Remembers what was seen; whether it was another thing before.
    fn is_news(&mut self, district: DistrictId, stamp: Stamp, now: Timestamp) -> bool {
        let is_same = self.seen.get(&district).is_some_and(|seen| seen.stamp == stamp);
        if !is_same {
            let seen = Seen { stamp, since: now, print: None, then: Then::Take(now) };
            self.seen.insert(district, seen);
        }
        !is_same
    }

    async fn consider(&mut self, syncing: &Syncing, district: DistrictId, sight: Sight) {
        let now = syncing.clock.now();
        if self.is_news(district, sight.stamp(), now) {
            return;
        }
        let Some(seen) = self.seen.get_mut(&district) else { return };
        let is_settled = now.since(seen.since) >= self.settings.settle;
        let is_time = matches!(seen.then, Then::Take(not_before) if not_before <= now);
        if !is_settled || !is_time {
            return;
        }
        let taken = take(syncing, district, sight, &mut seen.print).await;
        // A run takes its time.
        let now = syncing.clock.now();
        seen.then = match taken {
            Ok(then) => then,
            // Then it is tried again at the next look.
            Err(TakeError::Begin(BeginError::Running(_))) => Then::Take(now),
            Err(error) => {
                tracing::warn!(
                    cause = chain(&error), district.id = %district,
                    "what lies in the drop folder was not synced"
                );
                seen.print = None;
                Then::Take(now + TRIED_AGAIN_AFTER)
            }
        };
    }
}

/// What was seen of a district.
enum Sight {
    Inside(Inside),
    /// Nothing, though something may be there.
    None(io::Error),
}

impl Sight {
    fn stamp(&self) -> Stamp {
        match self {
            Self::Inside(inside) => inside.stamp.clone(),
            Self::None(error) => vec![(error.to_string(), [0; 4])],
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum TakeError {
    #[error(transparent)]
    Begin(#[from] BeginError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("looking was cut off")]
    CutOff(#[from] JoinError),
}

/// Takes what lies in a folder, if it is due; what cannot be read is a run too, so that it is found
/// where people look. Says when to take it again.
async fn take(
    syncing: &Syncing,
    district: DistrictId,
    sight: Sight,
    known: &mut Option<Fingerprint>,
) -> Result<Then, TakeError> {
    let stamp = sight.stamp();
    let read = match sight {
        Sight::Inside(inside) => sum(inside, *known).await?,
        Sight::None(cause) => {
            Err(SpoolError::Source { path: "the district's folder".to_owned(), cause })
        }
    };
    if let Err(SpoolError::Source { cause, .. }) = &read
        && cause.kind() == io::ErrorKind::NotFound
    {
        // It was there a moment ago: somebody is at work.
        return Ok(Then::Take(syncing.clock.now()));
    }
    let print = read.as_ref().map_or_else(|_| of_stamp(&stamp), |(_, print)| *print);
    *known = read.is_ok().then_some(print);
    let run = match syncing.begin_if_due(district, print).await? {
        Fetch::Begun(run) => run,
        Fetch::Later(again) => return Ok(Then::Take(again)),
        Fetch::Done => return Ok(Then::Leave),
    };
    let (inside, _) = match read {
        Ok(read) => read,
        Err(error) => return Err(run.failed(error.into()).await.into()),
    };
    if let Some((fault, name)) = &inside.refused {
        tracing::warn!(
            code = fault.code(), district.id = %district, run.id = %run.id,
            "what lies in the drop folder is refused"
        );
        return match run.reject(Report::of_fault(*fault, name), Some(print)).await {
            Ok(_) => Ok(Then::Leave),
            Err(error) => Err(run.failed(error).await.into()),
        };
    }
    carry_out(&run, &inside, print).await
}

type Read = Result<(Inside, Fingerprint), SpoolError>;

/// Says what is in a folder, where that is not known yet.
async fn sum(inside: Inside, known: Option<Fingerprint>) -> Result<Read, JoinError> {
    if let Some(print) = known {
        return Ok(Ok((inside, print)));
    }
    let summing = move || {
        let print = inside.fingerprint()?;
        Ok((inside, print))
    };
    tokio::task::spawn_blocking(summing).await
}

async fn carry_out(run: &Run, inside: &Inside, print: Fingerprint) -> Result<Then, TakeError> {
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
    match ended.state {
        // Somebody may approve it, and it may fail then.
        RunState::Held { .. } => Ok(Then::Take(run.syncing.clock.now() + TRIED_AGAIN_AFTER)),
        _ => Ok(Then::Leave),
    }
}
