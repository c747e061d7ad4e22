//! The endpoints of the v2 dialects: each role is a collection of its own.

use crate::data_api::Parameter::{Count, EndingBefore, Limit, StartingAfter};
use crate::data_api::endpoint::{COUNTED, PAGED};
use crate::data_api::{Collection, Endpoint, Parameter, People, PersonKind, Relation, Target};
use Collection::{Courses, Districts, Events, Schools, Sections, Terms};
use Endpoint as E;
use Relation as R;
use Target::{All, District, Me, One, Related};

const STUDENTS: People = People::In(PersonKind::Student);
const TEACHERS: People = People::In(PersonKind::Teacher);
const STAFF: People = People::In(PersonKind::Staff);
const DISTRICT_ADMINS: People = People::In(PersonKind::DistrictAdmin);
const CONTACTS: People = People::In(PersonKind::Contact);

const fn of(people: People) -> Collection {
    Collection::People(people)
}

/// What events tell of.
const RECORDS: &[Collection] = &[
    Districts,
    Schools,
    of(TEACHERS),
    of(STUDENTS),
    Sections,
    of(CONTACTS),
    Courses,
    Terms,
    of(STAFF),
    of(DISTRICT_ADMINS),
];

const EVENTS: &[Parameter] =
    &[Limit, StartingAfter, EndingBefore, Parameter::School, Parameter::RecordType(RECORDS)];

/// The endpoints of v2.1.
pub(in crate::data_api) const TABLE: &[Endpoint] = &WITH_COUNT;

/// The endpoints of v2.0, where nothing is counted.
pub(in crate::data_api) const TABLE_WITHOUT_COUNT: &[Endpoint] = &without_count(WITH_COUNT);

const WITH_COUNT: [Endpoint; 54] = [
    E::plain("/me", Me),
    E::with("/contacts", All(of(CONTACTS)), COUNTED),
    E::plain("/contacts/{id}", One(of(CONTACTS))),
    E::plain("/contacts/{id}/district", District(of(CONTACTS))),
    E::with("/contacts/{id}/students", Related(R::PersonStudents(CONTACTS)), PAGED),
    E::with("/courses", All(Courses), COUNTED),
    E::plain("/courses/{id}", One(Courses)),
    E::plain("/courses/{id}/district", District(Courses)),
    E::with("/courses/{id}/sections", Related(R::CourseSections), PAGED),
    E::with("/district_admins", All(of(DISTRICT_ADMINS)), COUNTED),
    E::plain("/district_admins/{id}", One(of(DISTRICT_ADMINS))),
    E::plain("/district_admins/{id}/district", District(of(DISTRICT_ADMINS))),
    E::with("/districts", All(Districts), &[Count]),
    E::plain("/districts/{id}", One(Districts)),
    E::with("/events", All(Events), EVENTS),
    E::plain("/events/{id}", One(Events)),
    E::with("/school_admins", All(of(STAFF)), COUNTED),
    E::plain("/school_admins/{id}", One(of(STAFF))),
    E::plain("/school_admins/{id}/district", District(of(STAFF))),
    E::with("/school_admins/{id}/schools", Related(R::PersonSchools(STAFF)), PAGED),
    E::with("/schools", All(Schools), COUNTED),
    E::plain("/schools/{id}", One(Schools)),
    E::plain("/schools/{id}/district", District(Schools)),
    E::with("/schools/{id}/sections", Related(R::SchoolSections), PAGED),
    E::with("/schools/{id}/students", Related(R::SchoolPeople(STUDENTS)), PAGED),
    E::with("/schools/{id}/teachers", Related(R::SchoolPeople(TEACHERS)), PAGED),
    E::with("/sections", All(Sections), COUNTED),
    E::plain("/sections/{id}", One(Sections)),
    E::plain("/sections/{id}/course", Related(R::SectionCourse)),
    E::plain("/sections/{id}/district", District(Sections)),
    E::plain("/sections/{id}/school", Related(R::SectionSchool)),
    E::with("/sections/{id}/students", Related(R::SectionPeople(STUDENTS)), PAGED),
    E::plain("/sections/{id}/teacher", Related(R::SectionTeacher)),
    E::with("/sections/{id}/teachers", Related(R::SectionPeople(TEACHERS)), PAGED),
    E::plain("/sections/{id}/term", Related(R::SectionTerm)),
    E::with("/students", All(of(STUDENTS)), COUNTED),
    E::plain("/students/{id}", One(of(STUDENTS))),
    E::with("/students/{id}/contacts", Related(R::PersonContacts(STUDENTS)), PAGED),
    E::plain("/students/{id}/district", District(of(STUDENTS))),
    E::plain("/students/{id}/school", Related(R::PersonSchool(STUDENTS))),
    E::with("/students/{id}/schools", Related(R::PersonSchools(STUDENTS)), PAGED),
    E::with("/students/{id}/sections", Related(R::PersonSections(STUDENTS)), PAGED),
    E::with("/students/{id}/teachers", Related(R::PersonTeachers(STUDENTS)), PAGED),
    E::with("/teachers", All(of(TEACHERS)), COUNTED),
    E::plain("/teachers/{id}", One(of(TEACHERS))),
    E::plain("/teachers/{id}/district", District(of(TEACHERS))),
    E::plain("/teachers/{id}/school", Related(R::PersonSchool(TEACHERS))),
    E::with("/teachers/{id}/schools", Related(R::PersonSchools(TEACHERS)), PAGED),
    E::with("/teachers/{id}/sections", Related(R::PersonSections(TEACHERS)), PAGED),
    E::with("/teachers/{id}/students", Related(R::PersonStudents(TEACHERS)), PAGED),
    E::with("/terms", All(Terms), COUNTED),
    E::plain("/terms/{id}", One(Terms)),
    E::plain("/terms/{id}/district", District(Terms)),
    E::with("/terms/{id}/sections", Related(R::TermSections), PAGED),
];

/// The table with nothing to be counted. Of the lists that are, only pages can be asked for.
#[expect(clippy::indexing_slicing, reason = "in a constant, a wrong index does not compile")]
const fn without_count<const N: usize>(mut table: [Endpoint; N]) -> [Endpoint; N] {
    let mut at = 0;
    while at < N {
        let counted = table[at].parameters;
        table[at].parameters = match counted {
            [Count] => &[],
            [Limit, StartingAfter, EndingBefore, Count] => PAGED,
            other => other,
        };
        at += 1;
    }
    table
}
