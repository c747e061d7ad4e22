//! The feed of changes, followed over HTTP.

use std::collections::BTreeMap;

use firstbell_core::application::{DataGroup, DataGroups, Sharing, SharingRule};
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::change::{CurrentRoster, Enrollment, RosterChange, RosterPerson};
use firstbell_protocol::data_api::{Collection, Dialect, Target};
use firstbell_server::service;
use firstbell_store::testing::Dice;
use http::StatusCode;
use serde_json::Value;

use super::roster::{ask, everything, follow, share, synced};
use crate::world::World;

const ROUNDS: u64 = 12;

pub async fn roster(world: &World) -> CurrentRoster {
    let district = world.district;
    let read = world.store.read_at_length(move |tx| tx.district(district).current_roster());
    read.await.expect("a roster")
}

pub async fn apply(world: &World, change: RosterChange) {
    let district = world.district;
    let read = world.store.read(move |tx| tx.district(district).roster_version());
    let version = read.await.expect("a version");
    world.clock.advance(std::time::Duration::from_secs(1));
    let now = world.clock.now();
    let applied = world.store.apply_roster(district, version, change, now, |_, _| {});
    applied.await.expect("applied");
}

pub async fn tell(world: &World) {
    service::tell_events(&world.app).await.expect("told");
}

/// One of these, in the order of their ids.
fn any<'m, K: Ord, V>(map: &'m std::collections::HashMap<K, V>, dice: &mut Dice) -> &'m V {
    let mut keys: Vec<_> = map.iter().collect();
    keys.sort_by(|one, other| one.0.cmp(other.0));
    keys[usize::try_from(dice.below(keys.len() as u64)).expect("small")].1
}

/// A few changes of everything that a roster holds. Students who leave may come back.
fn any_change(
    roster: &CurrentRoster,
    gone: &mut Vec<RosterPerson>,
    dice: &mut Dice,
) -> RosterChange {
    let mut change = RosterChange::default();
    let number = dice.below(1000);
    if dice.below(2) == 0 {
        change.people.added.append(gone);
    }
    let back: Vec<_> = change.people.added.iter().map(|it| it.user.id).collect();
    for _ in 0..3 {
        let mut person = any(&roster.people, dice).clone();
        let replaced = |it: &RosterPerson| it.user.id == person.user.id;
        if change.people.replaced.iter().any(replaced) || back.contains(&person.user.id) {
            continue;
        }
        match dice.below(4) {
            0 => person.user.name.last = format!("Name {number}"),
            1 => person.user.email = format!("p{number}@school.example").parse().ok(),
            2 => {
                for role in &mut person.user.roles {
                    role.details.insert("grade", &(1 + number % 9).to_string());
                }
            }
            _ => {
                let school = any(&roster.schools, dice).id;
                for (_, held) in &mut person.schools {
                    *held = school;
                }
                person.schools.dedup();
            }
        }
        change.people.replaced.push(person);
    }
    let leaver = any(&roster.people, dice).clone();
    let is_replaced = change.people.replaced.iter().any(|it| it.user.id == leaver.user.id);
    if let [role] = &leaver.user.roles[..]
        && role.kind == RoleKind::Student
        && !is_replaced
    {
        let theirs = |it: &&Enrollment| it.student == role.id;
        change.enrollments.removed.extend(roster.enrollments.iter().filter(theirs));
        change.people.removed.push(leaver.user.id);
        gone.push(leaver);
    }
    let mut section = any(&roster.sections, dice).clone();
    match dice.below(4) {
        0 => section.name = format!("Class {number}"),
        1 => section.details.insert("subject", "math"),
        2 => section.details.remove("grade"),
        _ => (section.course, section.term) = (None, None),
    }
    change.sections.replaced.push(section);
    let mut school = any(&roster.schools, dice).clone();
    school.name = format!("School {number}");
    change.schools.replaced.push(school);
    if let Some(mut contact) =
        Some(&roster.contacts).filter(|it| !it.is_empty()).map(|it| any(it, dice).clone())
    {
        contact.name.last = format!("Contact {number}");
        change.contacts.replaced.push(contact);
    }
    if let Some(mut resource) =
        Some(&roster.resources).filter(|it| !it.is_empty()).map(|it| any(it, dice).clone())
    {
        resource.title = format!("Resource {number}");
        change.resources.replaced.push(resource);
    }
    change
}

