//! What happened in a district is told to those who follow it, each thing once and in order.

use firstbell_core::application::{Application, Connection, ConnectionState, DataGroup, Sharing};
use firstbell_core::events::{Kind, Verb, following_id};
use firstbell_core::id::{ApplicationId, DistrictId, EventId};
use firstbell_core::roster::change::RosterChange;
use firstbell_core::sharing::AccessTier;
use firstbell_core::time::Timestamp;
use firstbell_store::testing::{Dice, rows_of};
use firstbell_store::{
    Event, EventError, EventPage, EventStep, Feed, NewEvent, RosterVersion, Seek, Store, Tx,
};

use crate::bench::Bench;
use crate::population::{
    NOW, Roster, application, apply_at, connection, days, later, populate, version,
};

pub fn app() -> ApplicationId {
    ApplicationId::from_bytes([1; 12])
}

fn number(version: RosterVersion) -> i64 {
    version.to_string().parse().expect("a number")
}

fn reader(number: u8) -> Application {
    Application { tier: AccessTier::SecureSync, ..application(number) }
}

/// Everyone is shared, and what happens is told.
fn with_events() -> Sharing {
    Sharing { groups: [DataGroup::Events].into_iter().collect(), ..Sharing::everyone() }
}

/// The same for staff alone.
fn of_staff() -> Sharing {
    Sharing { rules: Vec::new(), all_staff: true, ..with_events() }
}

async fn write<T: Send + 'static>(
    store: &Store,
    work: impl Fn(&mut Tx<'_>) -> Result<T, EventError> + Send + 'static,
) -> Result<T, EventError> {
    store.write(work).await
}

async fn connect(store: &Store, sharing: Sharing) {
    let link = connection(1, 1, sharing);
    store.write(move |tx| tx.connect(&link)).await.expect("connected");
}

/// District 1, followed by application 1; its people are renamed to make versions.
pub async fn followed(store: &Store) -> (DistrictId, Roster) {
    let roster = Roster::new(3, 1);
    let district = populate(store, 1, &roster).await;
    store.write(|tx| tx.create_application(&reader(1), NOW)).await.expect("an application");
    connect(store, with_events()).await;
    (district, roster)
}

pub async fn rename(
    store: &Store,
    district: DistrictId,
    roster: &Roster,
    name: &str,
    now: Timestamp,
) {
    apply_at(store, district, roster.rename_all(name), now).await.expect("applied");
}

async fn waits(store: &Store) -> bool {
    write(store, |tx| Ok(tx.followers_wait()?)).await.expect("an answer")
}

async fn due(store: &Store, now: Timestamp) -> bool {
    !store.read(move |tx| tx.due_followers(now)).await.expect("followers").is_empty()
}

pub async fn step(store: &Store, district: DistrictId, now: Timestamp) -> Option<EventStep> {
    store.write(move |tx| tx.begin_event_step(app(), district, now)).await.expect("a step")
}

pub async fn stage(
    store: &Store,
    step: &EventStep,
    count: u8,
    now: Timestamp,
) -> Result<EventId, EventError> {
    let mut last = step.last;
    let kinds = [
        (Kind::School, Verb::Created),
        (Kind::User, Verb::Updated),
        (Kind::School, Verb::Created),
        (Kind::User, Verb::Updated),
        (Kind::Contact, Verb::Deleted),
    ];
    let events: Vec<_> = (0..count)
        .map(|number| {
            last = following_id(last, now, &mut Dice::new(u64::from(number)));
            let (kind, verb) = kinds[usize::from(number) % kinds.len()];
            NewEvent { id: last, kind, verb, object: [number; 12] }
        })
        .collect();
    let step = step.clone();
    write(store, move |tx| tx.stage_events(&step, &events, now)).await?;
    Ok(last)
}

pub async fn tell(store: &Store, step: &EventStep, last: EventId) -> Result<(), EventError> {
    let step = step.clone();
    write(store, move |tx| tx.tell_events(&step, last, NOW)).await
}

