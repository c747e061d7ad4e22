//! Which versions of a roster one may go back to, and what becomes of login names.

use crate::roster::RosterVersion;
use crate::time::Timestamp;

/// One may go back to so many versions before the present one.
pub const VERSIONS_TO_GO_BACK: i64 = 10;

/// A version of a roster that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionMade {
    /// Which one.
    pub version: RosterVersion,
    /// When it was made.
    pub made: Timestamp,
}

/// A roster that one may go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WayBack {
    /// The version that it was.
    pub to: VersionMade,
    /// The version in which it is read: the same, or the present one if that was made by going back.
    pub read_in: RosterVersion,
}

/// Why nobody goes back to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UndoRefusal {
    /// It is the one that is there.
    #[error("version {0} is the one that is there")]
    IsPresent(RosterVersion),
    /// There was never such a version.
    #[error("there is no version {0}")]
    NeverMade(RosterVersion),
    /// It is older than one may go back.
    #[error(
        "version {0} is gone: one may go back ten versions, to none that has not been the roster \
         for 300 days"
    )]
    Gone(RosterVersion),
}

/// The versions that one may go back to, the newest first.
pub fn to_go_back_to(present: RosterVersion, kept: &[VersionMade]) -> Vec<VersionMade> {
    let oldest = present.0.saturating_sub(VERSIONS_TO_GO_BACK).max(1);
    let may = |made: &&VersionMade| (oldest..present.0).contains(&made.version.0);
    let mut versions: Vec<_> = kept.iter().filter(may).copied().collect();
    versions.sort_by_key(|made| std::cmp::Reverse(made.version));
    versions
}

/// The way back to a version, if there is one. `undone` is the version that an undo went back to when
/// it made the present one: to that one may go again, also if it is not kept any longer, because the
/// undo may have been cut off before it had taken all login names back.
///
/// # Errors
/// Why there is none.
pub fn check(
    to: RosterVersion,
    present: RosterVersion,
    undone: Option<VersionMade>,
    kept: &[VersionMade],
) -> Result<WayBack, UndoRefusal> {
    if to == present {
        return Err(UndoRefusal::IsPresent(to));
    }
    if to > present || to.0 < 1 {
        return Err(UndoRefusal::NeverMade(to));
    }
    if let Some(to) = undone.filter(|undone| undone.version == to) {
        return Ok(WayBack { to, read_in: present });
    }
    let mut versions = to_go_back_to(present, kept).into_iter();
    let to = versions.find(|made| made.version == to).ok_or(UndoRefusal::Gone(to))?;
    Ok(WayBack { to, read_in: to.version })
}

/// A login name that a role of the version has that is gone back to.
#[derive(Debug, Clone, Copy)]
pub struct HeldLoginName<'n> {
    /// The name, folded.
    pub name: &'n str,
    /// When what proves it was set.
    pub set: Timestamp,
    /// The name that the version itself gives to the role, folded, if it gives it one.
    pub then: Option<&'n str>,
}

impl HeldLoginName<'_> {
    /// Whether going back to the version takes the name away. It does where the name came later than
    /// the version and is another one than the version says: a later file gave it, perhaps to the
    /// wrong person. What was there before a version was made has outlived files in which it was
    /// not, and outlives an undo.
    pub fn is_taken_back_by(&self, to: VersionMade) -> bool {
        self.then != Some(self.name) && self.set >= to.made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_that_a_later_file_gave_to_somebody_else_is_taken_back() {
        let made = Timestamp::from_milliseconds(1_000);
        let to = VersionMade { version: RosterVersion(3), made };
        for (set, then, is_taken_back) in [
            (1_001, Some("ana"), false),
            (1_001, Some("bo"), true),
            (1_000, Some("bo"), true),
            (1_001, None, true),
            (999, Some("bo"), false),
            (999, None, false),
        ] {
            let held = HeldLoginName { name: "ana", set: Timestamp::from_milliseconds(set), then };
            assert_eq!(held.is_taken_back_by(to), is_taken_back, "{held:?}");
        }
    }

    #[test]
    fn one_goes_back_ten_versions_and_no_further() {
        let kept: Vec<_> = (4..=20)
            .filter(|number| *number != 15)
            .map(|number| VersionMade {
                version: RosterVersion(number),
                made: Timestamp::from_milliseconds(number),
            })
            .collect();
        let present = RosterVersion(20);
        for (to, refusal) in [
            (20, Some(UndoRefusal::IsPresent(RosterVersion(20)))),
            (21, Some(UndoRefusal::NeverMade(RosterVersion(21)))),
            (0, Some(UndoRefusal::NeverMade(RosterVersion(0)))),
            (-1, Some(UndoRefusal::NeverMade(RosterVersion(-1)))),
            (19, None),
            (15, Some(UndoRefusal::Gone(RosterVersion(15)))),
            (10, None),
            (9, Some(UndoRefusal::Gone(RosterVersion(9)))),
        ] {
            assert_eq!(check(RosterVersion(to), present, None, &kept).err(), refusal, "{to}");
        }
        let numbers: Vec<_> =
            to_go_back_to(present, &kept).iter().map(|made| made.version.0).collect();
        assert_eq!(numbers, [19, 18, 17, 16, 14, 13, 12, 11, 10]);
    }

    #[test]
    fn nobody_goes_back_to_before_the_first_roster() {
        let first = VersionMade { version: RosterVersion(1), made: Timestamp::default() };
        let check = |to, present| check(RosterVersion(to), RosterVersion(present), None, &[first]);
        assert_eq!(check(0, 2), Err(UndoRefusal::NeverMade(RosterVersion(0))));
        assert_eq!(check(1, 2), Ok(WayBack { to: first, read_in: RosterVersion(1) }));
    }

    #[test]
    fn what_was_gone_back_to_may_be_gone_back_to_again() {
        let made = |number| VersionMade {
            version: RosterVersion(number),
            made: Timestamp::from_milliseconds(number),
        };
        let kept: Vec<_> = (11..=20).map(made).collect();
        let check =
            |to, undone| check(RosterVersion(to), RosterVersion(20), Some(made(undone)), &kept);
        let read_in = RosterVersion(20);
        assert_eq!(check(9, 9), Ok(WayBack { to: made(9), read_in }));
        assert_eq!(check(15, 15), Ok(WayBack { to: made(15), read_in }));
        assert_eq!(check(15, 9), Ok(WayBack { to: made(15), read_in: RosterVersion(15) }));
        assert_eq!(check(8, 9), Err(UndoRefusal::Gone(RosterVersion(8))));
        assert_eq!(check(20, 9), Err(UndoRefusal::IsPresent(RosterVersion(20))));
    }
}
