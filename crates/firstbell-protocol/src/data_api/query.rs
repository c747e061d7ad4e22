//! What a list is asked: the query behind a path, read by the parameters of its [`Endpoint`].
//! Anything that the endpoint does not know is ignored.

use std::fmt::{self, Write as _};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{Collection, Endpoint, Parameter, PersonKind};

/// How many objects a page has where the request does not say.
pub const DEFAULT_LIMIT: u32 = 100;

/// The most objects a page can have.
pub const MOST: u32 = 10_000;

/// The word for the end of a list in `ending_before`.
pub(super) const LAST: &str = "last";

/// A list's query, as far as its endpoint knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// The most objects to answer with: 1 to [`MOST`].
    pub limit: u32,
    /// Which part of the list.
    pub position: Position,
    /// Whether to tell how many objects the whole list has.
    pub counting: Counting,
    /// Only people in this role.
    pub role: Option<PersonKind>,
    /// Whether only primary schools count.
    pub schools: SchoolTies,
    /// Only what happened to objects of this school.
    pub school: Option<ObjectId>,
    /// Only what happened to objects of these collections; empty where of all.
    pub record_types: Vec<Collection>,
    /// The query as it was sent, fit to stand in a URI.
    sent: String,
}

/// Which part of a list is asked for. Lists stand by ascending id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Position {
    /// Its beginning.
    #[default]
    Start,
    /// What follows this id.
    After(ObjectId),
    /// What precedes this id, up to it.
    Before(ObjectId),
    /// Its end.
    End,
}

/// Whether the number of objects is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Counting {
    /// It is.
    Wanted,
    /// It is not.
    #[default]
    NotWanted,
}

/// Which of the ties between people and schools count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SchoolTies {
    /// Primary ones.
    Primary,
    /// All.
    #[default]
    All,
}

/// An id: 24 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId([u8; 24]);

