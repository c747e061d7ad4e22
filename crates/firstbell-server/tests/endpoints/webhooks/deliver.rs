//! Who is told of new events, of what, and where.

use std::time::Duration;

use firstbell_core::application::{ConnectionState, Stage};
use firstbell_core::webhook::SECRET_OVERLAP;
use firstbell_server::webhooks::seal;
use serde_json::{Value, json};

use super::receiver::{Receiver, Reply, add_webhook, another_application, courier, hooked, secret};
use crate::data_api::events::{rename_a_student, tell};
use crate::data_api::roster::{everything, share};

#[tokio::test]
async fn news_are_told_once_signed_and_without_a_name() {
    for it in hooked().await {
        it.send().await;
        assert!(it.receiver.heard().is_empty(), "nothing has happened");

        let (student, before) = rename_a_student(&it.world, "Newname").await;
        it.send().await;
        let [heard] = &it.receiver.heard()[..] else { panic!("one message") };
        let said: Value = serde_json::from_str(&heard.body).unwrap();
        let told = it.deliveries().await[0].made.to_string();
        let district = it.world.district.to_string();
        let expected = json!({
            "type": "events.created", "timestamp": told, "data": { "district": district },
        });
        assert_eq!(said, expected);
        for word in ["Newname", &before, &*student.user.id.to_string()] {
            assert!(!heard.body.contains(word), "{word}");
        }
        assert_eq!(heard.header("content-type"), "application/json");
        let sent = it.world.clock.now().milliseconds() / 1000;
        assert_eq!(heard.header("webhook-timestamp"), sent.to_string());
        assert!(heard.id().starts_with("msg_"), "{}", heard.id());
        assert_eq!(heard.place_of_signature(&it.secret), Some(0));
        assert_eq!(heard.place_of_signature(&secret(8)), None);

        it.send_after(Duration::from_hours(48)).await;
        assert_eq!(it.receiver.heard().len(), 1, "it has arrived");
        assert_eq!(it.states().await, ["arrived"]);
        it.has_news().await;
        it.send().await;
        let ids = it.receiver.ids();
        assert_eq!(ids.len(), 2);
        assert_ne!(ids[0], ids[1], "other news, another message");
    }
}

#[tokio::test]
async fn news_that_come_before_a_message_is_sent_are_told_by_it() {
    for it in hooked().await {
        for _ in 0..5 {
            it.has_news().await;
        }
        it.send().await;
        assert_eq!(it.receiver.heard().len(), 1);
        // Of what happens while it is sent there is another message.
        it.receiver.answer([Reply::Nothing]);
        it.has_news().await;
        let sending = tokio::spawn({
            let courier = it.courier.clone();
            async move { courier.send_due().await }
        });
        it.receiver.has_heard(2).await;
        it.has_news().await;
        it.has_news().await;
        it.send().await;
        assert_eq!(it.receiver.heard().len(), 3);
        assert_eq!(it.states().await, ["arrived", "waiting", "arrived"]);
        sending.abort();
    }
}

#[tokio::test]
async fn nobody_hears_of_the_news_of_others() {
    for it in hooked().await {
        let mut others = Vec::new();
        for (number, is_connected) in [(1, true), (2, false)] {
            let application = another_application(&it.world, number, is_connected).await;
            let receiver = Receiver::open().await;
            let secret = add_webhook(&it.world, application, &receiver, number).await;
            others.push((receiver, secret));
        }
        it.has_news().await;
        it.send().await;
        assert_eq!(it.receiver.heard().len(), 1);
        let [(connected, secret), (stranger, _)] = &others[..] else { panic!("two") };
        let [heard] = &connected.heard()[..] else { panic!("one message") };
        assert_eq!(heard.place_of_signature(secret), Some(0));
        assert_eq!(heard.place_of_signature(&it.secret), None, "each has a secret of its own");
        assert_ne!(heard.id(), it.receiver.heard()[0].id());
        assert!(stranger.heard().is_empty());

        // Whoever is not shared the feed hears nothing, and nothing that waited.
        it.has_news().await;
        let mut without = everything();
        without.groups = [].into_iter().collect();
        share(&it.world, without).await;
        it.has_news().await;
        it.send().await;
        assert_eq!(it.receiver.heard().len(), 1);
        assert_eq!(connected.heard().len(), 2);
    }
}

#[tokio::test]
async fn a_paused_application_is_told_when_it_goes_on() {
    for it in hooked().await {
        it.has_news().await;
        let (application, district) = (it.world.flightschool, it.world.district);
        for (state, expected) in [(ConnectionState::Paused, 0), (ConnectionState::Active, 1)] {
            let change = it
                .world
                .store
                .write(move |tx| tx.set_connection_state(application, district, state));
            assert!(change.await.expect("changed"));
            it.send().await;
            assert_eq!(it.receiver.heard().len(), expected, "{state:?}");
        }
        for (is_off, expected) in [(true, 1), (false, 2)] {
            let now = it.world.clock.now();
            it.world.change_flightschool(move |it| it.disabled = is_off.then_some(now)).await;
            it.has_news().await;
            it.send().await;
            assert_eq!(it.receiver.heard().len(), expected, "off: {is_off}");
        }
    }
}

