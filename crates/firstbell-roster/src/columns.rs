//! The columns of each file: which are required, which a rule reads, which are passed on under
//! their wire name.

use crate::source::RosterFile;
use crate::words::Rule;

/// A column that some rule knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// As documents write it. Headers may use any case, and spaces for underscores.
    pub name: &'static str,
    pub meaning: Meaning,
}

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Read by the file's own rules, and required.
    Required,
    /// Read by the file's own rules.
    Optional,
    /// Passed on under this wire name.
    Detail(&'static str, Rule),
    /// Read by the file's own rules, and perhaps long.
    Text,
    /// Known, and read by nobody.
    Unread,
}

pub(crate) const fn required(name: &'static str) -> Column {
    Column { name, meaning: Meaning::Required }
}

pub(crate) const fn optional(name: &'static str) -> Column {
    Column { name, meaning: Meaning::Optional }
}

pub(crate) const fn detail(name: &'static str, wire_name: &'static str, rule: Rule) -> Column {
    Column { name, meaning: Meaning::Detail(wire_name, rule) }
}

/// A column that a file may have and nobody reads.
pub(crate) const fn unread(name: &'static str) -> Column {
    Column { name, meaning: Meaning::Unread }
}

pub(crate) const fn text(name: &'static str) -> Column {
    Column { name, meaning: Meaning::Text }
}

impl RosterFile {
    /// The file's columns.
    pub(crate) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Schools => SCHOOLS,
            Self::Students => STUDENTS,
            Self::Teachers => TEACHERS,
            Self::Staff => STAFF,
            Self::Admins => ADMINS,
            Self::Sections => SECTIONS,
            Self::Enrollments => ENROLLMENTS,
            Self::Resources => RESOURCES,
            Self::OneRoster(file) => file.columns(),
        }
    }
}

const SCHOOLS: &[Column] = &[
    required("School_id"),
    required("School_name"),
    required("School_number"),
    detail("State_id", "state_id", Rule::AsWritten),
    detail("Low_grade", "low_grade", Rule::Grade),
    detail("High_grade", "high_grade", Rule::Grade),
    detail("Principal", "principal.name", Rule::AsWritten),
    detail("Principal_email", "principal.email", Rule::Email),
    detail("School_address", "location.address", Rule::AsWritten),
    detail("School_city", "location.city", Rule::AsWritten),
    detail("School_state", "location.state", Rule::AsWritten),
    detail("School_zip", "location.zip", Rule::AsWritten),
    detail("School_phone", "phone", Rule::AsWritten),
];

const STUDENTS: &[Column] = &[
    required("School_id"),
    required("Student_id"),
    required("Last_name"),
    required("First_name"),
    optional("Middle_name"),
    optional("Student_email"),
    optional("Username"),
    optional("Password"),
    detail("Student_number", "student_number", Rule::AsWritten),
    detail("State_id", "state_id", Rule::AsWritten),
    detail("Grade", "grade", Rule::Grade),
    detail("Gender", "gender", Rule::Gender),
    detail("Graduation_year", "graduation_year", Rule::Year),
    detail("DOB", "dob", Rule::Date),
    detail("Race", "race", Rule::Race),
    detail("Hispanic_Latino", "hispanic_ethnicity", Rule::YesOrNo),
    detail("Home_language", "home_language", Rule::AsWritten),
    detail("Home_language_code", "home_language_code", Rule::AsWritten),
    detail("Ell_status", "ell_status", Rule::YesOrNo),
    detail("Frl_status", "frl_status", Rule::Lunch),
    detail("IEP_status", "iep_status", Rule::YesOrNo),
    detail("Section_504_status", "section_504_status", Rule::YesOrNo),
    detail("Gifted_status", "gifted_status", Rule::YesOrNo),
    detail("Disability_status", "disability.disability_status", Rule::YesOrNo),
    detail("Disability_type", "disability.disability_type", Rule::AsWritten),
    detail("Disability_code", "disability.disability_code", Rule::DisabilityCode),
    detail("Preferred_first_name", "preferred_name.first", Rule::AsWritten),
    detail("Preferred_middle_name", "preferred_name.middle", Rule::AsWritten),
    detail("Preferred_last_name", "preferred_name.last", Rule::AsWritten),
    detail("Student_street", "location.address", Rule::AsWritten),
    detail("Student_city", "location.city", Rule::AsWritten),
    detail("Student_state", "location.state", Rule::AsWritten),
    detail("Student_zip", "location.zip", Rule::AsWritten),
    detail("Unweighted_gpa", "unweighted_gpa", Rule::AsWritten),
    detail("Weighted_gpa", "weighted_gpa", Rule::AsWritten),
    text("Contact_relationship"),
    text("Contact_type"),
    text("Contact_name"),
    text("Contact_phone"),
    text("Contact_phone_type"),
    text("Contact_email"),
    optional("Contact_sis_id"),
];

