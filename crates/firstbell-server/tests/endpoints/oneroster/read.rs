//! The roster as OneRoster tells it.

use std::collections::BTreeSet;

use firstbell_core::application::{DataGroups, Sharing, SharingRule};
use firstbell_protocol::oneroster::{Collection, PREFIX, Target};
use http::StatusCode;
use serde_json::Value;

use crate::data_api::roster::{ask, everything, follow, share, synced};
use crate::world::{Reply, World};

/// The objects of a list.
pub fn objects(reply: &Reply, of: Collection) -> Vec<Value> {
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    reply.json()[of.list_name()].as_array().expect("a list").clone()
}

pub fn ids(objects: &[Value]) -> Vec<String> {
    objects.iter().map(|it| it["sourcedId"].as_str().expect("an id").to_owned()).collect()
}

/// The path of an address of ours.
fn path(address: &str) -> &str {
    &address[address.find(PREFIX).expect("an address of the service")..]
}

pub fn link<'r>(reply: &'r Reply, rel: &str) -> Option<&'r str> {
    let mut links = reply.header("link").expect("links").split(", ");
    let end = format!("; rel=\"{rel}\"");
    let found = links.find_map(|link| link.strip_suffix(&end))?;
    Some(path(found.trim_start_matches('<').trim_end_matches('>')))
}

/// All ids of a list, read page by page.
pub async fn all(world: &World, token: &str, of: Collection, first: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let reply = ask(world, &path, token).await;
        found.extend(ids(&objects(&reply, of)));
        next = link(&reply, "next").map(str::to_owned);
        assert!(found.len() < 100_000, "{first} has no end");
    }
    found
}

pub async fn whole(world: &World, token: &str, target: Target, id: &str) -> Vec<Value> {
    let first = format!("{}?limit=10000", target.path(id));
    objects(&ask(world, &first, token).await, target.returns())
}

