//! Who follows which district: cursors begin, note how their sharing changes, and end, in the
//! transactions that change connections and tiers.

use std::collections::HashMap;

use firstbell_core::application::{Connection, Sharing};
use firstbell_core::events::{self, Following};
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_core::sharing::AccessTier;

use super::sharing_text::{opt_sharing, text_of};
use crate::applications::named;
use crate::backend::{Row, Value};
use crate::connections;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    TIER = "SELECT tier FROM applications WHERE id = $1";
    TIERS = "SELECT id, tier FROM applications";
    CURSOR = "SELECT sharing FROM event_cursors WHERE application_id = $1 AND district_id = $2";
    LATEST = "SELECT number, sharing FROM event_sharings \
              WHERE application_id = $1 AND district_id = $2 ORDER BY number DESC LIMIT 1";
    // Touches the row, so that no roster changes between this and the end of the transaction.
    VERSION_HELD = "UPDATE districts SET roster_version = roster_version WHERE id = $1 \
                    RETURNING roster_version";
    BEGIN = "INSERT INTO event_cursors (application_id, district_id, version, sharing, epoch, \
             begins_after, told_up_to, fence, held_until, unswept) \
             VALUES ($1, $2, $3, $4, 1, $5, $5, 1, 0, 0) \
             ON CONFLICT (application_id, district_id) DO UPDATE SET version = excluded.version, \
             sharing = excluded.sharing, epoch = event_cursors.epoch + 1, \
             begins_after = event_cursors.told_up_to, fence = event_cursors.fence + 1, \
             held_until = 0, unswept = 1";
    END = "UPDATE event_cursors SET sharing = NULL, begins_after = told_up_to, fence = fence + 1, \
           held_until = 0, unswept = 1 \
           WHERE application_id = $1 AND district_id = $2 AND sharing IS NOT NULL";
    NOTE = "INSERT INTO event_sharings (application_id, district_id, number, version, sharing) \
            VALUES ($1, $2, $3, $4, $5)";
    FORGET_NOTES =
        "DELETE FROM event_sharings WHERE application_id = $1 AND district_id = $2";
    NOT_BEGUN = "SELECT c.since FROM connection_groups g \
                 JOIN connections c ON c.application_id = g.application_id \
                 AND c.district_id = g.district_id \
                 JOIN applications a ON a.id = g.application_id \
                 LEFT JOIN event_cursors e ON e.application_id = g.application_id \
                 AND e.district_id = g.district_id AND e.sharing IS NOT NULL \
                 WHERE g.data_group = 'events' AND c.state = 'active' AND a.tier = 'secure_sync' \
                 AND e.version IS NULL LIMIT 1";
    LEFT_BEHIND = "SELECT application_id FROM event_cursors \
                   WHERE district_id = $1 AND version < $2 AND sharing IS NOT NULL";
    UNSWEPT = "SELECT application_id, district_id, begins_after FROM event_cursors \
               WHERE unswept = 1";
    SWEEP = "DELETE FROM events WHERE application_id = $1 AND district_id = $2 AND id IN \
             (SELECT id FROM events WHERE application_id = $1 AND district_id = $2 AND id <= $3 \
             ORDER BY id LIMIT $4)";
    SWEPT = "UPDATE event_cursors SET unswept = 0 \
             WHERE application_id = $1 AND district_id = $2 AND begins_after = $3";
}

