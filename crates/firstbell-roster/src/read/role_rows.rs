//! Rows that state a role of somebody, as `students.csv`, `teachers.csv` and `staff.csv` have
//! them: the same person may stand on several rows, and these must agree.

use firstbell_core::roster::{Email, PersonName};

use crate::fault::RosterFault;
use crate::header::{At, Header};
use crate::ids::Ids;
use crate::problem::{Problems, Words};
use crate::snapshot::{DetailName, PackedDetails, RoleRecord};
use crate::source::RosterFile;
use crate::spill::Spilled;
use crate::table::Line;

/// Where the columns are that all three files have.
pub(super) struct RoleColumns {
    pub school: At,
    pub id: At,
    first: At,
    middle: At,
    last: At,
    email: At,
    username: At,
    password: At,
}

impl RoleColumns {
    pub fn of(header: &Header, id: &str, email: &str) -> Self {
        Self {
            school: header.at("School_id"),
            id: header.at(id),
            first: header.at("First_name"),
            middle: header.at("Middle_name"),
            last: header.at("Last_name"),
            email: header.at(email),
            username: header.at("Username"),
            password: header.at("Password"),
        }
    }

    /// The role that a row states. Of a row that is not whole it is the id and nothing else.
    pub fn record(
        &self,
        line: &Line<'_>,
        details: PackedDetails,
        problems: &mut Problems,
    ) -> RoleRecord {
        let text = |at| line.filled(at).filter(|_| line.is_whole);
        RoleRecord {
            sis_id: line.cell(self.id).into(),
            name: PersonName {
                first: text(self.first).unwrap_or_default().to_owned(),
                middle: text(self.middle).map(str::to_owned),
                last: text(self.last).unwrap_or_default().to_owned(),
            },
            email: text(self.email).and_then(|email| read_email(email, line, self.email, problems)),
            schools: Vec::new(),
            details,
            username: text(self.username).map(Into::into),
            password: text(self.password).map(Into::into),
            file: line.header.file,
            line: line.number,
        }
    }

    /// Adds the row's school to the role, once.
    pub fn add_school(
        &self,
        record: &mut RoleRecord,
        line: &Line<'_>,
        schools: &Ids,
        problems: &mut Problems,
    ) {
        if let Some(school) = schools.resolve(line, self.school, RosterFile::Schools, problems)
            && !record.schools.contains(&school)
        {
            record.schools.push(school);
        }
    }

    /// The first column in which two rows of one person say different things of them.
    pub fn disagreement(&self, earlier: &RoleRecord, later: &RoleRecord) -> Option<At> {
        [
            (earlier.name.first != later.name.first, self.first),
            (earlier.name.middle != later.name.middle, self.middle),
            (earlier.name.last != later.name.last, self.last),
            (earlier.email != later.email, self.email),
            (earlier.username != later.username, self.username),
            (earlier.password != later.password, self.password),
        ]
        .into_iter()
        .find_map(|(differs, at)| differs.then_some(at))
    }
}

fn read_email(email: &str, line: &Line<'_>, at: At, problems: &mut Problems) -> Option<Email> {
    let read = email.parse();
    if let Err(error) = &read {
        let words = || Words { reason: Some(format!("{error}")), remedy: None };
        problems.add_with(RosterFault::EmailMalformed, line.place(at), words);
    }
    read.ok()
}

/// Where a passed-on column stands.
pub(super) fn detail_at(header: &Header, name: DetailName) -> At {
    let column = header.details.iter().find(|column| column.name == name);
    column.map_or(At(None), |column| column.at)
}

/// A repeated row that contradicts an earlier one.
pub(super) fn add_contradiction(
    fault: RosterFault,
    earlier: &RoleRecord,
    line: &Line<'_>,
    at: At,
    problems: &mut Problems,
) {
    let words = || Words {
        reason: Some(format!("{} (line {})", fault.reason(), earlier.line)),
        remedy: None,
    };
    problems.add_with(fault, line.place(at), words);
}

/// A further row of a role: another school, and nothing else new.
pub(super) fn add_row(
    earlier: &mut RoleRecord,
    record: &RoleRecord,
    columns: &RoleColumns,
    line: &Line<'_>,
    schools: &Ids,
    problems: &mut Problems,
) {
    let before = earlier.schools.len();
    columns.add_school(earlier, line, schools, problems);
    let school_id = line.cell(columns.school);
    let is_repetition = earlier.schools.len() == before
        && (school_id.is_empty() || schools.get(school_id).is_some());
    if is_repetition {
        problems.add(RosterFault::IdTwice, line.place(columns.id));
    } else if let Some(at) = columns.disagreement(earlier, record) {
        add_contradiction(RosterFault::RowsDisagree, earlier, line, at, problems);
    } else if let Some(name) = earlier.details.first_difference(&record.details) {
        let at = detail_at(line.header, name);
        add_contradiction(RosterFault::DetailsDiffer, earlier, line, at, problems);
    }
}

/// The records of one file while it is read, found by id.
pub(super) struct Known<'d> {
    pub records: &'d mut Spilled<RoleRecord>,
    pub ids: &'d mut Ids,
}

impl Known<'_> {
    pub fn find(&mut self, sis_id: &str) -> Option<&mut RoleRecord> {
        self.records.get_mut(self.ids.get(sis_id)?)
    }

    pub fn push(&mut self, record: RoleRecord) {
        self.ids.insert(&record.sis_id, self.records.next());
        self.records.push(record);
    }
}
