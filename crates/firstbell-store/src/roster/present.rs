//! A district's roster in one version, for an import to be compared with: page by page, each in a
//! short transaction of its own. The rows of a version do not change while it is the present one.

use firstbell_core::id::{CourseId, DistrictId, ResourceId, SchoolId, SectionId, TermId, UserId};
use firstbell_core::roster::change::{
    BoundRecord, Enrollment, ManyKind, Present, RecordKind, RosterPerson,
};
use firstbell_core::roster::{Contact, Course, Resource, RosterVersion, School, Section, Term};

use crate::error::StoreError;
use crate::queries::queries;
use crate::roster::rows::section;
use crate::roster_at::{Dated, RosterAt, Seek, among, forward};
use crate::store::Store;

/// Records of a page: a few milliseconds.
const PAGE: usize = 2_000;

/// Of what is small, a page has so many times as many.
const SMALL: usize = 5;

queries! {
    BINDINGS = "SELECT sis_id, id, user_id FROM bindings \
                WHERE district_id = $1 AND kind = $2 AND sis_id > $3 AND since <= $4 \
                ORDER BY sis_id LIMIT $5";
    ALL_BINDINGS = "SELECT sis_id, id, user_id FROM bindings \
                    WHERE district_id = $1 AND kind = $2 AND since <= $3 ORDER BY sis_id LIMIT $4";
    SECTIONS = forward!(
        "id, school_id, sis_id, name, course_id, term_id, details", "sections", "id"
    );
    TEACHERS = concat!(
        among!("section_id, role_id", "section_teachers", "section_id"),
        " ORDER BY section_id, position"
    );
    DIGESTS =
        "SELECT digests FROM roster_digests WHERE district_id = $1 AND kind = $2 AND version = $3";
    // Compared as rows, so that a page begins where the last one ended.
    ENROLLMENTS =
        "SELECT section_id, student_id FROM enrollments \
         WHERE district_id = $1 AND since <= $2 AND until > $2 \
         AND (section_id, student_id) > ($3, $4) ORDER BY section_id, student_id LIMIT $5";
}

/// A district's roster in one version.
pub struct PresentRoster {
    store: Store,
    district: DistrictId,
    version: RosterVersion,
    page: usize,
}

impl Store {
    /// The roster as it is in this version. Its methods block: they are for threads that keep nobody
    /// waiting.
    pub fn present(&self, district: DistrictId, version: RosterVersion) -> PresentRoster {
        PresentRoster { store: self.clone(), district, version, page: PAGE }
    }
}

impl PresentRoster {
    /// The same in pages of so many records.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn in_pages_of(self, page: usize) -> Self {
        Self { page, ..self }
    }

    fn rows(&self) -> i64 {
        i64::try_from(self.page * SMALL).unwrap_or(i64::MAX)
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut RosterAt<'_, '_, '_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (district, version) = (self.district, self.version);
        self.store.read_blocking(move |tx| work(&mut tx.district(district).roster_at(version)))
    }
}

fn seek(after: Option<[u8; 12]>) -> Seek {
    after.map_or(Seek::First, Seek::After)
}

fn undated<T>(records: Vec<Dated<T>>) -> Vec<T> {
    records.into_iter().map(|dated| dated.record).collect()
}

impl Present for PresentRoster {
    type Error = StoreError;

    fn bindings(
        &mut self,
        kind: RecordKind,
        after: Option<&str>,
    ) -> Result<Vec<BoundRecord>, StoreError> {
        let (district, version, rows) = (self.district, self.version.0, self.rows());
        let after = after.map(str::to_owned);
        self.store.read_blocking(move |tx| {
            let head = [district.into(), kind.name().into()];
            let read =
                |row: &crate::backend::Row<'_>| Ok((row.string(0)?, row.array(1)?, row.opt_id(2)?));
            let [district, kind] = head;
            match &after {
                None => tx.all(ALL_BINDINGS, &[district, kind, version.into(), rows.into()], read),
                Some(after) => {
                    let after = after.as_str().into();
                    tx.all(BINDINGS, &[district, kind, after, version.into(), rows.into()], read)
                }
            }
        })
    }