impl ObjectId {
    /// The id in this text; None where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; 24] = text.as_bytes().try_into().ok()?;
        digits
            .iter()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
            .then_some(Self(digits))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a list cannot be asked that. Each is told to a developer in the words of its `Display`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListQueryError {
    /// More than a page holds; its status is 413.
    #[error("limit in the query is more than a page holds: it is a whole number from 1 to {MOST}")]
    LimitTooLarge,
    /// No number, or none from which a page can be made.
    #[error("limit in the query is no whole number from 1 to {MOST}")]
    LimitMalformed,
    /// No id.
    #[error("{parameter} in the query is no id: it is {allowed}")]
    IdMalformed {
        /// The parameter.
        parameter: &'static str,
        /// What it may be.
        allowed: &'static str,
    },
    /// A page begins somewhere or ends somewhere.
    #[error("the query has both starting_after and ending_before: one of them is allowed")]
    BothEnds,
    /// Which of the values would count?
    #[error("{parameter} stands in the query more than once: it is allowed once")]
    Repeated {
        /// The parameter.
        parameter: &'static str,
    },
    /// None of the words that the parameter knows.
    #[error("{parameter} in the query is unknown: it is one of {allowed}")]
    WordUnknown {
        /// The parameter.
        parameter: &'static str,
        /// What it may be, for people to read.
        allowed: String,
    },
}

impl ListQuery {
    /// Reads the text between `?` and `#` of a request to this endpoint.
    ///
    /// # Errors
    /// See [`ListQueryError`].
    pub fn parse(raw: &str, endpoint: &Endpoint) -> Result<Self, ListQueryError> {
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            position: Position::default(),
            counting: Counting::default(),
            role: None,
            schools: SchoolTies::default(),
            school: None,
            record_types: Vec::new(),
            sent: utf8_percent_encode(raw, NO_QUERY).to_string(),
        };
        let mut seen: Vec<&'static str> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
            let known = endpoint.parameters.iter().find(|known| known.name() == name);
            let Some(parameter) = known else { continue };
            let name = parameter.name();
            if seen.contains(&name) && !matches!(parameter, Parameter::RecordType(_)) {
                return Err(ListQueryError::Repeated { parameter: name });
            }
            seen.push(name);
            query.take(*parameter, &value)?;
        }
        Ok(query)
    }

    fn take(&mut self, parameter: Parameter, value: &str) -> Result<(), ListQueryError> {
        match parameter {
            Parameter::Limit => self.limit = limit(value)?,
            Parameter::StartingAfter => {
                self.turn_to(Position::After(id(parameter, value, AN_ID)?))?;
            }
            Parameter::EndingBefore if value == LAST => self.turn_to(Position::End)?,
            Parameter::EndingBefore => {
                self.turn_to(Position::Before(id(parameter, value, AN_ID_OR_LAST)?))?;
            }
            Parameter::Count => {
                self.counting = match value {
                    "true" => Counting::Wanted,
                    "" | "false" | "undefined" => Counting::NotWanted,
                    _ => return Err(unknown(parameter, ["true", "false", "undefined"])),
                };
            }
            // An empty word counts as not sent.
            Parameter::Role(_) | Parameter::Primary | Parameter::RecordType(_)
                if value.is_empty() => {}
            Parameter::Role(kinds) => {
                let kind = kinds.iter().find(|kind| kind.name() == value);
                let names = || unknown(parameter, kinds.iter().map(|kind| kind.name()));
                self.role = Some(*kind.ok_or_else(names)?);
            }
            Parameter::Primary => {
                self.schools = match value {
                    "true" => SchoolTies::Primary,
                    _ => return Err(unknown(parameter, ["true"])),
                };
            }
            Parameter::School => self.school = Some(id(parameter, value, AN_ID)?),
            Parameter::RecordType(collections) => {
                // Generated clients join the values of an array with commas.
                for word in value.split(',') {
                    let known = collections.iter().find(|known| known.event_name() == word);
                    let names = || unknown(parameter, collections.iter().map(|it| it.event_name()));
                    self.record_types.push(*known.ok_or_else(names)?);
                }
            }
        }
        Ok(())
    }

    fn turn_to(&mut self, position: Position) -> Result<(), ListQueryError> {
        if self.position != Position::Start {
            return Err(ListQueryError::BothEnds);
        }
        self.position = position;
        Ok(())
    }

    /// The query as it was sent, fit to stand in a URI.
    pub(super) fn sent(&self) -> &str {
        &self.sent
    }

    /// What was sent without a position, and with this one: a parameter and its id.
    pub(super) fn turned(&self, to: Option<(Parameter, &str)>) -> String {
        let is_position = |piece: &&str| {
            let name = url::form_urlencoded::parse(piece.as_bytes()).next();
            name.is_none_or(|(name, _)| name == "starting_after" || name == "ending_before")
        };
        let kept: Vec<_> = self.sent.split('&').filter(|piece| !is_position(piece)).collect();
        let mut query = kept.join("&");
        if let Some((parameter, id)) = to {
            let separator = if query.is_empty() { "" } else { "&" };
            // Writing to a String cannot fail.
            let _ = write!(query, "{separator}{}={id}", parameter.name());
        }
        query
    }
}

const AN_ID: &str = "24 digits of 0-9 and a-f";
const AN_ID_OR_LAST: &str = "24 digits of 0-9 and a-f, or last";

/// What cannot stand in the query of a URI (RFC 3986 section 3.4); a percent sign can, because what
/// was sent is encoded already.
const NO_QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

fn limit(value: &str) -> Result<u32, ListQueryError> {
    if value.is_empty() || !value.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(ListQueryError::LimitMalformed);
    }
    // Digits that are no u32 are more than one holds.
    match value.parse() {
        Ok(0) => Err(ListQueryError::LimitMalformed),
        Ok(limit) if limit <= MOST => Ok(limit),
        _ => Err(ListQueryError::LimitTooLarge),
    }
}

fn id(
    parameter: Parameter,
    value: &str,
    allowed: &'static str,
) -> Result<ObjectId, ListQueryError> {
    let malformed = ListQueryError::IdMalformed { parameter: parameter.name(), allowed };
    ObjectId::parse(value).ok_or(malformed)
}

fn unknown(
    parameter: Parameter,
    allowed: impl IntoIterator<Item = &'static str>,
) -> ListQueryError {
    let allowed: Vec<_> = allowed.into_iter().collect();
    ListQueryError::WordUnknown { parameter: parameter.name(), allowed: allowed.join(", ") }
}

#[cfg(test)]
mod tests;
