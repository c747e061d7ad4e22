//! The files of OneRoster 1.1 and 1.2 and their columns (CSV tables of the two specifications).

use crate::columns::{Column, optional, required, text, unread};

/// A file of a OneRoster export, in the order in which they are read: a file comes after those it
/// refers to, but for `roles.csv`, which says what becomes of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OneRosterFile {
    /// `manifest.csv`, by which an export is known
    Manifest,
    /// `orgs.csv`
    Orgs,
    /// `academicSessions.csv`
    AcademicSessions,
    /// `courses.csv`
    Courses,
    /// `roles.csv`, from 1.2 on
    Roles,
    /// `users.csv`
    Users,
    /// `demographics.csv`, which may be absent
    Demographics,
    /// `classes.csv`
    Classes,
    /// `enrollments.csv`
    Enrollments,
    /// `resources.csv`, which may be absent
    Resources,
    /// `courseResources.csv`, which may be absent
    CourseResources,
    /// `classResources.csv`, which may be absent
    ClassResources,
}

impl OneRosterFile {
    /// All files, in reading order.
    pub const ALL: [Self; 12] = [
        Self::Manifest,
        Self::Orgs,
        Self::AcademicSessions,
        Self::Courses,
        Self::Roles,
        Self::Users,
        Self::Demographics,
        Self::Classes,
        Self::Enrollments,
        Self::Resources,
        Self::CourseResources,
        Self::ClassResources,
    ];

    /// The file's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest.csv",
            Self::Orgs => "orgs.csv",
            Self::AcademicSessions => "academicSessions.csv",
            Self::Courses => "courses.csv",
            Self::Roles => "roles.csv",
            Self::Users => "users.csv",
            Self::Demographics => "demographics.csv",
            Self::Classes => "classes.csv",
            Self::Enrollments => "enrollments.csv",
            Self::Resources => "resources.csv",
            Self::CourseResources => "courseResources.csv",
            Self::ClassResources => "classResources.csv",
        }
    }

    /// Whether a roster is refused without it. `roles.csv` is required too, from 1.2 on.
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            Self::Manifest
                | Self::Orgs
                | Self::AcademicSessions
                | Self::Courses
                | Self::Users
                | Self::Classes
                | Self::Enrollments
        )
    }

    /// Whether this is what the manifest calls the file: `file.orgs`.
    pub(super) fn is_property(self, name: &str) -> bool {
        let stem = self.name().trim_end_matches(".csv");
        let asked = name.strip_prefix("file.").unwrap_or_default();
        self != Self::Manifest && stem.eq_ignore_ascii_case(asked)
    }

    pub(crate) const fn columns(self) -> &'static [Column] {
        match self {
            Self::Manifest => MANIFEST,
            Self::Orgs => ORGS,
            Self::AcademicSessions => ACADEMIC_SESSIONS,
            Self::Courses => COURSES,
            Self::Roles => ROLES,
            Self::Users => USERS,
            Self::Demographics => DEMOGRAPHICS,
            Self::Classes => CLASSES,
            Self::Enrollments => ENROLLMENTS,
            Self::Resources => RESOURCES,
            Self::CourseResources => COURSE_RESOURCES,
            Self::ClassResources => CLASS_RESOURCES,
        }
    }
}

/// Whether this is a file that an export may have and whose content has no place in a roster:
/// marks, and the profiles of 1.2.
pub(crate) fn is_known_and_unread(name: &str) -> bool {
    const UNREAD: [&str; 10] = [
        "categories.csv",
        "lineItems.csv",
        "lineItemLearningObjectiveIds.csv",
        "lineItemScoreScales.csv",
        "results.csv",
        "resultLearningObjectiveIds.csv",
        "resultScoreScales.csv",
        "scoreScales.csv",
        "userProfiles.csv",
        "userResources.csv",
    ];
    UNREAD.iter().any(|known| known.eq_ignore_ascii_case(name))
}

const SOURCED_ID: Column = required("sourcedId");
const STATUS: Column = optional("status");
const LAST_MODIFIED: Column = unread("dateLastModified");

// What our own exports say beside the tables (`crate::write::oneroster`).
const OWN_SIS_ID: Column = text("metadata.firstbell.sis_id");
const OWN_KNOWN_BY: Column = optional("metadata.firstbell.known_by");
const OWN_UNNAMED: Column = optional("metadata.firstbell.unnamed");

const MANIFEST: &[Column] = &[required("propertyName"), text("value")];

const ORGS: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    required("name"),
    required("type"),
    optional("identifier"),
    optional("parentSourcedId"),
    OWN_SIS_ID,
];

