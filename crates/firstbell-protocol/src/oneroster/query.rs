//! What a list is asked: `limit`, `offset`, `sort`, `orderBy`, `filter`, `fields`; and where its pages
//! go on.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde_json::{Map, Value};

use super::member::MemberPath;
use super::{BASE_FIELDS, Collection, Filter, FilterError};

/// How many objects a page has where the request does not say.
const DEFAULT_LIMIT: usize = 100;

/// The most objects that a page has; one that is asked for more has these.
pub const MOST: usize = 10_000;

/// Up to here a list is told in another order than that of `sourcedId`: where its objects stand has to be
/// known of all of them at once.
pub const MOST_SORTED: usize = 250_000;

/// So much of what an object is sorted by is compared.
const SORT_KEY_BYTES: usize = 256;

/// A list's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The most objects to answer with: 1 to [`MOST`].
    pub limit: usize,
    /// How many objects stand before the page.
    pub offset: u64,
    /// In which order.
    pub order: Order,
    /// By which member, where it is not `sourcedId`.
    sort: Option<MemberPath>,
    /// Which objects.
    pub filter: Filter,
    /// Which of their members; None for all.
    pub fields: Option<Vec<String>>,
    /// Where the page before ended, where that is known.
    pub cursor: Option<Cursor>,
    /// What else was sent, to be kept in links.
    kept: Vec<(String, String)>,
}

/// An order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Ascending.
    #[default]
    Ascending,
    /// Descending.
    Descending,
}

/// What an object is sorted by, in bytes that stand in its order: never more than 256.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SortKey(Box<[u8]>);

impl SortKey {
    /// Of these texts; those that have none come last. The end of a text stands before whatever a longer
    /// one goes on with.
    fn of(texts: &[Cow<'_, str>]) -> Self {
        const END: [u8; 2] = [0, 1];
        const ZERO: [u8; 2] = [0, 2];

        let mut bytes = vec![u8::from(texts.is_empty())];
        for text in texts {
            for byte in text.bytes() {
                match byte {
                    0 => bytes.extend(ZERO),
                    byte => bytes.push(byte),
                }
                if bytes.len() >= SORT_KEY_BYTES {
                    bytes.truncate(SORT_KEY_BYTES);
                    return Self(bytes.into());
                }
            }
            bytes.extend(END);
        }
        bytes.truncate(SORT_KEY_BYTES);
        Self(bytes.into())
    }
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onward {
    /// There is none.
    End,
    /// Where the offset says.
    ByOffset,
    /// Where this page ended.
    After(Cursor),
}

/// Where a page ended, in the link to the next one: so that what stands before need not be read again,
/// and nothing is left out where that is there no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The record that the page's last object tells of.
    pub record: [u8; 12],
    /// Which part of it, where each record makes several objects.
    pub part: Option<[u8; 12]>,
    /// How many objects the list has, as was counted on its first page.
    pub total: u64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = |f: &mut fmt::Formatter<'_>, id: [u8; 12]| {
            id.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
        };
        hex(f, self.record)?;
        if let Some(part) = self.part {
            f.write_str("-")?;
            hex(f, part)?;
        }
        write!(f, ".{}", self.total)
    }
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (place, total) = text.split_once('.')?;
        let (record, part) = match place.split_once('-') {
            Some((record, part)) => (record, Some(id(part)?)),
            None => (place, None),
        };
        Some(Self { record: id(record)?, part, total: number(total).ok()? })
    }
}

/// The bytes of 24 hexadecimal digits.
fn id(digits: &str) -> Option<[u8; 12]> {
    if digits.len() != 24 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 12];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// The parameter of a [`Cursor`].
const CURSOR: &str = "firstbell_after";

/// Why a list cannot be asked that, in words for a developer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// No number, or none from which a page can be made.
    #[error("limit is a whole number from 1 up, offset one from 0 up")]
    Number,
    /// No order in which these objects can stand.
    #[error("sort names a member of these objects, orderBy is asc or desc")]
    Sort,
    /// A page too far behind in an order that has to be found out anew for each page.
    #[error(
        "a sorted list is told up to its {MOST_SORTED}th object: offset and limit lead beyond; filter \
         it, or leave sort out and follow the links"
    )]
    TooDeep,
    /// A filter that cannot be applied.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A member that these objects never have.
    #[error("fields names {0:?}, which these objects do not have")]
    Field(String),
    /// A link that was changed on the way.
    #[error("{CURSOR} is taken from a link as it is, or left out")]
    Cursor,
}

