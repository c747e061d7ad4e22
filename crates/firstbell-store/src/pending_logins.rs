//! Pending logins: begun, and waiting for their person.

use firstbell_core::id::DistrictId;
use firstbell_core::login::code::{CodeChallenge, Nonce};
use firstbell_core::login::step::{Demands, Destination, PendingLogin, ResponseKind, State};
use firstbell_core::secret::SecretHash;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

macro_rules! columns {
    () => {
        "destination, application_id, redirect_uri, state, district_id, browser, began, vouched, \
         response, confirm, return_unshared, nonce, challenge, fresh_since, hinted_id, unasked, present"
    };
}

queries! {
    RECORD = concat!(
        "INSERT INTO pending_logins (hash, ", columns!(), ") \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
    );
    PENDING_LOGIN = concat!("SELECT ", columns!(), " FROM pending_logins WHERE hash = $1");
    SET_DISTRICT = "UPDATE pending_logins SET district_id = $1 WHERE hash = $2";
    VOUCH = "UPDATE pending_logins SET vouched = $1 WHERE hash = $2";
    FINISH = concat!("DELETE FROM pending_logins WHERE hash = $1 RETURNING ", columns!());
}

const APPLICATION: &str = "application";
const PORTAL: &str = "portal";
const CODE: &str = "code";
const TOKEN: &str = "token";

impl Tx<'_> {
    /// Records that a login was begun.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_pending_login(
        &mut self,
        hash: &SecretHash,
        login: &PendingLogin,
    ) -> Result<(), StoreError> {
        let nothing = Demands::default();
        let (destination, application, redirect, state, demands) = match &login.destination {
            Destination::Portal => (PORTAL, Value::Null, Value::Null, Value::Null, &nothing),
            Destination::Application { application, redirect, state, demands } => (
                APPLICATION,
                (*application).into(),
                redirect.as_str().into(),
                state.as_ref().map(State::as_str).into(),
                demands,
            ),
        };
        let response = match demands.response {
            ResponseKind::Code => CODE,
            ResponseKind::Token => TOKEN,
        };
        let values = [
            hash.into(),
            destination.into(),
            application,
            redirect,
            state,
            login.district.into(),
            (&login.browser).into(),
            login.began.into(),
            login.vouched.as_ref().into(),
            response.into(),
            i64::from(demands.confirm).into(),
            i64::from(demands.return_unshared).into(),
            demands.nonce.as_ref().map(Nonce::as_str).into(),
            demands.challenge.as_ref().map(|challenge| &challenge.as_bytes()[..]).into(),
            demands.fresh_since.into(),
            demands.hinted.into(),
            i64::from(demands.unasked).into(),
            login.present.as_ref().into(),
        ];
        self.run(RECORD, &values).map(drop)
    }

    /// The pending login with this hash, expired or not.
    ///
    /// # Errors
    /// When the database fails.
    pub fn pending_login(&mut self, hash: &SecretHash) -> Result<Option<PendingLogin>, StoreError> {
        self.one(PENDING_LOGIN, &[hash.into()], pending_login)
    }

    /// Records which district's login page it is; whether the login is still pending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_pending_district(
        &mut self,
        hash: &SecretHash,
        district: DistrictId,
    ) -> Result<bool, StoreError> {
        Ok(self.run(SET_DISTRICT, &[district.into(), hash.into()])? > 0)
    }

    /// Records whose session was vouched for on the way of this login; whether it is still pending.
    ///
    /// # Errors
    /// When the database fails.
    pub fn vouch_for(
        &mut self,
        hash: &SecretHash,
        session: &SecretHash,
    ) -> Result<bool, StoreError> {
        Ok(self.run(VOUCH, &[session.into(), hash.into()])? > 0)
    }

    /// Takes the pending login away: of several who ask at once, one gets it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn finish_pending_login(
        &mut self,
        hash: &SecretHash,
    ) -> Result<Option<PendingLogin>, StoreError> {
        self.one(FINISH, &[hash.into()], pending_login)
    }
}

fn pending_login(row: &Row<'_>) -> Result<PendingLogin, StoreError> {
    let destination = match row.text(0)? {
        PORTAL => Destination::Portal,
        APPLICATION => Destination::Application {
            application: row.id(1)?,
            redirect: row.parsed(2)?,
            state: state(row, 3)?,
            demands: demands(row)?,
        },
        _ => return Err(StoreError::Unreadable { column: 0 }),
    };
    Ok(PendingLogin {
        destination,
        district: row.opt_id(4)?,
        browser: row.hash(5)?,
        began: row.time(6)?,
        vouched: row.opt_array(7)?.map(SecretHash::from_bytes),
        present: row.opt_array(16)?.map(SecretHash::from_bytes),
    })
}

fn demands(row: &Row<'_>) -> Result<Demands, StoreError> {
    Ok(Demands {
        response: match row.text(8)? {
            CODE => ResponseKind::Code,
            TOKEN => ResponseKind::Token,
            _ => return Err(StoreError::Unreadable { column: 8 }),
        },
        confirm: row.int(9)? != 0,
        return_unshared: row.int(10)? != 0,
        nonce: row.opt_parsed(11)?,
        challenge: row.opt_array(12)?.map(CodeChallenge::from_bytes),
        fresh_since: row.opt_time(13)?,
        hinted: row.opt_id(14)?,
        unasked: row.int(15)? != 0,
    })
}

fn state(row: &Row<'_>, column: usize) -> Result<Option<State>, StoreError> {
    let text = row.opt_text(column)?.unwrap_or_default();
    State::parse(text).map_err(|_| StoreError::Unreadable { column })
}
