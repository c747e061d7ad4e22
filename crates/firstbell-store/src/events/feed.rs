//! What an application reads of a district's feed.

use firstbell_core::application::Sharing;
use firstbell_core::events::{Kind, Verb};
use firstbell_core::id::{ApplicationId, EventId};

use super::Event;
use super::sharing_text::opt_sharing;
use super::step::Seen;
use crate::applications::named;
use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::roster::RosterVersion;
use crate::roster_at::Seek;
use crate::store::DistrictTx;

/// The events of `$1` in `$2` that are told, `$3` being their bounds.
macro_rules! told {
    ($condition:literal) => {
        concat!(
            "SELECT id, kind, verb, object_id, from_version, to_version, epoch, made FROM events \
             WHERE application_id = $1 AND district_id = $2 AND id > $3 AND id <= $4 AND ",
            $condition
        )
    };
}

queries! {
    STATE = "SELECT e.begins_after, e.told_up_to, e.epoch, e.sharing, d.roster_version, \
             (SELECT s.sharing FROM event_sharings s WHERE s.application_id = e.application_id \
             AND s.district_id = e.district_id ORDER BY s.number DESC LIMIT 1) \
             FROM event_cursors e JOIN districts d ON d.id = e.district_id \
             WHERE e.application_id = $1 AND e.district_id = $2 AND e.sharing IS NOT NULL";
    UP = told!("$5 LIKE '% ' || kind || '.' || verb || ' %' ORDER BY id LIMIT $6");
    DOWN = told!("$5 LIKE '% ' || kind || '.' || verb || ' %' ORDER BY id DESC LIMIT $6");
    ONE = told!("id = $5");
    KEPT = "SELECT version FROM roster_versions WHERE district_id = $1 AND version = $2";
}

/// What is asked of a feed.
#[derive(Debug, Clone)]
pub struct EventPage {
    /// Where the page begins.
    pub seek: Seek,
    /// How many events it has at most.
    pub most: usize,
    /// Which events.
    pub types: Vec<(Kind, Verb)>,
}

/// Events, and what the application sees at the moment at which they were read.
#[derive(Debug, Clone)]
pub struct Feed {
    /// What it sees now. This is a state that the cursor has come by or will.
    pub now: Seen,
    /// The epoch of that sharing; none while nobody has walked up to it yet.
    pub epoch: Option<i64>,
    /// The events, by ascending id.
    pub events: Vec<Event>,
}

struct State {
    begins_after: EventId,
    told_up_to: EventId,
    epoch: i64,
    sharing: Sharing,
    version: RosterVersion,
    newer: Option<Sharing>,
}

impl State {
    fn into_feed(self, events: Vec<Event>) -> Feed {
        let epoch = self.newer.is_none().then_some(self.epoch);
        let sharing = self.newer.unwrap_or(self.sharing);
        Feed { now: Seen { version: self.version, sharing }, epoch, events }
    }
}

impl DistrictTx<'_, '_> {
    /// Events that an application is told of this district, in one transaction with what it sees
    /// now; none where it does not follow the district.
    ///
    /// # Errors
    /// When the database fails.
    pub fn events(
        &mut self,
        application: ApplicationId,
        page: &EventPage,
    ) -> Result<Option<Feed>, StoreError> {
        let Some(state) = self.feed_state(application)? else { return Ok(None) };
        let (low, high) = match page.seek {
            Seek::First | Seek::Last => (state.begins_after, state.told_up_to),
            Seek::After(id) => (state.begins_after.max(EventId::from_bytes(id)), state.told_up_to),
            Seek::Before(id) => (state.begins_after, state.told_up_to.min(before(id))),
        };
        let mut types = String::new();
        for (kind, verb) in &page.types {
            types.extend([" ", kind.name(), ".", verb.name()]);
        }
        types.push(' ');
        let most = i64::try_from(page.most).unwrap_or(i64::MAX);
        let values = [
            application.into(),
            self.id.into(),
            low.into(),
            high.into(),
            types.as_str().into(),
            most.into(),
        ];
        let sql = if page.seek.is_forward() { UP } else { DOWN };
        let mut events = self.tx.all(sql, &values, event)?;
        if !page.seek.is_forward() {
            events.reverse();
        }
        Ok(Some(state.into_feed(events)))
    }

    /// One event that an application is told of this district; without events where there is no
    /// such, none where it does not follow the district.
    ///
    /// # Errors
    /// When the database fails.
    pub fn event(
        &mut self,
        application: ApplicationId,
        id: EventId,
    ) -> Result<Option<Feed>, StoreError> {
        let Some(state) = self.feed_state(application)? else { return Ok(None) };
        let (low, high) = (state.begins_after, state.told_up_to);
        let values = [application.into(), self.id.into(), low.into(), high.into(), id.into()];
        let events = self.tx.all(ONE, &values, event)?;
        Ok(Some(state.into_feed(events)))
    }

    /// Which of these versions of the roster are kept whole. Asked after something was read from
    /// them, this says whether that was all there was.
    ///
    /// # Errors
    /// When the database fails.
    pub fn kept_versions(
        &mut self,
        versions: &[RosterVersion],
    ) -> Result<Vec<RosterVersion>, StoreError> {
        let mut kept = Vec::with_capacity(versions.len());
        for version in versions {
            let values: [Value<'_>; 2] = [self.id.into(), version.0.into()];
            if self.tx.one(KEPT, &values, |row| row.int(0))?.is_some() {
                kept.push(*version);
            }
        }
        Ok(kept)
    }

    fn feed_state(&mut self, application: ApplicationId) -> Result<Option<State>, StoreError> {
        self.tx.one(STATE, &[application.into(), self.id.into()], |row| {
            Ok(State {
                begins_after: row.id(0)?,
                told_up_to: row.id(1)?,
                epoch: row.int(2)?,
                sharing: opt_sharing(row, 3)?.ok_or(StoreError::Unreadable { column: 3 })?,
                version: RosterVersion(row.int(4)?),
                newer: opt_sharing(row, 5)?,
            })
        })
    }
}

/// The highest id below this one.
fn before(id: [u8; 12]) -> EventId {
    let mut bytes = id;
    for byte in bytes.iter_mut().rev() {
        let was_zero = *byte == 0;
        *byte = byte.wrapping_sub(1);
        if !was_zero {
            return EventId::from_bytes(bytes);
        }
    }
    EventId::from_bytes([0; 12])
}

fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    Ok(Event {
        id: row.id(0)?,
        kind: named(row, 1, &Kind::ALL, Kind::name)?,
        verb: named(row, 2, &Verb::ALL, Verb::name)?,
        object: row.array(3)?,
        before: row.opt_int(4)?.map(RosterVersion),
        at: RosterVersion(row.int(5)?),
        epoch: row.int(6)?,
        made: row.time(7)?,
    })
}
