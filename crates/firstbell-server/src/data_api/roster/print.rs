//! From what is seen of a record to what a dialect prints of it. No field is chosen here.

use firstbell_core::id::{CourseId, Hex, RoleId, SchoolId, TermId};
use firstbell_core::roster::{Course, Email, Resource, RoleKind, School, Term};
use firstbell_core::sharing::{AuthorizedBy, Member, PersonSeen, RoleSeen};
use firstbell_core::time::Timestamp;
use firstbell_protocol::data_api::{
    self, AtMe, Collection, Dialect, Facts, Name, Person, PersonRole, SectionRecord, Told,
};
use firstbell_store::Dated;
use serde::Serialize;

use super::DataFault;
use super::reader::{ContactSeen, SectionSeen};

/// Where objects go that are seen.
pub(super) trait Sink {
    /// Takes an object and its id.
    ///
    /// # Errors
    /// When it cannot be printed.
    fn put(&mut self, id: &str, object: &impl Serialize) -> Result<(), DataFault>;

    /// How many more it takes; None where it takes any number.
    fn room(&self) -> Option<usize> {
        None
    }

    /// Whether it takes objects with the time at which they were last changed.
    fn modified(&self) -> Modified {
        Modified::Told
    }
}

/// Whether objects tell when they were last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Modified {
    /// They do.
    Told,
    /// They do not: they are held against others, and what nobody is told changes the time too.
    LeftOut,
}

/// One object as a reply of its own.
pub(super) struct Single {
    dialect: Dialect,
    collection: Collection,
    told: Told,
    body: Vec<u8>,
}

impl Single {
    /// Nothing yet.
    pub fn of(dialect: Dialect, collection: Collection, told: Told) -> Self {
        Self { dialect, collection, told, body: Vec::new() }
    }

    /// The reply.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

impl Sink for Single {
    fn put(&mut self, id: &str, object: &impl Serialize) -> Result<(), DataFault> {
        let single = self.dialect.single(self.collection, id, object, self.told);
        self.body = serde_json::to_vec(&single)?;
        Ok(())
    }
}

/// How records are spelt out.
pub(super) struct Spelling<'s> {
    pub dialect: Dialect,
    pub district: &'s str,
    pub told: Told,
    pub modified: Modified,
}

