//! Who belongs to what: ids only, for the lists that the Data API has below an object.

use std::collections::HashMap;

use firstbell_core::id::{
    CourseId, ResourceId, RoleId, SchoolId, SectionId, TermId, UserId, distinct,
};
use firstbell_core::roster::RoleKind;
use firstbell_core::roster::change::{RecordKind, RosterPerson};
use firstbell_core::sharing::{Needs, Ties};

use super::{RosterAt, of};
use crate::backend::{FromBytes, Row, Value};
use crate::classrooms::section_tie;
use crate::error::StoreError;
use crate::queries::queries;

/// What rules ask of the sections that a role (`$3`) is in, by `$table` with its column `$role`.
macro_rules! ties {
    ($table:literal, $role:literal) => {
        concat!(
            "SELECT m.",
            $role,
            ", c.id, c.school_id, c.details FROM ",
            $table,
            " m JOIN sections c ON c.district_id = m.district_id AND c.id = m.section_id \
             AND c.since <= $1 AND c.until > $1 \
             WHERE m.district_id = $2 AND m.since <= $1 AND m.until > $1 AND m.",
            $role,
            " = $3 ORDER BY c.id"
        )
    };
}

queries! {
    SECTIONS_OF_SCHOOL = of!("id", "sections", "school_id");
    SECTIONS_OF_COURSE = of!("id", "sections", "course_id");
    SECTIONS_OF_TERM = of!("id", "sections", "term_id");
    SCHOOLS_OF_COURSE = of!("DISTINCT school_id", "sections", "course_id");
    SCHOOLS_OF_TERM = of!("DISTINCT school_id", "sections", "term_id");
    COURSES_OF_SCHOOL = concat!(
        of!("DISTINCT course_id", "sections", "school_id"), " AND course_id IS NOT NULL"
    );
    TERMS_OF_SCHOOL = concat!(
        of!("DISTINCT term_id", "sections", "school_id"), " AND term_id IS NOT NULL"
    );
    SECTIONS_OF_STUDENT = of!("section_id", "enrollments", "student_id");
    SECTIONS_OF_TEACHER = of!("section_id", "section_teachers", "role_id");
    AT_SCHOOL = "SELECT s.user_id, s.role_id, s.position, r.kind FROM role_schools s \
                 JOIN user_roles r ON r.district_id = s.district_id AND r.role_id = s.role_id \
                 AND r.since <= $1 AND r.until > $1 \
                 WHERE s.district_id = $2 AND s.since <= $1 AND s.until > $1 AND s.school_id = $3";
    HOLDER = of!("user_id, kind", "user_roles", "role_id");
    SIS_ID_OF_ROLE = of!("role_id, sis_id", "user_roles", "role_id");
    BOUND = "SELECT id, sis_id FROM bindings \
             WHERE district_id = $1 AND since <= $2 AND kind = $3";
    CONTACTS_OF_STUDENT = of!("contact_id", "contact_students", "student_id");
    CONTACT_OF_ROLE = of!("id", "contacts", "role_id");
    RESOURCES_OF_COURSE = of!("resource_id", "resource_courses", "course_id");
    SCHOOL_OF_SECTION = of!("school_id", "sections", "id");
    LEARNS_IN = ties!("enrollments", "student_id");
    TEACHES_IN = ties!("section_teachers", "role_id");
}

/// Somebody at a school.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtSchool {
    /// The person.
    pub user: UserId,
    /// The role that they hold there.
    pub role: RoleId,
    /// Of which kind it is.
    pub kind: RoleKind,
    /// Whether it is the primary school of the role.
    pub is_primary: bool,
}

