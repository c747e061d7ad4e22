//! The endpoints of the v3 dialects.

use crate::data_api::Parameter::{Count, EndingBefore, Limit, Primary, StartingAfter};
use crate::data_api::endpoint::{COUNTED, PAGED};
use crate::data_api::{Collection, Endpoint, Parameter, People, PersonKind, Relation, Target};
use Collection::{Courses, Districts, Events, Resources, Schools, Sections, Terms};
use Endpoint as E;
use Relation as R;
use Target::{All, District, Me, One, Related};

const PEOPLE: Collection = Collection::People(People::Users);

/// Who is in a school.
const SCHOOL_ROLES: &[PersonKind] = &[PersonKind::Student, PersonKind::Teacher, PersonKind::Staff];

/// Who is in a section or has a resource.
const CLASS_ROLES: &[PersonKind] = &[PersonKind::Student, PersonKind::Teacher];

const USERS: &[Parameter] =
    &[Limit, StartingAfter, EndingBefore, Count, Parameter::Role(&PersonKind::ALL)];
const SCHOOL_USERS: &[Parameter] =
    &[Limit, StartingAfter, EndingBefore, Parameter::Role(SCHOOL_ROLES), Primary];
const CLASS_USERS: &[Parameter] =
    &[Limit, StartingAfter, EndingBefore, Parameter::Role(CLASS_ROLES)];
const USER_SCHOOLS: &[Parameter] = &[Limit, StartingAfter, EndingBefore, Primary];

/// What events tell of.
const RECORDS: &[Collection] = &[Districts, Schools, Terms, Courses, Sections, Resources, PEOPLE];

const EVENTS: &[Parameter] =
    &[Limit, StartingAfter, EndingBefore, Parameter::School, Parameter::RecordType(RECORDS)];

/// The endpoints of v3.0 and v3.1.
pub(in crate::data_api) const TABLE: &[Endpoint] = &[
    E::plain("/me", Me),
    E::with("/courses", All(Courses), COUNTED),
    E::plain("/courses/{id}", One(Courses)),
    E::plain("/courses/{id}/district", District(Courses)),
    E::with("/courses/{id}/resources", Related(R::CourseResources), PAGED),
    E::with("/courses/{id}/schools", Related(R::CourseSchools), PAGED),
    E::with("/courses/{id}/sections", Related(R::CourseSections), PAGED),
    E::with("/districts", All(Districts), &[Count]),
    E::plain("/districts/{id}", One(Districts)),
    E::with("/events", All(Events), EVENTS),
    E::plain("/events/{id}", One(Events)),
    E::with("/resources", All(Resources), PAGED),
    E::plain("/resources/{id}", One(Resources)),
    E::with("/resources/{id}/courses", Related(R::ResourceCourses), PAGED),
    E::with("/resources/{id}/sections", Related(R::ResourceSections), PAGED),
    E::with("/resources/{id}/users", Related(R::ResourceUsers), CLASS_USERS),
    E::with("/schools", All(Schools), COUNTED),
    E::plain("/schools/{id}", One(Schools)),
    E::with("/schools/{id}/courses", Related(R::SchoolCourses), PAGED),
    E::plain("/schools/{id}/district", District(Schools)),
    E::with("/schools/{id}/sections", Related(R::SchoolSections), PAGED),
    E::with("/schools/{id}/terms", Related(R::SchoolTerms), PAGED),
    E::with("/schools/{id}/users", Related(R::SchoolPeople(People::Users)), SCHOOL_USERS),
    E::with("/sections", All(Sections), COUNTED),
    E::plain("/sections/{id}", One(Sections)),
    E::plain("/sections/{id}/course", Related(R::SectionCourse)),
    E::plain("/sections/{id}/district", District(Sections)),
    E::with("/sections/{id}/resources", Related(R::SectionResources), PAGED),
    E::plain("/sections/{id}/school", Related(R::SectionSchool)),
    E::plain("/sections/{id}/term", Related(R::SectionTerm)),
    E::with("/sections/{id}/users", Related(R::SectionPeople(People::Users)), CLASS_USERS),
    E::with("/terms", All(Terms), COUNTED),
    E::plain("/terms/{id}", One(Terms)),
    E::plain("/terms/{id}/district", District(Terms)),
    E::with("/terms/{id}/schools", Related(R::TermSchools), PAGED),
    E::with("/terms/{id}/sections", Related(R::TermSections), PAGED),
    E::with("/users", All(PEOPLE), USERS),
    E::plain("/users/{id}", One(PEOPLE)),
    E::plain("/users/{id}/district", District(PEOPLE)),
    E::with("/users/{id}/mycontacts", Related(R::PersonContacts(People::Users)), PAGED),
    E::with("/users/{id}/mystudents", Related(R::PersonStudents(People::Users)), PAGED),
    E::with("/users/{id}/myteachers", Related(R::PersonTeachers(People::Users)), PAGED),
    E::with("/users/{id}/resources", Related(R::PersonResources), PAGED),
    E::with("/users/{id}/schools", Related(R::PersonSchools(People::Users)), USER_SCHOOLS),
    E::with("/users/{id}/sections", Related(R::PersonSections(People::Users)), PAGED),
];
