//! The feed of changes that an application follows in a district
//! (`docs/decisions/0010-events.md`):
//!
//! 1. Where a district lets an application follow it, a cursor begins at what the application sees
//!    at that moment (`following.rs`). Every later change of the sharing is noted beside it, in the
//!    transaction that makes it and with the version of the roster that was current.
//! 2. A cursor walks through all states that have been current since, one [`EventStep`] after the
//!    other (`step.rs`): to the next version of the roster, or to the next sharing. Whoever takes a
//!    step holds the cursor's lease, stages the events of the step with ids above all that are told,
//!    and tells them with the transaction that moves the cursor.
//! 3. An application reads what is told (`feed.rs`). An event says what happened to which object; the
//!    object itself is read from the roster.

mod feed;
mod following;
mod sharing_text;
mod step;

pub use feed::{EventPage, Feed};
pub use step::{EventError, EventStep, NewEvent, Seen};

use firstbell_core::events::{Kind, Verb};
use firstbell_core::id::EventId;
use firstbell_core::time::Timestamp;

#[cfg(feature = "testing")]
pub(crate) use {
    feed::QUERIES as FEED, following::QUERIES as FOLLOWING, step::EVENTS, step::QUERIES as STEP,
};

pub(crate) use following::{forget_begun_before, let_go_of_versions};

use crate::roster::RosterVersion;

/// Something that happened to an object, as an application saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Its id; later events have higher ones.
    pub id: EventId,
    /// What kind of object it is about.
    pub kind: Kind,
    /// What happened.
    pub verb: Verb,
    /// The id of the object, in the words of the kind.
    pub object: [u8; 12],
    /// The version of the roster in which the object was before; none where it was not there, or was
    /// shared in another way.
    pub before: Option<RosterVersion>,
    /// The version in which it is as the event tells.
    pub at: RosterVersion,
    /// Which sharing it was, counted up with each change of it.
    pub epoch: i64,
    /// When the event was made.
    pub made: Timestamp,
}
