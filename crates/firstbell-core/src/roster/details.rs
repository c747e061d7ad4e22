//! What a roster says beyond what rules read, in as little memory as it takes: an import holds and
//! compares millions of these.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// The columns of a roster that few rules of this crate read, by their wire name (`grade`, `dob`,
/// `ext.bus_route`), in the order of the names. An empty cell is absent.
///
/// All names and values stand in one text, so that one is read, compared and dropped at once.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// A name, its value, the next name and so on.
    text: Box<str>,
    /// Where each of them ends.
    ends: Box<[u32]>,
}

impl Details {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Those whose names and values stand one after the other in `text` and end at `ends`, if that is
    /// what the two are: names ascend.
    pub fn from_parts(text: Box<str>, ends: Box<[u32]>) -> Option<Self> {
        let details = Self { text, ends };
        let is_whole = details.ends.last().map_or(0, |end| *end as usize) == details.text.len();
        let is_cut = details.ends.is_sorted()
            && details.ends.iter().all(|end| details.text.is_char_boundary(*end as usize));
        let is_paired = details.ends.len().is_multiple_of(2);
        let ascends = || details.keys().is_sorted_by(|one, next| one < next);
        (is_whole && is_cut && is_paired && ascends()).then_some(details)
    }

    /// What [`Details::from_parts`] makes them from again.
    pub fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len() / 2
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The value under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.part(2 * middle).cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(self.part(2 * middle + 1)),
            }
        }
        None
    }

    /// Whether there is a value under a name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Names and values in the order of the names.
    pub fn iter(&self) -> Pairs<'_> {
        Pairs { details: self, next: 0 }
    }

    /// The names in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// The values in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(_, value)| value)
    }

    /// Puts a value under a name, in the place of what may be there.
    pub fn insert(&mut self, name: &str, value: &str) {
        let others = self.iter().filter(|(known, _)| *known != name);
        *self = others.chain([(name, value)]).collect();
    }

    /// Takes away what is under a name.
    pub fn remove(&mut self, name: &str) {
        *self = self.iter().filter(|(known, _)| *known != name).collect();
    }

    fn part(&self, at: usize) -> &str {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let start = at.checked_sub(1).map_or(0, end);
        self.text.get(start..end(at)).unwrap_or_default()
    }
}

/// Bytes of a name and its value, or more.
const LIKELY_PAIR: usize = 24;

/// Of two values under one name the later one stays. Those whose names ascend are taken as they come.
impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Details {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut pairs = pairs.into_iter();
        let likely = pairs.size_hint().0;
        let mut ascending = Ascending {
            text: String::with_capacity(likely * LIKELY_PAIR),
            ends: Vec::with_capacity(2 * likely),
            last: 0..0,
        };
        while let Some((name, value)) = pairs.next() {
            if !ascending.push(name.as_ref(), value.as_ref()) {
                let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
                let mut all = BTreeMap::new();
                all.extend(ascending.finish().iter().map(|(name, value)| owned(name, value)));
                all.extend([owned(name.as_ref(), value.as_ref())]);
                all.extend(pairs.map(|(name, value)| owned(name.as_ref(), value.as_ref())));
                return all.into_iter().collect();
            }
        }
        ascending.finish()
    }
}

/// Details whose names have ascended until now.
struct Ascending {
    text: String,
    ends: Vec<u32>,
    /// Where the last name stands.
    last: Range<usize>,
}

impl Ascending {
    /// Takes one more, if its name comes behind the last one.
    fn push(&mut self, name: &str, value: &str) -> bool {
        if !self.ends.is_empty() && self.text.get(self.last.clone()) >= Some(name) {
            return false;
        }
        let start = self.text.len();
        for part in [name, value] {
            self.text.push_str(part);
            // A row is bounded in bytes, so that its cells together are too.
            self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        }
        self.last = start..start + name.len();
        true
    }

    fn finish(self) -> Details {
        Details { text: self.text.into_boxed_str(), ends: self.ends.into_boxed_slice() }
    }
}

impl<N: AsRef<str>, V: AsRef<str>, const COUNT: usize> From<[(N, V); COUNT]> for Details {
    fn from(pairs: [(N, V); COUNT]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<'d> IntoIterator for &'d Details {
    type Item = (&'d str, &'d str);
    type IntoIter = Pairs<'d>;

    fn into_iter(self) -> Pairs<'d> {
        self.iter()
    }
}

/// Names only: the values are about a child.
impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}

/// Names and values, see [`Details::iter`].
#[derive(Clone)]
pub struct Pairs<'d> {
    details: &'d Details,
    next: usize,
}

impl<'d> Iterator for Pairs<'d> {
    type Item = (&'d str, &'d str);

    fn next(&mut self) -> Option<Self::Item> {
        let at = 2 * self.next;
        if at >= self.details.ends.len() {
            return None;
        }
        self.next += 1;
        Some((self.details.part(at), self.details.part(at + 1)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.details.len() - self.next;
        (left, Some(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_what_a_map_of_texts_would_be() {
        let rows: [&[(&str, &str)]; 6] = [
            &[],
            &[("grade", "4")],
            &[("title", "Ms"), ("dob", "2011-02-24"), ("ext.Ünë", "ß"), ("grade", "")],
            &[("grade", "4"), ("grade", "5"), ("a", "1"), ("grade", "6")],
            &[("b", "1"), ("ab", "2"), ("a", "b")],
            &[("ext.a", "x"), ("ext", "y"), ("ext.a.b", "z")],
        ];
        for pairs in rows {
            let map: BTreeMap<&str, &str> = pairs.iter().copied().collect();
            let mut details: Details = pairs.iter().copied().collect();
            let told = |details: &Details| {
                details.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect::<Vec<_>>()
            };
            let expected: Vec<_> =
                map.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(told(&details), expected);
            assert_eq!((details.len(), details.is_empty()), (map.len(), map.is_empty()));
            for name in ["", "a", "ab", "dob", "ext", "ext.a", "grade", "title", "z"] {
                assert_eq!(details.get(name), map.get(name).copied(), "{name}");
            }
            let (text, ends) = details.parts();
            assert_eq!(Details::from_parts(text.into(), ends.into()), Some(details.clone()));
            details.insert("dob", "x");
            let mut with = map.clone();
            with.insert("dob", "x");
            assert_eq!(details, with.iter().collect());
            details.remove("grade");
            with.remove("grade");
            assert_eq!(details, with.iter().collect());
        }
    }

    #[test]
    fn parts_that_are_none_are_refused() {
        let rows: [(&str, &[u32]); 7] = [
            ("ab", &[1]),
            ("ab", &[1, 3]),
            ("abc", &[1, 2]),
            ("ab", &[2, 1]),
            ("ß", &[1, 2]),
            ("b1a2", &[1, 2, 3, 4]),
            ("a1a2", &[1, 2, 3, 4]),
        ];
        for (text, ends) in rows {
            assert_eq!(Details::from_parts(text.into(), ends.into()), None, "{text} {ends:?}");
        }
        assert!(Details::from_parts("a1b2".into(), [1, 2, 3, 4].into()).is_some());
    }

    #[test]
    fn what_is_told_of_them_for_a_log_has_no_value() {
        assert_eq!(format!("{:?}", Details::from([("dob", "2011-02-24")])), r#"{"dob"}"#);
    }
}
