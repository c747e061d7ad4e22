//! The rows that records become.

use std::collections::HashMap;

use firstbell_core::id::DistrictId;
use firstbell_core::roster::change::{Binding, Enrollment, RosterPerson};
use firstbell_core::roster::{Contact, Email, Resource, School, Section};
use firstbell_core::time::Timestamp;

use crate::backend::{Table, Value};
use crate::details::details_text;
use crate::error::StoreError;
use crate::queries::{STILL, queries};
use crate::roster::tables::{
    BINDINGS, CONTACT_STUDENTS, CONTACTS, ENROLLMENTS, RESOURCE_COURSES, RESOURCES, ROLE_SCHOOLS,
    SCHOOLS, SECTION_TEACHERS, SECTIONS, USER_ROLES, USERS,
};
use crate::store::Tx;

macro_rules! created {
    ($table:literal) => {
        concat!(
            "SELECT id, created FROM ",
            $table,
            " WHERE district_id = $1 AND since < $2 AND id = $3"
        )
    };
}

queries! {
    /// When the roster first named these records. They end in the id, see `Link::for_ids`.
    USERS_CREATED = created!("users");
    SCHOOLS_CREATED = created!("schools");
    SECTIONS_CREATED = created!("sections");
    CONTACTS_CREATED = created!("contacts");
    RESOURCES_CREATED = created!("resources");
}

/// Where rows are written: into which version of whose roster.
pub(super) struct Stage<'t, 'c> {
    pub(super) tx: &'t mut Tx<'c>,
    pub(super) district: DistrictId,
    pub(super) next: i64,
    pub(super) now: Timestamp,
}

/// When records were first there, as far as they were there before.
pub(super) type Created = HashMap<[u8; 12], Timestamp>;

