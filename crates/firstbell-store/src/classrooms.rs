//! What ties a person to schools and sections, and what teachers have let in for them.

use std::collections::HashMap;

use firstbell_core::application::TeacherLink;
use firstbell_core::id::{ApplicationId, SectionId, UserId};
use firstbell_core::roster::User;
use firstbell_core::sharing::{Needs, SectionTie, Ties};

use crate::backend::Row;
use crate::details::details;
use crate::error::StoreError;
use crate::queries::queries;
use crate::store::DistrictTx;

/// Rows of `$table` that hold in the current roster of district `d`.
macro_rules! holds {
    ($table:literal) => {
        concat!(
            $table,
            ".district_id = d.id AND ",
            $table,
            ".since <= d.roster_version AND ",
            $table,
            ".until > d.roster_version"
        )
    };
}

pub(crate) use holds;

queries! {
    SCHOOLS = concat!(
        "SELECT s.role_id, s.school_id FROM districts d JOIN role_schools s ON s.user_id = $1 AND ",
        holds!("s"), " WHERE d.id = $2 ORDER BY s.role_id, s.school_id"
    );
    LEARNS_IN = concat!(
        "SELECT e.student_id, c.id, c.school_id, c.details FROM districts d \
         JOIN enrollments e ON e.student_id = $1 AND ", holds!("e"),
        " JOIN sections c ON c.id = e.section_id AND ", holds!("c"),
        " WHERE d.id = $2 ORDER BY c.id"
    );
    TEACHES_IN = concat!(
        "SELECT t.role_id, c.id, c.school_id, c.details FROM districts d \
         JOIN section_teachers t ON t.role_id = $1 AND ", holds!("t"),
        " JOIN sections c ON c.id = t.section_id AND ", holds!("c"),
        " WHERE d.id = $2 ORDER BY c.id"
    );
    LINKS_OF_TEACHER =
        "SELECT l.application_id, l.teacher_id, l.since, s.section_id FROM teacher_links l \
         LEFT JOIN teacher_link_sections s ON s.district_id = l.district_id \
         AND s.application_id = l.application_id AND s.teacher_id = l.teacher_id \
         WHERE l.district_id = $1 AND l.teacher_id = $2 ORDER BY l.application_id, s.section_id";
    // A link holds for a student while the teacher is there, not suspended, and teaches the section.
    LINKS_TO_SECTION = concat!(
        "SELECT l.application_id, l.teacher_id, l.since, s.section_id FROM districts d \
         JOIN teacher_link_sections s ON s.district_id = d.id AND s.section_id = $1 \
         JOIN teacher_links l ON l.district_id = d.id AND l.application_id = s.application_id \
         AND l.teacher_id = s.teacher_id \
         JOIN section_teachers t ON t.section_id = s.section_id AND ", holds!("t"),
        " JOIN user_roles r ON r.user_id = l.teacher_id AND r.role_id = t.role_id AND ",
        holds!("r"),
        " LEFT JOIN standings x ON x.district_id = d.id AND x.user_id = l.teacher_id \
         WHERE d.id = $2 AND x.suspended_since IS NULL ORDER BY l.application_id, l.teacher_id"
    );
    LINK = "INSERT INTO teacher_links (application_id, district_id, teacher_id, since) \
            VALUES ($1, $2, $3, $4) \
            ON CONFLICT (application_id, district_id, teacher_id) DO NOTHING";
    FORGET_SECTIONS = "DELETE FROM teacher_link_sections \
                       WHERE district_id = $1 AND application_id = $2 AND teacher_id = $3";
    ADD_SECTION = "INSERT INTO teacher_link_sections \
                   (district_id, section_id, application_id, teacher_id) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (district_id, section_id, application_id, teacher_id) DO NOTHING";
    UNLINK = "DELETE FROM teacher_links \
              WHERE district_id = $1 AND application_id = $2 AND teacher_id = $3";
}

