//! Pages of schools, terms, courses, resources and contacts.

use firstbell_core::id::{CourseId, ResourceId, RoleId, SchoolId, TermId, UserId, distinct};
use firstbell_core::roster::{Contact, Course, Resource, School, Term};

use super::{Dated, Parts, Reads, RosterAt, Seek, Which, among, at, backward, forward, of};
use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::roster::rows::{contact, course, relationship, resource, school, term};

/// The statements that read records of a kind, and the one that counts them.
macro_rules! reads {
    (records { $($reads:ident, $up:ident, $down:ident, $some:ident, $count:ident = $columns:literal of $table:literal;)* }
     statements { $($name:ident = $sql:expr;)* }) => {
        queries! {
            $(
                $up = forward!($columns, $table, "id");
                $down = backward!($columns, $table, "id");
                $some = of!($columns, $table, "id");
                $count = at!("COUNT(*)", $table);
            )*
            $($name = $sql;)*
        }

        $(const $reads: Reads = Reads { up: $up, down: $down, some: $some };)*
    };
}

reads! {
    records {
        SCHOOLS, SCHOOLS_UP, SCHOOLS_DOWN, SCHOOLS_SOME, COUNT_SCHOOLS =
            "id, sis_id, name, number, details, created, last_modified" of "schools";
        TERMS, TERMS_UP, TERMS_DOWN, TERMS_SOME, COUNT_TERMS =
            "id, name, start_date, end_date" of "terms";
        COURSES, COURSES_UP, COURSES_DOWN, COURSES_SOME, COUNT_COURSES =
            "id, name, number" of "courses";
        RESOURCES, RESOURCES_UP, RESOURCES_DOWN, RESOURCES_SOME, COUNT_RESOURCES =
            "id, sis_id, title, roles, created, last_modified" of "resources";
        CONTACTS, CONTACTS_UP, CONTACTS_DOWN, CONTACTS_SOME, COUNT_CONTACTS =
            "id, role_id, sis_id, first_name, middle_name, last_name, email, details, created, \
             last_modified" of "contacts";
    }
    statements {
        COURSES_AMONG = concat!(
            among!("resource_id, course_id", "resource_courses", "resource_id"),
            " ORDER BY resource_id, course_id"
        );
        COURSES_OF = of!("resource_id, course_id", "resource_courses", "resource_id");
        STUDENTS_AMONG = concat!(
            among!(
                "contact_id, student_id, relationship, kind", "contact_students", "contact_id"
            ),
            " ORDER BY contact_id, student_id"
        );
        STUDENTS_OF = of!(
            "contact_id, student_id, relationship, kind", "contact_students", "contact_id"
        );
        ROLES_UP = forward!("role_id, id", "contacts", "role_id");
        ROLES_DOWN = backward!("role_id, id", "contacts", "role_id");
    }
}

const RESOURCE_COURSES: Parts = Parts { range: COURSES_AMONG, some: COURSES_OF };
const CONTACT_STUDENTS: Parts = Parts { range: STUDENTS_AMONG, some: STUDENTS_OF };

