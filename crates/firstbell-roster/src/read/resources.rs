//! `resources.csv`: what there is to learn with, on a row for each course that it is assigned to.
//! Courses have no file of their own: they are those that sections are held of.

use std::collections::HashMap;

use firstbell_core::roster::RoleKind;

use super::{Draft, Reading};
use crate::fault::RosterFault;
use crate::header::At;
use crate::problem::{Problems, Words};
use crate::snapshot::{CourseRecord, Index, ResourceRecord};
use crate::table::Line;

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let header = &reading.table.header;
    let [id, title, roles] = ["Resource_id", "Title", "Roles"].map(|name| header.at(name));
    let course = CourseCells { number: header.at("Course_number"), name: header.at("Course_name") };
    let known_courses = CourseIndex::of(&draft.courses);
    let Draft { problems, resources, resource_ids, .. } = draft;
    while let Some(line) = reading.next(problems) {
        let sis_id = line.cell(id);
        if sis_id.is_empty() || !line.is_whole {
            continue;
        }
        let Some(audience) = audience(&line, roles, problems) else { continue };
        let courses = course.find(&line, &known_courses, problems);
        let earlier = resource_ids.get(sis_id).and_then(|at| resources.get_mut(at.position()));
        if let Some(earlier) = earlier {
            let differs = if *earlier.title != *line.cell(title) {
                Some(title)
            } else if *earlier.roles != *audience {
                Some(roles)
            } else {
                None
            };
            if let Some(at) = differs {
                problems.add(RosterFault::DetailsDiffer, line.place(at));
            }
            earlier.assign(&courses);
        } else {
            resource_ids.insert(sis_id, Index::next(resources));
            let mut resource = ResourceRecord {
                sis_id: sis_id.into(),
                title: line.cell(title).into(),
                roles: audience.into_boxed_slice(),
                courses: Vec::new(),
            };
            resource.assign(&courses);
            resources.push(resource);
        }
    }
    resource_ids.complete(&reading.table, "Resource_id", problems);
}

/// Whom the row's resource is for: both where the cell is empty; none where it names nobody who
/// could learn with it.
pub(crate) fn audience(line: &Line<'_>, at: At, problems: &mut Problems) -> Option<Vec<RoleKind>> {
    let cell = line.cell(at);
    let words = || cell.split([',', ';', ' ']).filter(|word| !word.is_empty());
    let names = |word: &str, role: &str| {
        let singular = word.strip_suffix(['s', 'S']).unwrap_or(word);
        singular.eq_ignore_ascii_case(role)
    };
    let is_for = |role: &str| cell.is_empty() || words().any(|word| names(word, role));
    if words().any(|word| !names(word, "teacher") && !names(word, "student")) {
        let known = || Words {
            reason: None,
            remedy: Some("it knows: teacher, student; nobody else can be given a resource".into()),
        };
        problems.add_with(RosterFault::WordUnknown, line.place(at), known);
    }
    let roles: Vec<RoleKind> = [("student", RoleKind::Student), ("teacher", RoleKind::Teacher)]
        .into_iter()
        .filter_map(|(word, kind)| is_for(word).then_some(kind))
        .collect();
    if roles.is_empty() {
        problems.add(RosterFault::ResourceForNobody, line.place(at));
        return None;
    }
    Some(roles)
}

/// Where a row names the course.
struct CourseCells {
    number: At,
    name: At,
}

impl CourseCells {
    /// The courses that the row names, by number, by name, or by both.
    fn find<'c>(
        &self,
        line: &Line<'_>,
        courses: &'c CourseIndex<'_>,
        problems: &mut Problems,
    ) -> Vec<Index> {
        let listed = |map: &'c HashMap<&str, Vec<Index>>, cell: &str| -> &'c [Index] {
            map.get(cell).map_or(&[], |found| found)
        };
        let by_number = line.filled(self.number).map(|cell| listed(&courses.by_number, cell));
        let by_name = line.filled(self.name).map(|cell| listed(&courses.by_name, cell));
        let found: Vec<Index> = match (by_number, by_name) {
            (None, None) => return Vec::new(),
            (Some(some), None) | (None, Some(some)) => some.to_vec(),
            (Some(one), Some(other)) => {
                one.iter().copied().filter(|course| other.contains(course)).collect()
            }
        };
        if found.is_empty() {
            let at = if by_number.is_some() { self.number } else { self.name };
            problems.add(RosterFault::ResourceCourseUnknown, line.place(at));
        }
        found
    }
}

/// Courses by number and by name.
struct CourseIndex<'d> {
    by_number: HashMap<&'d str, Vec<Index>>,
    by_name: HashMap<&'d str, Vec<Index>>,
}

impl<'d> CourseIndex<'d> {
    fn of(courses: &'d [CourseRecord]) -> Self {
        let mut index = Self { by_number: HashMap::new(), by_name: HashMap::new() };
        for (at, course) in courses.iter().enumerate() {
            let Some(at) = Index::of(at) else { break };
            index.by_number.entry(&course.number).or_default().push(at);
            index.by_name.entry(&course.name).or_default().push(at);
        }
        index
    }
}
