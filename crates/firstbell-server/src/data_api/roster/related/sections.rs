//! What sections lead to: the schools of a term, the courses of a school, who uses a resource. Where
//! everything is seen the database says so; else each section is looked at, and what it leads to is kept
//! of it alone.

use std::collections::BTreeSet;

use firstbell_core::id::{CourseId, RoleId, SchoolId, SectionId, TermId, UserId, distinct};
use firstbell_core::roster::{Resource, RoleKind, Section};
use firstbell_protocol::data_api::{ListQuery, People, Relation};

use super::super::ReadResult;
use super::super::reader::Reader;
use super::super::source::{Key, Source};
use super::{pair, persons};

impl Reader<'_, '_, '_, '_> {
    pub(super) fn of_course(&mut self, relation: Relation, course: CourseId) -> ReadResult<Source> {
        Ok(match relation {
            Relation::CourseResources => return self.resources_of(&[course]),
            Relation::CourseSections => sections(&self.roster().sections_of_course(course)?),
            Relation::CourseSchools if self.is_whole() => {
                schools(self.roster().schools_of_course(course)?)
            }
            Relation::CourseSchools => {
                let ids = self.roster().sections_of_course(course)?;
                Source::Schools(Some(self.beside(&ids, |it| Some(it.school.to_bytes()))?))
            }
            _ => Source::Nothing,
        })
    }

    pub(super) fn of_term(&mut self, relation: Relation, term: TermId) -> ReadResult<Source> {
        Ok(match relation {
            Relation::TermSections => sections(&self.roster().sections_of_term(term)?),
            Relation::TermSchools if self.is_whole() => {
                schools(self.roster().schools_of_term(term)?)
            }
            Relation::TermSchools => {
                let ids = self.roster().sections_of_term(term)?;
                Source::Schools(Some(self.beside(&ids, |it| Some(it.school.to_bytes()))?))
            }
            _ => Source::Nothing,
        })
    }

    pub(super) fn of_school(&mut self, relation: Relation, school: SchoolId) -> ReadResult<Source> {
        Ok(match relation {
            Relation::SchoolSections => sections(&self.roster().sections_of_school(school)?),
            Relation::SchoolTerms => self.terms_at(school)?,
            Relation::SchoolCourses => self.courses_at(school)?,
            _ => Source::Nothing,
        })
    }

    /// The terms in which sections of a school run.
    pub(crate) fn terms_at(&mut self, school: SchoolId) -> ReadResult<Source> {
        let terms = if self.is_whole() {
            distinct(self.roster().terms_of_school(school)?.into_iter().map(TermId::to_bytes))
        } else {
            let ids = self.roster().sections_of_school(school)?;
            self.beside(&ids, |it| it.term.map(TermId::to_bytes))?
        };
        Ok(Source::Terms(Some(terms)))
    }

    /// The courses of the sections of a school.
    pub(crate) fn courses_at(&mut self, school: SchoolId) -> ReadResult<Source> {
        let courses = if self.is_whole() {
            distinct(self.roster().courses_of_school(school)?.into_iter().map(CourseId::to_bytes))
        } else {
            let ids = self.roster().sections_of_school(school)?;
            self.beside(&ids, |it| it.course.map(CourseId::to_bytes))?
        };
        Ok(Source::Courses(Some(courses)))
    }

    pub(super) fn of_resource(
        &mut self,
        relation: Relation,
        resource: &Resource,
        query: &ListQuery,
    ) -> ReadResult<Source> {
        if relation == Relation::ResourceCourses {
            let ids = resource.courses.iter().map(|id| id.to_bytes());
            return Ok(Source::Courses(Some(distinct(ids))));
        }
        let mut ids = Vec::new();
        for course in &resource.courses {
            ids.extend(self.roster().sections_of_course(*course)?);
        }
        Ok(match relation {
            Relation::ResourceSections => sections(&ids),
            Relation::ResourceUsers => {
                let pairs = self.members_of(&ids, &resource.roles)?;
                persons(People::Users, pairs, query)
            }
            _ => Source::Nothing,
        })
    }

    /// Who is seen in those of these sections that are seen, in these kinds of roles, each once.
    pub(super) fn members_of(
        &mut self,
        sections: &[SectionId],
        kinds: &[RoleKind],
    ) -> ReadResult<Vec<(RoleId, UserId)>> {
        let mut found = BTreeSet::new();
        self.sections_among(sections, |seen| {
            if kinds.contains(&RoleKind::Teacher) {
                found.extend(seen.teachers.iter().map(pair));
            }
            if kinds.contains(&RoleKind::Student) {
                found.extend(seen.students.iter().map(pair));
            }
        })?;
        Ok(found.into_iter().collect())
    }

    /// What stands beside those of these sections that are seen.
    fn beside(
        &mut self,
        sections: &[SectionId],
        of: impl Fn(&Section) -> Option<Key>,
    ) -> ReadResult<Vec<Key>> {
        let mut found = BTreeSet::new();
        self.sections_among(sections, |seen| found.extend(of(seen.section())))?;
        Ok(found.into_iter().collect())
    }
}

fn sections(ids: &[SectionId]) -> Source {
    Source::Sections(Some(distinct(ids.iter().map(|id| id.to_bytes()))))
}

fn schools(ids: Vec<SchoolId>) -> Source {
    Source::Schools(Some(distinct(ids.into_iter().map(SchoolId::to_bytes))))
}
