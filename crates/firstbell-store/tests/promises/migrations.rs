//! The schema goes forward only, and only once.

use firstbell_core::id::SyncRunId;
use firstbell_core::login::session::Session;
use firstbell_core::login::token;
use firstbell_core::roster::sync::{Fingerprint, PlanIdentity, SyncLimits, SyncSource};
use firstbell_core::roster::{Generation, RosterVersion, User};
use firstbell_store::testing::{Dice, run_schema, run_sql};
use firstbell_store::{
    Begun, FoundBySync, NewSync, OpenError, SchemaState, Seek, Store, StoreError, Tx,
};

use crate::bench::Bench;
use crate::population::{NOW, Roster, apply, current, grant, later, populate};

pub async fn migrating_twice_changes_nothing(bench: Bench) {
    let again = Store::open(bench.backend.clone()).expect("a store");
    assert_eq!(again.schema_state().expect("a state"), SchemaState::Current);
    assert!(again.migrate().expect("a schema").is_empty());

    run_sql(&bench.store, "DELETE FROM migrations WHERE number > 2").await.expect("deleted");
    let SchemaState::Behind { missing } = again.schema_state().expect("a state") else {
        panic!("the schema is behind");
    };
    assert_eq!(missing.first(), Some(&"0003_credentials"));
}

/// The migrations since 0009, all of them, and what undoes each.
const UNDONE: &[(&str, &str)] = &[
    (
        "0009_generations",
        "DROP TABLE standings;
         CREATE TABLE suspensions (district_id {blob} NOT NULL REFERENCES districts (id),
             user_id {blob} NOT NULL, since {bigint} NOT NULL, user_left_at {bigint},
             PRIMARY KEY (district_id, user_id)) {clustered};
         CREATE TABLE signed_out (district_id {blob} NOT NULL, user_id {blob} NOT NULL,
             until {bigint} NOT NULL, PRIMARY KEY (district_id, user_id)) {clustered};
         ALTER TABLE sessions DROP COLUMN generation;
         ALTER TABLE sessions DROP COLUMN impersonator_generation;
         ALTER TABLE codes DROP COLUMN generation;
         ALTER TABLE codes DROP COLUMN impersonator_generation;
         ALTER TABLE tokens DROP COLUMN generation;
         ALTER TABLE tokens DROP COLUMN impersonator_generation;
         INSERT INTO suspensions (district_id, user_id, since)
             SELECT district_id, user_id, issued - 5 FROM tokens WHERE number = 1;
         INSERT INTO signed_out (district_id, user_id, until)
             SELECT district_id, user_id, issued FROM tokens WHERE number = 2;",
    ),
    (
        "0010_rosters",
        "DROP TABLE contacts;
         DROP TABLE contact_students;
         DROP TABLE resources;
         DROP TABLE resource_courses;
         DROP TABLE roster_versions;
         DROP TABLE connection_groups;
         DROP INDEX role_schools_by_school;
         DROP INDEX sections_by_school;
         DROP INDEX user_roles_rare;
         DROP INDEX user_roles_by_role;
         CREATE INDEX user_roles_by_role ON user_roles (district_id, role_id);
         ALTER TABLE schools DROP COLUMN created;
         ALTER TABLE schools DROP COLUMN last_modified;
         ALTER TABLE sections DROP COLUMN created;
         ALTER TABLE sections DROP COLUMN last_modified;
         ALTER TABLE role_schools DROP COLUMN position;
         ALTER TABLE districts DROP COLUMN trimmed_version;",
    ),
    (
        "0011_syncs",
        "DROP TABLE sync_runs;
         DROP TABLE sync_holds;
         DROP TABLE sync_limits;
         DROP TABLE sync_keys;",
    ),
    (
        "0012_events",
        "DROP TABLE events;
         DROP TABLE event_sharings;
         DROP TABLE event_cursors;",
    ),
    (
        "0013_webhooks",
        "DROP TABLE webhook_deliveries;
         DROP TABLE webhooks;",
    ),
    ("0014_oneroster_services", "DROP TABLE oneroster_services;"),
    ("0015_news_since", "ALTER TABLE webhook_deliveries DROP COLUMN news_since;"),
    (
        "0016_runs_as_of",
        "ALTER TABLE sync_runs DROP COLUMN as_of;
         ALTER TABLE sync_limits DROP COLUMN login_names;",
    ),
    ("0017_events_by_kind", "DROP INDEX events_by_kind;"),
    (
        "0018_runs_taken_up",
        "ALTER TABLE sync_runs DROP COLUMN fence;
         ALTER TABLE sync_runs DROP COLUMN undo_to_made;",
    ),
    (
        "0019_ids_first",
        "DROP INDEX enrollments_by_student;
         CREATE INDEX enrollments_by_student ON enrollments (district_id, student_id);
         DROP INDEX contact_students_by_student;
         CREATE INDEX contact_students_by_student ON contact_students (district_id, student_id);
         DROP INDEX section_teachers_by_role;
         CREATE INDEX section_teachers_by_role ON section_teachers (district_id, role_id);
         DROP INDEX user_roles_by_role;
         CREATE INDEX user_roles_by_role
             ON user_roles (district_id, role_id, since, until, user_id);
         DROP INDEX contacts_by_role;
         CREATE INDEX contacts_by_role ON contacts (district_id, role_id);
         DROP INDEX resource_courses_by_course;
         CREATE INDEX resource_courses_by_course ON resource_courses (district_id, course_id);",
    ),
    ("0020_roster_digests", "DROP TABLE roster_digests;"),
];

