//! How a sharing rule is written on the command line, and printed again.
//!
//! ```text
//! schools=NORTH,SOUTH grades=3,4 subjects="language arts",math roles=student,teacher
//! ```
//!
//! Parts with blanks between, each `name=value,value`. A role must fit every part; of a part, one
//! value is enough. A value with a blank, a comma or a quotation mark stands in quotation marks, and
//! a quotation mark inside is doubled. Schools and sections are named by their id in the student
//! information system.

use std::fmt;
use std::iter::Peekable;
use std::str::{Chars, FromStr};

use anyhow::Context as _;
use firstbell_core::application::SharingRule;
use firstbell_protocol::vocabulary::RoleKind;
use firstbell_roster::Vocabulary;
use firstbell_store::{DistrictTx, StoreError};

/// A rule as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WrittenRule {
    schools: Option<Vec<String>>,
    sections: Option<Vec<String>>,
    grades: Option<Vec<String>>,
    subjects: Option<Vec<String>>,
    roles: Option<Vec<RoleKind>>,
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RuleError {
    #[error("the rule is empty; to share everyone, say --everyone")]
    Empty,
    #[error("{0:?} is no part of a rule; a part is name=value,value")]
    NoPart(String),
    #[error("{0:?} is no part of a rule; there are schools, sections, grades, subjects and roles")]
    UnknownPart(String),
    #[error("{0} is there twice; put its values into one list")]
    Twice(String),
    #[error("{0} has an empty value; a part names somebody")]
    NoValue(String),
    #[error("{0} has a quotation mark that is not closed, or stands inside a value")]
    Quotation(String),
    #[error("{part} has no {word:?}; there are {known}")]
    UnknownWord { part: String, word: String, known: String },
}

impl FromStr for WrittenRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let mut rest = text.chars().peekable();
        let mut rule = Self::default();
        while skip_blanks(&mut rest) {
            let (name, has_values) = name(&mut rest);
            if !has_values {
                return Err(RuleError::NoPart(name));
            }
            let values = values(&mut rest, &name)?;
            rule.add(name, values)?;
        }
        if rule == Self::default() { Err(RuleError::Empty) } else { Ok(rule) }
    }
}

/// Whether anything comes after the blanks.
fn skip_blanks(rest: &mut Peekable<Chars<'_>>) -> bool {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
    rest.peek().is_some()
}

/// A part's name, and whether `=` follows it.
fn name(rest: &mut Peekable<Chars<'_>>) -> (String, bool) {
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| *c != '=' && !c.is_whitespace()) {
        name.push(c);
    }
    (name, rest.next_if_eq(&'=').is_some())
}

fn values(rest: &mut Peekable<Chars<'_>>, part: &str) -> Result<Vec<String>, RuleError> {
    let mut values = Vec::new();
    loop {
        let value = value(rest).ok_or_else(|| RuleError::Quotation(part.to_owned()))?;
        if value.trim().is_empty() {
            return Err(RuleError::NoValue(part.to_owned()));
        }
        if !values.contains(&value) {
            values.push(value);
        }
        if rest.next_if_eq(&',').is_none() {
            return Ok(values);
        }
    }
}

/// One value, up to a comma, a blank or the end. None where its quotation marks are wrong.
fn value(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut value = String::new();
    if rest.next_if_eq(&'"').is_none() {
        while let Some(c) = rest.next_if(|c| *c != ',' && !c.is_whitespace()) {
            if c == '"' {
                return None;
            }
            value.push(c);
        }
        return Some(value);
    }
    loop {
        match rest.next()? {
            '"' if rest.next_if_eq(&'"').is_some() => value.push('"'),
            '"' => break,
            c => value.push(c),
        }
    }
    rest.peek().is_none_or(|c| *c == ',' || c.is_whitespace()).then_some(value)
}

