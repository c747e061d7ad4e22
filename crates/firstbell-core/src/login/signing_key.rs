//! The life of a key that signs ID tokens: **next** (published, not used yet), **current**
//! (published and used), **retiring** (published, used no more), **gone**. Relying parties keep
//! copies of the published keys, so a key is published long before its first use and long after
//! its last.

use std::time::Duration;

pub use firstbell_protocol::jose::Algorithm;

use crate::time::Timestamp;

/// A key signs for this long.
pub const CURRENT_FOR: Duration = Duration::from_hours(24 * 90);

/// A key is published for at least this long before it signs, unless there is no other.
pub const PUBLISHED_BEFORE_USE: Duration = Duration::from_hours(24);

/// A key is published for this long after it signed for the last time: longer than an ID token
/// lives (an hour) and than a relying party may keep a copy of the published keys (minutes by our
/// header, a day in careless ones).
pub const RETIRING_FOR: Duration = Duration::from_hours(48);

/// A key, as far as the rules care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLife {
    /// Its name, `kid` in tokens.
    pub id: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// When it was made, and published.
    pub made: Timestamp,
    /// Where it is in its life.
    pub stage: Stage,
}

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Published, not used yet.
    Next,
    /// Published and used.
    Current {
        /// Since when.
        since: Timestamp,
    },
    /// Published, used no more.
    Retiring {
        /// Since when.
        since: Timestamp,
    },
    /// Neither.
    Gone {
        /// Since when.
        since: Timestamp,
        /// Why.
        cause: End,
    },
}

/// Why a key is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its time was over.
    Retired,
    /// Somebody else may have it.
    Compromised,
}

impl Stage {
    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current { .. } => "current",
            Self::Retiring { .. } => "retiring",
            Self::Gone { cause: End::Retired, .. } => "gone",
            Self::Gone { cause: End::Compromised, .. } => "compromised",
        }
    }

    /// Whether relying parties are shown the key, and its signatures count.
    pub const fn is_published(self) -> bool {
        !matches!(self, Self::Gone { .. })
    }
}

/// What must happen to the keys. Several processes may carry the same plan out: whoever comes
/// second finds it done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A key is made and published.
    Make(Algorithm),
    /// This key, which was next, signs from now on, and the one that signed retires.
    Promote {
        /// The key that was next.
        id: String,
        /// The key that was current, if there was one.
        retire: Option<String>,
    },
    /// This key is gone, its private part is erased.
    Drop {
        /// The key that was retiring.
        id: String,
    },
}

/// The key that signs for this algorithm.
pub fn signer(keys: &[KeyLife], algorithm: Algorithm) -> Option<&KeyLife> {
    of(keys, algorithm).find(|key| matches!(key.stage, Stage::Current { .. }))
}

/// What must happen now. Nothing to do is an empty list; after something was done, ask again.
pub fn plan(keys: &[KeyLife], now: Timestamp) -> Vec<Change> {
    let mut changes: Vec<_> =
        Algorithm::ALL.into_iter().filter_map(|one| rotation(keys, one, now)).collect();
    changes.extend(keys.iter().filter_map(|key| match key.stage {
        Stage::Retiring { since } if now.since(since) >= RETIRING_FOR => {
            Some(Change::Drop { id: key.id.clone() })
        }
        _ => None,
    }));
    changes
}

/// The one thing to do for an algorithm, if any. There is always a key in waiting: when the
/// current one is compromised, relying parties have long seen the one that follows it.
fn rotation(keys: &[KeyLife], algorithm: Algorithm, now: Timestamp) -> Option<Change> {
    let next = of(keys, algorithm).find(|key| key.stage == Stage::Next);
    let Some(next) = next else { return Some(Change::Make(algorithm)) };
    let current = signer(keys, algorithm);
    let due = match current.map(|key| key.stage) {
        Some(Stage::Current { since }) => {
            now.since(since) >= CURRENT_FOR && now.since(next.made) >= PUBLISHED_BEFORE_USE
        }
        // Nothing signs: better a key that a relying party must fetch than none.
        _ => true,
    };
    let retire = current.map(|key| key.id.clone());
    due.then(|| Change::Promote { id: next.id.clone(), retire })
}

