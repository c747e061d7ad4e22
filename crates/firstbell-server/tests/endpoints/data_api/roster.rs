//! The roster, read with the token of a district in all dialects.

use std::collections::{BTreeMap, BTreeSet};

use firstbell_core::application::{Connection, ConnectionState, DataGroups, Sharing, SharingRule};
use firstbell_core::sharing::AccessTier;
use firstbell_protocol::data_api::{Collection, Dialect, Endpoint, Parameter, Shape, Target};
use http::StatusCode;
use serde_json::Value;

use crate::world::{CLIENT, Reply, SECRET, World, basic, worlds};

/// Worlds in which FlightSchool reads the roster, shared like this.
pub async fn synced(sharing: Sharing) -> Vec<(World, String)> {
    let mut found = Vec::new();
    for world in worlds().await {
        world.change_flightschool(|it| it.tier = AccessTier::SecureSync).await;
        share(&world, sharing.clone()).await;
        let token = token(&world).await;
        found.push((world, token));
    }
    found
}

/// Everyone, with everything that can be told of them.
pub fn everything() -> Sharing {
    Sharing { groups: DataGroups::all(), ..Sharing::everyone() }
}

pub async fn share(world: &World, sharing: Sharing) {
    let (application, district, since) = (world.flightschool, world.district, world.clock.now());
    let state = ConnectionState::Active;
    let connection = Connection { application, district, state, sharing, since };
    world.store.write(move |tx| tx.connect(&connection)).await.expect("connected");
    world.app.refresh_settings().await.expect("settings");
}

pub async fn token(world: &World) -> String {
    let request = http::Request::get("/oauth/tokens?owner_type=district")
        .header("authorization", basic(CLIENT, SECRET))
        .body(axum::body::Body::empty())
        .expect("a request");
    let reply = world.ask(request).await;
    reply.json()["data"][0]["access_token"].as_str().expect("a token").to_owned()
}

/// A reply, in the next minute if this one's requests are used up.
pub async fn ask(world: &World, path: &str, token: &str) -> Reply {
    let reply = world.get_with_token(path, token).await;
    if reply.status != StatusCode::TOO_MANY_REQUESTS {
        return reply;
    }
    world.clock.advance(std::time::Duration::from_mins(1));
    world.get_with_token(path, token).await
}

/// What stands at `rel` among the links of a reply.
fn link(reply: &Value, rel: &str) -> Option<String> {
    let links = reply["links"].as_array().expect("links");
    let found = links.iter().find(|link| link["rel"] == rel)?;
    Some(found["uri"].as_str().expect("a URI").to_owned())
}

/// All objects of a list, read page by page along `rel`.
pub async fn follow(world: &World, token: &str, first: &str, rel: &str) -> Vec<Value> {
    let mut objects = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let reply = ask(world, &path, token).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.body);
        let page = reply.json();
        let items = page["data"].as_array().expect("a list").clone();
        next = link(&page, rel).filter(|_| !items.is_empty());
        if rel == "next" {
            objects.extend(items);
        } else {
            objects.splice(0..0, items);
        }
        assert!(objects.len() < 100_000, "{first} has no end");
    }
    objects
}

fn lists(dialect: Dialect) -> Vec<&'static Endpoint> {
    let is_list = |it: &&Endpoint| {
        matches!(it.target, Target::All(collection)
            if !matches!(collection, Collection::Events | Collection::Districts))
    };
    dialect.endpoints().iter().filter(is_list).collect()
}

fn ids(objects: &[Value]) -> Vec<String> {
    let id = |item: &Value| item["data"]["id"].as_str().expect("an id").to_owned();
    objects.iter().map(id).collect()
}

#[tokio::test]
async fn lists_are_whole_whatever_the_size_and_direction_of_pages() {
    for (world, token) in synced(everything()).await {
        for dialect in Dialect::ALL {
            for endpoint in lists(dialect) {
                let path = endpoint.at(dialect, "");
                let whole = follow(&world, &token, &format!("{path}?limit=10000"), "next").await;
                let all = ids(&whole);
                assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{path} ascends");
                for limit in [1, 7, 100] {
                    let up = follow(&world, &token, &format!("{path}?limit={limit}"), "next").await;
                    assert_eq!(ids(&up), all, "{path} by {limit}");
                    let last = format!("{path}?limit={limit}&ending_before=last");
                    let down = follow(&world, &token, &last, "prev").await;
                    assert_eq!(ids(&down), all, "{path} by {limit}, from its end");
                }
                for item in &whole {
                    let id = item["data"]["id"].as_str().expect("an id");
                    assert_eq!(item["uri"], format!("{path}/{id}"));
                }
                if endpoint.parameters.contains(&Parameter::Count) {
                    let counted = format!("{path}?limit=1&count=true");
                    let reply = ask(&world, &counted, &token).await.json();
                    assert_eq!(reply["count"], all.len(), "{path}");
                }
            }
        }
    }
}

