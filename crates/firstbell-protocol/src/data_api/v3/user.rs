//! People as the v3 dialects print them.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::data_api::lms::{LmsObject, LmsShape, lms_schema};
use crate::data_api::members::Members;
use crate::data_api::schema::{self, Schema};
use crate::data_api::tables::Details;
use crate::data_api::{Name, Person, PersonRole, contact};
use crate::vocabulary::RoleKind;

/// A person with all roles that the application may see.
#[derive(Debug)]
pub struct User<'a> {
    pub(super) person: Person<'a>,
    pub(super) details: &'static Details,
    pub(super) lms: LmsShape,
}

impl Serialize for User<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let person = &self.person;
        let mut members = Members::of(serializer)?;
        members.put("id", person.id)?;
        members.put("district", person.district)?;
        members.put_known("email", person.email)?;
        members.put("name", &full_name(person))?;
        members.put_known("created", person.created)?;
        members.put_known("last_modified", person.last_modified)?;
        members.put("roles", &Roles { person, details: self.details })?;
        members.put_known("lms_status", LmsObject::of(person.lms_status, self.lms))?;
        members.end()
    }
}

/// The name. Where the roster is told, nobody's middle name is missing: it is empty.
fn full_name<'a>(person: &Person<'a>) -> Name<'a> {
    let tells_roster = person.roles.iter().any(PersonRole::tells_roster);
    let middle = person.name.middle.or(tells_roster.then_some(""));
    Name { middle, ..person.name }
}

/// Roles keyed by their kind, in the order given: relying parties take the first key as the
/// person's type.
struct Roles<'a> {
    person: &'a Person<'a>,
    details: &'static Details,
}

impl Serialize for Roles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.person.roles.len()))?;
        for role in self.person.roles {
            let node = RoleNode { role, person: self.person, details: self.details };
            map.serialize_entry(role.kind.name(), &node)?;
        }
        map.end()
    }
}

/// What is told of one role.
struct RoleNode<'a> {
    role: &'a PersonRole<'a>,
    person: &'a Person<'a>,
    details: &'static Details,
}

impl Serialize for RoleNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let role = self.role;
        let mut members = Members::of(serializer)?;
        members.put("legacy_id", role.id)?;
        role.put_sis_id(&mut members)?;
        members.put_known("grade", role.grade(self.details.grades))?;
        role.put_schools(&mut members)?;
        // Recorded replies of tiers without schools have an empty list: clients index into it.
        if role.schools.is_none() && role.kind != RoleKind::DistrictAdmin {
            members.put("schools", &[(); 0])?;
        }
        members.put_facts(self.details.of(role.kind), role.facts, role.told)?;
        if is_dated(role.kind) && role.tells_roster() {
            members.put_known("created", self.person.created)?;
            members.put_known("last_modified", self.person.last_modified)?;
        }
        members.end()
    }
}

/// Whether the role repeats the dates of the person.
const fn is_dated(kind: RoleKind) -> bool {
    matches!(kind, RoleKind::Student | RoleKind::Teacher)
}

/// The schema of a user, contacts among them.
pub(super) fn user_schema(details: &Details, lms: LmsShape) -> Schema {
    let schema = Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .may("email", schema::text())
        .always("name", schema::name())
        .may("created", schema::time())
        .may("last_modified", schema::time())
        .always("roles", roles_schema(details));
    lms_schema(schema, lms)
}

fn roles_schema(details: &Details) -> Value {
    let mut roles = Schema::default();
    for kind in RoleKind::ALL {
        let node = Schema::default().always("legacy_id", schema::id()).role(kind, details);
        let node = if is_dated(kind) {
            node.may("created", schema::time()).may("last_modified", schema::time())
        } else {
            node
        };
        roles = roles.may(kind.name(), node.value());
    }
    let mut roles = roles.may("contact", contact::node_schema().value()).value();
    // Clients take the first role as the person's type.
    roles["minProperties"] = Value::from(1);
    roles
}
