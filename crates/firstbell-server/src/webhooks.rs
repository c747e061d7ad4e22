//! Telling applications that there are new events (`docs/decisions/0012-webhooks.md`). Messages wait
//! in the database since the transaction that told the events; every node takes those that are due,
//! one at a time by its lease, and sends them beside everything else that it does. Whoever answers
//! slowly holds up nobody but themselves: who is sent to at the same time, [`Lanes`] says.

pub mod sender;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use firstbell_core::id::{ApplicationId, DeliveryId};
use firstbell_core::lanes::Lanes;
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::{self, Answer, LANES, Verdict, judge, message_id, reach};
use firstbell_protocol::webhook::{Message, Notice, WebhookSecret};
use firstbell_store::{Attempt, DueDelivery, SealedSecrets, StoreError};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::app::App;
use crate::entropy::Entropy;
use crate::reply::fault::chain;
use crate::sealing::{SealingKey, Unopened};
use sender::{Letter, Sender};

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
    lanes: Mutex<Lanes<ApplicationId>>,
}

/// A lane to a receiver, which is given back when this is dropped.
struct Lane {
    courier: Arc<Courier>,
    receiver: ApplicationId,
    /// How long the receiver took to answer, where it was asked.
    took: Option<Duration>,
}

impl Lane {
    async fn send(mut self, id: DeliveryId) {
        self.took = self.courier.send(id).await;
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.courier.lanes().leave(self.receiver, self.took);
    }
}

impl Courier {
    /// Sends what is due for this application of ours with that sender.
    #[must_use]
    pub fn new(app: App, sender: Sender) -> Arc<Self> {
        Arc::new(Self { app, sender, lanes: Mutex::new(Lanes::new(LANES)) })
    }

    /// Sends what is due, for ever.
    pub async fn run(self: Arc<Self>) {
        let mut under_way = JoinSet::new();
        let mut beat = tokio::time::interval(ASKED_EVERY);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beat.tick() => {}
                true = one_is_done(&mut under_way) => continue,
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
        let mut under_way = JoinSet::new();
        loop {
            self.begin_due(&mut under_way).await?;
            if !one_is_done(&mut under_way).await {
                return Ok(());
            }
        }
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes<ApplicationId>> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn begin_due(self: &Arc<Self>, under_way: &mut JoinSet<()>) -> Result<(), StoreError> {
        let now = self.app.now();
        let mut due = self.app.store().look(move |tx| tx.due_deliveries(LANES.of_one, now)).await?;
        self.lanes().order(&mut due, |message| (message.place, message.application));
        for DueDelivery { id, application: receiver, health, .. } in due {
            if self.lanes().enter(receiver, health) {
                let lane = Lane { courier: Arc::clone(self), receiver, took: None };
                under_way.spawn(lane.send(id));
            }
        }
        Ok(())
    }

    /// Sends one message, unless somebody else does; how long the answer took.
    async fn send(&self, id: DeliveryId) -> Option<Duration> {
        let now = self.app.now();
        let begun = self.app.store().write(move |tx| tx.begin_delivery(id, now)).await;
        let attempt = match begun {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!(cause = chain(&error), "a webhook is not told of new events");
                return None;
            }
        };
        let asked = self.app.now();
        let answer = self.ask(&attempt, asked).await.unwrap_or_else(|error| {
            tracing::error!(
                application.id = %attempt.application, cause = chain(&error),
                "a message to a webhook cannot be signed"
            );
            Answer::Unsigned
        });
        let took = self.app.now().since(asked);
        self.record(attempt, answer).await;
        Some(took)
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
        let verdict = judge(&answer, attempt.tried, now, &mut Entropy);
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

/// Waits until one message is sent; whether there was one.
async fn one_is_done(under_way: &mut JoinSet<()>) -> bool {
    let done = under_way.join_next().await;
    if let Some(Err(error)) = &done {
        tracing::error!(%error, "a message to a webhook was not sent to its end");
    }
    done.is_some()
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
