//! Cutting a change into pieces, and writing one of them.

use std::collections::HashMap;
use std::ops::Range;

use firstbell_core::id::{CourseId, DistrictId, ResourceId, SchoolId, SectionId, TermId, UserId};
use firstbell_core::roster::change::{Changed, RosterChange, RosterPerson};
use firstbell_core::roster::{Contact, Email, Resource, School, Section};
use firstbell_core::time::Timestamp;

use crate::backend::{Table, Value};
use crate::error::StoreError;
use crate::person::details_text;
use crate::queries::{STILL, queries};
use crate::roster::tables::{
    BINDINGS, CONTACT_STUDENTS, CONTACTS, COURSES, ENROLLMENTS, RESOURCE_COURSES, RESOURCES,
    ROLE_SCHOOLS, SCHOOLS, SECTION_TEACHERS, SECTIONS, TERMS, USER_ROLES, USERS,
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

/// Sorts what there is much of in the order of its primary key: rows that land side by side cost
/// a fraction of scattered ones.
pub(super) fn sort(change: &mut RosterChange) {
    change.bindings.sort_unstable_by(|one, other| {
        (one.kind.name(), &one.sis_id).cmp(&(other.kind.name(), &other.sis_id))
    });
    for people in [&mut change.people.added, &mut change.people.replaced] {
        people.sort_by_key(|person| person.user.id);
    }
    change.people.removed.sort_unstable();
    for sections in [&mut change.sections.added, &mut change.sections.replaced] {
        sections.sort_by_key(|section| section.id);
    }
    change.sections.removed.sort_unstable();
    for contacts in [&mut change.contacts.added, &mut change.contacts.replaced] {
        contacts.sort_by_key(|contact| contact.id);
    }
    change.contacts.removed.sort_unstable();
    change.enrollments.added.sort_unstable();
    change.enrollments.removed.sort_unstable();
}

/// How many records a change touches.
pub(super) fn records(change: &RosterChange) -> usize {
    change.bindings.len()
        + change.schools.len()
        + change.terms.len()
        + change.courses.len()
        + change.sections.len()
        + change.people.len()
        + change.enrollments.len()
        + change.contacts.len()
        + change.resources.len()
}

/// A part of a change that is written as one piece.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    subject: Subject,
    list: List,
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone, Copy)]
enum Subject {
    Bindings,
    Schools,
    Terms,
    Courses,
    Sections,
    People,
    Enrollments,
    Contacts,
    Resources,
}

#[derive(Debug, Clone, Copy)]
enum List {
    Added,
    Replaced,
    Removed,
}

/// All parts of a change, of at most `rows` records each.
pub(super) fn cuts(change: &RosterChange, rows: usize) -> Vec<Cut> {
    use Subject as S;
    let mut cuts = Vec::new();
    cut(&mut cuts, S::Bindings, List::Added, change.bindings.len(), rows);
    cut_all(&mut cuts, S::Schools, &change.schools, rows);
    cut_all(&mut cuts, S::Terms, &change.terms, rows);
    cut_all(&mut cuts, S::Courses, &change.courses, rows);
    cut_all(&mut cuts, S::Sections, &change.sections, rows);
    // A person is three rows.
    cut_all(&mut cuts, S::People, &change.people, (rows / 3).max(1));
    cut_all(&mut cuts, S::Enrollments, &change.enrollments, rows);
    cut_all(&mut cuts, S::Contacts, &change.contacts, (rows / 2).max(1));
    cut_all(&mut cuts, S::Resources, &change.resources, rows);
    cuts
}

fn cut_all<T, K>(cuts: &mut Vec<Cut>, subject: Subject, changed: &Changed<T, K>, rows: usize) {
    cut(cuts, subject, List::Added, changed.added.len(), rows);
    cut(cuts, subject, List::Replaced, changed.replaced.len(), rows);
    cut(cuts, subject, List::Removed, changed.removed.len(), rows);
}

