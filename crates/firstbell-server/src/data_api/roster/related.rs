//! What belongs to an object: from the object of a path to the records among which its list looks.
//! A tie that runs through a section is told only where the section is seen.

mod sections;

use std::collections::{BTreeSet, HashSet};

use firstbell_core::id::{
    CourseId, ResourceId, RoleId, SchoolId, SectionId, TermId, UserId, distinct,
};
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::change::RosterPerson;
use firstbell_core::sharing::{Classroom, Member};
use firstbell_protocol::data_api::{ListQuery, People, PersonKind, Relation, SchoolTies};
use firstbell_store::{Dated, StoredPerson};

use super::ReadResult;
use super::reader::Reader;
use super::source::{Key, Record, Source, Users};

/// So many people are looked at at a time.
const PEOPLE_AT_ONCE: usize = 500;

impl Reader<'_, '_, '_, '_> {
    /// What the object of a path is related to. `start` is seen.
    pub(super) fn related(
        &mut self,
        relation: Relation,
        start: &Record,
        query: &ListQuery,
    ) -> ReadResult<Source> {
        use Relation as R;
        match start {
            Record::Course(course) => self.of_course(relation, course.id),
            Record::Resource(resource) => self.of_resource(relation, &resource.record, query),
            Record::School(school) => {
                let school = school.record.id;
                match relation {
                    R::SchoolPeople(people) => self.at_school(people, school, query),
                    _ => self.of_school(relation, school),
                }
            }
            Record::Term(term) => self.of_term(relation, term.id),
            Record::Section(room) => self.of_section(relation, room, query),
            Record::User(StoredPerson { person, .. }) => {
                let roles = self.person(person)?.map(|seen| {
                    seen.roles.iter().map(|it| (it.role.id, it.role.kind)).collect::<Vec<_>>()
                });
                self.of_person(relation, person, &roles.unwrap_or_default(), query)
            }
            Record::Role(StoredPerson { person, .. }, role) => {
                let kind = person.user.role_by_id(*role).map(|role| role.kind);
                let roles: Vec<_> = kind.map(|kind| (*role, kind)).into_iter().collect();
                self.of_person(relation, person, &roles, query)
            }
            Record::ContactUser(contact) | Record::ContactRole(contact) => match relation {
                R::PersonStudents(people) => {
                    let seen = self.contact(contact)?;
                    let members = seen.map(|seen| {
                        seen.relationships.iter().map(|(_, student)| pair(student)).collect()
                    });
                    Ok(persons(
                        told_as(people, RoleKind::Student),
                        members.unwrap_or_default(),
                        query,
                    ))
                }
                _ => Ok(Source::Nothing),
            },
        }
    }

    /// People at a school. It is the primary one of whoever is told it first: of several schools
    /// the first that the application sees.
    fn at_school(
        &mut self,
        people: People,
        school: SchoolId,
        query: &ListQuery,
    ) -> ReadResult<Source> {
        let mut there = self.roster().at_school(school)?;
        if let People::In(kind) = people {
            there.retain(|it| PersonKind::from(it.kind) == kind);
        }
        if query.schools == SchoolTies::Primary && !self.is_whole() {
            let users: Vec<_> = there.iter().map(|it| it.user).collect();
            let mut first = HashSet::new();
            for some in users.chunks(PEOPLE_AT_ONCE) {
                for person in self.roster().people_by_id(some)? {
                    let seen = self.person(&person)?.map(|seen| seen.roles).unwrap_or_default();
                    let here = seen.iter().filter(|it| it.schools.first() == Some(&school));
                    first.extend(here.map(|it| it.role.id));
                }
                self.go_on()?;
            }
            there.retain(|it| first.contains(&it.role));
        } else if query.schools == SchoolTies::Primary {
            there.retain(|it| it.is_primary);
        }
        let pairs = there.iter().map(|it| (it.role, it.user)).collect();
        Ok(persons(people, pairs, query))
    }

