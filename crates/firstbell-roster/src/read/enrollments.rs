//! `enrollments.csv`: who is in which section. By far the longest file, so a row costs two
//! look-ups and eight bytes.
//!
//! `School_id` must be a school. That it is not the section's is a warning and no refusal: the
//! section says where it is held, nothing is kept of this cell, and some systems write the
//! student's home school here; a district's morning should not fail over a cell nobody uses.

use firstbell_core::roster::RoleKind;

use super::{Draft, Reading};
use crate::enrollments::Repetition;
use crate::fault::RosterFault;
use crate::problem::{Place, Words};
use crate::source::RosterFile;

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let header = &reading.table.header;
    let [school, section, student] =
        ["School_id", "Section_id", "Student_id"].map(|name| header.at(name));
    let from = draft.problems.warnings.problems.len();
    let Draft { problems, school_ids, section_ids, student_ids, held_at, .. } = draft;
    while let Some(line) = reading.next(problems) {
        if !line.is_whole {
            continue;
        }
        let said = school_ids.resolve(&line, school, RosterFile::Schools, problems);
        let of = section_ids.resolve(&line, section, RosterFile::Sections, problems);
        let who = student_ids.resolve(&line, student, RosterFile::Students, problems);
        let (Some(of), Some(who)) = (of, who) else { continue };
        if said.is_some() && said != held_at.get(of.position()).copied() {
            problems.add(RosterFault::EnrollmentSchoolDiffers, line.place(school));
        }
        draft.enrollments.push((of, who), line.number);
    }
    let header = &reading.table.header;
    warn_of_repetitions(header.file.name(), header.name(student), draft, |section| {
        Some(format!("the student is in section \"{}\" already", crate::problem::shown(section)))
    });
    draft.problems.warnings.by_line(from);
}

/// Warns of rows that say what an earlier row says. `reason` tells it of the section's id.
pub(crate) fn warn_of_repetitions(
    file: &str,
    column: Option<&str>,
    draft: &mut Draft,
    reason: impl Fn(&str) -> Option<String>,
) {
    let Draft { problems, sections, roles, enrollments, .. } = draft;
    for Repetition { pair: (section, student), line } in enrollments.settle() {
        let who = roles.login_parts(RoleKind::Student, student).map(|student| student.sis_id);
        let place = Place { file, line: Some(line), column, value: who.as_deref() };
        problems.add_with(RosterFault::EnrollmentTwice, place, || Words {
            reason: sections.get(section).and_then(|section| reason(&section.sis_id)),
            remedy: None,
        });
    }
}
