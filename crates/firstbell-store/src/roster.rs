//! Reading a district's roster as a whole.

pub(crate) mod tables;

use std::collections::HashMap;

use firstbell_core::id::{ResourceId, RoleId, SchoolId, SectionId, UserId};
use firstbell_core::roster::change::{CurrentRoster, Enrollment, RecordKind, RosterPerson};
use firstbell_core::roster::{
    Contact, Course, Generation, PersonName, Relationship, Resource, Role, RoleKind, School,
    Section, Term, User,
};
use firstbell_core::time::Timestamp;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::person::{details, email};
use crate::queries::queries;
use crate::store::DistrictTx;

/// The version of a district's roster: 0 before the first import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RosterVersion(pub(crate) i64);

impl std::fmt::Display for RosterVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// How many there are in a district's roster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Schools.
    pub schools: u64,
    /// People, each counted once whatever their roles.
    pub people: u64,
    /// Students.
    pub students: u64,
    /// Teachers.
    pub teachers: u64,
    /// Staff.
    pub staff: u64,
    /// District administrators.
    pub district_admins: u64,
    /// Sections.
    pub sections: u64,
    /// Enrolments.
    pub enrollments: u64,
}

/// The rows of a district (`$1`) that hold in a version (`$2`).
macro_rules! now {
    ($columns:literal, $table:literal) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE district_id = $1 AND since <= $2 AND until > $2"
        )
    };
}

queries! {
    VERSION = "SELECT roster_version FROM districts WHERE id = $1";
    MADE = "SELECT made FROM roster_versions WHERE district_id = $1 AND version = $2";
    COUNT_SCHOOLS = now!("COUNT(*)", "schools");
    COUNT_PEOPLE = now!("COUNT(*)", "users");
    COUNT_SECTIONS = now!("COUNT(*)", "sections");
    COUNT_ENROLLMENTS = now!("COUNT(*)", "enrollments");
    COUNT_ROLES = concat!(now!("kind, COUNT(*)", "user_roles"), " GROUP BY kind");
    BINDINGS = "SELECT kind, sis_id, id, user_id FROM bindings \
                WHERE district_id = $1 AND since <= $2";
    SCHOOLS = now!("id, sis_id, name, number, details", "schools");
    SCHOOL_BY_SIS_ID = concat!(
        now!("id, sis_id, name, number, details", "schools"), " AND sis_id = $3"
    );
    SECTION_BY_SIS_ID =
        "SELECT s.id FROM districts d JOIN bindings b ON b.district_id = d.id \
         AND b.kind = 'section' AND b.sis_id = $1 \
         JOIN sections s ON s.district_id = d.id AND s.id = b.id \
         AND s.since <= d.roster_version AND s.until > d.roster_version WHERE d.id = $2";
    SIS_ID_OF_SCHOOL =
        "SELECT s.sis_id FROM districts d JOIN schools s ON s.district_id = d.id AND s.id = $1 \
         AND s.since <= d.roster_version AND s.until > d.roster_version WHERE d.id = $2";
    SIS_ID_OF_SECTION =
        "SELECT s.sis_id FROM districts d JOIN sections s ON s.district_id = d.id AND s.id = $1 \
         AND s.since <= d.roster_version AND s.until > d.roster_version WHERE d.id = $2";
    TERMS = now!("id, name, start_date, end_date", "terms");
    COURSES = now!("id, name, number", "courses");
    SECTIONS = now!("id, school_id, sis_id, name, course_id, term_id, details", "sections");
    SECTION_TEACHERS = concat!(
        now!("section_id, role_id", "section_teachers"), " ORDER BY section_id, position"
    );
    USERS = now!(
        "email, id, first_name, middle_name, last_name, created, last_modified", "users"
    );
    USER_ROLES = now!("user_id, role_id, kind, sis_id, details", "user_roles");
    ROLE_SCHOOLS = concat!(
        now!("user_id, role_id, school_id", "role_schools"),
        " ORDER BY user_id, role_id, position, school_id"
    );
    STANDINGS = "SELECT user_id, suspended_since, generation FROM standings WHERE district_id = $1";
    ENROLLMENTS = now!("section_id, student_id", "enrollments");
    CONTACTS = now!(
        "id, role_id, sis_id, first_name, middle_name, last_name, email, details", "contacts"
    );
    CONTACT_STUDENTS = concat!(
        now!("contact_id, student_id, relationship, kind", "contact_students"),
        " ORDER BY contact_id, student_id"
    );
    RESOURCES = now!("id, sis_id, title, roles", "resources");
    RESOURCE_COURSES = concat!(
        now!("resource_id, course_id", "resource_courses"), " ORDER BY resource_id, course_id"
    );
}

