//! What happens in a district, at random.

use std::collections::BTreeSet;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;

use firstbell_core::application::{
    Application, Connection, ConnectionState, IdTokenAlgorithm, Sharing, Stage, Switches,
};
use firstbell_core::events::{Family, Verb};
use firstbell_core::id::{ApplicationId, DistrictId, TermId};
use firstbell_core::roster::change::RosterChange;
use firstbell_core::roster::{District, DistrictPolicy, RoleKind, Term};
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_store::testing::Dice;
use firstbell_store::{Backend, Store};

use super::follower::{Follower, Place};
use super::model::{KINDS, Models, SCHOOLS, Thing, Things, Words, print, sharing};
use crate::clock::Clock;
use crate::events::walk::Walker;

const START: i64 = 1_790_000_000_000;

type Work<'w> = Pin<Box<dyn Future<Output = ()> + 'w>>;

/// In memory where the machine has a place for that: what is durable is not the question here.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a directory")
}

pub fn new_store(folder: &Path) -> Store {
    let store = Store::open(Backend::Sqlite { path: folder.join("store.db") }).expect("a store");
    store.migrate().expect("a schema");
    store
}

/// A district and those who follow it.
pub struct History<'h> {
    seed: u64,
    place: Place<'h>,
    pub clock: Clock,
    now: Arc<AtomicI64>,
    dice: Dice,
    version: i64,
    /// What the district was like, in each version.
    things: Vec<Things>,
    state: ConnectionState,
    sharing: Sharing,
    followers: Vec<Follower>,
    /// What was there when the feed began.
    first: Things,
}

impl<'h> History<'h> {
    pub async fn new(seed: u64, store: &'h Store, models: &'h Models, mut dice: Dice) -> Self {
        let mut id = [0; 12];
        id[..8].copy_from_slice(&(seed + 1).to_be_bytes());
        let (district, application) = (DistrictId::from_bytes(id), ApplicationId::from_bytes(id));
        let now = Arc::new(AtomicI64::new(START));
        let words = |family, is_wide| Follower::new(Words { family, is_wide });
        let followers = [Family::V2, Family::V3]
            .into_iter()
            .flat_map(|family| [words(family, false), words(family, true)])
            .collect();
        let mut history = Self {
            seed,
            place: Place { store, models, application, district },
            clock: Clock::Hand(Arc::clone(&now)),
            now,
            version: 0,
            things: vec![],
            state: ConnectionState::Active,
            sharing: any_sharing(&mut dice),
            followers,
            first: Things::new(),
            dice,
        };
        history.found(seed).await;
        history
    }

    /// Makes the district and its first roster, and lets the application follow it.
    async fn found(&mut self, seed: u64) {
        let (district, application) = (self.place.district, self.place.application);
        let made = District {
            id: district,
            shortname: format!("district-{seed}").parse().expect("a shortname"),
            name: format!("District {seed}"),
            place: None,
            policy: DistrictPolicy::default(),
        };
        let reader = Application {
            id: application,
            client_id: format!("client{seed}").parse().expect("a client id"),
            secrets: vec![],
            name: "FlightSchool".into(),
            developer: None,
            website: None,
            initiate_login_uri: None,
            redirect_uris: vec![],
            user_types: vec![RoleKind::Student],
            stage: Stage::Development,
            tier: AccessTier::SecureSync,
            switches: Switches::default(),
            id_token_algorithm: IdTokenAlgorithm::default(),
            disabled: None,
        };
        let now = self.clock.now();
        let record = self.place.store.write(move |tx| {
            tx.create_district(&made, now)?;
            tx.create_application(&reader, now)
        });
        record.await.expect("recorded");
        self.things.push(Things::new());
        self.place.models.put(district, "0", Things::new());
        for _ in 0..2 {
            self.change_roster().await;
        }
        self.connect().await;
        self.first = self.things.last().cloned().unwrap_or_default();
        self.first_sharing_only();
    }

    /// Of what was there, only what was seen counts as told.
    fn first_sharing_only(&mut self) {
        let sharing = &self.sharing;
        self.first.retain(|_, thing| print(*thing, sharing, true).is_some());
    }

    /// Plays the history to its end, and says how many events the followers were told.
    pub async fn play(mut self) -> u64 {
        let mut asleep: Option<Work<'h>> = None;
        for _ in 0..10 + self.dice.below(20) {
            match self.dice.below(10) {
                0..=2 => self.change_roster().await,
                3 => {
                    self.sharing = any_sharing(&mut self.dice);
                    self.connect().await;
                }
                4 => self.pause_or_resume().await,
                5 => self.tick(),
                6 => {
                    // A worker that is killed, falls asleep or, with some patience, gets through.
                    let mut work = self.worker();
                    let patience = self.dice.below(12);
                    if !let_run(&mut work, patience).await {
                        asleep = (self.dice.below(2) == 0).then_some(work);
                    }
                }
                7 => {
                    if let Some(work) = &mut asleep
                        && let_run(work, self.dice.below(12)).await
                    {
                        asleep = None;
                    }
                }
                _ => self.follow().await,
            }
        }
        self.state = ConnectionState::Active;
        self.connect().await;
        let two = [self.worker(), self.worker()];
        for work in two.into_iter().chain(asleep) {
            work.await;
        }
        self.now.fetch_add(60_000, Ordering::SeqCst);
        self.worker().await;
        self.judge().await
    }

