//! From what the roster says to what changes. Ids are for ever: a record that was ever here gets
//! the id it had, a new one the next of an ascending batch in the order of the file.
//!
//! Neither roster is in memory. What the district has comes in pages by ascending id ([`Present`]);
//! what the files say is put in that order too, and the two are walked through side by side
//! ([`walk`]): what only one has is new or gone, what both have is the same or changed. So the change
//! comes out in the order in which a store likes to write it.
//!
//! 1. Everything that has an id gets it ([`ids`]), and everybody a person ([`identity`]).
//! 2. Enrolments first: they say which sections have other members ([`enrollments`]).
//! 3. Then the other kinds, each by itself.

use std::io;

use firstbell_core::id::{CourseId, ResourceId, RoleId, SchoolId, SectionId, TermId};
use firstbell_core::roster::change::{Binding, Changed, ManyKind, Present, RecordKind};
use firstbell_core::roster::{Course, Resource, School, Section, Term};
use firstbell_core::secret::Random;
use firstbell_core::time::Timestamp;

mod back;
mod contacts;
mod enrollments;
mod identity;
mod ids;
mod login_names;
mod people;
mod renumbering;
mod stretches;
mod walk;

pub use back::plan_back;
pub(crate) use people::record_kind;

use crate::change::PlannedChange;
use crate::snapshot::{
    CourseRecord, DetailNames, Index, ResourceRecord, SEPARATOR, SchoolRecord, SectionRecord,
    Snapshot, TermRecord,
};
use crate::spill::Spilled;
use crate::summary::{Summary, SummaryKind, Tally};
use enrollments::Touched;
use ids::Ids;
use renumbering::Leavers;
use stretches::{Seen, Stretches, walk_past};
use walk::{Met, Pages, walk};

/// What an import would do.
#[derive(Debug)]
pub struct Plan {
    /// For the store to apply.
    pub change: Box<PlannedChange>,
    /// For people to read.
    pub summary: Summary,
}

/// Why a roster could not be compared with what the district has.
#[derive(Debug, thiserror::Error)]
pub enum PlanError<E> {
    /// What the district has could not be read.
    #[error("the present roster cannot be read")]
    Present(#[source] E),
    /// What was read of the files could not be kept on disk.
    #[error("the temporary folder could not be written or read: is it full?")]
    Disk(#[from] io::Error),
}

/// Compares a roster with what the district has. Planning the same roster again gives an empty
/// change.
///
/// # Errors
/// See [`PlanError`].
pub fn plan<P: Present>(
    snapshot: Snapshot,
    present: P,
    now: Timestamp,
    random: &mut dyn Random,
) -> Result<Plan, PlanError<P::Error>> {
    let Snapshot {
        detail_names,
        schools,
        terms,
        courses,
        sections,
        roles,
        adults,
        enrollments,
        contacts,
        resources,
        failed,
        ..
    } = snapshot;
    failed.map_or(Ok(()), Err)?;
    let mut planner = Planner {
        present,
        now,
        random,
        detail_names,
        change: PlannedChange::default(),
        summary: Summary::default(),
        leaving: Leavers::default(),
    };
    let schools = planner.schools(schools)?;
    let terms = planner.terms(terms)?;
    let courses = planner.courses(courses)?;
    planner.resources(resources, &courses)?;
    let people = planner.meet_people(roles, adults)?;
    let mut sections = planner.meet_sections(sections)?;
    let touched = planner.enrollments(enrollments, &sections.ids, &people.roles.students)?;
    let parts = SectionParts { schools, terms, courses, teachers: &people.roles.teachers };
    planner.sections(&mut sections, &parts, &touched)?;
    let schools = parts.schools;
    let students = planner.people(people, &schools)?;
    planner.contacts(contacts, &students)?;
    planner.note_renumbering()?;
    let Planner { mut change, summary, .. } = planner;
    change.sorted = std::mem::take(&mut change.passwords).finish()?;
    Ok(Plan { change: Box::new(change), summary })
}

struct Planner<'p, P> {
    present: P,
    now: Timestamp,
    random: &'p mut dyn Random,
    detail_names: DetailNames,
    change: PlannedChange,
    summary: Summary,
    leaving: Leavers,
}

/// What the positions in a section stand for.
struct SectionParts<'i> {
    schools: Vec<SchoolId>,
    terms: Vec<TermId>,
    courses: Vec<CourseId>,
    teachers: &'i Ids,
}

/// The sections of the roster with their ids.
struct MetSections {
    records: Spilled<SectionRecord>,
    ids: Ids,
}

type Planned<T, P> = Result<T, PlanError<<P as Present>::Error>>;

