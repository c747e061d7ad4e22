//! What the tests print.

use super::*;
use crate::vocabulary::RoleKind;

pub(crate) const TEACHER: PersonRole<'_> = PersonRole {
    kind: RoleKind::Teacher,
    id: "6298ef2e9e30ed3d9066e118",
    grade: None,
    sis_id: None,
    schools: None,
    facts: Facts::NONE,
    told: Told::NOTHING,
};
pub(crate) const ADMIN: PersonRole<'_> = PersonRole {
    kind: RoleKind::DistrictAdmin,
    id: "62817af1d65e86e415b6f68d",
    grade: None,
    sis_id: None,
    schools: None,
    facts: Facts::NONE,
    told: Told::NOTHING,
};
pub(crate) const STUDENT: PersonRole<'_> = PersonRole {
    kind: RoleKind::Student,
    id: "628000000000000000000001",
    grade: Some("4"),
    sis_id: None,
    schools: None,
    facts: Facts::NONE,
    told: Told::NOTHING,
};

pub(crate) fn person<'a>(roles: &'a [PersonRole<'a>]) -> Person<'a> {
    Person {
        id: "62817c88dc4dc002ea40b594",
        district: "62817af12d430f5d54001f99",
        email: Some("pe@bot.example"),
        name: Name { first: "PE", middle: None, last: "Bot" },
        created: Some("2022-05-15T22:20:03.535Z"),
        last_modified: Some("2024-07-10T16:22:11.422Z"),
        at_me: AtMe::Ids,
        roles,
        authorized_by: "district",
        by_admin: false,
        lms_status: None,
    }
}

const TEACHERS: &[Member<'_>] = &[
    Member { role: "6298ef2e9e30ed3d9066e118", user: "62817c88dc4dc002ea40b594" },
    Member { role: "6298ef2e9e30ed3d9066e100", user: "62817c88dc4dc002ea40b500" },
];
const STUDENTS: &[Member<'_>] = &[
    Member { role: "628000000000000000000002", user: "629000000000000000000001" },
    Member { role: "628000000000000000000001", user: "629000000000000000000002" },
];

pub(crate) fn section() -> Section<'static> {
    Section {
        id: "62817b0a2d430f5d5400200a",
        district: "62817af12d430f5d54001f99",
        name: "Math 4",
        grade: Some("TransitionalKindergarten"),
        subject: Some("math"),
        primary: TEACHERS.first().copied(),
        teachers: TEACHERS,
        students: STUDENTS,
        record: None,
    }
}

/// A student of whom the roster says everything.
pub(crate) const PAIRS: &[(&str, &str)] = &[
    ("credentials.district_username", "ana"),
    ("department", "Music"),
    ("disability.disability_code", "sld"),
    ("disability.disability_status", "Y"),
    ("disability.disability_type", "Specific learning disability"),
    ("dob", "2012-02-29"),
    ("ell_status", "N"),
    ("ext.bus", "7"),
    ("ext.lunch", "B"),
    ("frl_status", "Reduced"),
    ("gender", "X"),
    ("gifted_status", "Y"),
    ("grade", "TransitionalKindergarten"),
    ("graduation_year", "2030"),
    ("high_grade", "5"),
    ("hispanic_ethnicity", "N"),
    ("home_language", "Kannada"),
    ("home_language_code", "kan"),
    ("iep_status", "N"),
    ("location.address", "1 Elm St"),
    ("location.city", "Ada"),
    ("location.state", "OK"),
    ("location.zip", "74820"),
    ("low_grade", "TransitionalKindergarten"),
    ("mdr_number", "04848242"),
    ("nces_id", "400243000045"),
    ("period", "3"),
    ("phone", "555 0100"),
    ("preferred_name.first", "Annie"),
    ("principal.email", "lee@ada.example"),
    ("principal.name", "Kim Lee"),
    ("race", "Two or More Races"),
    ("role", "Principal"),
    ("section_504_status", "N"),
    ("section_number", "2"),
    ("state_id", "OK77"),
    ("student_number", "1007"),
    ("teacher_number", "31"),
    ("title", "Head"),
];

