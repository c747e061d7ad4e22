//! What differs between what an application saw and what it saw next: a walk over both, kind by kind
//! and by ascending id, of which it holds a page each.

use std::cmp::Ordering;

use firstbell_core::events::{Kind, Verb};

use super::{Key, Objects, Printed, State, Trouble};

/// What happened to an object between two states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// What kind of object it is.
    pub kind: Kind,
    /// What happened to it.
    pub verb: Verb,
    /// Its id.
    pub object: Key,
}

/// The changes between two states, one after the other.
pub struct Difference<'o, O> {
    before: Side<'o, O>,
    after: Side<'o, O>,
    kinds: std::slice::Iter<'static, Kind>,
    kind: Option<Kind>,
}

impl<'o, O: Objects> Difference<'o, O> {
    /// What differs between these.
    pub fn between(objects: &'o O, before: &'o State, after: &'o State) -> Self {
        let mut kinds = const { &Kind::ALL }.iter();
        let kind = kinds.next().copied();
        Self { before: Side::of(objects, before), after: Side::of(objects, after), kinds, kind }
    }

    /// Looks at one object, the lowest on either side; None where there are no more.
    ///
    /// # Errors
    /// When the objects cannot be read.
    pub async fn look(&mut self) -> Result<Option<Found>, Trouble> {
        while let Some(kind) = self.kind {
            self.before.fill(kind).await?;
            self.after.fill(kind).await?;
            let order = match (self.before.first(), self.after.first()) {
                (None, None) => {
                    self.next_kind();
                    continue;
                }
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(before), Some(after)) => before.cmp(&after),
            };
            let before = if order.is_le() { self.before.take() } else { None };
            let after = if order.is_ge() { self.after.take() } else { None };
            return Ok(Some(found(kind, before, after)));
        }
        Ok(None)
    }

    fn next_kind(&mut self) {
        self.kind = self.kinds.next().copied();
        self.before.rewind();
        self.after.rewind();
    }
}

/// What was found of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// It looks as it did.
    Same,
    /// It does not.
    Changed(Change),
}

fn found(kind: Kind, before: Option<Printed>, after: Option<Printed>) -> Found {
    let change = |verb, it: Printed| Found::Changed(Change { kind, verb, object: it.id });
    match (before, after) {
        (Some(before), Some(after)) if before.text == after.text => Found::Same,
        (Some(_), Some(after)) => change(Verb::Updated, after),
        (None, Some(after)) => change(Verb::Created, after),
        (Some(before), None) => change(Verb::Deleted, before),
        (None, None) => Found::Same,
    }
}

/// One of two states, read page by page.
struct Side<'o, O> {
    objects: &'o O,
    state: &'o State,
    page: std::vec::IntoIter<Printed>,
    next: Next,
}

/// Where the next page begins.
#[derive(Clone, Copy)]
enum Next {
    First,
    After(Key),
    None,
}

impl<'o, O: Objects> Side<'o, O> {
    fn of(objects: &'o O, state: &'o State) -> Self {
        Self { objects, state, page: Vec::new().into_iter(), next: Next::First }
    }

    fn rewind(&mut self) {
        self.next = Next::First;
    }

    /// Reads on until there is an object, or none any more.
    async fn fill(&mut self, kind: Kind) -> Result<(), Trouble> {
        while self.page.as_slice().is_empty() {
            let after = match self.next {
                Next::First => None,
                Next::After(key) => Some(key),
                Next::None => return Ok(()),
            };
            let page = self.objects.page(self.state, kind, after).await?;
            self.next = page.more.map_or(Next::None, Next::After);
            self.page = page.objects.into_iter();
        }
        Ok(())
    }

    fn first(&self) -> Option<Key> {
        self.page.as_slice().first().map(|it| it.id)
    }

    fn take(&mut self) -> Option<Printed> {
        self.page.next()
    }
}
