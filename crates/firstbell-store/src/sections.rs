//! A section with the people in it, as it is in the current roster.

use firstbell_core::id::{SectionId, UserId};
use firstbell_core::roster::User;
use firstbell_core::sharing::{Classroom, Member};

use crate::backend::Row;
use crate::classrooms::holds;
use crate::error::StoreError;
use crate::person::{join_person, person_columns, read};
use crate::queries::queries;
use crate::roster::rows::section;
use crate::store::DistrictTx;

queries! {
    SECTION = concat!(
        "SELECT c.id, c.school_id, c.sis_id, c.name, c.course_id, c.term_id, c.details \
         FROM districts d JOIN sections c ON c.id = $1 AND ", holds!("c"), " WHERE d.id = $2"
    );
    TEACHERS = concat!(
        "SELECT t.role_id, r.user_id FROM districts d \
         JOIN section_teachers t ON t.section_id = $1 AND ", holds!("t"),
        " JOIN user_roles r ON r.role_id = t.role_id AND ", holds!("r"),
        " WHERE d.id = $2 ORDER BY t.position"
    );
    STUDENTS = concat!(
        "SELECT e.student_id, r.user_id FROM districts d \
         JOIN enrollments e ON e.section_id = $1 AND ", holds!("e"),
        " JOIN user_roles r ON r.role_id = e.student_id AND ", holds!("r"),
        " WHERE d.id = $2 ORDER BY e.student_id"
    );
    INSTRUCTORS = concat!(
        "SELECT ", person_columns!(), " FROM districts d \
         JOIN section_teachers t ON t.section_id = $1 AND ", holds!("t"),
        " JOIN user_roles l ON l.role_id = t.role_id AND ", holds!("l"), " ",
        join_person!("l.user_id"), " WHERE d.id = $2 ORDER BY u.id"
    );
    LEARNERS = concat!(
        "SELECT ", person_columns!(), " FROM districts d \
         JOIN enrollments e ON e.section_id = $1 AND ", holds!("e"),
        " JOIN user_roles l ON l.role_id = e.student_id AND ", holds!("l"), " ",
        join_person!("l.user_id"), " WHERE d.id = $2 ORDER BY u.id"
    );
}

impl DistrictTx<'_, '_> {
    /// The section with this id and who is in it, if the district's roster has one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn classroom(&mut self, id: SectionId) -> Result<Option<Classroom>, StoreError> {
        let values = [id.into(), self.id.into()];
        let Some(mut section) = self.tx.one(SECTION, &values, section)? else { return Ok(None) };
        let teachers = self.tx.all(TEACHERS, &values, member)?;
        section.teachers = teachers.iter().map(|member| member.role).collect();
        let students = self.tx.all(STUDENTS, &values, member)?;
        let primary = teachers.first().copied();
        Ok(Some(Classroom { section, primary, teachers, students }))
    }

    /// The teachers of a section, by their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub fn teachers_of(&mut self, section: SectionId) -> Result<Vec<User>, StoreError> {
        self.people_in(INSTRUCTORS, section)
    }

    /// The students of a section, by their ids.
    ///
    /// # Errors
    /// When the database fails.
    pub fn students_of(&mut self, section: SectionId) -> Result<Vec<User>, StoreError> {
        self.people_in(LEARNERS, section)
    }

    fn people_in(
        &mut self,
        sql: &'static str,
        section: SectionId,
    ) -> Result<Vec<User>, StoreError> {
        let mut people: Vec<User> = Vec::new();
        self.tx.each(sql, &[section.into(), self.id.into()], |row| {
            // A person is a row for each of their roles.
            let id: Option<UserId> = row.opt_id(11)?;
            let is_next = people.last().is_none_or(|last| Some(last.id) != id);
            let mut person = if is_next { None } else { people.pop() };
            read(row, &mut person)?;
            people.extend(person);
            Ok(())
        })?;
        Ok(people)
    }
}

fn member(row: &Row<'_>) -> Result<Member, StoreError> {
    Ok(Member { role: row.id(0)?, user: row.id(1)? })
}