pub(crate) const FACTS: Facts<'_> = Facts::sorted(PAIRS);

/// Every group of fields.
pub(crate) const EVERYTHING: Told =
    Told::ROSTER.and(Told::DEMOGRAPHICS).and(Told::SENSITIVE).and(Told::EXT).and(Told::CONTACTS);

/// A role of whom the roster says everything.
pub(crate) const fn full(kind: RoleKind) -> PersonRole<'static> {
    let (id, sis_id) = match kind {
        RoleKind::Student => ("628000000000000000000001", "S1"),
        RoleKind::Teacher => ("6298ef2e9e30ed3d9066e118", "T1"),
        RoleKind::Staff => ("62817af1d65e86e415b6f600", "A1"),
        RoleKind::DistrictAdmin => ("62817af1d65e86e415b6f68d", "D1"),
    };
    let schools: &[&str] = &["530e595026403103360ff9fd", "530e595026403103360ff9fe"];
    PersonRole {
        kind,
        id,
        grade: None,
        sis_id: Some(sis_id),
        schools: Some(schools),
        facts: FACTS,
        told: EVERYTHING,
    }
}

/// A role of whom the roster says nothing beyond what it must.
pub(crate) const fn sparse(kind: RoleKind) -> PersonRole<'static> {
    PersonRole { schools: Some(&[]), facts: Facts::NONE, ..full(kind) }
}

/// A role as tiers without the roster are told it.
const fn of_login(kind: RoleKind) -> PersonRole<'static> {
    PersonRole { schools: None, facts: Facts::NONE, told: Told::NOTHING, ..full(kind) }
}

/// A person in all roles, for tiers without the roster.
pub(crate) const LOGIN_ROLES: &[PersonRole<'_>] = &[
    of_login(RoleKind::Student),
    of_login(RoleKind::Teacher),
    of_login(RoleKind::Staff),
    of_login(RoleKind::DistrictAdmin),
];

/// A person in all roles.
pub(crate) const FULL_ROLES: &[PersonRole<'_>] = &[
    full(RoleKind::Student),
    full(RoleKind::Teacher),
    full(RoleKind::Staff),
    full(RoleKind::DistrictAdmin),
];

/// A person in all roles of whom hardly anything is known.
pub(crate) const SPARSE_ROLES: &[PersonRole<'_>] = &[
    sparse(RoleKind::Student),
    sparse(RoleKind::Teacher),
    sparse(RoleKind::Staff),
    sparse(RoleKind::DistrictAdmin),
];

pub(crate) fn full_person<'a>(roles: &'a [PersonRole<'a>]) -> Person<'a> {
    Person {
        name: Name { first: "Ana", middle: Some("B"), last: "Cruz" },
        lms_status: Some(LmsStatus::Synced),
        ..person(roles)
    }
}

pub(crate) fn sparse_person<'a>(roles: &'a [PersonRole<'a>]) -> Person<'a> {
    Person { email: None, ..person(roles) }
}

pub(crate) fn full_district() -> District<'static> {
    District {
        id: "62817af12d430f5d54001f99",
        name: Some("Ada"),
        portal_url: Some("https://login.example/in/ada"),
        login_methods: Some(&["Clever Passwords", "Carrier Pigeons"]),
        record: Some(DistrictRecord {
            sis_type: "sftp",
            state: "running",
            error: Some("The roster is held"),
            last_sync: Some("2024-07-10T16:22:11.422Z"),
            launch_date: Some("2024-07-01"),
            pause_start: Some("2024-07-01T00:00:00.000Z"),
            pause_end: Some("2024-08-01T00:00:00.000Z"),
            mdr_number: Some("04848240"),
            nces_id: Some("4002430"),
            contact: Some(DistrictContact {
                member: TEACHERS[0],
                name: Name { first: "Kim", middle: None, last: "Lee" },
                email: Some("lee@ada.example"),
                title: Some("Superintendent"),
            }),
            lms_type: Some("canvas"),
            lms_state: Some("success"),
            last_attendance_sync: Some("2024-07-10T16:22:11.422Z"),
        }),
    }
}

pub(crate) fn sparse_district() -> District<'static> {
    let record = DistrictRecord { sis_type: "sftp", state: "melting", ..DistrictRecord::default() };
    District { login_methods: Some(&[]), record: Some(record), ..full_district() }
}