impl DistrictTx<'_, '_> {
    /// What ties a person to the roster, as far as it is needed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn ties_of(&mut self, user: &User, needs: Needs) -> Result<Ties, StoreError> {
        let mut ties = Ties::default();
        if needs.schools {
            ties.schools = self.tx.all(SCHOOLS, &[user.id.into(), self.id.into()], |row| {
                Ok((row.id(0)?, row.id(1)?))
            })?;
        }
        if needs.sections || needs.links {
            for role in &user.roles {
                for sql in [LEARNS_IN, TEACHES_IN] {
                    let values = [role.id.into(), self.id.into()];
                    ties.sections.extend(self.tx.all(sql, &values, section_tie)?);
                }
            }
        }
        if needs.links {
            ties.links = self.links_of(user.id)?;
            let own: Vec<SectionId> = ties.sections.iter().map(|tie| tie.section).collect();
            // Sections that she no longer teaches are not hers to share.
            for link in &mut ties.links {
                link.sections.retain(|section| own.contains(section));
            }
            for section in own {
                for link in self.links_to(section)? {
                    if link.teacher != user.id {
                        ties.links.push(link);
                    }
                }
            }
        }
        Ok(ties)
    }

    /// What a teacher has let in, with all the sections she named.
    ///
    /// # Errors
    /// When the database fails.
    pub fn links_of(&mut self, teacher: UserId) -> Result<Vec<TeacherLink>, StoreError> {
        let mut places: HashMap<ApplicationId, usize> = HashMap::new();
        let mut links: Vec<TeacherLink> = Vec::new();
        let district = self.id;
        self.tx.each(LINKS_OF_TEACHER, &[district.into(), teacher.into()], |row| {
            let application = row.id(0)?;
            let at = *places.entry(application).or_insert_with(|| links.len());
            if at == links.len() {
                links.push(TeacherLink {
                    application,
                    district,
                    teacher,
                    sections: Vec::new(),
                    since: row.time(2)?,
                });
            }
            if let (Some(link), Some(section)) = (links.get_mut(at), row.opt_id(3)?) {
                link.sections.push(section);
            }
            Ok(())
        })?;
        Ok(links)
    }

    fn links_to(&mut self, section: SectionId) -> Result<Vec<TeacherLink>, StoreError> {
        let district = self.id;
        self.tx.all(LINKS_TO_SECTION, &[section.into(), district.into()], |row| {
            Ok(TeacherLink {
                application: row.id(0)?,
                district,
                teacher: row.id(1)?,
                since: row.time(2)?,
                sections: vec![row.id(3)?],
            })
        })
    }

    /// Records what a teacher lets in. Sections that she named before and does not name now are no
    /// longer shared.
    ///
    /// # Errors
    /// When the database fails, or has no such application.
    pub fn link(&mut self, link: &TeacherLink) -> Result<(), StoreError> {
        let (district, application, teacher) = (self.id, link.application, link.teacher);
        let values = [application.into(), district.into(), teacher.into(), link.since.into()];
        self.tx.run(LINK, &values)?;
        self.tx.run(FORGET_SECTIONS, &[district.into(), application.into(), teacher.into()])?;
        for section in &link.sections {
            let values = [district.into(), (*section).into(), application.into(), teacher.into()];
            self.tx.run(ADD_SECTION, &values)?;
        }
        Ok(())
    }

    /// Takes back what a teacher has let in; whether she had.
    ///
    /// # Errors
    /// When the database fails.
    pub fn unlink(
        &mut self,
        application: ApplicationId,
        teacher: UserId,
    ) -> Result<bool, StoreError> {
        let values = [self.id.into(), application.into(), teacher.into()];
        self.tx.run(FORGET_SECTIONS, &values)?;
        Ok(self.tx.run(UNLINK, &values)? > 0)
    }
}

pub(crate) fn section_tie(row: &Row<'_>) -> Result<SectionTie, StoreError> {
    let details = details(row, 3)?;
    Ok(SectionTie {
        role: row.id(0)?,
        section: row.id(1)?,
        school: row.id(2)?,
        grade: details.get("grade").map(str::to_owned),
        subject: details.get("subject").map(str::to_owned),
    })
}
