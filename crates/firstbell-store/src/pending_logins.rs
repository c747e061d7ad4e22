//! Pending logins: begun, and waiting for their person.

use firstbell_core::id::DistrictId;
use firstbell_core::login::step::State;
use firstbell_core::login::step::{Destination, PendingLogin};
use firstbell_core::secret::SecretHash;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

macro_rules! columns {
    () => {
        "destination, application_id, redirect_uri, state, district_id, browser, began"
    };
}

queries! {
    RECORD = concat!(
        "INSERT INTO pending_logins (hash, ", columns!(), ") \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    );
    PENDING_LOGIN = concat!("SELECT ", columns!(), " FROM pending_logins WHERE hash = $1");
    SET_DISTRICT = "UPDATE pending_logins SET district_id = $1 WHERE hash = $2";
    FINISH = concat!("DELETE FROM pending_logins WHERE hash = $1 RETURNING ", columns!());
}

const APPLICATION: &str = "application";
const PORTAL: &str = "portal";

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
        let [destination, application, redirect, state] = match &login.destination {
            Destination::Portal => [PORTAL.into(), Value::Null, Value::Null, Value::Null],
            Destination::Application { application, redirect, state } => [
                APPLICATION.into(),
                (*application).into(),
                redirect.as_str().into(),
                state.as_ref().map(State::as_str).into(),
            ],
        };
        let values = [
            hash.into(),
            destination,
            application,
            redirect,
            state,
            login.district.into(),
            (&login.browser).into(),
            login.began.into(),
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
        },
        _ => return Err(StoreError::Unreadable { column: 0 }),
    };
    Ok(PendingLogin {
        destination,
        district: row.opt_id(4)?,
        browser: row.hash(5)?,
        began: row.time(6)?,
    })
}

fn state(row: &Row<'_>, column: usize) -> Result<Option<State>, StoreError> {
    let text = row.opt_text(column)?.unwrap_or_default();
    State::parse(text).map_err(|_| StoreError::Unreadable { column })
}
