//! When a run is held: a truncated file looks just like a district that lost its pupils, and a
//! column that slipped by a row like a district in which everybody married.

use std::fmt;
use std::str::FromStr;

/// A share of a whole, in hundredths of a percent; at most the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u16);

/// A text or number that is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a share like 15% or 2.5%: 0% to 100%, with at most two decimals")]
pub struct MalformedShare;

impl Share {
    /// So many hundredths of a percent.
    ///
    /// # Errors
    /// When that is more than the whole.
    pub const fn of_hundredths(hundredths: u16) -> Result<Self, MalformedShare> {
        if hundredths > 10_000 { Err(MalformedShare) } else { Ok(Self(hundredths)) }
    }

    /// In hundredths of a percent.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// Whether `part` of `whole` is more than this.
    pub fn is_exceeded_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * 10_000 > u128::from(whole) * u128::from(self.0)
    }
}

/// `15%` or `2.5 %`.
impl FromStr for Share {
    type Err = MalformedShare;

    fn from_str(text: &str) -> Result<Self, MalformedShare> {
        let number = text.strip_suffix('%').ok_or(MalformedShare)?.trim_end();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let shape = digits(whole) && digits(decimals) && decimals.len() <= 2;
        if !shape || whole.is_empty() || number.ends_with('.') {
            return Err(MalformedShare);
        }
        let hundredths = format!("{whole}{decimals:0<2}").parse().map_err(|_| MalformedShare)?;
        Self::of_hundredths(hundredths)
    }
}

/// `15 %`, `2.5 %`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, hundredths) = (self.0 / 100, self.0 % 100);
        match (hundredths, hundredths % 10) {
            (0, _) => write!(f, "{whole} %"),
            (_, 0) => write!(f, "{whole}.{} %", hundredths / 10),
            _ => write!(f, "{whole}.{hundredths:02} %"),
        }
    }
}

/// How much a run may change without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncLimits {
    /// The share of a kind of record that may leave.
    pub removals: Share,
    /// The share of the people who stay that may get both another name and another email.
    pub renames: Share,
    /// The share of the login names of people who stay that may go to somebody else.
    pub login_names: Share,
}

/// In term time a tenth of a school does not leave overnight.
pub const DEFAULT_REMOVALS: Share = Share(1_000);

/// Weddings are rarer than one in fifty.
pub const DEFAULT_RENAMES: Share = Share(200);

/// Who gets another login name is given one that nobody has.
pub const DEFAULT_LOGIN_NAMES: Share = Share(200);

/// The share of the students who may come under another SIS id: a few are mended records, more are
/// another student information system, whose ids should be mapped. Whoever means it approves it.
pub const MOST_RENUMBERED: Share = Share(500);

impl Default for SyncLimits {
    fn default() -> Self {
        Self {
            removals: DEFAULT_REMOVALS,
            renames: DEFAULT_RENAMES,
            login_names: DEFAULT_LOGIN_NAMES,
        }
    }
}

/// So few records of a kind may leave, people be renamed or login names change hands on any day,
/// whatever share that is: a school of twelve pupils is held up by no single removal. Schools are not among them.
pub const EVERYDAY: u64 = 3;

/// What is counted. Terms, courses, contacts and resources are not: they come and go with what
/// they belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Schools that leave.
    Schools,
    /// Students who leave.
    Students,
    /// Teachers who leave.
    Teachers,
    /// Staff who leave.
    Staff,
    /// District administrators who leave.
    DistrictAdmins,
    /// Sections that end.
    Sections,
    /// Enrolments that end.
    Enrollments,
    /// People who stay, with another name and another email.
    Renamed,
    /// Students who leave under one SIS id and come under another.
    Renumbered,
    /// Login names of people who stay that go to somebody else, who would come in as them.
    LoginNames,
}

impl Counted {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Schools,
        Self::Students,
        Self::Teachers,
        Self::Staff,
        Self::DistrictAdmins,
        Self::Sections,
        Self::Enrollments,
        Self::Renamed,
        Self::Renumbered,
        Self::LoginNames,
    ];

    /// The name in the database and in what programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schools => "schools",
            Self::Students => "students",
            Self::Teachers => "teachers",
            Self::Staff => "staff",
            Self::DistrictAdmins => "district_admins",
            Self::Sections => "sections",
            Self::Enrollments => "enrollments",
            Self::Renamed => "renamed",
            Self::Renumbered => "renumbered",
            Self::LoginNames => "login_names",
        }
    }

    /// The plural, as people say it.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::DistrictAdmins => "district administrators",
            Self::Enrollments => "enrolments",
            Self::Renamed => "people",
            Self::Renumbered => "students",
            Self::LoginNames => "login names",
            other => other.name(),
        }
    }
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What it is a part of.
    pub what: Counted,
    /// How many.
    pub part: u64,
    /// Of how many.
    pub whole: u64,
}

/// What a plan would do, as far as somebody may have to be asked about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Impact(pub Vec<Part>);

/// Why a run is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldReason {
    /// What would happen to how many of how many.
    pub part: Part,
    /// Up to which share nobody is asked.
    pub limit: Share,
}

