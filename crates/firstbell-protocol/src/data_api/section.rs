//! Sections as they are printed: people are named by the ids of the dialect.

use serde::{Serialize, Serializer};

use super::lms::{LmsObject, LmsShape, lms_schema};
use super::members::{Members, Sequence};
use super::schema::{self, Schema};
use super::tables::Details;
use super::words::SUBJECTS;
use super::{Member, Section};

/// A section as it is printed.
#[derive(Debug)]
pub struct SectionObject<'a> {
    pub(super) section: Section<'a>,
    pub(super) details: &'static Details,
    pub(super) naming: Naming,
    pub(super) lms: LmsShape,
}

/// By which id a section names its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// That of the role in which they are there.
    Role,
    /// Their own.
    User,
}

impl Naming {
    /// The id of somebody.
    pub fn id<'a>(self, member: &Member<'a>) -> &'a str {
        match self {
            Self::Role => member.role,
            Self::User => member.user,
        }
    }
}

impl Serialize for SectionObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let section = &self.section;
        let teachers = section.teachers.iter().map(|it| self.naming.id(it));
        let mut students: Vec<_> = section.students.iter().map(|it| self.naming.id(it)).collect();
        students.sort_unstable();

        let mut members = Members::of(serializer)?;
        members.put("id", section.id)?;
        members.put("district", section.district)?;
        if let Some(record) = &section.record {
            members.put("school", record.school)?;
            members.put("course", &record.course)?;
            members.put("term_id", &record.term)?;
            members.put("sis_id", record.sis_id)?;
        }
        members.put("name", section.name)?;
        members.put_known("grade", section.grade.map(|it| self.details.grades.word(it)))?;
        members.put_known("subject", section.subject.map(|it| SUBJECTS.word(it)))?;
        if let Some(record) = &section.record {
            members.put_facts(self.details.section, record.facts, record.told)?;
        }
        members.put_known("teacher", section.primary.as_ref().map(|it| self.naming.id(it)))?;
        members.put("teachers", &Sequence(teachers))?;
        members.put("students", &students)?;
        if let Some(record) = &section.record {
            members.put_known("created", record.created)?;
            members.put_known("last_modified", record.last_modified)?;
            members.put_known("lms_status", LmsObject::of(record.lms_status, self.lms))?;
        }
        members.end()
    }
}

pub(super) fn schema(details: &Details, lms: LmsShape) -> Schema {
    let ids = schema::list(&schema::id());
    let schema = Schema::default()
        .always("id", schema::id())
        .always("district", schema::id())
        .may("school", schema::id())
        .may("course", schema::nullable(schema::id()))
        .may("term_id", schema::nullable(schema::id()))
        .may("sis_id", schema::text())
        .always("name", schema::text())
        .may("grade", schema::word(details.grades))
        .may("subject", schema::word(SUBJECTS))
        .facts(details.section)
        .may("teacher", schema::id())
        .always("teachers", ids.clone())
        .always("students", ids)
        .may("created", schema::time())
        .may("last_modified", schema::time());
    lms_schema(schema, lms)
}
