//! A message to a webhook is made with the events that it tells of, and sent by one node at a time.

use firstbell_core::application::WebAddress;
use firstbell_core::id::{DeliveryId, DistrictId};
use firstbell_core::lanes::Health;
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::{Delivery, LEASE, Verdict, Webhook};
use firstbell_store::{Attempt, Store};

use crate::bench::Bench;
use crate::events::{app, followed, rename, stage, step, tell, told, walk};
use crate::migrations::migrated_again_from;
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

async fn webhook(store: &Store) -> Webhook {
    let read = store.read(|tx| tx.webhook(app(), NOW)).await.expect("read");
    read.expect("a webhook").0
}

async fn due(store: &Store, now: Timestamp) -> Vec<DeliveryId> {
    let due = store.look(move |tx| tx.due_deliveries(4, now)).await.expect("an answer");
    due.into_iter().map(|it| it.id).collect()
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
    assert_eq!((attempt.district, attempt.tried.number), (district, 1));
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
    assert_eq!(follower.tried.number, 2);
    for verdict in [Verdict::Arrived, Verdict::Gone, Verdict::Dead] {
        assert!(!end(store, &slow, verdict, now).await, "{verdict:?}");
    }
    let webhook = webhook(store).await;
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

pub async fn what_one_address_answers_says_nothing_of_another(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = hooked(store).await;
    let other: WebAddress = "https://elsewhere.example/hook".parse().expect("an address");
    let again = Verdict::Again { at: later(9), quiet_until: Some(later(9)) };
    for (number, verdict) in [Verdict::Gone, again, Verdict::Dead].into_iter().enumerate() {
        rename(store, district, &roster, &format!("name {number}"), NOW).await;
        walk(store, district, 1, NOW).await;
        let [id] = due(store, NOW).await[..] else { panic!("one message") };
        let attempt = begin(store, id, NOW).await.expect("a lease");
        assert_eq!(attempt.address, address());
        let to = other.clone();
        let moving = store.write(move |tx| tx.move_webhook(app(), &to, NOW));
        assert!(moving.await.expect("moved"));

        assert!(end(store, &attempt, verdict, NOW).await, "{verdict:?} is recorded");
        let webhook = webhook(store).await;
        assert_eq!((webhook.turned_off, webhook.failing_since), (None, None), "{verdict:?}");
        assert!(webhook.quiet_until <= NOW, "{verdict:?}");
        let moved = begin(store, id, NOW).await.expect("it goes to the new address at once");
        assert_eq!((&moved.address, moved.tried.number), (&other, 1), "{verdict:?}");
        assert!(end(store, &moved, Verdict::Arrived, NOW).await);
        let back = store.write(move |tx| tx.move_webhook(app(), &address(), NOW));
        assert!(back.await.expect("moved"));
    }

    rename(store, district, &roster, "waits", NOW).await;
    walk(store, district, 1, NOW).await;
    let [id] = due(store, NOW).await[..] else { panic!("one message") };
    let attempt = begin(store, id, NOW).await.expect("a lease");
    let again_later = Verdict::Again { at: later(9), quiet_until: None };
    assert!(end(store, &attempt, again_later, NOW).await);
    assert_eq!(due(store, NOW).await, [], "it waits for another try");
    let moved = store.write(move |tx| tx.move_webhook(app(), &other, NOW)).await;
    assert!(moved.expect("moved"));
    assert_eq!(due(store, NOW).await, [id], "at the new address it is tried now");
    let attempt = begin(store, id, NOW).await.expect("a lease");
    assert!(end(store, &attempt, Verdict::Arrived, NOW).await);
    let back = store.write(move |tx| tx.move_webhook(app(), &address(), NOW)).await;
    assert!(back.expect("moved"));

    // What an address answers that is still there holds, and not of who lost the lease.
    rename(store, district, &roster, "last", NOW).await;
    walk(store, district, 1, NOW).await;
    let [id] = due(store, NOW).await[..] else { panic!("one message") };
    let slow = begin(store, id, NOW).await.expect("a lease");
    let follower = begin(store, id, NOW + LEASE).await.expect("the lease is over");
    assert!(!end(store, &slow, again, NOW + LEASE).await);
    assert!(webhook(store).await.quiet_until <= NOW, "nobody asked whoever has the lease");
    assert!(end(store, &follower, Verdict::Gone, NOW + LEASE).await);
    assert!(webhook(store).await.turned_off.is_some());
    assert_eq!(deliveries(store).await[0].state.name(), "dead");
}

/// Something happens, and the message that waits then is tried.
async fn try_news(
    (store, district, roster): (&Store, DistrictId, &Roster),
    name: &str,
    now: Timestamp,
) -> Attempt {
    rename(store, district, roster, name, now).await;
    let step = step(store, district, now).await.expect("a step");
    let last = stage(store, &step, 1, now).await.expect("staged");
    store.write(move |tx| tx.tell_events(&step, last, now)).await.expect("told");
    let [id] = due(store, now).await[..] else { panic!("one message") };
    begin(store, id, now).await.expect("a lease")
}

pub async fn news_that_were_not_told_are_inherited_until_some_arrive(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = hooked(store).await;
    let again = Verdict::Again { at: later(0), quiet_until: None };
    let names = ["one", "two", "three", "four", "five", "six"];
    let verdicts = [again, again, Verdict::Arrived, again, Verdict::Dead, again];
    let inherited = [None, Some(NOW), Some(NOW), None, Some(later(3)), None];
    for (number, name) in names.into_iter().enumerate() {
        let now = later(i64::try_from(number).expect("few"));
        let attempt = try_news((store, district, &roster), name, now).await;
        assert_eq!(attempt.tried.inherited, inherited[number], "{name}");
        assert!(end(store, &attempt, verdicts[number], now).await);
    }
}

pub async fn what_is_due_says_whether_its_receiver_fails(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = hooked(store).await;
    let again = Verdict::Again { at: NOW, quiet_until: None };
    for (verdict, health) in [(again, Health::Works), (Verdict::Arrived, Health::Fails)] {
        rename(store, district, &roster, &format!("{health:?}"), NOW).await;
        walk(store, district, 1, NOW).await;
        let due = store.look(|tx| tx.due_deliveries(4, NOW)).await.expect("an answer");
        let [one] = due[..] else { panic!("one message") };
        assert_eq!((one.application, one.place, one.health), (app(), 1, health));
        let attempt = begin(store, one.id, NOW).await.expect("a lease");
        assert!(end(store, &attempt, verdict, NOW).await);
    }
}

pub async fn a_message_of_an_older_schema_is_as_old_as_it_was(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = hooked(store).await;
    rename(store, district, &roster, "one", NOW).await;
    walk(store, district, 1, NOW).await;
    let again = migrated_again_from(&bench, "0015_news_since").await;

    let [id] = due(&again, NOW).await[..] else { panic!("one message") };
    let attempt = begin(&again, id, NOW).await.expect("a lease");
    assert_eq!(attempt.tried.inherited, None);
    let failed = Verdict::Again { at: later(1), quiet_until: None };
    assert!(end(&again, &attempt, failed, NOW).await);
    let next = try_news((&again, district, &roster), "two", later(2)).await;
    assert_eq!(next.tried.inherited, Some(NOW));
}
