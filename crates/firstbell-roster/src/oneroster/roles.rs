//! Which roles a user has, where: a row of `roles.csv` each in 1.2, two cells of `users.csv` in
//! 1.1.

use firstbell_core::roster::RoleKind;

use super::manifest::Version;
use super::{Base, OneRosterFile, Rostering, day, in_file, reference};
use crate::fault::RosterFault;
use crate::read::{Draft, Reading};
use crate::snapshot::Index;

/// What a role makes of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Role(RoleKind),
    Contact,
}

/// A word of the vocabulary of roles, in a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RoleWord(u8);

impl RoleWord {
    /// The vocabularies of both versions.
    const ALL: [(&'static str, Standing); 13] = [
        ("student", Standing::Role(RoleKind::Student)),
        ("teacher", Standing::Role(RoleKind::Teacher)),
        ("aide", Standing::Role(RoleKind::Teacher)),
        ("administrator", Standing::Role(RoleKind::Staff)),
        ("siteAdministrator", Standing::Role(RoleKind::Staff)),
        ("systemAdministrator", Standing::Role(RoleKind::Staff)),
        ("principal", Standing::Role(RoleKind::Staff)),
        ("counselor", Standing::Role(RoleKind::Staff)),
        ("proctor", Standing::Role(RoleKind::Staff)),
        ("districtAdministrator", Standing::Role(RoleKind::DistrictAdmin)),
        ("parent", Standing::Contact),
        ("guardian", Standing::Contact),
        ("relative", Standing::Contact),
    ];

    pub fn of(cell: &str) -> Option<Self> {
        let at = Self::ALL.iter().position(|(word, _)| word.eq_ignore_ascii_case(cell))?;
        u8::try_from(at).ok().map(Self)
    }

    fn entry(self) -> (&'static str, Standing) {
        Self::ALL.get(usize::from(self.0)).copied().unwrap_or(("", Standing::Contact))
    }

    pub fn text(self) -> &'static str {
        self.entry().0
    }

    pub fn standing(self) -> Standing {
        self.entry().1
    }
}

/// A role that a user has somewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub user: Index,
    pub role: RoleWord,
    pub org: Option<Index>,
    pub rank: Rank,
    /// The line that says so, as far as four bytes count.
    pub line: u32,
}

/// Which role comes first: a person is shown in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Primary,
    Secondary,
}

/// Reads `roles.csv`, before the users of whom it speaks: then a user is known whole when their row
/// comes, and nothing has to be kept of it.
pub(super) fn read(reading: &mut Reading<'_, '_>, rostering: &mut Rostering, draft: &mut Draft) {
    let problems = &mut draft.problems;
    if rostering.version == Version::OneOne {
        problems.add(RosterFault::FileNotKept, in_file(OneRosterFile::Roles));
        return;
    }
    let header = &reading.table.header;
    let base = Base::of(header);
    let [user, rank, role, begin, end, org] =
        ["userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId"]
            .map(|column| header.at(column));
    // Our own exports say which school of a role is the first; `roleType` says which role of a school.
    let own_rank = header.at("metadata.firstbell.rank");
    let Rostering { users, orgs, today, .. } = rostering;
    while let Some(line) = reading.next(problems) {
        if !line.is_whole || line.cell(user).is_empty() || base.is_left_out(&line) {
            continue;
        }
        let holder = users.intern(line.cell(user));
        let Some(word) = RoleWord::of(line.cell(role)) else {
            problems.add(RosterFault::RoleUnknown, line.place(role));
            continue;
        };
        let (begin, end) = (day(&line, begin, problems), day(&line, end, problems));
        let at = reference(&orgs.ids, &line, org, OneRosterFile::Orgs, problems);
        if at.is_none() || !today.is_within(begin, end) {
            continue;
        }
        let said = line.filled(own_rank).unwrap_or_else(|| line.cell(rank));
        let is_primary = said.eq_ignore_ascii_case("primary");
        users.held.push(Held {
            user: holder,
            role: word,
            org: at,
            rank: if is_primary { Rank::Primary } else { Rank::Secondary },
            line: u32::try_from(line.number).unwrap_or(u32::MAX),
        });
    }
    users.held.sort_by_key(|held| (held.user, held.rank, held.line));
}
