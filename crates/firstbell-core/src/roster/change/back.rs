//! Going back: the change that makes a roster what it was. It makes a new version, because versions
//! only go forward: who read the one in between has read something that was true then.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::{Binding, Changed, CurrentRoster, Enrollment, RosterChange, RosterPerson};
use crate::id::{SectionId, UserId};

/// The change that makes `current` what `target`, an earlier version of the same roster, was.
/// Bindings are for ever: none is taken back, and whoever came since keeps theirs. Passwords are
/// none of the roster's, nor is how people stand.
pub fn back_to(current: &CurrentRoster, target: &CurrentRoster) -> RosterChange {
    let enrollments = enrollments(current, target);
    let touched: HashSet<SectionId> =
        enrollments.added.iter().chain(&enrollments.removed).map(|it| it.section).collect();
    let same_section = |id: SectionId, is_equal: bool| is_equal && !touched.contains(&id);
    RosterChange {
        bindings: Vec::new(),
        rebound: rebound(current, target),
        schools: changed(&current.schools, &target.schools, |_, one, other| one == other),
        terms: changed(&current.terms, &target.terms, |_, one, other| one == other),
        courses: changed(&current.courses, &target.courses, |_, one, other| one == other),
        sections: changed(&current.sections, &target.sections, |id, one, other| {
            same_section(id, one == other)
        }),
        people: changed(&current.people, &target.people, |_, one, other| is_same(one, other)),
        enrollments,
        contacts: changed(&current.contacts, &target.contacts, |_, one, other| one == other),
        resources: changed(&current.resources, &target.resources, |_, one, other| one == other),
        passwords: Vec::new(),
        digests: Vec::new(),
    }
}

/// Sorts the records of one kind into those that come back, change back and go.
fn changed<K: Copy + Eq + Hash + Ord, T: Clone>(
    current: &HashMap<K, T>,
    target: &HashMap<K, T>,
    is_same: impl Fn(K, &T, &T) -> bool,
) -> Changed<T, K> {
    let mut changed = Changed::default();
    let mut ids: Vec<K> = target.keys().copied().collect();
    ids.sort_unstable();
    for id in ids {
        match (current.get(&id), target.get(&id)) {
            (None, Some(then)) => changed.added.push(then.clone()),
            (Some(now), Some(then)) if !is_same(id, now, then) => {
                changed.replaced.push(then.clone());
            }
            _ => {}
        }
    }
    changed.removed = current.keys().filter(|id| !target.contains_key(id)).copied().collect();
    changed.removed.sort_unstable();
    changed
}

fn enrollments(current: &CurrentRoster, target: &CurrentRoster) -> Changed<Enrollment, Enrollment> {
    let only = |in_these: &HashSet<Enrollment>, not_in: &HashSet<Enrollment>| {
        let mut only: Vec<_> = in_these.difference(not_in).copied().collect();
        only.sort_unstable();
        only
    };
    Changed {
        added: only(&target.enrollments, &current.enrollments),
        replaced: Vec::new(),
        removed: only(&current.enrollments, &target.enrollments),
    }
}

/// Whether a roster says the same of a person: when it did, and how they stand, is not its to say.
fn is_same(one: &RosterPerson, other: &RosterPerson) -> bool {
    let (a, b) = (&one.user, &other.user);
    (&a.email, &a.name, &a.roles, &one.schools) == (&b.email, &b.name, &b.roles, &other.schools)
}

/// Roles and contacts that had another holder. Which one, the people of that version tell: bindings
/// remember only the last. A role that nobody held then stays with whoever has it.
fn rebound(current: &CurrentRoster, target: &CurrentRoster) -> Vec<Binding> {
    let mut holders: HashMap<[u8; 12], UserId> = HashMap::with_capacity(target.people.len());
    for person in target.people.values() {
        let roles = person.user.roles.iter();
        holders.extend(roles.map(|role| (role.id.to_bytes(), person.user.id)));
    }
    for contact in target.contacts.values() {
        holders.insert(contact.role.to_bytes(), contact.id);
    }
    let mut rebound: Vec<Binding> = current
        .bindings
        .iter()
        .filter_map(|((kind, sis_id), (id, holder))| {
            let then = *holders.get(id)?;
            let binding =
                Binding { kind: *kind, sis_id: sis_id.clone(), id: *id, user: Some(then) };
            (holder.is_some() && *holder != Some(then)).then_some(binding)
        })
        .collect();
    rebound.sort_by(|one, other| (one.kind, &one.sis_id).cmp(&(other.kind, &other.sis_id)));
    rebound
}

#[cfg(test)]
mod tests;
