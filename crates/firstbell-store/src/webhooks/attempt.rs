//! Trying: who takes a message, and what came of it.

use firstbell_core::application::{Stage, WebAddress};
use firstbell_core::id::{ApplicationId, DeliveryId, DistrictId};
use firstbell_core::lanes::Health;
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::{LEASE, Try, Verdict};

use super::SealedSecrets;
use super::deliveries::count;
use crate::applications::named;
use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

/// Messages that may be sent now: nobody does, the district lets the application in, and the
/// receiver wants to hear of them.
macro_rules! sendable {
    ($columns:literal, $now:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM webhook_deliveries d JOIN webhooks w ON w.application_id = d.application_id \
             JOIN applications a ON a.id = d.application_id \
             JOIN connections c ON c.application_id = d.application_id \
             AND c.district_id = d.district_id \
             WHERE d.state = 'waiting' AND d.due <= ",
            $now,
            " AND d.held_until <= ",
            $now,
            " AND w.turned_off IS NULL AND w.quiet_until <= ",
            $now,
            " AND a.disabled IS NULL AND c.state = 'active'"
        )
    };
}

queries! {
    // Some of each application, and the first of each before the second of any, so that none stands in
    // the way of another.
    DUE = concat!(
        "SELECT id, application_id, place, failing_since FROM (",
        sendable!(
            "d.id AS id, d.application_id AS application_id, d.due AS due, \
             w.failing_since AS failing_since, ROW_NUMBER() OVER \
             (PARTITION BY d.application_id ORDER BY d.due, d.id) AS place",
            "$1"
        ),
        ") AS sendable WHERE place <= $2 ORDER BY place, due, id"
    );
    ONE = concat!(
        sendable!(
            "d.application_id, d.district_id, d.made, d.tries, d.place, w.url, a.stage, \
             w.old_until, w.sealed_secret, w.old_sealed_secret, d.news_since",
            "$1"
        ),
        " AND d.id = $2"
    );
    TAKE = "UPDATE webhook_deliveries SET tries = tries + 1, place = place + 1, last_try = $1, \
            held_until = $2 WHERE id = $3 AND tries = $4 AND state = 'waiting'";
    END = "UPDATE webhook_deliveries SET state = $1, ended = $2, last_answer = $3, held_until = 0 \
           WHERE id = $4 AND tries = $5 AND state = 'waiting'";
    WAIT = "UPDATE webhook_deliveries SET due = $1, last_answer = $2, held_until = 0 \
            WHERE id = $3 AND tries = $4 AND state = 'waiting'";
    // The message would go elsewhere now: nobody there has refused it.
    MOVED = "UPDATE webhook_deliveries SET due = $1, place = 0, news_since = $1, last_answer = $2, \
             held_until = 0 WHERE id = $3 AND tries = $4 AND state = 'waiting' AND EXISTS \
             (SELECT 1 FROM webhooks w WHERE w.application_id = $5 AND w.url <> $6)";
    IS_FOLLOWED = "SELECT n.id FROM webhook_deliveries n WHERE n.application_id = $1 \
                   AND n.district_id = $2 AND n.state = 'waiting' AND n.made >= $3 \
                   AND n.id <> $4 LIMIT 1";
    // What a message that has ended did not tell, no other inherits from it.
    INHERIT_NOTHING = "UPDATE webhook_deliveries SET news_since = made WHERE application_id = $1 \
                       AND district_id = $2 AND state = 'waiting' AND news_since < made";
    WORKS = "UPDATE webhooks SET failing_since = NULL \
             WHERE application_id = $1 AND url = $2 AND failing_since IS NOT NULL";
    FAILS = "UPDATE webhooks SET failing_since = $1 \
             WHERE application_id = $2 AND url = $3 AND failing_since IS NULL";
    BE_QUIET = "UPDATE webhooks SET quiet_until = $1 \
                WHERE application_id = $2 AND url = $3 AND quiet_until < $1";
    TURN_OFF = "UPDATE webhooks SET turned_off = $1 WHERE application_id = $2 AND url = $3";
    END_ALL = "UPDATE webhook_deliveries SET state = 'dead', ended = $1, held_until = 0, \
               last_answer = COALESCE(last_answer, 'not sent: the webhook was turned off') \
               WHERE application_id = $2 AND state = 'waiting'";
}

/// A message that we hold the lease of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its identifier.
    pub id: DeliveryId,
    /// Whom it is for.
    pub application: ApplicationId,
    /// Whose events are new.
    pub district: DistrictId,
    /// Since when there are.
    pub made: Timestamp,
    /// Where it goes.
    pub address: WebAddress,
    /// Where its application is in its life.
    pub stage: Stage,
    /// What it is signed with.
    pub secrets: SealedSecrets,
    /// Which try of the message this is, since it was made or brought back.
    pub tried: Try,
    tries: i64,
}

/// A message that may be sent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its identifier.
    pub id: DeliveryId,
    /// Whom it is for.
    pub application: ApplicationId,
    /// Which one it is of those for them, counted from 1.
    pub place: usize,
    /// Whether what was sent there before has arrived.
    pub health: Health,
}

