//! Pages of lists, while they fill.

use std::ops::ControlFlow;

use firstbell_protocol::oneroster::{Cursor, Onward, Order, Query, SortKey};

use super::objects::{Object, ObjectKey};

/// A page of a list.
pub(super) struct Page {
    pub objects: Vec<Object>,
    /// How many objects the list has.
    pub total: u64,
    /// Where the next page begins.
    pub next: Onward,
}

/// A page while it fills.
pub(super) struct Walk<'q> {
    query: &'q Query,
    /// How many objects the list has; None while they are counted.
    known: Option<u64>,
    /// How many objects were met that are wanted, without those behind a cursor.
    met: u64,
    objects: Vec<Object>,
    more: bool,
}

impl<'q> Walk<'q> {
    pub const fn of(query: &'q Query, known: Option<u64>) -> Self {
        Self { query, known, met: 0, objects: Vec::new(), more: false }
    }

    /// How many objects to pass over before the page: a cursor has passed over them already.
    const fn offset(&self) -> u64 {
        if self.query.cursor.is_some() { 0 } else { self.query.offset }
    }

    /// Takes the objects of a record; breaks where nothing more is to be found out.
    pub fn take(&mut self, objects: Vec<Object>) -> ControlFlow<()> {
        for object in objects {
            if !self.is_behind(object.key) && self.query.filter.fits(&object.members) {
                self.meet(object);
            }
        }
        if self.more && self.known.is_some() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Whether an object stood on a page before, or would have. That is told by where it stands: what
    /// stood there then may have left the list.
    fn is_behind(&self, key: ObjectKey) -> bool {
        let Some(cursor) = self.query.cursor else { return false };
        let end = ObjectKey { record: cursor.record, part: cursor.part };
        match self.query.order {
            Order::Ascending => key <= end,
            Order::Descending => key >= end,
        }
    }

    fn meet(&mut self, object: Object) {
        self.met += 1;
        if self.met <= self.offset() {
            return;
        }
        if self.objects.len() < self.query.limit {
            self.objects.push(object);
        } else {
            self.more = true;
        }
    }

    /// The page.
    pub fn finish(self) -> Page {
        let total = self.known.unwrap_or(self.met);
        let next = match self.objects.last().filter(|_| self.more) {
            Some(Object { key: ObjectKey { record, part }, .. }) => {
                Onward::After(Cursor { record: *record, part: *part, total })
            }
            None => Onward::End,
        };
        Page { objects: self.objects, total, next }
    }
}

/// So many more objects than those before the end of a page are kept before the rest is forgotten.
const SLACK: usize = 10_000;

/// A page of a list in another order than that of ids, which is known when all objects were met. Of each
/// only what it is sorted by is kept until then, and of no more than stand before the end of the page,
/// which the query bounds.
pub(super) struct Sorting<'q> {
    query: &'q Query,
    /// How many objects were met that are wanted.
    met: u64,
    /// Those of them that may stand before the end of the page.
    found: Vec<(SortKey, ObjectKey)>,
}

/// A page of a sorted list, the objects of which are still to be printed.
pub(super) struct SortedPage {
    pub keys: Vec<ObjectKey>,
    /// How many objects the list has.
    pub total: u64,
    /// Where the next page begins.
    pub next: Onward,
}

impl<'q> Sorting<'q> {
    /// The page of a query.
    pub const fn of(query: &'q Query) -> Self {
        Self { query, met: 0, found: Vec::new() }
    }

    /// Takes the objects of a record.
    pub fn take(&mut self, objects: Vec<Object>) {
        for object in objects {
            if self.query.filter.fits(&object.members) {
                self.met += 1;
                self.found.push((self.query.sort_key(&object.members), object.key));
            }
        }
        let end = self.query.sorted_page().end;
        if self.found.len() >= end + end / 4 + SLACK {
            let order = self.query.order;
            self.found.select_nth_unstable_by(end, |one, other| compare(order, one, other));
            self.found.truncate(end);
        }
    }

    /// The page.
    pub fn finish(mut self) -> SortedPage {
        let page = self.query.sorted_page();
        let order = self.query.order;
        self.found.sort_unstable_by(|one, other| compare(order, one, other));
        let has_more = u64::try_from(page.end).is_ok_and(|end| end < self.met);
        let next = if has_more { Onward::ByOffset } else { Onward::End };
        let found = self.found.into_iter().skip(page.start).take(page.len());
        SortedPage { keys: found.map(|(_, key)| key).collect(), total: self.met, next }
    }
}

