//! Schools as they are printed: the same in every dialect, but for its words for grades and for
//! extension fields.

use serde::{Serialize, Serializer};

use super::School;
use super::members::Members;
use super::schema::{self, Schema};
use super::tables::Details;

/// A school as it is printed.
#[derive(Debug)]
pub struct SchoolObject<'a> {
    pub(super) school: School<'a>,
    pub(super) details: &'static Details,
}

impl Serialize for SchoolObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let school = &self.school;
        let mut members = Members::of(serializer)?;
        members.put("id", school.id)?;
        members.put("district", school.district)?;
        members.put("name", school.name)?;
        members.put("school_number", school.school_number)?;
        members.put("sis_id", school.sis_id)?;
        members.put_facts(self.details.school, school.facts, school.told)?;
        members.put_known("created", school.created)?;
        members.put_known("last_modified", school.last_modified)?;
        members.end()
    }
}

pub(super) fn schema(details: &Details) -> Schema {
    Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .always("name", schema::text())
        .always("school_number", schema::text())
        .always("sis_id", schema::text())
        .facts(details.school)
        .may("created", schema::time())
        .may("last_modified", schema::time())
}
