//! What a school offers: `academicSessions.csv`, `courses.csv` and `classes.csv`.

use firstbell_core::roster::change::RecordKind;

use super::{Base, OneRosterFile, Rostering, day, list, reference};
use crate::fault::RosterFault;
use crate::header::{At, Header};
use crate::ids::Ids;
use crate::problem::Problems;
use crate::read::{Draft, Reading};
use crate::snapshot::{CourseRecord, Index, PackedDetails, SectionRecord, TermRecord};
use crate::source::RosterFile;
use crate::table::Line;
use crate::words::Rule;

/// The sessions of an export. Those that a class names become terms: school years and grading
/// periods stand in the same file, and most of them are nobody's term.
#[derive(Default)]
pub(super) struct Sessions {
    ids: Ids,
    list: Vec<TermRecord>,
    terms: Vec<Option<Index>>,
}

impl Sessions {
    pub fn read(&mut self, reading: &mut Reading<'_, '_>, draft: &mut Draft) {
        let header = &reading.table.header;
        let base = Base::of(header);
        let [title, start, end] = ["title", "startDate", "endDate"].map(|column| header.at(column));
        while let Some(line) = reading.next(&mut draft.problems) {
            let Some(id) = new_id(&self.ids, base, &line, &mut draft.problems) else { continue };
            if base.is_left_out(&line) {
                self.ids.insert(id, Index::LEFT_OUT);
                continue;
            }
            self.ids.insert(id, Index::next(&self.list));
            let mut date = |at| {
                let day = day(&line, at, &mut draft.problems).filter(|_| line.is_whole);
                day.map(|day| day.to_string().into_boxed_str())
            };
            let (start, end) = (date(start), date(end));
            let name = base.name(&line, title).into();
            let sis_id = base.sis_id(&line).map(Into::into);
            let term = TermRecord { sis_id, name, start, end };
            let Draft { claims, problems, .. } = draft;
            claims.note(RecordKind::Term, &term.key(), (base, &line), problems);
            self.list.push(term);
        }
        self.terms = vec![None; self.list.len()];
        self.ids.complete(&reading.table, "sourcedId", &mut draft.problems);
    }

    /// The term of a class: the first session that it names.
    fn term(&mut self, line: &Line<'_>, at: At, draft: &mut Draft) -> Option<Index> {
        let id = list(line, at).next()?;
        let target = RosterFile::OneRoster(OneRosterFile::AcademicSessions);
        let session = self.ids.resolve_id(id, line.place(at), target, &mut draft.problems)?;
        let term = self.terms.get_mut(session.position())?;
        if term.is_none() {
            let record = self.list.get(session.position())?;
            *term = Some(Index::next(&draft.terms));
            draft.terms.push(record.clone());
        }
        *term
    }
}

/// The row's id, if it has one that no earlier row has.
fn new_id<'t>(ids: &Ids, base: Base, line: &Line<'t>, problems: &mut Problems) -> Option<&'t str> {
    let id = line.filled(base.id)?;
    if ids.get(id).is_some() {
        problems.add(RosterFault::IdTwice, line.place(base.id));
        return None;
    }
    Some(id)
}

pub(super) fn read_courses(
    reading: &mut Reading<'_, '_>,
    rostering: &mut Rostering,
    draft: &mut Draft,
) {
    let header = &reading.table.header;
    let base = Base::of(header);
    let [title, code] = ["title", "courseCode"].map(|column| header.at(column));
    let ids = &mut rostering.courses;
    while let Some(line) = reading.next(&mut draft.problems) {
        let Some(id) = new_id(ids, base, &line, &mut draft.problems) else { continue };
        if base.is_left_out(&line) {
            ids.insert(id, Index::LEFT_OUT);
            continue;
        }
        ids.insert(id, Index::next(&draft.courses));
        let course = CourseRecord {
            sis_id: base.sis_id(&line).map(Into::into),
            name: base.name(&line, title).into(),
            number: line.cell(code).into(),
        };
        let Draft { claims, problems, .. } = draft;
        claims.note(RecordKind::Course, &course.key(), (base, &line), problems);
        draft.courses.push(course);
    }
    ids.complete(&reading.table, "sourcedId", &mut draft.problems);
}

