//! What the token of a district reads (seed: Secure Sync): which records of the roster an
//! application sees, and which of their columns.
//!
//! - A *person* is seen in the roles that a rule fits.
//! - A *section* is seen where a rule fits it: by its school, by itself, by its subject, by its grade
//!   or, where it has none, by a grade of one of its students. Rules for roles that no section has
//!   bring none. Of its members those are told who are seen.
//! - A *school* is seen where a rule names it or holds for all schools. A rule that names sections and
//!   no schools brings the schools of these sections.
//! - *Terms* and *courses* are seen with a section of theirs, *resources* with a course of theirs,
//!   *contacts* with a student of theirs and where the district shares contacts at all.
//! - Where everyone is shared, everything is.

use std::collections::HashSet;

use firstbell_protocol::vocabulary::RoleKind;

use super::derivation::Silent;
use super::{Needs, Ties};
use crate::application::{DataGroup, DataGroups, Sharing, SharingRule};
use crate::id::{RoleId, SchoolId, SectionId};
use crate::roster::change::RosterPerson;
use crate::roster::{Contact, Details, Relationship, Role, Section, User};

/// What an application sees of a district's roster.
#[derive(Debug, Clone)]
pub struct Synced<'a> {
    sharing: &'a Sharing,
    /// None where all schools are seen.
    schools: Option<HashSet<SchoolId>>,
}

/// A person as an application sees them with a district's token.
#[derive(Debug, Clone)]
pub struct PersonSeen<'a> {
    /// The person, with a name and an address that are all told.
    pub user: &'a User,
    /// The roles that are seen; never empty.
    pub roles: Vec<RoleSeen<'a>>,
}

/// A role as an application sees it with a district's token.
#[derive(Debug, Clone)]
pub struct RoleSeen<'a> {
    /// The role, of whose details [`Synced::facts_of_role`] says what is told.
    pub role: &'a Role,
    /// The schools that are seen at which it is held, the primary one first if it is among them.
    pub schools: Vec<SchoolId>,
}

/// The sections whose schools must be known before it can be said which schools are seen.
pub fn named_sections(sharing: &Sharing) -> Vec<SectionId> {
    let rules = sharing.rules.iter().filter(|rule| rule.schools.is_none());
    rules.filter_map(|rule| rule.sections.as_ref()).flatten().copied().collect()
}

impl<'a> Synced<'a> {
    /// What is seen of a roster that is shared like this, `held_at` being the schools of
    /// [`named_sections`].
    pub fn of(sharing: &'a Sharing, held_at: &[SchoolId]) -> Self {
        let all = sharing.all_staff
            || sharing.rules.iter().any(|rule| rule.schools.is_none() && rule.sections.is_none());
        let named = sharing.rules.iter().filter_map(|rule| rule.schools.as_ref()).flatten();
        let schools = (!all).then(|| named.chain(held_at).copied().collect());
        Self { sharing, schools }
    }

    /// Whether everything is seen.
    pub fn is_whole(&self) -> bool {
        self.sharing.rules.contains(&SharingRule::default())
    }

    /// Which groups of data are shared beside the roster itself.
    pub fn groups(&self) -> DataGroups {
        self.sharing.groups
    }

    /// What must be known of a person beside the schools of their roles.
    pub fn needs(&self) -> Needs {
        let by_section = |rule: &SharingRule| {
            rule.sections.is_some() || rule.subjects.is_some() || rule.grades.is_some()
        };
        let sections = !self.is_whole() && self.sharing.rules.iter().any(by_section);
        Needs { schools: !self.is_whole(), sections, links: false }
    }

