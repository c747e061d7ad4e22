//! Links of pages, and that following them reads a whole list.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::data_api::{Endpoint, ObjectId, v2_0, v3_0};

const USERS: Collection = Collection::People(crate::data_api::People::Users);
const V3: Dialect = Dialect::V3(v3_0::DIALECT);

fn endpoint(path: &str) -> &'static Endpoint {
    V3.endpoints().iter().find(|it| it.path == path).expect(path)
}

fn id(number: usize) -> String {
    format!("{number:024x}")
}

/// The page of these objects, as text.
fn page(raw: &str, ids: &[String], rest: Rest) -> String {
    let query = ListQuery::parse(raw, endpoint("/users")).expect("a query");
    let mut writer = ListWriter::new(V3, "/v3.0/users", &query);
    for id in ids {
        writer.add(USERS, id, &serde_json::json!({ "id": id })).expect("prints");
    }
    String::from_utf8(writer.finish(rest, None).expect("prints")).expect("text")
}

/// The links of a page, `rel uri` each.
fn links(page: &str) -> Vec<String> {
    let page: Value = serde_json::from_str(page).expect("json");
    let links = page["links"].as_array().expect("links").iter();
    links
        .map(|link| format!("{} {}", link["rel"].as_str().unwrap(), link["uri"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_page_is_objects_with_their_places_and_links() {
    let one = id(1);
    let query = ListQuery::parse("limit=1&count=true", endpoint("/users")).expect("a query");
    let mut writer = ListWriter::new(V3, "/v3.0/users", &query);
    writer.add(USERS, &one, &serde_json::json!({})).expect("prints");
    let body = writer.finish(Rest::More, Some(7)).expect("prints");
    assert_eq!(
        String::from_utf8(body).expect("text"),
        concat!(
            r#"{"data":[{"data":{},"uri":"/v3.0/users/000000000000000000000001"}],"#,
            r#""links":[{"rel":"self","uri":"/v3.0/users?limit=1&count=true"},"#,
            r#"{"rel":"next","uri":"/v3.0/users?limit=1&count=true&starting_after=000000000000000000000001"}],"#,
            r#""count":7}"#
        )
    );
}

#[test]
fn a_long_page_comes_in_pieces_that_make_up_the_page() {
    let query = ListQuery::parse("limit=1000", endpoint("/users")).expect("a query");
    let written = || {
        let mut writer = ListWriter::new(V3, "/v3.0/users", &query);
        for number in 1..=1000 {
            let object = serde_json::json!({ "id": id(number), "text": "x".repeat(number) });
            writer.add(USERS, &id(number), &object).expect("prints");
        }
        writer
    };
    let whole = written().finish(Rest::Nothing, None).expect("prints");
    let pieces = written().finish_in_pieces(Rest::Nothing, None).expect("prints");
    assert!(pieces.len() > 3, "{} pieces", pieces.len());
    assert!(pieces.iter().all(|piece| piece.len() < PIECE + PIECE / 8), "none had to grow");
    assert_eq!(pieces.concat(), whole);
    let page: Value = serde_json::from_slice(&whole).expect("json");
    assert_eq!(page["data"].as_array().expect("objects").len(), 1000);
}

#[test]
fn links_lead_where_there_is_something() {
    let (a, b, asked) = (id(0xa), id(0xb), id(0xf));
    let after = format!("starting_after={asked}");
    let before = format!("ending_before={asked}");
    let both = [a.clone(), b.clone()];
    let (next, prev) = (
        format!("next /v3.0/users?starting_after={b}"),
        format!("prev /v3.0/users?ending_before={a}"),
    );
    let back_to_the_end = "prev /v3.0/users?ending_before=last".to_owned();
    let beginning = "next /v3.0/users".to_owned();
    for (raw, ids, rest, expected) in [
        ("", &both[..], Rest::Nothing, vec![]),
        ("", &both[..], Rest::More, vec![&next]),
        ("", &[], Rest::Nothing, vec![]),
        ("", &[], Rest::More, vec![]),
        (&after, &both[..], Rest::More, vec![&next, &prev]),
        (&after, &both[..], Rest::Nothing, vec![&prev]),
        (&after, &[], Rest::Nothing, vec![&back_to_the_end]),
        (&before, &both[..], Rest::More, vec![&next, &prev]),
        (&before, &both[..], Rest::Nothing, vec![&next]),
        (&before, &[], Rest::Nothing, vec![&beginning]),
        ("ending_before=last", &both[..], Rest::More, vec![&next, &prev]),
        ("ending_before=last", &[], Rest::Nothing, vec![&beginning]),
    ] {
        let found = links(&page(raw, ids, rest));
        let separator = if raw.is_empty() { "" } else { "?" };
        assert_eq!(found[0], format!("self /v3.0/users{separator}{raw}"));
        assert_eq!(found[1..].iter().collect::<Vec<_>>(), expected, "{raw} {ids:?} {rest:?}");
    }
}

#[test]
fn what_was_sent_is_kept_fit_for_a_uri() {
    let raw = "&limit=2&x=a%26b+c\"<ü&&ending_before=last&y";
    let found = links(&page(raw, &[id(1)], Rest::Nothing));
    assert_eq!(
        found,
        [
            "self /v3.0/users?&limit=2&x=a%26b+c%22%3C%C3%BC&&ending_before=last&y",
            "next /v3.0/users?limit=2&x=a%26b+c%22%3C%C3%BC&y&starting_after=000000000000000000000001"
        ]
    );
}

#[test]
fn a_list_of_no_pages_has_one_link() {
    let query = ListQuery::parse("limit=1", endpoint("/districts")).expect("a query");
    let dialect = Dialect::V2(v2_0::DIALECT);
    let mut writer = ListWriter::new(dialect, "/v2.0/districts", &query);
    writer.add(Collection::Districts, &id(1), &serde_json::json!({})).expect("prints");
    let body = writer.finish(Rest::Nothing, None).expect("prints");
    let body = String::from_utf8(body).expect("text");
    assert_eq!(links(&body), ["self /v2.0/districts?limit=1"]);
    assert!(body.contains(r#""uri":"/v2.0/districts/000000000000000000000001""#), "{body}");
}

/// What a server does: the part of the list that the query asks for, by ascending id.
fn answer(list: &[String], query: &ListQuery) -> (Vec<String>, Rest) {
    let limit = query.limit as usize;
    let (found, backwards): (Vec<_>, _) = match query.position {
        Position::Start => (list.iter().collect(), false),
        Position::After(id) => {
            (list.iter().filter(|it| it.as_str() > id.as_str()).collect(), false)
        }
        Position::Before(id) => {
            (list.iter().filter(|it| it.as_str() < id.as_str()).collect(), true)
        }
        Position::End => (list.iter().collect(), true),
    };
    let rest = if found.len() > limit { Rest::More } else { Rest::Nothing };
    let from = if backwards { found.len().saturating_sub(limit) } else { 0 };
    (found.into_iter().skip(from).take(limit).cloned().collect(), rest)
}

/// Follows links of this kind until there is none, and returns the ids of each page.
fn follow(list: &[String], raw: &str, rel: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut raw = raw.to_owned();
    while pages.len() <= 2 * list.len() + 2 {
        let query = ListQuery::parse(&raw, endpoint("/users")).expect("a query");
        let (ids, rest) = answer(list, &query);
        let links = links(&page(&raw, &ids, rest));
        pages.push(ids);
        let start = format!("{rel} /v3.0/users?");
        let Some(link) = links.iter().find_map(|link| link.strip_prefix(&start)) else {
            return pages;
        };
        assert_ne!(link, raw, "a page leads to itself");
        link.clone_into(&mut raw);
    }
    panic!("the list has no end: {pages:?}")
}

proptest! {
    #[test]
    fn following_links_reads_everything_once(
        numbers in proptest::collection::btree_set(0_usize..500, 0..40),
        limit in 1_usize..12,
        extra in "[a-z]{0,3}=[ -~]{0,6}",
    ) {
        let list: Vec<_> = numbers.into_iter().map(id).collect();
        let extra = extra.replace(['&', '#'], "");
        // A random pair must not happen to be a parameter.
        let raw = format!("x{extra}&limit={limit}&role=student");
        let pages = follow(&list, &raw, "next");
        prop_assert_eq!(pages.len(), list.len().div_ceil(limit).max(1));
        prop_assert_eq!(pages.concat(), list.clone());
        let pages = follow(&list, &format!("{raw}&ending_before=last"), "prev");
        let backwards: Vec<_> = pages.into_iter().rev().flatten().collect();
        prop_assert_eq!(&backwards, &list);
        // Also from behind the end, where no object tells what came before.
        let behind = list.last().cloned().unwrap_or_else(|| id(0));
        let pages = follow(&list, &format!("{raw}&starting_after={behind}"), "prev");
        prop_assert_eq!(pages.first(), Some(&vec![]));
        let backwards: Vec<_> = pages.into_iter().rev().flatten().collect();
        prop_assert_eq!(backwards, list);
    }

    #[test]
    fn a_link_asks_the_same_of_another_part(number in 0_usize..500, limit in 1_u32..=10_000) {
        let raw = format!("count=true&limit={limit}&role=teacher&starting_after={}", id(number));
        let asked = ListQuery::parse(&raw, endpoint("/users")).expect("a query");
        let last = id(number + 1);
        let turned = asked.turned(Some((Parameter::StartingAfter, &last)));
        let turned = ListQuery::parse(&turned, endpoint("/users")).expect("a query");
        prop_assert_eq!(turned.position, Position::After(ObjectId::parse(&last).expect("an id")));
        prop_assert_eq!(
            (turned.limit, turned.counting, turned.role),
            (asked.limit, asked.counting, asked.role)
        );
    }
}
