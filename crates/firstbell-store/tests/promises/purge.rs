//! Everything with a lifetime goes, and takes along what hangs on it.

use firstbell_core::id::DistrictId;
use firstbell_core::login::session::Session;
use firstbell_core::login::step::{Destination, PendingLogin};
use firstbell_core::login::throttle::{Counters, Tries};
use firstbell_core::login::token;
use firstbell_core::roster::Generation;
use firstbell_core::time::Timestamp;
use firstbell_store::testing::{Dice, number};
use firstbell_store::{Purged, Store, StoreError};

use crate::bench::Bench;
use crate::credentials::provisioned;
use crate::population::{NOW, Roster, apply, days, fresh_code, grant, hash, later, populate};

const MORTAL: [&str; 23] = [
    "sessions",
    "pending_logins",
    "codes",
    "tokens",
    "credentials",
    "tries",
    "strangers_tries",
    "known_browsers",
    "standings",
    "schools",
    "terms",
    "courses",
    "sections",
    "section_teachers",
    "users",
    "user_roles",
    "role_schools",
    "enrollments",
    "contacts",
    "contact_students",
    "resources",
    "resource_courses",
    "roster_leases WHERE staged = 1",
];

async fn count(store: &Store, table: &str) -> i64 {
    number(store, format!("SELECT COUNT(*) FROM {table}")).await.expect("a count")
}

async fn all_counts(store: &Store) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for table in MORTAL {
        counts.push((table, count(store, table).await));
    }
    counts
}

async fn purge(store: &Store, now: Timestamp) -> Purged {
    let mut all = Purged::default();
    loop {
        let purged = store.purge(now, 7).await.expect("purged");
        all.sessions += purged.sessions;
        all.tokens += purged.tokens;
        all.roster_rows += purged.roster_rows;
        if !purged.more {
            return all;
        }
    }
}

/// Everybody has everything, made at random moments of the last hour.
async fn live(store: &Store, district: DistrictId, roster: &Roster) {
    let people: Vec<_> = roster.people.iter().map(|person| person.user.clone()).collect();
    store
        .write(move |tx| {
            let dice = &mut Dice::new(people.len() as u64);
            for user in &people {
                let now = later(-i64::try_from(dice.below(3_600_000)).expect("small"));
                let role = user.roles[0].id;
                if dice.below(3) == 0 {
                    tx.district(district).suspend(user.id, now)?;
                }
                let whose = (user.id, Generation::default());
                tx.begin_session(&Session::begin(district, whose, role, now, dice).1, None)?;
                let code = fresh_code(grant(district, user), dice);
                let (_, token) = token::mint(code.grant, now, dice);
                tx.record_code(&code)?;
                if dice.below(2) == 0 {
                    tx.spend_code(&code.hash, &token.hash, now)?;
                    tx.record_token(&token)?;
                }
                let name = format!("{role}");
                let began = later(-i64::try_from(dice.below(1_000_000)).expect("small"));
                let login = PendingLogin {
                    destination: Destination::Portal,
                    district: Some(district),
                    browser: hash(&name),
                    began,
                    present: None,
                    vouched: None,
                };
                tx.record_pending_login(&hash(&format!("login {name}")), &login)?;
                let mut district = tx.district(district);
                district.put_credential(&provisioned(&name, role))?;
                let tries = Tries { count: 3, last: now };
                let counters = Counters { here: tries, strangers: Some(tries), browser: tries };
                let subject = *hash(&name).as_bytes();
                district.record_tries(&subject, &hash("browser"), &counters)?;
                district.know_browser(&subject, &hash("known"), now)?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .expect("lived");
}

pub async fn purging_now_removes_nothing_live(bench: Bench) {
    let roster = Roster::new(40, 1);
    let district = populate(&bench.store, 1, &roster).await;
    live(&bench.store, district, &roster).await;
    let before = all_counts(&bench.store).await;
    assert!(
        before.iter().all(|(table, count)| *count > 0 || table.contains("staged")),
        "{before:?}"
    );
    purge(&bench.store, NOW).await;
    assert_eq!(all_counts(&bench.store).await, before);

    // Renaming everybody leaves their former rows behind, for as long as that can be taken back.
    apply(&bench.store, district, roster.rename_all("Renamed")).await.expect("applied");
    let purged = purge(&bench.store, NOW).await;
    assert_eq!((purged.sessions, purged.tokens, purged.roster_rows), (0, 0, 0));
    let doubled = ["users", "user_roles", "role_schools"];
    for ((table, count), (_, once)) in all_counts(&bench.store).await.into_iter().zip(before) {
        assert_eq!(count, if doubled.contains(&table) { 2 * once } else { once }, "{table}");
    }
    let purged = purge(&bench.store, days(301)).await;
    assert!(purged.roster_rows >= 3 * 41, "{purged:?}");
    assert_eq!(count(&bench.store, "users").await, 41);
}

pub async fn purging_in_the_end_leaves_no_orphan(bench: Bench) {
    let roster = Roster::new(40, 1);
    let district = populate(&bench.store, 1, &roster).await;
    live(&bench.store, district, &roster).await;
    apply(&bench.store, district, roster.leave()).await.expect("applied");
    let bindings = count(&bench.store, "bindings").await;

    purge(&bench.store, days(1)).await;
    assert_eq!(count(&bench.store, "credentials").await, 41, "they may come back");
    purge(&bench.store, days(400)).await;
    for (table, count) in all_counts(&bench.store).await {
        assert_eq!(count, 0, "{table}");
    }
    assert_eq!(count(&bench.store, "bindings").await, bindings, "ids are for ever");
    assert_eq!(count(&bench.store, "districts").await, 1);
}

pub async fn what_people_who_left_had_goes_with_them(bench: Bench) {
    let roster = Roster::new(40, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let other = Roster::new(3, 2);
    let elsewhere = populate(&bench.store, 2, &other).await;
    live(&bench.store, district, &roster).await;
    live(&bench.store, elsewhere, &other).await;
    let mut change = roster.leave();
    change.people.removed.truncate(11);
    change.people.removed.remove(0);
    change.schools.removed.clear();
    apply(&bench.store, district, change).await.expect("applied");

    let purged = purge(&bench.store, NOW).await;
    assert_eq!(purged.sessions, 10);
    assert_eq!(count(&bench.store, "sessions").await, 31 + 4);
    let there = "users WHERE until = 9223372036854775807";
    assert_eq!(count(&bench.store, there).await, 31 + 4);
    let marked = "credentials WHERE role_left_at IS NOT NULL";
    assert_eq!(count(&bench.store, marked).await, 10);

    // Two of them come back, one of them after a year and by a hair.
    let mut back = firstbell_core::roster::change::RosterChange::default();
    back.people.added.extend_from_slice(&roster.people[1..3]);
    apply(&bench.store, district, back).await.expect("applied");
    assert_eq!(purge(&bench.store, days(299)).await.roster_rows, 0);
    assert_eq!(count(&bench.store, marked).await, 8);
    purge(&bench.store, days(301)).await;
    assert_eq!(count(&bench.store, "credentials").await, 41 - 8 + 4);
}
