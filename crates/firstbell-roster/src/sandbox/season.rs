//! The calendar of a sandbox: school days are counted from 0, the first day of the year of
//! 2026-2027, and the year has two terms.

/// The first day of the spring term.
pub(super) const ROLLOVER: u32 = 90;

/// The day after the last one of the year: pupils move up.
pub(super) const GRADUATION: u32 = 180;

/// New pupils are enrolled in Kindergarten.
pub(super) const KINDERGARTEN: u32 = 190;

/// A part of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Season {
    Fall,
    Spring,
    NextYear,
}

impl Season {
    pub fn of(day: u32) -> Self {
        match day {
            0..ROLLOVER => Self::Fall,
            ROLLOVER..GRADUATION => Self::Spring,
            _ => Self::NextYear,
        }
    }

    /// Name, start and end of a term, as the files of the season write them.
    pub fn cells(self, term: Term) -> [&'static str; 3] {
        let is_next_year = self == Self::NextYear;
        match term {
            Term::Year if is_next_year => ["2027-2028", "08/16/2027", "06/09/2028"],
            Term::Year => ["2026-2027", "08/17/2026", "06/11/2027"],
            Term::Fall if is_next_year => ["Fall 2027", "08/16/2027", "12/17/2027"],
            Term::Fall => ["Fall 2026", "08/17/2026", "12/18/2026"],
            Term::Spring if is_next_year => ["Spring 2028", "01/04/2028", "06/09/2028"],
            Term::Spring => ["Spring 2027", "01/05/2027", "06/11/2027"],
            Term::Undated => ["All year", "", ""],
            Term::Unsaid => ["", "", ""],
        }
    }
}

/// When a section is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Term {
    Year,
    Fall,
    Spring,
    /// A name without dates.
    Undated,
    /// The district does not say.
    #[default]
    Unsaid,
}
