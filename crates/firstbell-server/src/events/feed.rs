//! Reading the feed: events with the objects that they tell of.
//!
//! An event is told as it was where the sharing is still the one under which it was made: the object
//! in the version that the event is of, and what it was before. Where the sharing has changed since,
//! the object is told as it is now, and not at all where it is not seen now: that it is not, a later
//! event says. Why both end in the same state: `docs/decisions/0010-events.md`.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use firstbell_core::events::{Kind, Verb};
use firstbell_core::id::{ApplicationId, DistrictId, EventId};
use firstbell_protocol::data_api::previous_attributes;
use firstbell_store::{Event, EventPage, Feed, RosterVersion, Seek, Seen, Store};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Bodies, Key, Objects, State, Trouble};

/// So many events are looked at at a time, however long the page.
const AT_ONCE: usize = 500;

/// What somebody asks of a feed.
#[derive(Debug, Clone)]
pub struct Ask<D> {
    /// Who.
    pub application: ApplicationId,
    /// Of which district.
    pub district: DistrictId,
    /// In whose words.
    pub dialect: D,
    /// Which events.
    pub types: Vec<(Kind, Verb)>,
    /// Only of what has to do with this school, as far as that is known: of what was seen before the
    /// sharing changed, it may not be.
    pub school: Option<String>,
}

/// An event with what it tells.
#[derive(Debug)]
pub struct Told {
    /// The event.
    pub event: Event,
    /// The object.
    pub object: Object,
}

/// What an event tells of its object.
#[derive(Debug)]
pub enum Object {
    /// It is seen now.
    Created(Box<RawValue>),
    /// It looks like this now; these members it had before, where that is known.
    Updated(Box<RawValue>, Option<Map<String, Value>>),
    /// It is seen no more; what was seen of it, where that is known.
    Deleted(Option<Box<RawValue>>),
}

/// A part of a feed.
#[derive(Debug)]
pub struct ToldPage {
    /// Its events, by ascending id.
    pub events: Vec<Told>,
    /// Whether there are more in the direction in which it was read.
    pub more: bool,
}

/// At most so many events of a feed from where a page begins; None where the application does not
/// follow the district.
///
/// # Errors
/// When the database fails.
pub async fn page<O: Objects>(
    store: &Store,
    objects: &O,
    ask: &Ask<O::Dialect>,
    mut seek: Seek,
    most: usize,
) -> Result<Option<ToldPage>, Trouble> {
    let mut events = Vec::new();
    let mut at_once = most.saturating_add(1).min(AT_ONCE);
    loop {
        let (application, district) = (ask.application, ask.district);
        let page = EventPage { seek, most: at_once, types: ask.types.clone() };
        let reading =
            store.read_at_length(move |tx| tx.district(district).events(application, &page));
        let Some(feed) = reading.await? else { return Ok(None) };
        let is_last = feed.events.len() < at_once;
        let (first, last) = (feed.events.first(), feed.events.last());
        let next = if seek.is_forward() {
            last.map(|event| Seek::After(event.id.to_bytes()))
        } else {
            first.map(|event| Seek::Before(event.id.to_bytes()))
        };
        let told = Telling { store, objects, ask, feed: &feed }.tell().await?;
        if seek.is_forward() {
            events.extend(told);
        } else {
            events.splice(0..0, told);
        }
        let beyond = events.len().saturating_sub(most);
        if beyond > 0 {
            if seek.is_forward() {
                events.truncate(most);
            } else {
                events.drain(..beyond);
            }
        }
        match next {
            Some(next) if beyond == 0 && !is_last => seek = next,
            _ => return Ok(Some(ToldPage { events, more: beyond > 0 })),
        }
        // Where little of what there is is told, more of it has to be looked at.
        at_once = AT_ONCE;
    }
}

/// One event; None where there is no such, or nothing is told of it.
///
/// # Errors
/// When the database fails.
pub async fn one<O: Objects>(
    store: &Store,
    objects: &O,
    ask: &Ask<O::Dialect>,
    id: EventId,
) -> Result<Option<Told>, Trouble> {
    let (application, district) = (ask.application, ask.district);
    let reading = store.read(move |tx| tx.district(district).event(application, id));
    let Some(mut feed) = reading.await? else { return Ok(None) };
    feed.events.retain(|event| ask.types.contains(&(event.kind, event.verb)));
    let told = Telling { store, objects, ask, feed: &feed }.tell().await?;
    Ok(told.into_iter().next())
}

/// Finds out what events tell.
struct Telling<'t, O: Objects> {
    store: &'t Store,
    objects: &'t O,
    ask: &'t Ask<O::Dialect>,
    feed: &'t Feed,
}

/// Which version an object is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Version(RosterVersion),
    Now,
}

/// Where an event finds its object, and what it was before.
#[derive(Debug, Clone, Copy)]
struct Places {
    object: Option<At>,
    before: Option<At>,
}

type Found = BTreeMap<(At, Kind), Bodies>;

