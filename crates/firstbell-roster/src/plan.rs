//! From what the roster says to what changes. Ids are for ever: a record that was ever here gets
//! the id it had, a new one the next of an ascending batch in the order of the file.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use firstbell_core::id::{CourseId, ResourceId, RoleId, SchoolId, SectionId, TermId, ascending};
use firstbell_core::roster::change::{
    Binding, Changed, CurrentRoster, Enrollment, RecordKind, RosterChange,
};
use firstbell_core::roster::{Course, Resource, School, Section, Term};
use firstbell_core::secret::Random;
use firstbell_core::time::Timestamp;

mod contacts;
mod identity;
mod people;
mod renumbering;

pub(crate) use people::record_kind;

use crate::snapshot::{
    CourseRecord, DetailNames, Index, ResourceRecord, SEPARATOR, SchoolRecord, SectionRecord,
    Snapshot, TermRecord,
};
use crate::summary::{Summary, SummaryKind, Tally};

/// What an import would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// For the store to apply.
    pub change: RosterChange,
    /// For people to read.
    pub summary: Summary,
}

/// Compares a roster with what the district has. Planning the same roster again gives an empty
/// change.
pub fn plan(
    snapshot: Snapshot,
    current: &CurrentRoster,
    now: Timestamp,
    random: &mut dyn Random,
) -> Plan {
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
        ties,
        resources,
        ..
    } = snapshot;
    let mut planner = Planner {
        current,
        now,
        random,
        detail_names,
        change: RosterChange::default(),
        summary: Summary::default(),
    };
    let schools = planner.schools(schools);
    let terms = planner.terms(terms);
    let courses = planner.courses(courses);
    let roles = planner.people(roles, &adults, &schools);
    planner.contacts(&contacts, &ties, &roles.students);
    planner.note_renumbering();
    planner.resources(resources, &courses);
    let ids = SectionParts { schools, terms, courses, teachers: roles.teachers };
    let sections = planner.sections(sections, &ids);
    planner.enrollments(&enrollments, &sections, &roles.students);
    Plan { change: planner.change, summary: planner.summary }
}

struct Planner<'p> {
    current: &'p CurrentRoster,
    now: Timestamp,
    random: &'p mut dyn Random,
    detail_names: DetailNames,
    change: RosterChange,
    summary: Summary,
}

/// What the positions in a section stand for.
struct SectionParts {
    schools: Vec<SchoolId>,
    terms: Vec<TermId>,
    courses: Vec<CourseId>,
    teachers: Vec<RoleId>,
}

