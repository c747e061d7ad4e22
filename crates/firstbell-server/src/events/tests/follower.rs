//! Applications that follow: a full sync, page by page while things change, and every event since.

use std::collections::BTreeMap;

use firstbell_core::events::{Kind, Verb, before_all};
use firstbell_core::id::{ApplicationId, DistrictId, EventId};
use firstbell_store::testing::Dice;
use firstbell_store::{Feed, Seek, Store};
use serde_json::Value;

use super::model::{KINDS, Models, Words, print, undated};
use crate::events::Key;
use crate::events::feed::{self, Ask, Object, ToldPage};

/// The member that may be newer in a full sync.
const DATE: &str = "last_modified";

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// What an application knows of a district.
pub struct Follower {
    words: Words,
    /// Up to which event it has read; None before it began.
    last: Option<EventId>,
    /// Where its full sync is: the next kind, and after which id.
    sync: Option<(usize, Option<Key>)>,
    /// Objects as they were told.
    known: BTreeMap<(Kind, Key), Value>,
    pub told: u64,
}

impl Follower {
    pub fn new(words: Words) -> Self {
        Self { words, last: None, sync: None, known: BTreeMap::new(), told: 0 }
    }

    fn ask(&self, application: ApplicationId, district: DistrictId) -> Ask<Words> {
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_in(self.words.family));
        let types = kinds.flat_map(|kind| Verb::ALL.map(|verb| (kind, verb))).collect();
        Ask { application, district, dialect: self.words, types, school: None }
    }

    /// Remembers the newest event and begins a full sync: what it knew is nothing any more.
    pub async fn begin(&mut self, at: &Place<'_>) {
        let newest = at.page(&self.ask(at.application, at.district), Seek::Last, 1).await;
        let newest = newest.events.last().map(|told| told.event.id);
        self.last = Some(newest.unwrap_or_else(before_all));
        self.sync = Some((0, None));
        self.known.clear();
    }

    /// Reads a page of the full sync, or of the feed where that is done.
    pub async fn read_on(&mut self, at: &Place<'_>, dice: &mut Dice) {
        match (self.last, self.sync) {
            (None, _) => self.begin(at).await,
            (Some(_), Some((kind, after))) => self.sync_page(at, kind, after, dice).await,
            (Some(last), None) => {
                let most = 1 + usize::try_from(dice.below(7)).expect("small");
                self.feed_page(at, last, most).await;
            }
        }
    }

    /// Reads on until there is nothing more.
    pub async fn read_up(&mut self, at: &Place<'_>, dice: &mut Dice) {
        while self.last.is_none() || self.sync.is_some() {
            self.read_on(at, dice).await;
        }
        while self.feed_page(at, self.last.expect("begun"), 5).await {}
    }

    async fn sync_page(
        &mut self,
        at: &Place<'_>,
        kind: usize,
        after: Option<Key>,
        dice: &mut Dice,
    ) {
        let Some(of) = KINDS.get(kind) else {
            self.sync = None;
            return;
        };
        let now = at.feed().await.now;
        let things = at.models.at(at.district, now.version);
        let size = 1 + usize::try_from(dice.below(4)).expect("small");
        let page: Vec<_> = things
            .iter()
            .filter(|((it, id), _)| it == of && after.is_none_or(|after| *id > after))
            .take(size)
            .collect();
        for ((kind, id), thing) in &page {
            if let Some(text) = print(**thing, &now.sharing, self.words.is_wide)
                && kind.is_in(self.words.family)
            {
                self.known.insert((*kind, *id), read(&text));
            }
        }
        self.sync = Some(match page.last() {
            Some(((_, id), _)) if page.len() == size => (kind, Some(*id)),
            _ => (kind + 1, None),
        });
    }

    /// Whether there is more.
    async fn feed_page(&mut self, at: &Place<'_>, last: EventId, most: usize) -> bool {
        let ask = self.ask(at.application, at.district);
        let page = at.page(&ask, Seek::After(last.to_bytes()), most).await;
        assert!(page.events.len() <= most);
        assert!(!page.more || page.events.len() == most, "only full pages have a next one");
        for told in page.events {
            let event = told.event;
            assert!(Some(event.id) > self.last, "each event once, in order");
            self.last = Some(event.id);
            self.told += 1;
            let key = (event.kind, event.object);
            match told.object {
                Object::Created(body) => drop(self.known.insert(key, read(body.get()))),
                Object::Updated(body, previous) => {
                    let body = read(body.get());
                    self.check_previous(&body, previous.as_ref());
                    self.known.insert(key, body);
                }
                Object::Deleted(_) => drop(self.known.remove(&key)),
            }
        }
        page.more
    }

    fn check_previous(&self, body: &Value, previous: Option<&serde_json::Map<String, Value>>) {
        let tells = |previous: &serde_json::Map<_, _>| previous.keys().any(|it| it != DATE);
        assert!(previous.is_none_or(tells), "a date alone is no event: {body}");
        for (name, value) in previous.into_iter().flatten() {
            assert!(body[name] != *value, "{name} of {body} was {value}");
            assert!(name != "recent" || self.words.is_wide, "not told in these words");
        }
    }

    /// What a full sync would tell now, but for dates: those may be newer in a full sync.
    pub async fn assert_up_to_date(&mut self, at: &Place<'_>, hint: &str) {
        let now = at.feed().await.now;
        let mut expected = BTreeMap::new();
        for ((kind, id), thing) in at.models.at(at.district, now.version).iter() {
            if let Some(object) = undated(*thing, &now.sharing, self.words.is_wide)
                && kind.is_in(self.words.family)
            {
                let known = self.known.get_mut(&(*kind, *id)).and_then(Value::as_object_mut);
                let date = known.and_then(|known| known.remove(DATE));
                let newest = date.and_then(|date| date.as_u64()).unwrap_or_default();
                assert!(newest <= thing.modified.into(), "{hint}: from the future");
                expected.insert((*kind, *id), object);
            }
        }
        assert_eq!(self.known, expected, "{hint}, {:?}", self.words);
    }
}

/// Where somebody follows.
pub struct Place<'p> {
    pub store: &'p Store,
    pub models: &'p Models,
    pub application: ApplicationId,
    pub district: DistrictId,
}

impl Place<'_> {
    async fn page(&self, ask: &Ask<Words>, seek: Seek, most: usize) -> ToldPage {
        let page = feed::page(self.store, self.models, ask, seek, most).await;
        page.expect("a page").expect("it follows")
    }

    /// All events as they are stored, and what is seen now.
    pub async fn feed(&self) -> Feed {
        let types = Kind::ALL.into_iter().flat_map(|kind| Verb::ALL.map(|verb| (kind, verb)));
        let page = firstbell_store::EventPage {
            seek: Seek::First,
            most: usize::MAX,
            types: types.collect(),
        };
        let (application, district) = (self.application, self.district);
        let feed = self.store.read(move |tx| tx.district(district).events(application, &page));
        feed.await.expect("a feed").expect("it follows")
    }
}