const TEACHERS: &[Column] = &[
    required("School_id"),
    required("Teacher_id"),
    required("First_name"),
    required("Last_name"),
    optional("Middle_name"),
    optional("Teacher_email"),
    optional("Username"),
    optional("Password"),
    detail("Teacher_number", "teacher_number", Rule::AsWritten),
    detail("State_teacher_id", "state_id", Rule::AsWritten),
    detail("Title", "title", Rule::AsWritten),
];

const STAFF: &[Column] = &[
    required("Staff_id"),
    required("First_name"),
    required("Last_name"),
    optional("Middle_name"),
    optional("School_id"),
    optional("Staff_email"),
    optional("Username"),
    optional("Password"),
    detail("Role", "role", Rule::AsWritten),
    detail("Title", "title", Rule::AsWritten),
    detail("Department", "department", Rule::AsWritten),
];

const ADMINS: &[Column] = &[
    required("Staff_id"),
    required("First_name"),
    required("Last_name"),
    optional("School_id"),
    optional("Admin_email"),
    optional("Username"),
    optional("Password"),
    detail("Role", "role", Rule::AsWritten),
    detail("Admin_title", "title", Rule::AsWritten),
];

/// `Teacher_id` to `Teacher_10_id`, the primary teacher first.
pub(crate) const SECTION_TEACHERS: [&str; 10] = [
    "Teacher_id",
    "Teacher_2_id",
    "Teacher_3_id",
    "Teacher_4_id",
    "Teacher_5_id",
    "Teacher_6_id",
    "Teacher_7_id",
    "Teacher_8_id",
    "Teacher_9_id",
    "Teacher_10_id",
];

const SECTIONS: &[Column] = &[
    required("School_id"),
    required("Section_id"),
    required(SECTION_TEACHERS[0]),
    optional(SECTION_TEACHERS[1]),
    optional(SECTION_TEACHERS[2]),
    optional(SECTION_TEACHERS[3]),
    optional(SECTION_TEACHERS[4]),
    optional(SECTION_TEACHERS[5]),
    optional(SECTION_TEACHERS[6]),
    optional(SECTION_TEACHERS[7]),
    optional(SECTION_TEACHERS[8]),
    optional(SECTION_TEACHERS[9]),
    optional("Name"),
    optional("Course_name"),
    optional("Course_number"),
    optional("Period"),
    optional("Term_name"),
    optional("Term_start"),
    optional("Term_end"),
    detail("Section_number", "section_number", Rule::AsWritten),
    detail("Grade", "grade", Rule::Grade),
    detail("Course_description", "course_description", Rule::AsWritten),
    detail("Subject", "subject", Rule::Subject),
];

const ENROLLMENTS: &[Column] =
    &[required("School_id"), required("Section_id"), required("Student_id")];

const RESOURCES: &[Column] = &[
    required("Resource_id"),
    required("Title"),
    optional("Roles"),
    optional("Course_number"),
    optional("Course_name"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_is_listed_twice() {
        for file in RosterFile::ALL {
            let mut names: Vec<_> = file.columns().iter().map(|column| column.name).collect();
            names.sort_unstable();
            let before = names.len();
            names.dedup();
            assert_eq!(names.len(), before, "{}", file.name());
        }
    }
}
