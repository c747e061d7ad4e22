//! Contacts as they are printed: in v2 objects of their own kind, in v3 users in a role.

use std::fmt;

use serde::{Serialize, Serializer};

use super::members::{Members, Sequence};
use super::schema::{self, Schema};
use super::words::{CONTACT_TYPES, PHONE_TYPES, RELATIONSHIPS, Words};
use super::{Contact, Name, Relationship};

/// A contact of v2, where contacts are objects of their own kind. What it is to its first student stands for all.
#[derive(Debug)]
pub struct OwnContact<'a>(pub(super) Contact<'a>);

impl Serialize for OwnContact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let contact = &self.0;
        let first = contact.students.first();
        let students = contact.students.iter().map(|it| it.student.role);
        let mut members = Members::of(serializer)?;
        members.put("id", contact.role)?;
        members.put("district", contact.district)?;
        members.put("name", &format_args!("{}", OneText(contact.name)))?;
        members.put_known("sis_id", contact.sis_id)?;
        members.put_known("email", contact.email)?;
        members.put_known("phone", contact.phone)?;
        members.put("phone_type", or_empty(PHONE_TYPES, contact.phone_type))?;
        members.put("type", or_empty(CONTACT_TYPES, first.and_then(|it| it.kind)))?;
        let relationship = first.and_then(|it| it.relationship);
        members.put("relationship", or_empty(RELATIONSHIPS, relationship))?;
        members.put("students", &Sequence(students))?;
        members.end()
    }
}

pub(super) fn object_schema() -> Schema {
    Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .always("name", schema::text())
        .may("sis_id", schema::text())
        .may("email", schema::text())
        .may("phone", schema::text())
        .always("phone_type", schema::word(PHONE_TYPES))
        .always("type", schema::word(CONTACT_TYPES))
        .always("relationship", schema::word(RELATIONSHIPS))
        .always("students", schema::list(&schema::id()))
}

/// A contact of v3.
#[derive(Debug)]
pub struct ContactUser<'a>(pub(super) Contact<'a>);

impl Serialize for ContactUser<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let contact = &self.0;
        let name = Name { middle: Some(contact.name.middle.unwrap_or_default()), ..contact.name };
        let mut members = Members::of(serializer)?;
        members.put("id", contact.id)?;
        members.put("district", contact.district)?;
        members.put_known("email", contact.email)?;
        members.put("name", &name)?;
        members.put_known("created", contact.created)?;
        members.put_known("last_modified", contact.last_modified)?;
        members.put("roles", &OnlyContact { contact: ContactNode(contact) })?;
        members.end()
    }
}

/// The roles of a contact, who has no other.
#[derive(Serialize)]
struct OnlyContact<'a> {
    contact: ContactNode<'a>,
}

/// `roles.contact`.
struct ContactNode<'a>(&'a Contact<'a>);

impl Serialize for ContactNode<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let contact = self.0;
        let mut members = Members::of(serializer)?;
        members.put("legacy_id", contact.role)?;
        members.put_known("sis_id", contact.sis_id)?;
        members.put_known("phone", contact.phone)?;
        members.put("phone_type", or_empty(PHONE_TYPES, contact.phone_type))?;
        let relationships = contact.students.iter().map(RelationshipObject);
        members.put("student_relationships", &Sequence(relationships))?;
        members.end()
    }
}

/// One of `student_relationships`.
struct RelationshipObject<'a>(&'a Relationship<'a>);

impl Serialize for RelationshipObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Relationship { student, relationship, kind } = *self.0;
        let mut members = Members::of(serializer)?;
        members.put("student", student.user)?;
        members.put("relationship", or_empty(RELATIONSHIPS, relationship))?;
        members.put("type", or_empty(CONTACT_TYPES, kind))?;
        members.end()
    }
}

/// The schema of `roles.contact`.
pub(super) fn node_schema() -> Schema {
    let relationship = Schema::default()
        .always("student", schema::id())
        .always("relationship", schema::word(RELATIONSHIPS))
        .always("type", schema::word(CONTACT_TYPES));
    Schema::default()
        .always("legacy_id", schema::id())
        .may("sis_id", schema::text())
        .may("phone", schema::text())
        .always("phone_type", schema::word(PHONE_TYPES))
        .always("student_relationships", schema::list(&relationship.value()))
}

fn or_empty<'a>(words: &Words, value: Option<&'a str>) -> &'a str {
    value.map_or("", |value| words.word(value))
}

/// A name as one text: its parts that there are, with spaces between.
struct OneText<'a>(Name<'a>);

impl fmt::Display for OneText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { first, middle, last } = self.0;
        let mut separator = "";
        for part in [first, middle.unwrap_or_default(), last] {
            if !part.is_empty() {
                write!(f, "{separator}{part}")?;
                separator = " ";
            }
        }
        Ok(())
    }
}
