//! The query of a list of the Data API: whatever it says, a page of it is JSON, and its links are
//! queries that are understood, ask for as much, and lead on from where the page ends.

use firstbell_protocol::data_api::{
    Collection, Dialect, Endpoint, ListQuery, ListWriter, MOST, Position, Rest,
};
use serde_json::{Value, json};

const FIRST: &str = "0000000000000000000000a1";
const LAST: &str = "0000000000000000000000a2";

/// Takes a query.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let Ok(raw) = std::str::from_utf8(bytes) else { return };
    for dialect in Dialect::ALL {
        for endpoint in dialect.endpoints() {
            if let Ok(query) = ListQuery::parse(raw, endpoint) {
                look_at(dialect, endpoint, &query);
            }
        }
    }
}

fn look_at(dialect: Dialect, endpoint: &Endpoint, query: &ListQuery) {
    assert!((1..=MOST).contains(&query.limit), "a limit of {}", query.limit);
    let path = endpoint.at(dialect, FIRST);
    let mut writer = ListWriter::new(dialect, &path, query);
    for id in [FIRST, LAST] {
        writer.add(Collection::Schools, id, &json!({ "id": id })).expect("an object");
    }
    let page = writer.finish(Rest::More, Some(2)).expect("a page");
    let page: Value = serde_json::from_slice(&page).expect("JSON");
    for link in page["links"].as_array().expect("links") {
        let uri = link["uri"].as_str().expect("a URI");
        assert!(uri.bytes().all(|byte| byte.is_ascii_graphic()), "{uri}");
        let (at, asked) = uri.split_once('?').unwrap_or((uri, ""));
        assert_eq!(at, path);
        let asked = ListQuery::parse(asked, endpoint).expect("a link that is understood");
        assert_eq!(
            (asked.limit, asked.counting, asked.role),
            (query.limit, query.counting, query.role)
        );
        let id = match (link["rel"].as_str(), asked.position) {
            (Some("self"), position) => {
                assert_eq!(position, query.position);
                continue;
            }
            (Some("next"), Position::After(id)) if endpoint.is_paged() => (id, LAST),
            (Some("prev"), Position::Before(id)) if endpoint.is_paged() => (id, FIRST),
            // A list of no pages is asked the same again.
            (_, Position::Start) if !endpoint.is_paged() => continue,
            other => panic!("{other:?} of {uri}"),
        };
        assert_eq!(id.0.as_str(), id.1);
    }
}