impl RosterAt<'_, '_, '_> {
    /// Schools by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn schools(&mut self, seek: Seek, most: usize) -> Result<Vec<Dated<School>>, StoreError> {
        self.records(&SCHOOLS, Which::Page(seek, most), dated_school, school_id)
    }

    /// Those of these schools that are there, by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn schools_by_id(&mut self, ids: &[SchoolId]) -> Result<Vec<Dated<School>>, StoreError> {
        let ids = distinct(ids.iter().map(|id| id.to_bytes()));
        self.records(&SCHOOLS, Which::Ids(&ids), dated_school, school_id)
    }

    /// How many schools there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_schools(&mut self) -> Result<u64, StoreError> {
        self.count(COUNT_SCHOOLS)
    }

    /// Terms by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn terms(&mut self, seek: Seek, most: usize) -> Result<Vec<Term>, StoreError> {
        self.records(&TERMS, Which::Page(seek, most), term, |term| term.id.to_bytes())
    }

    /// Those of these terms that are there, by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn terms_by_id(&mut self, ids: &[TermId]) -> Result<Vec<Term>, StoreError> {
        let ids = distinct(ids.iter().map(|id| id.to_bytes()));
        self.records(&TERMS, Which::Ids(&ids), term, |term| term.id.to_bytes())
    }

    /// How many terms there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_terms(&mut self) -> Result<u64, StoreError> {
        self.count(COUNT_TERMS)
    }

    /// Courses by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn courses(&mut self, seek: Seek, most: usize) -> Result<Vec<Course>, StoreError> {
        self.records(&COURSES, Which::Page(seek, most), course, |course| course.id.to_bytes())
    }

    /// Those of these courses that are there, by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn courses_by_id(&mut self, ids: &[CourseId]) -> Result<Vec<Course>, StoreError> {
        let ids = distinct(ids.iter().map(|id| id.to_bytes()));
        self.records(&COURSES, Which::Ids(&ids), course, |course| course.id.to_bytes())
    }

    /// How many courses there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_courses(&mut self) -> Result<u64, StoreError> {
        self.count(COUNT_COURSES)
    }

    /// Resources by ascending id, with the courses they are assigned to.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resources(
        &mut self,
        seek: Seek,
        most: usize,
    ) -> Result<Vec<Dated<Resource>>, StoreError> {
        self.some_resources(Which::Page(seek, most))
    }

    /// Those of these resources that are there, by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resources_by_id(
        &mut self,
        ids: &[ResourceId],
    ) -> Result<Vec<Dated<Resource>>, StoreError> {
        self.some_resources(Which::Ids(&distinct(ids.iter().map(|id| id.to_bytes()))))
    }

    /// How many resources there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_resources(&mut self) -> Result<u64, StoreError> {
        self.count(COUNT_RESOURCES)
    }

    fn some_resources(&mut self, which: Which<'_>) -> Result<Vec<Dated<Resource>>, StoreError> {
        let id = |resource: &Dated<Resource>| resource.record.id.to_bytes();
        let read = |row: &Row<'_>| dated(resource(row)?, row, 4);
        let mut resources = self.records(&RESOURCES, which, read, id)?;
        self.parts(&RESOURCE_COURSES, which, &mut resources, id, |resource, row| {
            resource.record.courses.push(row.id(1)?);
            Ok(())
        })?;
        Ok(resources)
    }

    /// Contacts by ascending id, with what they are to which students.
    ///
    /// # Errors
    /// When the database fails.
    pub fn contacts(&mut self, seek: Seek, most: usize) -> Result<Vec<Dated<Contact>>, StoreError> {
        self.some_contacts(Which::Page(seek, most))
    }

    /// Those of these contacts that are there, by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn contacts_by_id(&mut self, ids: &[UserId]) -> Result<Vec<Dated<Contact>>, StoreError> {
        self.some_contacts(Which::Ids(&distinct(ids.iter().map(|id| id.to_bytes()))))
    }

    /// How many contacts there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_contacts(&mut self) -> Result<u64, StoreError> {
        self.count(COUNT_CONTACTS)
    }

    /// Contacts by the ascending id of their role: the role, and the contact.
    ///
    /// # Errors
    /// When the database fails.
    pub fn contact_roles(
        &mut self,
        seek: Seek,
        most: usize,
    ) -> Result<Vec<(RoleId, UserId)>, StoreError> {
        const READS: Reads = Reads { up: ROLES_UP, down: ROLES_DOWN, some: ROLES_UP };
        let read = |row: &Row<'_>| Ok((row.id(0)?, row.id(1)?));
        self.records(&READS, Which::Page(seek, most), read, |(role, _): &(RoleId, UserId)| {
            role.to_bytes()
        })
    }

    fn some_contacts(&mut self, which: Which<'_>) -> Result<Vec<Dated<Contact>>, StoreError> {
        let id = |contact: &Dated<Contact>| contact.record.id.to_bytes();
        let read = |row: &Row<'_>| dated(contact(row)?, row, 8);
        let mut contacts = self.records(&CONTACTS, which, read, id)?;
        self.parts(&CONTACT_STUDENTS, which, &mut contacts, id, |contact, row| {
            contact.record.students.push(relationship(row)?);
            Ok(())
        })?;
        Ok(contacts)
    }
}

fn dated_school(row: &Row<'_>) -> Result<Dated<School>, StoreError> {
    dated(school(row)?, row, 5)
}

fn school_id(school: &Dated<School>) -> [u8; 12] {
    school.record.id.to_bytes()
}

/// The record with the two dates that begin at this column.
fn dated<T>(record: T, row: &Row<'_>, column: usize) -> Result<Dated<T>, StoreError> {
    Ok(Dated { record, created: row.time(column)?, last_modified: row.time(column + 1)? })
}