impl WrittenRule {
    fn add(&mut self, part: String, values: Vec<String>) -> Result<(), RuleError> {
        if part == "roles" {
            let kinds = values.iter().map(|word| {
                word.parse().map_err(|_| RuleError::UnknownWord {
                    part: part.clone(),
                    word: word.clone(),
                    known: RoleKind::ALL.map(RoleKind::name).join(", "),
                })
            });
            let kinds = kinds.collect::<Result<Vec<_>, _>>()?;
            return once(&mut self.roles, kinds, part);
        }
        let (slot, values) = match part.as_str() {
            "schools" => (&mut self.schools, values),
            "sections" => (&mut self.sections, values),
            "grades" => (&mut self.grades, words(Vocabulary::Grade, &part, &values)?),
            "subjects" => (&mut self.subjects, words(Vocabulary::Subject, &part, &values)?),
            _ => return Err(RuleError::UnknownPart(part)),
        };
        once(slot, values, part)
    }

    /// The rule with the schools and sections of a district's roster.
    ///
    /// # Errors
    /// Where the roster lacks some; the error names them all.
    pub(crate) fn resolve(&self, district: &mut DistrictTx<'_, '_>) -> anyhow::Result<SharingRule> {
        let schools = found(self.schools.as_deref(), "school", |sis_id| {
            Ok(district.school_by_sis_id(sis_id)?.map(|school| school.id))
        })?;
        let sections = found(self.sections.as_deref(), "section", |sis_id| {
            district.section_by_sis_id(sis_id)
        })?;
        Ok(SharingRule {
            schools,
            sections,
            grades: self.grades.clone(),
            subjects: self.subjects.clone(),
            roles: self.roles.clone(),
        })
    }

    /// A rule as it would be written. What the roster has no longer is shown by our id.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn of(
        rule: &SharingRule,
        district: &mut DistrictTx<'_, '_>,
    ) -> Result<Self, StoreError> {
        let mut schools = None;
        for school in rule.schools.iter().flatten() {
            let sis_id = district.sis_id_of_school(*school)?;
            let shown = sis_id.unwrap_or_else(|| format!("not in the roster: {school}"));
            schools.get_or_insert_with(Vec::new).push(shown);
        }
        let mut sections = None;
        for section in rule.sections.iter().flatten() {
            let sis_id = district.sis_id_of_section(*section)?;
            let shown = sis_id.unwrap_or_else(|| format!("not in the roster: {section}"));
            sections.get_or_insert_with(Vec::new).push(shown);
        }
        Ok(Self {
            schools: schools.or(rule.schools.as_ref().map(|_| Vec::new())),
            sections: sections.or(rule.sections.as_ref().map(|_| Vec::new())),
            grades: rule.grades.clone(),
            subjects: rule.subjects.clone(),
            roles: rule.roles.clone(),
        })
    }
}

fn once<T>(slot: &mut Option<Vec<T>>, values: Vec<T>, part: String) -> Result<(), RuleError> {
    match slot.replace(values) {
        None => Ok(()),
        Some(_) => Err(RuleError::Twice(part)),
    }
}

/// The roster's words for these.
fn words(vocabulary: Vocabulary, part: &str, written: &[String]) -> Result<Vec<String>, RuleError> {
    let word = |written: &String| match vocabulary.word(written) {
        Some(word) => Ok(word.to_owned()),
        None => Err(RuleError::UnknownWord {
            part: part.to_owned(),
            word: written.clone(),
            known: vocabulary.words(),
        }),
    };
    written.iter().map(word).collect()
}

fn found<T>(
    sis_ids: Option<&[String]>,
    what: &str,
    mut find: impl FnMut(&str) -> Result<Option<T>, StoreError>,
) -> anyhow::Result<Option<Vec<T>>> {
    let Some(sis_ids) = sis_ids else { return Ok(None) };
    let (mut ids, mut missing) = (Vec::new(), Vec::new());
    for sis_id in sis_ids {
        match find(sis_id)? {
            Some(id) => ids.push(id),
            None => missing.push(quoted(sis_id)),
        }
    }
    missing.is_empty().then_some(Some(ids)).with_context(|| {
        format!(
            "the district's roster has no {what} {}; name it by its id in the files that were \
             imported. Nothing was changed",
            missing.join(", ")
        )
    })
}

