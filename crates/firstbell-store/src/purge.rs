//! The purge: everything with a lifetime goes when its time has come, and what belonged to people
//! who left goes with them. In small pieces, so that logins pass between.

pub(crate) mod kept;
mod versions;

use std::time::Duration;

use firstbell_core::events::KEPT_FOR;
use firstbell_core::id::DistrictId;
use firstbell_core::login::{code, session, step, throttle, token, trace};
use firstbell_core::time::Timestamp;
use firstbell_core::webhook;

use crate::backend::Value;
use crate::error::StoreError;
use crate::events;
use crate::queries::queries;
use crate::store::{Store, Tx};
use kept::{KEPT_AFTER_LEAVING, trimmable};

#[cfg(feature = "testing")]
pub(crate) use versions::QUERIES as VERSIONS;

/// How much was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Begun logins whose person never came.
    pub pending_logins: u64,
    /// Codes.
    pub codes: u64,
    /// Tokens.
    pub tokens: u64,
    /// Sessions.
    pub sessions: u64,
    /// Counters of tries.
    pub tries: u64,
    /// Browsers on which a login name had succeeded.
    pub known_browsers: u64,
    /// Roster rows that hold in no version that anybody can read.
    pub roster_rows: u64,
    /// Login names of roles that left long ago.
    pub credentials: u64,
    /// Suspensions and generations of people who left long ago.
    pub standings: u64,
    /// Hops of logins that wait no longer, and what support codes found.
    pub traces: u64,
    /// Events that are told no longer.
    pub events: u64,
    /// What became of messages to webhooks.
    pub deliveries: u64,
    /// Sync runs, reports of them, and held runs that nobody approved.
    pub syncs: u64,
    /// Set where more is waiting than `at_most` of a kind: purge again soon.
    pub more: bool,
}

impl Purged {
    /// How many rows went in all.
    pub fn total(&self) -> u64 {
        self.pending_logins
            + self.codes
            + self.tokens
            + self.sessions
            + self.tries
            + self.known_browsers
            + self.roster_rows
            + self.credentials
            + self.standings
            + self.traces
            + self.events
            + self.deliveries
            + self.syncs
    }
}

/// Deletes up to `$2` rows of a table that are older than `$1`.
macro_rules! expired {
    ($table:literal, $key:literal, $time:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $key,
            ") IN (SELECT ",
            $key,
            " FROM ",
            $table,
            " WHERE ",
            $time,
            " <= $1 LIMIT $2)"
        )
    };
}

/// The same for a table whose rows stand in the order in which they came.
macro_rules! oldest {
    ($table:literal, $time:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE ",
            $time,
            " <= $1 AND number IN \
             (SELECT number FROM ",
            $table,
            " ORDER BY number LIMIT $2)"
        )
    };
}

/// Up to `$2` hashes of a table's rows in district `$1` whose person is not in its roster.
macro_rules! of_nobody {
    ($table:literal) => {
        concat!(
            "SELECT t.hash FROM ",
            $table,
            " t JOIN districts d ON d.id = t.district_id \
             WHERE t.district_id = $1 AND NOT EXISTS (SELECT 1 FROM users u \
             WHERE u.district_id = t.district_id AND u.id = t.user_id \
             AND u.since <= d.roster_version AND u.until > d.roster_version) LIMIT $2"
        )
    };
}

/// Whether credential `c` or standing `x` is of somebody in the current roster.
macro_rules! role_is_there {
    () => {
        "EXISTS (SELECT 1 FROM user_roles r JOIN districts d ON d.id = r.district_id \
         WHERE r.district_id = c.district_id AND r.role_id = c.role_id \
         AND r.since <= d.roster_version AND r.until > d.roster_version)"
    };
}
macro_rules! user_is_there {
    () => {
        "EXISTS (SELECT 1 FROM users u JOIN districts d ON d.id = u.district_id \
         WHERE u.district_id = x.district_id AND u.id = x.user_id \
         AND u.since <= d.roster_version AND u.until > d.roster_version)"
    };
}