impl Stage<'_, '_> {
    pub(super) fn close(&mut self, tables: &[&Table], keys: &[[u8; 12]]) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let (district, next) = (self.district, self.next);
        tables
            .iter()
            .try_for_each(|table| self.tx.with(|link| link.bulk_close(table, district, next, keys)))
    }

    /// Inserts a row for each record; `fill` adds what follows district, since and until.
    pub(super) fn insert<'v, T>(
        &mut self,
        table: &Table,
        records: impl IntoIterator<Item = T>,
        fill: impl Fn(T, &mut Vec<Value<'v>>),
    ) -> Result<(), StoreError> {
        let mut values = Vec::new();
        for record in records {
            fill(record, &mut values);
        }
        if values.is_empty() {
            return Ok(());
        }
        let head = [self.district.into(), self.next.into(), STILL.into()];
        self.tx.with(|link| link.bulk_insert(table, &head, &values)).map(drop)
    }

    pub(super) fn bindings(&mut self, bindings: &[Binding]) -> Result<(), StoreError> {
        let mut values = Vec::new();
        for binding in bindings {
            values.extend([
                binding.kind.name().into(),
                binding.sis_id.as_str().into(),
                Value::Id(binding.id),
                binding.user.into(),
            ]);
        }
        let head = [self.district.into(), self.next.into()];
        self.tx.with(|link| link.bulk_insert(&BINDINGS, &head, &values)).map(drop)
    }

    pub(super) fn schools(
        &mut self,
        schools: &[School],
        created: &Created,
    ) -> Result<(), StoreError> {
        let now = self.now;
        self.insert(&SCHOOLS, schools, |school, row| {
            let texts = [&school.sis_id, &school.name, &school.number];
            row.push(school.id.into());
            row.extend(texts.map(|text| Value::Text(text)));
            row.push(details_text(&school.details));
            row.extend(dates(created, school.id.to_bytes(), now));
        })
    }

    pub(super) fn sections(
        &mut self,
        sections: &[Section],
        created: &Created,
    ) -> Result<(), StoreError> {
        let now = self.now;
        self.insert(&SECTIONS, sections, |section, row| {
            row.extend([section.id.into(), section.school.into()]);
            row.extend([section.sis_id.as_str().into(), section.name.as_str().into()]);
            row.extend([section.course.into(), section.term.into()]);
            row.push(details_text(&section.details));
            row.extend(dates(created, section.id.to_bytes(), now));
        })?;
        let teachers = sections.iter().flat_map(|section| {
            (0i64..).zip(&section.teachers).map(|(position, role)| (section.id, position, *role))
        });
        self.insert(&SECTION_TEACHERS, teachers, |(section, position, role), row| {
            row.extend([section.into(), position.into(), role.into()]);
        })
    }

    pub(super) fn people(
        &mut self,
        people: &[RosterPerson],
        created: &Created,
    ) -> Result<(), StoreError> {
        let now = self.now;
        self.insert(&USERS, people.iter().map(|person| &person.user), |user, row| {
            row.extend([
                user.id.into(),
                user.email.as_ref().map(Email::as_str).into(),
                user.name.first.as_str().into(),
                user.name.middle.as_deref().into(),
                user.name.last.as_str().into(),
            ]);
            row.extend(dates(created, user.id.to_bytes(), now));
        })?;
        let roles = people
            .iter()
            .flat_map(|person| person.user.roles.iter().map(|role| (person.user.id, role)));
        self.insert(&USER_ROLES, roles, |(user, role), row| {
            row.extend([user.into(), role.id.into(), role.kind.name().into()]);
            row.extend([role.sis_id.as_str().into(), details_text(&role.details)]);
        })?;
        let schools = people.iter().flat_map(|person| {
            // A role's schools stand together, its primary one first.
            let runs = person.schools.chunk_by(|one, next| one.0 == next.0);
            let numbered = runs.flat_map(|run| (0i64..).zip(run));
            numbered.map(|(position, held)| (person.user.id, position, held))
        });
        self.insert(&ROLE_SCHOOLS, schools, |(user, position, (role, school)), row| {
            row.extend([user.into(), (*role).into(), (*school).into(), position.into()]);
        })
    }

    pub(super) fn contacts(
        &mut self,
        contacts: &[Contact],
        created: &Created,
    ) -> Result<(), StoreError> {
        let now = self.now;
        self.insert(&CONTACTS, contacts, |contact, row| {
            row.extend([
                contact.id.into(),
                contact.role.into(),
                contact.sis_id.as_deref().into(),
                contact.name.first.as_str().into(),
                contact.name.middle.as_deref().into(),
                contact.name.last.as_str().into(),
                contact.email.as_ref().map(Email::as_str).into(),
                details_text(&contact.details),
            ]);
            row.extend(dates(created, contact.id.to_bytes(), now));
        })?;
        let students = contacts.iter().flat_map(|contact| {
            contact.students.iter().map(|relationship| (contact.id, relationship))
        });
        self.insert(&CONTACT_STUDENTS, students, |(contact, to), row| {
            row.extend([contact.into(), to.student.into()]);
            row.extend([to.relationship.as_deref().into(), to.kind.as_deref().into()]);
        })
    }

    pub(super) fn resources(
        &mut self,
        resources: &[Resource],
        created: &Created,
    ) -> Result<(), StoreError> {
        let now = self.now;
        self.insert(&RESOURCES, resources, |resource, row| {
            let roles: Vec<_> = resource.roles.iter().map(|role| role.name()).collect();
            row.extend([resource.id.into(), resource.sis_id.as_str().into()]);
            row.extend([resource.title.as_str().into(), Value::Made(roles.join(" "))]);
            row.extend(dates(created, resource.id.to_bytes(), now));
        })?;
        let courses = resources
            .iter()
            .flat_map(|resource| resource.courses.iter().map(|course| (resource.id, *course)));
        self.insert(&RESOURCE_COURSES, courses, |(resource, course), row| {
            row.extend([resource.into(), course.into()]);
        })
    }

    pub(super) fn enroll(&mut self, enrollments: &[Enrollment]) -> Result<(), StoreError> {
        self.insert(&ENROLLMENTS, enrollments, |enrollment, row| {
            row.extend([enrollment.section.into(), enrollment.student.into()]);
        })
    }

    pub(super) fn disenroll(&mut self, enrollments: &[Enrollment]) -> Result<(), StoreError> {
        let ids = |gone: &Enrollment| [gone.section.to_bytes(), gone.student.to_bytes()];
        let keys: Vec<_> = enrollments.iter().flat_map(ids).collect();
        self.close(&[&ENROLLMENTS], &keys)
    }

    /// When earlier versions of the roster first named these records.
    pub(super) fn created(
        &mut self,
        sql: &str,
        ids: impl Iterator<Item = [u8; 12]>,
    ) -> Result<Created, StoreError> {
        let mut created = HashMap::new();
        // The first import need not ask.
        if self.next == 1 {
            return Ok(created);
        }
        let ids: Vec<_> = ids.collect();
        let values = [self.district.into(), self.next.into()];
        self.tx.with(|link| {
            link.for_ids(sql, &values, &ids, |row| {
                let time = row.time(1)?;
                created
                    .entry(row.array(0)?)
                    .and_modify(|earliest: &mut Timestamp| *earliest = time.min(*earliest))
                    .or_insert(time);
                Ok(())
            })
        })?;
        Ok(created)
    }
}

/// When a record came, and that it changes now.
fn dates(created: &Created, id: [u8; 12], now: Timestamp) -> [Value<'static>; 2] {
    [created.get(&id).copied().unwrap_or(now).into(), now.into()]
}
