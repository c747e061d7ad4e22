//! What surrounds every object: `data` and `links`.

use serde::Serialize;

/// `{"data": …, "links": […]}`, with `type` on `/me`.
#[derive(Debug, Serialize)]
pub struct Envelope<T> {
    /// The kind of object; only `/me` says it at the top.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// The object.
    pub data: T,
    /// Where it and its neighbours are.
    pub links: Vec<Link>,
}

/// `{"data": [{"data": …, "uri": …}], "links": […]}`.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The objects, by ascending id.
    pub data: Vec<Item<T>>,
    /// Where the list is.
    pub links: Vec<Link>,
}

/// An object in a [`List`].
#[derive(Debug, Serialize)]
pub struct Item<T> {
    /// The object.
    pub data: T,
    /// Where it is.
    pub uri: String,
}

impl<T> List<T> {
    /// The list at this place.
    pub fn at(uri: String, data: Vec<Item<T>>) -> Self {
        Self { data, links: vec![Link { rel: "self", uri }] }
    }
}

/// A relative URI and what it leads to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// `self`, `canonical`, `district`.
    pub rel: &'static str,
    /// The path, with a leading slash: clients put it behind the API's base URL. `self` of `/me` has
    /// no version, as the dialect has it.
    pub uri: String,
}

/// `{"message": …}`, the body of a refusal.
#[derive(Debug, Serialize)]
pub struct DataError<'a> {
    /// A sentence for the developer.
    pub message: &'a str,
}