impl Tx<'_> {
    /// Whether there are applications that follow a district and have no cursor there yet: they did
    /// before there were cursors, or have lost theirs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn followers_wait(&mut self) -> Result<bool, StoreError> {
        Ok(self.one(NOT_BEGUN, &[], |row| row.int(0))?.is_some())
    }

    /// Begins the cursors that [`Tx::followers_wait`] says are missing, where things stand now.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_following(&mut self) -> Result<(), StoreError> {
        let tiers = self.all(TIERS, &[], |row| Ok((row.id(0)?, tier(row, 1)?)))?;
        let tiers: HashMap<ApplicationId, AccessTier> = tiers.into_iter().collect();
        for connection in connections::all(self)? {
            if let Some(tier) = tiers.get(&connection.application) {
                self.follow(*tier, &connection)?;
            }
        }
        Ok(())
    }

    /// Notes for those who follow what a district says now about an application. To be called in
    /// every transaction that changes that.
    pub(crate) fn note_connection(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let tier = self.one(TIER, &[connection.application.into()], |row| tier(row, 0))?;
        tier.map_or(Ok(()), |tier| self.follow(tier, connection))
    }

    /// The same for what is now in the database about these connections.
    pub(crate) fn note_connections(
        &mut self,
        application: ApplicationId,
        district: Option<DistrictId>,
    ) -> Result<(), StoreError> {
        for connection in connections::all(self)? {
            let is_it = connection.application == application
                && district.is_none_or(|district| connection.district == district);
            if is_it {
                self.note_connection(&connection)?;
            }
        }
        Ok(())
    }

    fn follow(&mut self, tier: AccessTier, connection: &Connection) -> Result<(), StoreError> {
        let pair = (connection.application, connection.district);
        let known = self.noted_sharing(pair)?;
        match (events::following(tier, connection), known) {
            (Following::Not | Following::Rests, None) => Ok(()),
            (Following::Not, Some(_)) => self.end(pair),
            (Following::Follows, None) => self.begin(pair, &connection.sharing),
            (_, Some((_, known))) if known == connection.sharing => Ok(()),
            (_, Some((number, _))) => {
                let version = self.version_held(pair.1)?;
                let text = text_of(&connection.sharing);
                let values = [
                    pair.0.into(),
                    pair.1.into(),
                    (number + 1).into(),
                    version.into(),
                    Value::Made(text),
                ];
                self.run(NOTE, &values).map(drop)
            }
        }
    }

    /// The sharing that was noted last, with its number; none where nobody follows.
    fn noted_sharing(
        &mut self,
        (application, district): (ApplicationId, DistrictId),
    ) -> Result<Option<(i64, Sharing)>, StoreError> {
        let pair: [Value<'_>; 2] = [application.into(), district.into()];
        let Some(processed) = self.one(CURSOR, &pair, |row| opt_sharing(row, 0))?.flatten() else {
            return Ok(None);
        };
        let latest = self.one(LATEST, &pair, |row| {
            let sharing = opt_sharing(row, 1)?.ok_or(StoreError::Unreadable { column: 1 })?;
            Ok((row.int(0)?, sharing))
        })?;
        Ok(Some(latest.unwrap_or((0, processed))))
    }

    fn begin(
        &mut self,
        (application, district): (ApplicationId, DistrictId),
        sharing: &Sharing,
    ) -> Result<(), StoreError> {
        let version = self.version_held(district)?;
        let values = [
            application.into(),
            district.into(),
            version.into(),
            Value::Made(text_of(sharing)),
            events::before_all().into(),
        ];
        self.run(FORGET_NOTES, &[application.into(), district.into()])?;
        self.run(BEGIN, &values).map(drop)
    }

    fn end(
        &mut self,
        (application, district): (ApplicationId, DistrictId),
    ) -> Result<(), StoreError> {
        let pair: [Value<'_>; 2] = [application.into(), district.into()];
        self.run(FORGET_NOTES, &pair)?;
        self.drop_news(application, district)?;
        self.run(END, &pair).map(drop)
    }

    fn version_held(&mut self, district: DistrictId) -> Result<i64, StoreError> {
        Ok(self.one(VERSION_HELD, &[district.into()], |row| row.int(0))?.unwrap_or(0))
    }
}

fn tier(row: &Row<'_>, column: usize) -> Result<AccessTier, StoreError> {
    named(row, column, &AccessTier::ALL, AccessTier::name)
}

/// Ends the cursors of a district that stand at versions before `oldest`, which are about to go. The
/// applications have not been told anything for as long as events are kept; they begin anew.
pub(crate) fn let_go_of_versions(
    tx: &mut Tx<'_>,
    district: DistrictId,
    oldest: i64,
) -> Result<(), StoreError> {
    let values: [Value<'_>; 2] = [district.into(), oldest.into()];
    for application in tx.all(LEFT_BEHIND, &values, |row| row.id(0))? {
        tx.end((application, district))?;
    }
    Ok(())
}

/// Deletes events that were told before their cursor ended or began anew, up to `at_most` of each;
/// says how many went of which had the most.
pub(crate) fn forget_begun_before(tx: &mut Tx<'_>, at_most: i64) -> Result<[u64; 2], StoreError> {
    type Unswept = (ApplicationId, DistrictId, firstbell_core::id::EventId);
    let (mut all, mut most) = (0, 0);
    let unswept: Vec<Unswept> =
        tx.all(UNSWEPT, &[], |row| Ok((row.id(0)?, row.id(1)?, row.id(2)?)))?;
    for (application, district, begins_after) in unswept {
        let head: [Value<'_>; 3] = [application.into(), district.into(), begins_after.into()];
        let [a, d, b] = head.clone();
        let gone = tx.run(SWEEP, &[a, d, b, at_most.into()])?;
        if gone < at_most.unsigned_abs() {
            tx.run(SWEPT, &head)?;
        }
        all += gone;
        most = most.max(gone);
    }
    Ok([all, most])
}
