//! The worker: takes the steps that lie before the cursors of those who follow, one a cursor and
//! round, so that nobody waits for the district with the most to tell.

use std::pin::pin;
use std::time::Duration;

use firstbell_core::events::following_id;
use firstbell_core::id::{ApplicationId, DistrictId, EventId};
use firstbell_core::secret::Random;
use firstbell_core::time::Timestamp;
use firstbell_store::{EventError, EventStep, NewEvent, Store, StoreError, Tx};

use super::difference::{Difference, Found};
use super::{Objects, State, Trouble};
use crate::clock::Clock;
use crate::reply::fault::chain;

/// So many events are written in one piece.
pub const PIECE: usize = 500;

/// The lease is renewed this often where there is nothing to write, also while something is looked for:
/// where little is seen, many pages are read until there is an object.
const RENEWED_AFTER: Duration = Duration::from_secs(5);

/// So many events of a killed step are deleted in one piece.
const UNDONE_AT_ONCE: u32 = 2000;

/// Walks on.
pub struct Walker<'w, O> {
    /// Where cursors and events are.
    pub store: &'w Store,
    /// What applications see.
    pub objects: &'w O,
    /// Tells the time.
    pub clock: &'w Clock,
    /// How many events are written in one piece: [`PIECE`].
    pub piece: usize,
}

impl<O: Objects> Walker<'_, O> {
    /// Takes one step for everybody who has one before them, and says how many events are told now.
    /// None where nobody had. A step that fails is tried again in the next round.
    ///
    /// # Errors
    /// When it cannot be found out who has.
    pub async fn round(&self, random: &mut dyn Random) -> Result<Option<u64>, StoreError> {
        if self.store.look(followers_wait).await? {
            self.store.write(begin_following).await?;
        }
        let now = self.clock.now();
        let due = self.store.look(move |tx| tx.due_followers(now)).await?;
        let mut told = None;
        for (application, district) in due {
            match self.step(application, district, random).await {
                Ok(Some(count)) => told = Some(told.unwrap_or(0) + count),
                Ok(None) | Err(Trouble::Event(EventError::LeaseLost)) => {}
                Err(error) => tracing::warn!(
                    application.id = %application, district.id = %district,
                    cause = chain(&error), "events could not be made"
                ),
            }
        }
        Ok(told)
    }

    /// Takes the next step of a cursor; None where there is none, or somebody else takes it.
    async fn step(
        &self,
        application: ApplicationId,
        district: DistrictId,
        random: &mut dyn Random,
    ) -> Result<Option<u64>, Trouble> {
        let now = self.clock.now();
        let begin = self.store.write(move |tx| tx.begin_event_step(application, district, now));
        let Some(step) = begin.await? else { return Ok(None) };
        let taken = self.take(&step, random).await;
        if taken.is_err() {
            let step = step.clone();
            self.store.write(move |tx| tx.let_go_of_step(&step)).await?;
        }
        taken.map(Some)
    }

    async fn take(&self, step: &EventStep, random: &mut dyn Random) -> Result<u64, Trouble> {
        self.undo(step).await?;
        let state = |seen: &firstbell_store::Seen| State {
            application: step.application,
            district: step.district,
            seen: seen.clone(),
        };
        let (before, after) = (state(&step.before), state(&step.after));
        let mut difference = Difference::between(self.objects, &before, &after);
        let mut pieces = Pieces::of(step, self.clock.now());
        while let Some(found) = self.look(&mut difference, &mut pieces).await? {
            let now = self.clock.now();
            if let Found::Changed(change) = found {
                let id = following_id(pieces.last, now, random);
                pieces.last = id;
                let (kind, verb, object) = (change.kind, change.verb, change.object);
                pieces.waiting.push(NewEvent { id, kind, verb, object });
            }
            let is_stale = now.since(pieces.written) >= RENEWED_AFTER;
            if pieces.waiting.len() >= self.piece || is_stale {
                self.write(&mut pieces).await?;
            }
        }
        self.write(&mut pieces).await?;
        let (step, last, now) = (step.clone(), pieces.last, self.clock.now());
        self.store.write(move |tx| tx.tell_events(&step, last, now)).await?;
        Ok(pieces.count)
    }

    /// Looks at the next object, however long that takes.
    async fn look(
        &self,
        difference: &mut Difference<'_, O>,
        pieces: &mut Pieces<'_>,
    ) -> Result<Option<Found>, Trouble> {
        let mut looking = pin!(difference.look());
        loop {
            match tokio::time::timeout(RENEWED_AFTER, &mut looking).await {
                Ok(found) => return found,
                Err(_) => self.write(pieces).await?,
            }
        }
    }

    /// Deletes what a killed step has left.
    async fn undo(&self, step: &EventStep) -> Result<(), EventError> {
        loop {
            let (step, now) = (step.clone(), self.clock.now());
            let undo = move |tx: &mut Tx<'_>| tx.undo_event_steps(&step, UNDONE_AT_ONCE, now);
            if self.store.write(undo).await? < u64::from(UNDONE_AT_ONCE) {
                return Ok(());
            }
        }
    }

    /// Stages what waits, and renews the lease.
    async fn write(&self, pieces: &mut Pieces<'_>) -> Result<(), EventError> {
        let (step, now) = (pieces.step.clone(), self.clock.now());
        let events = std::mem::take(&mut pieces.waiting);
        pieces.count += events.len() as u64;
        pieces.written = now;
        self.store.write(move |tx| tx.stage_events(&step, &events, now)).await
    }
}

fn followers_wait(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    tx.followers_wait()
}

fn begin_following(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.begin_following()
}

/// The events of a step on their way.
struct Pieces<'s> {
    step: &'s EventStep,
    last: EventId,
    waiting: Vec<NewEvent>,
    count: u64,
    written: Timestamp,
}

impl<'s> Pieces<'s> {
    fn of(step: &'s EventStep, now: Timestamp) -> Self {
        Self { step, last: step.last, waiting: Vec::new(), count: 0, written: now }
    }
}
