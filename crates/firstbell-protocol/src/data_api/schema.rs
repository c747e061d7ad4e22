//! What a printed object looks like, as JSON Schema (draft 2020-12, which `OpenAPI` 3.1 speaks). A
//! printer's schema stands beside it. A member that no group of fields may hide is required; all
//! others may be absent, because each tier and each district shares its own.

use serde_json::{Map, Value, json};

use super::words::Words;

/// A schema in the making: an object with these members and no others.
#[derive(Debug, Default)]
pub(super) struct Schema {
    properties: Map<String, Value>,
    required: Vec<&'static str>,
}

impl Schema {
    /// A member that is always there.
    pub fn always(mut self, name: &'static str, value: Value) -> Self {
        self.required.push(name);
        self.may(name, value)
    }

    /// A member that may be absent.
    pub fn may(mut self, name: &'static str, value: Value) -> Self {
        self.properties.insert(name.to_owned(), value);
        self
    }

    /// The schema.
    pub fn value(self) -> Value {
        let mut value = json!({
            "type": "object",
            "properties": self.properties,
            "additionalProperties": false,
        });
        if !self.required.is_empty() {
            value["required"] = json!(self.required);
        }
        value
    }
}

/// A text.
pub(super) fn text() -> Value {
    json!({ "type": "string" })
}

/// An id.
pub(super) fn id() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{24}$" })
}

/// A date.
pub(super) fn date() -> Value {
    json!({ "type": "string", "format": "date" })
}

/// A date as month, day and year.
pub(super) fn day() -> Value {
    let pattern = "^([1-9]|1[0-2])/([1-9]|[12][0-9]|3[01])/[0-9]{4}$";
    json!({ "type": "string", "pattern": pattern, "examples": ["2/29/2012"] })
}

/// A time in UTC with milliseconds.
pub(super) fn time() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// One of these words, or nothing.
pub(super) fn word(words: &Words) -> Value {
    let words: Vec<_> = words.words.iter().copied().chain([""]).collect();
    json!({ "type": "string", "enum": words })
}

/// A person's name.
pub(super) fn name() -> Value {
    let name = Schema::default().always("first", text()).may("middle", text());
    name.always("last", text()).value()
}

/// Texts by keys that nobody knows beforehand.
pub(super) fn texts() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "string" } })
}

/// A list of these.
pub(super) fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

/// This text, or null.
pub(super) fn nullable(mut text: Value) -> Value {
    text["type"] = json!(["string", "null"]);
    text
}

/// What stands under this name among the document's schemas.
pub(super) fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}
