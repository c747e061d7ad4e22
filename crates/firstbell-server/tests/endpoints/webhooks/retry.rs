//! What becomes of a message that does not arrive.

use std::time::Duration;

use firstbell_core::webhook::{LEASE, RETRIED_AFTER};
use firstbell_server::webhooks::seal;
use firstbell_store::BroughtBack;

use super::receiver::{Hooked, Receiver, Reply, hooked, secret};

const SOON: Duration = Duration::from_secs(6);
const LATER: Duration = Duration::from_hours(13);

fn failures(count: usize) -> impl Iterator<Item = Reply> {
    std::iter::repeat_with(|| Reply::Status(500)).take(count)
}

/// A message that was given up.
async fn give_up(it: &Hooked) {
    it.receiver.answer(failures(RETRIED_AFTER.len() + 1));
    it.has_news().await;
    it.send().await;
    for _ in RETRIED_AFTER {
        it.send_after(LATER).await;
    }
}

#[tokio::test]
async fn what_fails_is_sent_again_with_the_same_id_and_body() {
    for it in hooked().await {
        it.receiver.answer([Reply::Status(500), Reply::Status(404)]);
        it.has_news().await;
        it.send().await;
        assert!(it.webhook().await.failing_since.is_some());
        it.send_after(Duration::from_secs(3)).await;
        assert_eq!(it.receiver.heard().len(), 1, "not before its time");
        it.send_after(Duration::from_secs(4)).await;
        assert_eq!(it.receiver.heard().len(), 2);
        it.send_after(Duration::from_secs(200)).await;
        assert_eq!(it.receiver.heard().len(), 2, "later each time");
        it.send_after(Duration::from_secs(200)).await;
        let [first, second, third] = &it.receiver.heard()[..] else { panic!("three tries") };
        for again in [second, third] {
            assert_eq!((again.id(), &again.body), (first.id(), &first.body));
            assert_ne!(again.header("webhook-timestamp"), first.header("webhook-timestamp"));
            assert_eq!(again.place_of_signature(&it.secret), Some(0));
        }
        it.send_after(LATER).await;
        assert_eq!(it.receiver.heard().len(), 3);
        let [delivery] = &it.deliveries().await[..] else { panic!("one message") };
        assert_eq!((delivery.state.name(), delivery.tries), ("arrived", 3));
        assert_eq!(it.webhook().await.failing_since, None);
    }
}

#[tokio::test]
async fn who_dies_between_sending_and_recording_is_followed_with_the_same_id() {
    for it in hooked().await {
        it.receiver.answer([Reply::Nothing]);
        it.has_news().await;
        let sending = tokio::spawn({
            let courier = it.courier.clone();
            async move { courier.send_due().await }
        });
        it.receiver.has_heard(1).await;
        sending.abort();
        assert!(sending.await.expect_err("killed").is_cancelled());

        it.send_after(LEASE.checked_sub(Duration::from_secs(1)).unwrap()).await;
        assert_eq!(it.receiver.heard().len(), 1, "it may yet be alive");
        it.send_after(Duration::from_secs(1)).await;
        let ids = it.receiver.ids();
        assert_eq!(ids.len(), 2, "it is dead");
        assert_eq!(ids[0], ids[1]);
        assert_eq!(it.states().await, ["arrived"]);
    }
}

