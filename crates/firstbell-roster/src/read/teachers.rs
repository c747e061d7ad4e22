//! `teachers.csv`: a teacher stands on a row for each of their schools.

use super::role_rows::{Known, RoleColumns, add_row};
use super::{Draft, Reading};

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let columns = RoleColumns::of(&reading.table.header, "Teacher_id", "Teacher_email");
    let Draft { problems, school_ids, teacher_ids, roles, .. } = draft;
    let mut known = Known { records: &mut roles.teachers, ids: teacher_ids };
    while let Some(line) = reading.next(problems) {
        if line.cell(columns.id).is_empty() {
            continue;
        }
        let details = line.details(problems);
        let mut record = columns.record(&line, details, problems);
        match known.find(&record.sis_id) {
            Some(earlier) if line.is_whole => {
                add_row(earlier, &record, &columns, &line, school_ids, problems);
            }
            Some(_) => {}
            None => {
                if line.is_whole {
                    columns.add_school(&mut record, &line, school_ids, problems);
                }
                known.push(record);
            }
        }
    }
    teacher_ids.complete(&reading.table, "Teacher_id", problems);
}