const ACADEMIC_SESSIONS: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    required("title"),
    unread("type"),
    optional("startDate"),
    optional("endDate"),
    unread("parentSourcedId"),
    unread("schoolYear"),
    OWN_SIS_ID,
    OWN_KNOWN_BY,
    OWN_UNNAMED,
];

const COURSES: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    unread("schoolYearSourcedId"),
    required("title"),
    optional("courseCode"),
    unread("grades"),
    unread("orgSourcedId"),
    unread("subjects"),
    unread("subjectCodes"),
    OWN_SIS_ID,
    OWN_KNOWN_BY,
    OWN_UNNAMED,
];

const ROLES: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    required("userSourcedId"),
    optional("roleType"),
    required("role"),
    optional("beginDate"),
    optional("endDate"),
    required("orgSourcedId"),
    unread("userProfileSourcedId"),
    optional("metadata.firstbell.rank"),
];

/// Of both versions: 1.1 has `role` and `orgSourcedIds` here, 1.2 the preferred names.
const USERS: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    optional("enabledUser"),
    text("orgSourcedIds"),
    optional("role"),
    optional("username"),
    unread("userIds"),
    required("givenName"),
    required("familyName"),
    optional("middleName"),
    optional("identifier"),
    optional("email"),
    text("sms"),
    text("phone"),
    text("agentSourcedIds"),
    text("grades"),
    optional("password"),
    unread("userMasterIdentifier"),
    unread("resourceSourcedIds"),
    optional("preferredGivenName"),
    optional("preferredMiddleName"),
    optional("preferredFamilyName"),
    optional("primaryOrgSourcedId"),
    unread("pronouns"),
    OWN_SIS_ID,
    OWN_KNOWN_BY,
    OWN_UNNAMED,
    text("metadata.firstbell.whole_name"),
    optional("metadata.firstbell.phone_type"),
    optional("metadata.firstbell.relationship"),
    optional("metadata.firstbell.contact_type"),
    text("metadata.firstbell.contacts"),
];

/// The columns of [`DEMOGRAPHICS`] that say of which races somebody is, with the roster's words.
pub(crate) const RACES: [(&str, &str); 5] = [
    ("americanIndianOrAlaskaNative", "American Indian"),
    ("asian", "Asian"),
    ("blackOrAfricanAmerican", "Black or African American"),
    ("nativeHawaiianOrOtherPacificIslander", "Hawaiian or Other Pacific Islander"),
    ("white", "Caucasian"),
];

const DEMOGRAPHICS: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    optional("birthDate"),
    optional("sex"),
    optional(RACES[0].0),
    optional(RACES[1].0),
    optional(RACES[2].0),
    optional(RACES[3].0),
    optional(RACES[4].0),
    optional("demographicRaceTwoOrMoreRaces"),
    optional("hispanicOrLatinoEthnicity"),
    unread("countryOfBirthCode"),
    unread("stateOfBirthAbbreviation"),
    unread("cityOfBirth"),
    unread("publicSchoolResidenceStatus"),
];

const CLASSES: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    required("title"),
    text("grades"),
    optional("courseSourcedId"),
    optional("classCode"),
    unread("classType"),
    unread("location"),
    required("schoolSourcedId"),
    text("termSourcedIds"),
    text("subjects"),
    unread("subjectCodes"),
    text("periods"),
    OWN_SIS_ID,
];

const ENROLLMENTS: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    required("classSourcedId"),
    optional("schoolSourcedId"),
    required("userSourcedId"),
    required("role"),
    optional("primary"),
    optional("beginDate"),
    optional("endDate"),
];

const RESOURCES: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    optional("vendorResourceId"),
    optional("title"),
    optional("roles"),
    unread("importance"),
    unread("vendorId"),
    unread("applicationId"),
    OWN_SIS_ID,
];

const COURSE_RESOURCES: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    unread("title"),
    required("courseSourcedId"),
    required("resourceSourcedId"),
];

const CLASS_RESOURCES: &[Column] = &[
    SOURCED_ID,
    STATUS,
    LAST_MODIFIED,
    unread("title"),
    required("classSourcedId"),
    required("resourceSourcedId"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_column_is_listed_twice_and_the_manifest_names_every_file() {
        for file in OneRosterFile::ALL {
            let mut names: Vec<_> = file.columns().iter().map(|column| column.name).collect();
            names.sort_unstable();
            let before = names.len();
            names.dedup();
            assert_eq!(names.len(), before, "{}", file.name());
        }
        assert!(OneRosterFile::AcademicSessions.is_property("file.academicSessions"));
        assert!(!OneRosterFile::Orgs.is_property("orgs"));
        assert!(!OneRosterFile::Manifest.is_property("file.manifest"));
    }
}
