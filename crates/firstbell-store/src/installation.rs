//! Which master key this database was set up with: a check value, never the key.

use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    KEY_CHECK = "SELECT key_check FROM installation WHERE one = 1";
    RECORD_KEY_CHECK = "INSERT INTO installation (one, key_check) VALUES (1, $1)";
}

impl Tx<'_> {
    /// The check value of the master key; none while nobody has set one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn key_check(&mut self) -> Result<Option<[u8; 32]>, StoreError> {
        self.one(KEY_CHECK, &[], |row| row.array(0))
    }

    /// Records the check value, once for the life of the database.
    ///
    /// # Errors
    /// When there is one already, or the database fails.
    pub fn record_key_check(&mut self, check: &[u8; 32]) -> Result<(), StoreError> {
        self.run(RECORD_KEY_CHECK, &[check[..].into()]).map(drop)
    }
}
