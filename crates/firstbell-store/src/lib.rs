//! The database: SQLite in the program, PostgreSQL for scale, one [`Store`] in front of both.
//!
//! - A piece of work is a closure over a synchronous [`Tx`] that loads, lets `firstbell-core`
//!   decide and records, as one transaction. It must be repeatable: a database may undo it and
//!   run it again, so it changes nothing but the database.
//! - Each file below is one aggregate: its SQL, its rows, its methods on [`Tx`] or
//!   [`DistrictTx`]. SQL is written once for both databases.
//! - A query starts with a tenant ([`Tx::district`]) or with the hash of a secret.
//! - Why it is built this way: `docs/decisions/0002-store.md`; how rosters change without anybody
//!   seeing half a change: `docs/decisions/0003-roster-versions.md`.

mod applications;
mod audit;
mod backend;
mod classrooms;
mod codes;
mod connections;
mod credentials;
mod details;
mod district_tokens;
mod districts;
mod error;
mod events;
mod installation;
mod migrations;
mod oneroster_services;
mod pending_logins;
mod people;
mod person;
mod piece;
mod purge;
mod queries;
mod roster;
mod roster_at;
mod roster_change;
mod sections;
mod sessions;
mod signing_keys;
mod standings;
mod store;
mod sync_keys;
mod sync_runs;
#[cfg(feature = "testing")]
pub mod testing;
mod throttle;
mod tokens;
mod traces;
mod webhooks;

pub use applications::Settings;
pub use audit::{AuditEntry, AuditRecord};
pub use credentials::{LoginNameIn, RoleIn};
pub use details::StoredDetails;
pub use error::{OpenError, StoreError};
pub use events::{Event, EventError, EventPage, EventStep, Feed, NewEvent, Seen};
pub use migrations::SchemaState;
pub use person::{FoundUser, Known};
pub use purge::Purged;
pub use purge::kept::VERSIONS_KEPT_FOR;
pub use roster::present::PresentRoster;
pub use roster::{Counts, RosterVersion};
pub use roster_at::{AtSchool, Dated, RosterAt, Seek, StoredPerson};
pub use roster_change::{ApplyError, SyncPlan};
pub use signing_keys::StoredKey;
pub use store::{Backend, DistrictTx, Store, Tx};
pub use sync_runs::{Begun, Failed, FoundBySync, NewSync, SyncLease};
pub use webhooks::{Attempt, BroughtBack, DueDelivery, SealedSecrets};