/// Takes the next step with so many events.
pub async fn walk(store: &Store, district: DistrictId, count: u8, now: Timestamp) -> EventStep {
    let step = step(store, district, now).await.expect("a step");
    let last = stage(store, &step, count, now).await.expect("staged");
    tell(store, &step, last).await.expect("told");
    step
}

fn all_types() -> Vec<(Kind, Verb)> {
    Kind::ALL.into_iter().flat_map(|kind| Verb::ALL.map(|verb| (kind, verb))).collect()
}

async fn feed(store: &Store, district: DistrictId, seek: Seek, most: usize) -> Option<Feed> {
    let page = EventPage { seek, most, types: all_types() };
    store.read(move |tx| tx.district(district).events(app(), &page)).await.expect("a feed")
}

pub async fn told(store: &Store, district: DistrictId) -> Vec<Event> {
    feed(store, district, Seek::First, 1000).await.map(|feed| feed.events).unwrap_or_default()
}

pub async fn a_follower_walks_through_every_state_there_was(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    assert!(!due(store, NOW).await, "it begins where things stand");
    rename(store, district, &roster, "One", NOW).await;
    rename(store, district, &roster, "Two", NOW).await;
    connect(store, of_staff()).await;
    connect(store, with_events()).await;
    connect(store, with_events()).await;
    rename(store, district, &roster, "Three", NOW).await;
    connect(store, of_staff()).await;
    assert!(due(store, NOW).await);
    let now = feed(store, district, Seek::First, 9).await.expect("a feed");
    assert_eq!((number(now.now.version), now.now.sharing), (4, of_staff()));
    assert_eq!(now.epoch, None, "nobody has walked up to that");

    let mut seen = Vec::new();
    while let Some(step) = step(store, district, NOW).await {
        assert!(!due(store, NOW).await, "one walks at a time");
        tell(store, &step, step.last).await.expect("told");
        assert!(seen.last().is_none_or(|(version, is_whole)| {
            (number(step.before.version), step.before.sharing == with_events())
                == (*version, *is_whole)
        }));
        seen.push((number(step.after.version), step.after.sharing == with_events()));
    }
    assert_eq!(seen, [(2, true), (3, true), (3, false), (3, true), (4, true), (4, false)]);
    assert!(!due(store, NOW).await);
    let now = feed(store, district, Seek::First, 9).await.expect("a feed");
    assert_eq!((now.now.sharing, now.epoch), (of_staff(), Some(4)));
}

