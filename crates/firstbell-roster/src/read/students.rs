//! `students.csv`: a student may stand on several rows, for several schools or several contacts;
//! everything else must be the same on all of them.

use std::collections::{HashMap, HashSet};

use super::role_rows::{Known, RoleColumns, add_contradiction, detail_at};
use super::{Draft, Reading};
use crate::fault::RosterFault;
use crate::problem::{Place, Problems};
use crate::source::RosterFile;
use crate::table::Line;

/// The most contacts that a student may have.
const MOST_CONTACTS: usize = 5;

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let columns = RoleColumns::of(&reading.table.header, "Student_id", "Student_email");
    let Draft { problems, school_ids, student_ids, roles, .. } = draft;
    let mut known = Known { records: &mut roles.students, ids: student_ids };
    let mut contacts = Contacts::default();
    while let Some(line) = reading.next(problems) {
        if line.cell(columns.id).is_empty() {
            continue;
        }
        contacts.note(&line, line.cell(columns.id), problems);
        let details = line.details(problems);
        let mut record = columns.record(&line, details, problems);
        match known.find(&record.sis_id) {
            Some(earlier) if line.is_whole => {
                let at = columns.disagreement(earlier, &record).or_else(|| {
                    let name = earlier.details.first_difference(&record.details)?;
                    Some(detail_at(line.header, name))
                });
                if let Some(at) = at {
                    add_contradiction(RosterFault::RowsDisagree, earlier, &line, at, problems);
                }
                columns.add_school(earlier, &line, school_ids, problems);
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
    if contacts.any {
        let place = Place { file: RosterFile::Students.name(), ..Place::default() };
        problems.add(RosterFault::ContactsNotKept, place);
    }
    student_ids.complete(&reading.table, "Student_id", problems);
}

/// Contacts are not part of the roster yet, because nothing can show or share them; that a file
/// has too many of them is told all the same, so that it stays good when they are.
#[derive(Default)]
struct Contacts {
    /// The contacts of each student who has any.
    by_student: HashMap<Box<str>, HashSet<Box<str>>>,
    any: bool,
}

impl Contacts {
    fn note(&mut self, line: &Line<'_>, student: &str, problems: &mut Problems) {
        let columns = &line.header.contacts;
        if columns.iter().all(|&at| line.cell(at).is_empty()) {
            return;
        }
        self.any = true;
        let cells: Vec<&str> = columns.iter().map(|&at| line.cell(at)).collect();
        let contacts = self.by_student.entry(student.into()).or_default();
        let is_new = contacts.insert(cells.join("\u{1f}").into());
        if is_new && contacts.len() == MOST_CONTACTS + 1 {
            let at = line.header.at("Student_id");
            problems.add(RosterFault::TooManyContacts, line.place(at));
        }
    }
}
