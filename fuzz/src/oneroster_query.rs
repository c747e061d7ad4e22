//! The query of a list of OneRoster: whatever it says, its links are queries that are understood, ask
//! for the same and lead on from where the page ends; filters and orders look at objects of any shape.

use firstbell_protocol::oneroster::{
    Collection, Cursor, MOST, MOST_SORTED, Onward, Query, QueryError,
};
use serde_json::{Map, Value, json};

const ADDRESS: &str = "/list";

/// Takes a query.
///
/// # Panics
/// When a promise is broken.
pub fn examine(bytes: &[u8]) {
    let Ok(raw) = std::str::from_utf8(bytes) else { return };
    for of in Collection::ALL {
        if let Ok(query) = Query::parse(raw, of) {
            look_at(of, &query);
        }
    }
}

fn look_at(of: Collection, query: &Query) {
    assert!((1..=MOST).contains(&query.limit), "a limit of {}", query.limit);
    let cursor = Cursor { record: [0xa1; 12], part: Some([0xb2; 12]), total: 70 };
    let onward = if query.is_sorted() { Onward::ByOffset } else { Onward::After(cursor) };
    let links = query.links(ADDRESS, 70, onward);
    assert!(links.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{links}");
    let page = query.sorted_page();
    assert!(page.end <= MOST_SORTED && page.len() <= query.limit, "{page:?}");
    let mut rels = Vec::new();
    for link in links.split(", ") {
        let (address, rel) = link.split_once(">; rel=").expect("a link");
        let (at, asked) = address.split_once('?').expect("a query");
        assert_eq!(at, format!("<{ADDRESS}"));
        let asked = match Query::parse(asked, of) {
            // Behind this page no sorted list is told; whoever follows the link is told why.
            Err(QueryError::TooDeep) if query.is_sorted() && rel == "\"next\"" => {
                rels.push("next");
                continue;
            }
            asked => asked.expect("a link that is understood"),
        };
        assert_eq!(
            (asked.limit, asked.order, &asked.filter, &asked.fields, asked.is_sorted()),
            (query.limit, query.order, &query.filter, &query.fields, query.is_sorted())
        );
        if rel == "\"next\"" {
            assert_eq!(asked.offset, query.offset.saturating_add(query.limit as u64));
            assert_eq!(asked.cursor, (!query.is_sorted()).then_some(cursor));
        }
        rels.push(rel.trim_matches('"'));
    }
    let all = ["first", "last", "prev", "next"];
    assert_eq!(rels, if query.offset > 0 { &all[..] } else { &["first", "last", "next"][..] });
    // An object of every shape is looked at without harm.
    let shapes = [json!({}), json!([]), json!("a"), json!(["a", {"sourcedId": "a"}]), json!(null)];
    for shape in shapes {
        let names = of.fields().iter().chain(&["sourcedId", "status", "dateLastModified"]);
        let object: Map<String, Value> =
            names.map(|name| ((*name).to_owned(), shape.clone())).collect();
        query.filter.fits(&object);
        assert_eq!(query.sort_key(&object), query.sort_key(&object));
    }
}
