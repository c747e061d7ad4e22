//! Going back: what makes a roster what it was in an earlier version. Neither version is in memory:
//! both come in pages by ascending id and are walked through side by side, as files and the present
//! roster are. Bindings are for ever, so none is new; whoever held a role then holds it again.

use std::io;

use firstbell_core::id::{RoleId, SectionId, UserId};
use firstbell_core::roster::change::{Binding, Changed, Enrollment, Present, RosterPerson};
use firstbell_core::roster::{Contact, Course, Resource, Role, RoleKind, School, Section, Term};

use super::ids::Bindings;
use super::people::{is_same, kind_of, label, record_kind};
use super::walk::{Met, Pages, walk};
use super::{Plan, PlanError};
use crate::change::{Many, PlannedChange};
use crate::spill::{Record, Sorter};
use crate::summary::{IdentityChange, IdentityReason, Summary, SummaryKind, Tally};

/// The change that makes `present` what `then`, an earlier version of the same roster, was; the same
/// as [`back_to`](firstbell_core::roster::change::back_to) makes of two rosters in memory.
///
/// # Errors
/// See [`PlanError`].
pub fn plan_back<P: Present>(present: P, then: P) -> Result<Plan, PlanError<P::Error>> {
    let (change, summary) = (PlannedChange::default(), Summary::default());
    let mut way = WayBack { present, then, change, summary };
    way.few_kinds()?;
    way.sections()?;
    way.people()?;
    way.contacts()?;
    let WayBack { change, summary, .. } = way;
    Ok(Plan { change: Box::new(change), summary })
}

struct WayBack<P> {
    present: P,
    then: P,
    change: PlannedChange,
    summary: Summary,
}

/// Both versions of the records of one kind.
macro_rules! sides {
    ($way:ident.$kind:ident, $id:expr) => {{
        let id = $id;
        Sides {
            then: Pages::new(|after| $way.then.$kind(after), id),
            now: Pages::new(|after| $way.present.$kind(after), id),
        }
    }};
}

impl<P: Present> WayBack<P> {
    fn few_kinds(&mut self) -> Result<(), PlanError<P::Error>> {
        let few = &mut self.change.few;
        let tally = self.summary.tally_mut(SummaryKind::School);
        let name = |it: &School| format!("{} ({})", it.name, it.sis_id);
        few.schools = settle(sides!(self.schools, |it: &School| it.id), name, tally)?;
        let tally = self.summary.tally_mut(SummaryKind::Term);
        few.terms = settle(sides!(self.terms, |it: &Term| it.id), |it| it.name.clone(), tally)?;
        let tally = self.summary.tally_mut(SummaryKind::Course);
        let name = |it: &Course| format!("{} ({})", it.name, it.number);
        few.courses = settle(sides!(self.courses, |it: &Course| it.id), name, tally)?;
        let tally = self.summary.tally_mut(SummaryKind::Resource);
        let name = |it: &Resource| format!("{} ({})", it.title, it.sis_id);
        few.resources = settle(sides!(self.resources, |it: &Resource| it.id), name, tally)?;
        Ok(())
    }

    /// Sections, after the enrolments, which say which of them have other members.
    fn sections(&mut self) -> Result<(), PlanError<P::Error>> {
        let touched = self.enrollments()?;
        let is_touched = |id: SectionId| touched.binary_search(&id).is_ok();
        let tally = self.summary.tally_mut(SummaryKind::Section);
        let changed = &mut self.change.sections;
        let name = |it: &Section| format!("{} ({})", it.name, it.sis_id);
        sides!(self.sections, |it: &Section| it.id).walk(|met| {
            many(
                met,
                changed,
                tally,
                |it| it.id,
                name,
                |before, section| match (before == section, is_touched(section.id)) {
                    (true, false) => Sameness::Same,
                    (true, true) => Sameness::Touched,
                    (false, _) => Sameness::Other,
                },
            );
        })
    }

