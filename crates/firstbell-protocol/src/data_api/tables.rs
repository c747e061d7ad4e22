//! Which facts of the roster are told under which names, and how it is told that one is not known:
//! absent, `null` or `""`, mixed as clients of these dialects meet them. A dialect picks its tables
//! in its own file.

use super::Told;
use super::members::{FactMember, Form, Hollow, Tables, Unknown};
use super::words::{
    DISABILITY_CODES, FEWER_GRADES, GENDERS, GRADES, LUNCHES, RACES, TWO_GENDERS, Words, YES_OR_NO,
};
use crate::vocabulary::RoleKind;
use Form::{Day, NothingYet, Object, Rest, Text, Texts, Word};
use Unknown::{Absent, Empty, Null};

/// What a dialect tells of facts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Details {
    /// The grades that it has words for.
    pub grades: &'static Words,
    /// Of students.
    pub student: &'static Tables,
    /// Of teachers.
    pub teacher: &'static Tables,
    /// Of staff.
    pub staff: &'static Tables,
    /// Of district administrators.
    pub district_admin: &'static Tables,
    /// Of schools.
    pub school: &'static Tables,
    /// Of sections.
    pub section: &'static Tables,
}

impl Details {
    /// The tables of people in this role.
    pub fn of(&self, kind: RoleKind) -> &'static Tables {
        match kind {
            RoleKind::Student => self.student,
            RoleKind::Teacher => self.teacher,
            RoleKind::Staff => self.staff,
            RoleKind::DistrictAdmin => self.district_admin,
        }
    }
}

/// A member that has the fact's name.
const fn member(name: &'static str, group: Told, form: Form) -> FactMember {
    FactMember { name, fact: name, group, form }
}

const fn roster(name: &'static str, form: Form) -> FactMember {
    member(name, Told::ROSTER, form)
}

const fn demographic(name: &'static str, form: Form) -> FactMember {
    member(name, Told::DEMOGRAPHICS, form)
}

const fn sensitive(name: &'static str, form: Form) -> FactMember {
    member(name, Told::SENSITIVE, form)
}

/// A member of an object; objects are told as a whole.
const fn part(name: &'static str, fact: &'static str, form: Form) -> FactMember {
    FactMember { name, fact, group: Told::NOTHING, form }
}

const LOCATION: Form = Object(
    &[
        part("address", "location.address", Text(Empty)),
        part("city", "location.city", Text(Empty)),
        part("state", "location.state", Text(Empty)),
        part("zip", "location.zip", Text(Empty)),
    ],
    Hollow::Kept,
);

/// Always an object, empty where there is no name.
const CREDENTIALS: FactMember = roster(
    "credentials",
    Object(
        &[part("district_username", "credentials.district_username", Text(Absent))],
        Hollow::Kept,
    ),
);

/// Extension fields, `ext.` before their names in the roster.
pub(super) const EXTENSIONS: &[FactMember] =
    &[FactMember { name: "ext", fact: "ext.", group: Told::EXT, form: Rest }];

/// Students in every dialect, but for their gender.
pub(super) const STUDENT: &[FactMember] = &[
    roster("state_id", Text(Absent)),
    roster("student_number", Text(Absent)),
    roster("graduation_year", Text(Absent)),
    demographic("dob", Day(Null)),
    demographic("race", Word(RACES, Empty)),
    demographic("hispanic_ethnicity", Word(YES_OR_NO, Empty)),
    sensitive("ell_status", Word(YES_OR_NO, Empty)),
    demographic("location", LOCATION),
    CREDENTIALS,
];

/// The gender of students in v2.0.
pub(super) const TWO_GENDERED: &[FactMember] = &[demographic("gender", Word(TWO_GENDERS, Empty))];

/// The gender of students since v2.1.
pub(super) const GENDERED: &[FactMember] = &[demographic("gender", Word(GENDERS, Empty))];

/// Where students were enrolled, since v2.1.
pub(super) const ENROLLED: &[FactMember] = &[roster("enrollments", NothingYet)];

/// What is sensitive of students in v2, beside English learning.
pub(super) const SENSITIVE_V2: &[FactMember] = &[
    sensitive("frl_status", Word(LUNCHES, Empty)),
    sensitive("iep_status", Word(YES_OR_NO, Empty)),
    sensitive("home_language", Text(Empty)),
];

/// What v3.1 adds to students.
pub(super) const STUDENT_V3_1: &[FactMember] = &[
    roster(
        "preferred_name",
        Object(
            &[
                part("first", "preferred_name.first", Text(Empty)),
                part("middle", "preferred_name.middle", Text(Empty)),
                part("last", "preferred_name.last", Text(Empty)),
            ],
            Hollow::Absent,
        ),
    ),
    sensitive("frl_status", Word(LUNCHES, Empty)),
    sensitive("iep_status", Word(YES_OR_NO, Empty)),
    sensitive("section_504_status", Word(YES_OR_NO, Empty)),
    sensitive("gifted_status", Word(YES_OR_NO, Empty)),
    sensitive("home_language", Text(Empty)),
    sensitive("home_language_code", Text(Empty)),
    sensitive(
        "disability",
        Object(
            &[
                part("disability_status", "disability.disability_status", Word(YES_OR_NO, Empty)),
                part("disability_type", "disability.disability_type", Text(Null)),
                part("disability_code", "disability.disability_code", Word(DISABILITY_CODES, Null)),
            ],
            Hollow::Kept,
        ),
    ),
];

/// Teachers.
pub(super) const TEACHER: &[FactMember] = &[
    roster("state_id", Text(Absent)),
    roster("teacher_number", Text(Absent)),
    roster("title", Text(Absent)),
    CREDENTIALS,
];

/// Staff.
pub(super) const STAFF: &[FactMember] = &[roster("title", Text(Absent)), CREDENTIALS];

/// The department of staff, since v2.1.
pub(super) const DEPARTMENT: &[FactMember] = &[roster("department", Text(Absent))];

/// What staff does, in v3.
pub(super) const STAFF_ROLES: &[FactMember] =
    &[FactMember { name: "roles", fact: "role", group: Told::ROSTER, form: Texts }];

/// District administrators.
pub(super) const DISTRICT_ADMIN: &[FactMember] = &[roster("title", Text(Absent))];

/// Schools, but for their grades.
pub(super) const SCHOOL: &[FactMember] = &[
    roster("state_id", Text(Absent)),
    roster("mdr_number", Text(Null)),
    roster("nces_id", Text(Null)),
    roster("phone", Text(Absent)),
    roster("location", LOCATION),
    roster(
        "principal",
        Object(
            &[
                part("name", "principal.name", Text(Empty)),
                part("email", "principal.email", Text(Absent)),
            ],
            Hollow::Kept,
        ),
    ),
];

/// The grades of schools in v2.0.
pub(super) const FEWER_SCHOOL_GRADES: &[FactMember] = &[
    roster("low_grade", Word(FEWER_GRADES, Absent)),
    roster("high_grade", Word(FEWER_GRADES, Absent)),
];

/// The grades of schools since v2.1.
pub(super) const SCHOOL_GRADES: &[FactMember] =
    &[roster("low_grade", Word(GRADES, Absent)), roster("high_grade", Word(GRADES, Absent))];

/// Sections, but for what the Classroom tier is told of them too.
pub(super) const SECTION: &[FactMember] =
    &[roster("section_number", Text(Absent)), roster("period", Text(Null))];