    fn of_section(
        &mut self,
        relation: Relation,
        room: &Dated<Classroom>,
        query: &ListQuery,
    ) -> ReadResult<Source> {
        use Relation as R;
        let section = &room.record.section;
        Ok(match relation {
            R::SectionCourse => Source::Courses(Some(keys(section.course.map(CourseId::to_bytes)))),
            R::SectionTerm => Source::Terms(Some(keys(section.term.map(TermId::to_bytes)))),
            R::SectionSchool => Source::Schools(Some(vec![section.school.to_bytes()])),
            R::SectionResources => {
                return self.resources_of(&section.course.into_iter().collect::<Vec<_>>());
            }
            R::SectionTeacher | R::SectionPeople(_) => {
                let Some(seen) = self.section(room)? else { return Ok(Source::Nothing) };
                match relation {
                    R::SectionTeacher => {
                        let primary = seen.primary.as_ref().map(pair).into_iter().collect();
                        Source::Roles(RoleKind::Teacher, Some(primary))
                    }
                    R::SectionPeople(people) => {
                        let members = seen.teachers.iter().chain(&seen.students);
                        persons_in(people, &seen, members.map(pair).collect(), query)
                    }
                    _ => Source::Nothing,
                }
            }
            _ => Source::Nothing,
        })
    }

    fn of_person(
        &mut self,
        relation: Relation,
        person: &RosterPerson,
        roles: &[(RoleId, RoleKind)],
        query: &ListQuery,
    ) -> ReadResult<Source> {
        use Relation as R;
        match relation {
            R::PersonSchool(_) | R::PersonSchools(_) => {
                let primary_only =
                    matches!(relation, R::PersonSchool(_)) || query.schools == SchoolTies::Primary;
                let most = if primary_only { 1 } else { usize::MAX };
                let mut ids = Vec::new();
                if let Some(seen) = self.person(person)? {
                    let asked = |id| roles.iter().any(|(role, _)| *role == id);
                    for role in seen.roles.iter().filter(|it| asked(it.role.id)) {
                        ids.extend(role.schools.iter().take(most).map(|id| id.to_bytes()));
                    }
                }
                Ok(Source::Schools(Some(distinct(ids))))
            }
            R::PersonContacts(people) => {
                let mut contacts = Vec::new();
                for role in in_kind(roles, RoleKind::Student) {
                    contacts.extend(self.roster().contacts_of_student(role)?);
                }
                self.contacts_as(people, &contacts)
            }
            R::PersonSections(_) => {
                let sections = self.sections_of(roles)?;
                Ok(Source::Sections(Some(distinct(sections.iter().map(|id| id.to_bytes())))))
            }
            R::PersonStudents(people) => {
                self.classmates(people, roles, [RoleKind::Teacher, RoleKind::Student], query)
            }
            R::PersonTeachers(people) => {
                self.classmates(people, roles, [RoleKind::Student, RoleKind::Teacher], query)
            }
            R::PersonResources => self.resources_of_person(roles),
            _ => Ok(Source::Nothing),
        }
    }

    /// People of the second kind in the sections where a person is one of the first.
    fn classmates(
        &mut self,
        people: People,
        roles: &[(RoleId, RoleKind)],
        [own, other]: [RoleKind; 2],
        query: &ListQuery,
    ) -> ReadResult<Source> {
        let mut sections = Vec::new();
        for role in in_kind(roles, own) {
            sections.extend(self.roster().sections_of_role(role)?);
        }
        let pairs = self.members_of(&sections, &[other])?;
        Ok(persons(told_as(people, other), pairs, query))
    }

    fn sections_of(&mut self, roles: &[(RoleId, RoleKind)]) -> ReadResult<Vec<SectionId>> {
        let mut sections = Vec::new();
        for (role, _) in roles {
            sections.extend(self.roster().sections_of_role(*role)?);
        }
        Ok(sections)
    }