/// The store of a bench, its schema as it was before the migration `first`, and then migrated again.
pub async fn migrated_again_from(bench: &Bench, first: &str) -> Store {
    let at = UNDONE.iter().position(|(name, _)| *name == first).expect("one of them");
    for (name, undo) in UNDONE[at..].iter().rev() {
        let number = name.split('_').next().unwrap_or_default();
        let undo = format!("{undo} DELETE FROM migrations WHERE number = {number};");
        run_schema(&bench.store, undo).await.expect("undone");
    }
    let again = Store::open(bench.backend.clone()).expect("a store");
    let names: Vec<&str> = UNDONE[at..].iter().map(|(name, _)| *name).collect();
    assert_eq!(again.migrate().expect("a schema"), names);
    again
}

/// One person is suspended, and has a token of the moment after; one was signed out; one has had
/// nothing of either.
pub async fn what_had_ended_stays_ended_when_it_is_told_by_generations(bench: Bench) {
    let roster = Roster::new(2, 1);
    let district = populate(&bench.store, 1, &roster).await;
    let people: Vec<User> = roster.people.iter().map(|it| it.user.clone()).take(3).collect();
    let dice = &mut Dice::new(4);
    let mut had = Vec::new();
    for user in &people {
        let whose = (user.id, Generation::default());
        let (_, session) = Session::begin(district, whose, user.roles[0].id, NOW, dice);
        let (_, token) = token::mint(grant(district, user), NOW, dice);
        had.push((session.secret_hash, token.hash));
        let record = move |tx: &mut Tx<'_>| {
            tx.begin_session(&session, None)?;
            tx.record_token(&token)
        };
        bench.store.write(record).await.expect("recorded");
    }

    let again = migrated_again_from(&bench, "0009_generations").await;

    let suspended = people[0].id;
    let user = again.read(move |tx| tx.district(district).user(suspended)).await.expect("read");
    assert!(user.expect("a person").suspended_since.is_some());
    let readmit = move |tx: &mut Tx<'_>| tx.district(district).readmit(suspended);
    assert!(again.write(readmit).await.expect("readmitted"));
    for (number, (session, token)) in had.into_iter().enumerate() {
        let visitor = again.look(move |tx| tx.visitor(&session)).await.expect("an answer");
        let owner = again.look(move |tx| tx.token_owner(&token)).await.expect("an answer");
        let is_good = owner.is_some_and(|known| known.proof.is_good(later(1)));
        assert_eq!((visitor.is_some(), is_good), (number == 2, number == 2), "person {number}");
    }
}