    /// Gives back the sections whose members change, in order.
    fn enrollments(&mut self) -> Result<Vec<SectionId>, PlanError<P::Error>> {
        let mut touched: Vec<SectionId> = Vec::new();
        let tally = self.summary.tally_mut(SummaryKind::Enrollment);
        let changed = &mut self.change.enrollments;
        sides!(self.enrollments, |it: &Enrollment| *it).walk(|met| {
            let section = match met {
                Met::Both(..) => {
                    tally.unchanged += 1;
                    return;
                }
                Met::New(enrollment) => {
                    tally.add(String::new);
                    changed.added.push(&enrollment);
                    enrollment.section
                }
                Met::Gone(enrollment) => {
                    tally.remove(String::new);
                    changed.removed.push(&enrollment);
                    enrollment.section
                }
            };
            if touched.last() != Some(&section) {
                touched.push(section);
            }
        })?;
        Ok(touched)
    }

    fn people(&mut self) -> Result<(), PlanError<P::Error>> {
        let mut returning = Returning::default();
        let (people, summary) = (&mut self.change.people, &mut self.summary);
        sides!(self.people, |it: &RosterPerson| it.user.id).walk(|met| {
            let kind = match &met {
                Met::New(person) | Met::Both(_, person) | Met::Gone(person) => kind_of(person),
            };
            returning.note(&met);
            let tally = summary.tally_mut(kind);
            many(
                met,
                people,
                tally,
                |it| it.user.id,
                label,
                |before, person| Sameness::of(is_same(before, person)),
            );
        })?;
        let rebound = &mut self.change.few.rebound;
        returning.settle(&mut self.present, rebound, &mut summary.identity_changes)
    }

    /// Nobody is joined with a contact: its person is always its own.
    fn contacts(&mut self) -> Result<(), PlanError<P::Error>> {
        let tally = self.summary.tally_mut(SummaryKind::Contact);
        let changed = &mut self.change.contacts;
        sides!(self.contacts, |it: &Contact| it.id).walk(|met| {
            many(
                met,
                changed,
                tally,
                |it| it.id,
                |it| it.name.full(),
                |before, contact| Sameness::of(before == contact),
            );
        })
    }
}

/// What was there then and what is there now.
struct Sides<K, T, F, G, I> {
    then: Pages<K, T, F, I>,
    now: Pages<K, T, G, I>,
}

impl<K: Copy + Ord, T, F, G, I: Fn(&T) -> K + Clone> Sides<K, T, F, G, I> {
    fn walk<E>(self, each: impl FnMut(Met<T, T>)) -> Result<(), PlanError<E>>
    where
        F: FnMut(Option<K>) -> Result<Vec<T>, E>,
        G: FnMut(Option<K>) -> Result<Vec<T>, E>,
    {
        let Self { mut then, now } = self;
        let mut failed = None;
        let id = now.id_of();
        let ours = || match then.next() {
            Ok(record) => record,
            Err(error) => {
                failed = Some(error);
                None
            }
        };
        walk(ours, id, now, each)?;
        failed.map_or(Ok(()), Err)
    }
}

/// Sorts records of a kind of which there are few.
fn settle<K, T, E, F, G, I>(
    sides: Sides<K, T, F, G, I>,
    label: impl Fn(&T) -> String,
    tally: &mut Tally,
) -> Result<Changed<T, K>, PlanError<E>>
where
    K: Copy + Ord,
    T: PartialEq,
    F: FnMut(Option<K>) -> Result<Vec<T>, E>,
    G: FnMut(Option<K>) -> Result<Vec<T>, E>,
    I: Fn(&T) -> K + Clone,
{
    let mut changed = Changed::default();
    let id = sides.now.id_of();
    sides.walk(|met| met.settle(&mut changed, tally, &id, &label))?;
    Ok(changed)
}

/// How a record compares with what it was.
enum Sameness {
    Same,
    /// It says the same, and is modified with what belongs to it.
    Touched,
    Other,
}

impl Sameness {
    const fn of(is_same: bool) -> Self {
        if is_same { Self::Same } else { Self::Other }
    }
}

/// Sorts a record of a kind of which there are many.
fn many<K: Record, T: Record>(
    met: Met<T, T>,
    changed: &mut Many<T, K>,
    tally: &mut Tally,
    id: impl Fn(&T) -> K,
    label: impl Fn(&T) -> String,
    compare: impl Fn(&T, &T) -> Sameness,
) {
    match met {
        Met::New(record) => {
            tally.add(|| label(&record));
            changed.added.push(&record);
        }
        Met::Both(before, record) => {
            let sameness = compare(&before, &record);
            match sameness {
                Sameness::Same => tally.unchanged += 1,
                Sameness::Touched => {
                    tally.unchanged += 1;
                    changed.replaced.push(&record);
                }
                Sameness::Other => {
                    tally.change(|| label(&record));
                    changed.replaced.push(&record);
                }
            }
        }
        Met::Gone(record) => {
            tally.remove(|| label(&record));
            changed.removed.push(&id(&record));
        }
    }
}

