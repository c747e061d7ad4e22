//! What a row of a roster's table says.

use firstbell_core::roster::change::{RecordKind, RosterPerson};
use firstbell_core::roster::{
    Contact, Course, Generation, PersonName, Relationship, Resource, School, Section, Term, User,
};

use crate::backend::Row;
use crate::details::details;
use crate::error::StoreError;
use crate::person::email;

pub(super) fn record_kind(row: &Row<'_>, column: usize) -> Result<RecordKind, StoreError> {
    let text = row.text(column)?;
    let found = RecordKind::ALL.into_iter().find(|kind| kind.name() == text);
    found.ok_or(StoreError::Unreadable { column })
}

pub(crate) fn term(row: &Row<'_>) -> Result<Term, StoreError> {
    Ok(Term {
        id: row.id(0)?,
        name: row.string(1)?,
        start_date: row.opt_string(2)?,
        end_date: row.opt_string(3)?,
    })
}

pub(crate) fn course(row: &Row<'_>) -> Result<Course, StoreError> {
    Ok(Course { id: row.id(0)?, name: row.string(1)?, number: row.string(2)? })
}

/// A contact without its students.
pub(crate) fn contact(row: &Row<'_>) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: row.id(0)?,
        role: row.id(1)?,
        sis_id: row.opt_string(2)?,
        name: PersonName {
            first: row.string(3)?,
            middle: row.opt_string(4)?,
            last: row.string(5)?,
        },
        email: email(row, 6)?,
        details: details(row, 7)?,
        students: Vec::with_capacity(1),
    })
}

/// What the contact in column 0 is to a student.
pub(crate) fn relationship(row: &Row<'_>) -> Result<Relationship, StoreError> {
    Ok(Relationship {
        student: row.id(1)?,
        relationship: row.opt_string(2)?,
        kind: row.opt_string(3)?,
    })
}

/// A resource without its courses.
pub(crate) fn resource(row: &Row<'_>) -> Result<Resource, StoreError> {
    let kind = |word: &str| word.parse().map_err(|_| StoreError::Unreadable { column: 3 });
    Ok(Resource {
        id: row.id(0)?,
        sis_id: row.string(1)?,
        title: row.string(2)?,
        roles: row.text(3)?.split_whitespace().map(kind).collect::<Result<_, _>>()?,
        courses: Vec::new(),
    })
}

pub(crate) fn school(row: &Row<'_>) -> Result<School, StoreError> {
    Ok(School {
        id: row.id(0)?,
        sis_id: row.string(1)?,
        name: row.string(2)?,
        number: row.string(3)?,
        details: details(row, 4)?,
    })
}

pub(crate) fn section(row: &Row<'_>) -> Result<Section, StoreError> {
    Ok(Section {
        id: row.id(0)?,
        school: row.id(1)?,
        sis_id: row.string(2)?,
        name: row.string(3)?,
        course: row.opt_id(4)?,
        term: row.opt_id(5)?,
        teachers: Vec::new(),
        details: details(row, 6)?,
    })
}

pub(crate) fn person(row: &Row<'_>) -> Result<RosterPerson, StoreError> {
    let user = User {
        email: email(row, 0)?,
        id: row.id(1)?,
        name: PersonName {
            first: row.string(2)?,
            middle: row.opt_string(3)?,
            last: row.string(4)?,
        },
        created: row.time(5)?,
        last_modified: row.time(6)?,
        suspended_since: None,
        generation: Generation::default(),
        roles: Vec::with_capacity(1),
    };
    Ok(RosterPerson { user, schools: Vec::new() })
}