#[tokio::test]
async fn what_never_arrives_is_given_up_and_can_be_brought_back() {
    for it in hooked().await {
        give_up(&it).await;
        assert_eq!(it.receiver.heard().len(), 8);
        assert_eq!(it.states().await, ["dead"]);
        it.send_after(LATER).await;
        assert_eq!(it.receiver.heard().len(), 8, "given up");

        let (application, now) = (it.world.flightschool, it.world.clock.now());
        let read = it.world.store.read(move |tx| tx.dead_deliveries(application, 9)).await;
        let dead = read.expect("read")[0].clone();
        assert_eq!(dead.last_answer.as_deref(), Some("answered 500"));
        let id = dead.id;
        let bring = |of| it.world.store.write(move |tx| tx.bring_back_delivery(of, id, now));
        let other = firstbell_core::id::ApplicationId::from_bytes([0; 12]);
        assert_eq!(bring(other).await.expect("asked"), BroughtBack::Unknown);
        assert_eq!(bring(application).await.expect("asked"), BroughtBack::Waits);
        let again = bring(application).await.expect("asked");
        assert!(matches!(again, BroughtBack::IsNotDead(_)), "{again:?}");
        it.receiver.answer([Reply::Status(500)]);
        it.send().await;
        it.send_after(SOON).await;
        let ids = it.receiver.ids();
        assert_eq!(ids.len(), 10, "tried as often as a new one, if need be");
        assert!(ids.iter().all(|id| *id == ids[0]), "the same message");
        assert_eq!(it.states().await, ["arrived"]);
    }
}

#[tokio::test]
async fn what_was_given_up_stays_so_where_a_newer_one_says_the_same() {
    for it in hooked().await {
        give_up(&it).await;
        it.has_news().await;
        let [newer, dead] = &it.deliveries().await[..] else { panic!("two messages") };
        let (application, now, id) = (it.world.flightschool, it.world.clock.now(), dead.id);
        let bring = it.world.store.write(move |tx| tx.bring_back_delivery(application, id, now));
        assert_eq!(bring.await.expect("asked"), BroughtBack::SaidByAnother(newer.id));
    }
}

#[tokio::test]
async fn newer_news_take_the_place_of_what_did_not_arrive() {
    for it in hooked().await {
        it.receiver.answer([Reply::Status(500)]);
        it.has_news().await;
        it.send().await;
        it.has_news().await;
        assert_eq!(it.states().await, ["waiting", "superseded"]);
        it.send().await;
        it.send_after(LATER).await;
        let ids = it.receiver.ids();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1], "whoever has seen the first must not take this one for it");

        // The same where the news come while the first is on its way.
        it.receiver.answer([Reply::Nothing]);
        it.has_news().await;
        let sending = tokio::spawn({
            let courier = it.courier.clone();
            async move { courier.send_due().await }
        });
        it.receiver.has_heard(3).await;
        it.has_news().await;
        sending.abort();
        assert!(sending.await.expect_err("killed").is_cancelled());
        it.receiver.answer(failures(2));
        it.send_after(LEASE).await;
        let states = it.states().await;
        assert_eq!(states.iter().filter(|it| **it == "waiting").count(), 1, "{states:?}");
        it.send_after(LATER).await;
        assert_eq!(it.states().await.first(), Some(&"arrived"));
    }
}

