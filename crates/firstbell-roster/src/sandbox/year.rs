//! The school year of a sandbox as people follow it: which day a folder stands at, and what
//! happens on which day. The files of a day are a pure function of size, seed and day.

use std::fs;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::season::{GRADUATION, KINDERGARTEN, ROLLOVER};
use super::{SandboxSize, small};

/// Which sandbox a folder holds, and on which day of its school year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SandboxDay {
    /// How large.
    pub size: SandboxSize,
    /// What everything is drawn from.
    pub seed: u64,
    /// School days since the first one of the year, which is 0.
    pub day: u32,
}

/// Why it is not known which day a folder stands at.
#[derive(Debug, thiserror::Error)]
pub enum SandboxDayError {
    /// There is no such file, or it cannot be read.
    #[error("{path} cannot be read; `firstbell sandbox generate` writes it beside the roster")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The file says something else.
    #[error("{path} does not say size, seed and day; generate the sandbox again")]
    Malformed {
        /// The file.
        path: PathBuf,
    },
}

impl SandboxDay {
    /// The file in a sandbox's folder that says what the folder is. No roster has a file of this
    /// name, and an import does not look at it.
    pub const NOTE: &str = "sandbox.txt";

    /// Which sandbox a folder holds, as [`super::generate_on`] noted there.
    ///
    /// # Errors
    /// The folder is no sandbox's, or its note cannot be read.
    pub fn read(folder: &Path) -> Result<Self, SandboxDayError> {
        let path = folder.join(Self::NOTE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).ok_or(SandboxDayError::Malformed { path }),
            Err(cause) => Err(SandboxDayError::Unreadable { path, cause }),
        }
    }

    pub(super) fn write(self, folder: &Path) -> Result<(), (PathBuf, io::Error)> {
        let path = folder.join(Self::NOTE);
        fs::write(&path, self.text()).map_err(|cause| (path, cause))
    }

    fn text(self) -> String {
        let Self { size, seed, day } = self;
        let size = match size {
            SandboxSize::Small => "small".to_owned(),
            SandboxSize::Large { students } => format!("large {students}"),
            SandboxSize::State { students } => format!("state {students}"),
        };
        format!("size {size}\nseed {seed}\nday {day}\n")
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let size = match lines.next()?.strip_prefix("size ")?.split_once(' ') {
            None => SandboxSize::Small,
            Some(("large", students)) => SandboxSize::Large { students: students.parse().ok()? },
            Some(("state", students)) => SandboxSize::State { students: students.parse().ok()? },
            Some(_) => return None,
        };
        let seed = lines.next()?.strip_prefix("seed ")?.parse().ok()?;
        let day = lines.next()?.strip_prefix("day ")?.parse().ok()?;
        let read = Self { size, seed, day };
        (read.text() == text).then_some(read)
    }
}

/// Something that happens in the school year of a sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happening {
    /// On this day.
    pub day: u32,
    /// A sentence for people.
    pub what: &'static str,
}

/// What happens in a sandbox of this size on these days, in order.
pub fn happenings(size: SandboxSize, days: RangeInclusive<u32>) -> impl Iterator<Item = Happening> {
    let (script, drip): (&[Happening], _) = match size {
        SandboxSize::Small => (small::SCRIPT, None),
        SandboxSize::Large { .. } | SandboxSize::State { .. } => {
            let first = (*days.start()).max(1);
            (LARGE_SCRIPT, days.contains(&first).then_some(Happening { day: first, what: DRIP }))
        }
    };
    let scripted = script.iter().copied().filter(move |it| days.contains(&it.day));
    drip.into_iter().chain(scripted)
}

/// What the large sandbox does on every day.
const DRIP: &str = "Each day one enrolment of a thousand moves to another section";

const LARGE_SCRIPT: &[Happening] = &[
    Happening {
        day: ROLLOVER,
        what: "The sections of the fall term become sections of the spring term under the same ids, of other courses",
    },
    Happening {
        day: GRADUATION,
        what: "Grade 12 graduates and leaves; all others move up, some to another school; the sections become those of the next year under the same ids",
    },
    Happening {
        day: KINDERGARTEN,
        what: "Kindergarten begins with as many new pupils as a year ago",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_says_which_day_it_stands_at() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(matches!(SandboxDay::read(folder.path()), Err(SandboxDayError::Unreadable { .. })));
        for size in [
            SandboxSize::Small,
            SandboxSize::Large { students: 7 },
            SandboxSize::State { students: 1_000_000 },
        ] {
            let noted = SandboxDay { size, seed: u64::MAX, day: 42 };
            noted.write(folder.path()).expect("written");
            assert_eq!(SandboxDay::read(folder.path()).expect("read"), noted);
        }
        for text in [
            "",
            "size small\nseed 1\n",
            "size small\nseed 1\nday -1\n",
            "size huge\nseed 1\nday 0\n",
            "size large 7\nseed x\nday 0\n",
        ] {
            fs::write(folder.path().join(SandboxDay::NOTE), text).expect("written");
            let read = SandboxDay::read(folder.path());
            assert!(matches!(read, Err(SandboxDayError::Malformed { .. })), "{text:?}");
        }
    }

    #[test]
    fn what_happens_is_told_for_the_days_that_are_asked_for() {
        let days = |size, days| happenings(size, days).map(|it| it.day).collect::<Vec<_>>();
        assert_eq!(days(SandboxSize::Small, 1..=8), [3, 5, 8]);
        assert!(days(SandboxSize::Small, 4..=4).is_empty());
        let large = SandboxSize::Large { students: 700 };
        assert!(days(large, 0..=0).is_empty());
        assert_eq!(days(large, 1..=1), [1]);
        assert_eq!(days(large, 50..=180), [50, 90, 180]);
    }
}