impl<P: Present> Planner<'_, P> {
    fn schools(&mut self, records: Vec<SchoolRecord>) -> Planned<Vec<SchoolId>, P> {
        let keys = records.iter().map(|record| record.sis_id.to_string());
        let ids = self.few(RecordKind::School, &keys.collect::<Vec<_>>(), SchoolId::from_bytes)?;
        let schools = records.into_iter().zip(&ids).map(|(record, &id)| School {
            id,
            sis_id: record.sis_id.into(),
            name: record.name.into(),
            number: record.number.into(),
            details: record.details.unpack(&self.detail_names, None),
        });
        let tally = self.summary.tally_mut(SummaryKind::School);
        let label = |school: &School| format!("{} ({})", school.name, school.sis_id);
        let pages = Pages::new(|after| self.present.schools(after), |it: &School| it.id);
        self.change.few.schools = settle(schools.collect(), pages, label, tally)?;
        Ok(ids)
    }

    fn terms(&mut self, records: Vec<TermRecord>) -> Planned<Vec<TermId>, P> {
        let keys = records.iter().map(TermRecord::key);
        let ids = self.few(RecordKind::Term, &keys.collect::<Vec<_>>(), TermId::from_bytes)?;
        let terms = records.into_iter().zip(&ids).map(|(record, &id)| Term {
            id,
            name: record.name.into(),
            start_date: record.start.map(Into::into),
            end_date: record.end.map(Into::into),
        });
        let label = |term: &Term| {
            let date = |date: &Option<String>| date.clone().unwrap_or_else(|| "?".to_owned());
            format!("{} ({} to {})", term.name, date(&term.start_date), date(&term.end_date))
        };
        let tally = self.summary.tally_mut(SummaryKind::Term);
        let pages = Pages::new(|after| self.present.terms(after), |it: &Term| it.id);
        self.change.few.terms = settle(terms.collect(), pages, label, tally)?;
        Ok(ids)
    }

    fn courses(&mut self, records: Vec<CourseRecord>) -> Planned<Vec<CourseId>, P> {
        let keys = records.iter().map(CourseRecord::key);
        let ids = self.few(RecordKind::Course, &keys.collect::<Vec<_>>(), CourseId::from_bytes)?;
        let courses = records.into_iter().zip(&ids).map(|(record, &id)| Course {
            id,
            name: record.name.into(),
            number: record.number.into(),
        });
        let label = |course: &Course| format!("{} ({})", course.name, course.number);
        let tally = self.summary.tally_mut(SummaryKind::Course);
        let pages = Pages::new(|after| self.present.courses(after), |it: &Course| it.id);
        self.change.few.courses = settle(courses.collect(), pages, label, tally)?;
        Ok(ids)
    }

    fn resources(&mut self, records: Vec<ResourceRecord>, courses: &[CourseId]) -> Planned<(), P> {
        let keys = records.iter().map(|record| record.sis_id.to_string());
        let ids =
            self.few(RecordKind::Resource, &keys.collect::<Vec<_>>(), ResourceId::from_bytes)?;
        let resources = records.into_iter().zip(ids).map(|(record, id)| {
            let mut courses: Vec<CourseId> =
                record.courses.iter().filter_map(|&at| of(courses, at)).collect();
            courses.sort_unstable();
            Resource {
                id,
                sis_id: record.sis_id.into(),
                title: record.title.into(),
                roles: record.roles.into_vec(),
                courses,
            }
        });
        let label = |resource: &Resource| format!("{} ({})", resource.title, resource.sis_id);
        let tally = self.summary.tally_mut(SummaryKind::Resource);
        let pages = Pages::new(|after| self.present.resources(after), |it: &Resource| it.id);
        self.change.few.resources = settle(resources.collect(), pages, label, tally)?;
        Ok(())
    }

    /// The stretches of a kind as the present version has them, if it says so.
    fn known(&mut self, kind: ManyKind) -> Planned<Option<Stretches>, P> {
        let kept = self.present.digests(kind).map_err(PlanError::Present)?;
        Ok(kept.as_deref().and_then(Stretches::read))
    }

    /// Has the store keep the stretches of the files.
    fn keep(&mut self, kind: ManyKind, found: &Stretches) {
        self.change.few.digests.push((kind, found.to_bytes()));
    }

    /// The ids of records of which there are few; new ones are bound.
    fn few<K>(
        &mut self,
        kind: RecordKind,
        keys: &[String],
        id: impl Fn([u8; 12]) -> K,
    ) -> Planned<Vec<K>, P> {
        let ids = self.ids(kind, keys.len(), |each| {
            (0..).zip(keys).for_each(|(at, key)| each(Index::of_number(at), key));
            Ok(())
        })?;
        self.bind(kind, &ids, |_| None)?;
        Ok(ids.all().map(id).collect())
    }

    /// Binds what is new, in the order of SIS ids.
    fn bind(
        &mut self,
        kind: RecordKind,
        ids: &Ids,
        user: impl Fn(Index) -> Option<firstbell_core::id::UserId>,
    ) -> Planned<(), P> {
        let bindings = self.change.bindings.entry(kind.name()).or_default();
        Ok(ids.each_new(|sis_id, at, id| {
            bindings.push(&Binding { kind, sis_id, id, user: user(at) });
        })?)
    }

    fn meet_sections(&mut self, mut records: Spilled<SectionRecord>) -> Planned<MetSections, P> {
        let ids = self.ids(RecordKind::Section, records.len(), |each| {
            for at in records.positions() {
                if let Some(record) = records.get(at) {
                    each(at, &record.sis_id);
                }
            }
            records.check()
        })?;
        self.bind(RecordKind::Section, &ids, |_| None)?;
        Ok(MetSections { records, ids })
    }

    fn sections(
        &mut self,
        MetSections { records, ids }: &mut MetSections,
        parts: &SectionParts<'_>,
        touched: &Touched,
    ) -> Planned<(), P> {
        let known = self.known(ManyKind::Section)?;
        let Self { present, detail_names, change, summary, .. } = self;
        let tally = summary.tally_mut(SummaryKind::Section);
        let changed = &mut change.sections;
        let label = |section: &Section| format!("{} ({})", section.name, section.sis_id);
        let mut order = ids.order().into_iter();
        let ours = || {
            // A record whose school is no position of the list cannot come out of a valid roster.
            order.by_ref().find_map(|at| {
                let section = section(records.get(at)?, ids.get(at)?, parts, detail_names)?;
                Some((section, at))
            })
        };
        let pages = Pages::new(|after| present.sections(after), |it: &Section| it.id);
        let found = walk_past(
            ours,
            |(section, _)| section.id,
            known,
            pages,
            |seen| {
                let (is_same, section, at) = match seen {
                    Seen::Same((section, at)) => (true, section, at),
                    Seen::Met(Met::Both(before, (section, at))) => (before == section, section, at),
                    Seen::Met(Met::New((section, _))) => {
                        tally.add(|| label(&section));
                        changed.added.push(&section);
                        return;
                    }
                    Seen::Met(Met::Gone(section)) => {
                        tally.remove(|| label(&section));
                        changed.removed.push(&section.id);
                        return;
                    }
                };
                if is_same {
                    tally.unchanged += 1;
                } else {
                    tally.change(|| label(&section));
                }
                if !is_same || touched.is(at) {
                    changed.replaced.push(&section);
                }
            },
        )?;
        self.keep(ManyKind::Section, &found);
        Ok(records.check()?)
    }
}

