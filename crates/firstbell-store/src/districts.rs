//! Districts: the tenants.

use firstbell_core::roster::District;
use firstbell_core::time::Timestamp;

use crate::applications::raise_settings_version;
use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    ALL = "SELECT id, shortname, name, place FROM districts ORDER BY id";
    CREATE = "INSERT INTO districts (id, shortname, name, place, created) \
              VALUES ($1, $2, $3, $4, $5)";
}

impl Tx<'_> {
    /// Takes in a district.
    ///
    /// # Errors
    /// [`StoreError::AlreadyThere`] with `shortname` or `id`.
    pub fn create_district(
        &mut self,
        district: &District,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let values = [
            district.id.into(),
            district.shortname.as_str().into(),
            district.name.as_str().into(),
            district.place.as_deref().into(),
            now.into(),
        ];
        self.run(CREATE, &values).map_err(|error| error.naming(&["shortname", "id"]))?;
        raise_settings_version(self)
    }
}

/// All districts, in the order of their ids.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<District>, StoreError> {
    tx.all(ALL, &[], district)
}

fn district(row: &Row<'_>) -> Result<District, StoreError> {
    Ok(District {
        id: row.id(0)?,
        shortname: row.parsed(1)?,
        name: row.string(2)?,
        place: row.opt_string(3)?,
    })
}