fn quoted(value: &str) -> String {
    let is_plain = !value.chars().any(|c| c.is_whitespace() || c == ',' || c == '"');
    if is_plain && !value.is_empty() {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('"', "\"\""))
}

impl fmt::Display for WrittenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles = self
            .roles
            .as_ref()
            .map(|kinds| kinds.iter().map(|kind| kind.name().to_owned()).collect::<Vec<_>>());
        let parts = [
            ("schools", self.schools.as_ref()),
            ("sections", self.sections.as_ref()),
            ("grades", self.grades.as_ref()),
            ("subjects", self.subjects.as_ref()),
            ("roles", roles.as_ref()),
        ];
        let parts = parts.into_iter().filter_map(|(name, values)| values.map(|it| (name, it)));
        let written: Vec<_> = parts
            .map(|(name, values)| {
                let values: Vec<_> = values.iter().map(|value| quoted(value)).collect();
                format!("{name}={}", values.join(","))
            })
            .collect();
        match written.as_slice() {
            [] => f.write_str("everyone"),
            parts => f.write_str(&parts.join(" ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn a_rule_is_read_and_printed_again() {
        let cases = [
            (
                "schools=NORTH,SOUTH grades=3,k subjects=math roles=student,teacher",
                WrittenRule {
                    schools: Some(list(&["NORTH", "SOUTH"])),
                    grades: Some(list(&["3", "Kindergarten"])),
                    subjects: Some(list(&["math"])),
                    roles: Some(vec![RoleKind::Student, RoleKind::Teacher]),
                    ..WrittenRule::default()
                },
            ),
            (
                "  sections=\"a, b\",\"say \"\"hi\"\"\",c=d\tsubjects=\"language arts\" ",
                WrittenRule {
                    sections: Some(list(&["a, b", "say \"hi\"", "c=d"])),
                    subjects: Some(list(&["english/language arts"])),
                    ..WrittenRule::default()
                },
            ),
            ("schools=1,1", WrittenRule { schools: Some(list(&["1"])), ..WrittenRule::default() }),
        ];
        for (text, expected) in cases {
            let rule: WrittenRule = text.parse().expect(text);
            assert_eq!(rule, expected, "{text}");
            assert_eq!(rule.to_string().parse(), Ok(rule), "{text}");
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_with_its_reason() {
        let text = str::to_owned;
        for (rule, error) in [
            ("", RuleError::Empty),
            ("  ", RuleError::Empty),
            ("everyone", RuleError::NoPart(text("everyone"))),
            ("schools =NORTH", RuleError::NoPart(text("schools"))),
            ("=NORTH", RuleError::UnknownPart(String::new())),
            ("school=NORTH", RuleError::UnknownPart(text("school"))),
            ("schools=1 schools=2", RuleError::Twice(text("schools"))),
            ("roles=staff roles=student", RuleError::Twice(text("roles"))),
            ("schools=", RuleError::NoValue(text("schools"))),
            ("schools=A,", RuleError::NoValue(text("schools"))),
            ("schools=A, B", RuleError::NoValue(text("schools"))),
            ("schools=\"\"", RuleError::NoValue(text("schools"))),
            ("schools=\"A", RuleError::Quotation(text("schools"))),
            ("schools=A\"B\"", RuleError::Quotation(text("schools"))),
            ("schools=\"A\"B", RuleError::Quotation(text("schools"))),
        ] {
            assert_eq!(rule.parse::<WrittenRule>(), Err(error), "{rule:?}");
        }
        for (rule, word) in
            [("grades=20", "20"), ("subjects=magic", "magic"), ("roles=boss", "boss")]
        {
            let error = rule.parse::<WrittenRule>().expect_err(rule).to_string();
            assert!(error.contains(word) && error.contains("there are"), "{error}");
        }
    }
}