#[tokio::test]
async fn every_endpoint_answers_and_what_it_links_to_does() {
    for (world, token) in synced(everything()).await {
        for dialect in Dialect::ALL {
            let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for endpoint in lists(dialect) {
                let path = endpoint.at(dialect, "");
                let objects = follow(&world, &token, &format!("{path}?limit=10000"), "next").await;
                of.insert(endpoint.path.to_owned(), ids(&objects));
            }
            let mut seen = BTreeSet::new();
            for endpoint in dialect.endpoints() {
                let Some(collection) = endpoint.target.starts_from() else { continue };
                let name = format!("/{}", collection.path_name());
                let Some(known) = of.get(&name) else { continue };
                // Of lists that are long, some will do.
                for id in known.iter().step_by(known.len() / 60 + 1) {
                    let path = endpoint.at(dialect, id);
                    let reply = ask(&world, &path, &token).await;
                    let found = reply.status == StatusCode::OK;
                    let may_lack = endpoint.target.shape() == Shape::One
                        && matches!(endpoint.target, Target::Related(_))
                        && reply.status == StatusCode::NOT_FOUND;
                    assert!(found || may_lack, "{path}: {} {}", reply.status, reply.body);
                    if !found {
                        continue;
                    }
                    let reply = reply.json();
                    match endpoint.target.shape() {
                        Shape::One => assert!(reply["data"]["id"].is_string(), "{path}: {reply}"),
                        Shape::List => {
                            let items = reply["data"].as_array().expect("a list");
                            if !items.is_empty() {
                                seen.insert(endpoint.path);
                            }
                            for item in items {
                                let uri = item["uri"].as_str().expect("a URI");
                                let reply = ask(&world, uri, &token).await;
                                assert_eq!(reply.status, StatusCode::OK, "{path} leads to {uri}");
                                assert_eq!(reply.json()["data"], item["data"], "{path}");
                            }
                        }
                    }
                    for link in reply["links"].as_array().expect("links") {
                        let uri = link["uri"].as_str().expect("a URI");
                        let status = ask(&world, uri, &token).await.status;
                        let fits = status == StatusCode::OK || status == StatusCode::NOT_FOUND;
                        assert!(fits, "{path} leads to {uri}: {status}");
                    }
                }
            }
            let lists = dialect.endpoints().iter().filter(|it| {
                matches!(it.target, Target::Related(_)) && it.target.shape() == Shape::List
            });
            let never: Vec<_> =
                lists.filter(|it| !seen.contains(it.path)).map(|it| it.path).collect();
            assert!(never.is_empty(), "always empty: {never:?}");
        }
    }
}