#[tokio::test]
async fn during_a_rotation_both_secrets_sign() {
    for it in hooked().await {
        let new = secret(9);
        let sealed = seal(it.world.app.sealing(), it.world.flightschool, &new).unwrap();
        let application = it.world.flightschool;
        let until = it.world.clock.now() + SECRET_OVERLAP;
        let rotate = move |tx: &mut firstbell_store::Tx<'_>| {
            tx.rotate_webhook_secret(application, &sealed, until)
        };
        assert!(it.world.store.write(rotate).await.expect("rotated"));
        it.has_news().await;
        it.send().await;
        it.world.clock.advance(SECRET_OVERLAP);
        it.has_news().await;
        it.send().await;
        let [during, after] = &it.receiver.heard()[..] else { panic!("two messages") };
        let places = |heard: &super::receiver::Heard| {
            [&new, &it.secret].map(|secret| heard.place_of_signature(secret))
        };
        assert_eq!(places(during), [Some(0), Some(1)]);
        assert_eq!(places(after), [Some(0), None]);
    }
}

#[tokio::test]
async fn an_application_in_production_is_not_told_on_this_machine() {
    for it in hooked().await {
        it.world.change_flightschool(|it| it.stage = Stage::Production).await;
        it.has_news().await;
        it.send().await;
        assert!(it.receiver.heard().is_empty());
        let [delivery] = &it.deliveries().await[..] else { panic!("one") };
        let answer = delivery.last_answer.as_deref().expect("an answer");
        assert!(answer.contains("this machine"), "{answer}");
        assert_eq!(delivery.state.name(), "waiting");
    }
}

#[tokio::test]
async fn a_slow_receiver_holds_up_nobody_else() {
    for it in hooked().await {
        let other = another_application(&it.world, 1, true).await;
        let receiver = Receiver::open().await;
        add_webhook(&it.world, other, &receiver, 1).await;
        it.receiver.answer([Reply::Nothing, Reply::Nothing]);
        it.has_news().await;
        let sending = tokio::spawn({
            let courier = it.courier.clone();
            async move { courier.send_due().await }
        });
        receiver.has_heard(1).await;
        it.receiver.has_heard(1).await;
        assert!(!sending.is_finished(), "one has not answered yet");
        it.has_news().await;
        let again = tokio::spawn({
            let courier = it.courier.clone();
            async move { courier.send_due().await }
        });
        receiver.has_heard(2).await;
        sending.abort();
        again.abort();
    }
}

#[tokio::test]
async fn many_receivers_that_fail_and_hang_hold_up_nobody_else() {
    const STUCK: u8 = 40;

    for it in hooked().await {
        let stuck = Receiver::open().await;
        for number in 1..=STUCK {
            let other = another_application(&it.world, number, true).await;
            add_webhook(&it.world, other, &stuck, number).await;
        }
        stuck.answer((0..STUCK).map(|_| Reply::Status(500)));
        it.has_news().await;
        it.send().await;
        assert_eq!(stuck.heard().len(), usize::from(STUCK), "all of them were asked");

        // From now on they do not answer at all, and what they wait for is older.
        stuck.answer((0..STUCK).map(|_| Reply::Nothing));
        let application = it.world.flightschool;
        let remove = it.world.store.write(move |tx| tx.remove_webhook(application));
        assert!(remove.await.expect("removed"));
        it.world.clock.advance(Duration::from_secs(1));
        it.has_news().await;
        it.world.clock.advance(Duration::from_secs(1));
        add_webhook(&it.world, application, &it.receiver, 7).await;
        it.has_news().await;
        let sending = tokio::spawn({
            let courier = it.courier.clone();
            async move { courier.send_due().await }
        });
        it.receiver.has_heard(2).await;
        stuck.has_heard(usize::from(STUCK) + 16).await;
        assert_eq!(stuck.heard().len(), usize::from(STUCK) + 16, "half of the lanes are theirs");
        sending.abort();
    }
}

#[tokio::test]
async fn of_two_nodes_one_sends() {
    for it in hooked().await {
        let other = courier(&it.world);
        for round in 1..10 {
            it.has_news().await;
            let (one, two) = tokio::join!(it.courier.send_due(), other.send_due());
            one.expect("sent");
            two.expect("sent");
            assert_eq!(it.receiver.heard().len(), round);
        }
    }
}

#[tokio::test]
async fn a_step_without_events_is_no_news() {
    for it in hooked().await {
        share(&it.world, everything()).await;
        tell(&it.world).await;
        it.send().await;
        assert!(it.deliveries().await.is_empty());
    }
}
