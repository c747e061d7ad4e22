//! The items of a page, as texts: what a service sends is a few bytes that may become a tree of
//! gigabytes, so no more than one item of it is ever one.

use std::fmt;

use firstbell_roster::Collection;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::FetchError;
use super::client::ITEMS;

/// The items of a reply: the array that is named like the collection.
///
/// # Errors
/// [`FetchError::NoPage`], [`FetchError::TooMany`].
pub fn of_reply(collection: Collection, body: &[u8]) -> Result<Vec<&RawValue>, FetchError> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let found = reader.deserialize_map(Reply(collection.name()));
    match found.and_then(|found| reader.end().map(|()| found)) {
        Ok(Some(Items { unread: 0, read })) => Ok(read),
        Ok(Some(_)) => Err(FetchError::TooMany(collection.name())),
        Ok(None) | Err(_) => Err(FetchError::NoPage(collection.name())),
    }
}

/// The items of a page that was kept.
///
/// # Errors
/// When it is no array of items any more.
pub fn of_kept(page: &[u8]) -> serde_json::Result<Vec<&RawValue>> {
    serde_json::from_slice(page)
}

/// A page to keep.
pub fn to_keep(items: &[&RawValue]) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(items)
}

/// What tells an item from the others of its collection: its id, else all of it.
pub fn mark(item: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Marked<'i> {
        #[serde(borrow, rename = "sourcedId")]
        id: &'i RawValue,
    }

    let marked = serde_json::from_str(item.get()).map(|Marked { id }| id.get());
    marked.unwrap_or(item.get()).to_owned()
}

struct Reply(&'static str);

impl<'b> Visitor<'b> for Reply {
    type Value = Option<Items<'b>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'b>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<String>()? {
            if name == self.0 {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// As many items as a page was asked to have, and how many more there are.
struct Items<'b> {
    read: Vec<&'b RawValue>,
    unread: u64,
}

impl<'b> Deserialize<'b> for Items<'b> {
    fn deserialize<D: Deserializer<'b>>(deserializer: D) -> Result<Self, D::Error> {
        struct Array;

        impl<'b> Visitor<'b> for Array {
            type Value = Items<'b>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'b>>(self, mut items: A) -> Result<Items<'b>, A::Error> {
                let (mut read, mut unread) = (Vec::new(), 0);
                while read.len() < ITEMS {
                    let Some(item) = items.next_element()? else {
                        return Ok(Items { read, unread });
                    };
                    read.push(item);
                }
                while items.next_element::<IgnoredAny>()?.is_some() {
                    unread += 1;
                }
                Ok(Items { read, unread })
            }
        }

        deserializer.deserialize_seq(Array)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_the_array_of_its_collection() {
        let reply = br#"{"other": [{}], "users": [{"sourcedId": "1"}, {"sourcedId":"2"}]}"#;
        let found = of_reply(Collection::Users, reply).unwrap();
        assert_eq!(found.len(), 2);
        let kept = to_keep(&found).unwrap();
        let texts = |items: &[&RawValue]| items.iter().map(|it| it.get().to_owned()).collect();
        let (texts, again): (Vec<_>, Vec<_>) = (texts(&found), texts(&of_kept(&kept).unwrap()));
        assert_eq!(texts, again);
        assert_eq!(texts[0], r#"{"sourcedId": "1"}"#, "it is kept as it came");
        for bad in
            ["[]", "{}", r#"{"users":{}}"#, r#"{"orgs":[]}"#, "<html>", "", r#"{"users":[]}x"#]
        {
            let refused = of_reply(Collection::Users, bad.as_bytes()).unwrap_err();
            assert!(matches!(refused, FetchError::NoPage("users")), "{bad}: {refused}");
        }
    }

    #[test]
    fn a_page_has_no_more_items_than_it_was_asked_to_have() {
        let page =
            |items: usize| format!(r#"{{"users":[{}]}}"#, vec![r#"{"a":0}"#; items].join(","));
        assert_eq!(of_reply(Collection::Users, page(ITEMS).as_bytes()).unwrap().len(), ITEMS);
        let many = page(ITEMS + 1);
        let refused = of_reply(Collection::Users, many.as_bytes()).unwrap_err();
        assert!(matches!(refused, FetchError::TooMany("users")), "{refused}");
    }

    #[test]
    fn an_item_is_marked_by_its_id() {
        let marked = |text: &'static str| mark(serde_json::from_str(text).unwrap());
        assert_eq!(marked(r#"{"sourcedId":"1","a":2}"#), marked(r#"{"b":3,"sourcedId":"1"}"#));
        assert_ne!(marked(r#"{"sourcedId":"1"}"#), marked(r#"{"sourcedId":"2"}"#));
        assert_ne!(marked(r#"{"a":1}"#), marked(r#"{"a":2}"#));
        assert_eq!(marked("7"), "7");
    }
}
