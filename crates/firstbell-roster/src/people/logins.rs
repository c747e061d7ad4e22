//! Login names: the Username column, or where that is empty the email address. Two people never
//! log in with one name, whatever the file says; case does not tell names apart.

use std::collections::BTreeMap;

use firstbell_core::login::credential::fold_login_name;
use firstbell_core::roster::{Email, RoleKind};

use super::{Firsts, Holding, column, place};
use crate::fault::RosterFault;
use crate::problem::{Problems, Words};
use crate::snapshot::{Adult, Index, LoginParts, RoleRecord, Roles};

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
    let (mut shared, nameless) = holders(roles, adults);
    let mut without = Vec::new();
    for holder in nameless {
        if let Some(record) = roles.get(holder.kind, holder.index) {
            let place = place(&record, column(&record, "Password", "password"), None);
            problems.add(RosterFault::PasswordWithoutName, place);
        }
        without.push(holder);
    }
    shared.sort_unstable();
    for holders in shared {
        if holders.iter().all(|holder| Some(holder.person) == holders.first().map(|h| h.person)) {
            settle_one_person(&holders, roles, problems, &mut without);
        } else {
            settle_many(&holders, roles, problems, &mut without);
        }
    }
    for Holder { kind, index, .. } in without {
        if let Some(record) = roles.of_mut(kind).get_mut(index) {
            record.password = None;
        }
    }
}

/// Who would log in with one name: all with a Username, and those with an email and a password. Names
/// of one holder alone are left out. Then those with a password and neither.
fn holders(roles: &mut Roles, adults: &[Adult]) -> (Vec<Vec<Holder>>, Vec<Holder>) {
    let mut firsts = Firsts::default();
    let mut shared: BTreeMap<Holding, Vec<Holder>> = BTreeMap::new();
    let mut nameless = Vec::new();
    let of_adults = roles.students.len();
    let students = roles.students.positions();
    let students =
        students.map(|index| Holder { person: index.position(), kind: RoleKind::Student, index });
    let others = adults.iter().enumerate().flat_map(|(number, adult)| {
        let person = of_adults + number;
        adult.roles().map(move |(kind, index)| Holder { person, kind, index })
    });
    // The person of whoever had a name first.
    let mut people: BTreeMap<Holding, usize> = BTreeMap::new();
    for holder in students.chain(others) {
        let held = (holder.kind, holder.index);
        let Some(parts) = roles.login_parts(holder.kind, holder.index) else { continue };
        if parts.username.is_none() && parts.password.is_none() {
            continue;
        }
        let Some(name) = parts.folded_login_name() else {
            nameless.push(holder);
            continue;
        };
        let first =
            firsts.meet(&name, held, |(kind, at)| roles.login_parts(kind, at)?.folded_login_name());
        if let Some(first) = first {
            shared.entry(first).or_default().push(holder);
        } else if holder.kind != RoleKind::Student {
            people.insert(held, holder.person);
        }
    }
    let groups = shared.into_iter().map(|((kind, index), others)| {
        let person = people.get(&(kind, index)).copied().unwrap_or(index.position());
        let mut group = vec![Holder { person, kind, index }];
        group.extend(others);
        group
    });
    (groups.collect(), nameless)
}

impl LoginParts {
    fn folded_login_name(&self) -> Option<String> {
        let email = || self.email.as_ref().map(Email::as_str);
        self.username.as_deref().or_else(email).map(fold_login_name)
    }
}

/// One person, one name, several roles: one password holds, the first role's.
fn settle_one_person(
    holders: &[Holder],
    roles: &mut Roles,
    problems: &mut Problems,
    without: &mut Vec<Holder>,
) {
    let mut kept: Option<RoleRecord> = None;
    for holder in holders {
        let Some(record) = roles.get(holder.kind, holder.index) else { continue };
        match &kept {
            None if record.password.is_some() => kept = Some(record),
            Some(first) if record.password.is_some() => {
                if first.password != record.password {
                    let place = place(&record, column(&record, "Password", "password"), None);
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
    roles: &mut Roles,
    problems: &mut Problems,
    without: &mut Vec<Holder>,
) {
    let mut owners: Vec<Holder> = Vec::new();
    for holder in holders {
        let Some(record) = roles.get(holder.kind, holder.index) else { continue };
        if record.username.is_none() {
            let place = place(&record, column(&record, "Password", "password"), None);
            problems.add(RosterFault::LoginNameShared, place);
            without.push(*holder);
        } else if owners.first().is_none_or(|first| first.person == holder.person) {
            owners.push(*holder);
        } else {
            let reason = owners.first().map(|first| taken_by(*first, roles));
            let username = record.username.as_deref();
            let place = place(&record, column(&record, "Username", "username"), username);
            let words = || Words { reason, remedy: None };
            problems.add_with(RosterFault::UsernameTwice, place, words);
        }
    }
    settle_one_person(&owners, roles, problems, without);
}

fn taken_by(first: Holder, roles: &mut Roles) -> String {
    let parts = roles.login_parts(first.kind, first.index);
    let sis_id = parts.as_ref().map_or("", |parts| &parts.sis_id);
    let reason = RosterFault::UsernameTwice.reason();
    format!("{reason} ({} \"{}\")", first.kind.name(), crate::problem::shown(sis_id))
}
