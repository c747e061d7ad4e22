//! Walking over records until a page is full.

use firstbell_protocol::data_api::{
    Collection, Dialect, ListQuery, ListWriter, ObjectId, Position, Rest,
};
use firstbell_store::Seek;
use serde::Serialize;

use super::print::Sink;
use super::reader::Reader;
use super::source::{self, Key, Source, just_before};
use super::{DataFault, ReadResult};

/// So many records are loaded at a time, however long the page: what they become is kept, they are
/// not.
const AT_ONCE: usize = 500;

/// Writes what is seen of these records, from where the query says.
///
/// # Errors
/// When the database fails.
pub(super) fn write(
    reader: &mut Reader<'_, '_, '_, '_>,
    source: &Source,
    (dialect, collection): (Dialect, Collection),
    query: &ListQuery,
    writer: &mut ListWriter<'_>,
) -> Result<Rest, DataFault> {
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let mut page = Page { writer, collection, room: limit, more: Rest::Nothing };
    let seek = match query.position {
        Position::Start => Seek::First,
        Position::After(id) => Seek::After(key(id)),
        Position::Before(_) | Position::End => {
            let end = match query.position {
                Position::Before(id) => Seek::Before(key(id)),
                _ => Seek::Last,
            };
            // The page is printed upwards all the same, so that it need not be held twice.
            let (first, rest, length) = lowest(reader, source, dialect, end, limit)?;
            let Some(first) = first else { return Ok(Rest::Nothing) };
            page.room = length;
            let right_before = just_before(first);
            walk(reader, source, dialect, right_before, &mut page)?;
            return Ok(rest);
        }
    };
    walk(reader, source, dialect, seek, &mut page)?;
    Ok(page.more)
}

/// How many of these records are seen.
///
/// # Errors
/// When the database fails.
pub(super) fn count(
    reader: &mut Reader<'_, '_, '_, '_>,
    source: &Source,
    dialect: Dialect,
) -> Result<u64, DataFault> {
    if let Some(count) = reader.count_all(source)? {
        return Ok(count);
    }
    let mut tally = Tally(0);
    walk(reader, source, dialect, Seek::First, &mut tally)?;
    Ok(tally.0)
}

/// Something that takes what is seen until it has enough.
trait Taker: Sink {
    fn has_enough(&self) -> bool;
}

fn walk(
    reader: &mut Reader<'_, '_, '_, '_>,
    source: &Source,
    dialect: Dialect,
    mut seek: Seek,
    taker: &mut impl Taker,
) -> Result<(), DataFault> {
    let mut are_all_seen = true;
    loop {
        // One more than there is room for says whether there are more.
        let most = taker.room().map_or(AT_ONCE, |room| at_once(room, are_all_seen));
        let records = source::fetch(reader, source, seek, most)?;
        let Some(last) = records.last() else { return Ok(()) };
        seek = Seek::After(last.key());
        for record in &records {
            are_all_seen &= reader.put_among(source, dialect, record, taker)?;
            if taker.has_enough() {
                return Ok(());
            }
        }
        reader.go_on()?;
    }
}

/// How many records are loaded next for a page that has room for so many more, and one to say whether
/// there are others: no more than those, unless some of what there is is not seen.
fn at_once(room: usize, are_all_seen: bool) -> usize {
    if are_all_seen { AT_ONCE.min(room.saturating_add(1)) } else { AT_ONCE }
}

/// The lowest of the last `limit` records that are seen before `end`, whether more are seen below,
/// and how many it is the first of.
fn lowest(
    reader: &mut Reader<'_, '_, '_, '_>,
    source: &Source,
    dialect: Dialect,
    end: Seek,
    limit: usize,
) -> Result<(Option<Key>, Rest, usize), DataFault> {
    let (mut lowest, mut length, mut seek) = (None, 0, end);
    let mut are_all_seen = true;
    loop {
        let most = at_once(limit - length, are_all_seen);
        let records = source::fetch(reader, source, seek, most)?;
        let Some(first) = records.first() else { return Ok((lowest, Rest::Nothing, length)) };
        seek = Seek::Before(first.key());
        for record in records.iter().rev() {
            let is_seen = reader.put_among(source, dialect, record, &mut Tally(0))?;
            are_all_seen &= is_seen;
            if is_seen {
                if length == limit {
                    return Ok((lowest, Rest::More, length));
                }
                (lowest, length) = (Some(record.key()), length + 1);
            }
        }
        reader.go_on()?;
    }
}

fn key(id: ObjectId) -> Key {
    let digits = id.as_str().as_bytes();
    let value = |digit: &u8| match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.wrapping_sub(b'a').wrapping_add(10) & 15,
    };
    let mut key = Key::default();
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().fold(0, |byte, digit| (byte << 4) | value(digit));
    }
    key
}

/// A page that is being written.
struct Page<'w, 'p> {
    writer: &'w mut ListWriter<'p>,
    collection: Collection,
    room: usize,
    more: Rest,
}

impl Sink for Page<'_, '_> {
    fn put(&mut self, id: &str, object: &impl Serialize) -> Result<(), DataFault> {
        if self.room == 0 {
            self.more = Rest::More;
            return Ok(());
        }
        self.room -= 1;
        Ok(self.writer.add(self.collection, id, object)?)
    }

    fn room(&self) -> Option<usize> {
        Some(self.room)
    }
}

impl Taker for Page<'_, '_> {
    fn has_enough(&self) -> bool {
        self.more == Rest::More
    }
}

/// Counts what is seen.
struct Tally(u64);

impl Sink for Tally {
    fn put(&mut self, _: &str, _: &impl Serialize) -> Result<(), DataFault> {
        self.0 += 1;
        Ok(())
    }
}

impl Taker for Tally {
    fn has_enough(&self) -> bool {
        false
    }
}

impl Reader<'_, '_, '_, '_> {
    /// How many records of this source are seen, where that is known without looking at each.
    pub(crate) fn count_all(&mut self, source: &Source) -> ReadResult<Option<u64>> {
        if !self.is_whole() {
            return Ok(None);
        }
        let at = self.roster();
        Ok(Some(match source {
            Source::Schools(None) => at.count_schools()?,
            Source::Terms(None) => at.count_terms()?,
            Source::Courses(None) => at.count_courses()?,
            Source::Sections(None) => at.count_sections()?,
            Source::Resources(None) => at.count_resources()?,
            Source::ContactUsers(None) | Source::ContactRoles(None) => at.count_contacts()?,
            Source::Roles(kind, None) => at.count_roles(*kind)?,
            Source::Users(users) if users.roles.is_none() => match (users.kind, users.contacts) {
                (Some(kind), _) => at.count_roles(kind)?,
                (None, source::WithContacts::No) if users.ids.is_none() => at.count_people()?,
                (None, source::WithContacts::Yes) if users.ids.is_none() => {
                    at.count_people()? + at.count_contacts()?
                }
                (None, _) => return Ok(None),
            },
            _ => return Ok(None),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_an_id_are_its_digits() {
        let id = ObjectId::parse("0123456789abcdef00ff1e2d").expect("an id");
        let expected = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x00, 0xff, 0x1e, 0x2d];
        assert_eq!(key(id), expected);
    }

    #[test]
    fn no_more_is_loaded_than_a_page_takes_unless_some_of_it_is_not_seen() {
        for (room, are_all_seen, expected) in [
            (1_000, true, AT_ONCE),
            (500, true, AT_ONCE),
            (3, true, 4),
            (0, true, 1),
            (3, false, AT_ONCE),
        ] {
            assert_eq!(at_once(room, are_all_seen), expected, "{room}");
        }
    }
}