impl RosterAt<'_, '_, '_> {
    /// The sections that a school holds.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sections_of_school(&mut self, school: SchoolId) -> Result<Vec<SectionId>, StoreError> {
        self.ids(SECTIONS_OF_SCHOOL, school)
    }

    /// The sections of a course.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sections_of_course(&mut self, course: CourseId) -> Result<Vec<SectionId>, StoreError> {
        self.ids(SECTIONS_OF_COURSE, course)
    }

    /// The sections that run in a term.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sections_of_term(&mut self, term: TermId) -> Result<Vec<SectionId>, StoreError> {
        self.ids(SECTIONS_OF_TERM, term)
    }

    /// The schools that hold sections of a course.
    ///
    /// # Errors
    /// When the database fails.
    pub fn schools_of_course(&mut self, course: CourseId) -> Result<Vec<SchoolId>, StoreError> {
        self.ids(SCHOOLS_OF_COURSE, course)
    }

    /// The schools that hold sections which run in a term.
    ///
    /// # Errors
    /// When the database fails.
    pub fn schools_of_term(&mut self, term: TermId) -> Result<Vec<SchoolId>, StoreError> {
        self.ids(SCHOOLS_OF_TERM, term)
    }

    /// The courses of the sections that a school holds.
    ///
    /// # Errors
    /// When the database fails.
    pub fn courses_of_school(&mut self, school: SchoolId) -> Result<Vec<CourseId>, StoreError> {
        self.ids(COURSES_OF_SCHOOL, school)
    }

    /// The terms in which the sections that a school holds run.
    ///
    /// # Errors
    /// When the database fails.
    pub fn terms_of_school(&mut self, school: SchoolId) -> Result<Vec<TermId>, StoreError> {
        self.ids(TERMS_OF_SCHOOL, school)
    }

    /// The sections that a role is in, as student or as teacher.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sections_of_role(&mut self, role: RoleId) -> Result<Vec<SectionId>, StoreError> {
        let mut sections = self.ids(SECTIONS_OF_STUDENT, role)?;
        sections.extend(self.ids::<SectionId>(SECTIONS_OF_TEACHER, role)?);
        Ok(sections)
    }

    /// The schools that hold these sections, each once.
    ///
    /// # Errors
    /// When the database fails.
    pub fn schools_of_sections(
        &mut self,
        sections: &[SectionId],
    ) -> Result<Vec<SchoolId>, StoreError> {
        let sections = distinct(sections.iter().map(|id| id.to_bytes()));
        let mut schools = Vec::new();
        let values = self.tenant();
        self.district.tx.with(|link| {
            link.for_ids(SCHOOL_OF_SECTION, &values, &sections, |row| {
                schools.push(row.id(0)?);
                Ok(())
            })
        })?;
        schools.sort_unstable();
        schools.dedup();
        Ok(schools)
    }

    /// Who is at a school.
    ///
    /// # Errors
    /// When the database fails.
    pub fn at_school(&mut self, school: SchoolId) -> Result<Vec<AtSchool>, StoreError> {
        let [district, version] = self.tenant();
        self.district.tx.all(AT_SCHOOL, &[version, district, school.into()], |row| {
            let (user, role, kind) = (row.id(0)?, row.id(1)?, row.parsed(3)?);
            Ok(AtSchool { user, role, kind, is_primary: row.int(2)? == 0 })
        })
    }

    /// Who holds a role, and of which kind it is.
    ///
    /// # Errors
    /// When the database fails.
    pub fn holder(&mut self, role: RoleId) -> Result<Option<(UserId, RoleKind)>, StoreError> {
        let [district, version] = self.tenant();
        let read = |row: &Row<'_>| Ok((row.id(0)?, row.parsed(1)?));
        self.district.tx.one(HOLDER, &[district, version, role.into()], read)
    }

    /// The ids that these roles have in the district's systems.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sis_ids_of_roles(
        &mut self,
        roles: &[RoleId],
    ) -> Result<Vec<(RoleId, String)>, StoreError> {
        let roles = distinct(roles.iter().map(|id| id.to_bytes()));
        let mut sis_ids = Vec::with_capacity(roles.len());
        let values = self.tenant();
        self.district.tx.with(|link| {
            link.for_ids(SIS_ID_OF_ROLE, &values, &roles, |row| {
                sis_ids.push((row.id(0)?, row.string(1)?));
                Ok(())
            })
        })?;
        Ok(sis_ids)
    }

    /// Under what all records of a kind that ever were are known in the district's systems, by their
    /// bytes.
    ///
    /// # Errors
    /// When the database fails.
    pub fn bound(&mut self, kind: RecordKind) -> Result<HashMap<[u8; 12], String>, StoreError> {
        let [district, version] = self.tenant();
        let mut bound = HashMap::new();
        self.district.tx.each(BOUND, &[district, version, kind.name().into()], |row| {
            bound.insert(row.array(0)?, row.string(1)?);
            Ok(())
        })?;
        Ok(bound)
    }

    /// The contacts of a student.
    ///
    /// # Errors
    /// When the database fails.
    pub fn contacts_of_student(&mut self, student: RoleId) -> Result<Vec<UserId>, StoreError> {
        self.ids(CONTACTS_OF_STUDENT, student)
    }

    /// The contact that has this role.
    ///
    /// # Errors
    /// When the database fails.
    pub fn contact_of_role(&mut self, role: RoleId) -> Result<Option<UserId>, StoreError> {
        Ok(self.ids(CONTACT_OF_ROLE, role)?.into_iter().next())
    }

    /// The resources that are assigned to a course.
    ///
    /// # Errors
    /// When the database fails.
    pub fn resources_of_course(&mut self, course: CourseId) -> Result<Vec<ResourceId>, StoreError> {
        self.ids(RESOURCES_OF_COURSE, course)
    }

    /// What ties a person to the roster, as far as it is needed and without what teachers let in.
    ///
    /// # Errors
    /// When the database fails.
    pub fn ties_of(&mut self, person: &RosterPerson, needs: Needs) -> Result<Ties, StoreError> {
        let mut ties = Ties::default();
        if needs.schools {
            ties.schools.clone_from(&person.schools);
        }
        if needs.sections {
            let [district, version] = self.tenant();
            for role in &person.user.roles {
                for sql in [LEARNS_IN, TEACHES_IN] {
                    let values = [version.clone(), district.clone(), role.id.into()];
                    ties.sections.extend(self.district.tx.all(sql, &values, section_tie)?);
                }
            }
        }
        Ok(ties)
    }

    fn ids<T: FromBytes>(
        &mut self,
        sql: &str,
        of: impl Into<Value<'static>>,
    ) -> Result<Vec<T>, StoreError> {
        let [district, version] = self.tenant();
        self.district.tx.all(sql, &[district, version, of.into()], |row| row.id(0))
    }
}
