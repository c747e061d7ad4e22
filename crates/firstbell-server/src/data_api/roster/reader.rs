//! What is seen of one version of a district's roster. Loads what that depends on, and remembers
//! what it found out about people for as long as the request lasts.

mod places;
mod putting;

use std::collections::HashMap;

use firstbell_core::application::{DataGroup, DataGroups, Sharing};
use firstbell_core::id::{
    CourseId, DistrictId, ResourceId, RoleId, SchoolId, SectionId, TermId, UserId,
};
use firstbell_core::roster::change::RosterPerson;
use firstbell_core::roster::{Contact, Details, Relationship, Section};
use firstbell_core::sharing::{Classroom, Member, PersonSeen, Synced, named_sections};
use firstbell_protocol::data_api::{Collection, ObjectId, People, Told};
use firstbell_store::{Dated, RosterAt, Seek, StoreError};

use super::ReadResult;
use super::facts::ToldColumns;
use super::source::{self, Record, Source, Users};
use crate::reply::rate::Place;
use places::Known;
pub(super) use places::Places;

/// So many sections are looked at at a time.
const SECTIONS_AT_ONCE: usize = 500;

/// So many people are remembered, and forgotten all at once: those who are met together are near each
/// other.
pub(super) const MOST_REMEMBERED: usize = 50_000;

/// Reads what an application sees of one version of a roster.
pub(crate) struct Reader<'r, 'a, 't, 'c> {
    at: RosterAt<'a, 't, 'c>,
    synced: Synced<'r>,
    district: DistrictId,
    members: HashMap<RoleId, Standing>,
    columns: ToldColumns,
    places: Known,
    place: Option<&'r Place>,
}

/// What is known of somebody in a section.
struct Standing {
    user: UserId,
    is_seen: bool,
    grade: Option<String>,
}

/// A section as it is seen.
pub(crate) struct SectionSeen<'s> {
    pub room: &'s Dated<Classroom>,
    /// Its primary teacher, who is in no other's place where they are not seen.
    pub primary: Option<Member>,
    /// Its teachers who are seen, the primary one first.
    pub teachers: Vec<Member>,
    /// Its students who are seen.
    pub students: Vec<Member>,
}

impl SectionSeen<'_> {
    /// The section.
    pub fn section(&self) -> &Section {
        &self.room.record.section
    }
}

/// A contact as it is seen.
pub(crate) struct ContactSeen<'s> {
    pub contact: &'s Dated<Contact>,
    /// What it is to students who are seen; never empty.
    pub relationships: Vec<(&'s Relationship, Member)>,
}

impl<'r, 'a, 't, 'c> Reader<'r, 'a, 't, 'c> {
    /// A reader of this version for somebody with whom it is shared like this.
    pub fn of(
        mut at: RosterAt<'a, 't, 'c>,
        sharing: &'r Sharing,
        district: DistrictId,
    ) -> ReadResult<Self> {
        let named = named_sections(sharing);
        let held_at = if named.is_empty() { vec![] } else { at.schools_of_sections(&named)? };
        let synced = Synced::of(sharing, &held_at);
        let (members, columns) = (HashMap::new(), ToldColumns::default());
        let places = Known::default();
        Ok(Self { at, synced, district, members, columns, places, place: None })
    }

    /// The same, in this place among those that read at length.
    #[must_use]
    pub fn heeding(self, place: Option<&'r Place>) -> Self {
        Self { place, ..self }
    }

