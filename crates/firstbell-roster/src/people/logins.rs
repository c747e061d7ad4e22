//! Login names: the Username column, or where that is empty the email address. Two people never
//! log in with one name, whatever the file says; case does not tell names apart.

use std::collections::HashMap;

use firstbell_core::login::credential::fold_login_name;
use firstbell_core::roster::{Email, RoleKind};

use super::{column, place};
use crate::fault::RosterFault;
use crate::problem::{Problems, Words};
use crate::snapshot::{Adult, Index, RoleRecord, Roles};

impl RoleRecord {
    /// What the person types to log in in this role.
    pub fn login_name(&self) -> Option<&str> {
        self.username.as_deref().or_else(|| self.email.as_ref().map(Email::as_str))
    }
}

/// One role of a person; people are numbered through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    person: usize,
    kind: RoleKind,
    index: Index,
}

/// Takes away passwords that nobody could use alone, and refuses Usernames that two people have.
pub(super) fn settle(roles: &mut Roles, adults: &[Adult], problems: &mut Problems) {
    let (by_name, nameless) = holders(roles, adults);
    let mut without = Vec::new();
    for holder in nameless {
        if let Some(record) = roles.get(holder.kind, holder.index) {
            let place = place(record, column(record, "Password", "password"), None);
            problems.add(RosterFault::PasswordWithoutName, place);
        }
        without.push(holder);
    }
    let mut shared: Vec<Vec<Holder>> =
        by_name.into_values().filter(|holders| holders.len() > 1).collect();
    shared.sort_unstable();
    for holders in shared {
        if holders.iter().all(|holder| Some(holder.person) == holders.first().map(|h| h.person)) {
            settle_one_person(&holders, roles, problems, &mut without);
        } else {
            settle_many(&holders, roles, problems, &mut without);
        }
    }
    for Holder { kind, index, .. } in without {
        if let Some(record) = roles.of_mut(kind).get_mut(index.position()) {
            record.password = None;
        }
    }
}

/// Who would log in with each name: all with a Username, and those with an email and a password.
/// Then those with a password and neither.
fn holders(roles: &Roles, adults: &[Adult]) -> (HashMap<String, Vec<Holder>>, Vec<Holder>) {
    let mut by_name: HashMap<String, Vec<Holder>> = HashMap::new();
    let mut nameless = Vec::new();
    let students = (0..roles.students.len()).filter_map(|person| {
        Some(Holder { person, kind: RoleKind::Student, index: Index::of(person)? })
    });
    let others = adults.iter().enumerate().flat_map(|(number, adult)| {
        let person = roles.students.len() + number;
        adult.roles().map(move |(kind, index)| Holder { person, kind, index })
    });
    for holder in students.chain(others) {
        let Some(record) = roles.get(holder.kind, holder.index) else { continue };
        if record.username.is_none() && record.password.is_none() {
            continue;
        }
        match record.login_name() {
            Some(name) => by_name.entry(fold_login_name(name)).or_default().push(holder),
            None => nameless.push(holder),
        }
    }
    (by_name, nameless)
}

/// One person, one name, several roles: one password holds, the first role's.
fn settle_one_person(
    holders: &[Holder],
    roles: &Roles,
    problems: &mut Problems,
    without: &mut Vec<Holder>,
) {
    let mut kept: Option<&RoleRecord> = None;
    for holder in holders {
        let Some(record) = roles.get(holder.kind, holder.index) else { continue };
        match kept {
            None if record.password.is_some() => kept = Some(record),
            Some(first) if record.password.is_some() => {
                if first.password != record.password {
                    let place = place(record, column(record, "Password", "password"), None);
                    problems.add(RosterFault::PasswordsDiffer, place);
                }
                without.push(*holder);
            }
            _ => {}
        }
    }
}

/// One name, several people: the first Username keeps it, an email address gives way.
fn settle_many(
    holders: &[Holder],
    roles: &Roles,
    problems: &mut Problems,
    without: &mut Vec<Holder>,
) {
    let mut owners: Vec<Holder> = Vec::new();
    for holder in holders {
        let Some(record) = roles.get(holder.kind, holder.index) else { continue };
        if record.username.is_none() {
            let place = place(record, column(record, "Password", "password"), None);
            problems.add(RosterFault::LoginNameShared, place);
            without.push(*holder);
        } else if owners.first().is_none_or(|first| first.person == holder.person) {
            owners.push(*holder);
        } else {
            let words = || Words {
                reason: owners.first().map(|first| taken_by(*first, roles)),
                remedy: None,
            };
            let username = record.username.as_deref();
            let place = place(record, column(record, "Username", "username"), username);
            problems.add_with(RosterFault::UsernameTwice, place, words);
        }
    }
    settle_one_person(&owners, roles, problems, without);
}

fn taken_by(first: Holder, roles: &Roles) -> String {
    let sis_id = roles.get(first.kind, first.index).map_or("", |record| &record.sis_id);
    let reason = RosterFault::UsernameTwice.reason();
    format!("{reason} ({} \"{}\")", first.kind.name(), crate::problem::shown(sis_id))
}