queries! {
    PENDING_LOGINS = oldest!("pending_logins", "began");
    CODES = oldest!("codes", "issued");
    TOKENS = oldest!("tokens", "issued");
    SESSIONS = expired!("sessions", "hash", "last_seen");
    TRIES = expired!("tries", "district_id, subject, browser", "last_try");
    STRANGERS_TRIES = expired!("strangers_tries", "district_id, subject", "last_try");
    KNOWN_BROWSERS = expired!("known_browsers", "district_id, subject, browser", "last_login");
    HOPS = oldest!("login_hops", "at");
    TRACES = oldest!("traces", "at");
    EVENTS = expired!("events", "application_id, district_id, id", "made");
    DELIVERIES = expired!("webhook_deliveries", "id", "ended");
    CREDENTIALS = concat!(
        "DELETE FROM credentials WHERE (district_id, login_name) IN \
         (SELECT c.district_id, c.login_name FROM credentials c \
         WHERE c.role_left_at IS NOT NULL AND c.role_left_at <= $1 AND NOT ",
        role_is_there!(), " LIMIT $2)"
    );
    STANDINGS = concat!(
        "DELETE FROM standings WHERE (district_id, user_id) IN \
         (SELECT x.district_id, x.user_id FROM standings x \
         WHERE x.user_left_at IS NOT NULL AND x.user_left_at <= $1 AND NOT ",
        user_is_there!(), " LIMIT $2)"
    );

    UNSWEPT = "SELECT id, roster_version FROM districts WHERE swept_version < roster_version";
    SWEPT = "UPDATE districts SET swept_version = $1 WHERE id = $2";
    SESSIONS_OF_NOBODY = of_nobody!("sessions");
    CODES_OF_NOBODY = of_nobody!("codes");
    TOKENS_OF_NOBODY = of_nobody!("tokens");
    DELETE_SESSION = "DELETE FROM sessions WHERE hash = $1";
    DELETE_CODE = "DELETE FROM codes WHERE hash = $1";
    DELETE_TOKEN = "DELETE FROM tokens WHERE hash = $1";
    ROLES_THAT_LEFT = concat!(
        "SELECT c.login_name FROM credentials c WHERE c.district_id = $1 \
         AND c.role_left_at IS NULL AND NOT ", role_is_there!(), " LIMIT $2"
    );
    ROLES_THAT_CAME_BACK = concat!(
        "SELECT c.login_name FROM credentials c WHERE c.district_id = $1 \
         AND c.role_left_at IS NOT NULL AND ", role_is_there!(), " LIMIT $2"
    );
    MARK_ROLE = "UPDATE credentials SET role_left_at = $1 \
                 WHERE district_id = $2 AND login_name = $3";
    USERS_WHO_LEFT = concat!(
        "SELECT x.user_id FROM standings x WHERE x.district_id = $1 \
         AND x.user_left_at IS NULL AND NOT ", user_is_there!(), " LIMIT $2"
    );
    USERS_WHO_CAME_BACK = concat!(
        "SELECT x.user_id FROM standings x WHERE x.district_id = $1 \
         AND x.user_left_at IS NOT NULL AND ", user_is_there!(), " LIMIT $2"
    );
    MARK_USER = "UPDATE standings SET user_left_at = $1 \
                 WHERE district_id = $2 AND user_id = $3";
}

impl Store {
    /// Deletes what has outlived its time, up to `at_most` rows of each kind.
    ///
    /// # Errors
    /// When the database fails; what was deleted until then stays deleted.
    pub async fn purge(&self, now: Timestamp, at_most: u32) -> Result<Purged, StoreError> {
        let mut purge = Purge { store: self, at_most: at_most.into(), now, more: false };
        let mut purged = Purged {
            pending_logins: purge.expired(PENDING_LOGINS, step::LOGIN_WAITS).await?,
            // A code is remembered for as long as the token lives that it may have bought: its
            // replay revokes that token.
            codes: purge.expired(CODES, code::LIFETIME + token::LIFETIME).await?,
            tokens: purge.expired(TOKENS, token::LIFETIME).await?,
            // A session that ran for too long is no longer used, so it ends up here too.
            sessions: purge.expired(SESSIONS, session::LONGEST_IDLE).await?,
            tries: purge.expired(TRIES, throttle::FORGOTTEN_AFTER).await?
                + purge.expired(STRANGERS_TRIES, throttle::FORGOTTEN_AFTER).await?,
            known_browsers: purge.expired(KNOWN_BROWSERS, throttle::BROWSER_KNOWN_FOR).await?,
            credentials: purge.expired(CREDENTIALS, KEPT_AFTER_LEAVING).await?,
            standings: purge.expired(STANDINGS, KEPT_AFTER_LEAVING).await?,
            traces: purge.expired(HOPS, step::LOGIN_WAITS).await?
                + purge.expired(TRACES, trace::KEPT_FOR).await?,
            // Before versions of rosters go, of which events tell.
            events: purge.expired(EVENTS, KEPT_FOR).await? + purge.forgotten_events().await?,
            deliveries: purge.expired(DELIVERIES, webhook::ENDED_KEPT_FOR).await?,
            syncs: purge.syncs().await?,
            ..Purged::default()
        };
        for (district, version) in self.read(unswept).await? {
            let mut sweep = Purge { more: false, ..purge };
            sweep.sweep(district, &mut purged).await?;
            if sweep.more {
                purge.more = true;
            } else {
                let values = move || [version.into(), district.into()];
                self.write(move |tx| tx.run(SWEPT, &values())).await?;
            }
        }
        for (district, oldest) in self.read(move |tx| trimmable(tx, now)).await? {
            let mut trim = Purge { more: false, ..purge };
            trim.trim(district, oldest, &mut purged).await?;
            purge.more |= trim.more;
        }
        Ok(Purged { more: purge.more, ..purged })
    }
}

