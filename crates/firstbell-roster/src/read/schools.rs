//! `schools.csv`: one row a school.

use super::{Draft, Reading};
use crate::fault::RosterFault;
use crate::snapshot::{Index, SchoolRecord};

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let header = &reading.table.header;
    let [id, name, number] = ["School_id", "School_name", "School_number"].map(|c| header.at(c));
    while let Some(line) = reading.next(&mut draft.problems) {
        let sis_id = line.cell(id);
        if sis_id.is_empty() {
            continue;
        }
        if draft.school_ids.get(sis_id).is_some() {
            draft.problems.add(RosterFault::IdTwice, line.place(id));
            continue;
        }
        draft.school_ids.insert(sis_id, Index::next(&draft.schools));
        draft.schools.push(SchoolRecord {
            sis_id: sis_id.into(),
            name: line.cell(name).into(),
            number: line.cell(number).into(),
            details: line.details(&mut draft.problems),
        });
    }
    draft.school_ids.complete(&reading.table, "School_id", &mut draft.problems);
}