#[tokio::test]
async fn lists_are_whole_whatever_the_size_and_order_of_pages() {
    for (world, token) in synced(everything()).await {
        for of in Collection::ALL {
            let path = Target::All(of).path("");
            let known = ids(&whole(&world, &token, Target::All(of), "").await);
            assert!(!known.is_empty(), "{path}");
            let rest = if of == Collection::Orgs { &known[1..] } else { &known[..] };
            assert!(rest.is_sorted_by(|one, next| one < next), "{path} ascends");
            for limit in [1, 7, 100] {
                let first = format!("{path}?limit={limit}");
                assert_eq!(all(&world, &token, of, &first).await, known, "{path} by {limit}");
                let down = format!("{first}&sort=sourcedId&orderBy=desc");
                let mut down = all(&world, &token, of, &down).await;
                down.reverse();
                assert_eq!(down, known, "{path} by {limit}, from its end");
                let offset = known.len() / 2;
                let reply = ask(&world, &format!("{first}&offset={offset}"), &token).await;
                let end = known.len().min(offset + limit);
                assert_eq!(ids(&objects(&reply, of)), known[offset..end], "{path} at {offset}");
                assert_eq!(reply.header("x-total-count"), Some(&*known.len().to_string()));
                let last = ask(&world, link(&reply, "last").expect("a link"), &token).await;
                assert_eq!(ids(&objects(&last, of)).last(), known.last(), "{path}");
                assert_eq!(link(&last, "next"), None, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn every_object_answers_where_it_is_and_what_it_refers_to_is_there() {
    for (world, token) in synced(everything()).await {
        for of in Collection::ALL {
            let known = whole(&world, &token, Target::All(of), "").await;
            for object in known.iter().step_by(known.len() / 20 + 1) {
                let id = object["sourcedId"].as_str().expect("an id");
                let reply = ask(&world, &Target::One(of).path(id), &token).await;
                assert_eq!(reply.status, StatusCode::OK, "{of:?} {id}");
                assert_eq!(reply.json()[of.single_name()], *object);
                for name in ["givenName", "familyName"].map(|name| &object[name]) {
                    assert_ne!(name, "", "{of:?} {id}: the standard wants two names");
                }
                let text = object.to_string();
                for part in text.split("\"href\":\"").skip(1).take(5) {
                    let address = part.split('"').next().expect("an address");
                    let status = ask(&world, path(address), &token).await.status;
                    assert_eq!(status, StatusCode::OK, "{id} refers to {address}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_belongs_to_an_object_is_what_says_so() {
    for (world, token) in synced(everything()).await {
        let enrollments = whole(&world, &token, Target::All(Collection::Enrollments), "").await;
        let of = |member: &str, id: &str, role: &str, told: &str| -> BTreeSet<String> {
            let fits = |it: &&Value| {
                it[member]["sourcedId"] == id && (role.is_empty() || it["role"] == role)
            };
            let told = |it: &Value| it[told]["sourcedId"].as_str().expect("an id").to_owned();
            enrollments.iter().filter(fits).map(told).collect()
        };
        let classes = whole(&world, &token, Target::All(Collection::Classes), "").await;
        let those = |objects: &[Value], fits: &dyn Fn(&Value) -> bool| -> BTreeSet<String> {
            let found: Vec<Value> = objects.iter().filter(|it| fits(it)).cloned().collect();
            ids(&found).into_iter().collect()
        };
        let mut never: Vec<Target> = Vec::new();
        for target in Target::every() {
            let Target::Within(start, what) = target else { continue };
            let mut found_some = false;
            let starts = whole(&world, &token, Target::All(start), "").await;
            for object in starts.iter().filter(|it| it["roles"][0]["role"] != "parent").take(12) {
                let id = object["sourcedId"].as_str().expect("an id");
                let reply = ask(&world, &format!("{}?limit=10000", target.path(id)), &token).await;
                let found: BTreeSet<_> = ids(&objects(&reply, what)).into_iter().collect();
                found_some |= !found.is_empty();
                let expected = match (start, what) {
                    (Collection::Classes, Collection::Students) => {
                        of("class", id, "student", "user")
                    }
                    (Collection::Classes, Collection::Teachers) => {
                        of("class", id, "teacher", "user")
                    }
                    (Collection::Users, _) => of("user", id, "", "class"),
                    (Collection::Students, _) => of("user", id, "student", "class"),
                    (Collection::Teachers, _) => of("user", id, "teacher", "class"),
                    (Collection::Schools, Collection::Classes) => of("school", id, "", "class"),
                    (Collection::Schools, Collection::Enrollments) => {
                        those(&enrollments, &|it| it["school"]["sourcedId"] == id)
                    }
                    (Collection::Courses, Collection::Classes) => {
                        those(&classes, &|it| it["course"]["sourcedId"] == id)
                    }
                    (Collection::Terms, Collection::Classes) => {
                        those(&classes, &|it| it["terms"][0]["sourcedId"] == id)
                    }
                    _ => continue,
                };
                assert_eq!(found, expected, "{target:?} {id}");
            }
            if !found_some {
                never.push(target);
            }
        }
        assert!(never.is_empty(), "always empty: {never:?}");
    }
}

#[tokio::test]
async fn nobody_sees_more_than_through_the_data_api() {
    const LISTS: [(Collection, &str); 5] = [
        (Collection::Schools, "schools"),
        (Collection::Terms, "terms"),
        (Collection::Courses, "courses"),
        (Collection::Classes, "sections"),
        (Collection::Users, "users"),
    ];
    for (world, token) in synced(everything()).await {
        let schools = ids(&whole(&world, &token, Target::All(Collection::Schools), "").await);
        let one: firstbell_core::id::SchoolId = schools[0].parse().expect("an id");
        let at_one = SharingRule { schools: Some(vec![one]), ..SharingRule::default() };
        let fourth = SharingRule { grades: Some(vec!["4".into()]), ..SharingRule::default() };
        let everyone = whole(&world, &token, Target::All(Collection::Users), "").await;
        for sharing in [
            everything(),
            Sharing::everyone(),
            Sharing { rules: vec![at_one], groups: DataGroups::all(), ..Sharing::default() },
            Sharing { rules: vec![fourth], ..Sharing::default() },
        ] {
            share(&world, sharing.clone()).await;
            for (of, list) in LISTS {
                let theirs =
                    follow(&world, &token, &format!("/v3.1/{list}?limit=10000"), "next").await;
                let theirs: BTreeSet<_> = theirs
                    .iter()
                    .map(|it| it["data"]["id"].as_str().expect("an id").to_owned())
                    .collect();
                let first = format!("{}?limit=3", Target::All(of).path(""));
                let ours: BTreeSet<_> = all(&world, &token, of, &first).await.into_iter().collect();
                assert_eq!(ours, theirs, "{list}, {sharing:?}");
            }
            let users: BTreeSet<_> =
                ids(&whole(&world, &token, Target::All(Collection::Users), "").await)
                    .into_iter()
                    .collect();
            for user in everyone.iter().step_by(7) {
                let id = user["sourcedId"].as_str().expect("an id");
                let reply = ask(&world, &Target::One(Collection::Users).path(id), &token).await;
                assert_eq!(reply.status == StatusCode::OK, users.contains(id), "{id}");
            }
            for enrollment in whole(&world, &token, Target::All(Collection::Enrollments), "").await
            {
                let user = enrollment["user"]["sourcedId"].as_str().expect("an id");
                assert!(users.contains(user), "{user}, {sharing:?}");
            }
            let demographics =
                whole(&world, &token, Target::All(Collection::Demographics), "").await;
            let shares = sharing.groups == DataGroups::all();
            assert_eq!(demographics.is_empty(), !shares, "{sharing:?}");
            for user in everyone.iter().step_by(7) {
                let id = user["sourcedId"].as_str().expect("an id");
                let path = Target::One(Collection::Demographics).path(id);
                let is_told = ask(&world, &path, &token).await.status == StatusCode::OK;
                assert_eq!(is_told, demographics.iter().any(|it| it["sourcedId"] == id), "{id}");
            }
        }
    }
}

#[tokio::test]
async fn a_filter_and_fields_narrow_a_list() {
    for (world, token) in synced(everything()).await {
        let classes = Target::All(Collection::Classes).path("");
        let known = ids(&whole(&world, &token, Target::All(Collection::Classes), "").await);
        let middle = &known[known.len() / 2];
        for (filter, expected) in [
            (format!("sourcedId='{middle}'"), 1),
            (format!("sourcedId!='{middle}'"), known.len() - 1),
            (format!("sourcedId>'{middle}'"), known.len() - known.len() / 2 - 1),
            (format!("sourcedId='{middle}' OR sourcedId='{}'", known[0]), 2),
            ("status='active' AND dateLastModified>'1999-01-01'".to_owned(), known.len()),
            ("status='tobedeleted'".to_owned(), 0),
            ("dateLastModified<'1999-01-01'".to_owned(), 0),
        ] {
            let query: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
            let first = format!("{classes}?limit=2&filter={query}");
            let found = all(&world, &token, Collection::Classes, &first).await;
            assert_eq!(found.len(), expected, "{filter}");
            let reply = ask(&world, &first, &token).await;
            assert_eq!(reply.header("x-total-count"), Some(&*expected.to_string()), "{filter}");
        }
        let some = ask(&world, &format!("{classes}?fields=sourcedId,title&limit=1"), &token).await;
        let object = &objects(&some, Collection::Classes)[0];
        let members: Vec<_> = object.as_object().expect("an object").keys().collect();
        assert_eq!(members, ["sourcedId", "title"]);
    }
}

#[tokio::test]
async fn what_is_refused_is_told_in_the_standards_form() {
    for (world, token) in synced(everything()).await {
        let users = Target::All(Collection::Users).path("");
        let id = "0".repeat(24);
        let own = world.token_of(crate::world::ana()).await;
        for (path, token, status, minor) in [
            (format!("{users}?filter=shoeSize='x'"), &token, 400, "invalid_filter_field"),
            (format!("{users}?filter=birthDate~'2'"), &token, 400, "invalid_filter_field"),
            (format!("{users}?fields=shoeSize"), &token, 400, "invalid_selection_field"),
            (format!("{users}?sort=shoeSize"), &token, 400, "invalid_sort_field"),
            (format!("{users}?limit=0"), &token, 400, "invaliddata"),
            (format!("{users}/{id}"), &token, 404, "unknownobject"),
            (format!("{users}/x"), &token, 404, "unknownobject"),
            (format!("{users}/{id}/classes"), &token, 404, "unknownobject"),
            (users.clone(), &own, 403, "forbidden"),
            (users.clone(), &"nonsense".to_owned(), 401, "unauthorisedrequest"),
        ] {
            let reply = ask(&world, &path, token).await;
            assert_eq!(reply.status.as_u16(), status, "{path}: {}", reply.body);
            let body = reply.json();
            assert_eq!(body["imsx_codeMajor"], "failure", "{path}");
            assert!(body["imsx_description"].as_str().is_some_and(|it| !it.is_empty()), "{path}");
            let fields = &body["imsx_CodeMinor"]["imsx_codeMinorField"];
            assert_eq!(fields[0]["imsx_codeMinorFieldValue"], minor, "{path}");
            assert_eq!(reply.header("x-ratelimit-limit"), Some("1200"), "{path}");
            assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        }
    }
}
