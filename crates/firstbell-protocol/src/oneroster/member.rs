//! What stands in an object at a path such as `familyName`, `course.sourcedId` or `roles.role`: what
//! filters compare and lists are sorted by.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{BASE_FIELDS, Collection};

/// A path to a member, the first part of which these objects can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MemberPath(String);

/// What stands there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told<'o> {
    /// Each text, number or truth value.
    pub texts: Vec<Cow<'o, str>>,
    /// Whether a list stands on the way: there may be any number of them.
    pub is_list: bool,
}

impl MemberPath {
    /// The path that is written like this; None where these objects have no such member.
    pub fn parse(text: &str, of: Collection) -> Option<Self> {
        let member = text.split('.').next().unwrap_or_default();
        let is_known = BASE_FIELDS.contains(&member) || of.fields().contains(&member);
        (is_known && !text.split('.').any(str::is_empty)).then(|| Self(text.to_owned()))
    }

    /// Whether it is this member as a whole.
    pub fn is(&self, member: &str) -> bool {
        self.0 == member
    }

    /// What stands there in an object.
    pub fn within<'o>(&self, object: &'o Map<String, Value>) -> Told<'o> {
        let mut told = Told::default();
        let (member, rest) = self.0.split_once('.').unwrap_or((&self.0, ""));
        if let Some(value) = object.get(member) {
            told.take(value, rest);
        }
        told
    }
}

impl<'o> Told<'o> {
    fn take(&mut self, value: &'o Value, path: &str) {
        match value {
            Value::Array(items) => {
                self.is_list = true;
                for item in items {
                    self.take(item, path);
                }
            }
            Value::Object(members) => {
                // Names in `metadata` are the district's, with what letters they like.
                let parts = || path.split_once('.').unwrap_or((path, ""));
                let (member, rest) = if members.contains_key(path) { (path, "") } else { parts() };
                if let Some(value) = members.get(member) {
                    self.take(value, rest);
                }
            }
            _ if !path.is_empty() => {}
            Value::String(text) => self.texts.push(Cow::Borrowed(text)),
            Value::Bool(_) | Value::Number(_) => self.texts.push(Cow::Owned(value.to_string())),
            Value::Null => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let object = json!({
            "status": "active",
            "course": {"sourcedId": "c"},
            "terms": [{"sourcedId": "a"}, {"sourcedId": "b"}],
            "grades": [],
            "metadata": {"lunch.room": "x", "n": 1},
        });
        let object = object.as_object().expect("an object");
        for (path, texts, is_list) in [
            ("status", vec!["active"], false),
            ("course.sourcedId", vec!["c"], false),
            ("course", vec![], false),
            ("course.title", vec![], false),
            ("status.sourcedId", vec![], false),
            ("terms.sourcedId", vec!["a", "b"], true),
            ("grades", vec![], true),
            ("metadata.lunch.room", vec!["x"], false),
            ("metadata.n", vec!["1"], false),
            ("title", vec![], false),
        ] {
            let told = MemberPath::parse(path, Collection::Classes).expect(path).within(object);
            assert_eq!(told, Told { texts: texts.into_iter().map(Into::into).collect(), is_list });
        }
        for strange in ["", "email", "course.", ".course", "Title"] {
            assert_eq!(MemberPath::parse(strange, Collection::Classes), None, "{strange}");
        }
    }
}
