//! Rosters in: the files of a student information system become one neutral [`Snapshot`], are
//! checked row by row, compared with what the district has ([`plan`]), and end as one
//! [`RosterChange`](firstbell_core::roster::change::RosterChange) for the store to apply.
//!
//! 1. [`read`] opens a folder or zip, streams each file, and collects every [`Problem`]. A roster
//!    with one refusal is [`Rejected`] as a whole.
//! 2. [`plan`] gives every record its id, the one it had if it ever had one, and says what is
//!    new, changed and gone, in data and as a [`Summary`] that people read before they agree.
//!
//! [`sandbox`] writes such files for people and tests to play with.
//!
//! The files and columns are those of the CSV dialect that schools already export; `columns.rs`
//! lists them.

mod columns;
mod contacts;
mod fault;
mod header;
mod people;
mod plan;
mod problem;
mod read;
mod rows;
pub mod sandbox;
mod snapshot;
mod source;
mod summary;
mod table;
mod words;

pub use fault::{RosterFault, Severity};
pub use plan::{Plan, plan};
pub use problem::{Listed, MOST_LISTED, Problem, Rejected};
pub use read::{Progress, read};
pub use rows::MOST_ROW_BYTES;
pub use snapshot::Snapshot;
pub use source::{MOST_ROSTER_BYTES, RosterFile};
pub use summary::{
    HOLD_REMOVALS, HOLD_RENAMES, IdentityChange, IdentityReason, Removal, Summary, SummaryKind,
    Tally,
};
pub use words::Vocabulary;
