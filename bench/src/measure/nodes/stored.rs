//! What the database holds when nobody asks anything any more.

use anyhow::Result;
use postgres::{Client, NoTls};

use super::world::World;
use crate::history::{Mark, Stored, StoredSession, StoredToken};

/// Reads it.
pub async fn read(world: &World) -> Result<Stored> {
    let url = world.nodes.postgres.url.clone();
    tokio::task::spawn_blocking(move || of(&mut Client::connect(&url, NoTls)?)).await?
}

fn of(client: &mut Client) -> Result<Stored> {
    let mut stored = Stored::default();
    for row in
        client.query("SELECT hash, token_hash FROM codes WHERE token_hash IS NOT NULL", &[])?
    {
        stored.spent.push((Mark::of_hash(row.try_get(0)?), Mark::of_hash(row.try_get(1)?)));
    }
    let tokens = "SELECT t.hash, encode(t.user_id, 'hex'), \
                  t.revoked_at IS NOT NULL OR t.generation <> COALESCE(x.generation, 0) \
                  FROM tokens t LEFT JOIN standings x USING (district_id, user_id)";
    for row in client.query(tokens, &[])? {
        stored.tokens.push(StoredToken {
            token: Mark::of_hash(row.try_get(0)?),
            id: Mark::of(row.try_get(1)?),
            revoked: row.try_get(2)?,
        });
    }
    let sessions = "SELECT t.hash, encode(t.user_id, 'hex'), \
                    t.generation <> COALESCE(x.generation, 0) \
                    FROM sessions t LEFT JOIN standings x USING (district_id, user_id)";
    for row in client.query(sessions, &[])? {
        stored.sessions.push(StoredSession {
            session: Mark::of_hash(row.try_get(0)?),
            id: Mark::of(row.try_get(1)?),
            ended: row.try_get(2)?,
        });
    }
    let suspended =
        "SELECT encode(user_id, 'hex') FROM standings WHERE suspended_since IS NOT NULL";
    for row in client.query(suspended, &[])? {
        stored.suspended.push(Mark::of(row.try_get(0)?));
    }
    for row in client.query("SELECT action, count(*) FROM audit GROUP BY action", &[])? {
        let number: i64 = row.try_get(1)?;
        stored.audit.insert(row.try_get(0)?, usize::try_from(number)?);
    }
    let stuck = "SELECT (SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in trans%') \
                 + (SELECT count(*) FROM pg_locks WHERE NOT granted) \
                 + (SELECT count(*) FROM pg_prepared_xacts)";
    let stuck: i64 = client.query_one(stuck, &[])?.try_get(0)?;
    stored.stuck = u32::try_from(stuck)?;
    Ok(stored)
}
