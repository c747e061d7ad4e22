//! Applications' webhooks, and the messages on their way there (`docs/decisions/0012-webhooks.md`):
//!
//! 1. The transaction that tells events makes a message, or finds one that was never tried and says
//!    the same ([`Tx::note_news`] in `deliveries.rs`).
//! 2. Who sends it takes its lease ([`Tx::begin_delivery`]) and says what came of it
//!    ([`Tx::end_delivery`]). Who dies between the two is followed by another, with the same id.

mod attempt;
mod deliveries;

pub use attempt::{Attempt, DueDelivery};
pub use deliveries::BroughtBack;

#[cfg(feature = "testing")]
pub(crate) use {attempt::QUERIES as ATTEMPT, deliveries::QUERIES as DELIVERIES};

use std::fmt;

use firstbell_core::application::WebAddress;
use firstbell_core::id::ApplicationId;
use firstbell_core::time::Timestamp;
use firstbell_core::webhook::Webhook;

use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    ONE = "SELECT url, since, old_until, turned_off, failing_since, quiet_until, sealed_secret, \
           old_sealed_secret FROM webhooks WHERE application_id = $1";
    ADD = "INSERT INTO webhooks (application_id, url, sealed_secret, since, quiet_until) \
           VALUES ($1, $2, $3, $4, 0)";
    MOVE = "UPDATE webhooks SET url = $1, turned_off = NULL, failing_since = NULL, \
            quiet_until = 0 WHERE application_id = $2";
    // What did not arrive at one address says nothing of another, which is told now.
    BEGIN_ANEW = "UPDATE webhook_deliveries SET news_since = made, place = 0, due = $1 \
                  WHERE application_id = $2 AND state = 'waiting'";
    ROTATE = "UPDATE webhooks SET old_sealed_secret = sealed_secret, old_until = $1, \
              sealed_secret = $2 WHERE application_id = $3";
    FORGET_DELIVERIES = "DELETE FROM webhook_deliveries WHERE application_id = $1";
    FORGET = "DELETE FROM webhooks WHERE application_id = $1";
}

/// The sealed secrets with which messages are signed, the newest first: one, or two while the
/// receiver goes over to a new one.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecrets(pub Vec<Vec<u8>>);

impl fmt::Debug for SealedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedSecrets({})", self.0.len())
    }
}

impl SealedSecrets {
    /// Those that count now, of two columns and the time until which the older one counts.
    fn read(
        row: &Row<'_>,
        [newest, older]: [usize; 2],
        old_until: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let newest = row.opt_bytes(newest)?.ok_or(StoreError::Unreadable { column: newest })?;
        let mut secrets = vec![newest.to_vec()];
        if old_until.is_some_and(|until| now < until) {
            secrets.extend(row.opt_bytes(older)?.map(<[u8]>::to_vec));
        }
        Ok(Self(secrets))
    }
}

impl Tx<'_> {
    /// The webhook of an application, and what signs its messages now.
    ///
    /// # Errors
    /// When the database fails or holds what no program of ours wrote.
    pub fn webhook(
        &mut self,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Option<(Webhook, SealedSecrets)>, StoreError> {
        self.one(ONE, &[application.into()], |row| {
            let old_secret_until = row.opt_time(2)?;
            let webhook = Webhook {
                address: row.parsed(0)?,
                since: row.time(1)?,
                old_secret_until,
                turned_off: row.opt_time(3)?,
                failing_since: row.opt_time(4)?,
                quiet_until: row.time(5)?,
            };
            Ok((webhook, SealedSecrets::read(row, [6, 7], old_secret_until, now)?))
        })
    }

    /// Gives an application a webhook, with a sealed secret.
    ///
    /// # Errors
    /// When the database fails, or the application has one.
    pub fn add_webhook(
        &mut self,
        application: ApplicationId,
        address: &WebAddress,
        sealed_secret: &[u8],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let values =
            [application.into(), address.as_str().into(), sealed_secret.into(), now.into()];
        self.run(ADD, &values).map(drop)
    }

    /// Sends messages elsewhere from now on, those that wait for another try at once; signed with the
    /// secret that there is, also where the receiver of before is gone. Whether there is a webhook.
    ///
    /// # Errors
    /// When the database fails.
    pub fn move_webhook(
        &mut self,
        application: ApplicationId,
        address: &WebAddress,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.run(BEGIN_ANEW, &[now.into(), application.into()])?;
        Ok(self.run(MOVE, &[address.as_str().into(), application.into()])? == 1)
    }

    /// Signs with a new secret from now on, and until `old_until` with the one before too; whether
    /// there is a webhook.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rotate_webhook_secret(
        &mut self,
        application: ApplicationId,
        sealed_secret: &[u8],
        old_until: Timestamp,
    ) -> Result<bool, StoreError> {
        let values = [old_until.into(), sealed_secret.into(), application.into()];
        Ok(self.run(ROTATE, &values)? == 1)
    }

    /// Takes an application's webhook away, and its messages; whether there was one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove_webhook(&mut self, application: ApplicationId) -> Result<bool, StoreError> {
        self.run(FORGET_DELIVERIES, &[application.into()])?;
        Ok(self.run(FORGET, &[application.into()])? == 1)
    }
}
