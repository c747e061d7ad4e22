//! A message to a webhook is made with the events that it tells of, and sent by one node at a time.

use firstbell_core::application::WebAddress;
use firstbell_core::id::{DeliveryId, DistrictId};
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::{Delivery, LEASE, Verdict};
use firstbell_store::{Attempt, Store};

use crate::bench::Bench;
use crate::events::{app, followed, rename, stage, step, tell, told, walk};
use crate::population::{NOW, Roster, later};

fn address() -> WebAddress {
    "https://app.example/hook".parse().expect("an address")
}

/// District 1, followed by an application with a webhook.
async fn hooked(store: &Store) -> (DistrictId, Roster) {
    let found = followed(store).await;
    let add = store.write(|tx| tx.add_webhook(app(), &address(), b"sealed", NOW));
    add.await.expect("a webhook");
    found
}

async fn deliveries(store: &Store) -> Vec<Delivery> {
    store.read(|tx| tx.deliveries(app(), 100)).await.expect("read")
}

async fn due(store: &Store, now: Timestamp) -> Vec<DeliveryId> {
    let due = store.look(move |tx| tx.due_deliveries(4, now)).await.expect("an answer");
    due.into_iter().map(|(id, _)| id).collect()
}

async fn begin(store: &Store, id: DeliveryId, now: Timestamp) -> Option<Attempt> {
    store.write(move |tx| tx.begin_delivery(id, now)).await.expect("an answer")
}

async fn end(store: &Store, attempt: &Attempt, verdict: Verdict, now: Timestamp) -> bool {
    let attempt = attempt.clone();
    let end = store.write(move |tx| tx.end_delivery(&attempt, (verdict, "answered"), now));
    end.await.expect("an answer")
}

pub async fn one_message_waits_and_one_node_sends_it(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = hooked(store).await;
    for (name, events) in [("one", 2), ("two", 0), ("three", 3)] {
        rename(store, district, &roster, name, NOW).await;
        walk(store, district, events, NOW).await;
    }
    let [id] = due(store, NOW).await[..] else { panic!("one message") };
    let tries = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { begin(&store, id, NOW).await })
    });
    let mut taken = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        taken.extend(one.await.expect("no panic"));
    }
    let [attempt] = &taken[..] else { panic!("{} have it", taken.len()) };
    assert_eq!((attempt.district, attempt.number), (district, 1));
    assert_eq!(attempt.secrets.0, [b"sealed"]);
    assert!(due(store, NOW).await.is_empty());
    assert!(end(store, attempt, Verdict::Arrived, NOW).await);
    assert!(!end(store, attempt, Verdict::Arrived, NOW).await, "it has been recorded");
}

pub async fn who_was_too_slow_records_nothing(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = hooked(store).await;
    rename(store, district, &roster, "one", NOW).await;
    walk(store, district, 1, NOW).await;
    let [id] = due(store, NOW).await[..] else { panic!("one message") };
    let slow = begin(store, id, NOW).await.expect("a lease");
    assert_eq!(begin(store, id, later(1)).await, None);
    let now = NOW + LEASE;
    let follower = begin(store, id, now).await.expect("the lease is over");
    assert_eq!(follower.number, 2);
    for verdict in [Verdict::Arrived, Verdict::Gone, Verdict::Dead] {
        assert!(!end(store, &slow, verdict, now).await, "{verdict:?}");
    }
    let webhook = store.read(move |tx| tx.webhook(app(), now)).await.expect("read");
    let (webhook, _) = webhook.expect("a webhook");
    assert_eq!((webhook.turned_off, webhook.failing_since), (None, None));
    assert!(end(store, &follower, Verdict::Dead, now).await);
    assert_eq!(deliveries(store).await[0].state.name(), "dead");
}

/// Whoever takes a message while events are being told either waits until they can be read, or leaves
/// them to the next message.
pub async fn news_are_never_told_by_a_message_that_went_before(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = hooked(store).await;
    for round in 0..40 {
        rename(store, district, &roster, &format!("first {round}"), NOW).await;
        walk(store, district, 1, NOW).await;
        rename(store, district, &roster, &format!("second {round}"), NOW).await;
        let step = step(store, district, NOW).await.expect("a step");
        let last = stage(store, &step, 1, NOW).await.expect("staged");
        let [id] = due(store, NOW).await[..] else { panic!("one message") };

        let telling = store.clone();
        let telling = tokio::spawn(async move { tell(&telling, &step, last).await });
        let attempt = begin(store, id, NOW).await.expect("a lease");
        let is_read = told(store, district).await.iter().any(|event| event.id == last);
        telling.await.expect("no panic").expect("told");

        let waiting = due(store, NOW).await;
        assert!(is_read || waiting.len() == 1, "round {round}: nobody tells of the second");
        assert!(end(store, &attempt, Verdict::Arrived, NOW).await);
        for id in waiting {
            let attempt = begin(store, id, NOW).await.expect("a lease");
            assert!(end(store, &attempt, Verdict::Arrived, NOW).await);
        }
    }
}