pub async fn events_are_told_with_the_step_that_made_them(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    rename(store, district, &roster, "One", NOW).await;
    let first = step(store, district, NOW).await.expect("a step");
    let last = stage(store, &first, 4, NOW).await.expect("staged");
    assert_eq!(told(store, district).await, []);
    let single =
        store.read(move |tx| tx.district(district).event(app(), last)).await.expect("read");
    assert_eq!(single.expect("a feed").events, []);

    tell(store, &first, last).await.expect("told");
    let events = told(store, district).await;
    assert_eq!(events.len(), 4);
    assert!(events.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert_eq!((events[3].id, events[3].object, events[3].made), (last, [3; 12], NOW));
    let versions = |event: &Event| (event.before.map(number), number(event.at), event.epoch);
    assert_eq!(versions(&events[0]), (None, 2, 1), "created");
    assert_eq!(versions(&events[1]), (Some(1), 2, 1), "updated");
    let single =
        store.read(move |tx| tx.district(district).event(app(), last)).await.expect("read");
    assert_eq!(single.expect("a feed").events, [events[3]]);

    // Under another sharing nothing can be said about how an object was.
    connect(store, of_staff()).await;
    walk(store, district, 2, later(-60_000)).await;
    let events = told(store, district).await;
    assert!(events[4].id > last, "also where the clock steps back");
    assert_eq!(versions(&events[5]), (None, 2, 2));
}

pub async fn a_killed_step_is_undone_and_a_slow_one_tells_nothing(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    rename(store, district, &roster, "One", NOW).await;
    let slow = step(store, district, NOW).await.expect("a step");
    stage(store, &slow, 5, NOW).await.expect("staged");
    assert_eq!(step(store, district, later(29_000)).await, None, "somebody holds it");

    let next = step(store, district, later(31_000)).await.expect("the lease is over");
    assert_eq!((&next.before, &next.after), (&slow.before, &slow.after));
    let undo = |at_most| {
        let next = next.clone();
        write(store, move |tx| tx.undo_event_steps(&next, at_most, later(31_000)))
    };
    assert_eq!(undo(3).await.expect("undone"), 3);
    assert_eq!(undo(3).await.expect("undone"), 2);
    let last = stage(store, &next, 2, later(31_000)).await.expect("staged");
    for _ in 0..2 {
        let staged = stage(store, &slow, 1, later(31_000)).await;
        assert!(matches!(staged, Err(EventError::LeaseLost)), "{staged:?}");
        let done = tell(store, &slow, EventId::from_bytes([255; 12])).await;
        assert!(matches!(done, Err(EventError::LeaseLost)), "{done:?}");
        tell(store, &next, last).await.expect("told");
        assert_eq!(told(store, district).await.len(), 2);
        assert_eq!(rows_of(store, "events").await.expect("a count"), 2);
    }
}

pub async fn one_node_takes_a_step(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    rename(store, district, &roster, "One", NOW).await;
    let nodes = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { step(&store, district, NOW).await.is_some() })
    });
    let mut took = 0;
    for node in nodes.collect::<Vec<_>>() {
        took += u32::from(node.await.expect("ran"));
    }
    assert_eq!(took, 1);
    let held = step(store, district, later(31_000)).await.expect("a step");
    store.write(move |tx| tx.let_go_of_step(&held)).await.expect("let go");
    assert!(step(store, district, later(31_000)).await.is_some());
}

pub async fn whoever_follows_no_longer_is_forgotten(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    let set = |state| store.write(move |tx| tx.set_connection_state(app(), district, state));
    let tier = |tier| {
        let changed = Application { tier, ..reader(1) };
        store.write(move |tx| tx.change_application(&changed))
    };
    let mut highest = EventId::from_bytes([0; 12]);
    for round in 0..4 {
        rename(store, district, &roster, &format!("Name {round}"), NOW).await;
        let under_way = step(store, district, NOW).await.expect("a step");
        let last = stage(store, &under_way, 2, NOW).await.expect("staged");
        assert!(last > highest, "ids go on");
        tell(store, &under_way, last).await.expect("told");
        assert_eq!(told(store, district).await.len(), 2, "and nothing of before");
        highest = last;

        rename(store, district, &roster, "Other", NOW).await;
        let slow = step(store, district, NOW).await.expect("a step");
        match round {
            0 => drop(set(ConnectionState::Disconnected).await.expect("set")),
            1 => connect(store, Sharing::everyone()).await,
            2 => drop(tier(AccessTier::DistrictSso).await.expect("changed")),
            _ => drop(set(ConnectionState::Blocked).await.expect("set")),
        }
        assert!(feed(store, district, Seek::First, 9).await.is_none(), "{round}");
        assert!(!due(store, later(40_000)).await);
        rename(store, district, &roster, "Unseen", NOW).await;
        match round {
            1 => connect(store, with_events()).await,
            2 => drop(tier(AccessTier::SecureSync).await.expect("changed")),
            _ => drop(set(ConnectionState::Active).await.expect("set")),
        }
        assert!(!due(store, later(40_000)).await, "it begins where things stand");
        let late = tell(store, &slow, EventId::from_bytes([9; 12])).await;
        assert!(matches!(late, Err(EventError::LeaseLost)), "{late:?}");
        assert_eq!(told(store, district).await, []);
        store.purge(NOW, 1).await.expect("purged");
        while store.purge(NOW, 1).await.expect("purged").more {}
        assert_eq!(rows_of(store, "events").await.expect("a count"), 0);
    }
}

