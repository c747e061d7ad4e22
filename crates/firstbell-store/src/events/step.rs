//! A cursor's steps: from what an application saw to what it saw next.

use std::time::Duration;

use firstbell_core::application::Sharing;
use firstbell_core::events::{Kind, Verb};
use firstbell_core::id::{ApplicationId, DistrictId, EventId};
use firstbell_core::time::Timestamp;

use super::sharing_text::{opt_sharing, text_of};
use crate::backend::{self, Row, Table, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::roster::RosterVersion;
use crate::store::Tx;

/// Whoever takes a step and shows no sign of life for this long has died.
const LEASE: Duration = Duration::from_secs(30);

queries! {
    DUE = "SELECT e.application_id, e.district_id FROM event_cursors e \
           JOIN districts d ON d.id = e.district_id \
           JOIN connections c ON c.application_id = e.application_id \
           AND c.district_id = e.district_id \
           WHERE e.sharing IS NOT NULL AND e.held_until <= $1 AND c.state = 'active' \
           AND (e.version < d.roster_version OR EXISTS (SELECT 1 FROM event_sharings s \
           WHERE s.application_id = e.application_id AND s.district_id = e.district_id))";
    CURSOR = "SELECT e.version, e.sharing, e.epoch, e.told_up_to, e.fence, d.roster_version \
              FROM event_cursors e JOIN districts d ON d.id = e.district_id \
              JOIN connections c ON c.application_id = e.application_id \
              AND c.district_id = e.district_id \
              WHERE e.application_id = $1 AND e.district_id = $2 AND e.sharing IS NOT NULL \
              AND e.held_until <= $3 AND c.state = 'active'";
    NEXT_SHARING = "SELECT number, version, sharing FROM event_sharings \
                    WHERE application_id = $1 AND district_id = $2 ORDER BY number LIMIT 1";
    TAKE = "UPDATE event_cursors SET fence = $1, held_until = $2 \
            WHERE application_id = $3 AND district_id = $4";
    HOLD = "UPDATE event_cursors SET held_until = $1 \
            WHERE application_id = $2 AND district_id = $3 AND fence = $4";
    LET_GO = "UPDATE event_cursors SET held_until = 0 \
              WHERE application_id = $1 AND district_id = $2 AND fence = $3";
    UNDO = "DELETE FROM events WHERE application_id = $1 AND district_id = $2 AND id IN \
            (SELECT id FROM events WHERE application_id = $1 AND district_id = $2 AND id > $3 \
            ORDER BY id LIMIT $4)";
    TELL = "UPDATE event_cursors SET version = $1, sharing = $2, epoch = $3, told_up_to = $4, \
            held_until = 0 WHERE application_id = $5 AND district_id = $6 AND fence = $7";
    DONE_SHARING = "DELETE FROM event_sharings \
                    WHERE application_id = $1 AND district_id = $2 AND number = $3";
}

/// Events as they are staged.
pub(crate) const EVENTS: Table = Table {
    name: "events",
    columns: &[
        ("application_id", backend::Kind::Bytes),
        ("district_id", backend::Kind::Bytes),
        ("id", backend::Kind::Bytes),
        ("kind", backend::Kind::Text),
        ("verb", backend::Kind::Text),
        ("object_id", backend::Kind::Bytes),
        ("from_version", backend::Kind::Int),
        ("to_version", backend::Kind::Int),
        ("epoch", backend::Kind::Int),
        ("made", backend::Kind::Int),
    ],
    primary: &["application_id", "district_id", "id"],
    key: &[],
    conflict: "",
};

/// Why a step came to nothing. What is told is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// It fell silent for so long that another took over, or nobody follows any longer.
    #[error("this step was too slow or is not wanted any longer")]
    LeaseLost,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an application sees of a district at some moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// This version of the roster,
    pub version: RosterVersion,
    /// shared like this.
    pub sharing: Sharing,
}

/// From what an application saw to what it saw next. Either the version of the roster differs, or
/// the sharing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventStep {
    /// The application.
    pub application: ApplicationId,
    /// The district.
    pub district: DistrictId,
    /// What was seen.
    pub before: Seen,
    /// What is seen then.
    pub after: Seen,
    /// The highest id that is told; those of the step's events are higher.
    pub last: EventId,
    epoch: i64,
    fence: i64,
    /// The number of the change of sharing, where it is one.
    change: Option<i64>,
}

/// An event of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// What kind of object it is about.
    pub kind: Kind,
    /// What happened.
    pub verb: Verb,
    /// The id of the object.
    pub object: [u8; 12],
}

impl EventStep {
    fn pair(&self) -> [Value<'static>; 2] {
        [self.application.into(), self.district.into()]
    }

    /// To be done first in every piece: a step that was taken for dead writes nothing.
    fn hold(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), EventError> {
        let [application, district] = self.pair();
        let values = [(now + LEASE).into(), application, district, self.fence.into()];
        match tx.run(HOLD, &values)? {
            0 => Err(EventError::LeaseLost),
            _ => Ok(()),
        }
    }
}

