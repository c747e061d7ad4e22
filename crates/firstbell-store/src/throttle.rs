//! Counters of password tries, and the browsers on which a login name has succeeded.

use firstbell_core::login::throttle::{self, Counters, Tries};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::DistrictTx;

queries! {
    TRIES = "SELECT t.tries, t.last_try, s.tries, s.last_try, b.tries, b.last_try, \
             COALESCE(k.last_login, n.last_login) \
             FROM districts d \
             LEFT JOIN tries t ON t.district_id = d.id AND t.subject = $1 AND t.browser = $2 \
             LEFT JOIN strangers_tries s ON s.district_id = d.id AND s.subject = $1 \
             LEFT JOIN known_browsers k ON k.district_id = d.id AND k.subject = $1 \
             AND k.browser = $2 \
             LEFT JOIN tries b ON b.district_id = d.id AND b.subject = $3 AND b.browser = $2 \
             LEFT JOIN known_browsers n ON n.district_id = d.id AND n.subject = $3 \
             AND n.browser = $2 \
             WHERE d.id = $4";
    RECORD_TRIES = "INSERT INTO tries (district_id, subject, browser, tries, last_try) \
                    VALUES ($1, $2, $3, $4, $5) \
                    ON CONFLICT (district_id, subject, browser) \
                    DO UPDATE SET tries = excluded.tries, last_try = excluded.last_try";
    RECORD_STRANGERS_TRIES =
        "INSERT INTO strangers_tries (district_id, subject, tries, last_try) \
         VALUES ($1, $2, $3, $4) \
         ON CONFLICT (district_id, subject) \
         DO UPDATE SET tries = excluded.tries, last_try = excluded.last_try";
    FORGET_TRIES = "DELETE FROM tries WHERE district_id = $1 AND subject = $2 AND browser = $3";
    FORGET_STRANGERS_TRIES =
        "DELETE FROM strangers_tries WHERE district_id = $1 AND subject = $2 AND NOT EXISTS \
         (SELECT 1 FROM known_browsers k \
          WHERE k.district_id = $1 AND k.browser = $3 AND k.subject IN ($2, $4))";
    KNOW_BROWSER = "INSERT INTO known_browsers (district_id, subject, browser, last_login) \
                    VALUES ($1, $2, $3, $4) \
                    ON CONFLICT (district_id, subject, browser) \
                    DO UPDATE SET last_login = excluded.last_login";
}

impl DistrictTx<'_, '_> {
    /// The counters of a login name at a browser. `subject` is a hash of the login name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tries(
        &mut self,
        subject: &[u8; 32],
        browser: &SecretHash,
    ) -> Result<Counters, StoreError> {
        let all_names = throttle::subject_of_all_names(self.id);
        let values = [subject[..].into(), browser.into(), (&all_names).into(), self.id.into()];
        let found = self.tx.one(TRIES, &values, |row| {
            let is_known = row.opt_int(6)?.is_some();
            Ok(Counters {
                here: tries(row, 0)?,
                strangers: if is_known { None } else { Some(tries(row, 2)?) },
                browser: tries(row, 4)?,
            })
        })?;
        Ok(found.unwrap_or(Counters { strangers: Some(Tries::default()), ..Counters::default() }))
    }

    /// Records the counters.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_tries(
        &mut self,
        subject: &[u8; 32],
        browser: &SecretHash,
        counters: &Counters,
    ) -> Result<(), StoreError> {
        let Counters { here, strangers, browser: all } = counters;
        let district = self.id;
        let all_names = throttle::subject_of_all_names(district);
        for (subject, tries) in [(subject, here), (all_names.as_bytes(), all)] {
            let values = [
                district.into(),
                subject[..].into(),
                browser.into(),
                i64::from(tries.count).into(),
                tries.last.into(),
            ];
            self.tx.run(RECORD_TRIES, &values)?;
        }
        if let Some(tries) = strangers {
            let count = i64::from(tries.count);
            let values = [district.into(), subject[..].into(), count.into(), tries.last.into()];
            self.tx.run(RECORD_STRANGERS_TRIES, &values)?;
        }
        Ok(())
    }

    /// Takes back what was counted here: the person got in. The strangers' counter starts anew
    /// only if this browser was a stranger until now, so it comes before
    /// [`DistrictTx::know_browser`].
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_tries(
        &mut self,
        subject: &[u8; 32],
        browser: &SecretHash,
    ) -> Result<(), StoreError> {
        let all_names = throttle::subject_of_all_names(self.id);
        for subject in [subject, all_names.as_bytes()] {
            let values = [self.id.into(), subject[..].into(), browser.into()];
            self.tx.run(FORGET_TRIES, &values)?;
        }
        let all_names = &all_names;
        let values = [self.id.into(), subject[..].into(), browser.into(), all_names.into()];
        self.tx.run(FORGET_STRANGERS_TRIES, &values).map(drop)
    }

    /// Records that the login name succeeded on this browser, which is thereby no stranger to any
    /// name of the district.
    ///
    /// # Errors
    /// When the database fails.
    pub fn know_browser(
        &mut self,
        subject: &[u8; 32],
        browser: &SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let all_names = throttle::subject_of_all_names(self.id);
        for subject in [subject, all_names.as_bytes()] {
            let values = [self.id.into(), subject[..].into(), browser.into(), now.into()];
            self.tx.run(KNOW_BROWSER, &values)?;
        }
        Ok(())
    }
}

fn tries(row: &Row<'_>, at: usize) -> Result<Tries, StoreError> {
    let count = row.opt_int(at)?.unwrap_or(0);
    Ok(Tries {
        count: u32::try_from(count).map_err(|_| StoreError::Unreadable { column: at })?,
        last: row.opt_time(at + 1)?.unwrap_or_default(),
    })
}