fn of(keys: &[KeyLife], algorithm: Algorithm) -> impl Iterator<Item = &KeyLife> {
    keys.iter().filter(move |key| key.algorithm == algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_milliseconds(1_780_000_000_000);

    fn days(count: u64) -> Timestamp {
        START + Duration::from_hours(24 * count)
    }

    fn key(id: &str, made: Timestamp, stage: Stage) -> KeyLife {
        KeyLife { id: id.into(), algorithm: Algorithm::Rs256, made, stage }
    }

    /// The plan for RS256 in words. Of ES256 there is always what is needed.
    fn planned(mut keys: Vec<KeyLife>, now: Timestamp) -> Vec<String> {
        for (id, stage) in [("e1", Stage::Current { since: now }), ("e2", Stage::Next)] {
            keys.push(KeyLife { algorithm: Algorithm::Es256, ..key(id, now, stage) });
        }
        let words = |change| match change {
            Change::Make(algorithm) => format!("make {algorithm}"),
            Change::Promote { id, retire: Some(old) } => format!("{id} follows {old}"),
            Change::Promote { id, retire: None } => format!("{id} begins"),
            Change::Drop { id } => format!("drop {id}"),
        };
        plan(&keys, now).into_iter().map(words).collect()
    }

    #[test]
    fn what_must_happen_in_each_situation() {
        let current = |day| Stage::Current { since: days(day) };
        let retiring = Stage::Retiring { since: days(90) };
        let gone = Stage::Gone { since: days(90), cause: End::Compromised };
        let hour = |count: u64| Duration::from_hours(count);
        for (name, keys, now, expected) in [
            ("nothing yet", vec![], START, vec!["make RS256"]),
            ("one in waiting", vec![key("a", START, Stage::Next)], START, vec!["a begins"]),
            ("nobody in waiting", vec![key("a", START, current(0))], START, vec!["make RS256"]),
            (
                "all well",
                vec![key("a", START, current(0)), key("b", START, Stage::Next)],
                days(89),
                vec![],
            ),
            (
                "due",
                vec![key("a", START, current(0)), key("b", START, Stage::Next)],
                days(90),
                vec!["b follows a"],
            ),
            (
                "due, but the next was published too late",
                vec![key("a", START, current(0)), key("b", days(90), Stage::Next)],
                days(90) + hour(23),
                vec![],
            ),
            (
                "due, and the next published long enough",
                vec![key("a", START, current(0)), key("b", days(90), Stage::Next)],
                days(91),
                vec!["b follows a"],
            ),
            (
                "after rotation",
                vec![key("a", START, retiring), key("b", START, current(90))],
                days(90),
                vec!["make RS256"],
            ),
            (
                "retiring, at its end",
                vec![
                    key("a", START, retiring),
                    key("b", START, current(90)),
                    key("c", days(90), Stage::Next),
                ],
                days(92),
                vec!["drop a"],
            ),
            (
                "retiring",
                vec![
                    key("a", START, retiring),
                    key("b", START, current(90)),
                    key("c", days(90), Stage::Next),
                ],
                days(91) + hour(23),
                vec![],
            ),
            (
                "compromised",
                vec![key("a", START, gone), key("b", days(90), Stage::Next)],
                days(90),
                vec!["b begins"],
            ),
            ("compromised, and alone", vec![key("a", START, gone)], days(90), vec!["make RS256"]),
        ] {
            assert_eq!(planned(keys, now), expected, "{name}");
        }
    }

    #[test]
    fn each_algorithm_has_its_keys() {
        assert_eq!(
            plan(&[], START),
            [Change::Make(Algorithm::Rs256), Change::Make(Algorithm::Es256)]
        );
        let keys = [key("a", START, Stage::Current { since: START })];
        assert_eq!(signer(&keys, Algorithm::Rs256), Some(&keys[0]));
        assert_eq!(signer(&keys, Algorithm::Es256), None);
        for stage in [Stage::Next, Stage::Retiring { since: START }] {
            assert_eq!(signer(&[key("a", START, stage)], Algorithm::Rs256), None, "{stage:?}");
        }
    }

    /// A year, an hour at a time: a key is never used before a day of being published, nor does
    /// it vanish while a token that it signed may live.
    #[test]
    fn through_a_year_every_signature_can_be_verified() {
        let mut keys: Vec<KeyLife> = Vec::new();
        let mut signed: Vec<(String, Timestamp)> = Vec::new();
        for hour in 0..24 * 365 {
            let now = START + Duration::from_hours(hour);
            while let Some(change) = plan(&keys, now).into_iter().next() {
                carry_out(&mut keys, change, now);
            }
            let signs = signer(&keys, Algorithm::Rs256).expect("a signer");
            let published_for = now.since(signs.made);
            assert!(published_for >= PUBLISHED_BEFORE_USE || hour < 24, "{signs:?} at {now}");
            signed.push((signs.id.clone(), now));
            for (id, when) in signed.iter().rev().take(30) {
                let key = keys.iter().find(|key| key.id == *id).expect("kept");
                assert!(key.stage.is_published(), "{id} signed at {when}, gone at {now}");
            }
            for algorithm in Algorithm::ALL {
                let published = of(&keys, algorithm).filter(|key| key.stage.is_published()).count();
                assert!((2..=3).contains(&published), "{published} keys at {now}");
            }
        }
        let mut used: Vec<_> = signed.into_iter().map(|(id, _)| id).collect();
        used.dedup();
        assert_eq!(used.len(), 5, "a year has four changes: {used:?}");
    }

    fn carry_out(keys: &mut Vec<KeyLife>, change: Change, now: Timestamp) {
        let mut set = |id: &str, stage| {
            keys.iter_mut().filter(|key| key.id == id).for_each(|key| key.stage = stage);
        };
        match change {
            Change::Make(algorithm) => {
                let id = format!("key {}", keys.len());
                keys.push(KeyLife { algorithm, ..key(&id, now, Stage::Next) });
            }
            Change::Promote { id, retire } => {
                if let Some(old) = retire {
                    set(&old, Stage::Retiring { since: now });
                }
                set(&id, Stage::Current { since: now });
            }
            Change::Drop { id } => set(&id, Stage::Gone { since: now, cause: End::Retired }),
        }
    }
}
