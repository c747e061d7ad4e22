//! Who is who: teacher, staff and district administrator records with one email address (in any
//! case) are one person, and so are the staff and administrator rows of one `Staff_id`. Students
//! are never joined with anybody: an address that a child shares with a parent who teaches must
//! not open the parent's grade book.
//!
//! A person has at most one role of a kind. Of two teachers with one address, the one with the
//! smaller `Teacher_id` is joined and the other stays alone: the ids decide, not the order of the
//! rows, so that an export in another order joins the same people.

use std::collections::HashMap;

use firstbell_core::roster::{Email, RoleKind};

mod logins;

use crate::fault::RosterFault;
use crate::problem::{Place, Problems, Words};
use crate::snapshot::{Adult, Index, RoleRecord, Roles};
use crate::source::RosterFile;

/// Joins the roles to people, and settles who logs in with which name.
pub(crate) fn join(roles: &mut Roles, problems: &mut Problems) -> Vec<Adult> {
    warn_of_shared_student_emails(roles, problems);
    let adults = join_adults(roles, problems);
    logins::settle(roles, &adults, problems);
    adults
}

/// The place of a record's cell, for a problem.
fn place<'a>(record: &RoleRecord, column: &'a str, value: Option<&'a str>) -> Place<'a> {
    Place { file: record.file.name(), line: Some(record.line), column: Some(column), value }
}

fn email_column(kind: RoleKind, record: &RoleRecord) -> &'static str {
    match kind {
        RoleKind::Student => column(record, "Student_email", "email"),
        RoleKind::Teacher => column(record, "Teacher_email", "email"),
        _ if record.file == RosterFile::Admins => "Admin_email",
        RoleKind::Staff | RoleKind::DistrictAdmin => column(record, "Staff_email", "email"),
    }
}

/// What a column is called in the file of a record.
fn column(record: &RoleRecord, plain: &'static str, oneroster: &'static str) -> &'static str {
    if is_oneroster(record) { oneroster } else { plain }
}

/// Whether one id is one person in whatever role.
fn is_oneroster(record: &RoleRecord) -> bool {
    matches!(record.file, RosterFile::OneRoster(_))
}

fn add_about_email(
    fault: RosterFault,
    kind: RoleKind,
    record: &RoleRecord,
    other: (RoleKind, &RoleRecord),
    problems: &mut Problems,
) {
    let email = record.email.as_ref().map(Email::as_str);
    let words = || Words {
        reason: Some(format!(
            "{} ({})",
            fault.reason(),
            crate::problem::shown(&format!("{} {}", other.0.name(), other.1.sis_id)),
        )),
        remedy: None,
    };
    problems.add_with(fault, place(record, email_column(kind, record), email), words);
}

fn warn_of_shared_student_emails(roles: &Roles, problems: &mut Problems) {
    let adult_kinds = [RoleKind::Teacher, RoleKind::Staff, RoleKind::DistrictAdmin];
    let mut holders: HashMap<String, (RoleKind, &RoleRecord)> = HashMap::new();
    for kind in adult_kinds {
        for record in roles.of(kind) {
            if let Some(email) = &record.email {
                holders.entry(email.folded()).or_insert((kind, record));
            }
        }
    }
    for student in &roles.students {
        let Some(email) = &student.email else { continue };
        match holders.get(&email.folded()) {
            Some(&(kind, other)) => {
                let fault = if kind == RoleKind::Student {
                    RosterFault::StudentsShareEmail
                } else {
                    RosterFault::StudentSharesStaffEmail
                };
                add_about_email(fault, RoleKind::Student, student, (kind, other), problems);
            }
            None => {
                holders.insert(email.folded(), (RoleKind::Student, student));
            }
        }
    }
}

fn join_adults(roles: &Roles, problems: &mut Problems) -> Vec<Adult> {
    let mut adults = Adults::by_record(roles);
    let mut by_email: HashMap<String, Vec<usize>> = HashMap::new();
    for (number, adult) in adults.list.iter().enumerate() {
        let email = adult.roles().find_map(|(kind, at)| roles.get(kind, at)?.email.as_ref());
        if let Some(email) = email {
            by_email.entry(email.folded()).or_default().push(number);
        }
    }
    let mut groups: Vec<Vec<usize>> =
        by_email.into_values().filter(|group| group.len() > 1).collect();
    groups.sort_unstable();
    for group in groups {
        adults.join(group, roles, problems);
    }
    adults.list.into_iter().filter(|adult| *adult != Adult::default()).collect()
}

