//! `filter`: which objects of a list are wanted. One or two comparisons, joined by `AND` or `OR`, of any
//! member, and of members within members (`course.sourcedId`), in the order of their letters' code
//! points. What is compared is what would be printed, so that nobody learns from a filter what the
//! objects do not say.
//!
//! A list is equal to the same values in any order, separated by commas, and contains (`~`) one of
//! several; a text contains what stands anywhere in it. A member that is not there is unequal to
//! anything.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::Collection;
use super::member::{MemberPath, Told};

/// Which objects are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// Those that this fits.
    One(Clause),
    /// Those that both fit.
    And(Clause, Clause),
    /// Those that one of both fits.
    Or(Clause, Clause),
}

/// A comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    field: MemberPath,
    predicate: Predicate,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Predicate {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Contains,
}

impl Predicate {
    /// The longer ones first: each begins like a shorter one.
    const ALL: [(&'static str, Self); 7] = [
        ("!=", Self::NotEqual),
        (">=", Self::GreaterOrEqual),
        ("<=", Self::LessOrEqual),
        ("=", Self::Equal),
        (">", Self::Greater),
        ("<", Self::Less),
        ("~", Self::Contains),
    ];

    fn holds(self, told: &Told<'_>, value: &str) -> bool {
        match self {
            Self::Equal => told.is(value),
            Self::NotEqual => !told.is(value),
            Self::Contains => told.contains(value),
            Self::Greater => told.compared(value).is_some_and(Ordering::is_gt),
            Self::GreaterOrEqual => told.compared(value).is_some_and(Ordering::is_ge),
            Self::Less => told.compared(value).is_some_and(Ordering::is_lt),
            Self::LessOrEqual => told.compared(value).is_some_and(Ordering::is_le),
        }
    }
}

impl Told<'_> {
    fn has(&self, text: &str) -> bool {
        self.texts.iter().any(|told| told == text)
    }

    fn is(&self, value: &str) -> bool {
        if !self.is_list {
            return self.has(value);
        }
        let wanted = || value.split(',').map(str::trim);
        let nothing = self.texts.is_empty() && value.is_empty();
        let same = wanted().all(|one| self.has(one))
            && self.texts.iter().all(|told| wanted().any(|one| one == told));
        nothing || same
    }

    fn contains(&self, value: &str) -> bool {
        if self.is_list {
            return value.split(',').any(|one| self.has(one.trim()));
        }
        self.texts.iter().any(|told| told.contains(value))
    }

    /// Lists have no order.
    fn compared(&self, value: &str) -> Option<Ordering> {
        let told = self.texts.first().filter(|_| !self.is_list)?;
        Some((**told).cmp(value))
    }
}

/// Why a filter cannot be applied, in words for a developer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A member that these objects never have.
    #[error("filter compares members of these objects, and what stands within them")]
    Field,
    /// Something else than a comparison.
    #[error("filter has one or two comparisons (=, !=, >, >=, <, <=, ~), joined by AND or OR")]
    Form,
    /// Not between single quotation marks.
    #[error("filter has values between single quotation marks")]
    Value,
    /// Not a day or moment.
    #[error("filter has dates as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")]
    Date,
}

impl Filter {
    /// Reads a filter for objects of this collection.
    ///
    /// # Errors
    /// See [`FilterError`].
    pub fn parse(text: &str, of: Collection) -> Result<Self, FilterError> {
        let (first, rest) = Clause::parse(text.trim(), of)?;
        if rest.is_empty() {
            return Ok(Self::One(first));
        }
        let (joint, rest) = rest.split_once(' ').ok_or(FilterError::Form)?;
        let (second, rest) = Clause::parse(rest.trim_start(), of)?;
        match joint.to_ascii_uppercase().as_str() {
            _ if !rest.is_empty() => Err(FilterError::Form),
            "AND" => Ok(Self::And(first, second)),
            "OR" => Ok(Self::Or(first, second)),
            _ => Err(FilterError::Form),
        }
    }

    /// Whether an object with these members is wanted.
    pub fn fits(&self, object: &Map<String, Value>) -> bool {
        match self {
            Self::All => true,
            Self::One(clause) => clause.fits(object),
            Self::And(one, other) => one.fits(object) && other.fits(object),
            Self::Or(one, other) => one.fits(object) || other.fits(object),
        }
    }
}

impl Clause {
    /// A comparison and what follows it.
    fn parse(text: &str, of: Collection) -> Result<(Self, &str), FilterError> {
        let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-');
        let end = text.find(|letter| !is_name(letter)).ok_or(FilterError::Form)?;
        let (field, rest) = text.split_at(end);
        if field.is_empty() {
            return Err(FilterError::Form);
        }
        let field = MemberPath::parse(field, of).ok_or(FilterError::Field)?;
        let rest = rest.trim_start();
        let found = Predicate::ALL
            .into_iter()
            .find_map(|(sign, predicate)| Some((predicate, rest.strip_prefix(sign)?)));
        let (predicate, rest) = found.ok_or(FilterError::Form)?;
        let (mut value, rest) = quoted(rest.trim_start())?;
        if field.is("dateLastModified") && predicate != Predicate::Contains {
            value = moment(&value).ok_or(FilterError::Date)?;
        }
        Ok((Self { field, predicate, value }, rest.trim_start()))
    }