fn cut(cuts: &mut Vec<Cut>, subject: Subject, list: List, length: usize, rows: usize) {
    cuts.extend((0..length).step_by(rows).map(|start| {
        let range = start..length.min(start + rows);
        Cut { subject, list, range }
    }));
}

/// Writes one part of a change into the version `next`.
pub(super) fn stage(
    tx: &mut Tx<'_>,
    change: &RosterChange,
    cut: &Cut,
    district: DistrictId,
    next: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mut stage = Stage { tx, district, next, now };
    match cut.subject {
        Subject::Bindings => stage.bindings(change, cut),
        Subject::Schools => {
            let (added, gone) = part(&change.schools, cut, |s| s.id.to_bytes(), SchoolId::to_bytes);
            let ids = added.iter().map(|school| school.id.to_bytes());
            let created = stage.created(SCHOOLS_CREATED, ids)?;
            stage.close(&[&SCHOOLS], &gone)?;
            stage.schools(added, &created)
        }
        Subject::Terms => {
            let (added, gone) = part(&change.terms, cut, |t| t.id.to_bytes(), TermId::to_bytes);
            stage.close(&[&TERMS], &gone)?;
            stage.insert(&TERMS, added, |term, row| {
                row.extend([term.id.into(), term.name.as_str().into()]);
                row.extend([term.start_date.as_deref().into(), term.end_date.as_deref().into()]);
            })
        }
        Subject::Courses => {
            let (added, gone) = part(&change.courses, cut, |c| c.id.to_bytes(), CourseId::to_bytes);
            stage.close(&[&COURSES], &gone)?;
            stage.insert(&COURSES, added, |course, row| {
                row.extend([course.id.into(), course.name.as_str().into()]);
                row.push(course.number.as_str().into());
            })
        }
        Subject::Sections => {
            let (added, gone) =
                part(&change.sections, cut, |s| s.id.to_bytes(), SectionId::to_bytes);
            let ids = added.iter().map(|section| section.id.to_bytes());
            let created = stage.created(SECTIONS_CREATED, ids)?;
            stage.close(&[&SECTIONS, &SECTION_TEACHERS], &gone)?;
            stage.sections(added, &created)
        }
        Subject::People => {
            let (added, gone) =
                part(&change.people, cut, |p| p.user.id.to_bytes(), UserId::to_bytes);
            let ids = added.iter().map(|person| person.user.id.to_bytes());
            let created = stage.created(USERS_CREATED, ids)?;
            stage.close(&[&USERS, &USER_ROLES, &ROLE_SCHOOLS], &gone)?;
            stage.people(added, &created)
        }
        Subject::Enrollments => stage.enrollments(change, cut),
        Subject::Contacts => {
            let (added, gone) = part(&change.contacts, cut, |c| c.id.to_bytes(), UserId::to_bytes);
            let ids = added.iter().map(|contact| contact.id.to_bytes());
            let created = stage.created(CONTACTS_CREATED, ids)?;
            stage.close(&[&CONTACTS, &CONTACT_STUDENTS], &gone)?;
            stage.contacts(added, &created)
        }
        Subject::Resources => {
            let (added, gone) =
                part(&change.resources, cut, |r| r.id.to_bytes(), ResourceId::to_bytes);
            let ids = added.iter().map(|resource| resource.id.to_bytes());
            let created = stage.created(RESOURCES_CREATED, ids)?;
            stage.close(&[&RESOURCES, &RESOURCE_COURSES], &gone)?;
            stage.resources(added, &created)
        }
    }
}

