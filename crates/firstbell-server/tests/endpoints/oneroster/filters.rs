//! Filters and orders of lists, held against a slow and simple reading of them.

use std::collections::BTreeSet;

use firstbell_protocol::oneroster::{BASE_FIELDS, Collection, Target};
use firstbell_store::testing::Dice;
use http::StatusCode;
use serde_json::Value;

use super::read::{all, ids, objects, whole};
use crate::data_api::roster::{ask, everything, synced};

const PATHS: [&str; 36] = [
    "sourcedId",
    "status",
    "dateLastModified",
    "name",
    "type",
    "identifier",
    "parent.sourcedId",
    "children.sourcedId",
    "title",
    "startDate",
    "endDate",
    "schoolYear",
    "courseCode",
    "org.sourcedId",
    "classCode",
    "classType",
    "grades",
    "subjects",
    "periods",
    "course.sourcedId",
    "terms.sourcedId",
    "school.type",
    "enabledUser",
    "username",
    "userIds.type",
    "familyName",
    "givenName",
    "email",
    "roles.role",
    "agents.sourcedId",
    "user.sourcedId",
    "role",
    "primary",
    "birthDate",
    "sex",
    "metadata.bus",
];

const SIGNS: [&str; 7] = ["=", "!=", ">", ">=", "<", "<=", "~"];

/// The texts at a path, and whether they are a list's.
fn texts(value: &Value, path: &[&str]) -> (Vec<String>, bool) {
    match (value, path) {
        (Value::Array(items), _) => {
            (items.iter().flat_map(|item| texts(item, path).0).collect(), true)
        }
        (Value::Object(members), [first, rest @ ..]) => {
            members.get(*first).map(|it| texts(it, rest)).unwrap_or_default()
        }
        (Value::String(text), []) => (vec![text.clone()], false),
        _ => (vec![], false),
    }
}

fn at(object: &Value, path: &str) -> (Vec<String>, bool) {
    texts(object, &path.split('.').collect::<Vec<_>>())
}

struct Comparison {
    path: &'static str,
    sign: &'static str,
    value: String,
}

impl Comparison {
    fn roll(of: Collection, known: &[Value], dice: &mut Dice) -> Self {
        let fits = |path: &&&str| {
            let member = path.split('.').next().expect("a member");
            BASE_FIELDS.contains(&member) || of.fields().contains(&member)
        };
        let paths: Vec<_> = PATHS.iter().filter(fits).copied().collect();
        let path = *pick(&paths, dice);
        let sign = *pick(&SIGNS, dice);
        let (told, _) = at(pick(known, dice), path);
        let mut value = told.iter().take(2).cloned().collect::<Vec<_>>().join(",");
        if sign == "~" && dice.below(2) == 0 {
            value = value.chars().skip(1).take(3).collect();
        }
        Self { path, sign, value }
    }

    fn text(&self) -> String {
        format!("{}{}'{}'", self.path, self.sign, self.value.replace('\'', "''"))
    }

    fn fits(&self, object: &Value) -> bool {
        let (told, is_list) = at(object, self.path);
        let wanted: BTreeSet<&str> = if is_list && !self.value.is_empty() {
            self.value.split(',').map(str::trim).collect()
        } else if is_list {
            BTreeSet::new()
        } else {
            [self.value.as_str()].into()
        };
        let found: BTreeSet<&str> = told.iter().map(String::as_str).collect();
        let one = told.first().filter(|_| !is_list).map(String::as_str);
        match self.sign {
            "=" => found == wanted,
            "!=" => found != wanted,
            "~" if is_list => !found.is_disjoint(&wanted),
            "~" => one.is_some_and(|one| one.contains(&self.value)),
            ">" => one.is_some_and(|one| one > self.value.as_str()),
            ">=" => one.is_some_and(|one| one >= self.value.as_str()),
            "<" => one.is_some_and(|one| one < self.value.as_str()),
            _ => one.is_some_and(|one| one <= self.value.as_str()),
        }
    }
}

