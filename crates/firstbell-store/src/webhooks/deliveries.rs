//! Messages: how they are made, shown, brought back and dropped.

use firstbell_core::id::{ApplicationId, DeliveryId, DistrictId, EventId};
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::{Delivery, DeliveryState};

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

/// The columns of a message, as [`delivery`] reads them.
macro_rules! deliveries_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, application_id, district_id, made, state, due, ended, tries, last_try, \
             last_answer FROM webhook_deliveries WHERE ",
            $condition
        )
    };
}

queries! {
    LISTENS = "SELECT since FROM webhooks WHERE application_id = $1 AND turned_off IS NULL";
    NEWS_SINCE = "SELECT MIN(news_since) FROM webhook_deliveries WHERE application_id = $1 \
                  AND district_id = $2 AND state = 'waiting' AND tries > 0";
    SUPERSEDE = "UPDATE webhook_deliveries SET state = 'superseded', ended = $1 \
                 WHERE application_id = $2 AND district_id = $3 AND state = 'waiting' \
                 AND tries > 0 AND held_until <= $1";
    // Touches a message that is there, so that nobody sends it before this transaction ends and the
    // news can be read.
    MAKE = "INSERT INTO webhook_deliveries \
            (id, application_id, district_id, made, state, due, tries, place, held_until, \
            news_since) VALUES ($1, $2, $3, $4, 'waiting', $4, 0, 0, 0, $5) \
            ON CONFLICT (application_id, district_id) WHERE state = 'waiting' AND tries = 0 \
            DO UPDATE SET due = webhook_deliveries.due";
    DROP = "DELETE FROM webhook_deliveries \
            WHERE application_id = $1 AND district_id = $2 AND state = 'waiting'";
    NEWEST = deliveries_where!("application_id = $1 ORDER BY made DESC, id DESC LIMIT $2");
    NEWEST_DEAD = deliveries_where!(
        "application_id = $1 AND state = 'dead' ORDER BY made DESC, id DESC LIMIT $2"
    );
    ONE = deliveries_where!("application_id = $1 AND id = $2");
    UNTRIED = "SELECT id FROM webhook_deliveries WHERE application_id = $1 AND district_id = $2 \
               AND state = 'waiting' AND tries = 0";
    BRING_BACK = "UPDATE webhook_deliveries SET state = 'waiting', ended = NULL, due = $1, \
                  news_since = $1, place = 0, held_until = 0 WHERE id = $2 AND state = 'dead'";
}

/// Whether a message that was given up is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroughtBack {
    /// It is, from now on.
    Waits,
    /// One that was never tried says the same.
    SaidByAnother(DeliveryId),
    /// It was not given up: it stands like this.
    IsNotDead(DeliveryState),
    /// The application has no such message.
    Unknown,
}

impl Tx<'_> {
    /// Makes a message that there are new events up to this one, unless there is one that was never
    /// tried. To be called in the transaction that tells them.
    pub(crate) fn note_news(
        &mut self,
        (application, district): (ApplicationId, DistrictId),
        last: EventId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.one(LISTENS, &[application.into()], |row| row.int(0))?.is_none() {
            return Ok(());
        }
        let pair: [Value<'_>; 2] = [application.into(), district.into()];
        let since = self.one(NEWS_SINCE, &pair, |row| row.opt_time(0))?.flatten().unwrap_or(now);
        self.run(SUPERSEDE, &[now.into(), application.into(), district.into()])?;
        // No two feeds have an event of the same id, nor has one of them two.
        let id = DeliveryId::from_bytes(last.to_bytes());
        let values = [id.into(), application.into(), district.into(), now.into(), since.into()];
        self.run(MAKE, &values).map(drop)
    }

    /// Forgets messages that wait, of an application that follows a district no longer.
    pub(crate) fn drop_news(
        &mut self,
        application: ApplicationId,
        district: DistrictId,
    ) -> Result<(), StoreError> {
        self.run(DROP, &[application.into(), district.into()]).map(drop)
    }

    /// The newest messages of an application, the newest first.
    ///
    /// # Errors
    /// When the database fails or holds what no program of ours wrote.
    pub fn deliveries(
        &mut self,
        application: ApplicationId,
        at_most: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.all(NEWEST, &[application.into(), i64::from(at_most).into()], delivery)
    }

    /// The newest of those that were given up.
    ///
    /// # Errors
    /// When the database fails or holds what no program of ours wrote.
    pub fn dead_deliveries(
        &mut self,
        application: ApplicationId,
        at_most: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.all(NEWEST_DEAD, &[application.into(), i64::from(at_most).into()], delivery)
    }

    /// Tries a message that was given up again, from the beginning of the schedule and with the id
    /// that it had.
    ///
    /// # Errors
    /// When the database fails.
    pub fn bring_back_delivery(
        &mut self,
        application: ApplicationId,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<BroughtBack, StoreError> {
        let found = self.one(ONE, &[application.into(), id.into()], delivery)?;
        let Some(Delivery { district, state, .. }) = found else {
            return Ok(BroughtBack::Unknown);
        };
        if !matches!(state, DeliveryState::Dead { .. }) {
            return Ok(BroughtBack::IsNotDead(state));
        }
        let pair: [Value<'_>; 2] = [application.into(), district.into()];
        if let Some(other) = self.one(UNTRIED, &pair, |row| row.id(0))? {
            return Ok(BroughtBack::SaidByAnother(other));
        }
        self.run(BRING_BACK, &[now.into(), id.into()])?;
        Ok(BroughtBack::Waits)
    }
}

fn delivery(row: &Row<'_>) -> Result<Delivery, StoreError> {
    let ended = row.opt_time(6)?;
    let state = match (row.text(4)?, ended) {
        ("waiting", None) => DeliveryState::Waiting { due: row.time(5)? },
        ("arrived", Some(at)) => DeliveryState::Arrived { at },
        ("superseded", Some(at)) => DeliveryState::Superseded { at },
        ("dead", Some(at)) => DeliveryState::Dead { at },
        _ => return Err(StoreError::Unreadable { column: 4 }),
    };
    Ok(Delivery {
        id: row.id(0)?,
        application: row.id(1)?,
        district: row.id(2)?,
        made: row.time(3)?,
        state,
        tries: count(row, 7)?,
        last_try: row.opt_time(8)?,
        last_answer: row.opt_string(9)?,
    })
}

pub(super) fn count(row: &Row<'_>, column: usize) -> Result<u32, StoreError> {
    u32::try_from(row.int(column)?).map_err(|_| StoreError::Unreadable { column })
}