/// Roles that come back to somebody, by kind and SIS id, as bindings come. A role that its person
/// holds in both versions is bound to them already.
#[derive(Default)]
struct Returning(Sorter);

impl Returning {
    fn note(&mut self, met: &Met<RosterPerson, RosterPerson>) {
        match met {
            Met::New(person) => {
                person.user.roles.iter().for_each(|role| self.push(role, person));
            }
            Met::Both(before, person) => {
                let is_held = |role: &&Role| before.user.role_by_id(role.id).is_some();
                let roles = person.user.roles.iter().filter(|role| !is_held(role));
                roles.for_each(|role| self.push(role, person));
            }
            Met::Gone(_) => {}
        }
    }

    fn push(&mut self, role: &Role, person: &RosterPerson) {
        let kind = RoleKind::ALL.iter().position(|kind| *kind == role.kind);
        // There are four.
        let kind = kind.and_then(|place| u8::try_from(place).ok()).unwrap_or_default();
        let key = [&[kind], role.sis_id.as_bytes()].concat();
        let mut value = role.id.to_bytes().to_vec();
        value.extend(person.user.id.to_bytes());
        value.extend(person.user.name.full().into_bytes());
        self.0.push(&key, &value);
    }

    /// Rebinds those that somebody else holds since. A role that nobody held stays with nobody.
    fn settle<P: Present>(
        self,
        present: &mut P,
        rebound: &mut Vec<Binding>,
        identity_changes: &mut Vec<IdentityChange>,
    ) -> Result<(), PlanError<P::Error>> {
        let sorted = self.0.finish()?;
        let mut reader = sorted.reader()?;
        let mut next = || match reader.next()? {
            Some((key, value)) => Returned::read(&key, &value).map(Some),
            None => Ok(None),
        };
        let mut bindings: Option<(RoleKind, Bindings<P>)> = None;
        let mut bound = None;
        while let Some(role) = next()? {
            let (of, kind) = (role.kind, record_kind(role.kind));
            let of_kind = match &mut bindings {
                Some((known, bindings)) if *known == of => bindings,
                other => &mut other.insert((of, Bindings::new(kind))).1,
            };
            if bound.as_ref().is_none_or(|(known, _)| *known != kind) {
                bound = of_kind.next(present)?.map(|first| (kind, first));
            }
            while bound.as_ref().is_some_and(|(_, (sis_id, ..))| *sis_id < role.sis_id) {
                bound = of_kind.next(present)?.map(|next| (kind, next));
            }
            let Some((_, (sis_id, id, Some(from)))) = &bound else { continue };
            if *sis_id == role.sis_id && *id == role.id.to_bytes() && *from != role.user {
                rebound.push(Binding {
                    kind,
                    sis_id: sis_id.clone(),
                    id: *id,
                    user: Some(role.user),
                });
                identity_changes.push(role.comes_from(*from));
            }
        }
        Ok(())
    }
}

/// A role that comes back to somebody.
struct Returned {
    kind: RoleKind,
    sis_id: String,
    id: RoleId,
    user: UserId,
    name: String,
}

impl Returned {
    fn read(key: &[u8], value: &[u8]) -> io::Result<Self> {
        let read = || {
            let (kind, sis_id) = key.split_first()?;
            let (role, rest) = value.split_first_chunk()?;
            let (user, name) = rest.split_first_chunk()?;
            Some(Self {
                kind: *RoleKind::ALL.get(usize::from(*kind))?,
                sis_id: String::from_utf8(sis_id.to_vec()).ok()?,
                id: RoleId::from_bytes(*role),
                user: UserId::from_bytes(*user),
                name: String::from_utf8(name.to_vec()).ok()?,
            })
        };
        read().ok_or(io::ErrorKind::InvalidData.into())
    }

    fn comes_from(self, from: UserId) -> IdentityChange {
        let Self { kind: role, sis_id, user: to, name, .. } = self;
        IdentityChange { role, sis_id, name, from, to, reason: IdentityReason::Returned }
    }
}
