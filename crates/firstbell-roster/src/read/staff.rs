//! `staff.csv`: a row for each school of a staff member; a row without a school is somebody of
//! the district. A district administrator is a row of the second kind that says so:
//! [`is_district_admin`]. One `Staff_id` may have both, and is one person with both roles.

use std::collections::HashMap;

use firstbell_core::roster::RoleKind;

use super::role_rows::{RoleColumns, add_contradiction, add_row};
use super::{Draft, Reading};
use crate::fault::RosterFault;
use crate::header::At;
use crate::ids::Ids;
use crate::problem::Problems;
use crate::snapshot::{Index, RoleRecord, Roles};
use crate::source::RosterFile;
use crate::table::Line;

/// Whether a row makes its person an administrator of the district: `School_id` is blank, and Role
/// (or, where Role is blank, Title) says so. A school in the row never does, whatever its role:
/// a roster must not raise somebody by a slip.
fn is_district_admin(school_id: &str, role: &str, title: &str) -> bool {
    school_id.is_empty() && says_district_admin(role, title)
}

/// Whether these two cells name an administrator of the district.
pub(crate) fn says_district_admin(role: &str, title: &str) -> bool {
    let said = if role.is_empty() { title } else { role };
    let letters: String = said
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    matches!(letters.as_str(), "districtadmin" | "districtadministrator")
}

pub(super) fn read(reading: &mut Reading<'_, '_>, draft: &mut Draft) {
    let header = &reading.table.header;
    // The older form of the file has other names for the same.
    let (email, title) = match header.file {
        RosterFile::Admins => ("Admin_email", "Admin_title"),
        _ => ("Staff_email", "Title"),
    };
    let columns = RoleColumns::of(header, "Staff_id", email);
    let (role, title) = (header.at("Role"), header.at(title));
    let Draft { problems, school_ids, roles, .. } = draft;
    let mut staff = Staff { roles, positions: HashMap::new() };
    let mut ids = <Ids>::default();
    while let Some(line) = reading.next(problems) {
        if !line.is_whole || line.cell(columns.id).is_empty() {
            continue;
        }
        let kind = kind_of(&line, &columns, role, title, problems);
        let details = line.details(problems);
        let mut record = columns.record(&line, details, problems);
        staff.compare_with_other_kind(kind, &record, &columns, &line, problems);
        if let Some(earlier) = staff.find(kind, &record.sis_id) {
            add_row(earlier, &record, &columns, &line, school_ids, problems);
        } else {
            columns.add_school(&mut record, &line, school_ids, problems);
            // One `Staff_id` may be in both lists.
            if ids.get(&record.sis_id).is_none() {
                ids.insert(&record.sis_id, staff.roles.of(kind).next());
            }
            staff.push(kind, record);
        }
    }
    ids.complete(&reading.table, "Staff_id", problems);
}

fn kind_of(
    line: &Line<'_>,
    columns: &RoleColumns,
    role: At,
    title: At,
    problems: &mut Problems,
) -> RoleKind {
    let (school_id, said) = (line.cell(columns.school), (line.cell(role), line.cell(title)));
    if is_district_admin(school_id, said.0, said.1) {
        return RoleKind::DistrictAdmin;
    }
    if says_district_admin(said.0, said.1) {
        let at = if said.0.is_empty() { title } else { role };
        problems.add(RosterFault::AdminNotRaised, line.place(at));
    }
    RoleKind::Staff
}

/// The staff and district administrators so far, found by `Staff_id`.
struct Staff<'d> {
    roles: &'d mut Roles,
    positions: HashMap<(RoleKind, Box<str>), Index>,
}

impl Staff<'_> {
    fn find(&mut self, kind: RoleKind, sis_id: &str) -> Option<&mut RoleRecord> {
        let position = *self.positions.get(&(kind, sis_id.into()))?;
        self.roles.of_mut(kind).get_mut(position)
    }

    fn push(&mut self, kind: RoleKind, record: RoleRecord) {
        let list = self.roles.of_mut(kind);
        self.positions.insert((kind, record.sis_id.clone()), list.next());
        list.push(record);
    }

    /// The rows of one `Staff_id` are one person, in whichever role.
    fn compare_with_other_kind(
        &mut self,
        kind: RoleKind,
        record: &RoleRecord,
        columns: &RoleColumns,
        line: &Line<'_>,
        problems: &mut Problems,
    ) {
        let other = match kind {
            RoleKind::DistrictAdmin => RoleKind::Staff,
            _ => RoleKind::DistrictAdmin,
        };
        if let Some(earlier) = self.find(other, &record.sis_id)
            && let Some(at) = columns.disagreement(earlier, record)
        {
            add_contradiction(RosterFault::RowsDisagree, earlier, line, at, problems);
        }
    }
}
