//! All SQL of this crate, so that a test can show it to both databases.

use crate::credentials::PROVISIONED_CREDENTIALS;
use crate::error::StoreError;
use crate::roster::tables::{BINDINGS, VERSIONED};
use crate::store::{Store, Tx};
use crate::{
    applications, audit, classrooms, codes, connections, credentials, district_tokens, districts,
    events, installation, migrations, oneroster_services, pending_logins, person, purge, roster,
    roster_at, roster_change, sections, sessions, signing_keys, standings, sync_keys, sync_runs,
    throttle, tokens, traces, webhooks,
};

/// A statement that a database would not take.
#[derive(Debug, thiserror::Error)]
#[error("{sql}")]
pub struct Refused {
    /// The statement.
    pub sql: String,
    /// What the database says.
    #[source]
    pub cause: StoreError,
}

impl From<StoreError> for Refused {
    fn from(cause: StoreError) -> Self {
        Self { sql: String::new(), cause }
    }
}

/// The SQL that both databases share.
pub fn shared() -> Vec<String> {
    let constants = [
        applications::QUERIES,
        audit::QUERIES,
        classrooms::QUERIES,
        codes::QUERIES,
        connections::QUERIES,
        credentials::QUERIES,
        district_tokens::QUERIES,
        districts::QUERIES,
        events::FEED,
        events::FOLLOWING,
        events::STEP,
        installation::QUERIES,
        migrations::QUERIES,
        oneroster_services::QUERIES,
        pending_logins::QUERIES,
        person::QUERIES,
        purge::QUERIES,
        purge::VERSIONS,
        purge::kept::QUERIES,
        roster::QUERIES,
        roster::present::QUERIES,
        roster::whole::QUERIES,
        roster_at::OTHERS,
        roster_at::PEOPLE,
        roster_at::RELATIONS,
        roster_at::SECTIONS,
        roster_change::QUERIES,
        roster_change::staging::rows::QUERIES,
        sections::QUERIES,
        sessions::QUERIES,
        signing_keys::QUERIES,
        standings::QUERIES,
        sync_keys::QUERIES,
        sync_runs::END,
        sync_runs::QUERIES,
        throttle::QUERIES,
        tokens::QUERIES,
        traces::QUERIES,
        webhooks::ATTEMPT,
        webhooks::DELIVERIES,
        webhooks::QUERIES,
    ];
    let constants = constants.into_iter().flatten().map(|(_, sql)| (*sql).to_owned());
    let of_tables = VERSIONED
        .iter()
        .flat_map(|table| [table.delete_staged(), table.reopen(), table.delete_closed()]);
    constants.chain(of_tables).chain([BINDINGS.delete_staged()]).collect()
}

/// Shows every statement to the database, the bulk ones too; says how many there are.
///
/// # Errors
/// The first that it refuses.
pub async fn prepare_all(store: &Store) -> Result<usize, Refused> {
    store
        .write(|tx| {
            let mut statements = shared();
            for table in VERSIONED {
                statements.extend(bulk_texts(tx, table)?);
            }
            for table in [&BINDINGS, &PROVISIONED_CREDENTIALS, &events::EVENTS] {
                statements.extend(bulk_texts(tx, table)?.into_iter().take(1));
            }
            // Whatever ends like this may be asked for many ids at once.
            let for_ids: Vec<_> =
                statements.iter().filter(|sql| sql.ends_with("id = $3")).cloned().collect();
            for sql in for_ids {
                statements.push(tx.with(|link| Ok(link.ids_text(&sql, 3)))?);
            }
            for sql in &statements {
                tx.with(|link| link.prepare(sql))
                    .map_err(|cause| Refused { sql: sql.clone(), cause })?;
            }
            Ok(statements.len())
        })
        .await
}

fn bulk_texts(tx: &mut Tx<'_>, table: &crate::backend::Table) -> Result<[String; 2], StoreError> {
    tx.with(|link| Ok(link.bulk_texts(table)))
}

/// Whether `$1`, `$2`, … first appear in this order.
pub fn is_numbered_in_order(sql: &str) -> bool {
    let mut known = 0;
    sql.split('$').skip(1).all(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        match digits.parse::<u32>() {
            Ok(number) if number == known + 1 => {
                known = number;
                true
            }
            Ok(number) => (1..=known).contains(&number),
            Err(_) => false,
        }
    })
}
