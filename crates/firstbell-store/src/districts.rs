//! Districts: the tenants.

use std::collections::HashMap;
use std::time::Duration;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::District;
use firstbell_core::roster::district::{Band, ClassroomPolicy, DistrictPolicy, SessionLimits};
use firstbell_core::time::Timestamp;

use crate::applications::{named, raise_settings_version};
use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    ALL = "SELECT id, shortname, name, place, classroom, role_order FROM districts ORDER BY id";
    LIMITS = "SELECT district_id, band, idle, longest FROM district_session_limits \
              ORDER BY district_id, band";
    CREATE = "INSERT INTO districts (id, shortname, name, place, created) \
              VALUES ($1, $2, $3, $4, $5)";
    SET_POLICY = "UPDATE districts SET classroom = $1, role_order = $2 WHERE id = $3";
    FORGET_LIMITS = "DELETE FROM district_session_limits WHERE district_id = $1";
    ADD_LIMITS = "INSERT INTO district_session_limits (district_id, band, idle, longest) \
                  VALUES ($1, $2, $3, $4)";
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
        self.set_district_policy(district.id, &district.policy)
    }

    /// Records what a district decided about its people's logins.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_district_policy(
        &mut self,
        district: DistrictId,
        policy: &DistrictPolicy,
    ) -> Result<(), StoreError> {
        let order: Vec<_> = policy.role_order.iter().map(|kind| kind.name()).collect();
        let order = Value::Made(order.join(" "));
        self.run(SET_POLICY, &[policy.classroom.name().into(), order, district.into()])?;
        self.run(FORGET_LIMITS, &[district.into()])?;
        for (band, limits) in &policy.session_limits {
            let values = [
                district.into(),
                band.name().into(),
                milliseconds(limits.idle).into(),
                milliseconds(limits.longest).into(),
            ];
            self.run(ADD_LIMITS, &values)?;
        }
        raise_settings_version(self)
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn span(row: &Row<'_>, column: usize) -> Result<Duration, StoreError> {
    let milliseconds = u64::try_from(row.int(column)?);
    Ok(Duration::from_millis(milliseconds.map_err(|_| StoreError::Unreadable { column })?))
}

/// All districts, in the order of their ids.
pub(crate) fn all(tx: &mut Tx<'_>) -> Result<Vec<District>, StoreError> {
    let mut limits: HashMap<DistrictId, Vec<(Band, SessionLimits)>> = HashMap::new();
    tx.each(LIMITS, &[], |row| {
        let band = named(row, 1, &Band::ALL, Band::name)?;
        let of_band = SessionLimits { idle: span(row, 2)?, longest: span(row, 3)? };
        limits.entry(row.id(0)?).or_default().push((band, of_band));
        Ok(())
    })?;
    tx.all(ALL, &[], |row| {
        let id = row.id(0)?;
        let kinds = row.text(5)?.split_whitespace().map(str::parse).collect::<Result<_, _>>();
        let policy = DistrictPolicy {
            role_order: kinds.map_err(|_| StoreError::Unreadable { column: 5 })?,
            session_limits: limits.remove(&id).unwrap_or_default(),
            classroom: named(row, 4, &ClassroomPolicy::ALL, ClassroomPolicy::name)?,
        };
        Ok(District {
            id,
            shortname: row.parsed(1)?,
            name: row.string(2)?,
            place: row.opt_string(3)?,
            policy,
        })
    })
}