fn unswept(tx: &mut Tx<'_>) -> Result<Vec<(DistrictId, i64)>, StoreError> {
    tx.all(UNSWEPT, &[], |row| Ok((row.id(0)?, row.int(1)?)))
}

#[derive(Clone, Copy)]
struct Purge<'s> {
    store: &'s Store,
    at_most: i64,
    now: Timestamp,
    more: bool,
}

impl Purge<'_> {
    /// Deletes what is older than `lifetime`.
    async fn expired(&mut self, sql: &'static str, lifetime: Duration) -> Result<u64, StoreError> {
        let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        let oldest = self.now.milliseconds().saturating_sub(lifetime);
        let at_most = self.at_most;
        let deleted =
            self.store.write(move |tx| tx.run(sql, &[oldest.into(), at_most.into()])).await?;
        Ok(self.counted(deleted))
    }

    async fn syncs(&mut self) -> Result<u64, StoreError> {
        let (now, at_most) = (self.now, self.at_most);
        let purged = self.store.write(move |tx| tx.purge_syncs(now, at_most)).await?;
        Ok(self.counted(purged))
    }

    /// Tidies up after a roster changed.
    async fn sweep(&mut self, district: DistrictId, purged: &mut Purged) -> Result<(), StoreError> {
        purged.sessions += self.of_nobody(SESSIONS_OF_NOBODY, DELETE_SESSION, district).await?;
        purged.codes += self.of_nobody(CODES_OF_NOBODY, DELETE_CODE, district).await?;
        purged.tokens += self.of_nobody(TOKENS_OF_NOBODY, DELETE_TOKEN, district).await?;
        let now = Some(self.now);
        self.mark_roles(ROLES_THAT_LEFT, now, district).await?;
        self.mark_roles(ROLES_THAT_CAME_BACK, None, district).await?;
        self.mark_users(USERS_WHO_LEFT, now, district).await?;
        self.mark_users(USERS_WHO_CAME_BACK, None, district).await
    }

    /// Deletes events of those who follow no longer, or have begun anew.
    async fn forgotten_events(&mut self) -> Result<u64, StoreError> {
        let at_most = self.at_most;
        let [all, most] =
            self.store.write(move |tx| events::forget_begun_before(tx, at_most)).await?;
        self.counted(most);
        Ok(all)
    }

    /// Deletes rows of people who left. A reader finds them, because that takes a look at every
    /// row and the writer has other things to do.
    async fn of_nobody(
        &mut self,
        find: &'static str,
        delete: &'static str,
        district: DistrictId,
    ) -> Result<u64, StoreError> {
        let hashes: Vec<[u8; 32]> = self.found(find, district, |row| row.array(0)).await?;
        let deleted = self.store.write(move |tx| {
            hashes.iter().map(|hash| tx.run(delete, &[hash[..].into()])).sum::<Result<u64, _>>()
        });
        Ok(self.counted(deleted.await?))
    }

    async fn mark_roles(
        &mut self,
        find: &'static str,
        left: Option<Timestamp>,
        district: DistrictId,
    ) -> Result<(), StoreError> {
        let names: Vec<String> = self.found(find, district, |row| row.string(0)).await?;
        let marked = self.store.write(move |tx| {
            let mark = |name: &String| {
                let values: [Value<'_>; 3] = [left.into(), district.into(), name.as_str().into()];
                tx.run(MARK_ROLE, &values)
            };
            names.iter().map(mark).sum::<Result<u64, _>>()
        });
        self.counted(marked.await?);
        Ok(())
    }

    async fn mark_users(
        &mut self,
        find: &'static str,
        left: Option<Timestamp>,
        district: DistrictId,
    ) -> Result<(), StoreError> {
        let users: Vec<[u8; 12]> = self.found(find, district, |row| row.array(0)).await?;
        let marked = self.store.write(move |tx| {
            let mark = |user: &[u8; 12]| {
                let values: [Value<'_>; 3] = [left.into(), district.into(), Value::Id(*user)];
                tx.run(MARK_USER, &values)
            };
            users.iter().map(mark).sum::<Result<u64, _>>()
        });
        self.counted(marked.await?);
        Ok(())
    }

    async fn found<T: Send + 'static>(
        &self,
        sql: &'static str,
        district: DistrictId,
        read: fn(&crate::backend::Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let at_most = self.at_most;
        let finding = self
            .store
            .read_at_length(move |tx| tx.all(sql, &[district.into(), at_most.into()], read));
        finding.await
    }

    /// Notes where there may be more.
    fn counted(&mut self, rows: u64) -> u64 {
        self.more |= rows >= self.at_most.unsigned_abs();
        rows
    }
}