impl<O: Objects> Telling<'_, O> {
    async fn tell(&self) -> Result<Vec<Told>, Trouble> {
        loop {
            let kept = self.kept().await?;
            let found = self.load(&kept).await?;
            // A version that went meanwhile may not have been whole any more.
            if self.kept().await? == kept {
                return self
                    .feed
                    .events
                    .iter()
                    .filter_map(|it| self.told(it, &kept, &found))
                    .collect();
            }
        }
    }

    /// The versions that events tell of and that are kept.
    async fn kept(&self) -> Result<BTreeSet<RosterVersion>, Trouble> {
        let exact = self.feed.events.iter().filter(|event| self.is_exact(event));
        let versions = exact.flat_map(|event| event.before.into_iter().chain([event.at]));
        let versions: BTreeSet<_> = versions.collect();
        let (district, versions) = (self.ask.district, versions.into_iter().collect::<Vec<_>>());
        let kept = self.store.read(move |tx| tx.district(district).kept_versions(&versions));
        Ok(kept.await?.into_iter().collect())
    }

    /// Whether the sharing is the one under which the event was made.
    fn is_exact(&self, event: &Event) -> bool {
        self.feed.epoch == Some(event.epoch)
    }

    fn places(&self, event: &Event, kept: &BTreeSet<RosterVersion>) -> Places {
        let kept = |version: &RosterVersion| kept.contains(version);
        let is_exact = self.is_exact(event) && kept(&event.at);
        let at = if is_exact { At::Version(event.at) } else { At::Now };
        let before = event.before.filter(|it| is_exact && kept(it)).map(At::Version);
        match event.verb {
            Verb::Created => Places { object: Some(at), before: None },
            Verb::Updated => Places { object: Some(at), before },
            Verb::Deleted => Places { object: None, before },
        }
    }

    async fn load(&self, kept: &BTreeSet<RosterVersion>) -> Result<Found, Trouble> {
        let mut wanted: BTreeMap<(At, Kind), HashSet<Key>> = BTreeMap::new();
        for event in &self.feed.events {
            let Places { object, before } = self.places(event, kept);
            for at in object.into_iter().chain(before) {
                wanted.entry((at, event.kind)).or_default().insert(event.object);
            }
        }
        let mut found = Found::new();
        for ((at, kind), ids) in wanted {
            let now = &self.feed.now;
            let version = match at {
                At::Version(version) => version,
                At::Now => now.version,
            };
            let state = State {
                application: self.ask.application,
                district: self.ask.district,
                seen: Seen { version, sharing: now.sharing.clone() },
            };
            let ids: Vec<_> = ids.into_iter().collect();
            let bodies = self.objects.some(&state, kind, &ids, self.ask.dialect).await?;
            found.insert((at, kind), bodies);
        }
        Ok(found)
    }

    /// None where nothing is told of the event.
    fn told(
        &self,
        event: &Event,
        kept: &BTreeSet<RosterVersion>,
        found: &Found,
    ) -> Option<Result<Told, Trouble>> {
        let places = self.places(event, kept);
        let body = |at: Option<At>| found.get(&(at?, event.kind))?.get(&event.object);
        let (object, before) = (body(places.object), body(places.before));
        if places.object.is_some() && object.is_none() {
            return None;
        }
        let object = match (event.verb, object) {
            (Verb::Deleted, _) | (_, None) => Object::Deleted(before.cloned()),
            (Verb::Created, Some(object)) => Object::Created(object.clone()),
            (Verb::Updated, Some(object)) => match before.map(|it| previous(it, object)) {
                // This dialect does not tell what has changed.
                Some(Ok(previous)) if previous.is_empty() => return None,
                Some(Ok(previous)) => Object::Updated(object.clone(), Some(previous)),
                Some(Err(error)) => return Some(Err(error)),
                None => Object::Updated(object.clone(), None),
            },
        };
        let told = Told { event: *event, object };
        match &self.ask.school {
            Some(school) if told.is_elsewhere(school, before.map(AsRef::as_ref)) => None,
            _ => Some(Ok(told)),
        }
    }
}

fn previous(before: &RawValue, now: &RawValue) -> Result<Map<String, Value>, Trouble> {
    if before.get() == now.get() {
        return Ok(Map::new());
    }
    let read = |body: &RawValue| serde_json::from_str::<Value>(body.get());
    Ok(previous_attributes(&read(before)?, &read(now)?))
}

impl Told {
    /// Whether neither the object nor what it was has to do with a school. What tells no schools has
    /// to do with all, and what is not known may have.
    fn is_elsewhere(&self, school: &str, before: Option<&RawValue>) -> bool {
        let elsewhere = |body: &RawValue| {
            let told = schools(self.event.kind, body);
            !told.is_empty() && !told.iter().any(|it| it == school)
        };
        let was_elsewhere = before.is_some_and(elsewhere);
        match &self.object {
            Object::Created(body) => elsewhere(body),
            Object::Updated(body, _) => elsewhere(body) && was_elsewhere,
            Object::Deleted(_) => was_elsewhere,
        }
    }
}

/// The schools that an object tells: itself, where it is held, where somebody is in any role.
fn schools(kind: Kind, body: &RawValue) -> Vec<String> {
    let Ok(body) = serde_json::from_str::<Value>(body.get()) else { return Vec::new() };
    let mut told = Vec::new();
    let mut tell = |value: &Value| told.extend(value.as_str().map(str::to_owned));
    if kind == Kind::School {
        tell(&body["id"]);
    }
    let roles = body["roles"].as_object().into_iter().flat_map(Map::values);
    for holder in std::iter::once(&body).chain(roles) {
        tell(&holder["school"]);
        holder["schools"].as_array().into_iter().flatten().for_each(&mut tell);
    }
    told
}