impl Query {
    /// Reads the text between `?` and `#` of a request for objects of this collection. What nobody
    /// knows is ignored, and kept in links.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub fn parse(raw: &str, of: Collection) -> Result<Self, QueryError> {
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            offset: 0,
            order: Order::default(),
            sort: None,
            filter: Filter::default(),
            fields: None,
            cursor: None,
            kept: Vec::new(),
        };
        for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
            match &*name {
                "limit" => {
                    let limit = number(&value)?.min(MOST as u64);
                    query.limit = usize::try_from(limit)
                        .ok()
                        .filter(|it| *it > 0)
                        .ok_or(QueryError::Number)?;
                }
                "offset" => query.offset = number(&value)?,
                CURSOR => query.cursor = Some(Cursor::parse(&value).ok_or(QueryError::Cursor)?),
                _ => {
                    query.take(&name, &value, of)?;
                    query.kept.push((name.into_owned(), value.into_owned()));
                }
            }
        }
        // Where a page of another order ended, no cursor says.
        if query.is_sorted() && query.cursor.is_some() {
            return Err(QueryError::Cursor);
        }
        if query.is_sorted() && query.sorted_end().is_none() {
            return Err(QueryError::TooDeep);
        }
        Ok(query)
    }

    /// Where the page ends in a sorted list; None beyond [`MOST_SORTED`].
    fn sorted_end(&self) -> Option<usize> {
        let offset = usize::try_from(self.offset).ok()?;
        offset.checked_add(self.limit).filter(|end| *end <= MOST_SORTED)
    }

    /// The page in a sorted list.
    pub fn sorted_page(&self) -> Range<usize> {
        let end = self.sorted_end().unwrap_or(MOST_SORTED);
        end.saturating_sub(self.limit)..end
    }

    fn take(&mut self, name: &str, value: &str, of: Collection) -> Result<(), QueryError> {
        match name {
            "sort" => {
                let path = MemberPath::parse(value, of).ok_or(QueryError::Sort)?;
                self.sort = Some(path).filter(|path| !path.is("sourcedId"));
            }
            "orderBy" => {
                self.order = match value {
                    "asc" => Order::Ascending,
                    "desc" => Order::Descending,
                    _ => return Err(QueryError::Sort),
                };
            }
            "filter" => self.filter = Filter::parse(value, of)?,
            "fields" => {
                let known = |name: &str| BASE_FIELDS.contains(&name) || of.fields().contains(&name);
                let names: Vec<_> = value.split(',').map(|name| name.trim().to_owned()).collect();
                if let Some(strange) = names.iter().find(|name| !known(name)) {
                    return Err(QueryError::Field(strange.clone()));
                }
                self.fields = Some(names);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether another order is asked for than that of `sourcedId`.
    pub const fn is_sorted(&self) -> bool {
        self.sort.is_some()
    }

    /// What an object is sorted by.
    pub fn sort_key(&self, object: &Map<String, Value>) -> SortKey {
        let told = self.sort.as_ref().map(|path| path.within(object)).unwrap_or_default();
        SortKey::of(&told.texts)
    }

    /// Whether a member is wanted.
    pub fn wants(&self, member: &str) -> bool {
        self.fields.as_ref().is_none_or(|names| names.iter().any(|name| name == member))
    }

    /// The query of another page of the same list.
    fn turned(&self, offset: u64, cursor: Option<Cursor>) -> String {
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(self.kept.iter().map(|(name, value)| (name, value)));
        text.append_pair("limit", &self.limit.to_string());
        text.append_pair("offset", &offset.to_string());
        if let Some(cursor) = cursor {
            text.append_pair(CURSOR, &cursor.to_string());
        }
        text.finish()
    }

    /// The `Link` header of a page of `total` objects at this address (RFC 8288): `next` and `prev` as
    /// far as there are such pages, `first` and `last`.
    pub fn links(&self, address: &str, total: u64, next: Onward) -> String {
        let limit = self.limit as u64;
        let last = total.saturating_sub(1) / limit * limit;
        let mut links = vec![("first", self.turned(0, None)), ("last", self.turned(last, None))];
        if self.offset > 0 {
            links.push(("prev", self.turned(self.offset.saturating_sub(limit), None)));
        }
        let onward = self.offset.saturating_add(limit);
        match next {
            Onward::End => {}
            Onward::ByOffset => links.push(("next", self.turned(onward, None))),
            Onward::After(cursor) => links.push(("next", self.turned(onward, Some(cursor)))),
        }
        let link = |(rel, query): (&str, String)| format!("<{address}?{query}>; rel=\"{rel}\"");
        links.into_iter().map(link).collect::<Vec<_>>().join(", ")
    }
}

fn number(value: &str) -> Result<u64, QueryError> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|_| is_number).ok_or(QueryError::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(raw: &str) -> Result<Query, QueryError> {
        Query::parse(raw, Collection::Users)
    }

    #[test]
    fn a_list_is_asked_what_it_knows() {
        let query =
            parse("limit=7&offset=14&sort=sourcedId&orderBy=desc&fields=sourcedId,email&x=1");
        let query = query.expect("a query");
        assert_eq!((query.limit, query.offset, query.order), (7, 14, Order::Descending));
        assert!(query.wants("email") && !query.wants("phone"));
        assert_eq!(parse("").expect("a query").limit, DEFAULT_LIMIT);
        assert_eq!(parse("limit=99999").expect("a query").limit, MOST);
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (raw, error) in [
            ("limit=0", QueryError::Number),
            ("limit=-1", QueryError::Number),
            ("limit=", QueryError::Number),
            ("offset=x", QueryError::Number),
            ("sort=shoeSize", QueryError::Sort),
            ("orderBy=up", QueryError::Sort),
            ("filter=x", QueryError::Filter(FilterError::Form)),
            ("fields=shoeSize", QueryError::Field("shoeSize".into())),
            ("fields=", QueryError::Field(String::new())),
            ("sort=email&firstbell_after=0123456789abcdef01234567.1", QueryError::Cursor),
            ("firstbell_after=1", QueryError::Cursor),
            ("firstbell_after=.1", QueryError::Cursor),
            ("firstbell_after=0123456789abcdef01234567", QueryError::Cursor),
            ("firstbell_after=0123456789abcdef01234567.1.2", QueryError::Cursor),
            ("firstbell_after=0123456789abcdef01234567.%2B1", QueryError::Cursor),
            ("firstbell_after=0123456789abcdef01234567-.1", QueryError::Cursor),
            ("firstbell_after=0123456789abcdef01234567-1.1", QueryError::Cursor),
            (
                "firstbell_after=%2B1%2B1%2B1%2B1%2B1%2B1%2B1%2B1%2B1%2B1%2B1%2B1.1",
                QueryError::Cursor,
            ),
            ("firstbell_after=zzzzzzzzzzzzzzzzzzzzzzzz.1", QueryError::Cursor),
            ("sort=email&offset=249999&limit=2", QueryError::TooDeep),
            ("sort=email&offset=18446744073709551615", QueryError::TooDeep),
        ] {
            assert_eq!(parse(raw), Err(error), "{raw}");
        }
    }

    #[test]
    fn objects_are_sorted_by_a_member_and_those_without_it_come_last() {
        let query = parse("sort=email").expect("a query");
        let key = |object: Value| query.sort_key(object.as_object().expect("an object"));
        let (a, b) = (json!({"email": "a"}), json!({"email": "b"}));
        assert!(key(a) < key(b.clone()) && key(b) < key(json!({})));
        assert!(query.is_sorted() && !parse("sort=sourcedId").expect("a query").is_sorted());
        let last = parse("sort=email&offset=249990&limit=10").expect("a query");
        assert_eq!(last.sorted_page(), 249_990..250_000);
        let far = parse("offset=18446744073709551615").expect("the order of ids has no end");
        assert!(far.links("/x", 3, Onward::End).contains("offset=18446744073709551515"));
    }

    #[test]
    fn keys_stand_in_the_order_of_their_texts_and_are_short() {
        let long = "x".repeat(10_000);
        let lists: [&[&str]; 12] = [
            &[""],
            &["", "b"],
            &["\0"],
            &["\0\0"],
            &["a"],
            &["a", ""],
            &["a", "b"],
            &["a\0"],
            &["a\u{1}"],
            &["aa"],
            &["é"],
            &[],
        ];
        let key = |texts: &[&str]| {
            SortKey::of(&texts.iter().map(|text| Cow::Borrowed(*text)).collect::<Vec<_>>())
        };
        for pair in lists.windows(2) {
            assert!(key(pair[0]) < key(pair[1]), "{pair:?}");
        }
        for texts in [&[long.as_str()][..], &["a"; 1000], &["\0"; 1000]] {
            assert_eq!(key(texts).0.len(), SORT_KEY_BYTES);
        }
    }

    #[test]
    fn links_keep_what_was_asked_and_say_where_a_page_ended() {
        let query = parse("offset=10&limit=10&filter=status%3D'active'").expect("a query");
        for part in [None, Some([0xcd; 12])] {
            let cursor = Cursor { record: [0xab; 12], part, total: 35 };
            let links = query.links("/x", 35, Onward::After(cursor));
            let next =
                links.split(", ").find(|link| link.ends_with("rel=\"next\"")).expect("a link");
            let raw = next.trim_start_matches("</x?").split('>').next().expect("a query");
            let turned = parse(raw).expect("a query");
            assert_eq!(turned.cursor, Some(cursor));
            assert_eq!((turned.offset, turned.limit, &turned.filter), (20, 10, &query.filter));
            for (rel, offset) in [("first", 0), ("prev", 0), ("last", 30)] {
                let end = format!("offset={offset}>; rel=\"{rel}\"");
                assert!(links.contains(&end), "{links}");
            }
        }
        assert!(!parse("limit=10").expect("a query").links("/x", 3, Onward::End).contains("prev"));
    }
}
