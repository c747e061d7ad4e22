//! A district whose objects are a few numbers, as it is in each version of its roster.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use firstbell_core::application::{DataGroup, Sharing, SharingRule};
use firstbell_core::events::{Family, Kind};
use firstbell_core::id::{DistrictId, SchoolId};
use firstbell_store::RosterVersion;
use firstbell_store::testing::Dice;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::events::{Bodies, Key, Objects, Page, Printed, State, Trouble};

/// A few kinds are enough: one that both families have, two of one of them each.
pub const KINDS: [Kind; 4] = [Kind::School, Kind::Section, Kind::User, Kind::Student];

/// Schools at which objects are.
pub const SCHOOLS: u64 = 3;

/// An object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thing {
    /// Which school decides who sees it.
    pub school: u8,
    /// Everybody is told.
    pub plain: u8,
    /// Told where demographics are shared.
    pub private: u8,
    /// Told in the wide dialects.
    pub recent: u8,
    /// In which version it was last changed, whatever changed. Always told, and no event by itself.
    pub modified: u8,
}

impl Thing {
    pub fn roll(dice: &mut Dice, modified: u8) -> Self {
        let mut digit = |below| u8::try_from(dice.below(below)).expect("small");
        let (school, plain) = (digit(SCHOOLS), digit(3));
        Self { school, plain, private: digit(2), recent: digit(2), modified }
    }

    pub fn is_but_for_the_date(self, other: Self) -> bool {
        Self { modified: other.modified, ..self } == other
    }
}

/// All objects of a district at some time.
pub type Things = BTreeMap<(Kind, Key), Thing>;

/// In whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub family: Family,
    /// Whether the words are the newer ones, which tell more.
    pub is_wide: bool,
}

/// What districts were like.
#[derive(Default)]
pub struct Models(Mutex<HashMap<(DistrictId, String), Arc<Things>>>);

impl Models {
    pub fn put(&self, district: DistrictId, version: &str, things: Things) {
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.insert((district, version.to_owned()), Arc::new(things));
    }

    pub fn at(&self, district: DistrictId, version: RosterVersion) -> Arc<Things> {
        let models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&models[&(district, version.to_string())])
    }

    pub fn forget(&self, district: DistrictId) {
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.retain(|(of, _), _| *of != district);
    }
}

pub fn school(number: u8) -> SchoolId {
    SchoolId::from_bytes([number; 12])
}

/// Whom a district shares: these schools, or everyone.
pub fn sharing(schools: Option<Vec<u8>>, with_private: bool) -> Sharing {
    let schools = schools.map(|list| list.into_iter().map(school).collect());
    let rules = vec![SharingRule { schools, ..SharingRule::default() }];
    let private = with_private.then_some(DataGroup::Demographics);
    let groups = private.into_iter().chain([DataGroup::Events]).collect();
    Sharing { rules, groups, all_staff: false }
}

/// What is printed of a thing; None where it is not seen.
pub fn print(thing: Thing, sharing: &Sharing, is_wide: bool) -> Option<String> {
    let mut printed = undated(thing, sharing, is_wide)?;
    printed["last_modified"] = thing.modified.into();
    Some(printed.to_string())
}

/// The same but for when it was last changed.
pub fn undated(thing: Thing, sharing: &Sharing, is_wide: bool) -> Option<Value> {
    let schools = sharing.rules.first()?.schools.as_ref();
    if schools.is_some_and(|schools| !schools.contains(&school(thing.school))) {
        return None;
    }
    // Which school it is at is told nobody: who moves may look as before.
    let mut printed = json!({ "plain": thing.plain });
    // What is empty is not told, so that it makes no difference whether it is shared.
    if sharing.groups.has(DataGroup::Demographics) && thing.private > 0 {
        printed["private"] = thing.private.into();
    }
    if is_wide {
        printed["recent"] = thing.recent.into();
    }
    Some(printed)
}

impl Objects for Models {
    type Dialect = Words;

    async fn page(&self, state: &State, kind: Kind, after: Option<Key>) -> Result<Page, Trouble> {
        // Other executions go on between two pages.
        tokio::task::yield_now().await;
        let things = self.at(state.district, state.seen.version);
        let of_kind = things
            .iter()
            .filter(|((of, id), _)| *of == kind && after.is_none_or(|after| *id > after));
        let page: Vec<_> = of_kind.take(3).collect();
        let more = if page.len() == 3 { page.last().map(|((_, id), _)| *id) } else { None };
        let printed = page.into_iter().filter_map(|((_, id), thing)| {
            let text = undated(*thing, &state.seen.sharing, true)?.to_string().into_bytes();
            Some(Printed { id: *id, text })
        });
        Ok(Page { objects: printed.collect(), more })
    }

    async fn some(
        &self,
        state: &State,
        kind: Kind,
        ids: &[Key],
        words: Words,
    ) -> Result<Bodies, Trouble> {
        let things = self.at(state.district, state.seen.version);
        let mut bodies = Bodies::new();
        for id in ids {
            let thing = things.get(&(kind, *id));
            let printed = thing.and_then(|it| print(*it, &state.seen.sharing, words.is_wide));
            if let Some(printed) = printed {
                bodies.insert(*id, RawValue::from_string(printed)?);
            }
        }
        Ok(bodies)
    }
}