/// The records of a part that come, and the ids of those that go.
fn part<'r, T, K: Copy>(
    changed: &'r Changed<T, K>,
    cut: &Cut,
    id: impl Fn(&T) -> [u8; 12],
    bytes: impl Fn(K) -> [u8; 12],
) -> (&'r [T], Vec<[u8; 12]>) {
    let range = cut.range.clone();
    match cut.list {
        List::Added => (&changed.added[range], Vec::new()),
        List::Replaced => {
            let records = &changed.replaced[range];
            (records, records.iter().map(id).collect())
        }
        List::Removed => (&[], changed.removed[range].iter().map(|key| bytes(*key)).collect()),
    }
}

struct Stage<'t, 'c> {
    tx: &'t mut Tx<'c>,
    district: DistrictId,
    next: i64,
    now: Timestamp,
}

/// When records were first there, as far as they were there before.
type Created = HashMap<[u8; 12], Timestamp>;

impl Stage<'_, '_> {
    fn close(&mut self, tables: &[&Table], keys: &[[u8; 12]]) -> Result<(), StoreError> {
        if keys.is_empty() {
            return Ok(());
        }
        let (district, next) = (self.district, self.next);
        tables
            .iter()
            .try_for_each(|table| self.tx.with(|link| link.bulk_close(table, district, next, keys)))
    }

    /// Inserts a row for each record; `fill` adds what follows district, since and until.
    fn insert<'v, T>(
        &mut self,
        table: &Table,
        records: impl IntoIterator<Item = T>,
        fill: impl Fn(T, &mut Vec<Value<'v>>),
    ) -> Result<(), StoreError> {
        let mut values = Vec::new();
        for record in records {
            values.extend([self.district.into(), self.next.into(), STILL.into()]);
            fill(record, &mut values);
        }
        if values.is_empty() {
            return Ok(());
        }
        self.tx.with(|link| link.bulk_insert(table, &values)).map(drop)
    }

    fn bindings(&mut self, change: &RosterChange, cut: &Cut) -> Result<(), StoreError> {
        let mut values = Vec::new();
        for binding in &change.bindings[cut.range.clone()] {
            values.extend([
                self.district.into(),
                self.next.into(),
                binding.kind.name().into(),
                binding.sis_id.as_str().into(),
                Value::Id(binding.id),
                binding.user.into(),
            ]);
        }
        self.tx.with(|link| link.bulk_insert(&BINDINGS, &values)).map(drop)
    }

    fn schools(&mut self, schools: &[School], created: &Created) -> Result<(), StoreError> {
        let now = self.now;
        self.insert(&SCHOOLS, schools, |school, row| {
            let texts = [&school.sis_id, &school.name, &school.number];
            row.push(school.id.into());
            row.extend(texts.map(|text| Value::Text(text)));
            row.push(details_text(&school.details));
            row.extend(dates(created, school.id.to_bytes(), now));
        })
    }

    fn sections(&mut self, sections: &[Section], created: &Created) -> Result<(), StoreError> {
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

    fn people(&mut self, people: &[RosterPerson], created: &Created) -> Result<(), StoreError> {
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

    fn contacts(&mut self, contacts: &[Contact], created: &Created) -> Result<(), StoreError> {
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

    fn resources(&mut self, resources: &[Resource], created: &Created) -> Result<(), StoreError> {
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

    fn enrollments(&mut self, change: &RosterChange, cut: &Cut) -> Result<(), StoreError> {
        let range = cut.range.clone();
        match cut.list {
            List::Removed => {
                let keys: Vec<_> = change.enrollments.removed[range]
                    .iter()
                    .flat_map(|gone| [gone.section.to_bytes(), gone.student.to_bytes()])
                    .collect();
                self.close(&[&ENROLLMENTS], &keys)
            }
            List::Added | List::Replaced => {
                let added = match cut.list {
                    List::Replaced => &change.enrollments.replaced[range],
                    _ => &change.enrollments.added[range],
                };
                self.insert(&ENROLLMENTS, added, |enrollment, row| {
                    row.extend([enrollment.section.into(), enrollment.student.into()]);
                })
            }
        }
    }

    /// When earlier versions of the roster first named these records.
    fn created(
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
