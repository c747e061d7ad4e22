//! The words that members of the Data API may have. A value that a dialect has no word for is
//! printed as what stands for the others, so that clients with closed enumerations can read it.
//! Grades and subjects are a roster's own words, which its import has made sure of: dialects that
//! have them all print them as they are.

/// A vocabulary.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// Its words.
    pub words: &'static [&'static str],
    /// What stands for a value that is none of them: `Other`, or nothing. None where the value
    /// stands for itself.
    otherwise: Option<&'static str>,
}

impl Words {
    const fn or_other(words: &'static [&'static str]) -> Self {
        Self { words, otherwise: Some("Other") }
    }

    const fn or_nothing(words: &'static [&'static str]) -> Self {
        Self { words, otherwise: Some("") }
    }

    const fn of_rosters(words: &'static [&'static str]) -> Self {
        Self { words, otherwise: None }
    }

    /// The word for this value.
    pub fn word<'a>(&self, value: &'a str) -> &'a str {
        match self.otherwise {
            Some(otherwise) if !self.words.contains(&value) => otherwise,
            _ => value,
        }
    }
}

/// Grades, since v2.1.
pub(super) const GRADES: &Words = &Words::of_rosters(&[
    "InfantToddler",
    "Preschool",
    "PreKindergarten",
    "TransitionalKindergarten",
    "Kindergarten",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12",
    "13",
    "PostGraduate",
    "Ungraded",
    "Other",
]);

/// Grades in v2.0.
pub(super) const FEWER_GRADES: &Words = &Words::or_other(&[
    "PreKindergarten",
    "Kindergarten",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12",
    "PostGraduate",
    "Other",
]);

/// Subjects of sections.
pub(super) const SUBJECTS: &Words = &Words::of_rosters(&[
    "english/language arts",
    "math",
    "science",
    "social studies",
    "language",
    "homeroom/advisory",
    "interventions/online learning",
    "technology and engineering",
    "PE and health",
    "arts and music",
    "other",
]);

/// Genders, since v2.1.
pub(super) const GENDERS: &Words = &Words::or_nothing(&["M", "F", "X"]);

/// Genders in v2.0.
pub(super) const TWO_GENDERS: &Words = &Words::or_nothing(&["M", "F"]);

/// Races.
pub(super) const RACES: &Words = &Words::or_nothing(&[
    "Caucasian",
    "Asian",
    "Black or African American",
    "American Indian",
    "Hawaiian or Other Pacific Islander",
    "Two or More Races",
    "Unknown",
]);

/// Yes and no.
pub(super) const YES_OR_NO: &Words = &Words::or_nothing(&["Y", "N"]);

/// Free or reduced lunch.
pub(super) const LUNCHES: &Words = &Words::or_other(&["Free", "Reduced", "Paid", "Other"]);

/// Codes of disabilities.
pub(super) const DISABILITY_CODES: &Words = &Words {
    words: &[
        "aut", "db", "dd", "emn", "hi", "id", "md", "oi", "other", "ohi", "sld", "sli", "tbi", "vi",
    ],
    otherwise: Some("other"),
};

/// Which telephone of a contact it is.
pub(super) const PHONE_TYPES: &Words = &Words::or_other(&["Cell", "Home", "Work", "Other"]);

/// What a contact is there for.
pub(super) const CONTACT_TYPES: &Words =
    &Words::or_other(&["Parent/Guardian", "Emergency", "Primary", "Secondary", "Family", "Other"]);

/// What a contact is to a student.
pub(super) const RELATIONSHIPS: &Words =
    &Words::or_other(&["Parent", "Grandparent", "Self", "Aunt/Uncle", "Sibling", "Other"]);

/// How a district stands.
pub(super) const DISTRICT_STATES: &Words =
    &Words::or_nothing(&["running", "pending", "error", "paused", "success"]);

/// How people log in.
pub(super) const LOGIN_METHODS: &Words = &Words::or_other(&[
    "Clever Badges",
    "Canvas",
    "Clever Passwords",
    "Google",
    "LDAP",
    "SAML",
    "Other",
]);

/// Learning management systems.
pub(super) const LMS_TYPES: &Words =
    &Words::or_nothing(&["canvas", "schoology", "google_classroom"]);

/// How the connection with a learning management system stands.
pub(super) const LMS_STATES: &Words = &Words::or_nothing(&[
    "initial_sync_processing",
    "pending_authorization",
    "matching_in_progress",
    "success",
    "error",
    "disconnected",
]);

/// Who uses a resource.
pub(super) const RESOURCE_ROLES: &Words = &Words::or_nothing(&["teacher", "student"]);
