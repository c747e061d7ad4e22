//! What an endpoint of the Data API is: its path, what it reads, what it may be asked. The tables
//! are the families' (`v2/endpoints.rs`, `v3/endpoints.rs`); routes, parsers of queries, links and
//! the dialect's `OpenAPI` document are made of them.

use super::{Collection, Dialect, People, PersonKind};

/// One `GET` of a dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// The path behind the dialect's prefix: `/users/{id}/sections`.
    pub path: &'static str,
    /// What it reads.
    pub target: Target,
    /// What it may be asked; anything else is ignored.
    pub parameters: &'static [Parameter],
}

/// What an endpoint reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// Who the token is.
    Me,
    /// All objects of a collection.
    All(Collection),
    /// The object of the path.
    One(Collection),
    /// The district of the object of the path.
    District(Collection),
    /// What the object of the path is related to.
    Related(Relation),
}

/// From the object of a path to what it is related to. People on the side from which the relation
/// starts are told apart in v2, where a path begins with a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// A course's resources.
    CourseResources,
    /// The schools that hold sections of a course.
    CourseSchools,
    /// The sections of a course.
    CourseSections,
    /// The courses that a resource is for.
    ResourceCourses,
    /// The sections that a resource is for.
    ResourceSections,
    /// The people that a resource is for.
    ResourceUsers,
    /// The courses of which a school holds sections.
    SchoolCourses,
    /// A school's sections.
    SchoolSections,
    /// The terms in which a school holds sections.
    SchoolTerms,
    /// A school's people.
    SchoolPeople(People),
    /// The course that a section is held of.
    SectionCourse,
    /// A section's resources.
    SectionResources,
    /// The school that holds a section.
    SectionSchool,
    /// The term that a section runs in.
    SectionTerm,
    /// A section's primary teacher (v2).
    SectionTeacher,
    /// A section's people.
    SectionPeople(People),
    /// The schools that hold sections in a term.
    TermSchools,
    /// The sections that run in a term.
    TermSections,
    /// A student's or teacher's primary school (v2).
    PersonSchool(People),
    /// A person's schools.
    PersonSchools(People),
    /// The sections that a person learns or teaches in.
    PersonSections(People),
    /// A person's resources (v3).
    PersonResources,
    /// A student's contacts.
    PersonContacts(People),
    /// A teacher's or contact's students.
    PersonStudents(People),
    /// A student's teachers.
    PersonTeachers(People),
}

/// Whether an endpoint answers with one object or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One object.
    One,
    /// A list of objects.
    List,
}