    fn schools(&mut self, after: Option<SchoolId>) -> Result<Vec<School>, StoreError> {
        let seek = seek(after.map(SchoolId::to_bytes));
        let page = self.page;
        self.read(move |roster| roster.schools(seek, page).map(undated))
    }

    fn terms(&mut self, after: Option<TermId>) -> Result<Vec<Term>, StoreError> {
        let seek = seek(after.map(TermId::to_bytes));
        let page = self.page;
        self.read(move |roster| roster.terms(seek, page))
    }

    fn courses(&mut self, after: Option<CourseId>) -> Result<Vec<Course>, StoreError> {
        let seek = seek(after.map(CourseId::to_bytes));
        let page = self.page;
        self.read(move |roster| roster.courses(seek, page))
    }

    fn sections(&mut self, after: Option<SectionId>) -> Result<Vec<Section>, StoreError> {
        let seek = seek(after.map(SectionId::to_bytes));
        let page = self.page;
        self.read(move |roster| roster.plain_sections(seek, page))
    }

    fn people(&mut self, after: Option<UserId>) -> Result<Vec<RosterPerson>, StoreError> {
        let seek = seek(after.map(UserId::to_bytes));
        let page = self.page;
        self.read(move |roster| roster.people(seek, page))
    }

    fn enrollments(&mut self, after: Option<Enrollment>) -> Result<Vec<Enrollment>, StoreError> {
        let (district, version, rows) = (self.district, self.version.0, self.rows());
        let after = after
            .map_or([[0; 12]; 2], |after| [after.section.to_bytes(), after.student.to_bytes()]);
        self.store.read_blocking(move |tx| {
            let [section, student] = after.map(crate::backend::Value::Id);
            let values = [district.into(), version.into(), section, student, rows.into()];
            tx.all(ENROLLMENTS, &values, |row| {
                Ok(Enrollment { section: row.id(0)?, student: row.id(1)? })
            })
        })
    }

    fn contacts(&mut self, after: Option<UserId>) -> Result<Vec<Contact>, StoreError> {
        let seek = seek(after.map(UserId::to_bytes));
        let page = self.page;
        self.read(move |roster| roster.contacts(seek, page).map(undated))
    }

    fn resources(&mut self, after: Option<ResourceId>) -> Result<Vec<Resource>, StoreError> {
        let seek = seek(after.map(ResourceId::to_bytes));
        let page = self.page;
        self.read(move |roster| roster.resources(seek, page).map(undated))
    }

    fn digests(&mut self, kind: ManyKind) -> Result<Option<Vec<u8>>, StoreError> {
        let values = [self.district.into(), kind.name().into(), self.version.0.into()];
        self.store.read_blocking(move |tx| {
            tx.one(DIGESTS, &values, |row| Ok(row.opt_bytes(0)?.unwrap_or_default().to_vec()))
        })
    }
}

impl RosterAt<'_, '_, '_> {
    /// Sections with their teachers' roles and without who those are.
    fn plain_sections(&mut self, seek: Seek, page: usize) -> Result<Vec<Section>, StoreError> {
        let [district, version] = self.tenant();
        let most = i64::try_from(page).unwrap_or(i64::MAX);
        let values = [district.clone(), version.clone(), seek.bound(), most.into()];
        let mut sections = self.district.tx.all(SECTIONS, &values, section)?;
        let (Some(first), Some(last)) = (sections.first(), sections.last()) else {
            return Ok(sections);
        };
        let values = [district, version, first.id.into(), last.id.into()];
        let mut at = 0;
        self.district.tx.each(TEACHERS, &values, |row| {
            let of = row.id(0)?;
            while sections.get(at).is_some_and(|section| section.id < of) {
                at += 1;
            }
            if let Some(section) = sections.get_mut(at).filter(|section| section.id == of) {
                section.teachers.push(row.id(1)?);
            }
            Ok(())
        })?;
        Ok(sections)
    }
}
