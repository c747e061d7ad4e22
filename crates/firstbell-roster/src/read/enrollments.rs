//! `enrollments.csv`: who is in which section. By far the longest file, so a row costs two
//! look-ups and eight bytes.
//!
//! `School_id` must be a school. That it is not the section's is a warning and no refusal: the
//! section says where it is held, nothing is kept of this cell, and some systems write the
//! student's home school here; a district's morning should not fail over a cell nobody uses.

use std::collections::HashSet;

use super::{Draft, Reading};
use crate::fault::RosterFault;
use crate::problem::Words;
use crate::source::RosterFile;

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let header = &reading.table.header;
    let [school, section, student] =
        ["School_id", "Section_id", "Student_id"].map(|name| header.at(name));
    let Draft { problems, school_ids, section_ids, student_ids, sections, .. } = draft;
    let mut seen = HashSet::new();
    while let Some(line) = reading.next(problems) {
        if !line.is_whole {
            continue;
        }
        let said = school_ids.resolve(&line, school, RosterFile::Schools, problems);
        let of = section_ids.resolve(&line, section, RosterFile::Sections, problems);
        let who = student_ids.resolve(&line, student, RosterFile::Students, problems);
        let (Some(of), Some(who)) = (of, who) else { continue };
        let held_at = sections.get(of.position()).map(|section| section.school);
        if said.is_some() && said != held_at {
            problems.add(RosterFault::EnrollmentSchoolDiffers, line.place(school));
        }
        if seen.insert((of, who)) {
            draft.enrollments.push((of, who));
        } else {
            let words = || Words {
                reason: Some(format!(
                    "the student is in section \"{}\" already",
                    crate::problem::shown(line.cell(section))
                )),
                remedy: None,
            };
            problems.add_with(RosterFault::EnrollmentTwice, line.place(student), words);
        }
    }
}
