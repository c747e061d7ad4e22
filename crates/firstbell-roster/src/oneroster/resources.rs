//! `resources.csv`, and the two files that assign resources to courses: directly, or by a class of
//! the course.

use firstbell_core::roster::RoleKind;
use firstbell_core::roster::change::RecordKind;

use super::roles::{RoleWord, Standing};
use super::{Base, OneRosterFile, list, reference};
use crate::fault::RosterFault;
use crate::ids::Ids;
use crate::read::{Draft, Reading};
use crate::snapshot::{Index, ResourceRecord};

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let header = &reading.table.header;
    let base = Base::of(header);
    let [title, vendors, roles] =
        ["title", "vendorResourceId", "roles"].map(|column| header.at(column));
    let Draft { problems, resources, resource_ids, claims, .. } = draft;
    while let Some(line) = reading.next(problems) {
        let Some(id) = line.filled(base.id).filter(|_| line.is_whole) else { continue };
        if resource_ids.get(id).is_some() {
            problems.add(RosterFault::IdTwice, line.place(base.id));
            continue;
        }
        let mut audience: Vec<RoleKind> = list(&line, roles)
            .filter_map(|word| match RoleWord::of(word)?.standing() {
                Standing::Role(kind @ (RoleKind::Student | RoleKind::Teacher)) => Some(kind),
                Standing::Role(_) | Standing::Contact => None,
            })
            .collect();
        if line.filled(roles).is_none() {
            audience = vec![RoleKind::Student, RoleKind::Teacher];
        }
        audience.sort_unstable();
        audience.dedup();
        if audience.is_empty() {
            problems.add(RosterFault::ResourceForNobody, line.place(roles));
        }
        if audience.is_empty() || base.is_left_out(&line) {
            resource_ids.insert(id, Index::LEFT_OUT);
            continue;
        }
        resource_ids.insert(id, Index::next(resources));
        let title = line.filled(title).or_else(|| line.filled(vendors)).unwrap_or(id).into();
        let sis_id = base.sis_id(&line).unwrap_or(id);
        claims.note(RecordKind::Resource, sis_id, (base, &line), problems);
        resources.push(ResourceRecord {
            sis_id: sis_id.into(),
            title,
            roles: audience.into_boxed_slice(),
            courses: Vec::new(),
        });
    }
    resource_ids.complete(&reading.table, "sourcedId", problems);
}

/// `courseResources.csv`.
pub(super) fn read_courses(reading: &mut Reading<'_, '_>, courses: &Ids, draft: &mut Draft) {
    assign(reading, draft, "courseSourcedId", |line, at, draft| {
        reference(courses, line, at, OneRosterFile::Courses, &mut draft.problems)
    });
}

/// `classResources.csv`: a resource of a class is one of its course.
pub(super) fn read_classes(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    assign(reading, draft, "classSourcedId", |line, at, draft| {
        let Draft { section_ids, problems, .. } = draft;
        let section = reference(section_ids, line, at, OneRosterFile::Classes, problems)?;
        draft.sections.get(section)?.course
    });
}

fn assign(
    reading: &mut Reading<'_, '_>,
    draft: &mut Draft,
    column: &str,
    course: impl Fn(&crate::table::Line<'_>, crate::header::At, &mut Draft) -> Option<Index>,
) {
    let header = &reading.table.header;
    let base = Base::of(header);
    let (to, what) = (header.at(column), header.at("resourceSourcedId"));
    while let Some(line) = reading.next(&mut draft.problems) {
        if !line.is_whole || base.is_left_out(&line) {
            continue;
        }
        let course = course(&line, to, draft);
        let Draft { resource_ids, resources, problems, .. } = draft;
        let found = reference(resource_ids, &line, what, OneRosterFile::Resources, problems);
        let resource = found.and_then(|at| resources.get_mut(at.position()));
        if let (Some(course), Some(resource)) = (course, resource) {
            resource.assign(&[course]);
        }
    }
}
