//! `enrollments.csv`: who is in which class, and who teaches it, on the day that counts.

use firstbell_core::roster::RoleKind;

use super::roles::{RoleWord, Standing};
use super::users::State;
use super::{Base, OneRosterFile, Rostering, day, in_file, reference, truth};
use crate::fault::RosterFault;
use crate::header::{At, Header};
use crate::problem::{Place, Problems};
use crate::read::enrollments::warn_of_repetitions;
use crate::read::{Draft, Reading};
use crate::snapshot::{Index, SectionRecord};
use crate::source::RosterFile;
use crate::spill::Spilled;
use crate::table::Line;

struct EnrollmentColumns {
    base: Base,
    class: At,
    school: At,
    user: At,
    role: At,
    primary: At,
    begin: At,
    end: At,
}

impl EnrollmentColumns {
    fn of(header: &Header) -> Self {
        Self {
            base: Base::of(header),
            class: header.at("classSourcedId"),
            school: header.at("schoolSourcedId"),
            user: header.at("userSourcedId"),
            role: header.at("role"),
            primary: header.at("primary"),
            begin: header.at("beginDate"),
            end: header.at("endDate"),
        }
    }
}

/// That somebody teaches a section: whether as the primary teacher, and in which order the rows
/// say so.
type Teaching = (Index, Lead, usize, Index);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lead {
    Primary,
    Other,
}

pub(super) fn read(reading: &mut Reading<'_, '_>, rostering: &Rostering, draft: &mut Draft) {
    let columns = EnrollmentColumns::of(&reading.table.header);
    let from = draft.problems.warnings.problems.len();
    let mut teaching: Vec<Teaching> = Vec::new();
    while let Some(line) = reading.next(&mut draft.problems) {
        if !line.is_whole || columns.base.is_left_out(&line) {
            continue;
        }
        let Some(row) = columns.row(&line, rostering, draft) else { continue };
        let problems = &mut draft.problems;
        let slot = rostering.users.slot(row.user);
        let holder = match row.standing {
            RoleKind::Student => slot.student,
            _ => slot.teacher,
        };
        match (holder, slot.state) {
            (_, State::Spoilt | State::Unseen) => {}
            (_, State::LeftOut) => {
                problems.add(RosterFault::ReferenceLeftOut, line.place(columns.user));
            }
            (None, State::Kept) => {
                problems.add(RosterFault::EnrollmentRoleDiffers, line.place(columns.role));
            }
            (Some(student), State::Kept) if row.standing == RoleKind::Student => {
                draft.enrollments.push((row.class, student), line.number);
            }
            (Some(teacher), State::Kept) => {
                let is_primary = truth(&line, columns.primary, problems) == Some(true);
                let lead = if is_primary { Lead::Primary } else { Lead::Other };
                teaching.push((row.class, lead, teaching.len(), teacher));
            }
        }
    }
    let header = &reading.table.header;
    warn_of_repetitions(header.file.name(), header.name(columns.user), draft, |_| None);
    draft.problems.warnings.by_line(from);
    assign(teaching, &mut draft.sections);
}

/// What a row that counts says.
struct Row {
    class: Index,
    user: Index,
    standing: RoleKind,
}

impl EnrollmentColumns {
    /// What the row says; none if it does not count today, or is about neither a student nor a
    /// teacher.
    fn row(&self, line: &Line<'_>, rostering: &Rostering, draft: &mut Draft) -> Option<Row> {
        let Draft { problems, section_ids, held_at, .. } = draft;
        let begin = day(line, self.begin, problems);
        let end = day(line, self.end, problems);
        let class = reference(section_ids, line, self.class, OneRosterFile::Classes, problems);
        let target = RosterFile::OneRoster(OneRosterFile::Users);
        let user = rostering.users.ids.resolve(line, self.user, target, problems);
        let Some(word) = RoleWord::of(line.cell(self.role)) else {
            problems.add(RosterFault::RoleUnknown, line.place(self.role));
            return None;
        };
        let (class, user) = (class?, user?);
        let held_at = held_at.get(class.position()).copied();
        self.compare_school(line, rostering, held_at, problems);
        let standing = match word.standing() {
            Standing::Role(kind @ (RoleKind::Student | RoleKind::Teacher)) => kind,
            Standing::Role(_) | Standing::Contact => return None,
        };
        rostering.today.is_within(begin, end).then_some(Row { class, user, standing })
    }

    /// The class says where it is held; that this cell says something else is a warning.
    fn compare_school(
        &self,
        line: &Line<'_>,
        rostering: &Rostering,
        held_at: Option<Index>,
        problems: &mut Problems,
    ) {
        let orgs = &rostering.orgs;
        let target = RosterFile::OneRoster(OneRosterFile::Orgs);
        let Some(org) = orgs.ids.resolve(line, self.school, target, problems) else { return };
        if orgs.school_of(org) != held_at {
            problems.add(RosterFault::EnrollmentSchoolDiffers, line.place(self.school));
        }
    }
}

fn assign(mut teaching: Vec<Teaching>, sections: &mut Spilled<SectionRecord>) {
    teaching.sort_unstable();
    for of_section in teaching.chunk_by(|one, next| one.0 == next.0) {
        let Some((at, ..)) = of_section.first() else { continue };
        let Some(section) = sections.get_mut(*at) else { continue };
        let mut teachers: Vec<Index> = Vec::with_capacity(of_section.len());
        for (.., teacher) in of_section {
            if !teachers.contains(teacher) {
                teachers.push(*teacher);
            }
        }
        section.teachers = teachers.into_boxed_slice();
    }
}

/// Leaves out the sections that nobody teaches: a section has a teacher everywhere else.
pub(super) fn leave_out_untaught(draft: &mut Draft) {
    // Of a roster that is refused anyway, a spoilt file would make all of its classes untaught.
    if draft.problems.refusals.total() > 0 {
        return;
    }
    let mut positions = Vec::with_capacity(draft.sections.len());
    let mut kept: Spilled<SectionRecord> = Spilled::default();
    let mut sections = std::mem::take(&mut draft.sections);
    for at in sections.positions() {
        let Some(section) = sections.get(at) else { continue };
        if section.teachers.is_empty() {
            let value = Some(&*section.sis_id);
            let column = Some("sourcedId");
            let place = Place { column, value, ..in_file(OneRosterFile::Classes) };
            draft.problems.add(RosterFault::SectionWithoutTeacher, place);
            positions.push(None);
        } else {
            positions.push(Some(kept.push(section)));
        }
    }
    if let Err(error) = sections.check() {
        kept.fail(error);
    }
    draft.sections = kept;
    draft.enrollments.renumber(|at| positions.get(at.position()).copied().flatten());
}
