//! Telling applications that there are new events (`docs/decisions/0012-webhooks.md`). Messages wait
//! in the database since the transaction that told the events; every node takes those that are due,
//! one at a time by its lease, and sends them beside everything else that it does. Whoever answers
//! slowly holds up nobody but themselves: a receiver has [`LANES`].

pub mod sender;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use firstbell_core::id::{ApplicationId, DeliveryId};
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::{self, Answer, Verdict, judge, message_id, reach};
use firstbell_protocol::webhook::{Message, Notice, WebhookSecret};
use firstbell_store::{Attempt, SealedSecrets, StoreError};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::app::App;
use crate::entropy::Entropy;
use crate::reply::fault::chain;
use crate::sealing::{SealingKey, Unopened};
use sender::{Letter, Sender};

/// How many messages a node sends to one receiver at a time.
pub const LANES: u32 = 4;

/// How many it sends at a time in all.
const MOST_UNDER_WAY: usize = 32;

/// How often it is asked whether anything is to be sent.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// A webhook's secret opens for its application alone.
fn purpose(application: ApplicationId) -> String {
    format!("webhook secret {application}")
}

/// A new secret's bytes as the database keeps them.
///
/// # Errors
/// [`Unopened`] when the cryptographic library fails.
pub fn seal(
    sealing: &SealingKey,
    application: ApplicationId,
    secret: &WebhookSecret,
) -> Result<Vec<u8>, Unopened> {
    sealing.seal(&purpose(application), secret.expose_bytes().to_vec())
}

/// The secrets with which messages are signed.
///
/// # Errors
/// [`Unopened`] where they were sealed under another key, or are none.
pub fn open(
    sealing: &SealingKey,
    application: ApplicationId,
    sealed: &SealedSecrets,
) -> Result<Vec<WebhookSecret>, Unopened> {
    let open = |sealed: &Vec<u8>| {
        let bytes = sealing.open(&purpose(application), sealed)?;
        WebhookSecret::from_bytes(bytes).map_err(|_| Unopened)
    };
    sealed.0.iter().map(open).collect()
}

/// Seconds since 1970, as a message says when it is sent.
pub fn seconds(now: Timestamp) -> i64 {
    now.milliseconds().div_euclid(1000)
}

/// Sends what is due.
pub struct Courier {
    app: App,
    sender: Sender,
}

/// Messages that this node sends now.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<()>,
    receivers: HashMap<tokio::task::Id, ApplicationId>,
}

impl UnderWay {
    fn has_room_for(&self, receiver: ApplicationId) -> bool {
        let theirs = self.receivers.values().filter(|it| **it == receiver).count();
        self.tasks.len() < MOST_UNDER_WAY && theirs < LANES as usize
    }

    fn begin(
        &mut self,
        receiver: ApplicationId,
        sending: impl Future<Output = ()> + Send + 'static,
    ) {
        let task = self.tasks.spawn(sending);
        self.receivers.insert(task.id(), receiver);
    }

    /// Waits until one is done; whether there was one.
    async fn one_is_done(&mut self) -> bool {
        match self.tasks.join_next_with_id().await {
            Some(Ok((id, ()))) => self.receivers.remove(&id).is_some(),
            Some(Err(error)) => {
                tracing::error!(%error, "a message to a webhook was not sent to its end");
                self.receivers.remove(&error.id()).is_some()
            }
            None => false,
        }
    }
}

impl Courier {
    /// Sends what is due for this application of ours with that sender.
    #[must_use]
    pub fn new(app: App, sender: Sender) -> Arc<Self> {
        Arc::new(Self { app, sender })
    }

