//! A district's roster: its version, how many are in it, and the few records that are looked up by
//! themselves.

pub(crate) mod present;
pub(crate) mod rows;
pub(crate) mod tables;
pub(crate) mod whole;

use firstbell_core::id::{SchoolId, SectionId};
pub use firstbell_core::roster::RosterVersion;
use firstbell_core::roster::sync::VersionMade;
use firstbell_core::roster::{RoleKind, School};
use firstbell_core::time::Timestamp;

use crate::backend::{Row, Value};
use crate::error::StoreError;
use crate::purge::kept::oldest_kept;
use crate::queries::queries;
use crate::roster_at::at;
use crate::store::DistrictTx;
use rows::school;

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

queries! {
    VERSION = "SELECT roster_version FROM districts WHERE id = $1";
    MADE = "SELECT made FROM roster_versions WHERE district_id = $1 AND version = $2";
    TRIMMED = "SELECT roster_version, trimmed_version FROM districts WHERE id = $1";
    VERSIONS = "SELECT version, made FROM roster_versions \
                WHERE district_id = $1 AND version >= $2 ORDER BY version";
    COUNT_SCHOOLS = at!("COUNT(*)", "schools");
    COUNT_PEOPLE = at!("COUNT(*)", "users");
    COUNT_SECTIONS = at!("COUNT(*)", "sections");
    COUNT_ENROLLMENTS = at!("COUNT(*)", "enrollments");
    COUNT_ROLES = concat!(at!("kind, COUNT(*)", "user_roles"), " GROUP BY kind");
    SCHOOL_BY_SIS_ID = concat!(
        at!("id, sis_id, name, number, details", "schools"), " AND sis_id = $3"
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

    /// The versions of the roster that can be read whole, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn roster_versions(&mut self, now: Timestamp) -> Result<Vec<VersionMade>, StoreError> {
        let district = self.id;
        let found =
            self.tx.one(TRIMMED, &[district.into()], |row| Ok((row.int(0)?, row.int(1)?)))?;
        let Some((current, trimmed)) = found else { return Ok(Vec::new()) };
        // A purge that is under way on another node may have begun with those before.
        let oldest = oldest_kept(self.tx, district, current, now)?.max(trimmed);
        self.tx.all(VERSIONS, &[district.into(), oldest.into()], |row| {
            Ok(VersionMade { version: RosterVersion(row.int(0)?), made: row.time(1)? })
        })
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
