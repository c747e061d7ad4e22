//! Rosters in and out. In: the files of a student information system become one neutral [`Snapshot`], are
//! checked row by row, compared with what the district has ([`plan`]), and end as one
//! [`PlannedChange`] for the store to apply, piece by piece. None of the three is ever in memory as a
//! whole (`docs/decisions/0013-streamed-imports.md`).
//!
//! 1. [`read`] opens a folder or zip, streams each file, and collects every [`Problem`]. A roster
//!    with one refusal is [`Rejected`] as a whole.
//! 2. [`plan`] gives every record its id, the one it had if it ever had one, and says what is
//!    new, changed and gone, in data and as a [`Summary`] that people read before they agree.
//!
//! [`plan_back`] plans the way back to an earlier version.
//!
//! Out: [`write`] makes such files of a district's records again.
//!
//! [`sandbox`] writes such files for people and tests to play with.
//!
//! The files and columns are those of the CSV dialect that schools already export (`columns.rs`
//! lists them), or those of OneRoster 1.1 and 1.2, which a `manifest.csv` tells apart
//! (`oneroster.rs`).

mod change;
mod columns;
mod contacts;
mod day;
mod enrollments;
mod fault;
mod header;
mod ids;
mod oneroster;
mod people;
mod plan;
mod positions;
mod problem;
mod read;
mod rows;
pub mod sandbox;
mod sheet;
mod snapshot;
mod source;
mod spill;
mod summary;
mod table;
mod words;
pub mod write;

pub use change::{PasswordReader, Passwords, PlannedChange};
pub use day::{Day, MalformedDay};
pub use fault::{RosterFault, Severity};
pub use oneroster::{
    Collection, MergeError, Merged, OneRosterFile, Tables, TablesError, merge_delta,
};
pub use plan::{Plan, PlanError, plan, plan_back};
pub use problem::{Listed, MOST_LISTED, Problem, Rejected};
pub use read::{Progress, read};
pub use rows::MOST_ROW_BYTES;
pub use snapshot::Snapshot;
pub use source::{MOST_ROSTER_BYTES, RosterFile};
pub use summary::{ContactIdReason, IdentityChange, IdentityReason, Summary, SummaryKind, Tally};
pub use words::Vocabulary;