    /// The roster.
    pub fn roster(&mut self) -> &mut RosterAt<'a, 't, 'c> {
        &mut self.at
    }

    /// Whether everything is seen.
    pub fn is_whole(&self) -> bool {
        self.synced.is_whole()
    }

    /// Which groups of data are shared.
    pub fn groups(&self) -> DataGroups {
        self.synced.groups()
    }

    /// What is told of a role beside its ids, by wire name.
    pub fn facts_of_role<'d>(&self, details: &'d Details) -> Vec<(&'d str, &'d str)> {
        self.synced.facts_of_role(details)
    }

    /// What is told of a school or a section beside its own members, by wire name.
    pub fn facts_of_place<'d>(&self, details: &'d Details) -> Vec<(&'d str, &'d str)> {
        self.synced.facts_of_place(details)
    }

    /// Between two looks at some of many records: forgets what was found out about people where these
    /// are many.
    ///
    /// # Errors
    /// [`StoreError::Abandoned`] where nobody waits any longer for what is read: a part of it must not
    /// be taken for the whole.
    pub fn go_on(&mut self) -> ReadResult<()> {
        if self.members.len() > MOST_REMEMBERED {
            self.members.clear();
        }
        let is_awaited = self.place.is_none_or(Place::is_awaited);
        if is_awaited { Ok(()) } else { Err(StoreError::Abandoned) }
    }

    /// Which groups of data are shared, in the words of the protocol.
    pub fn told(&self) -> Told {
        let of = [
            (DataGroup::Demographics, Told::DEMOGRAPHICS),
            (DataGroup::Sensitive, Told::SENSITIVE),
            (DataGroup::Extensions, Told::EXT),
            (DataGroup::Contacts, Told::CONTACTS),
        ];
        let shared = of.into_iter().filter(|(group, _)| self.groups().has(*group));
        shared.fold(Told::ROSTER, |told, (_, group)| told.and(group))
    }

    /// The record of a collection with this id, if it is seen.
    pub fn one(&mut self, collection: Collection, id: ObjectId) -> ReadResult<Option<Record>> {
        let text = id.as_str();
        let source = match collection {
            Collection::Schools => Source::Schools(Some(key(text, SchoolId::to_bytes))),
            Collection::Terms => Source::Terms(Some(key(text, TermId::to_bytes))),
            Collection::Courses => Source::Courses(Some(key(text, CourseId::to_bytes))),
            Collection::Sections => Source::Sections(Some(key(text, SectionId::to_bytes))),
            Collection::Resources => Source::Resources(Some(key(text, ResourceId::to_bytes))),
            Collection::People(People::Users) => {
                let ids = Some(key(text, UserId::to_bytes));
                let users = Source::Users(Users { ids: ids.clone(), ..Users::default() });
                match self.first(&users)? {
                    Some(record) => return Ok(Some(record)),
                    None => Source::ContactUsers(ids),
                }
            }
            Collection::People(People::In(kind)) => self.one_role(kind.role(), text)?,
            Collection::Districts | Collection::Events => Source::Nothing,
        };
        self.first(&source)
    }

    fn one_role(
        &mut self,
        kind: Option<firstbell_core::roster::RoleKind>,
        text: &str,
    ) -> ReadResult<Source> {
        let Ok(role) = text.parse::<RoleId>() else { return Ok(Source::Nothing) };
        Ok(match kind {
            Some(kind) => match self.at.holder(role)? {
                Some((user, held)) if held == kind => Source::Roles(kind, Some(vec![(role, user)])),
                _ => Source::Nothing,
            },
            None => match self.at.contact_of_role(role)? {
                Some(contact) => Source::ContactRoles(Some(vec![(role, contact)])),
                None => Source::Nothing,
            },
        })
    }

    /// The first record of a source that is seen.
    pub fn first(&mut self, source: &Source) -> ReadResult<Option<Record>> {
        let mut seek = Seek::First;
        loop {
            let records = source::fetch(self, source, seek, 50)?;
            let Some(last) = records.last() else { return Ok(None) };
            seek = Seek::After(last.key());
            for record in records {
                if self.sees(&record)? {
                    return Ok(Some(record));
                }
            }
            self.go_on()?;
        }
    }

    /// Whether a record is seen.
    pub fn sees(&mut self, record: &Record) -> ReadResult<bool> {
        Ok(match record {
            Record::School(school) => self.synced.sees_school(school.record.id),
            Record::Term(term) => self.sees_term(term.id)?,
            Record::Course(course) => self.sees_course(course.id)?,
            Record::Section(room) => self.section(room)?.is_some(),
            Record::Resource(resource) => self.sees_any_course(&resource.record.courses)?,
            Record::User(stored) => self.person(&stored.person)?.is_some(),
            Record::Role(stored, role) => self.sees_role(&stored.person, *role)?,
            Record::ContactUser(contact) | Record::ContactRole(contact) => {
                self.contact(contact)?.is_some()
            }
        })
    }

    /// Whether a record of a source is one for a role that the source asks for. Of other sources all
    /// are.
    pub fn fits(&mut self, source: &Source, record: &Record) -> ReadResult<bool> {
        let (Source::Users(users), Record::User(person)) = (source, record) else {
            return Ok(true);
        };
        if users.kind.is_none() && users.roles.is_none() {
            return Ok(true);
        }
        let Some(seen) = self.person(&person.person)? else { return Ok(false) };
        Ok(seen.roles.iter().any(|it| {
            users.kind.is_none_or(|kind| it.role.kind == kind)
                && users.roles.as_ref().is_none_or(|all| all.binary_search(&it.role.id).is_ok())
        }))
    }

    /// A person as they are seen.
    pub fn person<'p>(&mut self, person: &'p RosterPerson) -> ReadResult<Option<PersonSeen<'p>>> {
        let ties = self.at.ties_of(person, self.synced.needs())?;
        Ok(self.synced.person(person, &ties))
    }

    fn sees_role(&mut self, person: &RosterPerson, role: RoleId) -> ReadResult<bool> {
        let seen = self.person(person)?;
        Ok(seen.is_some_and(|seen| seen.roles.iter().any(|it| it.role.id == role)))
    }

    /// A section as it is seen.
    pub fn section<'s>(
        &mut self,
        room: &'s Dated<Classroom>,
    ) -> ReadResult<Option<SectionSeen<'s>>> {
        let Classroom { section, primary, teachers, students } = &room.record;
        if self.is_whole() {
            let (teachers, students) = (teachers.clone(), students.clone());
            return Ok(Some(SectionSeen { room, primary: *primary, teachers, students }));
        }
        self.know(teachers.iter().chain(students))?;
        let members = &self.members;
        let grades = || {
            let known = students.iter().filter_map(|student| members.get(&student.role));
            known.filter_map(|standing| standing.grade.as_deref())
        };
        if !self.synced.sees_section(section, grades) {
            return Ok(None);
        }
        self.places.note(section);
        let seen = |member: &&Member| members.get(&member.role).is_some_and(|it| it.is_seen);
        let primary = primary.as_ref().filter(seen).copied();
        let teachers = teachers.iter().filter(seen).copied().collect();
        let students = students.iter().filter(seen).copied().collect();
        Ok(Some(SectionSeen { room, primary, teachers, students }))
    }

    /// Gives out those of these sections that are seen, some at a time: a school has thousands.
    pub fn sections_among(
        &mut self,
        ids: &[SectionId],
        mut take: impl FnMut(&SectionSeen<'_>),
    ) -> ReadResult<()> {
        for some in ids.chunks(SECTIONS_AT_ONCE) {
            for room in &self.at.sections_by_id(some)? {
                self.section(room)?.iter().for_each(&mut take);
            }
            self.go_on()?;
        }
        Ok(())
    }

    /// A contact as it is seen.
    pub fn contact<'s>(
        &mut self,
        contact: &'s Dated<Contact>,
    ) -> ReadResult<Option<ContactSeen<'s>>> {
        if !self.groups().has(DataGroup::Contacts) {
            return Ok(None);
        }
        for relationship in &contact.record.students {
            self.know_role(relationship.student)?;
        }
        let members = &self.members;
        let is_seen = |student| members.get(&student).is_some_and(|it: &Standing| it.is_seen);
        let seen = self.synced.relationships(&contact.record, is_seen);
        let relationships: Vec<_> = seen
            .into_iter()
            .filter_map(|it| {
                let user = members.get(&it.student)?.user;
                Some((it, Member { role: it.student, user }))
            })
            .collect();
        Ok((!relationships.is_empty()).then_some(ContactSeen { contact, relationships }))
    }

    fn sees_any_course(&mut self, courses: &[CourseId]) -> ReadResult<bool> {
        for course in courses {
            if self.sees_course(*course)? {
                return Ok(true);
            }
        }
        // One that is assigned to no course belongs to the whole district.
        Ok(self.is_whole())
    }

    /// Finds out about people of whom nothing is known yet.
    fn know<'m>(&mut self, members: impl Iterator<Item = &'m Member>) -> ReadResult<()> {
        let unknown = members.filter(|member| !self.members.contains_key(&member.role));
        let users: Vec<_> = unknown.map(|member| member.user).collect();
        for person in self.at.people_by_id(&users)? {
            let seen = self.person(&person)?;
            for role in &person.user.roles {
                let is_seen = seen
                    .as_ref()
                    .is_some_and(|seen| seen.roles.iter().any(|it| it.role.id == role.id));
                let grade = role.details.get("grade").map(str::to_owned);
                let standing = Standing { user: person.user.id, is_seen, grade };
                self.members.insert(role.id, standing);
            }
        }
        Ok(())
    }

    /// Finds out about the person who holds a role.
    pub fn know_role(&mut self, role: RoleId) -> ReadResult<Option<Member>> {
        if let Some(standing) = self.members.get(&role) {
            return Ok(standing.is_seen.then_some(Member { role, user: standing.user }));
        }
        let Some((user, _)) = self.at.holder(role)? else { return Ok(None) };
        let member = Member { role, user };
        if self.is_whole() {
            self.members.insert(role, Standing { user, is_seen: true, grade: None });
        } else {
            self.know(std::iter::once(&member))?;
        }
        let seen = self.members.get(&role).is_some_and(|standing| standing.is_seen);
        Ok(seen.then_some(member))
    }
}

/// The bytes of the one id that this text is, if it is one.
fn key<T: std::str::FromStr>(text: &str, bytes: impl Fn(T) -> [u8; 12]) -> Vec<[u8; 12]> {
    text.parse().ok().map(bytes).into_iter().collect()
}
