//! A worker that looks for long at what nobody sees.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use firstbell_core::events::Kind;
use firstbell_store::testing::Dice;

use super::history::{self, History};
use super::model::Models;
use crate::clock::Clock;
use crate::events::walk::{PIECE, Walker};
use crate::events::{Bodies, Key, Objects, Page, State, Trouble};

/// So long it takes to read a page, and so many there are: longer together than a lease lasts.
const READING: Duration = Duration::from_secs(4);
const PAGES: u8 = 40;

/// Schools of which none is seen.
struct Unseen {
    clock: Clock,
    begun: AtomicUsize,
}

impl Objects for Unseen {
    type Dialect = ();

    async fn page(&self, _: &State, kind: Kind, after: Option<Key>) -> Result<Page, Trouble> {
        if kind != Kind::School {
            return Ok(Page { objects: vec![], more: None });
        }
        if after.is_none() {
            self.begun.fetch_add(1, Ordering::SeqCst);
        }
        tokio::time::sleep(READING).await;
        self.clock.advance(READING);
        let number = after.map_or(0, |[number, ..]| number) + 1;
        Ok(Page { objects: vec![], more: (number < PAGES).then_some([number; 12]) })
    }

    async fn some(&self, _: &State, _: Kind, _: &[Key], (): ()) -> Result<Bodies, Trouble> {
        Ok(Bodies::new())
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_finds_nothing_for_long_keeps_its_lease() {
    let folder = history::folder();
    let (store, models) = (history::new_store(folder.path()), Models::default());
    let mut history = History::new(1, &store, &models, Dice::new(1)).await;
    history.change_roster().await;
    let clock = history.clock.clone();
    let objects = Unseen { clock: clock.clone(), begun: AtomicUsize::new(0) };
    let walker = || Walker { store: &store, objects: &objects, clock: &clock, piece: PIECE };
    let (first, other) = (walker(), walker());
    let (dice, others) = (&mut Dice::new(2), &mut Dice::new(3));
    let looks_on = async {
        loop {
            tokio::time::sleep(READING).await;
            assert_eq!(other.round(others).await.expect("a round"), None, "the lease was lost");
        }
    };
    tokio::select! {
        biased;
        told = first.round(dice) => assert_eq!(told.expect("a round"), Some(0)),
        () = looks_on => {}
    }
    assert_eq!(objects.begun.load(Ordering::SeqCst), 2, "what was before and after, once each");
}
