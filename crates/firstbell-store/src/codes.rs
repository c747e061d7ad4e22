//! Authorization codes. A code is spent by one conditional statement, in the transaction that
//! records the token: of several who try at once, one succeeds.

use firstbell_core::login::code::{AuthorizationCode, CodeChallenge, Grant, Nonce, Redeemed};
use firstbell_core::roster::Generation;
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;

use crate::backend::Row;
use crate::error::StoreError;
use crate::person::counts;
use crate::queries::queries;
use crate::sessions::{acting, impersonator};
use crate::store::Tx;

/// The columns of a grant in a table `t`.
macro_rules! grant_columns {
    () => {
        "t.application_id, t.district_id, t.user_id, t.generation, t.role_id, t.impersonator_id, \
         t.impersonator_generation, t.impersonator_role_id, t.impersonated_until"
    };
}

/// So many.
pub(crate) const GRANT_COLUMNS: usize = 9;

pub(crate) use grant_columns;

queries! {
    RECORD = "INSERT INTO codes \
              (hash, application_id, district_id, user_id, generation, role_id, impersonator_id, \
              impersonator_generation, impersonator_role_id, impersonated_until, redirect_uri, \
              issued, challenge, nonce, authenticated) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    CODE = concat!(
        "SELECT ", grant_columns!(), ", t.redirect_uri, t.issued, t.redeemed_at, t.token_hash, \
         t.challenge, t.nonce, t.authenticated, (SELECT version FROM settings WHERE one = 1) \
         FROM codes t LEFT JOIN standings x ON x.district_id = t.district_id \
         AND x.user_id = t.user_id WHERE t.hash = $1 AND ", counts!()
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
        let [acting, acting_generation, acting_role, until] = acting(code.grant.impersonator);
        let values = [
            (&code.hash).into(),
            code.grant.application.into(),
            code.grant.district.into(),
            code.grant.user.into(),
            code.grant.generation.ends().into(),
            code.grant.role.into(),
            acting,
            acting_generation,
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

    /// The code with this hash, spent or not, and the version of the settings; none where its person
    /// was signed out since. A code that was burned says it was redeemed for a token whose hash is
    /// all zeros, which no token has.
    ///
    /// # Errors
    /// When the database fails.
    pub fn code(
        &mut self,
        hash: &SecretHash,
    ) -> Result<Option<(AuthorizationCode, i64)>, StoreError> {
        let version = GRANT_COLUMNS + 7;
        self.one(CODE, &[hash.into()], |row| Ok((code(row, hash)?, row.int(version)?)))
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
    let [redirect_uri, issued, redeemed_at, token_hash, challenge, nonce, authenticated] =
        std::array::from_fn(|column| GRANT_COLUMNS + column);
    let redeemed = match row.opt_time(redeemed_at)? {
        None => None,
        Some(at) => {
            let token = row.opt_array(token_hash)?.unwrap_or_default();
            Some(Redeemed { at, token: SecretHash::from_bytes(token) })
        }
    };
    Ok(AuthorizationCode {
        hash: *hash,
        grant: grant(row)?,
        redirect_uri: row.parsed(redirect_uri)?,
        challenge: row.opt_array(challenge)?.map(CodeChallenge::from_bytes),
        nonce: row.opt_parsed(nonce)?,
        authenticated: row.time(authenticated)?,
        issued: row.time(issued)?,
        redeemed,
    })
}

/// The grant in the columns of [`grant_columns`], which come first.
pub(crate) fn grant(row: &Row<'_>) -> Result<Grant, StoreError> {
    Ok(Grant {
        application: row.id(0)?,
        district: row.id(1)?,
        user: row.id(2)?,
        generation: Generation::after(row.int(3)?),
        role: row.id(4)?,
        impersonator: impersonator(row, 5)?,
    })
}