/// `150 of 1200 students would be removed, more than 10 %`.
impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Part { what, part, whole } = self.part;
        let happens = match what {
            Counted::Renamed => "get both another name and another email: did a column slip?",
            Counted::Renumbered => "come under another SIS id: applications take them for new",
            Counted::LoginNames => "go to somebody else: did a column slip?",
            _ => "be removed",
        };
        write!(f, "{part} of {whole} {} would {happens}", what.plural())?;
        write!(f, " (more than {} is held)", self.limit)
    }
}

impl SyncLimits {
    /// Why a plan with this impact must be held, the largest share first; empty where it need not.
    pub fn reasons_to_hold(self, impact: &Impact) -> Vec<HoldReason> {
        let mut reasons: Vec<_> =
            impact.0.iter().filter_map(|part| self.reason_to_hold(*part)).collect();
        let share = |part: Part| u128::from(part.part) * 1_000_000 / u128::from(part.whole.max(1));
        reasons.sort_by_key(|reason| (std::cmp::Reverse(share(reason.part)), reason.part.what));
        reasons
    }

    fn reason_to_hold(self, part: Part) -> Option<HoldReason> {
        let limit = match part.what {
            Counted::Renamed => self.renames,
            Counted::Renumbered => MOST_RENUMBERED,
            Counted::LoginNames => self.login_names,
            _ => self.removals,
        };
        let is_everyday = part.part <= EVERYDAY && part.what != Counted::Schools;
        let is_held = !is_everyday && limit.is_exceeded_by(part.part, part.whole);
        is_held.then_some(HoldReason { part, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn impact(what: Counted, part: u64, whole: u64) -> Impact {
        Impact(vec![Part { what, part, whole }])
    }

    #[test]
    fn a_run_is_held_above_its_limit_and_not_at_it() {
        let limits = SyncLimits::default();
        for (what, part, whole, held) in [
            (Counted::Students, 100, 1_000, false),
            (Counted::Students, 101, 1_000, true),
            (Counted::Students, 1_000, 1_000, true),
            (Counted::Students, 3, 4, false),
            (Counted::Students, 4, 4, true),
            (Counted::Schools, 1, 12, false),
            (Counted::Schools, 1, 9, true),
            (Counted::Enrollments, 1_001, 10_000, true),
            (Counted::Sections, 30, 100, true),
            (Counted::Renamed, 20, 1_000, false),
            (Counted::Renamed, 21, 1_000, true),
            (Counted::Renamed, 3, 10, false),
            (Counted::Renumbered, 50, 1_000, false),
            (Counted::Renumbered, 51, 1_000, true),
            (Counted::Renumbered, 3, 10, false),
            (Counted::LoginNames, 20, 1_000, false),
            (Counted::LoginNames, 21, 1_000, true),
            (Counted::LoginNames, 3, 10, false),
            (Counted::Teachers, 0, 0, false),
        ] {
            let reasons = limits.reasons_to_hold(&impact(what, part, whole));
            assert_eq!(!reasons.is_empty(), held, "{what:?} {part} of {whole}");
        }
    }

    #[test]
    fn a_district_that_wants_to_be_asked_about_nothing_or_everything_is_heard() {
        let share = |text: &str| text.parse().expect("a share");
        let all = |text| {
            let share = share(text);
            SyncLimits { removals: share, renames: share, login_names: share }
        };
        for what in [Counted::Students, Counted::Renamed, Counted::LoginNames] {
            assert_eq!(all("100%").reasons_to_hold(&impact(what, 50, 50)), []);
            assert_eq!(all("0%").reasons_to_hold(&impact(what, 4, 50_000)).len(), 1);
        }
    }

    #[test]
    fn the_largest_share_is_named_first_and_in_plain_words() {
        let impact = Impact(vec![
            Part { what: Counted::Students, part: 200, whole: 1_000 },
            Part { what: Counted::Sections, part: 90, whole: 100 },
            Part { what: Counted::Teachers, part: 1, whole: 90 },
            Part { what: Counted::Renamed, part: 30, whole: 900 },
            Part { what: Counted::LoginNames, part: 20, whole: 900 },
        ]);
        let said: Vec<_> = SyncLimits::default()
            .reasons_to_hold(&impact)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            said,
            [
                "90 of 100 sections would be removed (more than 10 % is held)",
                "200 of 1000 students would be removed (more than 10 % is held)",
                "30 of 900 people would get both another name and another email: did a column \
                 slip? (more than 2 % is held)",
                "20 of 900 login names would go to somebody else: did a column slip? (more than 2 % \
                 is held)",
            ]
        );
    }

    #[test]
    fn shares_read_back() {
        for (text, hundredths, shown) in [
            ("15%", 1_500, "15 %"),
            ("2.5%", 250, "2.5 %"),
            ("2.5 %", 250, "2.5 %"),
            ("0.05%", 5, "0.05 %"),
            ("0%", 0, "0 %"),
            ("100%", 10_000, "100 %"),
        ] {
            let share: Share = text.parse().expect(text);
            assert_eq!((share.hundredths(), share.to_string()), (hundredths, shown.to_owned()));
        }
        for bad in ["", "15", "%", "-1%", "+1%", "101%", "1.%", ".5%", "1.234%", "1e1%", "99999%"] {
            assert_eq!(bad.parse::<Share>(), Err(MalformedShare), "{bad}");
        }
    }
}
