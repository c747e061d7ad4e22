//! Session rows: the hash of a key, an account, two times.

use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::session::{IDLE, LONGEST, SessionHash};

pub(super) fn begin(
    tx: &Transaction<'_>,
    session: SessionHash,
    account: i64,
    now: i64,
) -> rusqlite::Result<()> {
    tx.prepare_cached(
        "INSERT INTO session (key_hash, account, started_at, seen_at) VALUES (?1, ?2, ?3, ?3)",
    )?
    .execute(params![session.0, account, now])?;
    Ok(())
}

/// The account of a session that is neither idle nor too old.
pub(super) fn touch(
    tx: &Transaction<'_>,
    session: SessionHash,
    now: i64,
) -> rusqlite::Result<Option<i64>> {
    let (seen_after, started_after) = limits(now);
    tx.prepare_cached(
        "UPDATE session SET seen_at = ?2
         WHERE key_hash = ?1 AND seen_at > ?3 AND started_at > ?4 RETURNING account",
    )?
    .query_row(params![session.0, now, seen_after, started_after], |row| row.get(0))
    .optional()
}

pub(super) fn end(tx: &Transaction<'_>, session: SessionHash) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM session WHERE key_hash = ?1")?.execute(params![session.0])?;
    Ok(())
}

pub(super) fn remove_expired(tx: &Transaction<'_>, now: i64) -> rusqlite::Result<()> {
    let (seen_after, started_after) = limits(now);
    tx.prepare_cached("DELETE FROM session WHERE seen_at <= ?1 OR started_at <= ?2")?
        .execute(params![seen_after, started_after])?;
    Ok(())
}

fn limits(now: i64) -> (i64, i64) {
    (now - IDLE.as_secs().cast_signed(), now - LONGEST.as_secs().cast_signed())
}