pub async fn a_paused_follower_rests(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    let set = |state| store.write(move |tx| tx.set_connection_state(app(), district, state));
    set(ConnectionState::Paused).await.expect("set");
    rename(store, district, &roster, "One", NOW).await;
    let narrower = Connection { state: ConnectionState::Paused, ..connection(1, 1, of_staff()) };
    store.write(move |tx| tx.connect(&narrower)).await.expect("connected");
    assert!(!due(store, NOW).await);
    assert_eq!(step(store, district, NOW).await, None);
    set(ConnectionState::Active).await.expect("set");
    assert_eq!(number(walk(store, district, 1, NOW).await.after.version), 2);
    assert_eq!(walk(store, district, 1, NOW).await.after.sharing, of_staff());
    assert!(!due(store, NOW).await);
}

pub async fn whoever_has_no_cursor_yet_gets_one(bench: Bench) {
    let store = &bench.store;
    let (district, _) = followed(store).await;
    assert!(!waits(store).await);
    for forget in ["DELETE FROM event_sharings", "DELETE FROM event_cursors"] {
        firstbell_store::testing::run_sql(store, forget).await.expect("forgotten");
    }
    assert!(waits(store).await);
    write(store, |tx| Ok(tx.begin_following()?)).await.expect("begun");
    assert!(!waits(store).await);
    assert!(feed(store, district, Seek::First, 9).await.is_some());
}

pub async fn a_feed_is_read_from_anywhere_either_way(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    for round in 0..3 {
        rename(store, district, &roster, &format!("Name {round}"), NOW).await;
        walk(store, district, 5, later(round * 1000)).await;
    }
    let whole = told(store, district).await;
    assert_eq!(whole.len(), 15);
    for most in [1, 2, 7, 100] {
        let (mut up, mut seek) = (Vec::new(), Seek::First);
        while let Some(events) = feed(store, district, seek, most).await.map(|it| it.events) {
            let Some(last) = events.last() else { break };
            seek = Seek::After(last.id.to_bytes());
            up.extend(events);
        }
        assert_eq!(up, whole, "up, by {most}");
        let (mut down, mut seek) = (Vec::new(), Seek::Last);
        while let Some(events) = feed(store, district, seek, most).await.map(|it| it.events) {
            let Some(first) = events.first() else { break };
            seek = Seek::Before(first.id.to_bytes());
            down.splice(0..0, events);
        }
        assert_eq!(down, whole, "down, by {most}");
    }
    let outside = [([0; 12], 15), ([255; 12], 0)];
    for (id, after) in outside {
        let found = feed(store, district, Seek::After(id), 100).await.expect("a feed");
        assert_eq!(found.events.len(), after);
        let found = feed(store, district, Seek::Before(id), 100).await.expect("a feed");
        assert_eq!(found.events.len(), 15 - after);
    }
    for (types, expected) in [
        (vec![(Kind::School, Verb::Created)], 6),
        (vec![(Kind::Contact, Verb::Deleted), (Kind::School, Verb::Created)], 9),
        (vec![(Kind::User, Verb::Updated), (Kind::School, Verb::Updated)], 6),
        (vec![(Kind::School, Verb::Updated)], 0),
        (vec![], 0),
    ] {
        let of_types = |event: &&Event| types.contains(&(event.kind, event.verb));
        let narrowed: Vec<_> = whole.iter().filter(of_types).copied().collect();
        assert_eq!(narrowed.len(), expected);
        for most in [1, 2, 4, 100] {
            for begin in [Seek::First, Seek::Last] {
                let (mut all, mut seek) = (Vec::new(), begin);
                loop {
                    let page = EventPage { seek, most, types: types.clone() };
                    let read = store.read(move |tx| tx.district(district).events(app(), &page));
                    let events = read.await.expect("read").expect("a feed").events;
                    let (Some(first), Some(last)) = (events.first(), events.last()) else { break };
                    if begin.is_forward() {
                        seek = Seek::After(last.id.to_bytes());
                        all.extend(events);
                    } else {
                        seek = Seek::Before(first.id.to_bytes());
                        all.splice(0..0, events);
                    }
                }
                assert_eq!(all, narrowed, "{types:?} from {begin:?}, by {most}");
            }
        }
    }
}