    /// Sends what is due, for ever.
    pub async fn run(self: Arc<Self>) {
        let mut under_way = UnderWay::default();
        let mut beat = tokio::time::interval(ASKED_EVERY);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beat.tick() => {}
                true = under_way.one_is_done() => continue,
            }
            if let Err(error) = self.begin_due(&mut under_way).await {
                tracing::warn!(cause = chain(&error), "no webhook is told of new events");
            }
        }
    }

    /// Sends everything that is due now, and waits for the answers.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_due(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut under_way = UnderWay::default();
        loop {
            self.begin_due(&mut under_way).await?;
            if !under_way.one_is_done().await {
                return Ok(());
            }
        }
    }

    async fn begin_due(self: &Arc<Self>, under_way: &mut UnderWay) -> Result<(), StoreError> {
        let now = self.app.now();
        let due = self.app.store().look(move |tx| tx.due_deliveries(LANES, now)).await?;
        for (id, receiver) in due {
            if under_way.has_room_for(receiver) {
                let courier = Arc::clone(self);
                under_way.begin(receiver, async move { courier.send(id).await });
            }
        }
        Ok(())
    }

    /// Sends one message, unless somebody else does.
    async fn send(&self, id: DeliveryId) {
        let now = self.app.now();
        let begun = self.app.store().write(move |tx| tx.begin_delivery(id, now)).await;
        let attempt = match begun {
            Ok(Some(attempt)) => attempt,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(cause = chain(&error), "a webhook is not told of new events");
                return;
            }
        };
        match self.ask(&attempt, now).await {
            Ok(answer) => self.record(attempt, answer).await,
            Err(error) => tracing::error!(
                application.id = %attempt.application, cause = chain(&error),
                "a message to a webhook cannot be signed"
            ),
        }
    }

    async fn ask(&self, attempt: &Attempt, now: Timestamp) -> Result<Answer, Unopened> {
        let secrets = open(self.app.sealing(), attempt.application, &attempt.secrets)?;
        let reach = match reach(&attempt.address, attempt.stage) {
            Ok(reach) => reach,
            Err(refusal) => return Ok(Answer::Refused(refusal)),
        };
        let id = message_id(attempt.id);
        let district = attempt.district.to_string();
        let body = Notice::NewEvents { district: &district }.body(&attempt.made.to_string());
        let message = Message { id: &id, sent_seconds: seconds(now), body: &body };
        let letter = Letter { address: &attempt.address, reach, message, secrets: &secrets };
        Ok(self.sender.send(letter, self.app.clock()).await)
    }

    /// What cannot be recorded is sent again: better twice than never.
    async fn record(&self, attempt: Attempt, answer: Answer) {
        let now = self.app.now();
        let verdict = judge(&answer, attempt.number, now, &mut Entropy);
        log(&attempt, &answer, verdict);
        let told = answer.to_string();
        let recorded = self
            .app
            .store()
            .write(move |tx| tx.end_delivery(&attempt, (verdict, &told), now))
            .await;
        if let Err(error) = recorded {
            tracing::warn!(cause = chain(&error), "what came of a message was not recorded");
        }
    }
}

fn log(attempt: &Attempt, answer: &Answer, verdict: Verdict) {
    let outcome = match verdict {
        Verdict::Arrived => "arrived",
        Verdict::Gone => "gone",
        Verdict::Again { .. } => "failed",
        Verdict::Dead => "dead",
    };
    metrics::counter!("firstbell_webhook_tries_total", "outcome" => outcome).increment(1);
    let (application, district) = (attempt.application, attempt.district);
    let (id, host) = (message_id(attempt.id), attempt.address.host());
    match verdict {
        Verdict::Arrived => tracing::debug!(
            application.id = %application, district.id = %district, id, host,
            "a webhook was told of new events"
        ),
        Verdict::Again { at, .. } => tracing::info!(
            application.id = %application, district.id = %district, id, host, %answer,
            again = %at, "a webhook did not take a message; it is sent again"
        ),
        Verdict::Gone | Verdict::Dead => tracing::warn!(
            application.id = %application, district.id = %district, id, host, %answer,
            "a webhook did not take a message; it is given up"
        ),
    }
}

/// Sends what is due for as long as the program runs.
pub async fn run(app: App) {
    match Sender::new(webhook::TIMEOUT) {
        Ok(sender) => Courier::new(app, sender).run().await,
        Err(error) => tracing::error!(cause = chain(&error), "no webhook is told of anything"),
    }
}
