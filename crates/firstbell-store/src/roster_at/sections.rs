//! Pages of sections, with who is in them.

use firstbell_core::id::{SectionId, distinct};
use firstbell_core::sharing::{Classroom, Member};

use super::{Dated, Reads, RosterAt, Seek, Which, at, backward, forward, of};
use crate::backend::Row;
use crate::error::StoreError;
use crate::queries::queries;
use crate::roster::rows::section;

/// The members of sections, of `$table` by its column `$role`, each with the person.
macro_rules! members {
    ($table:literal, $role:literal, $which:literal) => {
        concat!(
            "SELECT m.section_id, m.",
            $role,
            ", r.user_id FROM ",
            $table,
            " m JOIN user_roles r ON r.district_id = m.district_id AND r.role_id = m.",
            $role,
            " AND r.since <= $1 AND r.until > $1 \
             WHERE m.district_id = $2 AND m.since <= $1 AND m.until > $1 AND m.section_id ",
            $which
        )
    };
}

queries! {
    UP = forward!(
        "id, school_id, sis_id, name, course_id, term_id, details, created, last_modified",
        "sections", "id"
    );
    DOWN = backward!(
        "id, school_id, sis_id, name, course_id, term_id, details, created, last_modified",
        "sections", "id"
    );
    SOME = of!(
        "id, school_id, sis_id, name, course_id, term_id, details, created, last_modified",
        "sections", "id"
    );
    COUNT = at!("COUNT(*)", "sections");
    COUNT_STUDENTS = at!("COUNT(*)", "enrollments");
    COUNT_TEACHERS = at!("COUNT(*)", "section_teachers");
    TEACHERS_AMONG = concat!(
        members!("section_teachers", "role_id", "BETWEEN $3 AND $4"),
        " ORDER BY m.section_id, m.position"
    );
    STUDENTS_AMONG = concat!(
        members!("enrollments", "student_id", "BETWEEN $3 AND $4"),
        " ORDER BY m.section_id, m.student_id"
    );
    TEACHERS_OF = concat!(
        members!("section_teachers", "role_id", "= $3"), " ORDER BY m.position"
    );
    STUDENTS_OF = concat!(members!("enrollments", "student_id", "= $3"), " ORDER BY m.student_id");
}

const READS: Reads = Reads { up: UP, down: DOWN, some: SOME };

impl RosterAt<'_, '_, '_> {
    /// Sections by ascending id, with who is in them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sections(
        &mut self,
        seek: Seek,
        most: usize,
    ) -> Result<Vec<Dated<Classroom>>, StoreError> {
        self.some_sections(Which::Page(seek, most))
    }

    /// Those of these sections that are there, by ascending id.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sections_by_id(
        &mut self,
        ids: &[SectionId],
    ) -> Result<Vec<Dated<Classroom>>, StoreError> {
        self.some_sections(Which::Ids(&distinct(ids.iter().map(|id| id.to_bytes()))))
    }

    /// How many sections there are.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_sections(&mut self) -> Result<u64, StoreError> {
        self.count(COUNT)
    }

    /// How many people are in sections, each once for each: students and teachers.
    ///
    /// # Errors
    /// When the database fails.
    pub fn count_memberships(&mut self) -> Result<u64, StoreError> {
        Ok(self.count(COUNT_STUDENTS)? + self.count(COUNT_TEACHERS)?)
    }

    fn some_sections(&mut self, which: Which<'_>) -> Result<Vec<Dated<Classroom>>, StoreError> {
        let id = |room: &Dated<Classroom>| room.record.section.id.to_bytes();
        let mut rooms = self.records(&READS, which, classroom, id)?;
        match which {
            Which::Page(..) => {
                self.members(&mut rooms, [TEACHERS_AMONG, STUDENTS_AMONG])?;
            }
            // Sections in a range are read in one go, of scattered ones each for itself.
            Which::Ids(_) => {
                for room in &mut rooms {
                    self.members(std::slice::from_mut(room), [TEACHERS_OF, STUDENTS_OF])?;
                }
            }
        }
        for room in &mut rooms {
            let teachers = room.record.teachers.iter().map(|teacher| teacher.role);
            room.record.section.teachers = teachers.collect();
            room.record.primary = room.record.teachers.first().copied();
        }
        Ok(rooms)
    }

    fn members(
        &mut self,
        rooms: &mut [Dated<Classroom>],
        [teachers, students]: [&'static str; 2],
    ) -> Result<(), StoreError> {
        self.of_each(teachers, rooms, |room, member| room.record.teachers.push(member))?;
        self.of_each(students, rooms, |room, member| room.record.students.push(member))
    }

    fn of_each(
        &mut self,
        sql: &'static str,
        rooms: &mut [Dated<Classroom>],
        mut add: impl FnMut(&mut Dated<Classroom>, Member),
    ) -> Result<(), StoreError> {
        let (Some(first), Some(last)) = (rooms.first(), rooms.last()) else { return Ok(()) };
        let (first, last) = (first.record.section.id, last.record.section.id);
        let [district, version] = self.tenant();
        let mut values = vec![version, district, first.into()];
        if first != last || sql.contains("$4") {
            values.push(last.into());
        }
        let mut at = 0;
        self.district.tx.each(sql, &values, |row| {
            let section: SectionId = row.id(0)?;
            // Members of a section that does not hold in this version are nobody's.
            while rooms.get(at).is_some_and(|room| room.record.section.id < section) {
                at += 1;
            }
            if let Some(room) = rooms.get_mut(at)
                && room.record.section.id == section
            {
                add(room, Member { role: row.id(1)?, user: row.id(2)? });
            }
            Ok(())
        })
    }
}

fn classroom(row: &Row<'_>) -> Result<Dated<Classroom>, StoreError> {
    let (section, primary, teachers, students) = (section(row)?, None, Vec::new(), Vec::new());
    Ok(Dated {
        record: Classroom { section, primary, teachers, students },
        created: row.time(7)?,
        last_modified: row.time(8)?,
    })
}