fn any_sharing(roster: &CurrentRoster, dice: &mut Dice) -> Sharing {
    let school = any(&roster.schools, dice).id;
    let section = any(&roster.sections, dice).id;
    let nothing = SharingRule::default();
    let rules = match dice.below(6) {
        0 => vec![nothing],
        1 => vec![SharingRule { schools: Some(vec![school]), ..nothing }],
        2 => vec![SharingRule { sections: Some(vec![section]), ..nothing }],
        3 => vec![SharingRule { grades: Some(vec!["4".into(), "5".into()]), ..nothing }],
        4 => vec![SharingRule { subjects: Some(vec!["math".into()]), ..nothing }],
        _ => vec![SharingRule { roles: Some(vec![RoleKind::Student]), ..nothing }],
    };
    let groups = DataGroup::ALL.into_iter().filter(|_| dice.below(2) == 0);
    let groups = groups.chain([DataGroup::Events]).collect();
    Sharing { rules, all_staff: dice.below(3) == 0, groups }
}

/// What an application knows of a district, by collection and id.
type Known = BTreeMap<(String, String), Value>;

/// A full sync.
async fn full_sync(world: &World, token: &str, dialect: Dialect) -> Known {
    let mut known = Known::new();
    for endpoint in dialect.endpoints() {
        let Target::All(collection) = endpoint.target else { continue };
        if collection == Collection::Events {
            continue;
        }
        let path = endpoint.at(dialect, "");
        let limit = if collection == Collection::Districts { "" } else { "?limit=10000" };
        for item in follow(world, token, &format!("{path}{limit}"), "next").await {
            let id = item["data"]["id"].as_str().expect("an id").to_owned();
            known.insert((collection.event_name().to_owned(), id), item["data"].clone());
        }
    }
    known
}

/// The events that follow this id.
async fn events(world: &World, token: &str, dialect: Dialect, after: &str) -> Vec<Value> {
    let path = format!("{}/events?limit=37&starting_after={after}", dialect.prefix());
    follow(world, token, &path, "next").await.into_iter().map(|item| item["data"].clone()).collect()
}

async fn newest(world: &World, token: &str, dialect: Dialect) -> String {
    let path = format!("{}/events?limit=1&ending_before=last", dialect.prefix());
    let page = ask(world, &path, token).await.json();
    page["data"][0]["data"]["id"].as_str().map_or_else(|| "0".repeat(24), str::to_owned)
}

/// Without when it was last changed, which alone is no event.
fn undated(object: &Value) -> Value {
    let mut object = object.clone();
    let roles = object.get_mut("roles").and_then(Value::as_object_mut);
    for node in roles.into_iter().flat_map(|roles| roles.values_mut()) {
        node.as_object_mut().expect("a role").remove("last_modified");
    }
    for name in ["last_modified", "updated"] {
        object.as_object_mut().expect("an object").remove(name);
    }
    object
}

