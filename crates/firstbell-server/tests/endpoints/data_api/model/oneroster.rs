//! OneRoster over random towns that are shared in random ways: which objects there are, and that nothing
//! else is in any reply. What may be told is what the Data API's model says.

use std::collections::BTreeSet;

use firstbell_core::roster::RoleKind;
use firstbell_protocol::oneroster::{Collection, Target};
use firstbell_store::testing::Dice;
use http::StatusCode;

use super::rules::{self, Shown};
use super::stage::Stage;
use super::town::Town;
use super::values::Granted;
use crate::world::worlds;

const TOWNS: u64 = 5;
const SHARINGS: usize = 6;

/// The ids of a collection's objects.
fn told(town: &Town, shown: &Shown, of: Collection) -> BTreeSet<String> {
    let people = |kind: Option<RoleKind>| {
        let is_told = |person: &&super::town::Person| {
            let mut roles = person.user.roles.iter();
            roles.any(|it| shown.roles.contains(&it.id) && kind.is_none_or(|kind| it.kind == kind))
        };
        let found: BTreeSet<_> =
            town.people.iter().filter(is_told).map(|it| it.user.id.to_string()).collect();
        found
    };
    match of {
        Collection::Orgs => {
            let schools = shown.schools.iter().map(ToString::to_string);
            schools.chain([town.id.to_string()]).collect()
        }
        Collection::Schools => shown.schools.iter().map(ToString::to_string).collect(),
        Collection::AcademicSessions | Collection::Terms => {
            shown.terms.iter().map(ToString::to_string).collect()
        }
        Collection::Courses => shown.courses.iter().map(ToString::to_string).collect(),
        Collection::Classes => shown.sections.iter().map(ToString::to_string).collect(),
        Collection::Users => {
            let contacts = shown.contacts.iter().map(ToString::to_string);
            people(None).into_iter().chain(contacts).collect()
        }
        Collection::Students => people(Some(RoleKind::Student)),
        Collection::Teachers => people(Some(RoleKind::Teacher)),
        Collection::Demographics if !shown.groups.contains("demographics") => BTreeSet::new(),
        Collection::Demographics => people(Some(RoleKind::Student)),
        Collection::Enrollments => {
            let rooms = town.rooms.iter().filter(|room| shown.sections.contains(&room.section.id));
            let of_room = |room: &super::town::Room| {
                let members = room.section.teachers.iter().chain(&room.students);
                let seen = members.filter(|role| shown.roles.contains(role));
                let id = room.section.id;
                seen.map(|role| format!("{id}-{role}")).collect::<Vec<_>>()
            };
            rooms.flat_map(of_room).collect()
        }
    }
}

fn ids(body: &serde_json::Value, of: Collection) -> BTreeSet<String> {
    let objects = body[of.list_name()].as_array().unwrap();
    objects.iter().map(|it| it["sourcedId"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn oneroster_tells_what_the_rules_grant_and_nothing_else() {
    for world in worlds().await {
        let stage = Stage::furnish(world).await;
        let (mut looked_at, mut found) = (0, 0);
        let mut of_others: Vec<String> = Vec::new();
        for seed in 201..=200 + TOWNS {
            let mut dice = Dice::new(seed * 1000);
            let mut town = Town::roll(seed);
            town.write(&stage.world).await;
            let own: Vec<String> = town.ids().into_values().flatten().collect();
            for _ in 0..SHARINGS {
                let sharing = rules::roll(&town, &mut dice);
                let token = stage.district_token(&town, sharing.clone()).await;
                let shown = Shown::of(&town, &sharing);
                let granted = Granted::to_district(&town, &shown);
                for target in Target::every() {
                    let of = match target {
                        Target::All(of) | Target::One(of) | Target::Within(of, _) => of,
                    };
                    let told = told(&town, &shown, of);
                    let mut asked: Vec<String> = Vec::new();
                    if matches!(target, Target::All(_)) {
                        asked.push(String::new());
                    } else {
                        asked.extend(told.iter().take(4).cloned());
                        for some in [&own, &of_others] {
                            let any = usize::try_from(dice.below(some.len().max(1) as u64));
                            asked.extend(some.get(any.unwrap()).cloned());
                        }
                    }
                    for id in asked {
                        let path = format!("{}?limit=10000", target.path(&id));
                        let reply = stage.ask(&path, &token).await;
                        looked_at += 1;
                        assert_eq!(granted.beyond(&path, &reply), None, "{path}: {sharing:?}");
                        let is_there = id.is_empty() || told.contains(&id);
                        assert_eq!(
                            reply.status == StatusCode::OK,
                            is_there,
                            "{path}: {} {sharing:?}",
                            reply.body
                        );
                        found += usize::from(is_there);
                        if matches!(target, Target::All(_)) {
                            assert_eq!(ids(&reply.json(), of), told, "{path}: {sharing:?}");
                        }
                    }
                }
            }
            of_others.extend(own);
        }
        assert!(looked_at > 2_000 && found > 1_000, "{looked_at} replies, {found} told something");
    }
}
