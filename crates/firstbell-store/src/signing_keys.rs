//! The keys that sign ID tokens. Every change is conditional: of two nodes that carry out the same
//! plan, one finds it done. Whatever changes raises the version of the settings, by which the
//! nodes notice.

use firstbell_core::login::signing_key::{Algorithm, End, KeyLife, Stage};
use firstbell_core::time::Timestamp;

use crate::applications::raise_settings_version;
use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    ALL = "SELECT id, algorithm, made, stage, current_from, retiring_from, gone_from, \
           public_key, sealed_key FROM signing_keys ORDER BY made, id";
    ADD = "INSERT INTO signing_keys (id, algorithm, public_key, sealed_key, made, stage) \
           VALUES ($1, $2, $3, $4, $5, 'next') ON CONFLICT DO NOTHING";
    RETIRE = "UPDATE signing_keys SET stage = 'retiring', retiring_from = $1 \
              WHERE id = $2 AND stage = 'current'";
    PROMOTE = "UPDATE signing_keys SET stage = 'current', current_from = $1 \
               WHERE id = $2 AND stage = 'next' AND NOT EXISTS \
               (SELECT 1 FROM signing_keys c \
                WHERE c.algorithm = signing_keys.algorithm AND c.stage = 'current')";
    DROP = "UPDATE signing_keys SET stage = 'gone', gone_from = $1, sealed_key = NULL \
            WHERE id = $2 AND stage = 'retiring'";
    COMPROMISE = "UPDATE signing_keys SET stage = 'compromised', sealed_key = NULL, \
                  gone_from = COALESCE(gone_from, $1) WHERE id = $2 AND stage <> 'compromised'";
}

/// A key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Its name and where it is in its life.
    pub life: KeyLife,
    /// The public part, a `SubjectPublicKeyInfo`.
    pub public_key: Vec<u8>,
    /// The private part, sealed; erased in a key that is gone.
    pub sealed_key: Option<Vec<u8>>,
}

impl Tx<'_> {
    /// All keys, those that are gone too, the oldest first.
    ///
    /// # Errors
    /// When the database fails or holds what no program of ours wrote.
    pub fn signing_keys(&mut self) -> Result<Vec<StoredKey>, StoreError> {
        self.all(ALL, &[], stored_key)
    }

    /// Takes in a new key as the next one of its algorithm; false where there is a next one
    /// already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn add_signing_key(
        &mut self,
        id: &str,
        algorithm: Algorithm,
        keys: (&[u8], &[u8]),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (public_key, sealed_key) = keys;
        let values =
            [id.into(), algorithm.name().into(), public_key.into(), sealed_key.into(), now.into()];
        let added = self.run(ADD, &values)? == 1;
        self.noticed(added)
    }

    /// Lets the next key sign, and the one in `retire` no more; false where nothing changed because
    /// another node was faster.
    ///
    /// # Errors
    /// When the database fails.
    pub fn promote_signing_key(
        &mut self,
        id: &str,
        retire: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if let Some(old) = retire
            && self.run(RETIRE, &[now.into(), old.into()])? == 0
        {
            return Ok(false);
        }
        let promoted = self.run(PROMOTE, &[now.into(), id.into()])? == 1;
        self.noticed(promoted || retire.is_some())
    }

    /// Erases a key that was retiring; false where it is gone already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn drop_signing_key(&mut self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let dropped = self.run(DROP, &[now.into(), id.into()])? == 1;
        self.noticed(dropped)
    }

    /// Erases a key that somebody else may have, whatever it was good for; false where there is no
    /// such key or that is known already.
    ///
    /// # Errors
    /// When the database fails.
    pub fn compromise_signing_key(&mut self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let erased = self.run(COMPROMISE, &[now.into(), id.into()])? == 1;
        self.noticed(erased)
    }

    fn noticed(&mut self, changed: bool) -> Result<bool, StoreError> {
        if changed {
            raise_settings_version(self)?;
        }
        Ok(changed)
    }
}

fn stored_key(row: &Row<'_>) -> Result<StoredKey, StoreError> {
    let since = |column| row.opt_time(column)?.ok_or(StoreError::Unreadable { column });
    let stage = match row.text(3)? {
        "next" => Stage::Next,
        "current" => Stage::Current { since: since(4)? },
        "retiring" => Stage::Retiring { since: since(5)? },
        "gone" => Stage::Gone { since: since(6)?, cause: End::Retired },
        "compromised" => Stage::Gone { since: since(6)?, cause: End::Compromised },
        _ => return Err(StoreError::Unreadable { column: 3 }),
    };
    let life = KeyLife { id: row.string(0)?, algorithm: row.parsed(1)?, made: row.time(2)?, stage };
    Ok(StoredKey {
        life,
        public_key: row.opt_bytes(7)?.unwrap_or_default().to_vec(),
        sealed_key: row.opt_bytes(8)?.map(<[u8]>::to_vec),
    })
}
