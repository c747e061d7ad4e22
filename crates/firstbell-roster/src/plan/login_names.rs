//! Login names that would go to somebody else. A slip of the Username column by a row changes neither
//! names nor addresses, and yet everybody would come in as their neighbour.
//!
//! What is compared is what the two rosters say. Names that people keep are most of them and are only
//! counted; the others are sorted, so that who had a name stands before who gets it.

use std::io;

use firstbell_core::id::UserId;
use firstbell_core::login::credential::fold_login_name;
use firstbell_core::roster::change::RosterPerson;

use crate::spill::Sorter;

/// Ends a name: no name has it in it, so that names come in their own order.
const END: u8 = 0;
const HAD: u8 = 0;
const GETS: u8 = 1;

/// Login names on the move.
#[derive(Default)]
pub(super) struct LoginNames {
    moves: Sorter,
    had: usize,
    staying: usize,
}

/// How many login names change hands.
pub(super) struct Moved {
    /// Names that somebody gets though somebody else had them who stays.
    pub moved: usize,
    /// Names of people who stay.
    pub staying: usize,
}

impl LoginNames {
    /// Somebody is new.
    pub fn add(&mut self, person: &RosterPerson) {
        let names = person.user.roles.iter().filter_map(|role| person.user.login_name(role));
        names.for_each(|name| self.push(&fold_login_name(name), GETS, person.user.id));
    }

    /// Somebody stays.
    pub fn meet(&mut self, before: &RosterPerson, person: &RosterPerson) {
        let (old, new) = (&before.user, &person.user);
        for role in &new.roles {
            let gets = new.login_name(role);
            let held = old.role_by_id(role.id);
            let had = held.and_then(|held| old.login_name(held));
            self.staying += usize::from(had.is_some());
            if had == gets {
                continue;
            }
            let [had, gets] = [had, gets].map(|name| name.map(fold_login_name));
            if had == gets {
                continue;
            }
            if let Some(had) = had {
                self.push(&had, HAD, old.id);
                self.had += 1;
            }
            if let Some(gets) = gets {
                self.push(&gets, GETS, new.id);
            }
        }
        // The name of a role that is no more may go to another person too.
        let ended = old.roles.iter().filter(|role| new.role_by_id(role.id).is_none());
        for had in ended.filter_map(|role| old.login_name(role)) {
            self.push(&fold_login_name(had), HAD, old.id);
            self.had += 1;
            self.staying += 1;
        }
    }

    /// Somebody stays as they were.
    pub fn stay(&mut self, person: &RosterPerson) {
        let names = person.user.roles.iter().filter(|role| person.user.login_name(role).is_some());
        self.staying += names.count();
    }

    fn push(&mut self, name: &str, tag: u8, user: UserId) {
        let key = [name.as_bytes(), &[END, tag]].concat();
        self.moves.push(&key, &user.to_bytes());
    }

    /// How many change hands.
    ///
    /// # Errors
    /// When they cannot be read from where they are kept.
    pub fn count(self) -> io::Result<Moved> {
        let Self { moves, had, staying } = self;
        let mut count = 0;
        if had > 0 {
            let sorted = moves.finish()?;
            let mut reader = sorted.reader()?;
            let mut name: Option<Contested> = None;
            while let Some((key, user)) = reader.next()? {
                let Some((tag, text)) = key.split_last() else { continue };
                let is_same = name.as_ref().is_some_and(|name| name.text == text);
                if !is_same {
                    name = Some(Contested { text: text.to_vec(), ..Contested::default() });
                }
                if let Some(name) = &mut name {
                    count += usize::from(name.note(*tag, user));
                }
            }
        }
        Ok(Moved { moved: count, staying })
    }
}

/// A name that somebody lets go of.
#[derive(Default)]
struct Contested {
    text: Vec<u8>,
    /// Some who had it. Two will do: nobody is both of them.
    had: Vec<Vec<u8>>,
    has_moved: bool,
}

impl Contested {
    /// Notes who had it or gets it; true where it turns out to change hands.
    fn note(&mut self, tag: u8, user: Vec<u8>) -> bool {
        if tag == HAD {
            if self.had.len() < 2 && !self.had.contains(&user) {
                self.had.push(user);
            }
            return false;
        }
        let moves = !self.has_moved && self.had.iter().any(|had| *had != user);
        self.has_moved |= moves;
        moves
    }
}