fn take(known: &mut Known, event: &Value) {
    let (collection, verb) =
        event["type"].as_str().and_then(|it| it.split_once('.')).expect("a type");
    let object = &event["data"]["object"];
    let key = (collection.to_owned(), object["id"].as_str().expect("an id").to_owned());
    match verb {
        "created" | "updated" => drop(known.insert(key, object.clone())),
        "deleted" => drop(known.remove(&key)),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn whoever_follows_ends_where_a_full_sync_does() {
    for (world, token) in synced(everything()).await {
        let (dice, mut gone, mut told) = (&mut Dice::new(7), Vec::new(), 0);
        let mut followers = Vec::new();
        for dialect in Dialect::ALL {
            let last = newest(&world, &token, dialect).await;
            followers.push((dialect, last, full_sync(&world, &token, dialect).await));
        }
        for round in 0..ROUNDS {
            for _ in 0..=dice.below(3) {
                let roster = roster(&world).await;
                if dice.below(3) == 0 {
                    share(&world, any_sharing(&roster, dice)).await;
                } else {
                    apply(&world, any_change(&roster, &mut gone, dice)).await;
                }
                if dice.below(2) == 0 {
                    tell(&world).await;
                }
            }
            // Half of them read in the middle of it all.
            if dice.below(2) == 0 {
                tell(&world).await;
            }
            for (dialect, last, known) in &mut followers {
                for event in events(&world, &token, *dialect, last).await {
                    let id = event["id"].as_str().expect("an id").to_owned();
                    assert!(id > *last, "in order");
                    *last = id;
                    take(known, &event);
                    told += 1;
                }
            }
            if round % 3 != 2 {
                continue;
            }
            tell(&world).await;
            for (dialect, last, known) in &mut followers {
                for event in events(&world, &token, *dialect, last).await {
                    *last = event["id"].as_str().expect("an id").to_owned();
                    take(known, &event);
                }
                let whole = full_sync(&world, &token, *dialect).await;
                let name = dialect.prefix();
                for (key, object) in &whole {
                    let known = known.get(key).map(undated);
                    assert_eq!(known, Some(undated(object)), "{key:?} in {name}, round {round}");
                }
                assert_eq!(known.len(), whole.len(), "{name}, round {round}");
            }
        }
        assert!(told > 1000, "{told} events were told");
    }
}

/// Renames a student of the sandbox, and says who it was.
pub async fn rename_a_student(world: &World, name: &str) -> (RosterPerson, String) {
    let roster = roster(world).await;
    let mut students: Vec<_> =
        roster.people.values().filter(|it| it.user.role(RoleKind::Student).is_some()).collect();
    students.sort_by_key(|it| it.user.id);
    let mut student = students[0].clone();
    let before = std::mem::replace(&mut student.user.name.last, name.into());
    let mut change = RosterChange::default();
    change.people.replaced.push(student.clone());
    apply(world, change).await;
    tell(world).await;
    (student, before)
}

#[tokio::test]
async fn an_update_tells_what_was_before() {
    for (world, token) in synced(everything()).await {
        let (student, before) = rename_a_student(&world, "Newname").await;
        let after = "0".repeat(24);
        let (user, role) = (student.user.id.to_string(), student.user.roles[0].id.to_string());
        for dialect in Dialect::ALL {
            let is_v2 = matches!(dialect, Dialect::V2(_));
            let (kind, id) =
                if is_v2 { ("students.updated", &role) } else { ("users.updated", &user) };
            let found = events(&world, &token, dialect, &after).await;
            let event = found.iter().find(|it| it["type"] == kind).expect("an event");
            assert_eq!(event["data"]["object"]["id"], **id);
            assert_eq!(event["data"]["object"]["name"]["last"], "Newname");
            let previous = &event["data"]["previous_attributes"];
            assert_eq!(previous["name"]["last"], before);
            assert_eq!(&event["previous_attributes"], previous);
            let members: Vec<_> = previous.as_object().expect("an object").keys().collect();
            assert!(
                members.iter().all(|it| ["last_modified", "name", "roles"].contains(&it.as_str())),
                "{members:?}"
            );

            let path = format!("{}/events/{}", dialect.prefix(), event["id"].as_str().expect("id"));
            let single = ask(&world, &path, &token).await;
            assert_eq!(single.status, StatusCode::OK, "{path}");
            assert_eq!(single.json()["data"], *event);
        }
        // The other family's words for the same are other events.
        let v2 = events(&world, &token, Dialect::ALL[0], &after).await;
        let student = v2.iter().find(|it| it["type"] == "students.updated").expect("an event");
        let id = student["id"].as_str().expect("an id");
        let other = ask(&world, &format!("/v3.1/events/{id}"), &token).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_a_dialect_does_not_have_or_nobody_is_told_makes_no_event() {
    let mut sharing = everything();
    sharing.groups = [DataGroup::Events, DataGroup::Extensions].into_iter().collect();
    for (world, token) in synced(sharing).await {
        let after = "0".repeat(24);
        let told = async |dialect| {
            let found = events(&world, &token, dialect, &after).await;
            let kinds = found.iter().map(|it| it["type"].as_str().expect("a type").to_owned());
            kinds.filter(|kind| kind != "districts.updated").collect::<Vec<_>>()
        };
        let change = async |name: &str, value: &str| {
            let roster = roster(&world).await;
            let students = roster.people.values();
            let students = students.filter(|it| it.user.role(RoleKind::Student).is_some());
            let mut student = students.min_by_key(|it| it.user.id).expect("a student").clone();
            for role in &mut student.user.roles {
                role.details.insert(name, value);
            }
            let mut change = RosterChange::default();
            change.people.replaced.push(student);
            apply(&world, change).await;
            tell(&world).await;
        };
        // Lunch is not shared: nobody hears that something changed.
        change("frl_status", "Paid").await;
        for dialect in Dialect::ALL {
            assert_eq!(told(dialect).await, Vec::<String>::new(), "{}", dialect.prefix());
        }
        // The name that somebody is called by is told in v3.1 alone.
        change("preferred_name.first", "Newname").await;
        let [v2_0, v2_1, v3_0, v3_1] = Dialect::ALL;
        for dialect in [v2_0, v2_1, v3_0] {
            assert_eq!(told(dialect).await, Vec::<String>::new(), "{}", dialect.prefix());
        }
        assert_eq!(told(v3_1).await, ["users.updated"]);
        // A column of the district's own is told in all but v2.0.
        change("ext.bus", "77").await;
        assert_eq!(told(v2_0).await, Vec::<String>::new());
        assert_eq!(told(v2_1).await, ["students.updated"]);
        assert_eq!(told(v3_0).await, ["users.updated"]);
        assert_eq!(told(v3_1).await, ["users.updated", "users.updated"]);
    }
}

#[tokio::test]
async fn whoever_is_shared_no_longer_is_deleted_and_told_by_ids_alone() {
    for (world, token) in synced(everything()).await {
        let (student, _) = rename_a_student(&world, "Before").await;
        let last = newest(&world, &token, Dialect::ALL[3]).await;
        let nobody = Sharing { rules: vec![], groups: DataGroups::all(), ..Sharing::everyone() };
        share(&world, nobody).await;
        tell(&world).await;
        let after = events(&world, &token, Dialect::ALL[3], &last).await;
        let id = student.user.id.to_string();
        let gone = after.iter().find(|it| it["data"]["object"]["id"] == id).expect("an event");
        assert_eq!(gone["type"], "users.deleted");
        assert!(!gone.to_string().contains("Before"), "{gone}");
        // What was told under the sharing of before is not told any more.
        let all = events(&world, &token, Dialect::ALL[3], &"0".repeat(24)).await;
        assert!(all.iter().all(|it| !it.to_string().contains("Before")));

        share(&world, everything()).await;
        tell(&world).await;
        let last = after.last().expect("an event")["id"].as_str().expect("an id");
        let back = events(&world, &token, Dialect::ALL[3], last).await;
        let back = back.iter().find(|it| it["data"]["object"]["id"] == id).expect("an event");
        assert_eq!(back["type"], "users.created");
    }
}

#[tokio::test]
async fn record_types_and_schools_narrow_the_feed() {
    for (world, token) in synced(everything()).await {
        let (student, _) = rename_a_student(&world, "Newname").await;
        let types = |query: &str| {
            let path = format!("/v3.0/events?{query}");
            let (world, token) = (&world, &token);
            async move {
                let found = follow(world, token, &path, "next").await;
                let kind = |it: &Value| it["data"]["type"].as_str().expect("a type").to_owned();
                found.iter().map(kind).collect::<Vec<_>>()
            }
        };
        assert_eq!(types("record_type=users").await, ["users.updated"]);
        assert_eq!(types("record_type=schools,terms").await, Vec::<String>::new());
        assert_eq!(types("record_type=districts").await, ["districts.updated"]);
        let own = student.schools[0].1;
        let other = roster(&world).await.schools.keys().copied().find(|it| *it != own);
        let other = other.expect("another school");
        assert_eq!(types(&format!("record_type=users&school={own}")).await, ["users.updated"]);
        let elsewhere = types(&format!("record_type=users&school={other}")).await;
        assert_eq!(elsewhere, Vec::<String>::new());
        let refused = ask(&world, "/v3.0/events?record_type=pirates", &token).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn without_the_group_nothing_is_told() {
    for (world, token) in synced(Sharing::everyone()).await {
        rename_a_student(&world, "Newname").await;
        let page = ask(&world, "/v3.0/events", &token).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.json()["data"], serde_json::json!([]));
        share(&world, everything()).await;
        tell(&world).await;
        let page = ask(&world, "/v3.0/events", &token).await.json();
        assert_eq!(page["data"], serde_json::json!([]), "nothing of before");
    }
}