impl Spelling<'_> {
    /// When a record was first named, and when it was last changed.
    fn dates<T>(&self, dated: &Dated<T>) -> (String, Option<String>) {
        (dated.created.to_string(), self.modified(dated.last_modified))
    }

    fn modified(&self, at: Timestamp) -> Option<String> {
        (self.modified == Modified::Told).then(|| at.to_string())
    }

    pub fn school(
        &self,
        school: &Dated<School>,
        facts: &[(&str, &str)],
        sink: &mut impl Sink,
    ) -> Result<(), DataFault> {
        let id = school.record.id.hex();
        let (created, last_modified) = self.dates(school);
        let object = data_api::School {
            id: &id,
            district: self.district,
            name: &school.record.name,
            school_number: &school.record.number,
            sis_id: &school.record.sis_id,
            facts: Facts::sorted(facts),
            told: self.told,
            created: Some(&created),
            last_modified: last_modified.as_deref(),
        };
        sink.put(&id, &self.dialect.school_object(object))
    }

    pub fn term(&self, term: &Term, sink: &mut impl Sink) -> Result<(), DataFault> {
        let id = term.id.hex();
        let object = data_api::Term {
            id: &id,
            district: self.district,
            name: known(&term.name),
            start_date: term.start_date.as_deref(),
            end_date: term.end_date.as_deref(),
        };
        sink.put(&id, &object)
    }

    pub fn course(&self, course: &Course, sink: &mut impl Sink) -> Result<(), DataFault> {
        let id = course.id.hex();
        let object = data_api::Course {
            id: &id,
            district: self.district,
            name: known(&course.name),
            number: known(&course.number),
        };
        sink.put(&id, &object)
    }

    pub fn resource(
        &self,
        resource: &Dated<Resource>,
        sink: &mut impl Sink,
    ) -> Result<(), DataFault> {
        let id = resource.record.id.hex();
        let (created, updated) = self.dates(resource);
        let roles: Vec<_> = resource.record.roles.iter().map(|kind| kind.name()).collect();
        let object = data_api::Resource {
            id: &id,
            district: self.district,
            resource_id: &resource.record.sis_id,
            title: &resource.record.title,
            roles: &roles,
            created: Some(&created),
            updated: updated.as_deref(),
        };
        sink.put(&id, &object)
    }

    pub fn section(
        &self,
        seen: &SectionSeen<'_>,
        facts: &[(&str, &str)],
        sink: &mut impl Sink,
    ) -> Result<(), DataFault> {
        let section = &seen.room.record.section;
        let (id, school) = (section.id.hex(), section.school.hex());
        let course = section.course.map(CourseId::hex);
        let term = section.term.map(TermId::hex);
        let (created, last_modified) = self.dates(seen.room);
        let (teachers, students) = (spelt(&seen.teachers), spelt(&seen.students));
        let primary = spelt(seen.primary.as_slice());
        let facts = Facts::sorted(facts);
        let object = data_api::Section {
            id: &id,
            district: self.district,
            name: &section.name,
            grade: facts.get("grade"),
            subject: facts.get("subject"),
            primary: refer(&primary).first().copied(),
            teachers: &refer(&teachers),
            students: &refer(&students),
            record: Some(SectionRecord {
                school: &school,
                sis_id: &section.sis_id,
                course: course.as_deref(),
                term: term.as_deref(),
                facts,
                told: self.told,
                created: Some(&created),
                last_modified: last_modified.as_deref(),
                lms_status: None,
            }),
        };
        sink.put(&id, &self.dialect.section_object(object))
    }

    /// A person with the facts of each of their roles; in v2 in this role, if it is one that is seen.
    /// Whether they are put out.
    pub fn person(
        &self,
        seen: &PersonSeen<'_>,
        facts: Vec<Vec<(&str, &str)>>,
        as_role: Option<RoleId>,
        sink: &mut impl Sink,
    ) -> Result<bool, DataFault> {
        let user = seen.user;
        let spelt = seen.roles.iter().zip(facts);
        let spelt: Vec<_> = spelt.map(|(role, facts)| SpeltRole::of(role, facts)).collect();
        let schools: Vec<Vec<&str>> =
            spelt.iter().map(|role| role.schools.iter().map(Hex::as_str).collect()).collect();
        let roles: Vec<_> = spelt
            .iter()
            .zip(&schools)
            .map(|(role, schools)| role.printed(schools, self.told))
            .collect();
        let id = user.id.hex();
        let created = user.created.to_string();
        let last_modified = self.modified(user.last_modified);
        let person = Person {
            id: &id,
            district: self.district,
            email: user.email.as_ref().map(Email::as_str),
            name: Name {
                first: &user.name.first,
                middle: Some(user.name.middle.as_deref().unwrap_or_default()),
                last: &user.name.last,
            },
            created: Some(&created),
            last_modified: last_modified.as_deref(),
            at_me: AtMe::Ids,
            roles: &roles,
            authorized_by: AuthorizedBy::District.name(),
            by_admin: false,
            lms_status: None,
        };
        let role = match as_role {
            Some(asked) => spelt.iter().zip(&roles).find(|(it, _)| it.seen.role.id == asked),
            None => spelt.iter().zip(&roles).next(),
        };
        let Some((spelt, role)) = role else { return Ok(false) };
        let named = if as_role.is_some() { &spelt.id } else { &id };
        sink.put(named, &self.dialect.person_object(&person, role))?;
        Ok(true)
    }

    pub fn contact(&self, seen: &ContactSeen<'_>, sink: &mut impl Sink) -> Result<(), DataFault> {
        let contact = &seen.contact.record;
        let (id, role) = (contact.id.hex(), contact.role.hex());
        let (created, last_modified) = self.dates(seen.contact);
        let members: Vec<_> = seen.relationships.iter().map(|(_, member)| *member).collect();
        let members = spelt(&members);
        let relationships: Vec<_> = seen
            .relationships
            .iter()
            .zip(refer(&members))
            .map(|((it, _), student)| data_api::Relationship {
                student,
                relationship: it.relationship.as_deref(),
                kind: it.kind.as_deref(),
            })
            .collect();
        let detail = |name| contact.details.get(name);
        let object = data_api::Contact {
            id: &id,
            role: &role,
            district: self.district,
            name: Name {
                first: &contact.name.first,
                middle: contact.name.middle.as_deref(),
                last: &contact.name.last,
            },
            email: contact.email.as_ref().map(Email::as_str),
            phone: detail("phone"),
            phone_type: detail("phone_type"),
            sis_id: contact.sis_id.as_deref(),
            students: &relationships,
            created: Some(&created),
            last_modified: last_modified.as_deref(),
        };
        let named = match self.dialect {
            Dialect::V2(_) => &role,
            Dialect::V3(_) => &id,
        };
        sink.put(named, &self.dialect.contact_object(object))
    }
}

/// A role with its ids spelt out.
struct SpeltRole<'p> {
    seen: &'p RoleSeen<'p>,
    id: Hex,
    schools: Vec<Hex>,
    facts: Vec<(&'p str, &'p str)>,
}

impl<'p> SpeltRole<'p> {
    fn of(seen: &'p RoleSeen<'p>, facts: Vec<(&'p str, &'p str)>) -> Self {
        Self {
            seen,
            id: seen.role.id.hex(),
            schools: seen.schools.iter().copied().map(SchoolId::hex).collect(),
            facts,
        }
    }

    fn printed<'s>(&'s self, schools: &'s [&'s str], told: Told) -> PersonRole<'s> {
        let kind = self.seen.role.kind;
        let facts = Facts::sorted(&self.facts);
        PersonRole {
            kind,
            id: &self.id,
            grade: facts.get("grade").filter(|_| kind == RoleKind::Student),
            sis_id: Some(&self.seen.role.sis_id),
            schools: Some(schools),
            facts,
            told,
        }
    }
}

fn known(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn spelt(members: &[Member]) -> Vec<(Hex, Hex)> {
    members.iter().map(|member| (member.role.hex(), member.user.hex())).collect()
}

fn refer(members: &[(Hex, Hex)]) -> Vec<data_api::Member<'_>> {
    members.iter().map(|(role, user)| data_api::Member { role, user }).collect()
}
