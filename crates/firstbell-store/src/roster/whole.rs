//! A district's roster as a whole, as it is or as it was in a version that is kept.

use std::collections::HashMap;

use firstbell_core::id::{ResourceId, RoleId, SchoolId, SectionId, UserId};
use firstbell_core::roster::change::{CurrentRoster, Enrollment, RosterPerson};
use firstbell_core::roster::{Contact, Generation, Resource, Role, RosterVersion, Section};

use super::rows::{
    contact, course, person, record_kind, relationship, resource, school, section, term,
};
use crate::backend::Row;
use crate::details::details;
use crate::error::StoreError;
use crate::queries::queries;
use crate::roster_at::at;
use crate::store::DistrictTx;

queries! {
    BINDINGS = "SELECT kind, sis_id, id, user_id FROM bindings \
                WHERE district_id = $1 AND since <= $2";
    SCHOOLS = at!("id, sis_id, name, number, details", "schools");
    TERMS = at!("id, name, start_date, end_date", "terms");
    COURSES = at!("id, name, number", "courses");
    SECTIONS = at!("id, school_id, sis_id, name, course_id, term_id, details", "sections");
    SECTION_TEACHERS = concat!(
        at!("section_id, role_id", "section_teachers"), " ORDER BY section_id, position"
    );
    USERS = at!(
        "email, id, first_name, middle_name, last_name, created, last_modified", "users"
    );
    USER_ROLES = at!("user_id, role_id, kind, sis_id, details", "user_roles");
    ROLE_SCHOOLS = concat!(
        at!("user_id, role_id, school_id", "role_schools"),
        " ORDER BY user_id, role_id, position, school_id"
    );
    STANDINGS = "SELECT user_id, suspended_since, generation FROM standings WHERE district_id = $1";
    ENROLLMENTS = at!("section_id, student_id", "enrollments");
    CONTACTS = at!(
        "id, role_id, sis_id, first_name, middle_name, last_name, email, details", "contacts"
    );
    CONTACT_STUDENTS = concat!(
        at!("contact_id, student_id, relationship, kind", "contact_students"),
        " ORDER BY contact_id, student_id"
    );
    RESOURCES = at!("id, sis_id, title, roles", "resources");
    RESOURCE_COURSES = concat!(
        at!("resource_id, course_id", "resource_courses"), " ORDER BY resource_id, course_id"
    );
}

impl DistrictTx<'_, '_> {
    /// The whole roster, for an import to be compared with: a matter of a second in a large
    /// district, see [`Store::read_at_length`](crate::Store::read_at_length).
    ///
    /// # Errors
    /// When the database fails.
    pub fn current_roster(&mut self) -> Result<CurrentRoster, StoreError> {
        let version = self.roster_version()?;
        self.roster_in(version)
    }

    /// The whole roster as it was in a version that is kept, see
    /// [`roster_versions`](Self::roster_versions); of one that is not, what is left of it. How
    /// people stand (suspensions, sign-outs) has no versions and is told as it is now; so are the
    /// holders of bindings.
    ///
    /// # Errors
    /// When the database fails.
    pub fn roster_in(&mut self, version: RosterVersion) -> Result<CurrentRoster, StoreError> {
        Whole { district: self, version }.read()
    }
}

struct Whole<'d, 't, 'c> {
    district: &'d mut DistrictTx<'t, 'c>,
    version: RosterVersion,
}

impl Whole<'_, '_, '_> {
    fn read(&mut self) -> Result<CurrentRoster, StoreError> {
        let mut roster = CurrentRoster::default();
        self.each(BINDINGS, |row| {
            let kind = record_kind(row, 0)?;
            roster.bindings.insert((kind, row.string(1)?), (row.array(2)?, row.opt_id(3)?));
            Ok(())
        })?;
        self.each(SCHOOLS, |row| {
            let school = school(row)?;
            roster.schools.insert(school.id, school);
            Ok(())
        })?;
        self.each(TERMS, |row| {
            let term = term(row)?;
            roster.terms.insert(term.id, term);
            Ok(())
        })?;
        self.each(COURSES, |row| {
            let course = course(row)?;
            roster.courses.insert(course.id, course);
            Ok(())
        })?;
        roster.sections = self.sections()?;
        roster.people = self.people()?;
        roster.contacts = self.contacts()?;
        roster.resources = self.resources()?;
        self.each(ENROLLMENTS, |row| {
            roster.enrollments.insert(Enrollment { section: row.id(0)?, student: row.id(1)? });
            Ok(())
        })?;
        Ok(roster)
    }

    fn sections(&mut self) -> Result<HashMap<SectionId, Section>, StoreError> {
        let mut sections = HashMap::new();
        self.each(SECTIONS, |row| {
            let section = section(row)?;
            sections.insert(section.id, section);
            Ok(())
        })?;
        self.each(SECTION_TEACHERS, |row| {
            if let Some(section) = sections.get_mut(&row.id(0)?) {
                section.teachers.push(row.id(1)?);
            }
            Ok(())
        })?;
        Ok(sections)
    }

    fn people(&mut self) -> Result<HashMap<UserId, RosterPerson>, StoreError> {
        let mut people = HashMap::new();
        self.each(USERS, |row| {
            let person = person(row)?;
            people.insert(person.user.id, person);
            Ok(())
        })?;
        self.each(USER_ROLES, |row| {
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
        self.each(ROLE_SCHOOLS, |row| {
            if let Some(person) = people.get_mut(&row.id(0)?) {
                let held: (RoleId, SchoolId) = (row.id(1)?, row.id(2)?);
                person.schools.push(held);
            }
            Ok(())
        })?;
        self.district.tx.each(STANDINGS, &[self.district.id.into()], |row| {
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
        self.each(CONTACTS, |row| {
            let contact = contact(row)?;
            contacts.insert(contact.id, contact);
            Ok(())
        })?;
        self.each(CONTACT_STUDENTS, |row| {
            if let Some(contact) = contacts.get_mut(&row.id(0)?) {
                contact.students.push(relationship(row)?);
            }
            Ok(())
        })?;
        Ok(contacts)
    }

    fn resources(&mut self) -> Result<HashMap<ResourceId, Resource>, StoreError> {
        let mut resources = HashMap::new();
        self.each(RESOURCES, |row| {
            let resource = resource(row)?;
            resources.insert(resource.id, resource);
            Ok(())
        })?;
        self.each(RESOURCE_COURSES, |row| {
            if let Some(resource) = resources.get_mut(&row.id(0)?) {
                resource.courses.push(row.id(1)?);
            }
            Ok(())
        })?;
        Ok(resources)
    }

    fn each(
        &mut self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let values = [self.district.id.into(), self.version.0.into()];
        self.district.tx.each(sql, &values, read)
    }
}