struct Adults {
    list: Vec<Adult>,
}

impl Adults {
    /// Everybody alone, but for the two kinds of row of one `Staff_id`, and the roles of one user.
    fn by_record(roles: &Roles) -> Self {
        let mut list: Vec<Adult> = Vec::new();
        for (number, _) in roles.teachers.iter().enumerate() {
            list.push(Adult { teacher: Index::of(number), ..Adult::default() });
        }
        // The ids of teachers and of staff are numbered apart, but for OneRoster's users.
        let mut by_id: HashMap<Own<'_>, usize> = HashMap::new();
        for (number, record) in roles.teachers.iter().enumerate() {
            if is_oneroster(record) {
                by_id.insert(Own::of(record), number);
            }
        }
        for (number, record) in roles.staff.iter().enumerate() {
            if let Some(adult) = by_id.get(&Own::of(record)).and_then(|&at| list.get_mut(at)) {
                adult.staff = Index::of(number);
            } else {
                by_id.insert(Own::of(record), list.len());
                list.push(Adult { staff: Index::of(number), ..Adult::default() });
            }
        }
        for (number, record) in roles.district_admins.iter().enumerate() {
            if let Some(adult) = by_id.get(&Own::of(record)).and_then(|&at| list.get_mut(at)) {
                adult.district_admin = Index::of(number);
            } else {
                list.push(Adult { district_admin: Index::of(number), ..Adult::default() });
            }
        }
        Self { list }
    }

    /// Joins people with one email as far as they have different roles, teachers first, then by
    /// SIS id. Who is joined leaves an empty place.
    fn join(&mut self, mut group: Vec<usize>, roles: &Roles, problems: &mut Problems) {
        let rank = |adult: Adult| {
            let lead = adult.roles().next()?;
            Some((lead.0, roles.get(lead.0, lead.1)?.sis_id.clone()))
        };
        group.sort_by_key(|&at| self.list.get(at).copied().and_then(rank));
        let mut group = group.into_iter();
        let Some(first) = group.next() else { return };
        for other in group {
            let (Some(&into), Some(&from)) = (self.list.get(first), self.list.get(other)) else {
                continue;
            };
            let clash = RoleKind::ALL
                .into_iter()
                .find_map(|kind| Some((kind, from.role(kind)?, into.role(kind)?)));
            if let Some((kind, later, earlier)) = clash {
                if let (Some(later), Some(earlier)) =
                    (roles.get(kind, later), roles.get(kind, earlier))
                {
                    add_about_email(RosterFault::RoleTwice, kind, later, (kind, earlier), problems);
                }
                continue;
            }
            warn_of_names(into, from, roles, problems);
            if let Some(adult) = self.list.get_mut(first) {
                *adult = into.with(from);
            }
            if let Some(adult) = self.list.get_mut(other) {
                *adult = Adult::default();
            }
        }
    }
}

/// By what the roles of one person are known in the files, before anybody looks at addresses: a user
/// of OneRoster is one row, whatever their roles are called; staff have one id.
#[derive(PartialEq, Eq, Hash)]
enum Own<'r> {
    Row(u64),
    StaffId(&'r str),
}

impl<'r> Own<'r> {
    fn of(record: &'r RoleRecord) -> Self {
        if is_oneroster(record) { Self::Row(record.line) } else { Self::StaffId(&record.sis_id) }
    }
}

fn warn_of_names(into: Adult, from: Adult, roles: &Roles, problems: &mut Problems) {
    let lead = into.roles().next().and_then(|(kind, at)| Some((kind, roles.get(kind, at)?)));
    let joined = from.roles().next().and_then(|(kind, at)| Some((kind, roles.get(kind, at)?)));
    let (Some((_, lead)), Some((kind, joined))) = (lead, joined) else { return };
    let names = |record: &RoleRecord| (record.name.first.clone(), record.name.last.clone());
    if names(lead) != names(joined) {
        let email = joined.email.as_ref().map(Email::as_str);
        let words = || Words {
            reason: Some(format!(
                "{}: \"{}\" and \"{}\"",
                RosterFault::NamesDiffer.reason(),
                crate::problem::shown(&lead.name.full()),
                crate::problem::shown(&joined.name.full()),
            )),
            remedy: None,
        };
        let place = place(joined, email_column(kind, joined), email);
        problems.add_with(RosterFault::NamesDiffer, place, words);
    }
}
