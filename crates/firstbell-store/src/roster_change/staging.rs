//! Cutting a change into pieces, and writing one of them.

pub(crate) mod rows;

use std::ops::Range;

use firstbell_core::id::{CourseId, DistrictId, ResourceId, SchoolId, SectionId, TermId, UserId};
use firstbell_core::roster::change::{Changed, RosterChange};
use firstbell_core::time::Timestamp;

use crate::error::StoreError;
use crate::roster::tables::{
    CONTACT_STUDENTS, CONTACTS, COURSES, RESOURCE_COURSES, RESOURCES, ROLE_SCHOOLS, SCHOOLS,
    SECTION_TEACHERS, SECTIONS, TERMS, USER_ROLES, USERS,
};
use crate::store::Tx;
use rows::{
    CONTACTS_CREATED, RESOURCES_CREATED, SCHOOLS_CREATED, SECTIONS_CREATED, Stage, USERS_CREATED,
};

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
        Subject::Bindings => stage.bindings(&change.bindings[cut.range.clone()]),
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
        Subject::Enrollments => {
            let range = cut.range.clone();
            match cut.list {
                List::Added => stage.enroll(&change.enrollments.added[range]),
                List::Replaced => stage.enroll(&change.enrollments.replaced[range]),
                List::Removed => stage.disenroll(&change.enrollments.removed[range]),
            }
        }
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