impl Planner<'_> {
    /// The ids of records without a person, known ones and new ones; new ones are bound.
    fn ids<'r>(
        &mut self,
        kind: RecordKind,
        sis_ids: impl Iterator<Item = &'r str> + Clone,
    ) -> Vec<[u8; 12]> {
        let known: Vec<Option<[u8; 12]>> =
            self.look_up(kind, sis_ids.clone()).map(|found| found.map(|(id, _)| id)).collect();
        let unknown = known.iter().filter(|id| id.is_none()).count();
        let mut fresh = ascending(unknown, self.now, self.random).into_iter();
        let mut ids = Vec::with_capacity(known.len());
        for (known, sis_id) in known.into_iter().zip(sis_ids) {
            let Some(id) = known.or_else(|| {
                let id = fresh.next()?;
                let sis_id = sis_id.to_owned();
                self.change.bindings.push(Binding { kind, sis_id, id, user: None });
                Some(id)
            }) else {
                break;
            };
            ids.push(id);
        }
        ids
    }

    /// What each record was bound to, if it ever was.
    fn look_up<'r>(
        &self,
        kind: RecordKind,
        sis_ids: impl Iterator<Item = &'r str>,
    ) -> impl Iterator<Item = Option<identity::Bound>> {
        let bindings = &self.current.bindings;
        // One key for all: the map wants to be asked with an owned text.
        let mut key = (kind, String::new());
        sis_ids.map(move |sis_id| {
            key.1.clear();
            key.1.push_str(sis_id);
            bindings.get(&key).copied()
        })
    }

    fn schools(&mut self, records: Vec<SchoolRecord>) -> Vec<SchoolId> {
        let ids = self.ids(RecordKind::School, records.iter().map(|record| &*record.sis_id));
        let ids: Vec<_> = ids.into_iter().map(SchoolId::from_bytes).collect();
        let schools = records.into_iter().zip(&ids).map(|(record, &id)| School {
            id,
            sis_id: record.sis_id.into(),
            name: record.name.into(),
            number: record.number.into(),
            details: record.details.unpack(&self.detail_names),
        });
        self.change.schools = settle(
            schools.map(|school| (school.id, school)),
            &self.current.schools,
            |school| format!("{} ({})", school.name, school.sis_id),
            self.summary.tally_mut(SummaryKind::School),
        );
        ids
    }

    fn terms(&mut self, records: Vec<TermRecord>) -> Vec<TermId> {
        let keys: Vec<String> = records.iter().map(TermRecord::key).collect();
        let ids = self.ids(RecordKind::Term, keys.iter().map(String::as_str));
        let ids: Vec<_> = ids.into_iter().map(TermId::from_bytes).collect();
        let terms = records.into_iter().zip(&ids).map(|(record, &id)| Term {
            id,
            name: record.name.into(),
            start_date: record.start.map(Into::into),
            end_date: record.end.map(Into::into),
        });
        self.change.terms = settle(
            terms.map(|term| (term.id, term)),
            &self.current.terms,
            |term| {
                let date = |date: &Option<String>| date.clone().unwrap_or_else(|| "?".to_owned());
                format!("{} ({} to {})", term.name, date(&term.start_date), date(&term.end_date))
            },
            self.summary.tally_mut(SummaryKind::Term),
        );
        ids
    }

    fn courses(&mut self, records: Vec<CourseRecord>) -> Vec<CourseId> {
        let keys: Vec<String> = records.iter().map(CourseRecord::key).collect();
        let ids = self.ids(RecordKind::Course, keys.iter().map(String::as_str));
        let ids: Vec<_> = ids.into_iter().map(CourseId::from_bytes).collect();
        let courses = records.into_iter().zip(&ids).map(|(record, &id)| Course {
            id,
            name: record.name.into(),
            number: record.number.into(),
        });
        self.change.courses = settle(
            courses.map(|course| (course.id, course)),
            &self.current.courses,
            |course| format!("{} ({})", course.name, course.number),
            self.summary.tally_mut(SummaryKind::Course),
        );
        ids
    }

    fn sections(&mut self, records: Vec<SectionRecord>, parts: &SectionParts) -> Vec<SectionId> {
        let ids = self.ids(RecordKind::Section, records.iter().map(|record| &*record.sis_id));
        let ids: Vec<_> = ids.into_iter().map(SectionId::from_bytes).collect();
        // A record whose school is no position of the list cannot come out of a valid roster.
        let sections = records.into_iter().zip(&ids).filter_map(|(record, &id)| {
            let teachers = record.teachers.iter().filter_map(|&at| of(&parts.teachers, at));
            Some(Section {
                id,
                school: of(&parts.schools, record.school)?,
                sis_id: record.sis_id.into(),
                name: record.name.into(),
                course: record.course.and_then(|at| of(&parts.courses, at)),
                term: record.term.and_then(|at| of(&parts.terms, at)),
                teachers: teachers.collect(),
                details: record.details.unpack(&self.detail_names),
            })
        });
        self.change.sections = settle(
            sections.map(|section| (section.id, section)),
            &self.current.sections,
            |section| format!("{} ({})", section.name, section.sis_id),
            self.summary.tally_mut(SummaryKind::Section),
        );
        ids
    }

    fn enrollments(
        &mut self,
        pairs: &[(Index, Index)],
        sections: &[SectionId],
        students: &[RoleId],
    ) {
        let mut all: Vec<Enrollment> = pairs
            .iter()
            .filter_map(|&(section, student)| {
                Some(Enrollment {
                    section: of(sections, section)?,
                    student: of(students, student)?,
                })
            })
            .collect();
        all.sort_unstable();
        let current = &self.current.enrollments;
        let added: Vec<Enrollment> =
            all.iter().filter(|enrollment| !current.contains(enrollment)).copied().collect();
        let kept = all.len() - added.len();
        let mut removed = Vec::new();
        if kept < current.len() {
            let is_gone = |enrollment: &&Enrollment| all.binary_search(enrollment).is_err();
            removed.extend(current.iter().filter(is_gone));
            removed.sort_unstable();
        }
        let tally = self.summary.tally_mut(SummaryKind::Enrollment);
        (tally.added, tally.removed, tally.unchanged) = (added.len(), removed.len(), kept);
        self.modify_sections(added.iter().chain(&removed));
        self.change.enrollments = Changed { added, replaced: Vec::new(), removed };
    }

    /// Puts the sections whose members change among those that are replaced. They are not counted
    /// as changed: what a person reads is that enrolments are.
    fn modify_sections<'e>(&mut self, enrollments: impl Iterator<Item = &'e Enrollment>) {
        let current = self.current;
        let mut members: Vec<SectionId> =
            enrollments.map(|enrollment| enrollment.section).collect();
        members.sort_unstable();
        members.dedup();
        let Changed { replaced, removed, .. } = &mut self.change.sections;
        let known: HashSet<SectionId> = replaced.iter().map(|section| section.id).collect();
        // Sections that are new are not among the current ones.
        let modified = members
            .into_iter()
            .filter(|id| !known.contains(id) && removed.binary_search(id).is_err())
            .filter_map(|id| current.sections.get(&id).cloned());
        replaced.extend(modified);
    }

    fn resources(&mut self, records: Vec<ResourceRecord>, courses: &[CourseId]) {
        let ids = self.ids(RecordKind::Resource, records.iter().map(|record| &*record.sis_id));
        let resources = records.into_iter().zip(ids).map(|(record, id)| {
            let mut courses: Vec<CourseId> =
                record.courses.iter().filter_map(|&at| of(courses, at)).collect();
            courses.sort_unstable();
            Resource {
                id: ResourceId::from_bytes(id),
                sis_id: record.sis_id.into(),
                title: record.title.into(),
                roles: record.roles.into_vec(),
                courses,
            }
        });
        self.change.resources = settle(
            resources.map(|resource| (resource.id, resource)),
            &self.current.resources,
            |resource| format!("{} ({})", resource.title, resource.sis_id),
            self.summary.tally_mut(SummaryKind::Resource),
        );
    }
}

/// The id at a position.
fn of<T: Copy>(ids: &[T], at: Index) -> Option<T> {
    ids.get(at.position()).copied()
}

/// Sorts records of one kind into new, changed and gone.
fn settle<K, T>(
    records: impl Iterator<Item = (K, T)>,
    current: &HashMap<K, T>,
    label: impl Fn(&T) -> String,
    tally: &mut Tally,
) -> Changed<T, K>
where
    K: Copy + Eq + Ord + Hash,
    T: PartialEq,
{
    let mut changed = Changed::default();
    let mut stay = HashSet::new();
    for (id, record) in records {
        stay.insert(id);
        match current.get(&id) {
            None => {
                tally.add(|| label(&record));
                changed.added.push(record);
            }
            Some(before) if *before == record => tally.unchanged += 1,
            Some(_) => {
                tally.change(|| label(&record));
                changed.replaced.push(record);
            }
        }
    }
    changed.removed = current.keys().copied().filter(|id| !stay.contains(id)).collect();
    changed.removed.sort_unstable();
    for record in changed.removed.iter().filter_map(|id| current.get(id)) {
        tally.remove(|| label(record));
    }
    changed
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
