//! What a store does with a change, in memory: enough to import again and again.

use std::collections::HashMap;
use std::hash::Hash;

use firstbell_core::roster::change::{Changed, CurrentRoster, RosterChange};
use firstbell_core::roster::sync::{Counted, SyncLimits};
use firstbell_core::secret::Random;
use firstbell_core::time::Timestamp;
use firstbell_roster::{Snapshot, Summary, plan};

/// Randomness that a test can repeat.
pub struct Counting(pub u64);

impl Random for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let mixed = (self.0 ^ (self.0 >> 29)).to_be_bytes();
            chunk.copy_from_slice(&mixed[..chunk.len()]);
        }
    }
}

/// What an import would do, all of it in memory.
pub struct Plan {
    pub change: RosterChange,
    pub summary: Summary,
}

/// A district's roster in memory.
pub struct Store {
    pub current: CurrentRoster,
    random: Counting,
    imports: i64,
    /// Whether digests are kept, so that what has not changed is not looked at.
    keeps_digests: bool,
}

impl Store {
    pub fn new() -> Self {
        let current = CurrentRoster::default();
        Self { current, random: Counting(1), imports: 0, keeps_digests: false }
    }

    /// One that keeps digests.
    pub fn with_digests() -> Self {
        Self { keeps_digests: true, ..Self::new() }
    }

    /// Plans without applying.
    pub fn plan(&mut self, snapshot: Snapshot) -> Plan {
        self.imports += 1;
        let now = Timestamp::from_milliseconds(1_790_000_000_000 + self.imports * 86_400_000);
        let plan = plan(snapshot, &self.current, now, &mut self.random).expect("planned");
        let is_empty = plan.change.is_empty();
        let change = plan.change.gather().expect("read back");
        assert_eq!(change.is_empty(), is_empty);
        Plan { change, summary: plan.summary }
    }

    /// Plans and applies.
    pub fn import(&mut self, snapshot: Snapshot) -> Summary {
        let Plan { change, summary } = self.plan(snapshot);
        self.apply(change);
        summary
    }

    /// Applies what was planned.
    pub fn apply(&mut self, change: RosterChange) {
        let current = &mut self.current;
        for binding in change.bindings {
            let key = (binding.kind, binding.sis_id);
            let before = current.bindings.insert(key, (binding.id, binding.user));
            assert!(before.is_none(), "a new binding is new");
        }
        for binding in change.rebound {
            let key = (binding.kind, binding.sis_id);
            let before = current.bindings.insert(key, (binding.id, binding.user));
            let (id, user) = before.expect("a rebound role was bound");
            assert!(id == binding.id && user != binding.user);
        }
        put(&mut current.schools, change.schools, |school| school.id);
        put(&mut current.terms, change.terms, |term| term.id);
        put(&mut current.courses, change.courses, |course| course.id);
        put(&mut current.sections, change.sections, |section| section.id);
        put(&mut current.people, change.people, |person| person.user.id);
        put(&mut current.contacts, change.contacts, |contact| contact.id);
        put(&mut current.resources, change.resources, |resource| resource.id);
        for enrollment in change.enrollments.removed {
            assert!(current.enrollments.remove(&enrollment));
        }
        for enrollment in change.enrollments.added {
            assert!(current.enrollments.insert(enrollment));
        }
        if self.keeps_digests {
            current.digests = change.digests.into_iter().collect();
        }
    }
}

fn put<K: Eq + Hash, T>(table: &mut HashMap<K, T>, change: Changed<T, K>, id: impl Fn(&T) -> K) {
    for gone in change.removed {
        assert!(table.remove(&gone).is_some(), "what is removed was there");
    }
    for record in change.replaced {
        assert!(table.insert(id(&record), record).is_some(), "what is replaced was there");
    }
    for record in change.added {
        assert!(table.insert(id(&record), record).is_none(), "what is added was not there");
    }
}

/// What somebody would be asked about before this is applied, under the limits that districts have
/// unless they set others.
pub fn held_for(summary: &Summary) -> Vec<Counted> {
    let reasons = SyncLimits::default().reasons_to_hold(&summary.impact());
    reasons.into_iter().map(|reason| reason.part.what).collect()
}
