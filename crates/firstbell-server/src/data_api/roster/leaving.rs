//! A roster on its way into files, as somebody may see it: the district itself everything, an
//! application what its token reads. Who sees what is [`Reader`]'s to say, here as for requests.

use std::collections::HashMap;
use std::mem;

use firstbell_core::application::{DataGroup, Sharing};
use firstbell_core::id::{DistrictId, RoleId};
use firstbell_core::roster::change::{RecordKind, RosterPerson};
use firstbell_core::roster::{Contact, Course, Details, Resource, Role, School, Term, User};
use firstbell_core::sharing::{Classroom, Member, PersonSeen};
use firstbell_roster::write::{Among, Cursor, Keyed, Outgoing, Page};
use firstbell_store::{Dated, RosterAt, Seek};

use super::ReadResult;
use super::reader::{MOST_REMEMBERED, Reader, SectionSeen};
use super::source::{self, Record, Source, Users};

/// So many records are loaded at a time.
const AT_ONCE: usize = 500;

/// For whom the files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// For the district, which sees what nobody shares, too.
    District,
    /// For an application.
    Application,
}

/// A roster on its way into files.
pub(crate) struct Leaving<'r, 'a, 't, 'c> {
    reader: Reader<'r, 'a, 't, 'c>,
    audience: Audience,
    keys: HashMap<RecordKind, HashMap<[u8; 12], String>>,
    sis_ids: HashMap<RoleId, String>,
}

impl<'r, 'a, 't, 'c> Leaving<'r, 'a, 't, 'c> {
    /// The roster in one version, of which so much is shared with the audience.
    pub fn of(
        at: RosterAt<'a, 't, 'c>,
        (sharing, audience): (&'r Sharing, Audience),
        district: DistrictId,
    ) -> ReadResult<Self> {
        let reader = Reader::of(at, sharing, district)?;
        Ok(Self { reader, audience, keys: HashMap::new(), sis_ids: HashMap::new() })
    }

    /// The records of a page, with those that are not seen.
    fn page<T>(
        &mut self,
        source: &Source,
        after: Option<Cursor>,
        mut told: impl FnMut(&mut Self, Record) -> ReadResult<Option<T>>,
    ) -> anyhow::Result<Page<T>> {
        self.reader.go_on()?;
        let seek = after.map_or(Seek::First, |Cursor(id)| Seek::After(id));
        let all = source::fetch_read(self.reader.roster(), source, seek, AT_ONCE)?;
        let last = all.last().map(|record| Cursor(record.key()));
        let next = last.filter(|_| all.len() >= AT_ONCE);
        let mut records = Vec::with_capacity(all.len());
        for record in all {
            records.extend(told(self, record)?);
        }
        Ok(Page { records, next })
    }

    fn role_details(&self, details: &Details) -> Details {
        match self.audience {
            Audience::District => details.clone(),
            Audience::Application => owned(self.reader.facts_of_role(details)),
        }
    }

    fn place_details(&self, details: &Details) -> Details {
        match self.audience {
            Audience::District => details.clone(),
            Audience::Application => owned(self.reader.facts_of_place(details)),
        }
    }

    /// A person with nothing but what is seen of them.
    fn person(&self, seen: &PersonSeen<'_>) -> RosterPerson {
        let role = |seen: &Role| Role { details: self.role_details(&seen.details), ..seen.clone() };
        let roles = seen.roles.iter().map(|seen| role(seen.role)).collect();
        let held = |of: RoleId, schools: &[_]| -> Vec<_> {
            schools.iter().map(|school| (of, *school)).collect()
        };
        RosterPerson {
            schools: seen.roles.iter().flat_map(|it| held(it.role.id, &it.schools)).collect(),
            user: User { roles, ..seen.user.clone() },
        }
    }

    fn contact(&mut self, contact: &Dated<Contact>) -> ReadResult<Option<Contact>> {
        let seen = self.reader.contact(contact)?;
        Ok(seen.map(|seen| Contact {
            students: seen.relationships.iter().map(|(tie, _)| (*tie).clone()).collect(),
            ..seen.contact.record.clone()
        }))
    }

    fn room(&mut self, room: &Dated<Classroom>) -> ReadResult<Option<Classroom>> {
        let Some(SectionSeen { primary, teachers, students, .. }) = self.reader.section(room)?
        else {
            return Ok(None);
        };
        let mut section = room.record.section.clone();
        section.teachers = teachers.iter().map(|teacher| teacher.role).collect();
        section.details = self.place_details(&section.details);
        Ok(Some(Classroom { section, primary, teachers, students }))
    }

    /// What a record is known by; the district's own systems alone use that.
    fn key(&mut self, kind: RecordKind, id: [u8; 12]) -> ReadResult<Option<String>> {
        if self.audience != Audience::District {
            return Ok(None);
        }
        if !self.keys.contains_key(&kind) {
            let bound = self.reader.roster().bound(kind)?;
            self.keys.insert(kind, bound);
        }
        Ok(self.keys.get(&kind).and_then(|keys| keys.get(&id)).cloned())
    }
}

impl Outgoing for Leaving<'_, '_, '_, '_> {
    type Error = anyhow::Error;

