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

impl<K: Copy, T, F, I: Fn(&T) -> K> Pages<K, T, F, I> {
    pub fn new<E>(fetch: F, id: I) -> Self
    where
        F: FnMut(Option<K>) -> Result<Vec<T>, E>,
    {
        let page = Vec::new().into_iter();
        Self { fetch, id, page, last: None, is_at_end: false, of: PhantomData }
    }

    pub fn next<E>(&mut self) -> Result<Option<T>, PlanError<E>>
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
        Ok(self.page.next())
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
    let mut present = pages.next()?;
    while let Some(record) = ours() {
        let ours = id(&record);
        while let Some(before) = present.take_if(|before| (pages.id)(before) < ours) {
            each(Met::Gone(before));
            present = pages.next()?;
        }
        match present.take_if(|before| (pages.id)(before) == ours) {
            Some(before) => {
                each(Met::Both(before, record));
                present = pages.next()?;
            }
            None => each(Met::New(record)),
        }
    }
    while let Some(before) = present {
        each(Met::Gone(before));
        present = pages.next()?;
    }
    Ok(())
}
