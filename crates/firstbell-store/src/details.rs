//! What a roster says of a record beyond names and ids: a JSON object of texts.

use std::collections::BTreeMap;
use std::fmt;

use firstbell_core::roster::Details;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use crate::backend::{Row, Value};
use crate::error::StoreError;

/// Details as this column has them.
pub(crate) fn details(row: &Row<'_>, column: usize) -> Result<Details, StoreError> {
    read(row.text(column)?).ok_or(StoreError::Unreadable { column })
}

/// Details as they are kept.
pub(crate) fn details_text(details: &Details) -> Value<'static> {
    let mut text = String::with_capacity(LIKELY_BYTES);
    let mut before = '{';
    for (name, value) in details {
        text.push(before);
        put_quoted(&mut text, name);
        text.push(':');
        put_quoted(&mut text, value);
        before = ',';
    }
    text.push_str(if before == '{' { "{}" } else { "}" });
    Value::Made(text)
}

/// So many bytes hold the details of most records.
const LIKELY_BYTES: usize = 256;

/// Writes a text of JSON. Of a million hardly one has anything to be escaped; to count is faster than to
/// stop at the first.
fn put_quoted(to: &mut String, text: &str) {
    let is_escaped = |byte: &u8| matches!(byte, 0..b' ' | b'"' | b'\\');
    if text.bytes().filter(is_escaped).count() > 0 {
        to.push_str(&serde_json::Value::from(text).to_string());
    } else {
        to.push('"');
        to.push_str(text);
        to.push('"');
    }
}

/// Details left as they are stored: to print a page of people takes a look at each of these texts,
/// and nothing of them is copied.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDetails(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// A JSON object of texts in the order of their names, none of which has anything escaped.
    Plain(String),
    /// Any other.
    Read(Details),
}

/// They are about a person: no log has them.
impl fmt::Debug for StoredDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredDetails(…)")
    }
}

impl StoredDetails {
    /// Details as this column has them.
    pub(crate) fn of(text: &str, column: usize) -> Result<Self, StoreError> {
        if has_escapes(text) {
            let read = read_escaped(text).ok_or(StoreError::Unreadable { column })?;
            return Ok(Self(Form::Read(read)));
        }
        Ok(Self(Form::Plain(text.to_owned())))
    }

    /// Names and values for which `is_wanted` says so of the name, in the order of their names.
    ///
    /// # Errors
    /// When the text is none that this store has written.
    pub fn pairs(
        &self,
        mut is_wanted: impl FnMut(&str) -> bool,
    ) -> Result<Vec<(&str, &str)>, StoreError> {
        match &self.0 {
            Form::Plain(text) => {
                plain_pairs(text, is_wanted).ok_or(StoreError::Unreadable { column: 0 })
            }
            Form::Read(details) => Ok(details.iter().filter(|(name, _)| is_wanted(name)).collect()),
        }
    }

    /// The whole of them.
    ///
    /// # Errors
    /// When the text is none that this store has written.
    pub fn read(&self) -> Result<Details, StoreError> {
        Ok(self.pairs(|_| true)?.into_iter().collect())
    }
}

/// The details of such a text; none if it is none that this store has written.
fn read(text: &str) -> Option<Details> {
    if has_escapes(text) {
        return read_escaped(text);
    }
    plain_pairs(text, |_| true).map(|pairs| pairs.into_iter().collect())
}

fn has_escapes(text: &str) -> bool {
    text.contains('\\')
}

fn read_escaped(text: &str) -> Option<Details> {
    serde_json::from_str::<BTreeMap<String, String>>(text).ok().map(|map| map.into_iter().collect())
}

fn plain_pairs(text: &str, is_wanted: impl FnMut(&str) -> bool) -> Option<Vec<(&str, &str)>> {
    let wanted = Wanted { is_wanted, pairs: Vec::with_capacity(LIKELY) };
    serde_json::Deserializer::from_str(text).deserialize_map(wanted).ok()
}

/// Few roles have more details.
const LIKELY: usize = 12;

/// Takes what is wanted of a JSON object of texts.
struct Wanted<'a, F> {
    is_wanted: F,
    pairs: Vec<(&'a str, &'a str)>,
}

impl<'a, F: FnMut(&str) -> bool> Visitor<'a> for Wanted<'a, F> {
    type Value = Vec<(&'a str, &'a str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        while let Some(name) = map.next_key::<&str>()? {
            if (self.is_wanted)(name) {
                self.pairs.push((name, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(self.pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wanted_is_read_whether_something_is_escaped_or_not() {
        let rows: [(&str, &[(&str, &str)]); 4] = [
            ("{}", &[]),
            (
                r#"{"dob":"2011-02-24","ext.bus":"7","grade":"4"}"#,
                &[("dob", "2011-02-24"), ("grade", "4")],
            ),
            (r#"{"ext.a\"b":"x","grade":"a\\b"}"#, &[("grade", "a\\b")]),
            (r#"{"grade":"Ünë"}"#, &[("grade", "Ünë")]),
        ];
        for (text, expected) in rows {
            let details = StoredDetails::of(text, 4).expect("details");
            let pairs = details.pairs(|name| !name.starts_with("ext.")).expect("pairs");
            assert_eq!(pairs, expected, "{text}");
            let whole: BTreeMap<String, String> = serde_json::from_str(text).expect("a map");
            assert_eq!(details.read().expect("the whole"), whole.into_iter().collect(), "{text}");
        }
    }

    #[test]
    fn details_are_kept_as_json_writes_them() {
        let awkward = ["", "4", "Ünë 🎒", "a\"b", "a\\b", "a\u{1}b\n\t\u{1f}", "\u{7f}\u{2028}"];
        let all = awkward.iter().flat_map(|name| awkward.map(|value| (*name, value)));
        let pairs: Vec<_> = all.collect();
        let few = awkward.iter().map(|value| [("name", *value)]);
        let maps = few.map(BTreeMap::from).chain([pairs.into_iter().collect(), BTreeMap::new()]);
        for map in maps {
            let details: Details = map.iter().collect();
            let Value::Made(text) = details_text(&details) else { panic!("a text") };
            assert_eq!(text, serde_json::to_string(&map).expect("JSON"));
            assert_eq!(read(&text), Some(details), "{text}");
        }
    }

    #[test]
    fn what_the_store_has_not_written_is_an_error_and_no_panic() {
        for text in ["", "[]", r#"{"grade":4}"#, r#"{"grade":"4""#] {
            let details = StoredDetails::of(text, 4).expect("a text");
            assert!(details.pairs(|_| true).is_err(), "{text}");
        }
        assert!(StoredDetails::of("\\", 4).is_err());
    }
}
