//! The feed of changes that applications follow (`docs/decisions/0010-events.md`): who sees what
//! where is told by [`Objects`], what differs between two moments is found by [`difference`], written
//! down by [`walk`], and read by [`feed`].

pub mod difference;
pub mod feed;
pub mod walk;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use firstbell_core::events::Kind;
use firstbell_core::id::{ApplicationId, DistrictId};
use firstbell_store::{EventError, Seen, StoreError};
use serde_json::value::RawValue;

/// The twelve bytes of an object's id.
pub type Key = [u8; 12];

/// What an application sees of a district at some moment.
#[derive(Debug, Clone)]
pub struct State {
    /// The application.
    pub application: ApplicationId,
    /// The district.
    pub district: DistrictId,
    /// What it sees.
    pub seen: Seen,
}

/// An object that is seen, and everything that any dialect prints of it but the time at which it was last
/// changed: two that are printed alike are told alike, but for that time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Its id.
    pub id: Key,
    /// What is printed.
    pub text: Vec<u8>,
}

/// Objects by ascending id.
#[derive(Debug)]
pub struct Page {
    /// Those that are seen; there may be none.
    pub objects: Vec<Printed>,
    /// After which id to go on; none where there are no more.
    pub more: Option<Key>,
}

/// The objects of one kind that are asked for and seen, as a dialect prints them.
pub type Bodies = HashMap<Key, Box<RawValue>>;

/// Where objects come from as applications see them. What is seen in one [`State`] never changes.
pub trait Objects: Send + Sync {
    /// In whose words they are printed.
    type Dialect: Copy + Send + Sync;

    /// Some objects of a kind, after an id or from the first.
    fn page(
        &self,
        state: &State,
        kind: Kind,
        after: Option<Key>,
    ) -> impl Future<Output = Result<Page, Trouble>> + Send;

    /// Those of these objects of a kind that are seen.
    fn some(
        &self,
        state: &State,
        kind: Kind,
        ids: &[Key],
        dialect: Self::Dialect,
    ) -> impl Future<Output = Result<Bodies, Trouble>> + Send;
}

/// Why events cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The database failed, or somebody else has taken over.
    #[error(transparent)]
    Event(#[from] EventError),
    /// An object cannot be printed, or what was printed not be read.
    #[error("an object cannot be printed")]
    Unprintable,
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Event(error.into())
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(_: serde_json::Error) -> Self {
        Self::Unprintable
    }
}
