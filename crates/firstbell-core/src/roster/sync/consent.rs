//! What agreeing to a held run means. It is to the plan that was shown: to these files, read for this
//! day and compared with this version of the roster. If any of them is another one, it is another
//! plan, and whoever agreed to the first has not seen it.

use super::{Fingerprint, HoldReason};
use crate::roster::RosterVersion;
use crate::time::Timestamp;

/// Which plan: these files on this version, read for this day. Nothing else goes into a plan but new
/// ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanIdentity {
    /// The version that the files were compared with.
    pub planned_on: RosterVersion,
    /// The files.
    pub fingerprint: Fingerprint,
    /// The moment on whose day enrolments and roles with dates counted or did not.
    pub as_of: Timestamp,
}

/// What somebody has agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Nobody was asked.
    NotAsked,
    /// To this plan.
    ToPlan(PlanIdentity),
    /// To whatever the files say, by somebody who stands in front of it (`firstbell import --yes`).
    ToAnything,
}

/// What is done with a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is applied.
    Apply,
    /// It waits for a person.
    Hold(Vec<HoldReason>),
}

impl Consent {
    /// The moment for which the files are to be read. What was agreed to is read for the day for
    /// which it was shown, however long ago that was; on another version of the roster it is another
    /// plan anyway, and one of today.
    pub fn as_of(&self, present: RosterVersion, now: Timestamp) -> Timestamp {
        match self {
            Self::ToPlan(shown) if shown.planned_on == present => shown.as_of,
            _ => now,
        }
    }

    /// What to do with a plan that these reasons speak against.
    pub fn decide(&self, plan: &PlanIdentity, reasons: Vec<HoldReason>) -> Decision {
        let is_agreed = match self {
            Self::NotAsked => false,
            Self::ToPlan(shown) => shown == plan,
            Self::ToAnything => true,
        };
        if reasons.is_empty() || is_agreed { Decision::Apply } else { Decision::Hold(reasons) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::sync::hold::Part;
    use crate::roster::sync::{Counted, SyncLimits};

    const SHOWN: Timestamp = Timestamp::from_milliseconds(1_790_000_000_000);
    const LATER: Timestamp = Timestamp::from_milliseconds(1_792_000_000_000);

    fn plan(version: i64, files: u8, as_of: Timestamp) -> PlanIdentity {
        let fingerprint = Fingerprint::from_bytes([files; 32]);
        PlanIdentity { planned_on: RosterVersion(version), fingerprint, as_of }
    }

    #[test]
    fn agreeing_is_to_these_files_on_this_version_for_this_day_alone() {
        let limit = SyncLimits::default().removals;
        let part = Part { what: Counted::Students, part: 9, whole: 9 };
        let reasons = vec![HoldReason { part, limit }];
        for (consent, applies) in [
            (Consent::NotAsked, false),
            (Consent::ToPlan(plan(3, 1, SHOWN)), true),
            (Consent::ToPlan(plan(2, 1, SHOWN)), false),
            (Consent::ToPlan(plan(3, 2, SHOWN)), false),
            (Consent::ToPlan(plan(3, 1, LATER)), false),
            (Consent::ToAnything, true),
        ] {
            let decision = consent.decide(&plan(3, 1, SHOWN), reasons.clone());
            assert_eq!(decision == Decision::Apply, applies, "{consent:?}");
        }
    }

    #[test]
    fn a_plan_that_nothing_speaks_against_is_applied_whoever_agreed_to_what() {
        let other = Consent::ToPlan(plan(2, 2, LATER));
        for consent in [Consent::NotAsked, other, Consent::ToAnything] {
            assert_eq!(consent.decide(&plan(3, 1, SHOWN), Vec::new()), Decision::Apply);
        }
    }

    #[test]
    fn what_was_agreed_to_is_read_for_the_day_for_which_it_was_shown() {
        let agreed = Consent::ToPlan(plan(3, 1, SHOWN));
        for (consent, present, as_of) in [
            (agreed, 3, SHOWN),
            (agreed, 4, LATER),
            (Consent::NotAsked, 3, LATER),
            (Consent::ToAnything, 3, LATER),
        ] {
            assert_eq!(consent.as_of(RosterVersion(present), LATER), as_of, "{consent:?}");
        }
    }
}