pub(crate) fn full_school() -> School<'static> {
    School {
        id: "530e595026403103360ff9fd",
        district: "62817af12d430f5d54001f99",
        name: "Elm",
        school_number: "02",
        sis_id: "9255",
        facts: FACTS,
        told: Told::ROSTER.and(Told::EXT),
        created: Some("2022-05-15T22:20:03.535Z"),
        last_modified: Some("2024-07-10T16:22:11.422Z"),
    }
}

pub(crate) fn sparse_school() -> School<'static> {
    School { facts: Facts::NONE, created: None, last_modified: None, ..full_school() }
}

pub(crate) fn full_section() -> Section<'static> {
    let record = SectionRecord {
        school: "530e595026403103360ff9fd",
        sis_id: "X1",
        course: Some("5d6000000000000000000001"),
        term: Some("5d7000000000000000000001"),
        facts: FACTS,
        told: Told::ROSTER.and(Told::EXT),
        created: Some("2022-05-15T22:20:03.535Z"),
        last_modified: Some("2024-07-10T16:22:11.422Z"),
        lms_status: Some(LmsStatus::NotSynced),
    };
    Section { record: Some(record), ..section() }
}

pub(crate) fn sparse_section() -> Section<'static> {
    let full = full_section();
    let record = full.record.map(|record| SectionRecord {
        course: None,
        term: None,
        facts: Facts::NONE,
        told: Told::ROSTER,
        lms_status: None,
        ..record
    });
    Section {
        grade: None,
        subject: None,
        primary: None,
        teachers: &[],
        students: &[],
        record,
        ..full
    }
}

pub(crate) const TERM: Term<'_> = Term {
    id: "5d7000000000000000000001",
    district: "62817af12d430f5d54001f99",
    name: Some("Fall"),
    start_date: Some("2024-08-01"),
    end_date: Some("2024-12-20"),
};

pub(crate) const COURSE: Course<'_> = Course {
    id: "5d6000000000000000000001",
    district: "62817af12d430f5d54001f99",
    name: Some("Math"),
    number: Some("M4"),
};

pub(crate) const RESOURCE: Resource<'_> = Resource {
    id: "5d8000000000000000000001",
    district: "62817af12d430f5d54001f99",
    resource_id: "book-1",
    title: "Sums",
    roles: &["teacher", "janitor"],
    created: Some("2022-05-15T22:20:03.535Z"),
    updated: Some("2024-07-10T16:22:11.422Z"),
};

pub(crate) const CONTACT: Contact<'_> = Contact {
    id: "5d9000000000000000000001",
    role: "5d9000000000000000000002",
    district: "62817af12d430f5d54001f99",
    name: Name { first: "Eva", middle: Some("L"), last: "Cruz" },
    email: Some("eva@home.example"),
    phone: Some("555 0101"),
    phone_type: Some("Cell"),
    sis_id: Some("C1"),
    students: &[
        Relationship {
            student: STUDENTS[1],
            relationship: Some("Parent"),
            kind: Some("Parent/Guardian"),
        },
        Relationship { student: STUDENTS[0], relationship: Some("Nanny"), kind: None },
    ],
    created: Some("2022-05-15T22:20:03.535Z"),
    last_modified: Some("2024-07-10T16:22:11.422Z"),
};

/// Often there is only a family name.
pub(crate) const SPARSE_CONTACT: Contact<'_> = Contact {
    name: Name { first: "", middle: None, last: "Cruz" },
    email: None,
    phone: None,
    phone_type: None,
    sis_id: None,
    students: &[],
    created: None,
    last_modified: None,
    ..CONTACT
};