impl DistrictTx<'_, '_> {
    /// The version of the roster that everybody sees.
    ///
    /// # Errors
    /// When the database fails.
    pub fn roster_version(&mut self) -> Result<RosterVersion, StoreError> {
        let version = self.tx.one(VERSION, &[self.id.into()], |row| row.int(0))?;
        Ok(RosterVersion(version.unwrap_or(0)))
    }

    /// When a version of the roster was made, if there ever was one and it is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub fn version_made(
        &mut self,
        version: RosterVersion,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.tx.one(MADE, &[self.id.into(), version.0.into()], |row| row.time(0))
    }

    /// The school with this id in the student information system.
    ///
    /// # Errors
    /// When the database fails.
    pub fn school_by_sis_id(&mut self, sis_id: &str) -> Result<Option<School>, StoreError> {
        let [district, version] = self.id_and_version()?;
        self.tx.one(SCHOOL_BY_SIS_ID, &[district, version, sis_id.into()], school)
    }

    /// The section with this id in the student information system.
    ///
    /// # Errors
    /// When the database fails.
    pub fn section_by_sis_id(&mut self, sis_id: &str) -> Result<Option<SectionId>, StoreError> {
        self.tx.one(SECTION_BY_SIS_ID, &[sis_id.into(), self.id.into()], |row| row.id(0))
    }

    /// What the student information system calls this school, if the roster has it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sis_id_of_school(&mut self, school: SchoolId) -> Result<Option<String>, StoreError> {
        let values = [school.into(), self.id.into()];
        self.tx.one(SIS_ID_OF_SCHOOL, &values, |row| row.string(0))
    }

    /// What the student information system calls this section, if the roster has it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sis_id_of_section(&mut self, section: SectionId) -> Result<Option<String>, StoreError> {
        let values = [section.into(), self.id.into()];
        self.tx.one(SIS_ID_OF_SECTION, &values, |row| row.string(0))
    }

    /// How many there are of each kind. In a large district this takes a tenth of a second, see
    /// [`Store::read_at_length`](crate::Store::read_at_length).
    ///
    /// # Errors
    /// When the database fails.
    pub fn counts(&mut self) -> Result<Counts, StoreError> {
        let mut counts = Counts {
            schools: self.count(COUNT_SCHOOLS)?,
            people: self.count(COUNT_PEOPLE)?,
            sections: self.count(COUNT_SECTIONS)?,
            enrollments: self.count(COUNT_ENROLLMENTS)?,
            ..Counts::default()
        };
        self.each_now(COUNT_ROLES, |row| {
            let count = u64::try_from(row.int(1)?).unwrap_or(0);
            match row.parsed(0)? {
                RoleKind::Student => counts.students = count,
                RoleKind::Teacher => counts.teachers = count,
                RoleKind::Staff => counts.staff = count,
                RoleKind::DistrictAdmin => counts.district_admins = count,
            }
            Ok(())
        })?;
        Ok(counts)
    }

    /// The whole roster, for an import to be compared with: a matter of a second in a large
    /// district, see [`Store::read_at_length`](crate::Store::read_at_length).
    ///
    /// # Errors
    /// When the database fails.
    pub fn current_roster(&mut self) -> Result<CurrentRoster, StoreError> {
        let mut roster = CurrentRoster::default();
        self.each_now(BINDINGS, |row| {
            let kind = record_kind(row, 0)?;
            roster.bindings.insert((kind, row.string(1)?), (row.array(2)?, row.opt_id(3)?));
            Ok(())
        })?;
        self.each_now(SCHOOLS, |row| {
            let school = school(row)?;
            roster.schools.insert(school.id, school);
            Ok(())
        })?;
        self.each_now(TERMS, |row| {
            let term = term(row)?;
            roster.terms.insert(term.id, term);
            Ok(())
        })?;
        self.each_now(COURSES, |row| {
            let course = course(row)?;
            roster.courses.insert(course.id, course);
            Ok(())
        })?;
        roster.sections = self.sections()?;
        roster.people = self.people()?;
        roster.contacts = self.contacts()?;
        roster.resources = self.resources()?;
        self.each_now(ENROLLMENTS, |row| {
            roster.enrollments.insert(Enrollment { section: row.id(0)?, student: row.id(1)? });
            Ok(())
        })?;
        Ok(roster)
    }

    fn sections(&mut self) -> Result<HashMap<SectionId, Section>, StoreError> {
        let mut sections = HashMap::new();
        self.each_now(SECTIONS, |row| {
            let section = section(row)?;
            sections.insert(section.id, section);
            Ok(())
        })?;
        self.each_now(SECTION_TEACHERS, |row| {
            if let Some(section) = sections.get_mut(&row.id(0)?) {
                section.teachers.push(row.id(1)?);
            }
            Ok(())
        })?;
        Ok(sections)
    }

    fn people(&mut self) -> Result<HashMap<UserId, RosterPerson>, StoreError> {
        let mut people = HashMap::new();
        self.each_now(USERS, |row| {
            let person = person(row)?;
            people.insert(person.user.id, person);
            Ok(())
        })?;
        self.each_now(USER_ROLES, |row| {
            if let Some(person) = people.get_mut(&row.id(0)?) {
                person.user.roles.push(Role {
                    id: row.id(1)?,
                    kind: row.parsed(2)?,
                    sis_id: row.string(3)?,
                    details: details(row, 4)?,
                });
            }
            Ok(())
        })?;
        self.each_now(ROLE_SCHOOLS, |row| {
            if let Some(person) = people.get_mut(&row.id(0)?) {
                let held: (RoleId, SchoolId) = (row.id(1)?, row.id(2)?);
                person.schools.push(held);
            }
            Ok(())
        })?;
        self.tx.each(STANDINGS, &[self.id.into()], |row| {
            if let Some(person) = people.get_mut(&row.id(0)?) {
                person.user.suspended_since = row.opt_time(1)?;
                person.user.generation = Generation::after(row.int(2)?);
            }
            Ok(())
        })?;
        for person in people.values_mut() {
            person.user.roles.sort_by_key(|role| role.kind);
        }
        Ok(people)
    }

    fn contacts(&mut self) -> Result<HashMap<UserId, Contact>, StoreError> {
        let mut contacts = HashMap::new();
        self.each_now(CONTACTS, |row| {
            let contact = contact(row)?;
            contacts.insert(contact.id, contact);
            Ok(())
        })?;
        self.each_now(CONTACT_STUDENTS, |row| {
            if let Some(contact) = contacts.get_mut(&row.id(0)?) {
                contact.students.push(relationship(row)?);
            }
            Ok(())
        })?;
        Ok(contacts)
    }

    fn resources(&mut self) -> Result<HashMap<ResourceId, Resource>, StoreError> {
        let mut resources = HashMap::new();
        self.each_now(RESOURCES, |row| {
            let resource = resource(row)?;
            resources.insert(resource.id, resource);
            Ok(())
        })?;
        self.each_now(RESOURCE_COURSES, |row| {
            if let Some(resource) = resources.get_mut(&row.id(0)?) {
                resource.courses.push(row.id(1)?);
            }
            Ok(())
        })?;
        Ok(resources)
    }

    fn each_now(
        &mut self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let values = self.id_and_version()?;
        self.tx.each(sql, &values, read)
    }

    fn count(&mut self, sql: &str) -> Result<u64, StoreError> {
        let values = self.id_and_version()?;
        let count = self.tx.one(sql, &values, |row| row.int(0))?;
        Ok(count.and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    fn id_and_version(&mut self) -> Result<[Value<'static>; 2], StoreError> {
        let version = self.roster_version()?;
        Ok([self.id.into(), version.0.into()])
    }
}

fn record_kind(row: &Row<'_>, column: usize) -> Result<RecordKind, StoreError> {
    let text = row.text(column)?;
    let found = RecordKind::ALL.into_iter().find(|kind| kind.name() == text);
    found.ok_or(StoreError::Unreadable { column })
}

pub(crate) fn term(row: &Row<'_>) -> Result<Term, StoreError> {
    Ok(Term {
        id: row.id(0)?,
        name: row.string(1)?,
        start_date: row.opt_string(2)?,
        end_date: row.opt_string(3)?,
    })
}

pub(crate) fn course(row: &Row<'_>) -> Result<Course, StoreError> {
    Ok(Course { id: row.id(0)?, name: row.string(1)?, number: row.string(2)? })
}

/// A contact without its students.
pub(crate) fn contact(row: &Row<'_>) -> Result<Contact, StoreError> {
    Ok(Contact {
        id: row.id(0)?,
        role: row.id(1)?,
        sis_id: row.opt_string(2)?,
        name: PersonName {
            first: row.string(3)?,
            middle: row.opt_string(4)?,
            last: row.string(5)?,
        },
        email: email(row, 6)?,
        details: details(row, 7)?,
        students: Vec::with_capacity(1),
    })
}

/// What the contact in column 0 is to a student.
pub(crate) fn relationship(row: &Row<'_>) -> Result<Relationship, StoreError> {
    Ok(Relationship {
        student: row.id(1)?,
        relationship: row.opt_string(2)?,
        kind: row.opt_string(3)?,
    })
}

/// A resource without its courses.
pub(crate) fn resource(row: &Row<'_>) -> Result<Resource, StoreError> {
    let kind = |word: &str| word.parse().map_err(|_| StoreError::Unreadable { column: 3 });
    Ok(Resource {
        id: row.id(0)?,
        sis_id: row.string(1)?,
        title: row.string(2)?,
        roles: row.text(3)?.split_whitespace().map(kind).collect::<Result<_, _>>()?,
        courses: Vec::new(),
    })
}

pub(crate) fn school(row: &Row<'_>) -> Result<School, StoreError> {
    Ok(School {
        id: row.id(0)?,
        sis_id: row.string(1)?,
        name: row.string(2)?,
        number: row.string(3)?,
        details: details(row, 4)?,
    })
}

pub(crate) fn section(row: &Row<'_>) -> Result<Section, StoreError> {
    Ok(Section {
        id: row.id(0)?,
        school: row.id(1)?,
        sis_id: row.string(2)?,
        name: row.string(3)?,
        course: row.opt_id(4)?,
        term: row.opt_id(5)?,
        teachers: Vec::new(),
        details: details(row, 6)?,
    })
}

pub(crate) fn person(row: &Row<'_>) -> Result<RosterPerson, StoreError> {
    let user = User {
        email: email(row, 0)?,
        id: row.id(1)?,
        name: PersonName {
            first: row.string(2)?,
            middle: row.opt_string(3)?,
            last: row.string(4)?,
        },
        created: row.time(5)?,
        last_modified: row.time(6)?,
        suspended_since: None,
        generation: Generation::default(),
        roles: Vec::with_capacity(1),
    };
    Ok(RosterPerson { user, schools: Vec::new() })
}
