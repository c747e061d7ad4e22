//! Sync runs: how a roster comes in safely. A run reads files, plans what they would change, and
//! ends in exactly one [`RunState`]. What would change too much is held until a person agrees
//! ([`hold`]), and agreeing is to one plan and no other ([`consent`]).

pub mod consent;
pub mod hold;
pub mod service;
pub mod undo;

pub use consent::{Consent, Decision, PlanIdentity};
pub use hold::{Counted, HoldReason, Impact, Share, SyncLimits};
pub use service::{FETCH_LANES, OneRosterService, OneRosterVersion};
pub use undo::{HeldLoginName, UndoRefusal, VERSIONS_TO_GO_BACK, VersionMade, WayBack};

use std::fmt;
use std::time::Duration;

use super::RosterVersion;
use crate::id::SyncRunId;
use crate::secret::hexadecimal;
use crate::time::Timestamp;

/// A run that shows no sign of life for this long has died with its process.
pub const RUN_LEASE: Duration = Duration::from_mins(1);

/// A held run waits this long for somebody; then it is discarded, and its files with it: they hold
/// a whole district.
pub const HELD_FOR: Duration = Duration::from_hours(24 * 30);

/// What a run found is kept this long after its end: it names people.
pub const REPORT_KEPT_FOR: Duration = Duration::from_hours(24 * 30);

/// That there was a run is kept this long.
pub const RUN_KEPT_FOR: Duration = Duration::from_hours(24 * 300);

/// Files whose run failed on our side are tried again by themselves after this long.
pub const TRIED_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// SHA-256 of the files of a roster.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a roster came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncSource {
    /// Somebody named a folder or zip file on the command line.
    Command,
    /// The district's folder of the drop folder.
    DropFolder,
    /// The district's systems sent it over HTTPS.
    Upload,
    /// It was fetched from the district's OneRoster service.
    OneRoster,
    /// Somebody went back to a version that was there before.
    Undo {
        /// Which one.
        to: RosterVersion,
    },
}

impl SyncSource {
    /// The name in the database and in what programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::DropFolder => "drop_folder",
            Self::Upload => "upload",
            Self::OneRoster => "oneroster",
            Self::Undo { .. } => "undo",
        }
    }

    /// The source of this name; `to` is the version of an undo.
    pub fn named(name: &str, to: Option<RosterVersion>) -> Option<Self> {
        match (name, to) {
            ("command", None) => Some(Self::Command),
            ("drop_folder", None) => Some(Self::DropFolder),
            ("upload", None) => Some(Self::Upload),
            ("oneroster", None) => Some(Self::OneRoster),
            ("undo", Some(to)) => Some(Self::Undo { to }),
            _ => None,
        }
    }

    /// Whether its files say what the roster is to be. Then those of an earlier run that waits for
    /// approval are out of date.
    pub const fn is_files(self) -> bool {
        !matches!(self, Self::Undo { .. })
    }
}

/// How far a run has come. All but `Running` and `Held` are for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// It reads, plans or applies.
    Running {
        /// When it will be taken for dead unless it shows a sign of life.
        until: Timestamp,
    },
    /// The files are not a roster; its report says why.
    Rejected,
    /// It would change too much, and waits for a person.
    Held {
        /// Why; never empty.
        reasons: Vec<HoldReason>,
    },
    /// The roster is what the files say.
    Applied {
        /// The version that this made.
        version: RosterVersion,
    },
    /// The roster was what the files say already.
    Unchanged,
    /// Something on our side went wrong.
    Failed {
        /// What, for operators.
        why: String,
    },
    /// It was held, and never applied.
    Discarded {
        /// Why not.
        why: String,
    },
}

impl RunState {
    /// The name in the database and in what programs read.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Running { .. } => "running",
            Self::Rejected => "rejected",
            Self::Held { .. } => "held",
            Self::Applied { .. } => "applied",
            Self::Unchanged => "unchanged",
            Self::Failed { .. } => "failed",
            Self::Discarded { .. } => "discarded",
        }
    }

    /// Whether an earlier held run of the same district is out of date once a run of files has
    /// come this far.
    pub const fn supersedes(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Applied { .. } | Self::Unchanged)
    }
}

/// Whether files that wait to be fetched are to be synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At once.
    Now,
    /// That depends on what becomes of their last run; it is to be asked again at this moment.
    Later(Timestamp),
    /// They were synced, or were no roster: not until they change.
    Done,
}

/// A run, without its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncRun {
    /// Its identifier.
    pub id: SyncRunId,
    /// Where the roster came from.
    pub source: SyncSource,
    /// When it began.
    pub began: Timestamp,
    /// When it came to the state that it is in, unless that is `Running`.
    pub ended: Option<Timestamp>,
    /// How far it has come.
    pub state: RunState,
    /// The version of the roster that it was compared with, once it was.
    pub planned_on: Option<RosterVersion>,
    /// What it read, once it is known; an undo reads nothing.
    pub fingerprint: Option<Fingerprint>,
    /// The moment for whose day it was read, once it was.
    pub as_of: Option<Timestamp>,
}