fn pick<'t, T>(some: &'t [T], dice: &mut Dice) -> &'t T {
    &some[usize::try_from(dice.below(some.len() as u64)).expect("small")]
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn a_filtered_list_is_what_a_naive_reading_keeps_of_the_whole_one() {
    const FILTERS: usize = 60;

    for (world, token) in synced(everything()).await {
        let mut dice = Dice::new(7);
        let (mut some, mut none) = (0, 0);
        for of in Collection::ALL {
            let known = whole(&world, &token, Target::All(of), "").await;
            for _ in 0..FILTERS {
                let one = Comparison::roll(of, &known, &mut dice);
                let other = Comparison::roll(of, &known, &mut dice);
                let joint = *pick(&["", "AND", "OR"], &mut dice);
                let text = match joint {
                    "" => one.text(),
                    joint => format!("{} {joint} {}", one.text(), other.text()),
                };
                let fits = |object: &&Value| match joint {
                    "" => one.fits(object),
                    "AND" => one.fits(object) && other.fits(object),
                    _ => one.fits(object) || other.fits(object),
                };
                let expected: Vec<Value> = known.iter().filter(fits).cloned().collect();
                let path = Target::All(of).path("");
                let path = format!("{path}?limit=10000&filter={}", encoded(&text));
                let reply = ask(&world, &path, &token).await;
                assert_eq!(ids(&objects(&reply, of)), ids(&expected), "{of:?}: {text}");
                let total = expected.len().to_string();
                assert_eq!(reply.header("x-total-count"), Some(&*total), "{text}");
                let is_telling = !expected.is_empty() && expected.len() < known.len();
                *(if is_telling { &mut some } else { &mut none }) += 1;
            }
        }
        assert!(some > 150, "{some} of {} filters told some objects from others", some + none);
    }
}

#[tokio::test]
async fn a_sorted_list_is_the_whole_one_in_another_order_on_pages_of_any_size() {
    for (world, token) in synced(everything()).await {
        for (of, sort) in [
            (Collection::Users, "familyName"),
            (Collection::Users, "username"),
            (Collection::Students, "grades"),
            (Collection::Classes, "course.sourcedId"),
            (Collection::Orgs, "name"),
            (Collection::Enrollments, "user.sourcedId"),
            (Collection::Courses, "dateLastModified"),
        ] {
            let mut expected = whole(&world, &token, Target::All(of), "").await;
            expected.sort_by_key(|object| {
                let (told, _) = at(object, sort);
                let id = object["sourcedId"].as_str().expect("an id").to_owned();
                (told.is_empty(), told, id)
            });
            let mut expected = ids(&expected);
            for order in ["asc", "desc"] {
                for limit in [expected.len() / 3 + 1, 10_000] {
                    let path = Target::All(of).path("");
                    let first = format!("{path}?sort={sort}&orderBy={order}&limit={limit}");
                    let found = all(&world, &token, of, &first).await;
                    assert_eq!(found, expected, "{first}");
                }
                expected.reverse();
            }
        }
    }
}

#[tokio::test]
async fn nobody_learns_from_a_filter_or_an_order_what_is_not_shared() {
    for (world, token) in synced(firstbell_core::application::Sharing::everyone()).await {
        for (of, filter) in [
            (Collection::Demographics, "birthDate~'20'"),
            (Collection::Demographics, "sex!='x'"),
            (Collection::Students, "metadata.bus~''"),
            (Collection::Users, "agents.type~'user'"),
            (Collection::Users, "roles.role~'parent,guardian,relative'"),
        ] {
            let path = Target::All(of).path("");
            let reply = ask(&world, &format!("{path}?filter={}", encoded(filter)), &token).await;
            assert_eq!(objects(&reply, of), Vec::<Value>::new(), "{filter}");
            assert_eq!(reply.header("x-total-count"), Some("0"), "{filter}");
        }
        for (of, member) in [(Collection::Users, "birthDate"), (Collection::Students, "sex")] {
            for what in ["sort=", "fields=", "filter="] {
                let value = if what == "filter=" { format!("{member}='x'") } else { member.into() };
                let path = format!("{}?{what}{}", Target::All(of).path(""), encoded(&value));
                assert_eq!(ask(&world, &path, &token).await.status, StatusCode::BAD_REQUEST);
            }
        }
    }
}
