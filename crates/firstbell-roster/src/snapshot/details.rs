//! The cells of a row that are passed on, small.

use std::borrow::Cow;
use std::collections::HashMap;

use firstbell_core::roster::Details;

/// The number of a wire name: a roster has a few dozen names and a million values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DetailName(pub(super) u16);

/// The wire names that a roster uses.
#[derive(Debug, Default)]
pub(crate) struct DetailNames {
    names: Vec<Box<str>>,
    numbers: HashMap<Box<str>, DetailName>,
    /// How many names come before each in their order.
    ranks: Vec<u16>,
}

impl DetailNames {
    /// The number of a name. Six files of 500 columns cannot exhaust sixteen bits.
    pub fn number(&mut self, name: &str) -> DetailName {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = DetailName(u16::try_from(self.names.len()).unwrap_or(u16::MAX));
        let mut rank = 0;
        for (known, of_known) in self.names.iter().zip(&mut self.ranks) {
            if **known < *name {
                rank += 1;
            } else {
                *of_known += 1;
            }
        }
        self.names.push(name.into());
        self.ranks.push(rank);
        self.numbers.insert(name.into(), number);
        number
    }

    fn rank(&self, number: DetailName) -> u16 {
        self.ranks.get(usize::from(number.0)).copied().unwrap_or_default()
    }

    pub fn name(&self, number: DetailName) -> &str {
        self.names.get(usize::from(number.0)).map_or("", |name| name)
    }
}

/// A record's passed-on cells, a tenth of the size of [`Details`]: all values in one text, and
/// where each ends.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct PackedDetails {
    pub(super) text: Box<str>,
    pub(super) ends: Box<[(DetailName, u32)]>,
}

impl PackedDetails {
    /// Each name comes once.
    pub fn new(mut cells: Vec<(DetailName, Cow<'_, str>)>) -> Self {
        cells.sort_by_key(|(name, _)| *name);
        let mut text = String::with_capacity(cells.iter().map(|(_, value)| value.len()).sum());
        let mut ends = Vec::with_capacity(cells.len());
        for (name, value) in cells {
            text.push_str(&value);
            // A row is bounded in bytes, so that its cells together are too.
            ends.push((name, u32::try_from(text.len()).unwrap_or(u32::MAX)));
        }
        Self { text: text.into_boxed_str(), ends: ends.into_boxed_slice() }
    }

    fn cells(&self) -> impl Iterator<Item = (DetailName, &str)> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |&(name, end)| {
            let end = end as usize;
            let value = self.text.get(start..end).unwrap_or_default();
            start = end;
            (name, value)
        })
    }

    /// Takes more cells, under names that are not there yet.
    pub fn extend(&mut self, more: Vec<(DetailName, Cow<'_, str>)>) {
        let known = self.cells().map(|(name, value)| (name, Cow::Borrowed(value)));
        let new = more.into_iter().filter(|(name, _)| !self.cells().any(|cell| cell.0 == *name));
        *self = Self::new(known.chain(new).collect());
    }

    /// The first name under which the two differ.
    pub fn first_difference(&self, other: &Self) -> Option<DetailName> {
        if self == other {
            return None;
        }
        let only = |one: &Self, other: &Self| {
            one.cells()
                .find(|cell| !other.cells().any(|known| known == *cell))
                .map(|(name, _)| name)
        };
        only(self, other).or_else(|| only(other, self))
    }

    /// The cells under their names, and one more if there is one.
    pub fn unpack(&self, names: &DetailNames, more: Option<(&str, &str)>) -> Details {
        let mut cells = Vec::with_capacity(self.ends.len() + 1);
        cells.extend(self.cells().map(|(name, value)| (names.rank(name), names.name(name), value)));
        cells.sort_unstable_by_key(|(rank, ..)| *rank);
        if let Some((name, value)) = more {
            let at = cells.partition_point(|(_, known, _)| *known < name);
            cells.insert(at, (0, name, value));
        }
        cells.iter().map(|(_, name, value)| (name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_details_unpack_and_tell_where_they_differ() {
        let mut names = DetailNames::default();
        let (grade, title) = (names.number("grade"), names.number("title"));
        assert_eq!(names.number("grade"), grade);
        let fourth = PackedDetails::new(vec![(title, "Ms".into()), (grade, "4".into())]);
        let fifth = PackedDetails::new(vec![(grade, "5".into()), (title, "Ms".into())]);
        let bare = PackedDetails::new(vec![(grade, "4".into())]);
        assert_eq!(fourth.first_difference(&fifth), Some(grade));
        assert_eq!(bare.first_difference(&fourth), Some(title));
        assert_eq!(bare.first_difference(&bare), None);
        let early = names.number("early");
        let more = PackedDetails::new(vec![
            (early, "1".into()),
            (title, "Ms".into()),
            (grade, "4".into()),
        ]);
        let unpacked = more.unpack(&names, Some(("a", "0")));
        let pairs: Vec<_> = unpacked.iter().collect();
        assert_eq!(pairs, [("a", "0"), ("early", "1"), ("grade", "4"), ("title", "Ms")]);
    }
}