#[tokio::test]
async fn what_is_not_shared_is_not_there() {
    for (world, token) in synced(everything()).await {
        let all = follow(&world, &token, "/v3.1/users?limit=10000", "next").await;
        let schools = ids(&follow(&world, &token, "/v3.1/schools", "next").await);
        let one: firstbell_core::id::SchoolId = schools[0].parse().expect("an id");
        let rule = SharingRule { schools: Some(vec![one]), ..SharingRule::default() };
        share(&world, Sharing { rules: vec![rule], ..Sharing::default() }).await;

        let some = follow(&world, &token, "/v3.1/users?limit=10000", "next").await;
        assert!(!some.is_empty() && some.len() < all.len());
        assert_eq!(ids(&follow(&world, &token, "/v3.1/schools", "next").await), [one.to_string()]);
        let shared: BTreeSet<_> = ids(&some).into_iter().collect();
        for item in &all {
            let id = item["data"]["id"].as_str().expect("an id");
            let reply = ask(&world, &format!("/v3.1/users/{id}"), &token).await;
            let expected = if shared.contains(id) { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(reply.status, expected, "{id}");
        }
        // Nothing of the groups that are no longer shared, and nobody at another school.
        let told = serde_json::to_string(&some).expect("JSON");
        for name in ["dob", "iep_status", "ext", "location", "race"] {
            assert!(!told.contains(&format!("\"{name}\":")), "{name}");
        }
        for school in &schools[1..] {
            assert!(!told.contains(school), "{school}");
        }
        let count = ask(&world, "/v3.1/users?count=true&limit=1", &token).await.json();
        assert_eq!(count["count"], some.len());
    }
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused() {
    for (world, token) in synced(everything()).await {
        let id = "0".repeat(24);
        let rows = [
            ("limit=10001", StatusCode::PAYLOAD_TOO_LARGE),
            ("limit=1000000000", StatusCode::PAYLOAD_TOO_LARGE),
            ("limit=0", StatusCode::BAD_REQUEST),
            ("limit=-1", StatusCode::BAD_REQUEST),
            ("limit=abc", StatusCode::BAD_REQUEST),
            ("limit=1&limit=2", StatusCode::BAD_REQUEST),
            ("starting_after=x", StatusCode::BAD_REQUEST),
            ("starting_after=1%27%20OR%201%3D1--", StatusCode::BAD_REQUEST),
            (&format!("starting_after={id}&ending_before={id}"), StatusCode::BAD_REQUEST),
            ("role=pirate", StatusCode::BAD_REQUEST),
            ("count=maybe", StatusCode::BAD_REQUEST),
            (&format!("starting_after={}", "f".repeat(24)), StatusCode::OK),
            (&format!("ending_before={id}"), StatusCode::OK),
            ("where=%7B%7D&unknown=1", StatusCode::OK),
        ];
        for (query, expected) in rows {
            let reply = ask(&world, &format!("/v3.0/users?{query}"), &token).await;
            assert_eq!(reply.status, expected, "{query}: {}", reply.body);
            if expected == StatusCode::OK {
                assert!(reply.json()["data"].is_array());
            } else {
                assert!(reply.json()["message"].is_string(), "{query}");
            }
        }
        for path in ["/v3.0/users/x", &format!("/v3.0/users/{id}"), &format!("/v2.1/students/{id}")]
        {
            let reply = ask(&world, path, &token).await;
            assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}");
        }
    }
}

#[tokio::test]
async fn requests_are_counted_by_token_and_minute() {
    let rate = |reply: &Reply, name: &str| reply.header(name).map(str::to_owned);
    for (world, token) in synced(everything()).await {
        let first = world.get_with_token("/v3.0/districts", &token).await;
        assert_eq!(rate(&first, "x-ratelimit-limit").as_deref(), Some("1200"));
        assert_eq!(rate(&first, "x-ratelimit-remaining").as_deref(), Some("1199"));
        assert_eq!(rate(&first, "x-ratelimit-bucket").as_deref(), Some("data-api"));
        let now = world.clock.now().milliseconds() / 1000;
        let reset: i64 = rate(&first, "x-ratelimit-reset").expect("a time").parse().expect("s");
        assert!(now < reset && reset <= now + 60 && reset % 60 == 0);
        for _ in 1..1200 {
            let reply = world.get_with_token("/v2.1/me", &token).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN);
        }
        let refused = world.get_with_token("/v3.0/districts", &token).await;
        assert_eq!((refused.status, refused.body.as_str()), (StatusCode::TOO_MANY_REQUESTS, ""));
        assert_eq!(rate(&refused, "x-ratelimit-remaining").as_deref(), Some("0"));
        let other = world.get_with_token("/v3.0/districts", "another").await;
        assert_eq!(other.status, StatusCode::UNAUTHORIZED, "others are not slowed");
    }
}

#[tokio::test]
async fn tokens_of_people_read_no_lists() {
    for (world, token) in synced(everything()).await {
        let own = world.token_of(crate::world::ana()).await;
        for path in ["/v3.0/schools", "/v3.0/users", "/v2.1/students", "/v2.1/events"] {
            let reply = world.get_with_token(path, &own).await;
            assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(reply.json()["message"], "Resource not in token's scopes");
        }
        let me = world.get_with_token("/v3.0/me", &token).await;
        assert_eq!(me.status, StatusCode::FORBIDDEN, "a district is nobody");
    }
}

#[tokio::test]
async fn people_of_one_kind_are_found_behind_those_of_another() {
    for (world, token) in synced(everything()).await {
        let schools = ids(&follow(&world, &token, "/v2.1/schools", "next").await);
        for school in schools {
            for (list, role) in [("students", "student"), ("teachers", "teacher")] {
                let path = format!("/v2.1/schools/{school}/{list}");
                let roles = ids(&follow(&world, &token, &format!("{path}?limit=1"), "next").await);
                let users = format!("/v3.1/schools/{school}/users?role={role}&limit=1");
                let users = follow(&world, &token, &users, "next").await;
                let mut legacy: Vec<_> = users
                    .iter()
                    .map(|it| {
                        it["data"]["roles"][role]["legacy_id"].as_str().expect("an id").to_owned()
                    })
                    .collect();
                legacy.sort_unstable();
                assert_eq!(roles, legacy, "{path}");
                let last = format!("{path}?limit=1&ending_before=last");
                assert_eq!(ids(&follow(&world, &token, &last, "prev").await), roles, "{path}");
            }
        }
    }
}