/// Of a run that was held before days were recorded nobody can know the plan: it is shown anew. What a
/// district let pass stays, and of login names the default does. A run that is under way is under way.
pub async fn runs_and_limits_of_an_older_schema_are_read_on(bench: Bench) {
    let here = populate(&bench.store, 1, &Roster::new(0, 1)).await;
    let run = SyncRunId::from_bytes([1; 12]);
    let fingerprint = Fingerprint::from_bytes([7; 32]);
    let planned_on = RosterVersion(1);
    let share = |text: &str| text.parse().expect("a share");
    let (removals, renames) = (share("5%"), share("7%"));
    let record = move |tx: &mut Tx<'_>| {
        let mut district = tx.district(here);
        let new = NewSync { id: run, source: SyncSource::Upload, fingerprint: Some(fingerprint) };
        let Begun::Begun(lease) = district.begin_sync(&new, NOW)? else { panic!("it begins") };
        let plan = PlanIdentity { planned_on, fingerprint, as_of: NOW };
        district.record_sync_report(lease, &FoundBySync::plan(&plan), "{}")?;
        let limits = SyncLimits { removals, renames, login_names: share("9%") };
        district.set_sync_limits(limits)?;
        Ok::<_, StoreError>(lease)
    };
    let lease = bench.store.write(record).await.expect("recorded");

    let again = migrated_again_from(&bench, "0016_runs_as_of").await;
    let read = again.read(move |tx| {
        let mut district = tx.district(here);
        Ok::<_, StoreError>((district.sync_run(run)?, district.sync_limits()?))
    });
    let (run, limits) = read.await.expect("read");
    let run = run.expect("a run");
    assert_eq!((run.planned_on, run.fingerprint), (Some(planned_on), Some(fingerprint)));
    assert_eq!(run.plan(), None);
    assert_eq!(limits, SyncLimits { removals, renames, ..SyncLimits::default() });
    let alive = again.write(move |tx| tx.district(here).keep_sync_alive(lease, NOW));
    assert!(alive.await.expect("an answer"));
}

/// A roster that was there before keeps what it holds, and gets dates as good as there are.
pub async fn a_roster_of_an_older_schema_is_read_on(bench: Bench) {
    let mut roster = Roster::new(12, 1);
    roster.contacts.clear();
    roster.resources.clear();
    let district = populate(&bench.store, 1, &roster).await;
    let before = current(&bench.store, district).await;

    let again = migrated_again_from(&bench, "0010_rosters").await;

    let after = current(&again, district).await;
    assert_eq!((&after.people, &after.sections), (&before.people, &before.sections));
    let read = again.read(move |tx| {
        let mut district = tx.district(district);
        let version = district.roster_version()?;
        let mut at = district.roster_at(version);
        Ok::<_, StoreError>((at.schools(Seek::First, 9)?, at.sections(Seek::First, 9)?))
    });
    let (schools, sections) = read.await.expect("a roster");
    assert_eq!(schools.len(), 1);
    assert!(schools.iter().all(|it| it.created == NOW && it.last_modified == NOW));
    assert!(sections.iter().all(|it| it.created == NOW && it.last_modified == NOW));
    apply(&again, district, roster.leave()).await.expect("applied");
    assert!(current(&again, district).await.people.is_empty());
}

pub async fn a_newer_schema_is_refused(bench: Bench) {
    let newer = "INSERT INTO migrations (number, name) VALUES (9999, 'from the future')";
    run_sql(&bench.store, newer).await.expect("inserted");

    assert!(matches!(bench.store.schema_state(), Ok(SchemaState::Ahead { found: 9999, .. })));
    assert!(matches!(bench.store.migrate(), Err(OpenError::Ahead { found: 9999, .. })));
}
