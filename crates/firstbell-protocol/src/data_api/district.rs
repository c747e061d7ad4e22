//! Districts as they are printed.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::members::{Members, Sequence};
use super::schema::{self, Schema};
use super::words::{DISTRICT_STATES, LMS_STATES, LMS_TYPES, LOGIN_METHODS};
use super::{District, DistrictContact, DistrictRecord, Name};

/// What a dialect tells of a district; each adds to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DistrictShape {
    /// What it is called and how it stands.
    Named,
    /// Also where and how its people log in, and whom to write to: a district administrator of v2.
    WithPortal,
    /// Whom to write to is a person of v3, and the launch is a date.
    WithUsers,
    /// Also its learning management system.
    WithLms,
}

/// A district as it is printed.
#[derive(Debug)]
pub struct DistrictObject<'a> {
    pub(super) district: District<'a>,
    pub(super) shape: DistrictShape,
}

impl Serialize for DistrictObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let District { id, name, portal_url, login_methods, record } = self.district;
        let mut members = Members::of(serializer)?;
        members.put("id", id)?;
        members.put_known("name", name)?;
        if self.shape >= DistrictShape::WithPortal {
            members.put_known("portal_url", portal_url)?;
            if let Some(methods) = login_methods {
                let words = methods.iter().map(|it| LOGIN_METHODS.word(it));
                members.put("login_methods", &Sequence(words))?;
            }
        }
        if let Some(record) = record {
            self.put_record(&mut members, &record)?;
        }
        members.end()
    }
}

impl DistrictObject<'_> {
    fn put_record<M: SerializeMap>(
        &self,
        members: &mut Members<M>,
        record: &DistrictRecord<'_>,
    ) -> Result<(), M::Error> {
        members.put("mdr_number", &record.mdr_number)?;
        members.put("nces_id", &record.nces_id)?;
        members.put("sis_type", record.sis_type)?;
        members.put("state", DISTRICT_STATES.word(record.state))?;
        members.put("last_sync", &record.last_sync)?;
        if self.shape >= DistrictShape::WithUsers {
            members.put_known("launch_date", record.launch_date)?;
        } else if let Some(date) = record.launch_date {
            members.put("launch_date", &format_args!("{date}T00:00:00.000Z"))?;
        }
        members.put("pause_start", &record.pause_start)?;
        members.put("pause_end", &record.pause_end)?;
        members.put_known("error", record.error)?;
        if self.shape >= DistrictShape::WithPortal {
            let (district, shape) = (self.district.id, self.shape);
            let object = |contact| DistrictContactObject { contact, district, shape };
            members.put_known("district_contact", record.contact.map(object))?;
        }
        if self.shape >= DistrictShape::WithLms {
            let (kind, state) = (record.lms_type, record.lms_state);
            members.put("lms_type", kind.map_or("", |it| LMS_TYPES.word(it)))?;
            members.put("lms_state", state.map_or("", |it| LMS_STATES.word(it)))?;
            members.put("last_attendance_sync", &record.last_attendance_sync)?;
        }
        Ok(())
    }
}

/// Whom to write to in a district.
struct DistrictContactObject<'a> {
    contact: DistrictContact<'a>,
    district: &'a str,
    shape: DistrictShape,
}

impl Serialize for DistrictContactObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let DistrictContact { member, name, email, title } = self.contact;
        let (id, middle) = match self.shape {
            DistrictShape::Named | DistrictShape::WithPortal => (member.role, None),
            _ => (member.user, Some(name.middle.unwrap_or_default())),
        };
        let mut members = Members::of(serializer)?;
        members.put("id", id)?;
        members.put("district", self.district)?;
        members.put("name", &Name { middle, ..name })?;
        members.put_known("email", email)?;
        members.put_known("title", title)?;
        members.end()
    }
}

impl DistrictShape {
    /// The schema of a district.
    pub(super) fn schema(self) -> Schema {
        let (date, time) = (schema::date(), schema::time());
        let launch = if self >= Self::WithUsers { date } else { time.clone() };
        let schema = Schema::default()
            .always("id", schema::id())
            .may("name", schema::text())
            .may("mdr_number", schema::nullable(schema::text()))
            .may("nces_id", schema::nullable(schema::text()))
            .may("sis_type", schema::text())
            .may("state", schema::word(DISTRICT_STATES))
            .may("last_sync", schema::nullable(time.clone()))
            .may("launch_date", launch)
            .may("pause_start", schema::nullable(time.clone()))
            .may("pause_end", schema::nullable(time.clone()))
            .may("error", schema::text());
        if self == Self::Named {
            return schema;
        }
        let schema = schema
            .may("portal_url", schema::text())
            .may("login_methods", schema::list(&schema::word(LOGIN_METHODS)))
            .may("district_contact", self.contact_schema().value());
        if self < Self::WithLms {
            return schema;
        }
        schema
            .may("lms_type", schema::word(LMS_TYPES))
            .may("lms_state", schema::word(LMS_STATES))
            .may("last_attendance_sync", schema::nullable(time))
    }

    fn contact_schema(self) -> Schema {
        let name = Schema::default().always("first", schema::text()).always("last", schema::text());
        let name =
            if self >= Self::WithUsers { name.always("middle", schema::text()) } else { name };
        Schema::default()
            .always("id", schema::id())
            .always("district", schema::id())
            .always("name", name.value())
            .may("email", schema::text())
            .may("title", schema::text())
    }
}
