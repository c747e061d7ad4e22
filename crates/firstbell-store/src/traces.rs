//! What a support code finds.

use firstbell_core::login::trace::{Hop, Trace};
use firstbell_core::secret::SecretHash;
use firstbell_core::time::Timestamp;
use serde_json::json;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::Tx;

queries! {
    ADD_HOP = "INSERT INTO login_hops (login, at, hop) VALUES ($1, $2, $3)";
    COUNT_HOPS = "SELECT COUNT(*) FROM login_hops WHERE login = $1";
    HOPS = "SELECT hop FROM login_hops WHERE login = $1 ORDER BY number LIMIT 50";
    ADD_TRACE = "INSERT INTO traces (support_code, at, hops) VALUES ($1, $2, $3)";
    TRACE = "SELECT at, hops FROM traces WHERE support_code = $1";
}

/// The hops of one login that are kept.
pub const MOST_HOPS: i64 = 50;

impl Tx<'_> {
    /// Records a hop of a login that waits. What comes after [`MOST_HOPS`] is not kept: somebody goes
    /// to and fro, and the database must not grow with it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn add_hop(&mut self, login: &SecretHash, hop: &Hop) -> Result<(), StoreError> {
        let known = self.one(COUNT_HOPS, &[login.into()], |row| row.int(0))?;
        if known.unwrap_or(0) >= MOST_HOPS {
            return Ok(());
        }
        self.begin_hops(login, hop)
    }

    /// Records the first hop of a login.
    ///
    /// # Errors
    /// When the database fails.
    pub fn begin_hops(&mut self, login: &SecretHash, hop: &Hop) -> Result<(), StoreError> {
        let text = Value::Made(json(hop).to_string());
        self.run(ADD_HOP, &[login.into(), hop.at.into(), text]).map(drop)
    }

    /// The hops of a login that waits, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn hops(&mut self, login: &SecretHash) -> Result<Vec<Hop>, StoreError> {
        self.all(HOPS, &[login.into()], |row| {
            let json = serde_json::from_str(row.text(0)?).ok();
            json.as_ref().and_then(hop).ok_or(StoreError::Unreadable { column: 0 })
        })
    }

    /// Records what a support code finds.
    ///
    /// # Errors
    /// [`StoreError::AlreadyThere`] with `support_code`.
    pub fn record_trace(&mut self, trace: &Trace) -> Result<(), StoreError> {
        let hops: Vec<_> = trace.hops.iter().map(json).collect();
        let text = Value::Made(serde_json::Value::from(hops).to_string());
        let values = [trace.support_code.as_str().into(), trace.at.into(), text];
        self.run(ADD_TRACE, &values).map(drop).map_err(|error| error.naming(&["support_code"]))
    }

    /// What this support code finds.
    ///
    /// # Errors
    /// When the database fails.
    pub fn trace(&mut self, support_code: &str) -> Result<Option<Trace>, StoreError> {
        self.one(TRACE, &[support_code.into()], |row| {
            Ok(Trace {
                support_code: support_code.to_owned(),
                at: row.time(0)?,
                hops: hops(row, 1)?,
            })
        })
    }
}

fn json(hop: &Hop) -> serde_json::Value {
    json!({
        "at": hop.at.milliseconds(),
        "place": hop.place,
        "decision": hop.decision,
        "facts": hop.facts,
    })
}

fn hops(row: &Row<'_>, column: usize) -> Result<Vec<Hop>, StoreError> {
    let list: Option<Vec<serde_json::Value>> = serde_json::from_str(row.text(column)?).ok();
    let hops = list.and_then(|list| list.iter().map(hop).collect());
    hops.ok_or(StoreError::Unreadable { column })
}

fn hop(json: &serde_json::Value) -> Option<Hop> {
    Some(Hop {
        at: Timestamp::from_milliseconds(json["at"].as_i64()?),
        place: json["place"].as_str()?.to_owned(),
        decision: json["decision"].as_str()?.to_owned(),
        facts: serde_json::from_value(json["facts"].clone()).ok()?,
    })
}