impl SyncRun {
    /// The plan that was shown of it.
    pub fn plan(&self) -> Option<PlanIdentity> {
        let (planned_on, fingerprint) = (self.planned_on?, self.fingerprint?);
        Some(PlanIdentity { planned_on, fingerprint, as_of: self.as_of? })
    }

    /// Whether files with this fingerprint, found where they wait to be fetched, are to be synced
    /// when this is the newest run of what was found there. The same files are not synced twice: an
    /// undo, or files that came another way meanwhile, would be taken back by them. They are tried
    /// again only where it was our fault that it went wrong; a run that is under way, or that waits
    /// for approval, may still come to that.
    pub fn leaves_due(&self, found: &Fingerprint, now: Timestamp) -> Due {
        if self.fingerprint.as_ref() != Some(found) {
            return Due::Now;
        }
        match self.state {
            RunState::Failed { .. } => match self.tried_again_from() {
                Some(from) if now < from => Due::Later(from),
                _ => Due::Now,
            },
            RunState::Running { .. } => Due::Later(now),
            RunState::Held { .. } => Due::Later(now + TRIED_AGAIN_AFTER),
            RunState::Rejected
            | RunState::Applied { .. }
            | RunState::Unchanged
            | RunState::Discarded { .. } => Due::Done,
        }
    }

    /// Whether a roster that is fetched every so often is to be fetched again, when this is its
    /// newest run.
    pub fn is_older_than(&self, every: Duration, now: Timestamp) -> bool {
        now.since(self.began) >= every || self.is_to_be_tried_again(now)
    }

    fn is_to_be_tried_again(&self, now: Timestamp) -> bool {
        let is_failed = matches!(self.state, RunState::Failed { .. });
        is_failed && self.tried_again_from().is_none_or(|from| now >= from)
    }

    /// From when on files may be tried again, if this run of them failed.
    fn tried_again_from(&self) -> Option<Timestamp> {
        self.ended.map(|ended| ended + TRIED_AGAIN_AFTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_milliseconds(1_790_000_000_000);

    fn run(state: RunState) -> SyncRun {
        SyncRun {
            id: SyncRunId::from_bytes([1; 12]),
            source: SyncSource::DropFolder,
            began: NOW,
            ended: Some(NOW),
            state,
            planned_on: None,
            fingerprint: Some(Fingerprint::from_bytes([1; 32])),
            as_of: None,
        }
    }

    #[test]
    fn files_are_fetched_once_and_again_only_where_we_failed() {
        let minutes = |count| NOW + Duration::from_mins(count);
        let failed = || RunState::Failed { why: "no room".into() };
        let (running, held) =
            (RunState::Running { until: NOW }, RunState::Held { reasons: Vec::new() });
        for (state, found, at, due) in [
            (RunState::Unchanged, 1, minutes(999), Due::Done),
            (RunState::Unchanged, 2, minutes(0), Due::Now),
            (RunState::Rejected, 1, minutes(999), Due::Done),
            (RunState::Rejected, 2, minutes(0), Due::Now),
            (RunState::Discarded { why: String::new() }, 1, minutes(999), Due::Done),
            (failed(), 1, minutes(0), Due::Later(minutes(10))),
            (failed(), 1, minutes(9), Due::Later(minutes(10))),
            (failed(), 1, minutes(10), Due::Now),
            (failed(), 2, minutes(0), Due::Now),
            // They may fail yet: on another node, with their process, or once they are approved.
            (running, 1, minutes(1), Due::Later(minutes(1))),
            (held.clone(), 1, minutes(5), Due::Later(minutes(15))),
            (held, 2, minutes(5), Due::Now),
        ] {
            let said = run(state.clone()).leaves_due(&Fingerprint::from_bytes([found; 32]), at);
            assert_eq!(said, due, "{state:?} {found}");
        }
    }

    #[test]
    fn what_is_fetched_by_itself_is_fetched_when_its_time_has_come_and_sooner_where_it_failed() {
        let day = Duration::from_hours(24);
        let failed = RunState::Failed { why: "the service was not reached".to_owned() };
        for (state, after, due) in [
            (RunState::Unchanged, Duration::from_hours(23), false),
            (RunState::Unchanged, day, true),
            (RunState::Rejected, Duration::from_mins(10), false),
            (failed.clone(), Duration::from_mins(9), false),
            (failed, Duration::from_mins(10), true),
        ] {
            assert_eq!(run(state.clone()).is_older_than(day, NOW + after), due, "{state:?}");
        }
    }

    #[test]
    fn sources_read_back() {
        let to = RosterVersion(7);
        for source in [
            SyncSource::Command,
            SyncSource::DropFolder,
            SyncSource::Upload,
            SyncSource::OneRoster,
            SyncSource::Undo { to },
        ] {
            let to = (!source.is_files()).then_some(to);
            assert_eq!(SyncSource::named(source.name(), to), Some(source));
        }
        assert_eq!(SyncSource::named("undo", None), None);
        assert_eq!(SyncSource::named("upload", Some(to)), None);
        assert_eq!(SyncSource::named("pigeon", None), None);
    }
}
