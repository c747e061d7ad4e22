//! Districts' OneRoster services.

use std::time::Duration;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::sync::{OneRosterService, OneRosterVersion};

use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::{DistrictTx, Tx};

queries! {
    SERVICE = "SELECT version, root, token_url, client_id, sealed_secret, filter, every \
               FROM oneroster_services WHERE district_id = $1";
    FETCHED_BY_THEMSELVES = "SELECT district_id, every FROM oneroster_services \
                             WHERE every IS NOT NULL ORDER BY district_id";
    FORGET = "DELETE FROM oneroster_services WHERE district_id = $1";
    SET = "INSERT INTO oneroster_services \
           (district_id, version, root, token_url, client_id, sealed_secret, filter, every) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
}

impl Tx<'_> {
    /// The districts whose services are fetched by themselves, and how often.
    ///
    /// # Errors
    /// When the database fails.
    pub fn services_to_fetch(&mut self) -> Result<Vec<(DistrictId, Duration)>, StoreError> {
        self.all(FETCHED_BY_THEMSELVES, &[], |row| {
            Ok((row.id(0)?, every(row, 1)?.unwrap_or(Duration::MAX)))
        })
    }
}

impl DistrictTx<'_, '_> {
    /// The district's service, if it has one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn oneroster_service(&mut self) -> Result<Option<OneRosterService>, StoreError> {
        self.tx.one(SERVICE, &[self.id.into()], |row| {
            let version = OneRosterVersion::named(row.text(0)?);
            Ok(OneRosterService {
                version: version.ok_or(StoreError::Unreadable { column: 0 })?,
                root: row.string(1)?,
                token_url: row.string(2)?,
                client_id: row.string(3)?,
                sealed_secret: row.opt_bytes(4)?.unwrap_or_default().to_vec(),
                filter: row.opt_string(5)?,
                every: every(row, 6)?,
            })
        })
    }

    /// Records the district's service in the place of the one before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_oneroster_service(&mut self, service: &OneRosterService) -> Result<(), StoreError> {
        self.forget_oneroster_service()?;
        let every = service.every.map(|every| i64::try_from(every.as_millis()).unwrap_or(i64::MAX));
        let values = [
            self.id.into(),
            service.version.text().into(),
            service.root.as_str().into(),
            service.token_url.as_str().into(),
            service.client_id.as_str().into(),
            service.sealed_secret.as_slice().into(),
            service.filter.as_deref().into(),
            every.into(),
        ];
        self.tx.run(SET, &values).map(drop)
    }

    /// Forgets the district's service; false where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_oneroster_service(&mut self) -> Result<bool, StoreError> {
        Ok(self.tx.run(FORGET, &[self.id.into()])? == 1)
    }
}

fn every(row: &Row<'_>, column: usize) -> Result<Option<Duration>, StoreError> {
    let every = row.opt_int(column)?.and_then(|every| u64::try_from(every).ok());
    Ok(every.map(Duration::from_millis))
}