/// A parameter of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `limit`: how many objects a page has at most.
    Limit,
    /// `starting_after`: the id behind which the page begins.
    StartingAfter,
    /// `ending_before`: the id before which the page ends.
    EndingBefore,
    /// `count`: whether the number of all objects is told.
    Count,
    /// `role`: only people in one of these roles.
    Role(&'static [PersonKind]),
    /// `primary`: only primary schools, or people whose primary school it is.
    Primary,
    /// `school`: only what happened to objects of this school.
    School,
    /// `record_type`: only what happened to objects of these collections.
    RecordType(&'static [Collection]),
}

/// Lists that come in pages.
pub(super) const PAGED: &[Parameter] =
    &[Parameter::Limit, Parameter::StartingAfter, Parameter::EndingBefore];

/// Lists that come in pages and are counted.
pub(super) const COUNTED: &[Parameter] =
    &[Parameter::Limit, Parameter::StartingAfter, Parameter::EndingBefore, Parameter::Count];

impl Endpoint {
    /// An endpoint without parameters.
    pub(super) const fn plain(path: &'static str, target: Target) -> Self {
        Self { path, target, parameters: &[] }
    }

    /// An endpoint with these parameters.
    pub(super) const fn with(
        path: &'static str,
        target: Target,
        parameters: &'static [Parameter],
    ) -> Self {
        Self { path, target, parameters }
    }

    /// Its path in this dialect, with the id of the object that it starts from, if it starts from one.
    pub fn at(&self, dialect: Dialect, id: &str) -> String {
        format!("{}{}", dialect.prefix(), self.path.replace("{id}", id))
    }

    /// Whether pages of it can be asked for.
    pub fn is_paged(&self) -> bool {
        self.parameters.contains(&Parameter::Limit)
    }
}

impl Target {
    /// Whether there is one answer or a list.
    pub const fn shape(self) -> Shape {
        match self {
            Self::Me | Self::One(_) | Self::District(_) => Shape::One,
            Self::All(_) => Shape::List,
            Self::Related(relation) => relation.shape(),
        }
    }

    /// The collection of the object whose id is in the path; None where there is none.
    pub const fn starts_from(self) -> Option<Collection> {
        match self {
            Self::Me | Self::All(_) => None,
            Self::One(collection) | Self::District(collection) => Some(collection),
            Self::Related(relation) => Some(relation.starts_from()),
        }
    }

    /// The collection of what is answered; None for `/me`, which is no object of any.
    pub const fn returns(self) -> Option<Collection> {
        match self {
            Self::Me => None,
            Self::All(collection) | Self::One(collection) => Some(collection),
            Self::District(_) => Some(Collection::Districts),
            Self::Related(relation) => Some(relation.returns()),
        }
    }
}

impl Relation {
    /// Whether there is one of them or a list.
    pub const fn shape(self) -> Shape {
        match self {
            Self::SectionCourse
            | Self::SectionSchool
            | Self::SectionTerm
            | Self::SectionTeacher
            | Self::PersonSchool(_) => Shape::One,
            _ => Shape::List,
        }
    }

    /// The collection on the side of the path.
    pub const fn starts_from(self) -> Collection {
        match self {
            Self::CourseResources | Self::CourseSchools | Self::CourseSections => {
                Collection::Courses
            }
            Self::ResourceCourses | Self::ResourceSections | Self::ResourceUsers => {
                Collection::Resources
            }
            Self::SchoolCourses
            | Self::SchoolSections
            | Self::SchoolTerms
            | Self::SchoolPeople(_) => Collection::Schools,
            Self::SectionCourse
            | Self::SectionResources
            | Self::SectionSchool
            | Self::SectionTerm
            | Self::SectionTeacher
            | Self::SectionPeople(_) => Collection::Sections,
            Self::TermSchools | Self::TermSections => Collection::Terms,
            Self::PersonResources => Collection::People(People::Users),
            Self::PersonSchool(people)
            | Self::PersonSchools(people)
            | Self::PersonSections(people)
            | Self::PersonContacts(people)
            | Self::PersonStudents(people)
            | Self::PersonTeachers(people) => Collection::People(people),
        }
    }

    /// The collection of what is answered.
    pub const fn returns(self) -> Collection {
        match self {
            Self::CourseResources | Self::SectionResources | Self::PersonResources => {
                Collection::Resources
            }
            Self::CourseSchools
            | Self::SectionSchool
            | Self::TermSchools
            | Self::PersonSchool(_)
            | Self::PersonSchools(_) => Collection::Schools,
            Self::CourseSections
            | Self::ResourceSections
            | Self::SchoolSections
            | Self::TermSections
            | Self::PersonSections(_) => Collection::Sections,
            Self::ResourceCourses | Self::SchoolCourses | Self::SectionCourse => {
                Collection::Courses
            }
            Self::SchoolTerms | Self::SectionTerm => Collection::Terms,
            Self::ResourceUsers => Collection::People(People::Users),
            Self::SchoolPeople(people) | Self::SectionPeople(people) => Collection::People(people),
            Self::SectionTeacher => Collection::People(People::In(PersonKind::Teacher)),
            Self::PersonContacts(people) => counterpart(people, PersonKind::Contact),
            Self::PersonStudents(people) => counterpart(people, PersonKind::Student),
            Self::PersonTeachers(people) => counterpart(people, PersonKind::Teacher),
        }
    }
}

/// People of this kind, counted as those are.
const fn counterpart(people: People, kind: PersonKind) -> Collection {
    match people {
        People::Users => Collection::People(People::Users),
        People::In(_) => Collection::People(People::In(kind)),
    }
}

impl Parameter {
    /// The name in queries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::StartingAfter => "starting_after",
            Self::EndingBefore => "ending_before",
            Self::Count => "count",
            Self::Role(_) => "role",
            Self::Primary => "primary",
            Self::School => "school",
            Self::RecordType(_) => "record_type",
        }
    }
}

#[cfg(test)]
mod tests;