impl Tx<'_> {
    /// The cursors that have a step before them and are held by nobody.
    ///
    /// # Errors
    /// When the database fails.
    pub fn due_followers(
        &mut self,
        now: Timestamp,
    ) -> Result<Vec<(ApplicationId, DistrictId)>, StoreError> {
        self.all(DUE, &[now.into()], |row| Ok((row.id(0)?, row.id(1)?)))
    }

    /// Takes the lease of a cursor and says which step is next; none where there is none, or
    /// somebody else holds it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_event_step(
        &mut self,
        application: ApplicationId,
        district: DistrictId,
        now: Timestamp,
    ) -> Result<Option<EventStep>, StoreError> {
        let pair: [Value<'_>; 2] = [application.into(), district.into()];
        let [first, second] = pair.clone();
        let found = self.one(CURSOR, &[first, second, now.into()], cursor)?;
        let Some(Cursor { before, epoch, last, fence, current }) = found else { return Ok(None) };
        let fence = fence + 1;
        let noted = self.one(NEXT_SHARING, &pair, |row| {
            let sharing = opt_sharing(row, 2)?.ok_or(StoreError::Unreadable { column: 2 })?;
            Ok((row.int(0)?, row.int(1)?, sharing))
        })?;
        // A sharing that was given when the roster had this version comes before the next version.
        let (after, epoch, change) = match noted {
            Some((number, version, sharing)) if version <= before.version.0 => {
                (Seen { version: before.version, sharing }, epoch + 1, Some(number))
            }
            _ if before.version < current => {
                let version = RosterVersion(before.version.0 + 1);
                (Seen { version, sharing: before.sharing.clone() }, epoch, None)
            }
            _ => return Ok(None),
        };
        let [first, second] = pair;
        self.run(TAKE, &[fence.into(), (now + LEASE).into(), first, second])?;
        Ok(Some(EventStep { application, district, before, after, last, epoch, fence, change }))
    }

    /// Deletes up to `at_most` events that a killed step has left behind, and says how many: to be
    /// repeated before the first event is staged, until there are fewer.
    ///
    /// # Errors
    /// See [`EventError`].
    pub fn undo_event_steps(
        &mut self,
        step: &EventStep,
        at_most: u32,
        now: Timestamp,
    ) -> Result<u64, EventError> {
        step.hold(self, now)?;
        let [application, district] = step.pair();
        let values = [application, district, step.last.into(), i64::from(at_most).into()];
        Ok(self.run(UNDO, &values)?)
    }

    /// Stages events of a step, which nobody reads yet.
    ///
    /// # Errors
    /// See [`EventError`].
    pub fn stage_events(
        &mut self,
        step: &EventStep,
        events: &[NewEvent],
        now: Timestamp,
    ) -> Result<(), EventError> {
        step.hold(self, now)?;
        let mut values = Vec::with_capacity(events.len() * EVENTS.columns.len());
        for event in events {
            let was_seen_like_this = step.change.is_none() && event.verb != Verb::Created;
            let before = was_seen_like_this.then_some(step.before.version.0);
            values.extend([
                event.id.into(),
                event.kind.name().into(),
                event.verb.name().into(),
                Value::Id(event.object),
                before.map_or(Value::Null, Value::Int),
                step.after.version.0.into(),
                step.epoch.into(),
                now.into(),
            ]);
        }
        self.with(|link| link.bulk_insert(&EVENTS, &step.pair(), &values))?;
        Ok(())
    }

    /// Ends a step: its events are told, the last of which is `last`, and the cursor moves on. Where
    /// there are any, the application's webhook will be told.
    ///
    /// # Errors
    /// See [`EventError`].
    pub fn tell_events(
        &mut self,
        step: &EventStep,
        last: EventId,
        now: Timestamp,
    ) -> Result<(), EventError> {
        let [application, district] = step.pair();
        let values = [
            step.after.version.0.into(),
            Value::Made(text_of(&step.after.sharing)),
            step.epoch.into(),
            last.into(),
            application,
            district,
            step.fence.into(),
        ];
        if self.run(TELL, &values)? == 0 {
            return Err(EventError::LeaseLost);
        }
        if let Some(number) = step.change {
            let [application, district] = step.pair();
            self.run(DONE_SHARING, &[application, district, number.into()])?;
        }
        if last > step.last {
            self.note_news((step.application, step.district), last, now)?;
        }
        Ok(())
    }

    /// Lets the lease of a step that came to nothing go at once, so that it can be tried again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn let_go_of_step(&mut self, step: &EventStep) -> Result<(), StoreError> {
        let [application, district] = step.pair();
        self.run(LET_GO, &[application, district, step.fence.into()]).map(drop)
    }
}

struct Cursor {
    before: Seen,
    epoch: i64,
    last: EventId,
    fence: i64,
    current: RosterVersion,
}

fn cursor(row: &Row<'_>) -> Result<Cursor, StoreError> {
    let sharing = opt_sharing(row, 1)?.ok_or(StoreError::Unreadable { column: 1 })?;
    Ok(Cursor {
        before: Seen { version: RosterVersion(row.int(0)?), sharing },
        epoch: row.int(2)?,
        last: row.id(3)?,
        fence: row.int(4)?,
        current: RosterVersion(row.int(5)?),
    })
}