    /// The person as they are seen, if they are. `ties` are theirs as far as [`Synced::needs`] wants
    /// them.
    pub fn person<'p>(&self, person: &'p RosterPerson, ties: &Ties) -> Option<PersonSeen<'p>> {
        let mut roles = Vec::with_capacity(person.user.roles.len());
        for role in &person.user.roles {
            if self.sees_role(role, ties) {
                let held = person.schools.iter().filter(|(of, _)| *of == role.id);
                let schools = held.map(|(_, school)| *school).filter(|it| self.sees_school(*it));
                roles.push(RoleSeen { role, schools: schools.collect() });
            }
        }
        (!roles.is_empty()).then_some(PersonSeen { user: &person.user, roles })
    }

    /// Whether a role is seen, `ties` being its person's.
    pub fn sees_role(&self, role: &Role, ties: &Ties) -> bool {
        self.is_whole() || super::is_shared(self.sharing, role, ties, &mut Silent)
    }

    /// Whether a school is seen.
    pub fn sees_school(&self, school: SchoolId) -> bool {
        self.schools.as_ref().is_none_or(|seen| seen.contains(&school))
    }

    /// Whether a section is seen. `grades` are those of its students; they are asked for only where
    /// it has none itself.
    pub fn sees_section<'g, G>(&self, section: &Section, grades: impl Fn() -> G) -> bool
    where
        G: IntoIterator<Item = &'g str>,
    {
        let is_word = |words: &[String], word: &str| {
            words.iter().any(|known| known.eq_ignore_ascii_case(word))
        };
        let named =
            |words: &Option<Vec<String>>, name: &str| match (words, section.details.get(name)) {
                (None, _) => true,
                (Some(words), Some(word)) => is_word(words, word),
                (Some(_), None) => false,
            };
        let fits = |rule: &SharingRule| {
            let in_class = |kind: &RoleKind| matches!(kind, RoleKind::Student | RoleKind::Teacher);
            rule.roles.as_ref().is_none_or(|kinds| kinds.iter().any(in_class))
                && rule.schools.as_ref().is_none_or(|schools| schools.contains(&section.school))
                && rule.sections.as_ref().is_none_or(|sections| sections.contains(&section.id))
                && named(&rule.subjects, "subject")
                && (named(&rule.grades, "grade")
                    || (!section.details.contains_key("grade")
                        && rule.grades.as_ref().is_some_and(|words| {
                            grades().into_iter().any(|grade| is_word(words, grade))
                        })))
        };
        self.sharing.rules.iter().any(fits)
    }

    /// The relationships of a contact that are seen; none where it is not. `sees_student` says which
    /// students are.
    pub fn relationships<'c>(
        &self,
        contact: &'c Contact,
        sees_student: impl Fn(RoleId) -> bool,
    ) -> Vec<&'c Relationship> {
        if !self.groups().has(DataGroup::Contacts) {
            return Vec::new();
        }
        contact.students.iter().filter(|it| sees_student(it.student)).collect()
    }

    /// Whether a column of a person's role is told, by its wire name.
    pub fn tells_of_role(&self, name: &str) -> bool {
        self.tells(role_column(name))
    }

    /// What is told of a role beside its ids, by wire name and in its order.
    pub fn facts_of_role<'d>(&self, details: &'d Details) -> Vec<(&'d str, &'d str)> {
        self.facts(details, role_column)
    }

    /// What is told of a school or a section beside its own members, by wire name and in its order.
    pub fn facts_of_place<'d>(&self, details: &'d Details) -> Vec<(&'d str, &'d str)> {
        self.facts(details, place_column)
    }

    fn facts<'d>(
        &self,
        details: &'d Details,
        column: impl Fn(&str) -> Column,
    ) -> Vec<(&'d str, &'d str)> {
        details.iter().filter(|(name, _)| self.tells(column(name))).collect()
    }

    fn tells(&self, column: Column) -> bool {
        match column {
            Column::Roster => true,
            Column::Of(group) => self.groups().has(group),
            Column::Unshared => false,
        }
    }
}

/// To what a column of a roster belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// To the roster itself.
    Roster,
    /// To a group that a district shares or not.
    Of(DataGroup),
    /// To nothing that anybody shares.
    Unshared,
}

/// To what a column of a person's role belongs, by its wire name. One that is not known here is
/// shared with nobody.
pub fn role_column(name: &str) -> Column {
    const ROSTER: [&str; 8] = [
        "state_id",
        "student_number",
        "teacher_number",
        "grade",
        "graduation_year",
        "title",
        "department",
        "role",
    ];
    const SENSITIVE: [&str; 7] = [
        "ell_status",
        "frl_status",
        "iep_status",
        "section_504_status",
        "gifted_status",
        "home_language",
        "home_language_code",
    ];
    match name.split_once('.') {
        Some(("ext", _)) => Column::Of(DataGroup::Extensions),
        Some(("disability", _)) => Column::Of(DataGroup::Sensitive),
        Some(("location", _)) => Column::Of(DataGroup::Demographics),
        Some(("credentials" | "preferred_name", _)) => Column::Roster,
        None if ROSTER.contains(&name) => Column::Roster,
        None if SENSITIVE.contains(&name) => Column::Of(DataGroup::Sensitive),
        None if ["dob", "gender", "race", "hispanic_ethnicity"].contains(&name) => {
            Column::Of(DataGroup::Demographics)
        }
        _ => Column::Unshared,
    }
}

/// To what a column of a school or a section belongs: these are no people, so all but the district's
/// own columns go with the roster.
pub fn place_column(name: &str) -> Column {
    match name.split_once('.') {
        Some(("ext", _)) => Column::Of(DataGroup::Extensions),
        _ => Column::Roster,
    }
}

#[cfg(test)]
mod tests;
