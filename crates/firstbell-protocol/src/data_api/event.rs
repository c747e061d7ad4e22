//! What happened to the objects that an application sees: events, and the members that an update
//! changed.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::members::Members;
use super::schema::{self, Schema};
use super::{Collection, PersonKind};

/// Something that happened to an object. `T` is the object as its dialect prints it, or a
/// [`DeletedObject`].
#[derive(Debug, Clone, Copy)]
pub struct Event<'a, T> {
    /// The event's own id; later events have higher ones.
    pub id: &'a str,
    /// Where the object belongs.
    pub collection: Collection,
    /// What happened to it.
    pub what: Happening<'a>,
    /// When, ISO 8601 with milliseconds.
    pub created: &'a str,
    /// The object as it is now; of a deleted one, its ids.
    pub object: T,
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Happening<'a> {
    /// The application sees it now.
    Created,
    /// These members had these values before, as [`previous_attributes`] tells them.
    Updated(&'a Map<String, Value>),
    /// The application sees it no more.
    Deleted,
}

impl Happening<'_> {
    const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated(_) => "updated",
            Self::Deleted => "deleted",
        }
    }

    const fn previous(&self) -> Option<&Map<String, Value>> {
        match self {
            Self::Updated(previous) => Some(previous),
            Self::Created | Self::Deleted => None,
        }
    }
}

/// What an update changed stands twice: inside `data`, where clients of recorded replies look for
/// it, and beside `data`, where clients generated from published descriptions do.
impl<T: Serialize> Serialize for Event<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let previous = self.what.previous();
        let kind = format_args!("{}.{}", self.collection.event_name(), self.what.name());
        let mut members = Members::of(serializer)?;
        members.put("id", self.id)?;
        members.put("type", &kind)?;
        members.put("created", self.created)?;
        members.put("data", &EventData { object: &self.object, previous_attributes: previous })?;
        members.put_known("previous_attributes", previous)?;
        members.end()
    }
}

#[derive(Serialize)]
struct EventData<'a, T> {
    object: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_attributes: Option<&'a Map<String, Value>>,
}

/// What is told of an object that an application sees no more.
#[derive(Debug, Clone, Copy)]
pub struct DeletedObject<'a> {
    /// Its id.
    pub id: &'a str,
    /// The district's id.
    pub district: &'a str,
    /// Of a v3 user, the roles and their ids; else empty.
    pub roles: &'a [(PersonKind, &'a str)],
}

impl Serialize for DeletedObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members::of(serializer)?;
        members.put("id", self.id)?;
        members.put("district", self.district)?;
        if !self.roles.is_empty() {
            members.put("roles", &DeletedRoles(self.roles))?;
        }
        members.end()
    }
}

struct DeletedRoles<'a>(&'a [(PersonKind, &'a str)]);

impl Serialize for DeletedRoles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0.iter().map(|(kind, id)| (kind.name(), DeletedRole { legacy_id: id })),
        )
    }
}

#[derive(Serialize)]
struct DeletedRole<'a> {
    legacy_id: &'a str,
}

/// The members of an object that an update changed, with the values they had before: `null` where
/// there was none. An object inside counts as one member, and is told as it was. What is no object
/// has no members.
///
/// That the record was changed is no change by itself: it may have been a member that this dialect does
/// not have, or that the district does not share. Where nothing else differs, nothing is told.
pub fn previous_attributes(before: &Value, after: &Value) -> Map<String, Value> {
    let nothing = Map::new();
    let before = before.as_object().unwrap_or(&nothing);
    let after = after.as_object().unwrap_or(&nothing);
    let differs = |name: &str, value: &Value| match after.get(name) {
        Some(now) if name == "roles" => undated(now) != undated(value),
        now => now != Some(value),
    };
    let gone = before.iter().filter(|(name, value)| differs(name, value));
    let new = after.keys().filter(|name| !before.contains_key(*name));
    let changed: Map<_, _> = gone
        .map(|(name, value)| (name.clone(), value.clone()))
        .chain(new.map(|name| (name.clone(), Value::Null)))
        .collect();
    if changed.keys().all(|name| LAST_CHANGE.contains(&name.as_str())) { nothing } else { changed }
}

/// Members that say when the record was last changed.
const LAST_CHANGE: [&str; 2] = ["last_modified", "updated"];

/// The roles of a user without the time of the last change, which they repeat.
fn undated(roles: &Value) -> Value {
    let mut roles = roles.clone();
    let nodes = roles.as_object_mut().into_iter().flat_map(Map::values_mut);
    for node in nodes.filter_map(Value::as_object_mut) {
        for name in LAST_CHANGE {
            node.remove(name);
        }
    }
    roles
}

/// The schema of events about objects of these collections, `objects` being their schemas.
pub(super) fn schema(collections: &[Collection], objects: Vec<Value>) -> Schema {
    let kinds: Vec<_> = collections
        .iter()
        .flat_map(|it| {
            ["created", "updated", "deleted"].map(|what| format!("{}.{what}", it.event_name()))
        })
        .collect();
    let previous = json!({ "type": "object", "additionalProperties": true });
    let mut objects = objects;
    objects.push(schema::named("DeletedObject"));
    let data = Schema::default()
        .always("object", json!({ "anyOf": objects }))
        .may("previous_attributes", previous.clone());
    Schema::default()
        .always("id", schema::id())
        .always("type", json!({ "type": "string", "enum": kinds }))
        .always("created", schema::time())
        .always("data", data.value())
        .may("previous_attributes", previous)
}

