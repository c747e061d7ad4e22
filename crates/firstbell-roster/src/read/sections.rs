//! `sections.csv`: one row a section. Its courses and terms have no files of their own: each
//! name and number, each name and dates, is one.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Draft, Reading};
use crate::columns::SECTION_TEACHERS;
use crate::fault::RosterFault;
use crate::header::{At, Header};
use crate::problem::Problems;
use crate::snapshot::{CourseRecord, Index, PackedDetails, RoleRecord, SectionRecord, TermRecord};
use crate::source::RosterFile;
use crate::spill::Spilled;
use crate::table::Line;
use crate::words;

struct SectionColumns {
    school: At,
    id: At,
    teachers: [At; SECTION_TEACHERS.len()],
    name: At,
    course_name: At,
    course_number: At,
    period: At,
    term_name: At,
    term_start: At,
    term_end: At,
}

impl SectionColumns {
    fn of(header: &Header) -> Self {
        Self {
            school: header.at("School_id"),
            id: header.at("Section_id"),
            teachers: SECTION_TEACHERS.map(|name| header.at(name)),
            name: header.at("Name"),
            course_name: header.at("Course_name"),
            course_number: header.at("Course_number"),
            period: header.at("Period"),
            term_name: header.at("Term_name"),
            term_start: header.at("Term_start"),
            term_end: header.at("Term_end"),
        }
    }
}

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let columns = SectionColumns::of(&reading.table.header);
    let period_name = draft.detail_names.number("period");
    let mut courses = Distinct::default();
    let mut terms = Distinct::default();
    while let Some(line) = reading.next(&mut draft.problems) {
        let sis_id = line.cell(columns.id);
        if sis_id.is_empty() {
            continue;
        }
        if draft.section_ids.get(sis_id).is_some() {
            draft.problems.add(RosterFault::IdTwice, line.place(columns.id));
            continue;
        }
        draft.section_ids.insert(sis_id, draft.sections.next());
        if !line.is_whole {
            draft.held_at.push(Index::default());
            draft.sections.push(empty(sis_id));
            continue;
        }
        let school = draft.school_ids.resolve(
            &line,
            columns.school,
            RosterFile::Schools,
            &mut draft.problems,
        );
        let teachers = teachers(&columns, &line, draft);
        let course = course(&columns, &line).map(|course| courses.position(course));
        let term = term(&columns, &line, &mut draft.problems).map(|term| terms.position(term));
        let mut details = line.detail_cells(&mut draft.problems);
        if let Some(period) = line.filled(columns.period) {
            details.push((period_name, period.into()));
        }
        let name = name(&columns, &line, &teachers, &mut draft.roles.teachers);
        draft.held_at.push(school.unwrap_or_default());
        draft.sections.push(SectionRecord {
            sis_id: sis_id.into(),
            school: school.unwrap_or_default(),
            name,
            course,
            term,
            teachers,
            details: PackedDetails::new(details),
        });
    }
    draft.courses = courses.list;
    draft.terms = terms.list;
    draft.section_ids.complete(&reading.table, "Section_id", &mut draft.problems);
}

/// Stands for a row that is not whole, so that enrolments find their section.
fn empty(sis_id: &str) -> SectionRecord {
    SectionRecord {
        sis_id: sis_id.into(),
        school: Index::default(),
        name: "".into(),
        course: None,
        term: None,
        teachers: Box::default(),
        details: PackedDetails::default(),
    }
}

fn teachers(columns: &SectionColumns, line: &Line<'_>, draft: &mut Draft) -> Box<[Index]> {
    let mut teachers = Vec::with_capacity(2);
    for at in columns.teachers {
        let Draft { teacher_ids, problems, .. } = draft;
        let Some(teacher) = teacher_ids.resolve(line, at, RosterFile::Teachers, problems) else {
            continue;
        };
        if teachers.contains(&teacher) {
            problems.add(RosterFault::SectionTeacherTwice, line.place(at));
        } else {
            teachers.push(teacher);
        }
    }
    teachers.into_boxed_slice()
}

fn course(columns: &SectionColumns, line: &Line<'_>) -> Option<CourseRecord> {
    let (name, number) = (line.cell(columns.course_name), line.cell(columns.course_number));
    let is_named = !(name.is_empty() && number.is_empty());
    is_named.then(|| CourseRecord { sis_id: None, name: name.into(), number: number.into() })
}

fn term(columns: &SectionColumns, line: &Line<'_>, problems: &mut Problems) -> Option<TermRecord> {
    let mut date = |at| {
        let cell = line.filled(at)?;
        let date = words::date(cell);
        if date.is_none() {
            problems.add(RosterFault::DateMalformed, line.place(at));
        }
        Some(date?.to_string().into_boxed_str())
    };
    let (start, end) = (date(columns.term_start), date(columns.term_end));
    let name = line.cell(columns.term_name);
    let is_named = !name.is_empty() || start.is_some() || end.is_some();
    is_named.then(|| TermRecord { sis_id: None, name: name.into(), start, end })
}

/// The section's name; where the file has none, its course, period and primary teacher.
fn name(
    columns: &SectionColumns,
    line: &Line<'_>,
    teachers: &[Index],
    known: &mut Spilled<RoleRecord>,
) -> Box<str> {
    if let Some(name) = line.filled(columns.name) {
        return name.into();
    }
    let course = line.filled(columns.course_name).or_else(|| line.filled(columns.course_number));
    let period = line.filled(columns.period).map(|period| format!("Period {period}"));
    let teacher = teachers.first().and_then(|first| known.get(*first));
    let parts =
        [course.map(str::to_owned), period, teacher.map(|teacher| teacher.name.last.clone())];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(" - ").into()
}

/// A list in which everything stands once.
struct Distinct<T> {
    list: Vec<T>,
    positions: HashMap<T, Index>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { list: Vec::new(), positions: HashMap::new() }
    }
}

impl<T: Eq + Hash + Clone> Distinct<T> {
    fn position(&mut self, value: T) -> Index {
        if let Some(&position) = self.positions.get(&value) {
            return position;
        }
        let position = Index::next(&self.list);
        self.list.push(value.clone());
        self.positions.insert(value, position);
        position
    }
}
