//! What the printers of both families tell of a role in the same words.

use serde::ser::SerializeMap;

use super::members::Members;
use super::schema::{self, Schema};
use super::tables::Details;
use super::words::Words;
use super::{PersonRole, Told};
use crate::vocabulary::RoleKind;

impl<'a> PersonRole<'a> {
    /// Whether the role is told with its roster.
    pub(super) fn tells_roster(&self) -> bool {
        self.told.includes(Told::ROSTER)
    }

    /// The id in the student information system and what it is called. Where the roster is told,
    /// staff have a name of their own for it, and district administrators, who stand in no roster,
    /// have none.
    pub(super) fn put_sis_id<M: SerializeMap>(&self, to: &mut Members<M>) -> Result<(), M::Error> {
        match self.kind {
            RoleKind::Staff if self.tells_roster() => to.put_known("staff_id", self.sis_id),
            RoleKind::DistrictAdmin if self.tells_roster() => Ok(()),
            _ => to.put_known("sis_id", self.sis_id),
        }
    }

    /// The grade, in the words of the dialect; None for whoever is no student.
    pub(super) fn grade(&self, words: &Words) -> Option<&'a str> {
        let grade = self.grade.or_else(|| self.facts.get("grade"));
        grade.filter(|_| self.kind == RoleKind::Student).map(|grade| words.word(grade))
    }

    /// Schools, as far as they are shared. Staff have no primary one, district administrators none.
    pub(super) fn put_schools<M: SerializeMap>(&self, to: &mut Members<M>) -> Result<(), M::Error> {
        let Some(schools) = self.schools else { return Ok(()) };
        match self.kind {
            RoleKind::Student | RoleKind::Teacher => {
                to.put_known("school", schools.first())?;
                to.put("schools", schools)
            }
            RoleKind::Staff => to.put("schools", schools),
            RoleKind::DistrictAdmin => Ok(()),
        }
    }
}

impl Schema {
    /// The members that the functions above print.
    pub(super) fn role(self, kind: RoleKind, details: &Details) -> Self {
        let schema = self.may("sis_id", schema::text());
        let schools = schema::list(&schema::id());
        let schema = match kind {
            RoleKind::Student => schema
                .may("grade", schema::word(details.grades))
                .may("school", schema::id())
                .may("schools", schools),
            RoleKind::Teacher => schema.may("school", schema::id()).may("schools", schools),
            RoleKind::Staff => schema.may("staff_id", schema::text()).may("schools", schools),
            RoleKind::DistrictAdmin => schema,
        };
        schema.facts(details.of(kind))
    }
}
