//! Planning against a store, page by page, is planning against the whole roster in memory; and what
//! it plans is applied piece by piece.

use std::path::Path;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::change::CurrentRoster;
use firstbell_core::roster::{District, DistrictPolicy};
use firstbell_core::time::Timestamp;
use firstbell_roster::{Plan, Snapshot, Summary, plan};
use firstbell_store::{Backend, RosterVersion, Store};
use proptest::prelude::*;

use crate::properties::district;
use crate::store::Counting;

/// A district in a real store.
pub struct Stored {
    store: Store,
    runtime: firstbell_store::testing::Runtime,
    version: RosterVersion,
    page: usize,
    imports: u32,
}

fn here() -> DistrictId {
    DistrictId::from_bytes([7; 12])
}

impl Stored {
    pub fn open(folder: &Path) -> Self {
        let backend = Backend::Sqlite { path: folder.join("store.db") };
        let store = Store::open(backend).expect("a store");
        store.migrate().expect("a schema");
        let runtime = firstbell_store::testing::Runtime::new().expect("a runtime");
        let made = District {
            id: here(),
            shortname: "ada".parse().expect("a name"),
            name: "Ada".into(),
            place: None,
            policy: DistrictPolicy::default(),
        };
        let now = Timestamp::from_milliseconds(0);
        let creating = store.write(move |tx| tx.create_district(&made, now));
        runtime.block_on(creating).expect("a district");
        Self { store, runtime, version: RosterVersion(0), page: 2_000, imports: 0 }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(1_790_000_000_000 + i64::from(self.imports) * 86_400_000)
    }

    fn plan(&self, snapshot: Snapshot) -> Plan {
        let present = self.store.present(here(), self.version).in_pages_of(self.page);
        let mut random = Counting(self.imports.into());
        plan(snapshot, present, self.now(), &mut random).expect("planned")
    }

    pub fn import(&mut self, snapshot: Snapshot) -> Summary {
        let Plan { change, summary } = self.plan(snapshot);
        let applying =
            self.store.apply_roster(here(), self.version, change, self.now(), |done, total| {
                assert!(done <= total);
            });
        self.version = self.runtime.block_on(applying).expect("applied");
        self.imports += 1;
        summary
    }

    fn current(&self) -> CurrentRoster {
        let reading = self.store.read_at_length(|tx| tx.district(here()).current_roster());
        self.runtime.block_on(reading).expect("a roster")
    }
}

/// The same roster without what a store keeps by itself.
fn comparable(mut current: CurrentRoster) -> CurrentRoster {
    for person in current.people.values_mut() {
        person.user.created = Timestamp::from_milliseconds(0);
        person.user.last_modified = Timestamp::from_milliseconds(0);
        person.schools.sort_by_key(|(role, _)| *role);
    }
    current
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn planning_by_pages_is_planning_in_memory(
        rosters in proptest::collection::vec(district(), 1..5),
        page in 1usize..4,
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut stored = Stored::open(folder.path());
        stored.page = page;
        let mut memory = crate::store::Store::new();
        for district in rosters {
            let files = district.files();
            let mut random = Counting(stored.imports.into());
            let in_memory =
                plan(files.accepted(), &memory.current, stored.now(), &mut random).expect("planned");
            let by_pages = stored.plan(files.accepted());
            prop_assert_eq!(&by_pages.summary, &in_memory.summary);
            let change = in_memory.change.gather().expect("read back");
            let paged = by_pages.change.gather().expect("read back");
            prop_assert_eq!(format!("{paged:?}"), format!("{change:?}"));

            memory.apply(change);
            stored.import(files.accepted());
            let (found, expected) = (comparable(stored.current()), comparable(memory.current.clone()));
            prop_assert_eq!(found.people, expected.people);
            prop_assert_eq!(found.bindings, expected.bindings);
            prop_assert_eq!(found.sections, expected.sections);
            prop_assert_eq!(found.contacts, expected.contacts);
            prop_assert_eq!(found.enrollments, expected.enrollments);
            prop_assert_eq!(found.resources, expected.resources);
        }
    }
}
