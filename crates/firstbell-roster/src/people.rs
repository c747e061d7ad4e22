//! Who is who: teacher, staff and district administrator records with one email address (in any
//! case) are one person, and so are the staff and administrator rows of one `Staff_id`. Students
//! are never joined with anybody: an address that a child shares with a parent who teaches must
//! not open the parent's grade book.
//!
//! A person has at most one role of a kind. Of two teachers with one address, the one with the
//! smaller `Teacher_id` is joined and the other stays alone: the ids decide, not the order of the
//! rows, so that an export in another order joins the same people.

use std::collections::{BTreeMap, HashMap};

use firstbell_core::roster::{Email, RoleKind};

mod logins;

use crate::fault::RosterFault;
use crate::positions::Positions;
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

/// A role of the roster.
type Holding = (RoleKind, Index);

/// Who had a text first. It keeps nobody's text: whoever may have it is asked.
#[derive(Default)]
struct Firsts {
    positions: Positions,
    holders: Vec<Holding>,
}

impl Firsts {
    /// Who had this text before `holder`; if nobody had, `holder` has it from now on.
    fn meet(
        &mut self,
        text: &str,
        holder: Holding,
        mut text_of: impl FnMut(Holding) -> Option<String>,
    ) -> Option<Holding> {
        let Self { positions, holders } = self;
        let hash = positions.hash(text);
        let known = positions.find(hash, |number| {
            let holder = holders.get(number as usize);
            holder.and_then(|holder| text_of(*holder)).as_deref() == Some(text)
        });
        if let Some(known) = known {
            return holders.get(known as usize).copied();
        }
        positions.insert(hash, Index::next(holders).number());
        holders.push(holder);
        None
    }
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

fn warn_of_shared_student_emails(roles: &mut Roles, problems: &mut Problems) {
    let mut firsts = Firsts::default();
    let kinds = [RoleKind::Teacher, RoleKind::Staff, RoleKind::DistrictAdmin, RoleKind::Student];
    for kind in kinds {
        for at in roles.of(kind).positions() {
            let Some(email) = folded_email(roles, (kind, at)) else { continue };
            let earlier = firsts.meet(&email, (kind, at), |other| folded_email(roles, other));
            let Some((other, earlier)) = earlier.filter(|_| kind == RoleKind::Student) else {
                continue;
            };
            let fault = if other == RoleKind::Student {
                RosterFault::StudentsShareEmail
            } else {
                RosterFault::StudentSharesStaffEmail
            };
            if let (Some(student), Some(earlier)) = (roles.get(kind, at), roles.get(other, earlier))
            {
                add_about_email(fault, kind, &student, (other, &earlier), problems);
            }
        }
    }
}

fn folded_email(roles: &mut Roles, (kind, at): Holding) -> Option<String> {
    Some(roles.login_parts(kind, at)?.email?.folded())
}

fn join_adults(roles: &mut Roles, problems: &mut Problems) -> Vec<Adult> {
    let mut adults = Adults::by_record(roles);
    let mut firsts = Firsts::default();
    // Those who have the email of somebody before them, with that one.
    let mut groups: BTreeMap<Holding, Vec<usize>> = BTreeMap::new();
    let mut numbers: HashMap<Holding, usize> = HashMap::new();
    for (number, adult) in adults.list.iter().enumerate() {
        let found = adult.roles().find_map(|held| Some((held, folded_email(roles, held)?)));
        let Some((held, email)) = found else { continue };
        match firsts.meet(&email, held, |other| folded_email(roles, other)) {
            None => {
                numbers.insert(held, number);
            }
            Some(first) => groups
                .entry(first)
                .or_insert_with(|| numbers.get(&first).copied().into_iter().collect())
                .push(number),
        }
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
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
    fn by_record(roles: &mut Roles) -> Self {
        let mut list: Vec<Adult> = Vec::new();
        // The ids of teachers and of staff are numbered apart, but for OneRoster's users.
        let mut by_own: HashMap<Own, usize> = HashMap::new();
        let first = roles.teachers.positions().next();
        let are_users =
            first.and_then(|at| roles.teachers.get(at)).is_some_and(|it| is_oneroster(&it));
        for teacher in roles.teachers.positions() {
            if are_users && let Some(own) = Own::of(roles, (RoleKind::Teacher, teacher)) {
                by_own.insert(own, list.len());
            }
            list.push(Adult { teacher: Some(teacher), ..Adult::default() });
        }
        for staff in roles.staff.positions() {
            let Some(own) = Own::of(roles, (RoleKind::Staff, staff)) else { continue };
            if let Some(adult) = by_own.get(&own).and_then(|&at| list.get_mut(at)) {
                adult.staff = Some(staff);
            } else {
                by_own.insert(own, list.len());
                list.push(Adult { staff: Some(staff), ..Adult::default() });
            }
        }
        for admin in roles.district_admins.positions() {
            let Some(own) = Own::of(roles, (RoleKind::DistrictAdmin, admin)) else { continue };
            if let Some(adult) = by_own.get(&own).and_then(|&at| list.get_mut(at)) {
                adult.district_admin = Some(admin);
            } else {
                list.push(Adult { district_admin: Some(admin), ..Adult::default() });
            }
        }
        Self { list }
    }

    /// Joins people with one email as far as they have different roles, teachers first, then by
    /// SIS id. Who is joined leaves an empty place.
    fn join(&mut self, mut group: Vec<usize>, roles: &mut Roles, problems: &mut Problems) {
        let mut rank = |adult: Adult| {
            let lead = adult.roles().next()?;
            Some((lead.0, roles.login_parts(lead.0, lead.1)?.sis_id))
        };
        group.sort_by_cached_key(|&at| self.list.get(at).copied().and_then(&mut rank));
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
                    add_about_email(
                        RosterFault::RoleTwice,
                        kind,
                        &later,
                        (kind, &earlier),
                        problems,
                    );
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
enum Own {
    Row(u64),
    StaffId(Box<str>),
}

impl Own {
    fn of(roles: &mut Roles, (kind, at): Holding) -> Option<Self> {
        let record = roles.get(kind, at)?;
        let is_user = is_oneroster(&record);
        Some(if is_user { Self::Row(record.line) } else { Self::StaffId(record.sis_id) })
    }
}

fn warn_of_names(into: Adult, from: Adult, roles: &mut Roles, problems: &mut Problems) {
    let mut first = |adult: Adult| {
        let (kind, at) = adult.roles().next()?;
        Some((kind, roles.get(kind, at)?))
    };
    let (lead, joined) = (first(into), first(from));
    let (Some((_, lead)), Some((kind, joined))) = (lead, joined) else { return };
    let names = |record: &RoleRecord| (record.name.first.clone(), record.name.last.clone());
    if names(&lead) != names(&joined) {
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
        let place = place(&joined, email_column(kind, &joined), email);
        problems.add_with(RosterFault::NamesDiffer, place, words);
    }
}