    async fn judge(mut self) -> u64 {
        self.assert_events_make_sense().await;
        let mut told = 0;
        for follower in &mut self.followers {
            follower.read_up(&self.place, &mut self.dice).await;
            follower.assert_up_to_date(&self.place, &format!("seed {}", self.seed)).await;
            told += follower.told;
        }
        self.place.models.forget(self.place.district);
        told
    }

    /// What is created was not there, what is updated or deleted was: nothing twice, nothing missing.
    async fn assert_events_make_sense(&self) {
        let feed = self.place.feed().await;
        let mut there: BTreeSet<_> = self.first.keys().copied().collect();
        for event in &feed.events {
            let key = (event.kind, event.object);
            let was_there = there.contains(&key);
            let hint = format!("seed {}, {event:?}", self.seed);
            assert_eq!(was_there, event.verb != Verb::Created, "{hint}");
            match event.verb {
                Verb::Created | Verb::Updated => there.insert(key),
                Verb::Deleted => there.remove(&key),
            };
        }
        assert!(feed.epoch.is_some(), "seed {}: everything is told", self.seed);
        assert!(feed.events.windows(2).all(|pair| pair[0].id < pair[1].id));
    }

    /// A worker that goes on until there is nothing to do.
    fn worker(&mut self) -> Work<'h> {
        let (store, models) = (self.place.store, self.place.models);
        let (clock, mut dice) = (self.clock.clone(), Dice::new(self.dice.roll()));
        Box::pin(async move {
            let walker = Walker { store, objects: models, clock: &clock, piece: 2 };
            while walker.round(&mut dice).await.expect("a round").is_some() {}
        })
    }

    pub async fn change_roster(&mut self) {
        let last = self.things.last().cloned().unwrap_or_default();
        let modified = u8::try_from(self.version + 1).expect("small");
        let dice = &mut self.dice;
        let mut things = match dice.below(5) {
            // Back to what it was some time ago, which is a change too.
            0 => {
                let at = usize::try_from(dice.below(self.things.len() as u64)).expect("small");
                let mut things = self.things.get(at).unwrap_or(&last).clone();
                for (key, thing) in &mut things {
                    let is = last.get(key).filter(|is| is.is_but_for_the_date(*thing));
                    thing.modified = is.map_or(modified, |is| is.modified);
                }
                things
            }
            _ => last,
        };
        for _ in 0..=dice.below(8) {
            let kind = KINDS[usize::try_from(dice.below(4)).expect("small")];
            let id = [u8::try_from(dice.below(6)).expect("small"); 12];
            if dice.below(4) == 0 {
                things.remove(&(kind, id));
            } else {
                things.insert((kind, id), Thing::roll(dice, modified));
            }
        }
        let planned_on = {
            let district = self.place.district;
            let read = self.place.store.read(move |tx| tx.district(district).roster_version());
            read.await.expect("a version")
        };
        self.version += 1;
        self.place.models.put(self.place.district, &self.version.to_string(), things.clone());
        self.things.push(things);
        let mut change = RosterChange::default();
        let mut id = [0; 12];
        id[..8].copy_from_slice(&self.version.to_be_bytes());
        let id = TermId::from_bytes(id);
        change.terms.added.push(Term { id, name: "T".into(), start_date: None, end_date: None });
        let now = self.clock.now();
        let applied =
            self.place.store.apply_roster(self.place.district, planned_on, change, now, |_, _| {});
        assert_eq!(applied.await.expect("applied").to_string(), self.version.to_string());
    }

    async fn connect(&self) {
        let connection = Connection {
            application: self.place.application,
            district: self.place.district,
            state: self.state,
            sharing: self.sharing.clone(),
            since: Timestamp::from_milliseconds(START),
        };
        let connecting = self.place.store.write(move |tx| tx.connect(&connection));
        connecting.await.expect("connected");
    }

    async fn pause_or_resume(&mut self) {
        self.state = match self.state {
            ConnectionState::Active if self.dice.below(3) == 0 => ConnectionState::Paused,
            _ => ConnectionState::Active,
        };
        let (application, district) = (self.place.application, self.place.district);
        let state = self.state;
        let set =
            self.place.store.write(move |tx| tx.set_connection_state(application, district, state));
        assert!(set.await.expect("set"));
    }

    /// A clock goes on, mostly; leases run out.
    fn tick(&mut self) {
        let steps = [1, 700, 31_000, -3_000, 1_500];
        let at = usize::try_from(self.dice.below(5)).expect("small");
        self.now.fetch_add(steps[at], Ordering::SeqCst);
    }

    /// One of the followers reads on; now and then it begins anew.
    async fn follow(&mut self) {
        if self.state == ConnectionState::Paused {
            return;
        }
        let at = usize::try_from(self.dice.below(self.followers.len() as u64)).expect("small");
        let follower = &mut self.followers[at];
        if self.dice.below(20) == 0 {
            follower.begin(&self.place).await;
        }
        for _ in 0..=self.dice.below(4) {
            follower.read_on(&self.place, &mut self.dice).await;
        }
    }
}

fn any_sharing(dice: &mut Dice) -> Sharing {
    let schools = (dice.below(3) > 0).then(|| {
        let all = 0..u8::try_from(SCHOOLS).expect("small");
        all.filter(|_| dice.below(2) == 0).collect()
    });
    sharing(schools, dice.below(2) == 0)
}

/// Polls so many times; whether the work is done. What it has asked of the database may still be done
/// when it is asked no more, as with a process that is killed.
async fn let_run(work: &mut Work<'_>, patience: u64) -> bool {
    let mut left = patience;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(context).map(|()| true)
    })
    .await
}
