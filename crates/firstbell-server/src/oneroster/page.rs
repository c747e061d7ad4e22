//! Pages of lists, while they fill.

use std::mem;
use std::ops::ControlFlow;

use firstbell_protocol::oneroster::{Cursor, Onward, Order, Query, SortKey};

use super::objects::Object;

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
    /// How many objects of the next record a cursor has behind it.
    behind: usize,
    /// The last record that is behind.
    after: Option<[u8; 12]>,
    objects: Vec<Object>,
    /// Where the page ended, once it is full.
    end: Option<(Option<[u8; 12]>, usize)>,
    more: bool,
}

impl<'q> Walk<'q> {
    pub fn of(query: &'q Query, known: Option<u64>) -> Self {
        Self {
            query,
            known,
            met: 0,
            behind: query.cursor.map_or(0, |cursor| cursor.of_next as usize),
            after: query.cursor.and_then(|cursor| cursor.after),
            objects: Vec::new(),
            end: None,
            more: false,
        }
    }

    /// How many objects to pass over before the page: a cursor has passed over them already.
    fn offset(&self) -> u64 {
        if self.query.cursor.is_some() { 0 } else { self.query.offset }
    }

    /// Takes the objects of a record; breaks where nothing more is to be found out.
    pub fn take(&mut self, objects: Vec<Object>, key: [u8; 12]) -> ControlFlow<()> {
        let behind = mem::take(&mut self.behind);
        for (nth, object) in objects.into_iter().enumerate().skip(behind) {
            self.meet(object, nth + 1);
        }
        self.after = Some(key);
        if self.more && self.known.is_some() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn meet(&mut self, object: Object, nth: usize) {
        if !self.query.filter.fits(&object.members) {
            return;
        }
        self.met += 1;
        if self.met <= self.offset() {
            return;
        }
        if self.objects.len() < self.query.limit {
            self.objects.push(object);
            if self.objects.len() == self.query.limit {
                self.end = Some((self.after, nth));
            }
        } else {
            self.more = true;
        }
    }

    /// The page.
    pub fn finish(self) -> Page {
        let total = self.known.unwrap_or(self.met);
        let cursor = |(after, of_next)| Cursor {
            after,
            of_next: u32::try_from(of_next).unwrap_or(u32::MAX),
            total,
        };
        let next = match self.end.filter(|_| self.more) {
            Some(end) => Onward::After(cursor(end)),
            None => Onward::End,
        };
        Page { objects: self.objects, total, next }
    }
}

/// A page of a list in another order than that of ids, which is known when all objects were met.
pub(super) struct Sorting<'q> {
    query: &'q Query,
    /// How many objects were met that are wanted.
    met: u64,
    /// Those of them that may stand before the end of the page.
    found: Vec<(SortKey, Object)>,
}

impl<'q> Sorting<'q> {
    /// The page of a query.
    pub const fn of(query: &'q Query) -> Self {
        Self { query, met: 0, found: Vec::new() }
    }

    /// Where the page ends.
    fn end(&self) -> usize {
        usize::try_from(self.query.offset).unwrap_or(usize::MAX).saturating_add(self.query.limit)
    }

    /// Takes the objects of a record.
    pub fn take(&mut self, objects: Vec<Object>) {
        for object in objects {
            if self.query.filter.fits(&object.members) {
                self.met += 1;
                self.found.push((self.query.sort_key(&object.members), object));
            }
        }
        // What stands behind the page need not be kept: the list may be long.
        if self.found.len() / 2 > self.end() {
            self.sort();
        }
    }

    fn sort(&mut self) {
        let end = self.end();
        let order = self.query.order;
        self.found.sort_by(|(one, of_one), (other, of_other)| {
            let ascending = one.cmp(other).then_with(|| of_one.id.cmp(&of_other.id));
            match order {
                Order::Ascending => ascending,
                Order::Descending => ascending.reverse(),
            }
        });
        self.found.truncate(end);
    }

    /// The page.
    pub fn finish(mut self) -> Page {
        self.sort();
        let has_more = u64::try_from(self.end()).is_ok_and(|end| end < self.met);
        let next = if has_more { Onward::ByOffset } else { Onward::End };
        let before = self.end() - self.query.limit;
        let page = mem::take(&mut self.found).into_iter().skip(before);
        Page { objects: page.map(|(_, object)| object).collect(), total: self.met, next }
    }
}
