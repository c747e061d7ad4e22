//! Tokens with which applications read whole districts: their hashes and which generation of each
//! is in force. The tokens themselves are derived, never stored.

use firstbell_core::application::ConnectionState;
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::login::district_token::DistrictToken;
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    OF_APPLICATION = "SELECT id, application_id, district_id, generation, hash, created, \
                      revoked_at FROM district_tokens \
                      WHERE application_id = $1 AND revoked_at IS NULL ORDER BY id";
    NEWEST = "SELECT MAX(generation) FROM district_tokens \
              WHERE application_id = $1 AND district_id = $2";
    ADD = "INSERT INTO district_tokens \
           (id, application_id, district_id, generation, hash, created) \
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    BY_HASH = "SELECT t.id, t.application_id, t.district_id, t.generation, t.hash, t.created, \
               t.revoked_at, s.version \
               FROM district_tokens t JOIN settings s ON s.one = 1 WHERE t.hash = $1";
    REVOKE_OWN = "UPDATE district_tokens SET revoked_at = $1 \
                  WHERE hash = $2 AND application_id = $3 AND revoked_at IS NULL";
    END = "UPDATE district_tokens SET revoked_at = created \
           WHERE application_id = $1 AND district_id = $2 AND revoked_at IS NULL";
    REVOKE = "UPDATE district_tokens SET revoked_at = $1 \
              WHERE application_id = $2 AND district_id = $3 AND revoked_at IS NULL";
}

impl Tx<'_> {
    /// The tokens of an application that are in force, in the order of their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub fn district_tokens(
        &mut self,
        application: ApplicationId,
    ) -> Result<Vec<DistrictToken>, StoreError> {
        self.all(OF_APPLICATION, &[application.into()], token)
    }

    /// The number of the newest token that an application ever had in a district.
    ///
    /// # Errors
    /// When the database fails.
    pub fn newest_district_token(
        &mut self,
        application: ApplicationId,
        district: DistrictId,
    ) -> Result<Option<i64>, StoreError> {
        let values = [application.into(), district.into()];
        Ok(self.one(NEWEST, &values, |row| row.opt_int(0))?.flatten())
    }

    /// Records a token; false where another is in force, or it was recorded already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_district_token(&mut self, token: &DistrictToken) -> Result<bool, StoreError> {
        let values = [
            token.id.into(),
            token.application.into(),
            token.district.into(),
            token.generation.into(),
            (&token.hash).into(),
            token.created.into(),
        ];
        Ok(self.run(ADD, &values)? == 1)
    }

    /// The token with this hash, good or not, and the version of the settings at that moment. A
    /// [look](crate::Store::look) may ask this.
    ///
    /// # Errors
    /// When the database fails.
    pub fn district_token(
        &mut self,
        hash: &SecretHash,
    ) -> Result<Option<(DistrictToken, i64)>, StoreError> {
        self.one(BY_HASH, &[hash.into()], |row| Ok((token(row)?, row.int(7)?)))
    }

    /// Revokes the token with this hash if it is this application's; false where it is not, or was
    /// revoked before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_own_district_token(
        &mut self,
        hash: &SecretHash,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.run(REVOKE_OWN, &[now.into(), hash.into(), application.into()])? == 1)
    }

    /// Ends the token where a district lets an application in no longer, so that it stays ended
    /// should the district change its mind. When that was stands in the audit log.
    pub(crate) fn end_district_token(
        &mut self,
        state: ConnectionState,
        application: ApplicationId,
        district: DistrictId,
    ) -> Result<(), StoreError> {
        match state {
            ConnectionState::Active | ConnectionState::Paused => Ok(()),
            ConnectionState::Disconnected
            | ConnectionState::Blocked
            | ConnectionState::Recommended => {
                self.run(END, &[application.into(), district.into()]).map(drop)
            }
        }
    }

    /// Revokes the token of an application in a district; false where none is in force.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_district_token(
        &mut self,
        application: ApplicationId,
        district: DistrictId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.run(REVOKE, &[now.into(), application.into(), district.into()])? == 1)
    }
}

fn token(row: &Row<'_>) -> Result<DistrictToken, StoreError> {
    Ok(DistrictToken {
        id: row.id(0)?,
        application: row.id(1)?,
        district: row.id(2)?,
        generation: row.int(3)?,
        hash: row.hash(4)?,
        created: row.time(5)?,
        revoked: row.opt_time(6)?,
    })
}