fn compare(
    order: Order,
    one: &(SortKey, ObjectKey),
    other: &(SortKey, ObjectKey),
) -> std::cmp::Ordering {
    match order {
        Order::Ascending => one.cmp(other),
        Order::Descending => other.cmp(one),
    }
}

#[cfg(test)]
mod tests {
    use firstbell_protocol::oneroster::Collection;
    use serde_json::{Map, Value};

    use super::*;

    fn object(record: u8, part: Option<u8>, name: &str) -> Object {
        let key = ObjectKey { record: [record; 12], part: part.map(|part| [part; 12]) };
        let named = ("title".to_owned(), Value::from(name));
        Object { id: String::new(), key, members: Map::from_iter([named]) }
    }

    fn keys(objects: &[Object]) -> Vec<(u8, u8)> {
        let key = |it: &Object| (it.key.record[0], it.key.part.map_or(0, |part| part[0]));
        objects.iter().map(key).collect()
    }

    fn query(raw: &str, of: Collection) -> Query {
        Query::parse(raw, of).expect("a query")
    }

    /// Records, with the parts of each.
    type Records<'r> = &'r [(u8, &'r [u8])];

    /// How a list is asked for, what it is at first and then, and the second page.
    type Case<'r> = (&'r str, Records<'r>, Records<'r>, &'r [(u8, u8)]);

    /// The page of these records, and the query of the next.
    fn page(query: &Query, records: Records<'_>) -> (Vec<(u8, u8)>, Onward) {
        let mut walk = Walk::of(query, Some(99));
        for (record, parts) in records {
            let objects = parts.iter().map(|part| object(*record, Some(*part), "")).collect();
            if walk.take(objects).is_break() {
                break;
            }
        }
        let page = walk.finish();
        (keys(&page.objects), page.next)
    }

    #[test]
    fn a_page_goes_on_where_the_last_one_ended_though_that_has_left() {
        let (up, down) = ("limit=2", "limit=2&orderBy=desc");
        let full: Records<'_> = &[(1, &[1, 2, 3]), (2, &[1, 2]), (3, &[1])];
        let full_down: Records<'_> = &[(3, &[1]), (2, &[2, 1]), (1, &[3, 2, 1])];
        let rows: [Case<'_>; 8] = [
            (up, full, full, &[(1, 3), (2, 1)]),
            (up, full, &[(1, &[1, 3]), (2, &[1])], &[(1, 3), (2, 1)]),
            (up, full, &[(1, &[3])], &[(1, 3)]),
            (up, full, &[(2, &[1, 2]), (3, &[1])], &[(2, 1), (2, 2)]),
            (up, full, &[(0, &[1]), (1, &[0, 1, 2, 3])], &[(1, 3)]),
            (down, full_down, full_down, &[(2, 1), (1, 3)]),
            (down, full_down, &[(3, &[1]), (1, &[3, 2])], &[(1, 3), (1, 2)]),
            (down, full_down, &[(2, &[1]), (1, &[3])], &[(2, 1), (1, 3)]),
        ];
        for (raw, before, after, expected) in rows {
            let mut asked = query(raw, Collection::Enrollments);
            let (_, next) = page(&asked, before);
            let Onward::After(cursor) = next else { panic!("{next:?}") };
            asked.cursor = Some(cursor);
            assert_eq!(page(&asked, after).0, expected, "{raw} {after:?}");
        }
    }

    #[test]
    fn a_sorted_page_keeps_no_more_than_stands_before_its_end() {
        let asked = query("sort=title&limit=3&offset=4&orderBy=desc", Collection::Classes);
        let mut sorting = Sorting::of(&asked);
        let rank = |number: u32| number * 7919 % 30_000;
        let key = |number: u32| {
            let mut record = [0; 12];
            record[..4].copy_from_slice(&number.to_be_bytes());
            ObjectKey { record, part: None }
        };
        for number in 0..30_000 {
            let name = format!("{:05}", rank(number));
            sorting.take(vec![Object { key: key(number), ..object(0, None, &name) }]);
            assert!(sorting.found.len() <= SLACK + 10, "{number}");
        }
        let page = sorting.finish();
        assert_eq!((page.total, page.next), (30_000, Onward::ByOffset));
        let at = |place: u32| key((0..30_000).find(|it| rank(*it) == place).expect("a number"));
        assert_eq!(page.keys, [29_995, 29_994, 29_993].map(at));
    }
}
