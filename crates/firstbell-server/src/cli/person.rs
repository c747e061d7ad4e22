//! `firstbell person suspend`, `restore` and `sign-out`.
//!
//! Somebody who suspends a person must know whether it happened. The database gets several tries
//! within some seconds; after that the command says that it did not happen, and nothing is half
//! done: the change and its entry in the audit log are one transaction.

use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use firstbell_core::id::DistrictId;
use firstbell_core::login::credential::fold_login_name;
use firstbell_core::time::Timestamp;
use firstbell_store::{AuditEntry, OpenError, Store, StoreError, Tx};
use serde_json::json;

use super::{ConfigFile, lookup, open_store};
use crate::clock::Clock;

/// Suspends a person, restores one, or signs one out.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Keep a person from logging in, and their tokens from opening anything, at once
    Suspend(Named),
    /// Let a suspended person in again; what they had before stays ended
    Restore(Named),
    /// End all sessions and tokens of a person, who may log in again
    SignOut(Named),
}

#[derive(Debug, Clone, clap::Args)]
struct Named {
    #[command(flatten)]
    config: ConfigFile,
    /// The person's district, by its shortname
    #[arg(long, value_name = "SHORTNAME")]
    district: String,
    /// The person: the login name, or the id of 24 digits
    #[arg(long, alias = "username")]
    person: String,
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Suspend,
    Restore,
    SignOut,
}

impl Change {
    const fn action(self) -> &'static str {
        match self {
            Self::Suspend => "person.suspended",
            Self::Restore => "person.restored",
            Self::SignOut => "person.signed_out",
        }
    }

    /// What the person is after it.
    const fn outcome(self) -> &'static str {
        match self {
            Self::Suspend => "suspended",
            Self::Restore => "restored",
            Self::SignOut => "signed out",
        }
    }
}

/// How long to wait before each further try.
const WAITS: [Duration; 4] = [
    Duration::from_millis(250),
    Duration::from_millis(750),
    Duration::from_millis(1500),
    Duration::from_millis(2500),
];

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let (named, change) = match options.verb {
        Verb::Suspend(named) => (named, Change::Suspend),
        Verb::Restore(named) => (named, Change::Restore),
        Verb::SignOut(named) => (named, Change::SignOut),
    };

    let done = persist(&named, change)
        .await
        .with_context(|| format!("{:?} was NOT {}", named.person, change.outcome()))?;

    if named.json {
        let reply = json!({
            "person": done.person,
            "outcome": change.outcome(),
            "changed": done.changed,
        });
        println!("{reply}");
    } else {
        let already = if done.changed { "" } else { " already; nothing was changed" };
        println!("{} is {}{already}.", named.person, change.outcome());
    }
    Ok(())
}

/// Tries until the database takes it, or for some seconds.
async fn persist(named: &Named, change: Change) -> anyhow::Result<Done> {
    let mut waits = WAITS.into_iter();
    loop {
        let error = match attempt(named, change).await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if !is_of_the_database(&error) {
            return Err(error);
        }
        let Some(wait) = waits.next() else {
            return Err(error.context(format!(
                "the database refused it {} times; nothing was changed. See to the database, then \
                 run this again",
                WAITS.len() + 1
            )));
        };
        eprintln!("firstbell: the database refused it ({error:#}); trying again");
        tokio::time::sleep(wait).await;
    }
}

fn is_of_the_database(error: &anyhow::Error) -> bool {
    error.is::<StoreError>() || error.is::<OpenError>()
}

struct Done {
    person: String,
    changed: bool,
}

async fn attempt(named: &Named, change: Change) -> anyhow::Result<Done> {
    let store = open_store(&named.config.load()?)?;
    let named = named.clone();
    store
        .write(move |tx| {
            let settings = tx.settings()?;
            let district = lookup::district(&settings, &named.district)?;
            let user = lookup::person(tx, district, &named.person)?.user;
            // Read after the transaction sees what it sees: all of that is older.
            let now = Clock::System.now();
            let mut within = tx.district(district.id);
            let changed = match (change, user.suspended_since) {
                (Change::Suspend, Some(_)) | (Change::Restore, None) => false,
                (Change::Suspend, None) => {
                    within.suspend(user.id, now)?;
                    true
                }
                (Change::Restore, Some(_)) => within.readmit(user.id)?,
                (Change::SignOut, _) => {
                    within.sign_out(user.id)?;
                    true
                }
            };
            if changed {
                let entry = AuditEntry {
                    action: change.action(),
                    actor: None,
                    subject: Some(user.id),
                    application: None,
                    detail: named.reason.clone(),
                };
                within.audit(&entry, now)?;
            }
            Ok::<_, anyhow::Error>(Done { person: user.id.to_string(), changed })
        })
        .await
}

/// Suspends the person with this user name.
pub(super) async fn suspend(
    store: &Store,
    district: DistrictId,
    username: &str,
    since: Timestamp,
) -> anyhow::Result<()> {
    let name = fold_login_name(username);
    let work = move |tx: &mut Tx<'_>| {
        let Some(user) = tx.district(district).user_by_login_name(&name)? else {
            return Ok(false);
        };
        tx.district(district).suspend(user.id, since)?;
        Ok::<_, StoreError>(true)
    };
    let found = store.write(work).await?;
    found.then_some(()).with_context(|| format!("nobody logs in as {username:?} there"))
}
