//! `students.csv`: a student may stand on several rows, for several schools or several contacts;
//! everything else must be the same on all of them.

use super::role_rows::{Known, RoleColumns, add_contradiction, detail_at};
use super::{Draft, Reading};
use crate::contacts::{Contacts, Disagreement, Part, Stated, Tied, Word};
use crate::fault::RosterFault;
use crate::header::{At, Header};
use crate::problem::Problems;
use crate::snapshot::Index;
use crate::table::Line;
use crate::words::Rule;

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let columns = RoleColumns::of(&reading.table.header, "Student_id", "Student_email");
    let contact_columns = ContactColumns::of(&reading.table.header);
    let Draft { problems, school_ids, student_ids, roles, contacts, .. } = draft;
    let mut known = Known { records: &mut roles.students, ids: student_ids };
    while let Some(line) = reading.next(problems) {
        if line.cell(columns.id).is_empty() {
            continue;
        }
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
        if contact_columns.are_filled(&line)
            && let Some(student) = known.ids.get(line.cell(columns.id))
        {
            contact_columns.read_row(&line, (student, columns.id), contacts, problems);
        }
    }
    student_ids.complete(&reading.table, "Student_id", problems);
    draft.seal_contacts();
}

/// Where the columns of a row's contact are.
struct ContactColumns {
    sis_id: At,
    name: At,
    email: At,
    phone: At,
    phone_type: At,
    relationship: At,
    kind: At,
}

impl ContactColumns {
    fn of(header: &Header) -> Self {
        Self {
            sis_id: header.at("Contact_sis_id"),
            name: header.at("Contact_name"),
            email: header.at("Contact_email"),
            phone: header.at("Contact_phone"),
            phone_type: header.at("Contact_phone_type"),
            relationship: header.at("Contact_relationship"),
            kind: header.at("Contact_type"),
        }
    }

    /// Whether the row, which must be whole, says anything of a contact.
    fn are_filled(&self, line: &Line<'_>) -> bool {
        let Self { sis_id, name, email, phone, phone_type, relationship, kind } = *self;
        line.is_whole
            && [sis_id, name, email, phone, phone_type, relationship, kind]
                .into_iter()
                .any(|at| line.filled(at).is_some())
    }

    /// Keeps the row's contact. `student` is whose it is, and the column that names them.
    fn read_row(
        &self,
        line: &Line<'_>,
        student: (Index, At),
        contacts: &mut Contacts,
        problems: &mut Problems,
    ) {
        let email = line.read_by(Rule::Email, self.email, problems);
        let mut word = |rule, at| Word::named(&line.read_by(rule, at, problems)?);
        let phone_type = word(Rule::PhoneType, self.phone_type);
        let relationship = word(Rule::Relationship, self.relationship);
        let kind = word(Rule::ContactType, self.kind);
        let (sis_id, name) = (line.cell(self.sis_id), line.cell(self.name));
        let texts =
            [sis_id, "", "", name, email.as_deref().unwrap_or_default(), line.cell(self.phone)];
        let stated = Stated { texts, phone_type, relationship, kind };
        if stated.is_nameless() {
            problems.add(RosterFault::ContactNameless, line.place(student.1));
            return;
        }
        let (contact, differs) = contacts.record(&stated);
        let differs = match contacts.tie(contact, student.0, &stated) {
            Tied::TooMany => {
                problems.add(RosterFault::TooManyContacts, line.place(student.1));
                differs
            }
            Tied::New => differs,
            Tied::Known(other) => differs.or(other),
        };
        if let Some(differs) = differs {
            problems.add(RosterFault::ContactsDiffer, line.place(self.at(differs)));
        }
    }

    fn at(&self, differs: Disagreement) -> At {
        match differs {
            Disagreement::Text(Part::SisId) => self.sis_id,
            Disagreement::Text(Part::First | Part::Middle | Part::Last) => self.name,
            Disagreement::Text(Part::Email) => self.email,
            Disagreement::Text(Part::Phone) => self.phone,
            Disagreement::PhoneType => self.phone_type,
            Disagreement::Relationship => self.relationship,
            Disagreement::Kind => self.kind,
        }
    }
}
