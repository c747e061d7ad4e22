//! The schema and how it came about. Migrations are numbered files that only go forward, one
//! change a file; they run in one transaction, and a schema that is newer than the program is
//! left alone.

use crate::backend::Link;
use crate::error::{OpenError, StoreError};
use crate::queries::queries;
use crate::store::Tx;

/// Where a schema stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// As this program needs it.
    Current,
    /// Migrations are missing.
    Behind {
        /// The names of those, in order.
        missing: Vec<&'static str>,
    },
    /// A newer program has been here.
    Ahead {
        /// The newest migration that was applied.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
}

/// Number, name, text.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "0001_settings", include_str!("../migrations/0001_settings.sql")),
    (2, "0002_logins", include_str!("../migrations/0002_logins.sql")),
    (3, "0003_credentials", include_str!("../migrations/0003_credentials.sql")),
    (4, "0004_roster", include_str!("../migrations/0004_roster.sql")),
    (5, "0005_installation", include_str!("../migrations/0005_installation.sql")),
    (6, "0006_district_sso", include_str!("../migrations/0006_district_sso.sql")),
    (7, "0007_signing_keys", include_str!("../migrations/0007_signing_keys.sql")),
    (8, "0008_signed_out", include_str!("../migrations/0008_signed_out.sql")),
    (9, "0009_generations", include_str!("../migrations/0009_generations.sql")),
    (10, "0010_rosters", include_str!("../migrations/0010_rosters.sql")),
    (11, "0011_syncs", include_str!("../migrations/0011_syncs.sql")),
    (12, "0012_events", include_str!("../migrations/0012_events.sql")),
    (13, "0013_webhooks", include_str!("../migrations/0013_webhooks.sql")),
    (14, "0014_oneroster_services", include_str!("../migrations/0014_oneroster_services.sql")),
    (15, "0015_news_since", include_str!("../migrations/0015_news_since.sql")),
    (16, "0016_runs_as_of", include_str!("../migrations/0016_runs_as_of.sql")),
    (17, "0017_events_by_kind", include_str!("../migrations/0017_events_by_kind.sql")),
    (18, "0018_runs_taken_up", include_str!("../migrations/0018_runs_taken_up.sql")),
    (19, "0019_ids_first", include_str!("../migrations/0019_ids_first.sql")),
    (20, "0020_roster_digests", include_str!("../migrations/0020_roster_digests.sql")),
];

const TABLE: &str =
    "CREATE TABLE migrations (number {bigint} PRIMARY KEY, name {text} NOT NULL) {strict}";

queries! {
    NEWEST = "SELECT MAX(number) FROM migrations";
    RECORD = "INSERT INTO migrations (number, name) VALUES ($1, $2)";
}

impl Tx<'_> {
    /// How the schema compares with what this program needs.
    ///
    /// # Errors
    /// When the database fails.
    pub fn schema_state(&mut self) -> Result<SchemaState, StoreError> {
        state(self)
    }
}

pub(crate) fn state(tx: &mut Tx<'_>) -> Result<SchemaState, StoreError> {
    let found = newest(tx)?;
    let known = MIGRATIONS.last().map_or(0, |(number, ..)| *number);
    let missing: Vec<_> = MIGRATIONS
        .iter()
        .filter(|(number, ..)| *number > found)
        .map(|(_, name, _)| *name)
        .collect();
    Ok(match (found > known, missing.is_empty()) {
        (true, _) => SchemaState::Ahead { found, known },
        (false, true) => SchemaState::Current,
        (false, false) => SchemaState::Behind { missing },
    })
}

pub(crate) fn apply(tx: &mut Tx<'_>) -> Result<Vec<&'static str>, OpenError> {
    tx.with(Link::lock_schema)?;
    match state(tx)? {
        SchemaState::Current => return Ok(Vec::new()),
        SchemaState::Ahead { found, known } => return Err(OpenError::Ahead { found, known }),
        SchemaState::Behind { .. } => {}
    }
    let found = newest(tx)?;
    if found == 0 {
        tx.with(|link| link.run_migration(TABLE))?;
    }
    let mut applied = Vec::new();
    for (number, name, text) in MIGRATIONS.iter().filter(|(number, ..)| *number > found) {
        tx.with(|link| link.run_migration(text))?;
        tx.run(RECORD, &[(*number).into(), (*name).into()])?;
        applied.push(*name);
    }
    tx.with(Link::tell_planner)?;
    Ok(applied)
}

fn newest(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    if !tx.with(|link| link.has_table("migrations"))? {
        return Ok(0);
    }
    Ok(tx.one(NEWEST, &[], |row| row.opt_int(0))?.flatten().unwrap_or(0))
}