impl Tx<'_> {
    /// Messages that may be sent now, up to so many of each application: the first of each before the
    /// second of any, those that wait longest first. A [look](crate::Store::look) may ask this.
    ///
    /// # Errors
    /// When the database fails.
    pub fn due_deliveries(
        &mut self,
        of_each: u32,
        now: Timestamp,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let values = [now.into(), i64::from(of_each).into()];
        self.all(DUE, &values, |row| {
            let health = if row.opt_time(3)?.is_some() { Health::Fails } else { Health::Works };
            let place = usize::try_from(row.int(2)?).unwrap_or(usize::MAX);
            Ok(DueDelivery { id: row.id(0)?, application: row.id(1)?, place, health })
        })
    }

    /// Takes the lease of a message, to send it; none where somebody else does, or it is not to be
    /// sent any longer. Who has not said within [`LEASE`] what came of it has died.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_delivery(
        &mut self,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<Option<Attempt>, StoreError> {
        let found = self.one(ONE, &[now.into(), id.into()], |row| attempt(id, row, now))?;
        let Some(attempt) = found else { return Ok(None) };
        let values = [now.into(), (now + LEASE).into(), id.into(), (attempt.tries - 1).into()];
        Ok((self.run(TAKE, &values)? == 1).then_some(attempt))
    }

    /// Records what came of a try; false, and nothing else, where the lease was lost. What an address
    /// answers says nothing of another: where messages go elsewhere by now, so does this one, from the
    /// beginning of its schedule.
    ///
    /// # Errors
    /// When the database fails.
    pub fn end_delivery(
        &mut self,
        attempt: &Attempt,
        (verdict, answer): (Verdict, &str),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let receiver = attempt.application;
        let there = |time: Timestamp| -> [Value<'_>; 3] {
            [time.into(), receiver.into(), attempt.address.as_str().into()]
        };
        if verdict == Verdict::Arrived {
            let is_ours = self.end_attempt(attempt, ("arrived", answer), now)?;
            if is_ours {
                self.inherit_nothing(attempt)?;
                self.run(WORKS, &[receiver.into(), attempt.address.as_str().into()])?;
            }
            return Ok(is_ours);
        }
        if self.goes_elsewhere(attempt, answer, now)? {
            return Ok(true);
        }
        let is_ours = match verdict {
            Verdict::Again { at, .. } => self.wait(attempt, (at, answer), now)?,
            _ => self.end_attempt(attempt, ("dead", answer), now)?,
        };
        if !is_ours {
            return Ok(false);
        }
        match verdict {
            Verdict::Arrived => {}
            Verdict::Gone => {
                if self.run(TURN_OFF, &there(now))? == 1 {
                    self.run(END_ALL, &[now.into(), receiver.into()])?;
                }
            }
            Verdict::Again { quiet_until, .. } => {
                if let Some(until) = quiet_until {
                    self.run(BE_QUIET, &there(until))?;
                }
                self.run(FAILS, &there(now))?;
            }
            Verdict::Dead => {
                self.inherit_nothing(attempt)?;
                self.run(FAILS, &there(now))?;
            }
        }
        Ok(true)
    }

    /// Sends a message to the address that is there now, if it is another.
    fn goes_elsewhere(
        &mut self,
        attempt: &Attempt,
        answer: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values: [Value<'_>; 6] = [
            now.into(),
            answer.into(),
            attempt.id.into(),
            attempt.tries.into(),
            attempt.application.into(),
            attempt.address.as_str().into(),
        ];
        Ok(self.run(MOVED, &values)? == 1)
    }

    /// Tries again at `due`, or never, where a newer message says the same.
    fn wait(
        &mut self,
        attempt: &Attempt,
        (due, answer): (Timestamp, &str),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (receiver, district) = (attempt.application, attempt.district);
        let values = [receiver.into(), district.into(), attempt.made.into(), attempt.id.into()];
        let follower: Option<DeliveryId> = self.one(IS_FOLLOWED, &values, |row| row.id(0))?;
        if follower.is_some() {
            return self.end_attempt(attempt, ("superseded", answer), now);
        }
        let values: [Value<'_>; 4] =
            [due.into(), answer.into(), attempt.id.into(), attempt.tries.into()];
        Ok(self.run(WAIT, &values)? == 1)
    }

    fn inherit_nothing(&mut self, attempt: &Attempt) -> Result<(), StoreError> {
        let values = [attempt.application.into(), attempt.district.into()];
        self.run(INHERIT_NOTHING, &values).map(drop)
    }

    fn end_attempt(
        &mut self,
        attempt: &Attempt,
        (state, answer): (&'static str, &str),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let values =
            [state.into(), now.into(), answer.into(), attempt.id.into(), attempt.tries.into()];
        Ok(self.run(END, &values)? == 1)
    }
}

fn attempt(id: DeliveryId, row: &Row<'_>, now: Timestamp) -> Result<Attempt, StoreError> {
    let old_until = row.opt_time(7)?;
    let made = row.time(2)?;
    let inherited = row.opt_time(10)?.filter(|since| *since < made);
    Ok(Attempt {
        id,
        application: row.id(0)?,
        district: row.id(1)?,
        made,
        tries: row.int(3)? + 1,
        tried: Try { number: count(row, 4)? + 1, inherited },
        address: row.parsed(5)?,
        stage: named(row, 6, &[Stage::Development, Stage::Production], Stage::name)?,
        secrets: SealedSecrets::read(row, [8, 9], old_until, now)?,
    })
}
