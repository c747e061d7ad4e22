//! Two rosters side by side, both by ascending id.

use std::marker::PhantomData;

use firstbell_core::roster::change::Changed;

use super::PlanError;
use crate::summary::Tally;

/// Who has a record.
pub(super) enum Met<B, T> {
    /// The files alone.
    New(T),
    /// The district and the files.
    Both(B, T),
    /// The district alone.
    Gone(B),
}

impl<R: PartialEq> Met<R, R> {
    /// Sorts a record of a kind of which there are few into new, changed and gone.
    pub fn settle<K>(
        self,
        changed: &mut Changed<R, K>,
        tally: &mut Tally,
        id: impl Fn(&R) -> K,
        label: impl Fn(&R) -> String,
    ) {
        match self {
            Self::New(record) => {
                tally.add(|| label(&record));
                changed.added.push(record);
            }
            Self::Both(before, record) if before == record => tally.unchanged += 1,
            Self::Both(_, record) => {
                tally.change(|| label(&record));
                changed.replaced.push(record);
            }
            Self::Gone(record) => {
                tally.remove(|| label(&record));
                changed.removed.push(id(&record));
            }
        }
    }
}

/// The district's records of a kind, page after page.
pub(super) struct Pages<K, T, F, I> {
    fetch: F,
    id: I,
    page: std::vec::IntoIter<T>,
    last: Option<K>,
    is_at_end: bool,
    of: PhantomData<fn() -> T>,
}

impl<K: Copy + Ord, T, F, I: Fn(&T) -> K> Pages<K, T, F, I> {
    pub fn new<E>(fetch: F, id: I) -> Self
    where
        F: FnMut(Option<K>) -> Result<Vec<T>, E>,
    {
        let page = Vec::new().into_iter();
        Self { fetch, id, page, last: None, is_at_end: false, of: PhantomData }
    }

    /// The next record, if there is one and its id is one of `these`.
    pub fn next_if<E>(&mut self, these: impl FnOnce(K) -> bool) -> Result<Option<T>, PlanError<E>>
    where
        F: FnMut(Option<K>) -> Result<Vec<T>, E>,
    {
        if self.page.as_slice().is_empty() && !self.is_at_end {
            self.page = (self.fetch)(self.last).map_err(PlanError::Present)?.into_iter();
            match self.page.as_slice().last() {
                Some(last) => self.last = Some((self.id)(last)),
                None => self.is_at_end = true,
            }
        }
        match self.page.as_slice().first() {
            Some(record) if these((self.id)(record)) => Ok(self.page.next()),
            _ => Ok(None),
        }
    }

    pub fn next<E>(&mut self) -> Result<Option<T>, PlanError<E>>
    where
        F: FnMut(Option<K>) -> Result<Vec<T>, E>,
    {
        self.next_if(|_| true)
    }

    /// Passes over all records up to this one; those that were not fetched yet never are.
    pub fn pass(&mut self, last: K) {
        while self.page.as_slice().first().is_some_and(|record| (self.id)(record) <= last) {
            self.page.next();
        }
        if self.page.as_slice().is_empty() {
            self.last = self.last.max(Some(last));
        }
    }

    /// How a record's id is found.
    pub fn id_of(&self) -> I
    where
        I: Clone,
    {
        self.id.clone()
    }
}

/// Walks through what the files have, `ours` in the order of `id`, and what the district has.
pub(super) fn walk<K, T, B, E, F, I>(
    mut ours: impl FnMut() -> Option<T>,
    id: impl Fn(&T) -> K,
    mut pages: Pages<K, B, F, I>,
    mut each: impl FnMut(Met<B, T>),
) -> Result<(), PlanError<E>>
where
    K: Copy + Ord,
    F: FnMut(Option<K>) -> Result<Vec<B>, E>,
    I: Fn(&B) -> K,
{
    while let Some(record) = ours() {
        let place = id(&record);
        meet(record, place, &mut pages, &mut each)?;
    }
    leave(&mut pages, |_| true, each)
}

/// Goes to the place of one of our records.
pub(super) fn meet<K, T, B, E, F, I>(
    record: T,
    place: K,
    pages: &mut Pages<K, B, F, I>,
    mut each: impl FnMut(Met<B, T>),
) -> Result<(), PlanError<E>>
where
    K: Copy + Ord,
    F: FnMut(Option<K>) -> Result<Vec<B>, E>,
    I: Fn(&B) -> K,
{
    leave(pages, |before| before < place, &mut each)?;
    each(match pages.next_if(|before| before == place)? {
        Some(before) => Met::Both(before, record),
        None => Met::New(record),
    });
    Ok(())
}

/// Those of the district that come next are in no file, as long as they are among `these`.
pub(super) fn leave<K, T, B, E, F, I>(
    pages: &mut Pages<K, B, F, I>,
    these: impl Fn(K) -> bool,
    mut each: impl FnMut(Met<B, T>),
) -> Result<(), PlanError<E>>
where
    K: Copy + Ord,
    F: FnMut(Option<K>) -> Result<Vec<B>, E>,
    I: Fn(&B) -> K,
{
    while let Some(before) = pages.next_if(&these)? {
        each(Met::Gone(before));
    }
    Ok(())
}