/// The schema of what is told of deleted objects; `roles` only where the dialect has users.
pub(super) fn deleted_schema(has_users: bool) -> Schema {
    let schema = Schema::default().always("id", schema::id()).always("district", schema::id());
    let role = Schema::default().always("legacy_id", schema::id()).value();
    let roles = PersonKind::ALL
        .iter()
        .fold(Schema::default(), |roles, kind| roles.may(kind.name(), role.clone()));
    if has_users { schema.may("roles", roles.value()) } else { schema }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_api::People;

    fn text(value: &impl Serialize) -> String {
        serde_json::to_string(value).expect("prints")
    }

    #[test]
    fn an_update_tells_what_was_before_inside_data_and_beside_it() {
        let previous = previous_attributes(&json!({ "name": "A" }), &json!({ "name": "B" }));
        let event = Event {
            id: "1",
            collection: Collection::Sections,
            what: Happening::Updated(&previous),
            created: "2024-07-10T16:22:11.422Z",
            object: json!({ "id": "2", "name": "B" }),
        };
        assert_eq!(
            text(&event),
            concat!(
                r#"{"id":"1","type":"sections.updated","created":"2024-07-10T16:22:11.422Z","#,
                r#""data":{"object":{"id":"2","name":"B"},"previous_attributes":{"name":"A"}},"#,
                r#""previous_attributes":{"name":"A"}}"#
            )
        );
    }

    #[test]
    fn a_deleted_object_is_its_ids() {
        let object = DeletedObject { id: "2", district: "3", roles: &[] };
        let event = Event {
            id: "1",
            collection: Collection::People(People::In(PersonKind::Staff)),
            what: Happening::Deleted,
            created: "2024-07-10T16:22:11.422Z",
            object,
        };
        assert_eq!(
            text(&event),
            concat!(
                r#"{"id":"1","type":"schooladmins.deleted","created":"2024-07-10T16:22:11.422Z","#,
                r#""data":{"object":{"id":"2","district":"3"}}}"#
            )
        );
        let roles = [(PersonKind::Teacher, "4"), (PersonKind::Staff, "5")];
        let user = DeletedObject { roles: &roles, ..object };
        let event = Event { collection: Collection::People(People::Users), object: user, ..event };
        let told = text(&event);
        assert!(told.contains(r#""type":"users.deleted""#), "{told}");
        let roles = r#""roles":{"teacher":{"legacy_id":"4"},"staff":{"legacy_id":"5"}}}}}"#;
        assert!(told.ends_with(roles), "{told}");
    }

    #[test]
    fn what_was_created_tells_nothing_of_before() {
        let event = Event {
            id: "1",
            collection: Collection::People(People::In(PersonKind::DistrictAdmin)),
            what: Happening::Created,
            created: "now",
            object: json!({}),
        };
        assert_eq!(
            text(&event),
            r#"{"id":"1","type":"districtadmins.created","created":"now","data":{"object":{}}}"#
        );
    }

    #[test]
    fn previous_attributes_are_the_old_values_of_what_changed() {
        let before = json!({
            "id": "1", "same": [1], "name": { "first": "A", "last": "B" }, "gone": 1, "list": [1, 2],
            "null": null,
        });
        let after = json!({
            "id": "1", "same": [1], "name": { "first": "A", "last": "C" }, "new": "", "list": [2, 1],
            "null": "x",
        });
        assert_eq!(
            Value::Object(previous_attributes(&before, &after)),
            json!({
                "name": { "first": "A", "last": "B" }, "gone": 1, "list": [1, 2], "new": null,
                "null": null,
            })
        );
        assert!(previous_attributes(&before, &before).is_empty());
    }

    #[test]
    fn that_a_record_was_changed_is_no_change_by_itself() {
        let user = |last: &str, grade: &str, at: &str| {
            json!({
                "id": "1", "name": { "last": last }, "last_modified": at,
                "roles": { "student": { "grade": grade, "created": "0", "last_modified": at } },
            })
        };
        let before = user("A", "4", "1");
        assert!(previous_attributes(&before, &user("A", "4", "2")).is_empty());
        assert_eq!(
            Value::Object(previous_attributes(&before, &user("B", "4", "2"))),
            json!({ "name": { "last": "A" }, "last_modified": "1" }),
            "the roles are as they were"
        );
        assert_eq!(
            Value::Object(previous_attributes(&before, &user("A", "5", "2"))),
            json!({ "roles": before["roles"], "last_modified": "1" })
        );
        let resource = |title: &str, at: &str| json!({ "title": title, "updated": at });
        assert!(previous_attributes(&resource("A", "1"), &resource("A", "2")).is_empty());
        assert_eq!(previous_attributes(&resource("A", "1"), &resource("B", "2")).len(), 2);
        // Columns of a district's own are no dates of ours.
        let own = |at: &str| json!({ "ext": { "updated": at }, "last_modified": at });
        assert_eq!(previous_attributes(&own("1"), &own("2")).len(), 2);
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        assert!(previous_attributes(&Value::Null, &json!([1])).is_empty());
    }
}