    fn fits(&self, object: &Map<String, Value>) -> bool {
        self.predicate.holds(&self.field.within(object), &self.value)
    }
}

/// A value between single quotation marks, and what follows; a doubled mark is one of the value's.
fn quoted(text: &str) -> Result<(String, &str), FilterError> {
    let mut rest = text.strip_prefix('\'').ok_or(FilterError::Value)?;
    let mut value = String::new();
    loop {
        let (before, after) = rest.split_once('\'').ok_or(FilterError::Value)?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Ok((value, after)),
        }
    }
}

/// A moment as the objects write it, in which order is that of time: `2026-08-17T00:00:00.000Z`.
fn moment(text: &str) -> Option<String> {
    const FORM: &[u8] = b"0000-00-00T00:00:00.000Z";
    let whole = match text.len() {
        10 => format!("{text}T00:00:00.000Z"),
        20 => format!("{}.000Z", text.strip_suffix('Z')?),
        _ => text.to_owned(),
    };
    let fits = |(letter, form): (u8, &u8)| match form {
        b'0' => letter.is_ascii_digit(),
        other => letter == *other,
    };
    (whole.len() == FORM.len() && whole.bytes().zip(FORM).all(fits)).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(filter: &str) -> bool {
        let class = serde_json::json!({
            "sourcedId": "b",
            "status": "active",
            "dateLastModified": "2026-09-15T12:00:00.000Z",
            "title": "It's ART",
            "grades": ["KG", "01"],
            "subjects": [],
            "course": {"sourcedId": "c"},
        });
        let filter = Filter::parse(filter, Collection::Classes).expect(filter);
        filter.fits(class.as_object().expect("an object"))
    }

    #[test]
    fn a_filter_is_applied_as_it_is_written() {
        for (text, expected) in [
            ("sourcedId='b'", true),
            ("sourcedId!='b'", false),
            ("sourcedId > 'a'", true),
            ("sourcedId>'b'", false),
            ("sourcedId>='b'", true),
            ("sourcedId<='a'", false),
            ("status='active'", true),
            ("status='tobedeleted'", false),
            ("dateLastModified>'2026-09-15'", true),
            ("dateLastModified>'2026-09-16'", false),
            ("dateLastModified>='2026-09-15T12:00:00Z'", true),
            ("dateLastModified<'2026-09-15T12:00:00.001Z'", true),
            ("dateLastModified~'T12:'", true),
            ("sourcedId='a' OR status='active'", true),
            ("sourcedId='a' AND status='active'", false),
            ("sourcedId='b' and status='active'", true),
            ("title~'''s AR'", true),
            ("title='It''s ART'", true),
            ("title~'ART'", true),
            ("title~'art'", false),
            ("course.sourcedId='c'", true),
            ("course='c'", false),
        ] {
            assert_eq!(fits(text), expected, "{text}");
        }
    }

    #[test]
    fn lists_and_what_is_not_there_are_compared_as_wholes() {
        for (text, expected) in [
            ("grades='KG'", false),
            ("grades='01,KG'", true),
            ("grades='KG, 01'", true),
            ("grades!='KG'", true),
            ("grades~'KG'", true),
            ("grades~'02,KG'", true),
            ("grades~'K'", false),
            ("grades>'0'", false),
            ("grades=''", false),
            ("subjects=''", true),
            ("subjects~''", false),
            ("classCode=''", false),
            ("classCode!='x'", true),
            ("classCode<'x'", false),
            ("classCode~''", false),
        ] {
            assert_eq!(fits(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_named() {
        for (text, error) in [
            ("", FilterError::Form),
            ("sourcedId", FilterError::Form),
            ("familyName='Lee'", FilterError::Field),
            ("sourcedId?'a'", FilterError::Form),
            ("sourcedId=a", FilterError::Value),
            ("sourcedId='a", FilterError::Value),
            ("sourcedId='a' XOR status='active'", FilterError::Form),
            ("sourcedId='a' AND status='active' AND status='active'", FilterError::Form),
            ("sourcedId='a'AND", FilterError::Form),
            ("dateLastModified>'yesterday'", FilterError::Date),
            ("dateLastModified>'2026-09-15T12:00:00+02:00'", FilterError::Date),
        ] {
            assert_eq!(Filter::parse(text, Collection::Classes), Err(error), "{text}");
        }
    }
}
