//! What agreeing to a held run means. It is to the plan that was shown: to these files, compared
//! with this version of the roster. If either is another one, it is another plan, and whoever
//! agreed to the first has not seen it.

use super::{Fingerprint, HoldReason};
use crate::roster::RosterVersion;

/// Which plan: these files on this version. Nothing else goes into a plan but new ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanIdentity {
    /// The version that the files were compared with.
    pub planned_on: RosterVersion,
    /// The files.
    pub fingerprint: Fingerprint,
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

    fn plan(version: i64, files: u8) -> PlanIdentity {
        let fingerprint = Fingerprint::from_bytes([files; 32]);
        PlanIdentity { planned_on: RosterVersion(version), fingerprint }
    }

    #[test]
    fn agreeing_is_to_these_files_on_this_version_alone() {
        let limit = SyncLimits::default().removals;
        let part = Part { what: Counted::Students, part: 9, whole: 9 };
        let reasons = vec![HoldReason { part, limit }];
        for (consent, applies) in [
            (Consent::NotAsked, false),
            (Consent::ToPlan(plan(3, 1)), true),
            (Consent::ToPlan(plan(2, 1)), false),
            (Consent::ToPlan(plan(3, 2)), false),
            (Consent::ToAnything, true),
        ] {
            let decision = consent.decide(&plan(3, 1), reasons.clone());
            assert_eq!(decision == Decision::Apply, applies, "{consent:?}");
        }
    }

    #[test]
    fn a_plan_that_nothing_speaks_against_is_applied_whoever_agreed_to_what() {
        for consent in [Consent::NotAsked, Consent::ToPlan(plan(2, 2)), Consent::ToAnything] {
            assert_eq!(consent.decide(&plan(3, 1), Vec::new()), Decision::Apply);
        }
    }
}
