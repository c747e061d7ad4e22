//! Rosters that are fetched by themselves: several districts at a time, each for itself, so that a
//! service that takes its time holds up nobody but its district.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use firstbell_core::id::DistrictId;
use firstbell_store::{StoreError, Tx};
use tokio::sync::Semaphore;
use tokio::task::{self, JoinSet};

use super::Patience;
use crate::reply::fault::chain;
use crate::syncing::Syncing;

/// So many districts' rosters are fetched at a time.
const MOST_AT_A_TIME: usize = 4;

/// The fetches that are under way; dropped, they end where they are.
#[derive(Debug)]
pub struct Lanes {
    free: Arc<Semaphore>,
    tasks: JoinSet<()>,
    under_way: HashMap<task::Id, DistrictId>,
}

impl Default for Lanes {
    fn default() -> Self {
        let free = Arc::new(Semaphore::new(MOST_AT_A_TIME));
        Self { free, tasks: JoinSet::new(), under_way: HashMap::new() }
    }
}

impl Lanes {
    /// Begins to fetch all rosters that are due, as soon as there is a lane for them, and waits for
    /// none of them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fetch_due(
        &mut self,
        syncing: &Syncing,
        patience: Patience,
    ) -> Result<(), StoreError> {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
            self.under_way.remove(&id);
        }
        for (district, every) in syncing.store.read(to_fetch).await? {
            if self.under_way.values().any(|other| *other == district) {
                continue;
            }
            let (free, syncing) = (Arc::clone(&self.free), syncing.clone());
            let task = self.tasks.spawn(async move {
                let Ok(_lane) = free.acquire_owned().await else { return };
                fetch(&syncing, district, every, patience).await;
            });
            self.under_way.insert(task.id(), district);
        }
        Ok(())
    }
}

async fn fetch(syncing: &Syncing, district: DistrictId, every: Duration, patience: Patience) {
    match syncing.fetch_if_due(district, every, patience).await {
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

fn to_fetch(tx: &mut Tx<'_>) -> Result<Vec<(DistrictId, Duration)>, StoreError> {
    tx.services_to_fetch()
}
