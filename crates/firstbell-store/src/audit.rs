//! The audit log of a district: what administrators did, and what was done in somebody's name. There
//! is no way to change or take away a record.

use firstbell_core::id::{ApplicationId, UserId};
use firstbell_core::time::Timestamp;

use crate::error::StoreError;
use crate::queries::queries;
use crate::store::DistrictTx;

queries! {
    ADD = "INSERT INTO audit \
           (district_id, at, action, actor_id, subject_id, application_id, detail) \
           VALUES ($1, $2, $3, $4, $5, $6, $7)";
    NEWEST = "SELECT number, at, action, actor_id, subject_id, application_id, detail \
              FROM audit WHERE district_id = $1 ORDER BY number DESC LIMIT $2";
}

/// Something to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// What was done: `impersonation.begun`, `classroom.connected`, …
    pub action: &'static str,
    /// Who did it; nobody where it was done on the command line.
    pub actor: Option<UserId>,
    /// To whom, or in whose name.
    pub subject: Option<UserId>,
    /// Which application it was about.
    pub application: Option<ApplicationId>,
    /// What else there is to say; no secret.
    pub detail: String,
}

/// Something that was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its number; records of all districts are numbered together.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub action: String,
    /// Who did it.
    pub actor: Option<UserId>,
    /// To whom, or in whose name.
    pub subject: Option<UserId>,
    /// Which application it was about.
    pub application: Option<ApplicationId>,
    /// What else there is to say.
    pub detail: String,
}

impl DistrictTx<'_, '_> {
    /// Adds a record.
    ///
    /// # Errors
    /// When the database fails.
    pub fn audit(&mut self, entry: &AuditEntry, now: Timestamp) -> Result<(), StoreError> {
        let values = [
            self.id.into(),
            now.into(),
            entry.action.into(),
            entry.actor.into(),
            entry.subject.into(),
            entry.application.into(),
            entry.detail.as_str().into(),
        ];
        self.tx.run(ADD, &values).map(drop)
    }

    /// The newest records, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn audit_log(&mut self, at_most: u32) -> Result<Vec<AuditRecord>, StoreError> {
        self.tx.all(NEWEST, &[self.id.into(), i64::from(at_most).into()], |row| {
            Ok(AuditRecord {
                number: row.int(0)?,
                at: row.time(1)?,
                action: row.string(2)?,
                actor: row.opt_id(3)?,
                subject: row.opt_id(4)?,
                application: row.opt_id(5)?,
                detail: row.string(6)?,
            })
        })
    }
}