fn section(
    record: SectionRecord,
    id: [u8; 12],
    parts: &SectionParts<'_>,
    names: &DetailNames,
) -> Option<Section> {
    let teacher = |at: &Index| parts.teachers.get(*at).map(RoleId::from_bytes);
    Some(Section {
        id: SectionId::from_bytes(id),
        school: of(&parts.schools, record.school)?,
        teachers: record.teachers.iter().filter_map(teacher).collect(),
        sis_id: record.sis_id.into(),
        name: record.name.into(),
        course: record.course.and_then(|at| of(&parts.courses, at)),
        term: record.term.and_then(|at| of(&parts.terms, at)),
        details: record.details.unpack(names, None),
    })
}

/// The id at a position.
fn of<T: Copy>(ids: &[T], at: Index) -> Option<T> {
    ids.get(at.position()).copied()
}

/// Sorts records of one kind, of which there are few, into new, changed and gone.
fn settle<K, T, E, F, I>(
    mut records: Vec<T>,
    pages: Pages<K, T, F, I>,
    label: impl Fn(&T) -> String,
    tally: &mut Tally,
) -> Result<Changed<T, K>, PlanError<E>>
where
    K: Copy + Ord,
    T: PartialEq,
    F: FnMut(Option<K>) -> Result<Vec<T>, E>,
    I: Fn(&T) -> K + Clone,
{
    let mut changed = Changed::default();
    let id = pages.id_of();
    records.sort_by_key(&id);
    // What stands twice under one id is one record.
    records.dedup_by(|next, one| id(next) == id(one));
    let mut ours = records.into_iter();
    walk(|| ours.next(), &id, pages, |met| met.settle(&mut changed, tally, &id, &label))?;
    Ok(changed)
}

impl TermRecord {
    /// The id, or what stands for it where terms have none in the files.
    pub(crate) fn key(&self) -> String {
        if let Some(sis_id) = &self.sis_id {
            return sis_id.to_string();
        }
        let date = |date: &Option<Box<str>>| date.as_deref().unwrap_or_default().to_owned();
        [&*self.name, &date(&self.start), &date(&self.end)].join(SEPARATOR)
    }
}

impl CourseRecord {
    /// The id, or what stands for it where courses have none in the files.
    pub(crate) fn key(&self) -> String {
        if let Some(sis_id) = &self.sis_id {
            return sis_id.to_string();
        }
        [&*self.name, &*self.number].join(SEPARATOR)
    }
}
