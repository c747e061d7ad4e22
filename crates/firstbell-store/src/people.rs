//! The people that readers have met lately.
//!
//! A person in one version of a roster never changes, so what is remembered with its version can
//! be told without looking again, as long as the district is still at that version; that, and how
//! the person stands, is read anew each time. It halves the cost of a visitor: each
//! commit of the writer makes SQLite's readers forget all pages they had read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use firstbell_core::id::{DistrictId, UserId};
use firstbell_core::roster::{Generation, User};

/// People of one half; there are two. A person is some two kilobytes.
const HALF: usize = 1500;

type Key = (DistrictId, UserId);

/// A person as they are in one version of their district's roster.
struct Known {
    version: i64,
    user: Arc<User>,
}

/// A bounded memory: when the young half is full it becomes the old one, and the old one,
/// less those who were met again, is forgotten.
#[derive(Default)]
pub(crate) struct People(Mutex<Halves>);

#[derive(Default)]
struct Halves {
    young: HashMap<Key, Known>,
    old: HashMap<Key, Known>,
}

impl People {
    /// The person, if they are known as they are in this version. How they stand is not
    /// remembered.
    pub(crate) fn recall(&self, key: Key, version: i64) -> Option<Arc<User>> {
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = halves.young.get(&key) {
            return (known.version == version).then(|| Arc::clone(&known.user));
        }
        let known = halves.old.remove(&key).filter(|known| known.version == version)?;
        let user = Arc::clone(&known.user);
        halves.add(key, known);
        Some(user)
    }

    /// Remembers a person.
    pub(crate) fn remember(&self, key: Key, version: i64, user: &User) {
        let user = Arc::new(User {
            suspended_since: None,
            generation: Generation::default(),
            ..user.clone()
        });
        let mut halves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        halves.add(key, Known { version, user });
    }
}

impl Halves {
    fn add(&mut self, key: Key, known: Known) {
        if self.young.len() >= HALF {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, known);
    }
}
