//! The tables of a roster, as bulk writes see them.

use crate::backend::{Kind, Table};
use crate::queries::still;

/// A table whose rows hold from `since` until before `until`. All begin with the same columns.
macro_rules! versioned {
    (
        $(#[$doc:meta])*
        $constant:ident = $name:literal closed by $key:tt, primary $primary:tt,
        { $($column:literal $kind:ident),* $(,)? }
    ) => {
        $(#[$doc])*
        pub(crate) const $constant: Table = Table {
            name: $name,
            columns: &[
                ("district_id", Kind::Bytes),
                ("since", Kind::Int),
                ("until", Kind::Int),
                $(($column, Kind::$kind)),*
            ],
            primary: &$primary,
            key: &$key,
            conflict: "",
        };
    };
}

versioned! {
    SCHOOLS = "schools" closed by ["id"], primary ["district_id", "id", "since"],
    {
        "id" Bytes, "sis_id" Text, "name" Text, "number" Text, "details" Text, "created" Int,
        "last_modified" Int,
    }
}
versioned! {
    TERMS = "terms" closed by ["id"], primary ["district_id", "id", "since"],
    { "id" Bytes, "name" Text, "start_date" Text, "end_date" Text }
}
versioned! {
    COURSES = "courses" closed by ["id"], primary ["district_id", "id", "since"],
    { "id" Bytes, "name" Text, "number" Text }
}
versioned! {
    SECTIONS = "sections" closed by ["id"], primary ["district_id", "id", "since"],
    {
        "id" Bytes, "school_id" Bytes, "sis_id" Text, "name" Text, "course_id" Bytes,
        "term_id" Bytes, "details" Text, "created" Int, "last_modified" Int,
    }
}
versioned! {
    SECTION_TEACHERS = "section_teachers" closed by ["section_id"],
    primary ["district_id", "section_id", "position", "since"],
    { "section_id" Bytes, "position" Int, "role_id" Bytes }
}
versioned! {
    USERS = "users" closed by ["id"], primary ["district_id", "id", "since"],
    {
        "id" Bytes, "email" Text, "first_name" Text, "middle_name" Text, "last_name" Text,
        "created" Int, "last_modified" Int,
    }
}
versioned! {
    USER_ROLES = "user_roles" closed by ["user_id"],
    primary ["district_id", "user_id", "role_id", "since"],
    { "user_id" Bytes, "role_id" Bytes, "kind" Text, "sis_id" Text, "details" Text }
}
versioned! {
    ROLE_SCHOOLS = "role_schools" closed by ["user_id"],
    primary ["district_id", "user_id", "role_id", "school_id", "since"],
    { "user_id" Bytes, "role_id" Bytes, "school_id" Bytes, "position" Int }
}
versioned! {
    ENROLLMENTS = "enrollments" closed by ["section_id", "student_id"],
    primary ["district_id", "section_id", "student_id", "since"],
    { "section_id" Bytes, "student_id" Bytes }
}
versioned! {
    CONTACTS = "contacts" closed by ["id"], primary ["district_id", "id", "since"],
    {
        "id" Bytes, "role_id" Bytes, "sis_id" Text, "first_name" Text, "middle_name" Text,
        "last_name" Text, "email" Text, "details" Text, "created" Int, "last_modified" Int,
    }
}
versioned! {
    CONTACT_STUDENTS = "contact_students" closed by ["contact_id"],
    primary ["district_id", "contact_id", "student_id", "since"],
    { "contact_id" Bytes, "student_id" Bytes, "relationship" Text, "kind" Text }
}
versioned! {
    RESOURCES = "resources" closed by ["id"], primary ["district_id", "id", "since"],
    {
        "id" Bytes, "sis_id" Text, "title" Text, "roles" Text, "created" Int,
        "last_modified" Int,
    }
}
versioned! {
    RESOURCE_COURSES = "resource_courses" closed by ["resource_id"],
    primary ["district_id", "resource_id", "course_id", "since"],
    { "resource_id" Bytes, "course_id" Bytes }
}

/// Bindings are never closed; those of a version that never came to be are deleted.
pub(crate) const BINDINGS: Table = Table {
    name: "bindings",
    columns: &[
        ("district_id", Kind::Bytes),
        ("since", Kind::Int),
        ("kind", Kind::Text),
        ("sis_id", Kind::Text),
        ("id", Kind::Bytes),
        ("user_id", Kind::Bytes),
    ],
    primary: &["district_id", "kind", "sis_id"],
    key: &[],
    conflict: "",
};

/// All tables whose rows have versions.
pub(crate) const VERSIONED: [&Table; 13] = [
    &CONTACT_STUDENTS,
    &CONTACTS,
    &RESOURCE_COURSES,
    &RESOURCES,
    &ENROLLMENTS,
    &ROLE_SCHOOLS,
    &USER_ROLES,
    &USERS,
    &SECTION_TEACHERS,
    &SECTIONS,
    &COURSES,
    &TERMS,
    &SCHOOLS,
];

impl Table {
    /// Deletes up to `$3` rows of district `$1` whose `since` is `$2`: they were staged for a
    /// version that never came to be.
    pub(crate) fn delete_staged(&self) -> String {
        self.some(&format!("DELETE FROM {}", self.name), "since = $2")
    }

    /// Reopens up to `$3` rows of district `$1` that were closed for version `$2`.
    pub(crate) fn reopen(&self) -> String {
        let closed = concat!("until < ", still!(), " AND until = $2");
        self.some(&format!("UPDATE {} SET until = {}", self.name, still!()), closed)
    }

    /// Deletes up to `$3` rows of district `$1` that hold in no version from `$2` on.
    pub(crate) fn delete_closed(&self) -> String {
        let closed = concat!("until < ", still!(), " AND until <= $2");
        self.some(&format!("DELETE FROM {}", self.name), closed)
    }

    fn some(&self, verb: &str, condition: &str) -> String {
        let primary = self.primary.join(", ");
        let name = self.name;
        format!(
            "{verb} WHERE ({primary}) IN (SELECT {primary} FROM {name} \
             WHERE district_id = $1 AND {condition} LIMIT $3)"
        )
    }
}
