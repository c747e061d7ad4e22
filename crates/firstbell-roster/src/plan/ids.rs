//! The ids of records: the one that a record was ever bound to, else the next of an ascending batch
//! in the order of the file. The SIS ids of the files are sorted, and the district's bindings come in
//! the same order, so that nothing is looked up and nothing depends on a hash.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io;

use firstbell_core::id::{RoleId, UserId, ascending};
use firstbell_core::roster::change::{BoundRecord, Present, RecordKind};

use super::identity::{Bond, own_user};
use super::{PlanError, Planned, Planner};
use crate::snapshot::Index;
use crate::spill::{Sorted, Sorter};

/// The ids of the records of a list.
#[derive(Default)]
pub(super) struct Ids {
    bytes: Vec<[u8; 12]>,
    is_new: Vec<bool>,
    /// Whose person is not the one that comes with the id.
    odd: HashMap<Index, Option<UserId>>,
    /// The SIS ids in order, each with its position.
    keys: Sorted,
}

impl Ids {
    pub fn get(&self, at: Index) -> Option<[u8; 12]> {
        self.bytes.get(at.position()).copied()
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn all(&self) -> impl Iterator<Item = [u8; 12]> {
        self.bytes.iter().copied()
    }

    /// The positions in the order of the ids.
    pub fn order(&self) -> Vec<Index> {
        order(&self.bytes)
    }

    /// What a role was before.
    pub fn bond(&self, at: Index) -> Option<Bond> {
        let id = self.get(at)?;
        if self.is_new.get(at.position()).copied()? {
            return Some(Bond::New);
        }
        let user = match self.odd.get(&at) {
            Some(user) => *user,
            None => Some(own_user(RoleId::from_bytes(id))),
        };
        Some(user.map_or(Bond::Loose, Bond::To))
    }

    /// Whether its person is any other than the one that comes with the id.
    pub fn is_odd(&self, at: Index) -> bool {
        self.odd.contains_key(&at)
    }

    /// Whose person is any other than that.
    pub fn odd(&self) -> impl Iterator<Item = Index> {
        self.odd.keys().copied()
    }

    /// The records that were never here, in the order of their SIS ids.
    pub fn each_new(&self, mut each: impl FnMut(String, Index, [u8; 12])) -> io::Result<()> {
        if !self.is_new.contains(&true) {
            return Ok(());
        }
        let mut keys = self.keys.reader()?;
        while let Some((sis_id, at)) = keys.next()? {
            let (sis_id, at) = key_of(sis_id, &at)?;
            if let Some(id) = self.get(at)
                && self.is_new.get(at.position()) == Some(&true)
            {
                each(sis_id, at, id);
            }
        }
        Ok(())
    }

    /// Forgets all but the ids.
    pub fn into_ids(self) -> Vec<[u8; 12]> {
        self.bytes
    }
}

/// Positions in the order of what stands there.
pub(super) fn order<T: Ord>(list: &[T]) -> Vec<Index> {
    let mut order: Vec<Index> = (0..list.len()).filter_map(Index::of).collect();
    if !list.is_sorted() {
        order
            .sort_unstable_by(|one, next| list.get(one.position()).cmp(&list.get(next.position())));
    }
    order
}

fn key_of(sis_id: Vec<u8>, at: &[u8]) -> io::Result<(String, Index)> {
    let at = at.try_into().map(u32::from_be_bytes).map(Index::of_number);
    String::from_utf8(sis_id).ok().zip(at.ok()).ok_or(io::ErrorKind::InvalidData.into())
}

impl<P: Present> Planner<'_, P> {
    /// The ids of `count` records, whose SIS ids `keys` tells one after the other.
    pub(super) fn ids(
        &mut self,
        kind: RecordKind,
        count: usize,
        keys: impl FnOnce(&mut dyn FnMut(Index, &str)) -> io::Result<()>,
    ) -> Planned<Ids, P> {
        let mut sorter = Sorter::default();
        keys(&mut |at, sis_id| sorter.push(sis_id.as_bytes(), &at.number().to_be_bytes()))?;
        let mut ids = Ids {
            bytes: vec![[0; 12]; count],
            is_new: vec![true; count],
            odd: HashMap::new(),
            keys: sorter.finish()?,
        };
        self.look_up(kind, &mut ids)?;
        let unknown = ids.is_new.iter().filter(|is_new| **is_new).count();
        let mut fresh = ascending(unknown, self.now, self.random).into_iter();
        for (id, _) in ids.bytes.iter_mut().zip(&ids.is_new).filter(|(_, is_new)| **is_new) {
            *id = fresh.next().unwrap_or_default();
        }
        Ok(ids)
    }

    /// Finds what was ever bound.
    fn look_up(&mut self, kind: RecordKind, ids: &mut Ids) -> Planned<(), P> {
        let mut bindings = Bindings::<P>::new(kind);
        let Some(mut bound) = bindings.next(&mut self.present)? else { return Ok(()) };
        let mut keys = ids.keys.reader()?;
        while let Some((sis_id, at)) = keys.next()? {
            let (sis_id, at) = key_of(sis_id, &at)?;
            loop {
                match bound.0.cmp(&sis_id) {
                    Ordering::Less => {}
                    Ordering::Greater => break,
                    Ordering::Equal => {
                        let (_, id, user) = &bound;
                        if let (Some(slot), Some(is_new)) =
                            (ids.bytes.get_mut(at.position()), ids.is_new.get_mut(at.position()))
                        {
                            (*slot, *is_new) = (*id, false);
                        }
                        if *user != Some(own_user(RoleId::from_bytes(*id))) {
                            ids.odd.insert(at, *user);
                        }
                        break;
                    }
                }
                match bindings.next(&mut self.present)? {
                    Some(next) => bound = next,
                    None => return Ok(()),
                }
            }
        }
        Ok(())
    }

    /// Those of some users to whom anything was ever bound.
    pub(super) fn ever_bound(
        &mut self,
        users: &std::collections::HashSet<UserId>,
    ) -> Planned<Vec<UserId>, P> {
        let mut found = Vec::new();
        if users.is_empty() {
            return Ok(found);
        }
        for kind in RecordKind::ALL {
            let mut bindings = Bindings::<P>::new(kind);
            while let Some((_, _, user)) = bindings.next(&mut self.present)? {
                found.extend(user.filter(|user| users.contains(user)));
            }
        }
        Ok(found)
    }
}

/// The bindings of a kind, page after page.
pub(super) struct Bindings<P> {
    kind: RecordKind,
    page: std::vec::IntoIter<BoundRecord>,
    last: Option<String>,
    is_at_end: bool,
    of: std::marker::PhantomData<fn(P)>,
}

impl<P: Present> Bindings<P> {
    pub fn new(kind: RecordKind) -> Self {
        let (page, of) = (Vec::new().into_iter(), std::marker::PhantomData);
        Self { kind, page, last: None, is_at_end: false, of }
    }

    pub fn next(&mut self, present: &mut P) -> Result<Option<BoundRecord>, PlanError<P::Error>> {
        if self.page.as_slice().is_empty() && !self.is_at_end {
            let page = present.bindings(self.kind, self.last.as_deref());
            let page = page.map_err(PlanError::Present)?;
            self.is_at_end = page.is_empty();
            self.last = page.last().map(|(sis_id, ..)| sis_id.clone());
            self.page = page.into_iter();
        }
        Ok(self.page.next())
    }
}
