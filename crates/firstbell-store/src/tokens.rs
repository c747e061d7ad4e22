//! Access tokens.

use firstbell_core::id::ApplicationId;
use firstbell_core::login::token::AccessToken;
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::codes::{GRANT_COLUMNS, grant, grant_columns};
use crate::error::StoreError;
use crate::person::{Known, Standing, counts, join_standing, standing};
use crate::queries::queries;
use crate::sessions::acting;
use crate::store::Tx;

queries! {
    RECORD = "INSERT INTO tokens \
              (hash, application_id, district_id, user_id, generation, role_id, impersonator_id, \
              impersonator_generation, impersonator_role_id, impersonated_until, issued) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    OWNER = concat!(
        "SELECT ", grant_columns!(), ", t.issued, t.revoked_at, ", standing!(), " FROM tokens t ",
        join_standing!(), " WHERE t.hash = $1 AND ", counts!()
    );
    REVOKE_OWN = "UPDATE tokens SET revoked_at = $1 \
                  WHERE hash = $2 AND application_id = $3 AND revoked_at IS NULL";
    REVOKE = "UPDATE tokens SET revoked_at = $1 WHERE hash = $2 AND revoked_at IS NULL";
}

impl Tx<'_> {
    /// Records a token that a code bought.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_token(&mut self, token: &AccessToken) -> Result<(), StoreError> {
        let [acting, acting_generation, acting_role, until] = acting(token.grant.impersonator);
        let values = [
            (&token.hash).into(),
            token.grant.application.into(),
            token.grant.district.into(),
            token.grant.user.into(),
            token.grant.generation.ends().into(),
            token.grant.role.into(),
            acting,
            acting_generation,
            acting_role,
            until,
            token.issued.into(),
        ];
        self.run(RECORD, &values).map(drop)
    }

    /// The token with this hash, good or not, and whose it is: nobody's where the district's roster
    /// has dropped them. No token where its person was signed out since. A [look](crate::Store::look) may ask this.
    ///
    /// # Errors
    /// When the database fails.
    pub fn token_owner(
        &mut self,
        hash: &SecretHash,
    ) -> Result<Option<Known<AccessToken>>, StoreError> {
        let found = self.one(OWNER, &[hash.into()], |row| {
            Ok((token(row, hash)?, Standing::read(row, GRANT_COLUMNS + 2)?))
        })?;
        let Some((token, standing)) = found else { return Ok(None) };
        let user = self.person_of(token.grant.district, token.grant.user, standing)?;
        Ok(Some(Known { proof: token, user, settings_version: standing.settings_version }))
    }

    /// Revokes a token if it is this application's; false where it is not, or was revoked before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_own_token(
        &mut self,
        hash: &SecretHash,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.run(REVOKE_OWN, &[now.into(), hash.into(), application.into()])? == 1)
    }

    /// Revokes a token; false where there is none or it was revoked before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn revoke_token(&mut self, hash: &SecretHash, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(REVOKE, &[now.into(), hash.into()])? == 1)
    }
}

fn token(row: &Row<'_>, hash: &SecretHash) -> Result<AccessToken, StoreError> {
    Ok(AccessToken {
        hash: *hash,
        grant: grant(row)?,
        issued: row.time(GRANT_COLUMNS)?,
        revoked: row.opt_time(GRANT_COLUMNS + 1)?,
    })
}