    /// Contacts, by their own ids in v3 and by those of their roles in v2.
    fn contacts_as(&mut self, people: People, ids: &[UserId]) -> ReadResult<Source> {
        Ok(match people {
            People::Users => {
                Source::ContactUsers(Some(distinct(ids.iter().map(|id| id.to_bytes()))))
            }
            People::In(_) => {
                let contacts = self.roster().contacts_by_id(ids)?;
                let role =
                    |it: &Dated<firstbell_core::roster::Contact>| (it.record.role, it.record.id);
                Source::ContactRoles(Some(ordered(contacts.iter().map(role).collect())))
            }
        })
    }

    /// The resources of the courses of the sections that a person is in, as far as they are for
    /// people in that role.
    fn resources_of_person(&mut self, roles: &[(RoleId, RoleKind)]) -> ReadResult<Source> {
        let mut ids: Vec<ResourceId> = Vec::new();
        for (role, kind) in roles {
            let sections = self.roster().sections_of_role(*role)?;
            let mut courses = BTreeSet::new();
            self.sections_among(&sections, |seen| courses.extend(seen.section().course))?;
            let mut of_courses = Vec::new();
            for course in courses {
                of_courses.extend(self.roster().resources_of_course(course)?);
            }
            let resources = self.roster().resources_by_id(&of_courses)?;
            let theirs = resources.iter().filter(|it| it.record.roles.contains(kind));
            ids.extend(theirs.map(|it| it.record.id));
        }
        Ok(Source::Resources(Some(distinct(ids.iter().map(|id| id.to_bytes())))))
    }

    pub(super) fn resources_of(&mut self, courses: &[CourseId]) -> ReadResult<Source> {
        let mut ids = Vec::new();
        for course in courses {
            if self.sees_course(*course)? {
                ids.extend(self.roster().resources_of_course(*course)?);
            }
        }
        Ok(Source::Resources(Some(distinct(ids.iter().map(|id| id.to_bytes())))))
    }
}

fn in_kind(roles: &[(RoleId, RoleKind)], kind: RoleKind) -> impl Iterator<Item = RoleId> {
    roles.iter().filter(move |(_, it)| *it == kind).map(|(role, _)| *role)
}

fn pair(member: &Member) -> (RoleId, UserId) {
    (member.role, member.user)
}

/// In v2 people on the other side of a relation are a collection of their own.
fn told_as(people: People, other: RoleKind) -> People {
    match people {
        People::Users => People::Users,
        People::In(_) => People::In(other.into()),
    }
}

fn keys(key: Option<Key>) -> Vec<Key> {
    key.into_iter().collect()
}

fn ordered(mut pairs: Vec<(RoleId, UserId)>) -> Vec<(RoleId, UserId)> {
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// People for these roles of theirs, as far as the query wants them. Where roles of one kind are asked
/// for, all of these are of that kind: a page that finds none takes the list for ended.
fn persons(people: People, pairs: Vec<(RoleId, UserId)>, query: &ListQuery) -> Source {
    match people {
        People::Users => {
            let ids = distinct(pairs.iter().map(|(_, user)| user.to_bytes()));
            let mut roles: Vec<_> = pairs.into_iter().map(|(role, _)| role).collect();
            roles.sort_unstable();
            let kind = match query.role.map(PersonKind::role) {
                // Contacts are in no school and no section.
                Some(None) => return Source::Nothing,
                Some(kind) => kind,
                None => None,
            };
            Source::Users(Users { ids: Some(ids), kind, roles: Some(roles), ..Users::default() })
        }
        People::In(kind) => match kind.role() {
            Some(kind) => Source::Roles(kind, Some(ordered(pairs))),
            None => Source::Nothing,
        },
    }
}

/// The same for a section, whose members are known to be students or teachers.
fn persons_in(
    people: People,
    seen: &super::reader::SectionSeen<'_>,
    all: Vec<(RoleId, UserId)>,
    query: &ListQuery,
) -> Source {
    let pairs = match people {
        People::Users => all,
        People::In(kind) => match kind.role() {
            Some(RoleKind::Teacher) => seen.teachers.iter().map(pair).collect(),
            Some(RoleKind::Student) => seen.students.iter().map(pair).collect(),
            _ => return Source::Nothing,
        },
    };
    persons(people, pairs, query)
}
