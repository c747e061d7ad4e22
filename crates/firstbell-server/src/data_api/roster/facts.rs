//! What is told of the details of people's roles, read from the texts in which they are stored.

use firstbell_core::sharing::{PersonSeen, RoleSeen, Synced};
use firstbell_store::StoredPerson;

use super::ReadResult;

/// So many names are remembered; a roster has a few dozen.
const MOST: usize = 256;

/// Which columns are told, as far as it was asked already. People of one kind have the same columns
/// in the same order, so that the next one is likely the one behind the last one.
#[derive(Debug, Default)]
pub(super) struct ToldColumns {
    known: Vec<(String, bool)>,
    next: usize,
}

impl ToldColumns {
    /// What is told of each role that is seen, in the order of the roles: pairs of name and value in
    /// the order of the names.
    ///
    /// # Errors
    /// When the details are not as the store writes them.
    pub fn told<'p>(
        &mut self,
        synced: &Synced<'_>,
        stored: &'p StoredPerson,
        seen: &PersonSeen<'_>,
    ) -> ReadResult<Vec<Vec<(&'p str, &'p str)>>> {
        let of_role = |role: &RoleSeen<'_>| {
            self.next = 0;
            let details = stored.details(role.role.id);
            details.map_or(Ok(Vec::new()), |it| it.pairs(|name| self.tells(synced, name)))
        };
        seen.roles.iter().map(of_role).collect()
    }

    fn tells(&mut self, synced: &Synced<'_>, name: &str) -> bool {
        let is = |known: &(String, bool)| known.0 == name;
        let at = if self.known.get(self.next).is_some_and(is) {
            Some(self.next)
        } else {
            self.known.iter().position(is)
        };
        if let Some((at, (_, is_told))) = at.and_then(|at| Some((at, self.known.get(at)?))) {
            self.next = at + 1;
            return *is_told;
        }
        let is_told = synced.tells_of_role(name);
        if self.known.len() < MOST {
            self.known.push((name.to_owned(), is_told));
            self.next = self.known.len();
        }
        is_told
    }
}

#[cfg(test)]
mod tests {
    use firstbell_core::application::{DataGroup, Sharing};

    use super::*;

    #[test]
    fn a_column_is_told_or_not_however_often_and_in_whatever_order_it_is_asked_for() {
        let mut sharing = Sharing::everyone();
        sharing.groups = [DataGroup::Demographics].into_iter().collect();
        let synced = Synced::of(&sharing, &[]);
        let mut columns = ToldColumns::default();
        let names = ["dob", "ell_status", "ext.bus", "grade", "password"];
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [0, 2, 4, 1, 3]] {
            columns.next = 0;
            for at in order {
                assert_eq!(columns.tells(&synced, names[at]), at == 0 || at == 3, "{}", names[at]);
            }
        }
    }

    #[test]
    fn a_roster_of_many_columns_is_not_remembered_without_end() {
        let sharing = Sharing::everyone();
        let synced = Synced::of(&sharing, &[]);
        let mut columns = ToldColumns::default();
        for number in 0..2 * MOST {
            assert!(!columns.tells(&synced, &format!("ext.{number}")));
        }
        assert!(columns.tells(&synced, "grade"));
        assert_eq!(columns.known.len(), MOST);
    }
}
