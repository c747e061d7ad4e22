//! People as the v2 dialects print them: once for each of their roles.

use serde::{Serialize, Serializer};

use crate::data_api::members::Members;
use crate::data_api::schema::{self, Schema};
use crate::data_api::tables::Details;
use crate::data_api::{Name, Person, PersonRole};
use crate::vocabulary::RoleKind;

/// A student, teacher, school administrator or district administrator.
#[derive(Debug)]
pub struct RoleObject<'a> {
    pub(super) person: Person<'a>,
    pub(super) role: PersonRole<'a>,
    pub(super) details: &'static Details,
}

impl Serialize for RoleObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (person, role) = (&self.person, &self.role);
        let mut members = Members::of(serializer)?;
        members.put("id", role.id)?;
        members.put("district", person.district)?;
        members.put_known("email", person.email)?;
        members.put("name", &name(person, role))?;
        members.put_known("grade", role.grade(self.details.grades))?;
        role.put_sis_id(&mut members)?;
        // Administrators of a roster have no dates here.
        if !(role.tells_roster() && is_administrator(role.kind)) {
            members.put_known("created", person.created)?;
            members.put_known("last_modified", person.last_modified)?;
        }
        role.put_schools(&mut members)?;
        members.put_facts(self.details.of(role.kind), role.facts, role.told)?;
        members.end()
    }
}

/// The name. Where the roster is told, nobody's middle name is missing but administrators', who have
/// none.
fn name<'a>(person: &Person<'a>, role: &PersonRole<'a>) -> Name<'a> {
    let middle = match role.tells_roster() {
        false => person.name.middle,
        true if is_administrator(role.kind) => None,
        true => Some(person.name.middle.unwrap_or_default()),
    };
    Name { middle, ..person.name }
}

const fn is_administrator(kind: RoleKind) -> bool {
    matches!(kind, RoleKind::Staff | RoleKind::DistrictAdmin)
}

/// The schema of people in this role.
pub(super) fn role_schema(kind: RoleKind, details: &Details) -> Schema {
    Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .may("email", schema::text())
        .always("name", schema::name())
        .role(kind, details)
        .may("created", schema::time())
        .may("last_modified", schema::time())
}
