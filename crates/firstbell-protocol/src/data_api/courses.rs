//! Courses, terms and resources as they are printed: in every dialect that has them the same.

use serde::{Serialize, Serializer};

use super::members::{Members, Sequence};
use super::schema::{self, Schema};
use super::words::RESOURCE_ROLES;
use super::{Course, Resource, Term};

impl Serialize for Course<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members::of(serializer)?;
        members.put("id", self.id)?;
        members.put("district", self.district)?;
        members.put("name", &self.name)?;
        members.put("number", &self.number)?;
        members.end()
    }
}

pub(super) fn course_schema() -> Schema {
    Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .always("name", schema::nullable(schema::text()))
        .always("number", schema::nullable(schema::text()))
}

impl Serialize for Term<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = Members::of(serializer)?;
        members.put("id", self.id)?;
        members.put("district", self.district)?;
        members.put("name", &self.name)?;
        members.put("start_date", &self.start_date)?;
        members.put("end_date", &self.end_date)?;
        members.end()
    }
}

pub(super) fn term_schema() -> Schema {
    Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .always("name", schema::nullable(schema::text()))
        .always("start_date", schema::nullable(schema::date()))
        .always("end_date", schema::nullable(schema::date()))
}

impl Serialize for Resource<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let roles = self.roles.iter().filter(|role| RESOURCE_ROLES.words.contains(role));
        let mut members = Members::of(serializer)?;
        members.put("id", self.id)?;
        members.put("district", self.district)?;
        members.put("resource_id", self.resource_id)?;
        members.put("title", self.title)?;
        members.put("roles", &Sequence(roles))?;
        members.put_known("created", self.created)?;
        members.put_known("updated", self.updated)?;
        members.end()
    }
}

pub(super) fn resource_schema() -> Schema {
    let role = serde_json::json!({ "type": "string", "enum": RESOURCE_ROLES.words });
    Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .always("resource_id", schema::text())
        .always("title", schema::text())
        .always("roles", schema::list(&role))
        .may("created", schema::time())
        .may("updated", schema::time())
}
