//! Queries that lists are asked.

use super::*;
use crate::data_api::{Dialect, People, v2_0, v2_1, v3_0};

const ID: &str = "62817c88dc4dc002ea40b594";

fn endpoint(dialect: Dialect, path: &str) -> &'static Endpoint {
    dialect.endpoints().iter().find(|it| it.path == path).expect(path)
}

fn v3(path: &str, raw: &str) -> Result<ListQuery, ListQueryError> {
    ListQuery::parse(raw, endpoint(Dialect::V3(v3_0::DIALECT), path))
}

fn id(text: &str) -> ObjectId {
    ObjectId::parse(text).expect("an id")
}

#[test]
fn nothing_asked_is_the_beginning_of_everything() {
    let query = v3("/users", "").expect("a query");
    assert_eq!((query.limit, query.position), (100, Position::Start));
    assert_eq!(
        (query.counting, query.role, query.schools),
        (Counting::NotWanted, None, SchoolTies::All)
    );
    assert_eq!((query.school, query.record_types), (None, Vec::new()));
}

#[test]
fn what_an_endpoint_knows_is_read() {
    let query = v3("/users", &format!("limit=10000&count=true&role=contact&starting_after={ID}"));
    let query = query.expect("a query");
    assert_eq!((query.limit, query.counting), (10_000, Counting::Wanted));
    assert_eq!(query.role, Some(PersonKind::Contact));
    assert_eq!(query.position, Position::After(id(ID)));
    let before = v3("/users", &format!("ending_before={ID}")).expect("a query");
    assert_eq!(before.position, Position::Before(id(ID)));
    assert_eq!(v3("/users", "ending_before=last").expect("a query").position, Position::End);
    let primary = v3("/schools/{id}/users", "primary=true&role=staff").expect("a query");
    assert_eq!((primary.schools, primary.role), (SchoolTies::Primary, Some(PersonKind::Staff)));
    let raw = format!("record_type=users&school={ID}&record_type=sections,terms&record_type=");
    let events = v3("/events", &raw).expect("a query");
    let users = Collection::People(People::Users);
    assert_eq!(events.record_types, [users, Collection::Sections, Collection::Terms]);
    assert_eq!(events.school, Some(id(ID)));
    let v2 = endpoint(Dialect::V2(v2_1::DIALECT), "/events");
    let admins = ListQuery::parse("record_type=schooladmins", v2).expect("a query");
    let staff = Collection::People(People::In(PersonKind::Staff));
    assert_eq!(admins.record_types, [staff]);
}

#[test]
fn empty_words_count_as_not_sent() {
    let query = v3("/schools/{id}/users", "role=&primary=").expect("a query");
    assert_eq!((query.role, query.schools), (None, SchoolTies::All));
    for count in ["", "false", "undefined"] {
        let query = v3("/users", &format!("count={count}")).expect("a query");
        assert_eq!(query.counting, Counting::NotWanted, "{count}");
    }
}

#[test]
fn what_an_endpoint_does_not_know_is_ignored() {
    let mut plain = v3("/terms", "").expect("a query");
    let query = v3("/terms", "role=pirate&where=%7B%7D&primary=7&role=x").expect("a query");
    plain.sent.clone_from(&query.sent);
    assert_eq!(query, plain);
    let v2_0 = endpoint(Dialect::V2(v2_0::DIALECT), "/students");
    let query = ListQuery::parse("count=perhaps&count=true", v2_0).expect("a query");
    assert_eq!(query.counting, Counting::NotWanted);
    assert_eq!(v3("/districts", "limit=70000").expect("a query").limit, DEFAULT_LIMIT);
}

#[test]
fn a_limit_is_of_1_to_10000() {
    for (raw, limit) in [("1", 1), ("0100", 100), ("10000", 10_000)] {
        assert_eq!(v3("/users", &format!("limit={raw}")).map(|it| it.limit), Ok(limit));
    }
    for raw in ["10001", "4294967296", "99999999999999999999999999"] {
        let refused = v3("/users", &format!("limit={raw}"));
        assert_eq!(refused, Err(ListQueryError::LimitTooLarge), "{raw}");
    }
    for raw in ["0", "000", "-1", "+1", "", "ten", "1.5", "1e3", "%31%00", "٣"] {
        let refused = v3("/users", &format!("limit={raw}"));
        assert_eq!(refused, Err(ListQueryError::LimitMalformed), "{raw}");
    }
}

#[test]
fn a_position_is_one_id() {
    let upper = ID.to_uppercase();
    let long = format!("{ID}0");
    for raw in ["", "1", "last", upper.as_str(), long.as_str(), "62817c88dc4dc002ea40b59g"] {
        let refused = v3("/users", &format!("starting_after={raw}"));
        let malformed =
            matches!(refused, Err(ListQueryError::IdMalformed { parameter: "starting_after", .. }));
        assert!(malformed, "{raw}");
    }
    for both in [
        format!("starting_after={ID}&ending_before={ID}"),
        format!("ending_before=last&starting_after={ID}"),
    ] {
        assert_eq!(v3("/users", &both), Err(ListQueryError::BothEnds));
    }
}

#[test]
fn a_parameter_stands_once() {
    for (path, name, value) in [
        ("/users", "limit", "1"),
        ("/users", "starting_after", ID),
        ("/users", "ending_before", ID),
        ("/users", "count", "true"),
        ("/users", "role", "student"),
        ("/users", "role", ""),
        ("/schools/{id}/users", "primary", "true"),
        ("/events", "school", ID),
    ] {
        let refused = v3(path, &format!("{name}={value}&{name}={value}"));
        assert_eq!(refused, Err(ListQueryError::Repeated { parameter: name }));
    }
}

#[test]
fn a_refusal_says_what_where_and_what_is_allowed() {
    for (path, raw, sentence) in [
        (
            "/users",
            "limit=10001",
            "limit in the query is more than a page holds: it is a whole number from 1 to 10000",
        ),
        ("/users", "limit=x", "limit in the query is no whole number from 1 to 10000"),
        (
            "/users",
            "ending_before=x",
            "ending_before in the query is no id: it is 24 digits of 0-9 and a-f, or last",
        ),
        (
            "/users",
            "role=pirate",
            "role in the query is unknown: it is one of student, teacher, staff, district_admin, contact",
        ),
        (
            "/sections/{id}/users",
            "role=staff",
            "role in the query is unknown: it is one of student, teacher",
        ),
        ("/users", "count=1", "count in the query is unknown: it is one of true, false, undefined"),
        ("/schools/{id}/users", "primary=1", "primary in the query is unknown: it is one of true"),
        (
            "/events",
            "record_type=contacts",
            "record_type in the query is unknown: it is one of districts, schools, terms, courses, sections, resources, users",
        ),
        ("/events", "school=1", "school in the query is no id: it is 24 digits of 0-9 and a-f"),
    ] {
        let refused = v3(path, raw).expect_err(raw);
        assert_eq!(refused.to_string(), sentence);
    }
}
