//! What an application reads of a district's feed.

use firstbell_core::application::Sharing;
use firstbell_core::events::{Kind, Verb, before_all};
use firstbell_core::id::{ApplicationId, EventId, below};

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

/// Events of `$1` in `$2` that are told, `$3` and `$4` being their bounds: of one kind with one of some
/// verbs, at most so many. Which they are stands in an index; only those are read.
macro_rules! told {
    ($order:literal) => {
        concat!(
            "SELECT e.id, e.kind, e.verb, e.object_id, e.from_version, e.to_version, e.epoch, e.made \
             FROM (SELECT id AS found FROM events WHERE application_id = $1 AND district_id = $2 \
             AND id > $3 AND id <= $4 AND kind = $5 AND $6 LIKE '% ' || verb || ' %' ORDER BY ",
            $order,
            " LIMIT $7) f JOIN events e \
             ON e.application_id = $1 AND e.district_id = $2 AND e.id = f.found"
        )
    };
}

queries! {
    STATE = "SELECT e.begins_after, e.told_up_to, e.epoch, e.sharing, d.roster_version, \
             (SELECT s.sharing FROM event_sharings s WHERE s.application_id = e.application_id \
             AND s.district_id = e.district_id ORDER BY s.number DESC LIMIT 1) \
             FROM event_cursors e JOIN districts d ON d.id = e.district_id \
             WHERE e.application_id = $1 AND e.district_id = $2 AND e.sharing IS NOT NULL";
    UP = told!("id");
    DOWN = told!("id DESC");
    ONE = "SELECT id, kind, verb, object_id, from_version, to_version, epoch, made FROM events \
           WHERE application_id = $1 AND district_id = $2 AND id > $3 AND id <= $4 AND id = $5";
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
            Seek::Before(id) => (
                state.begins_after,
                state.told_up_to.min(below(id).map_or(before_all(), EventId::from_bytes)),
            ),
        };
        let events = self.told_between(application, (low, high), page)?;
        Ok(Some(state.into_feed(events)))
    }

    /// Events behind `low` and up to `high`, by ascending id: those of each kind that is asked for, put
    /// together. A step writes kind after kind, so that the first ones that fill the page mostly leave
    /// nothing to be read of the others.
    fn told_between(
        &mut self,
        application: ApplicationId,
        (mut low, mut high): (EventId, EventId),
        page: &EventPage,
    ) -> Result<Vec<Event>, StoreError> {
        let mut kinds: Vec<(Kind, String)> = Vec::new();
        for kind in Kind::ALL {
            let verbs = page.types.iter().filter(|(of, _)| *of == kind);
            let verbs = verbs.fold(String::new(), |all, (_, verb)| all + " " + verb.name());
            kinds.extend((!verbs.is_empty()).then(|| (kind, verbs + " ")));
        }
        let is_forward = page.seek.is_forward();
        if !is_forward {
            kinds.reverse();
        }
        let most = i64::try_from(page.most).unwrap_or(i64::MAX);
        let sql = if is_forward { UP } else { DOWN };
        let mut events: Vec<Event> = Vec::new();
        for (kind, verbs) in &kinds {
            let values = [
                application.into(),
                self.id.into(),
                low.into(),
                high.into(),
                kind.name().into(),
                verbs.as_str().into(),
                most.into(),
            ];
            events.extend(self.tx.all(sql, &values, event)?);
            events.sort_unstable_by_key(|event| event.id);
            let beyond = events.len().saturating_sub(page.most);
            if is_forward {
                events.truncate(page.most);
            } else {
                events.drain(..beyond);
            }
            // Where the page is full, what follows must lie between.
            match (events.first(), events.last()) {
                (Some(first), Some(last)) if events.len() >= page.most => {
                    if is_forward {
                        high = last.id;
                    } else {
                        low = first.id;
                    }
                }
                _ => {}
            }
        }
        Ok(events)
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