pub async fn a_feed_is_of_one_application_in_one_district(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    let elsewhere = populate(store, 2, &Roster::new(2, 2)).await;
    let record = |tx: &mut Tx<'_>| {
        tx.create_application(&reader(2), NOW)?;
        tx.connect(&connection(2, 1, with_events()))?;
        tx.connect(&connection(1, 2, with_events()))
    };
    store.write(record).await.expect("connected");
    rename(store, district, &roster, "One", NOW).await;
    walk(store, district, 3, NOW).await;
    let id = told(store, district).await[0].id;
    let other = ApplicationId::from_bytes([2; 12]);
    let read = store.read(move |tx| {
        let page = EventPage { seek: Seek::First, most: 9, types: all_types() };
        Ok::<_, firstbell_store::StoreError>([
            tx.district(district).events(other, &page)?,
            tx.district(district).event(other, id)?,
            tx.district(elsewhere).events(app(), &page)?,
            tx.district(elsewhere).event(app(), id)?,
        ])
    });
    for feed in read.await.expect("read") {
        assert_eq!(feed.expect("a feed").events, []);
    }
}

pub async fn events_are_kept_for_thirty_days(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    for day in [0, 10, 20] {
        rename(store, district, &roster, &format!("Name {day}"), days(day)).await;
        walk(store, district, 5, days(day)).await;
    }
    let purged = store.purge(days(29), 100).await.expect("purged");
    assert_eq!((purged.events, told(store, district).await.len()), (0, 15));
    let purged = store.purge(days(30), 3).await.expect("purged");
    assert!(purged.more && purged.events == 3, "{purged:?}");
    while store.purge(days(30), 3).await.expect("purged").more {}
    assert_eq!(told(store, district).await.len(), 10);
    let purged = store.purge(days(60), 100).await.expect("purged");
    assert_eq!((purged.events, told(store, district).await.len()), (10, 0));
    assert!(feed(store, district, Seek::First, 9).await.is_some(), "it follows on");
}

pub async fn who_rests_longer_than_versions_are_kept_begins_anew(bench: Bench) {
    let store = &bench.store;
    let (district, roster) = followed(store).await;
    let set = |state| store.write(move |tx| tx.set_connection_state(app(), district, state));
    rename(store, district, &roster, "First", NOW).await;
    walk(store, district, 5, NOW).await;
    let second = version(store, district).await;
    rename(store, district, &roster, "Second", NOW).await;
    let slow = step(store, district, NOW).await.expect("a step");
    set(ConnectionState::Paused).await.expect("set");
    for day in 1..=15 {
        rename(store, district, &roster, &format!("Name {day}"), days(day)).await;
    }
    store.purge(days(29), 100).await.expect("purged");
    let kept = |version| store.read(move |tx| tx.district(district).kept_versions(&[version]));
    assert_eq!(kept(second).await.expect("read").len(), 1);
    assert!(!waits(store).await);

    store.purge(days(45), 100).await.expect("purged");
    assert_eq!(kept(second).await.expect("read").len(), 0, "what was read there counts no longer");
    let last = version(store, district).await;
    assert_eq!(kept(last).await.expect("read"), [last]);
    let late = stage(store, &slow, 1, days(45)).await;
    assert!(matches!(late, Err(EventError::LeaseLost)), "{late:?}");
    assert!(feed(store, district, Seek::First, 9).await.is_none());
    assert!(!waits(store).await, "it is paused");
    set(ConnectionState::Active).await.expect("set");
    assert!(!due(store, days(45)).await);
    apply_at(store, district, RosterChange::default(), days(45)).await.expect("nothing");
    rename(store, district, &roster, "Last", days(45)).await;
    assert_eq!(number(walk(store, district, 1, days(45)).await.after.version), 19);
    assert_eq!(told(store, district).await.len(), 1);
}
