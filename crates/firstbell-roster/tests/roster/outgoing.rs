//! A roster in memory on its way out, a few records a page.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use firstbell_core::id::RoleId;
use firstbell_core::roster::change::{RecordKind, RosterPerson};
use firstbell_core::roster::{Contact, Course, Resource, School, Term};
use firstbell_core::sharing::{Classroom, Member};
use firstbell_roster::write::{Among, Cursor, Keyed, Outgoing, Page, Target, Written};
use firstbell_roster::{Snapshot, read};

use crate::files::today;
use crate::store::Store;

const A_PAGE: usize = 2;

/// The roster of a store.
pub struct Leaving<'s>(pub &'s Store);

impl Leaving<'_> {
    /// Writes it to a place of this name and gives the place.
    pub fn write_as(
        &mut self,
        folder: &Path,
        name: &str,
        write: impl FnOnce(&mut Self, &mut Target) -> io::Result<Written>,
    ) -> (PathBuf, Written) {
        let at = folder.join(name);
        let mut target = Target::create(&at).expect("a target");
        let written = write(self, &mut target).expect("written");
        target.finish().expect("finished");
        (at, written)
    }

    fn key(&self, kind: RecordKind, id: [u8; 12]) -> Option<String> {
        let mut bindings = self.0.current.bindings.iter();
        let found = bindings.find(|((of, _), (bytes, _))| *of == kind && *bytes == id);
        found.map(|((_, key), _)| key.clone())
    }

    fn holder(&self, role: RoleId) -> &RosterPerson {
        let mut people = self.0.current.people.values();
        people.find(|person| person.user.role_by_id(role).is_some()).expect("a holder")
    }
}

/// What was written, read again.
pub fn read_back(at: &Path) -> Snapshot {
    read(at, today(), &mut |_| {}).unwrap_or_else(|rejected| panic!("{rejected}"))
}

fn page<T>(
    records: impl Iterator<Item = T>,
    id: impl Fn(&T) -> [u8; 12],
    after: Option<Cursor>,
) -> Page<T> {
    let mut records: Vec<T> =
        records.filter(|record| after.is_none_or(|Cursor(after)| id(record) > after)).collect();
    records.sort_by_key(&id);
    let beyond = records.len() > A_PAGE;
    records.truncate(A_PAGE);
    let next = records.last().map(|last| Cursor(id(last))).filter(|_| beyond);
    Page { records, next }
}

impl Outgoing for Leaving<'_> {
    type Error = io::Error;

    fn schools(&mut self, after: Option<Cursor>) -> io::Result<Page<School>> {
        let all = self.0.current.schools.values().cloned();
        Ok(page(all, |school| school.id.to_bytes(), after))
    }

    fn terms(&mut self, after: Option<Cursor>) -> io::Result<Page<Keyed<Term>>> {
        let all =
            self.0.current.terms.values().cloned().map(|record| Keyed {
                key: self.key(RecordKind::Term, record.id.to_bytes()),
                record,
            });
        Ok(page(all, |term| term.record.id.to_bytes(), after))
    }

    fn courses(&mut self, after: Option<Cursor>) -> io::Result<Page<Keyed<Course>>> {
        let all = self.0.current.courses.values().cloned().map(|record| Keyed {
            key: self.key(RecordKind::Course, record.id.to_bytes()),
            record,
        });
        Ok(page(all, |course| course.record.id.to_bytes(), after))
    }

    fn people(&mut self, among: Among, after: Option<Cursor>) -> io::Result<Page<RosterPerson>> {
        let wanted = |person: &RosterPerson| match among {
            Among::Everybody => true,
            Among::In(kind) => person.user.role(kind).is_some(),
        };
        let all = self.0.current.people.values().filter(|person| wanted(person)).cloned();
        Ok(page(all, |person| person.user.id.to_bytes(), after))
    }

    fn contacts(&mut self, after: Option<Cursor>) -> io::Result<Page<Contact>> {
        let all = self.0.current.contacts.values().cloned();
        Ok(page(all, |contact| contact.id.to_bytes(), after))
    }

    fn contacts_of(&mut self, student: RoleId) -> io::Result<Vec<Contact>> {
        let is_theirs =
            |contact: &&Contact| contact.students.iter().any(|tie| tie.student == student);
        Ok(self.0.current.contacts.values().filter(is_theirs).cloned().collect())
    }

    fn sections(&mut self, after: Option<Cursor>) -> io::Result<Page<Classroom>> {
        let member = |role| Member { role, user: self.holder(role).user.id };
        let all = self.0.current.sections.values().map(|section| {
            let mut students: Vec<RoleId> = self
                .0
                .current
                .enrollments
                .iter()
                .filter(|enrollment| enrollment.section == section.id)
                .map(|enrollment| enrollment.student)
                .collect();
            students.sort_unstable();
            let teachers: Vec<_> = section.teachers.iter().copied().map(member).collect();
            Classroom {
                section: section.clone(),
                primary: teachers.first().copied(),
                teachers,
                students: students.into_iter().map(member).collect(),
            }
        });
        Ok(page(all, |room| room.section.id.to_bytes(), after))
    }

    fn resources(&mut self, after: Option<Cursor>) -> io::Result<Page<Resource>> {
        let all = self.0.current.resources.values().cloned();
        Ok(page(all, |resource| resource.id.to_bytes(), after))
    }

    fn sis_ids(&mut self, members: &[Member]) -> io::Result<HashMap<RoleId, String>> {
        let sis_id = |role| self.holder(role).user.role_by_id(role).expect("a role").sis_id.clone();
        Ok(members.iter().map(|member| (member.role, sis_id(member.role))).collect())
    }
}