struct ClassColumns {
    base: Base,
    title: At,
    grades: At,
    course: At,
    code: At,
    school: At,
    terms: At,
    subjects: At,
    periods: At,
}

impl ClassColumns {
    fn of(header: &Header) -> Self {
        Self {
            base: Base::of(header),
            title: header.at("title"),
            grades: header.at("grades"),
            course: header.at("courseSourcedId"),
            code: header.at("classCode"),
            school: header.at("schoolSourcedId"),
            terms: header.at("termSourcedIds"),
            subjects: header.at("subjects"),
            periods: header.at("periods"),
        }
    }

    /// The class's own cells. Of several grades none is the class's.
    fn details(&self, line: &Line<'_>, draft: &mut Draft) -> PackedDetails {
        let Draft { detail_names, problems, .. } = draft;
        let mut details = line.detail_cells(problems);
        let mut put = |name: &str, value: Option<std::borrow::Cow<'_, str>>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                details.push((detail_names.number(name), value.into_owned().into()));
            }
        };
        if list(line, self.grades).count() == 1 {
            put("grade", line.read_by(Rule::CommonGrade, self.grades, problems));
        }
        let subject = list(line, self.subjects).next();
        put("subject", subject.map(|subject| Rule::Subject.read(subject).value));
        put("section_number", line.filled(self.code).map(Into::into));
        put("period", line.filled(self.periods).map(Into::into));
        PackedDetails::new(details)
    }
}

pub(super) fn read_classes(
    reading: &mut Reading<'_, '_>,
    rostering: &mut Rostering,
    draft: &mut Draft,
) {
    let columns = ClassColumns::of(&reading.table.header);
    while let Some(line) = reading.next(&mut draft.problems) {
        let problems = &mut draft.problems;
        let Some(id) = new_id(&draft.section_ids, columns.base, &line, problems) else { continue };
        let section = if columns.base.is_left_out(&line) {
            None
        } else {
            class(id, &columns, &line, rostering, draft)
        };
        let Some(section) = section else {
            draft.section_ids.insert(id, Index::LEFT_OUT);
            continue;
        };
        draft.section_ids.insert(id, draft.sections.next());
        draft.held_at.push(section.school);
        draft.sections.push(section);
    }
    draft.section_ids.complete(&reading.table, "sourcedId", &mut draft.problems);
}

/// The section that a row states, without its teachers; none if its school was left out.
fn class(
    id: &str,
    columns: &ClassColumns,
    line: &Line<'_>,
    rostering: &mut Rostering,
    draft: &mut Draft,
) -> Option<SectionRecord> {
    let sis_id = columns.base.sis_id(line).unwrap_or(id);
    let Draft { claims, problems, .. } = draft;
    claims.note(RecordKind::Section, sis_id, (columns.base, line), problems);
    let mut section = SectionRecord {
        sis_id: sis_id.into(),
        school: Index::default(),
        name: line.cell(columns.title).into(),
        course: None,
        term: None,
        teachers: Box::default(),
        details: PackedDetails::default(),
    };
    if !line.is_whole {
        return Some(section);
    }
    let problems = &mut draft.problems;
    let orgs = &rostering.orgs;
    let is_left_out = orgs.ids.get(line.cell(columns.school)) == Some(Index::LEFT_OUT);
    let org = reference(&orgs.ids, line, columns.school, OneRosterFile::Orgs, problems);
    if is_left_out {
        return None;
    }
    if let Some(org) = org {
        match orgs.school_of(org) {
            Some(school) => section.school = school,
            None => problems.add(RosterFault::NotASchool, line.place(columns.school)),
        }
    }
    let target = RosterFile::OneRoster(OneRosterFile::Courses);
    // A course or session that was left out leaves the class without one.
    let course = rostering.courses.resolve(line, columns.course, target, problems);
    section.course = course.filter(|course| *course != Index::LEFT_OUT);
    section.term = rostering.sessions.term(line, columns.terms, draft);
    section.details = columns.details(line, draft);
    Some(section)
}
