//! `filter`: which objects of a list are wanted. One or two comparisons, joined by `AND` or `OR`, of
//! what every object has: `sourcedId`, `status` and `dateLastModified`.

use std::cmp::Ordering;

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
    field: Field,
    predicate: Predicate,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    SourcedId,
    Status,
    DateLastModified,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Predicate {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Predicate {
    /// The longer ones first: each begins like a shorter one.
    const ALL: [(&'static str, Self); 6] = [
        ("!=", Self::NotEqual),
        (">=", Self::GreaterOrEqual),
        ("<=", Self::LessOrEqual),
        ("=", Self::Equal),
        (">", Self::Greater),
        ("<", Self::Less),
    ];

    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

/// Why a filter cannot be applied, in words for a developer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// Another member than can be compared here.
    #[error("filter compares sourcedId, status and dateLastModified only")]
    Field,
    /// Something else than a comparison.
    #[error("filter has one or two comparisons (=, !=, >, >=, <, <=), joined by AND or OR")]
    Form,
    /// Not between single quotation marks.
    #[error("filter has values between single quotation marks")]
    Value,
    /// Not a day or moment.
    #[error("filter has dates as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")]
    Date,
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// See [`FilterError`].
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let (first, rest) = Clause::parse(text.trim())?;
        if rest.is_empty() {
            return Ok(Self::One(first));
        }
        let (joint, rest) = rest.split_once(' ').ok_or(FilterError::Form)?;
        let (second, rest) = Clause::parse(rest.trim_start())?;
        match joint.to_ascii_uppercase().as_str() {
            _ if !rest.is_empty() => Err(FilterError::Form),
            "AND" => Ok(Self::And(first, second)),
            "OR" => Ok(Self::Or(first, second)),
            _ => Err(FilterError::Form),
        }
    }

    /// Whether an object is wanted, by its id and the moment of its last change. All are active: what
    /// has left is not told of.
    pub fn fits(&self, sourced_id: &str, modified: &str) -> bool {
        let fits = |clause: &Clause| clause.fits(sourced_id, modified);
        match self {
            Self::All => true,
            Self::One(clause) => fits(clause),
            Self::And(one, other) => fits(one) && fits(other),
            Self::Or(one, other) => fits(one) || fits(other),
        }
    }
}

impl Clause {
    /// A comparison and what follows it.
    fn parse(text: &str) -> Result<(Self, &str), FilterError> {
        let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '.');
        let (field, rest) = text.split_at(end.ok_or(FilterError::Form)?);
        let field = match field {
            "sourcedId" => Field::SourcedId,
            "status" => Field::Status,
            "dateLastModified" => Field::DateLastModified,
            "" => return Err(FilterError::Form),
            _ => return Err(FilterError::Field),
        };
        let rest = rest.trim_start();
        let found = Predicate::ALL
            .into_iter()
            .find_map(|(sign, predicate)| Some((predicate, rest.strip_prefix(sign)?)));
        let (predicate, rest) = found.ok_or(FilterError::Form)?;
        let (value, rest) = quoted(rest.trim_start())?;
        let value = match field {
            Field::DateLastModified => moment(&value).ok_or(FilterError::Date)?,
            Field::SourcedId | Field::Status => value,
        };
        Ok((Self { field, predicate, value }, rest.trim_start()))
    }

    fn fits(&self, sourced_id: &str, modified: &str) -> bool {
        let found = match self.field {
            Field::SourcedId => sourced_id,
            Field::Status => "active",
            Field::DateLastModified => modified,
        };
        self.predicate.holds(found.cmp(&self.value))
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

    #[test]
    fn a_filter_is_applied_as_it_is_written() {
        let at = "2026-09-15T12:00:00.000Z";
        for (text, fits) in [
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
            ("sourcedId='a' OR status='active'", true),
            ("sourcedId='a' AND status='active'", false),
            ("sourcedId='b' and status='active'", true),
        ] {
            let filter = Filter::parse(text).expect(text);
            assert_eq!(filter.fits("b", at), fits, "{text}");
        }
        let quote = Filter::parse("sourcedId='it''s'").expect("a filter");
        assert!(quote.fits("it's", at) && !quote.fits("its", at));
    }

    #[test]
    fn what_is_no_filter_is_named() {
        for (text, error) in [
            ("", FilterError::Form),
            ("sourcedId", FilterError::Form),
            ("familyName='Lee'", FilterError::Field),
            ("sourcedId~'a'", FilterError::Form),
            ("sourcedId=a", FilterError::Value),
            ("sourcedId='a", FilterError::Value),
            ("sourcedId='a' XOR status='active'", FilterError::Form),
            ("sourcedId='a' AND status='active' AND status='active'", FilterError::Form),
            ("sourcedId='a'AND", FilterError::Form),
            ("dateLastModified>'yesterday'", FilterError::Date),
            ("dateLastModified>'2026-09-15T12:00:00+02:00'", FilterError::Date),
        ] {
            assert_eq!(Filter::parse(text), Err(error), "{text}");
        }
    }
}
