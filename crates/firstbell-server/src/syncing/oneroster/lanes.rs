//! Rosters that are fetched by themselves: several districts at a time, each for itself. A service that
//! takes its time holds up nobody but its district and others like it, and for as long as it is not known
//! for that, `FETCH_LANES.prompt` at most. A lane is for fetching alone: reading, planning and applying
//! take our own time, and have places of their own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use firstbell_core::id::DistrictId;
use firstbell_core::lanes::{self, Health, Rules};
use firstbell_core::roster::sync::{Consent, FETCH_LANES, RunState, SyncSource};
use firstbell_core::time::Timestamp;
use firstbell_store::{StoreError, Tx};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{self, JoinSet};
use tokio::time::Instant;

use super::{FetchError, Patience};
use crate::reply::fault::chain;
use crate::syncing::Syncing;
use crate::syncing::run::{RunError, Unwatched};

/// So many rosters that were fetched are planned and applied at a time.
const MOST_CARRIED_OUT: usize = 2;

/// The fetches that are under way; dropped, they end where they are.
#[derive(Debug)]
pub struct Lanes {
    patience: Patience,
    shared: Shared,
    tasks: JoinSet<()>,
    under_way: HashMap<task::Id, DistrictId>,
}

/// What the fetches share.
#[derive(Debug, Clone)]
struct Shared {
    lanes: Arc<Mutex<lanes::Lanes<DistrictId>>>,
    places: Arc<Semaphore>,
    freed: Arc<Notify>,
}

impl Shared {
    fn lanes(&self) -> MutexGuard<'_, lanes::Lanes<DistrictId>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A roster that is due.
struct DueFetch {
    district: DistrictId,
    every: Duration,
    health: Health,
}

impl Lanes {
    /// Lanes for services that are borne with so long.
    pub fn new(patience: Patience) -> Self {
        let rules = Rules { prompt: patience.prompt, ..FETCH_LANES };
        let shared = Shared {
            lanes: Arc::new(Mutex::new(lanes::Lanes::new(rules))),
            places: Arc::new(Semaphore::new(MOST_CARRIED_OUT)),
            freed: Arc::default(),
        };
        Self { patience, shared, tasks: JoinSet::new(), under_way: HashMap::new() }
    }

    /// Begins to fetch those rosters that are due and that there are lanes for, and waits for none of
    /// them. The others come when this is called again: once a lane is [`Lanes::freed`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fetch_due(&mut self, syncing: &Syncing) -> Result<(), StoreError> {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
            self.under_way.remove(&id);
        }
        let now = syncing.clock.now();
        let mut due = syncing.store.read(move |tx| due(tx, now)).await?;
        due.retain(|it| !self.under_way.values().any(|other| *other == it.district));
        self.shared.lanes().order(&mut due, |it| (0, it.district));
        for DueFetch { district, every, health } in due {
            if !self.shared.lanes().enter(district, health) {
                continue;
            }
            let lane = Lane { shared: self.shared.clone(), district, took: None };
            let task = self.tasks.spawn(fetch(syncing.clone(), lane, every, self.patience));
            self.under_way.insert(task.id(), district);
        }
        Ok(())
    }

    /// Done when a lane has become free in which a service was asked.
    pub async fn freed(&self) {
        self.shared.freed.notified().await;
    }
}

/// A district's lane, which is given back when this is dropped.
struct Lane {
    shared: Shared,
    district: DistrictId,
    /// How long its service took, where it was asked.
    took: Option<Duration>,
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.shared.lanes().leave(self.district, self.took);
        // A district that another sync holds is due still: its turn is with the next beat.
        if self.took.is_some() {
            self.shared.freed.notify_one();
        }
    }
}

impl Lane {
    /// Done when the lane must be given back though not all is fetched: the service has become slow,
    /// and others that are slow have all lanes that they may have.
    async fn lost(&self, prompt: Duration) -> FetchError {
        tokio::time::sleep(prompt).await;
        let keeps_it = self.shared.lanes().overstay(self.district);
        if keeps_it { std::future::pending().await } else { FetchError::Slow }
    }
}

async fn fetch(syncing: Syncing, lane: Lane, every: Duration, patience: Patience) {
    let district = lane.district;
    match fetch_in(&syncing, lane, every, patience).await {
        Ok(None) => {}
        Ok(Some(state)) => tracing::info!(
            district.id = %district, state = state.name(),
            "a roster from a OneRoster service was synced"
        ),
        Err(error) => tracing::warn!(
            cause = chain(&error), district.id = %district,
            "a roster was not fetched from its OneRoster service"
        ),
    }
}

async fn fetch_in(
    syncing: &Syncing,
    mut lane: Lane,
    every: Duration,
    patience: Patience,
) -> Result<Option<RunState>, RunError> {
    let begun = syncing.begin_fetch(lane.district, every, patience).await?;
    let Some((run, mut client)) = begun else { return Ok(None) };
    let asked = Instant::now();
    let taken = syncing.take_fetched(&run, &mut client, lane.lost(patience.prompt)).await;
    lane.took = Some(asked.elapsed());
    let (files, places) = (taken?, Arc::clone(&lane.shared.places));
    drop(lane);

    // It is closed by nobody.
    let _place = places.acquire_owned().await.ok();
    let ended = run.carry_out(&files, Consent::NotAsked, Arc::new(Unwatched)).await?;
    Ok(Some(ended.state))
}

/// The rosters that are due, and how it went with each the last time.
fn due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<DueFetch>, StoreError> {
    let mut due = Vec::new();
    for (district, every) in tx.services_to_fetch()? {
        let newest = tx.district(district).newest_sync_from(SyncSource::OneRoster)?;
        if newest.as_ref().is_some_and(|run| !run.is_older_than(every, now)) {
            continue;
        }
        let has_failed = newest.is_some_and(|run| matches!(run.state, RunState::Failed { .. }));
        let health = if has_failed { Health::Fails } else { Health::Works };
        due.push(DueFetch { district, every, health });
    }
    Ok(due)
}
