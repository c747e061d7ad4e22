//! Whoever follows a feed ends where a full sync does: random histories of a district whose objects
//! are a few numbers, told by a store that is a real one, to followers of several dialects, by
//! workers that are killed, fall asleep and work side by side.

mod follower;
mod history;
mod lease;
mod model;

use firstbell_store::testing::Dice;
use history::History;
use model::Models;

/// So many histories, in so many stores: a cursor of a district that is done slows the others down.
const HISTORIES: u64 = 2000;
const IN_ONE_STORE: u64 = 100;

#[tokio::test]
async fn whoever_follows_ends_where_a_full_sync_does() {
    let (mut told, mut histories) = (0, 0..HISTORIES);
    while !histories.is_empty() {
        let folder = history::folder();
        let (store, models) = (history::new_store(folder.path()), Models::default());
        for seed in histories.by_ref().take(usize::try_from(IN_ONE_STORE).expect("small")) {
            told += History::new(seed, &store, &models, Dice::new(seed)).await.play().await;
        }
    }
    assert!(told > 20 * HISTORIES, "{told} events were told");
}
