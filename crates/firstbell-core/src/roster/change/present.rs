//! What a district's roster holds, for an import to be compared with, without holding it at once.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;

use super::{CurrentRoster, Enrollment, ManyKind, RecordKind, RosterPerson};
use crate::id::{CourseId, ResourceId, SchoolId, SectionId, TermId, UserId};
use crate::roster::{Contact, Course, Resource, School, Section, Term};

/// A binding of some kind: the id in the student information system, the twelve bytes of the id
/// here, and for roles and contacts the person.
pub type BoundRecord = (String, [u8; 12], Option<UserId>);

/// A district's roster in one version, in pages: each method gives some records that follow
/// `after`, by ascending id, and none where there are no more.
#[expect(clippy::missing_errors_doc, reason = "all of them fail as the store does")]
pub trait Present {
    /// Why it cannot be read.
    type Error;

    /// Bindings of a kind ever made, also of records that have left, by SIS id.
    fn bindings(
        &mut self,
        kind: RecordKind,
        after: Option<&str>,
    ) -> Result<Vec<BoundRecord>, Self::Error>;

    /// Schools.
    fn schools(&mut self, after: Option<SchoolId>) -> Result<Vec<School>, Self::Error>;

    /// Terms.
    fn terms(&mut self, after: Option<TermId>) -> Result<Vec<Term>, Self::Error>;

    /// Courses.
    fn courses(&mut self, after: Option<CourseId>) -> Result<Vec<Course>, Self::Error>;

    /// Sections.
    fn sections(&mut self, after: Option<SectionId>) -> Result<Vec<Section>, Self::Error>;

    /// People.
    fn people(&mut self, after: Option<UserId>) -> Result<Vec<RosterPerson>, Self::Error>;

    /// Enrolments.
    fn enrollments(&mut self, after: Option<Enrollment>) -> Result<Vec<Enrollment>, Self::Error>;

    /// Contacts.
    fn contacts(&mut self, after: Option<UserId>) -> Result<Vec<Contact>, Self::Error>;

    /// Resources.
    fn resources(&mut self, after: Option<ResourceId>) -> Result<Vec<Resource>, Self::Error>;

    /// The digests of a kind that came with the change that made this very version; none where that
    /// brought none.
    fn digests(&mut self, kind: ManyKind) -> Result<Option<Vec<u8>>, Self::Error>;
}

/// A roster in memory, in one page.
impl Present for &CurrentRoster {
    type Error = Infallible;

    fn bindings(
        &mut self,
        kind: RecordKind,
        after: Option<&str>,
    ) -> Result<Vec<BoundRecord>, Infallible> {
        let of_kind = self.bindings.iter().filter(|((of, sis_id), _)| {
            *of == kind && after.is_none_or(|after| sis_id.as_str() > after)
        });
        let mut page: Vec<BoundRecord> =
            of_kind.map(|((_, sis_id), (id, user))| (sis_id.clone(), *id, *user)).collect();
        page.sort_unstable();
        Ok(page)
    }

    fn schools(&mut self, after: Option<SchoolId>) -> Result<Vec<School>, Infallible> {
        Ok(page(&self.schools, after.as_ref()))
    }

    fn terms(&mut self, after: Option<TermId>) -> Result<Vec<Term>, Infallible> {
        Ok(page(&self.terms, after.as_ref()))
    }

    fn courses(&mut self, after: Option<CourseId>) -> Result<Vec<Course>, Infallible> {
        Ok(page(&self.courses, after.as_ref()))
    }

    fn sections(&mut self, after: Option<SectionId>) -> Result<Vec<Section>, Infallible> {
        Ok(page(&self.sections, after.as_ref()))
    }

    fn people(&mut self, after: Option<UserId>) -> Result<Vec<RosterPerson>, Infallible> {
        Ok(page(&self.people, after.as_ref()))
    }

    fn enrollments(&mut self, after: Option<Enrollment>) -> Result<Vec<Enrollment>, Infallible> {
        let following = self.enrollments.iter().filter(|it| after.is_none_or(|after| **it > after));
        let mut page: Vec<Enrollment> = following.copied().collect();
        page.sort_unstable();
        Ok(page)
    }

    fn contacts(&mut self, after: Option<UserId>) -> Result<Vec<Contact>, Infallible> {
        Ok(page(&self.contacts, after.as_ref()))
    }

    fn resources(&mut self, after: Option<ResourceId>) -> Result<Vec<Resource>, Infallible> {
        Ok(page(&self.resources, after.as_ref()))
    }

    fn digests(&mut self, kind: ManyKind) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.digests.get(&kind).cloned())
    }
}

/// The records whose ids follow `after`, by ascending id.
fn page<K: Copy + Ord + Hash, T: Clone>(records: &HashMap<K, T>, after: Option<&K>) -> Vec<T> {
    let following = records.iter().filter(|(id, _)| after.is_none_or(|after| *id > after));
    let mut page: Vec<(K, &T)> = following.map(|(id, record)| (*id, record)).collect();
    page.sort_unstable_by_key(|(id, _)| *id);
    page.into_iter().map(|(_, record)| record.clone()).collect()
}
