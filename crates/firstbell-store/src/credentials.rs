//! Login names and what proves them.

use firstbell_core::id::RoleId;
use firstbell_core::login::credential::{Credential, Verifier, fold_login_name};
use firstbell_core::roster::{RosterVersion, login_name};
use firstbell_core::time::Timestamp;

use crate::backend::{Kind, Row, Table, Value};
use crate::error::StoreError;
use crate::person::{details, email};
use crate::queries::queries;
use crate::store::DistrictTx;

queries! {
    CREDENTIAL = "SELECT role_id, verifier, salt, mac, phc, set_at \
                  FROM credentials WHERE district_id = $1 AND login_name = $2";
    PUT = "INSERT INTO credentials \
           (district_id, login_name, role_id, verifier, salt, mac, phc, set_at) \
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
           ON CONFLICT (district_id, login_name) DO UPDATE SET role_id = excluded.role_id, \
           verifier = excluded.verifier, salt = excluded.salt, mac = excluded.mac, \
           phc = excluded.phc, set_at = excluded.set_at, role_left_at = NULL";
    LOGIN_NAMES = "SELECT login_name, role_id FROM credentials \
                   WHERE district_id = $1 AND login_name > $2 ORDER BY login_name LIMIT $3";
    // From the names on, whatever the planner thinks of their order.
    LOGIN_NAMES_IN = "SELECT c.login_name, c.role_id, c.set_at, r.details, u.email \
                      FROM credentials c \
                      LEFT JOIN user_roles r ON r.district_id = c.district_id \
                      AND r.role_id = c.role_id AND r.since <= $1 AND r.until > $1 \
                      LEFT JOIN users u ON u.district_id = r.district_id AND u.id = r.user_id \
                      AND u.since <= $1 AND u.until > $1 \
                      WHERE c.district_id = $2 AND c.login_name > $3 \
                      ORDER BY c.login_name LIMIT $4";
    FORGET = "DELETE FROM credentials \
              WHERE district_id = $1 AND login_name = $2 AND role_id = $3";
}

/// Credentials that are provisioned in bulk: those that are there stay, but a name that the roster
/// gives to somebody else is theirs from then on, with the password that came with it.
pub(crate) const PROVISIONED_CREDENTIALS: Table = Table {
    name: "credentials",
    columns: &[
        ("district_id", Kind::Bytes),
        ("login_name", Kind::Text),
        ("role_id", Kind::Bytes),
        ("verifier", Kind::Text),
        ("salt", Kind::Bytes),
        ("mac", Kind::Bytes),
        ("phc", Kind::Text),
        ("set_at", Kind::Int),
    ],
    primary: &["district_id", "login_name"],
    key: &[],
    conflict: "ON CONFLICT (district_id, login_name) DO UPDATE SET role_id = excluded.role_id, \
               verifier = excluded.verifier, salt = excluded.salt, mac = excluded.mac, \
               phc = excluded.phc, set_at = excluded.set_at, role_left_at = NULL \
               WHERE credentials.role_id <> excluded.role_id",
};

/// A login name, and what one version of the roster says of whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginNameIn {
    /// The name, folded.
    pub name: String,
    /// Whose it is.
    pub role: RoleId,
    /// When what proves it was set.
    pub set: Timestamp,
    /// What the version says of the role.
    pub role_in: RoleIn,
}

/// What a version of the roster says of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleIn {
    /// It does not have it.
    NotThere,
    /// It has it, with this login name, folded, or with none.
    There(Option<String>),
}

const PROVISIONED: &str = "provisioned";
const ARGON2ID: &str = "argon2id";

impl DistrictTx<'_, '_> {
    /// What proves this login name, folded.
    ///
    /// # Errors
    /// When the database fails.
    pub fn credential(&mut self, folded: &str) -> Result<Option<Credential>, StoreError> {
        self.tx.one(CREDENTIAL, &[self.id.into(), folded.into()], |row| {
            Ok(Credential {
                role: row.id(0)?,
                login_name: folded.to_owned(),
                verifier: verifier(row)?,
                set: row.time(5)?,
            })
        })
    }

    /// Sets what proves a login name, whatever did until now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_credential(&mut self, credential: &Credential) -> Result<(), StoreError> {
        let values = values(self, credential);
        self.tx.run(PUT, &values).map(drop)
    }

    /// Login names that follow `after` in the order of bytes, and whose they are; at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn login_names(
        &mut self,
        after: &str,
        most: usize,
    ) -> Result<Vec<(String, RoleId)>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let values = [self.id.into(), after.into(), most.into()];
        self.tx.all(LOGIN_NAMES, &values, |row| Ok((row.string(0)?, row.id(1)?)))
    }

    /// Login names that follow `after` in the order of bytes, and what this version of the roster says
    /// of whose they are; at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub fn login_names_in(
        &mut self,
        version: RosterVersion,
        after: &str,
        most: usize,
    ) -> Result<Vec<LoginNameIn>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let values = [version.0.into(), self.id.into(), after.into(), most.into()];
        self.tx.all(LOGIN_NAMES_IN, &values, |row| {
            let role_in = if row.opt_text(3)?.is_none() {
                RoleIn::NotThere
            } else {
                let (details, email) = (details(row, 3)?, email(row, 4)?);
                RoleIn::There(login_name(&details, email.as_ref()).map(fold_login_name))
            };
            Ok(LoginNameIn { name: row.string(0)?, role: row.id(1)?, set: row.time(2)?, role_in })
        })
    }

    /// Takes a login name away from a role that has it: nobody logs in with it until it is given
    /// again. False where it is somebody else's, or nobody's.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_credential(&mut self, folded: &str, role: RoleId) -> Result<bool, StoreError> {
        Ok(self.tx.run(FORGET, &[self.id.into(), folded.into(), role.into()])? == 1)
    }

    /// Takes in those of the credentials whose login name nobody has yet, or somebody else; says
    /// how many. No name may be there twice.
    ///
    /// # Errors
    /// When the database fails.
    pub fn provision_credentials(
        &mut self,
        credentials: &[Credential],
    ) -> Result<usize, StoreError> {
        let values: Vec<_> =
            credentials.iter().flat_map(|credential| values(self, credential)).collect();
        let new = self.tx.with(|link| link.bulk_insert(&PROVISIONED_CREDENTIALS, &values))?;
        Ok(usize::try_from(new).unwrap_or(usize::MAX))
    }
}

fn values<'v>(district: &DistrictTx<'_, '_>, credential: &'v Credential) -> [Value<'v>; 8] {
    let [verifier, salt, mac, phc] = match &credential.verifier {
        Verifier::Provisioned { salt, mac } => {
            [PROVISIONED.into(), Value::Bytes(salt), Value::Bytes(mac), Value::Null]
        }
        Verifier::Argon2id(phc) => [ARGON2ID.into(), Value::Null, Value::Null, phc.as_str().into()],
    };
    [
        district.id.into(),
        credential.login_name.as_str().into(),
        credential.role.into(),
        verifier,
        salt,
        mac,
        phc,
        credential.set.into(),
    ]
}

fn verifier(row: &Row<'_>) -> Result<Verifier, StoreError> {
    match row.text(1)? {
        PROVISIONED => Ok(Verifier::Provisioned { salt: row.array(2)?, mac: row.array(3)? }),
        ARGON2ID => Ok(Verifier::Argon2id(row.string(4)?)),
        _ => Err(StoreError::Unreadable { column: 1 }),
    }
}