#[tokio::test]
async fn a_receiver_that_fails_while_there_is_news_has_a_dead_letter_in_the_end() {
    for it in hooked().await {
        it.receiver.answer(failures(100));
        for hour in [0, 6, 12, 18, 24] {
            it.has_news().await;
            it.send().await;
            let states = it.states().await;
            assert!(!states.contains(&"dead"), "after {hour} hours: {states:?}");
            it.world.clock.advance(Duration::from_hours(6));
        }
        it.has_news().await;
        it.send().await;
        assert_eq!(it.states().await.first(), Some(&"dead"), "nothing arrived for thirty hours");

        it.world.clock.advance(Duration::from_hours(1));
        it.has_news().await;
        it.send().await;
        let states = it.states().await;
        assert_eq!(states.first(), Some(&"waiting"), "what comes now has its own time");
        assert_eq!(states.iter().filter(|it| **it == "dead").count(), 1, "{states:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_signed_is_tried_as_often_as_what_is_not_taken() {
    for it in hooked().await {
        let application = it.world.flightschool;
        let rotate = |sealed: Vec<u8>| {
            let now = it.world.clock.now();
            let rotate = move |tx: &mut firstbell_store::Tx<'_>| {
                tx.rotate_webhook_secret(application, &sealed, now)
            };
            it.world.store.write(rotate)
        };
        assert!(rotate(b"sealed under another key".to_vec()).await.expect("rotated"));
        it.has_news().await;
        it.send().await;
        assert!(it.webhook().await.failing_since.is_some());
        for _ in RETRIED_AFTER {
            assert_eq!(it.states().await, ["waiting"]);
            it.send_after(LATER).await;
        }
        assert!(it.receiver.heard().is_empty(), "nothing is sent without a signature");
        let [delivery] = &it.deliveries().await[..] else { panic!("one message") };
        assert_eq!((delivery.state.name(), delivery.tries), ("dead", 8));
        let answer = delivery.last_answer.as_deref().expect("an answer");
        assert!(answer.contains("secret"), "{answer}");

        let sealed = seal(it.world.app.sealing(), application, &secret(9)).expect("sealed");
        assert!(rotate(sealed).await.expect("rotated"));
        it.has_news().await;
        it.send().await;
        assert_eq!(it.receiver.heard()[0].place_of_signature(&secret(9)), Some(0));
    }
}

#[tokio::test]
async fn whoever_is_gone_is_told_nothing_more() {
    for it in hooked().await {
        it.receiver.answer([Reply::Status(410)]);
        it.has_news().await;
        it.send().await;
        assert_eq!(it.states().await, ["dead"]);
        assert!(it.webhook().await.turned_off.is_some());
        it.has_news().await;
        it.send_after(LATER).await;
        assert_eq!(it.receiver.heard().len(), 1);
        assert_eq!(it.states().await, ["dead"]);

        let (application, address) = (it.world.flightschool, it.receiver.address.parse().unwrap());
        let now = it.world.clock.now();
        let set = it.world.store.write(move |tx| tx.move_webhook(application, &address, now)).await;
        assert!(set.expect("set"), "the operator says where it is now");
        it.has_news().await;
        it.send().await;
        assert_eq!(it.receiver.heard().len(), 2);
        assert_eq!(it.receiver.heard()[1].place_of_signature(&it.secret), Some(0));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for it in hooked().await {
        let elsewhere = Receiver::open().await;
        for code in [301, 302, 307, 308] {
            it.receiver.answer([Reply::With(code, "location", elsewhere.address.clone())]);
            it.has_news().await;
            it.send().await;
            let delivery = &it.deliveries().await[0];
            assert_eq!(delivery.last_answer, Some(format!("answered {code}")));
            assert_eq!(delivery.state.name(), "waiting");
        }
        assert!(elsewhere.heard().is_empty());
    }
}

#[tokio::test]
async fn whoever_asks_to_be_left_alone_is() {
    for it in hooked().await {
        for code in [429, 503] {
            let before = it.receiver.heard().len();
            it.receiver.answer([Reply::With(code, "retry-after", "3600".into())]);
            it.has_news().await;
            it.send().await;
            it.has_news().await;
            it.send_after(Duration::from_mins(59)).await;
            assert_eq!(it.receiver.heard().len(), before + 1, "{code}");
            it.send_after(Duration::from_mins(1)).await;
            assert_eq!(it.receiver.heard().len(), before + 2, "{code}");
        }
    }
}

#[tokio::test]
async fn what_became_of_a_message_is_known_for_thirty_days() {
    for it in hooked().await {
        it.has_news().await;
        it.send().await;
        let purge = |days: u64| {
            let now = it.world.clock.now() + Duration::from_hours(24 * days);
            it.world.store.purge(now, 500)
        };
        purge(29).await.expect("purged");
        assert_eq!(it.states().await, ["arrived"]);
        assert_eq!(purge(30).await.expect("purged").deliveries, 1);
        assert!(it.deliveries().await.is_empty());
    }
}
