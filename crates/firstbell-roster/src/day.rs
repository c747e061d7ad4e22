//! A day of the calendar, by which enrolments and roles with dates count or do not.

use std::fmt;
use std::str::FromStr;

use firstbell_core::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::words;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The day that it is in UTC. A district in another part of the world may be a day off for some
    /// hours; a program that knows its time zone says the day itself.
    pub fn utc(now: Timestamp) -> Self {
        let point = jiff::Timestamp::from_millisecond(now.milliseconds()).unwrap_or_default();
        Self(point.to_zoned(TimeZone::UTC).date())
    }

    /// The day of a cell.
    pub(crate) fn of(date: Date) -> Self {
        Self(date)
    }

    /// Whether it lies between two days, both of which count; a day that is not said is far away.
    pub(crate) fn is_within(self, begin: Option<Self>, end: Option<Self>) -> bool {
        begin.is_none_or(|begin| begin <= self) && end.is_none_or(|end| self <= end)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A text that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a day is written YYYY-MM-DD")]
pub struct MalformedDay;

impl FromStr for Day {
    type Err = MalformedDay;

    fn from_str(text: &str) -> Result<Self, MalformedDay> {
        words::date(text).map(Self).ok_or(MalformedDay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().expect("a day")
    }

    #[test]
    fn the_day_of_a_timestamp_is_that_of_utc() {
        assert_eq!(Day::utc(Timestamp::from_milliseconds(1_652_650_823_535)), day("2022-05-15"));
        assert_eq!(Day::utc(Timestamp::from_milliseconds(-1)).to_string(), "1969-12-31");
    }

    #[test]
    fn first_and_last_day_count_and_a_day_that_is_not_said_is_far_away() {
        let today = day("2026-09-01");
        for (begin, end, counts) in [
            (None, None, true),
            (Some("2026-09-01"), None, true),
            (Some("2026-09-02"), None, false),
            (None, Some("2026-09-01"), true),
            (None, Some("2026-08-31"), false),
            (Some("2026-08-01"), Some("2026-12-01"), true),
            (Some("2026-12-01"), Some("2026-08-01"), false),
        ] {
            assert_eq!(today.is_within(begin.map(day), end.map(day)), counts, "{begin:?} {end:?}");
        }
    }
}