    fn schools(&mut self, after: Option<Cursor>) -> anyhow::Result<Page<School>> {
        self.page(&Source::Schools(None), after, |this, record| {
            let is_seen = this.reader.sees(&record)?;
            let Record::School(Dated { record: school, .. }) = record else { return Ok(None) };
            let details = this.place_details(&school.details);
            Ok(is_seen.then_some(School { details, ..school }))
        })
    }

    fn terms(&mut self, after: Option<Cursor>) -> anyhow::Result<Page<Keyed<Term>>> {
        self.page(&Source::Terms(None), after, |this, record| {
            let is_seen = this.reader.sees(&record)?;
            let Record::Term(record) = record else { return Ok(None) };
            let key = this.key(RecordKind::Term, record.id.to_bytes())?;
            Ok(is_seen.then_some(Keyed { record, key }))
        })
    }

    fn courses(&mut self, after: Option<Cursor>) -> anyhow::Result<Page<Keyed<Course>>> {
        self.page(&Source::Courses(None), after, |this, record| {
            let is_seen = this.reader.sees(&record)?;
            let Record::Course(record) = record else { return Ok(None) };
            let key = this.key(RecordKind::Course, record.id.to_bytes())?;
            Ok(is_seen.then_some(Keyed { record, key }))
        })
    }

    fn people(
        &mut self,
        among: Among,
        after: Option<Cursor>,
    ) -> anyhow::Result<Page<RosterPerson>> {
        let source = match among {
            Among::Everybody => Source::Users(Users::default()),
            Among::In(kind) => Source::Roles(kind, None),
        };
        self.page(&source, after, |this, record| {
            let (person, wanted) = match record {
                Record::User(person) => (person, None),
                Record::Role(person, role) => (person, Some(role)),
                _ => return Ok(None),
            };
            let seen = this.reader.person(&person.person)?;
            let fits = |seen: &PersonSeen<'_>| {
                wanted.is_none_or(|role| seen.roles.iter().any(|it| it.role.id == role))
            };
            Ok(seen.filter(fits).map(|seen| this.person(&seen)))
        })
    }

    fn contacts(&mut self, after: Option<Cursor>) -> anyhow::Result<Page<Contact>> {
        if !self.reader.groups().has(DataGroup::Contacts) {
            return Ok(Page { records: Vec::new(), next: None });
        }
        self.page(&Source::ContactUsers(None), after, |this, record| match record {
            Record::ContactUser(contact) => this.contact(&contact),
            _ => Ok(None),
        })
    }

    fn contacts_of(&mut self, student: RoleId) -> anyhow::Result<Vec<Contact>> {
        if !self.reader.groups().has(DataGroup::Contacts) {
            return Ok(Vec::new());
        }
        let ids = self.reader.roster().contacts_of_student(student)?;
        let mut contacts = Vec::with_capacity(ids.len());
        for contact in self.reader.roster().contacts_by_id(&ids)? {
            contacts.extend(self.contact(&contact)?);
        }
        Ok(contacts)
    }

    fn sections(&mut self, after: Option<Cursor>) -> anyhow::Result<Page<Classroom>> {
        self.page(&Source::Sections(None), after, |this, record| match record {
            Record::Section(room) => this.room(&room),
            _ => Ok(None),
        })
    }

    fn resources(&mut self, after: Option<Cursor>) -> anyhow::Result<Page<Resource>> {
        self.page(&Source::Resources(None), after, |this, record| {
            let is_seen = this.reader.sees(&record)?;
            let Record::Resource(Dated { record: mut resource, .. }) = record else {
                return Ok(None);
            };
            for course in mem::take(&mut resource.courses) {
                if this.reader.sees_course(course)? {
                    resource.courses.push(course);
                }
            }
            Ok(is_seen.then_some(resource))
        })
    }

    fn sis_ids(&mut self, members: &[Member]) -> anyhow::Result<HashMap<RoleId, String>> {
        if self.sis_ids.len() > MOST_REMEMBERED {
            self.sis_ids.clear();
        }
        let roles = || members.iter().map(|member| member.role);
        let unknown: Vec<_> = roles().filter(|role| !self.sis_ids.contains_key(role)).collect();
        if !unknown.is_empty() {
            self.sis_ids.extend(self.reader.roster().sis_ids_of_roles(&unknown)?);
        }
        let known = roles().filter_map(|role| Some((role, self.sis_ids.get(&role)?.clone())));
        Ok(known.collect())
    }
}

fn owned(facts: Vec<(&str, &str)>) -> Details {
    facts.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
