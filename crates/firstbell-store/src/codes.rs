//! Authorization codes. A code is spent by one conditional statement, in the transaction that
//! records the token: of several who try at once, one succeeds.

use firstbell_core::login::code::{AuthorizationCode, CodeChallenge, Grant, Nonce, Redeemed};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::sessions::{acting, impersonator};
use crate::store::Tx;
use crate::suspensions::ended;

queries! {
    RECORD = "INSERT INTO codes \
              (hash, application_id, district_id, user_id, role_id, impersonator_id, \
              impersonator_role_id, impersonated_until, redirect_uri, issued, challenge, nonce, \
              authenticated) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    CODE = concat!(
        "SELECT t.application_id, t.district_id, t.user_id, t.role_id, t.impersonator_id, \
         t.impersonator_role_id, t.impersonated_until, t.redirect_uri, t.issued, t.redeemed_at, \
         t.token_hash, t.challenge, t.nonce, t.authenticated, ", ended!(),
        " FROM codes t WHERE t.hash = $1"
    );
    SPEND = "UPDATE codes SET redeemed_at = $1, token_hash = $2 \
             WHERE hash = $3 AND redeemed_at IS NULL";
    BURN = "UPDATE codes SET redeemed_at = $1 WHERE hash = $2 AND redeemed_at IS NULL";
}

impl Tx<'_> {
    /// Records a code that was issued.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_code(&mut self, code: &AuthorizationCode) -> Result<(), StoreError> {
        let [acting, acting_role, until] = acting(code.grant.impersonator);
        let values = [
            (&code.hash).into(),
            code.grant.application.into(),
            code.grant.district.into(),
            code.grant.user.into(),
            code.grant.role.into(),
            acting,
            acting_role,
            until,
            code.redirect_uri.as_str().into(),
            code.issued.into(),
            code.challenge.as_ref().map(|challenge| &challenge.as_bytes()[..]).into(),
            code.nonce.as_ref().map(Nonce::as_str).into(),
            code.authenticated.into(),
        ];
        self.run(RECORD, &values).map(drop)
    }

    /// The code with this hash, spent or not. A code that was burned says it was redeemed for a
    /// token whose hash is all zeros, which no token has; signing its person out has burned it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn code(&mut self, hash: &SecretHash) -> Result<Option<AuthorizationCode>, StoreError> {
        self.one(CODE, &[hash.into()], |row| code(row, hash))
    }

    /// Spends the code on a token; false where somebody was faster.
    ///
    /// # Errors
    /// When the database fails.
    pub fn spend_code(
        &mut self,
        hash: &SecretHash,
        token: &SecretHash,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        Ok(self.run(SPEND, &[now.into(), token.into(), hash.into()])? == 1)
    }

    /// Spends the code on nothing; false where it was spent already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn burn_code(&mut self, hash: &SecretHash, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.run(BURN, &[now.into(), hash.into()])? == 1)
    }
}

fn code(row: &Row<'_>, hash: &SecretHash) -> Result<AuthorizationCode, StoreError> {
    let issued = row.time(8)?;
    let ended = row.opt_time(14)?.max(row.opt_time(15)?).filter(|ended| issued <= *ended);
    let redeemed = match row.opt_time(9)?.or(ended) {
        None => None,
        Some(at) => {
            let token = row.opt_array(10)?.unwrap_or_default();
            Some(Redeemed { at, token: SecretHash::from_bytes(token) })
        }
    };
    Ok(AuthorizationCode {
        hash: *hash,
        grant: grant(row)?,
        redirect_uri: row.parsed(7)?,
        challenge: row.opt_array(11)?.map(CodeChallenge::from_bytes),
        nonce: row.opt_parsed(12)?,
        authenticated: row.time(13)?,
        issued,
        redeemed,
    })
}

/// The grant in the first seven columns.
pub(crate) fn grant(row: &Row<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        application: row.id(0)?,
        district: row.id(1)?,
        user: row.id(2)?,
        role: row.id(3)?,
        impersonator: impersonator(row, 4)?,
    })
}
