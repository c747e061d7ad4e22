//! Points in time as the rules need them: milliseconds since 1970, UTC. Nothing here reads a clock.

use std::fmt;
use std::time::Duration;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point `milliseconds` after 1970-01-01T00:00:00Z.
    pub const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn milliseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, as the four bytes of an identifier hold them: they wrap in 2106.
    pub fn seconds_wrapped(self) -> u32 {
        u32::try_from(self.0.div_euclid(1000).rem_euclid(1 << 32)).unwrap_or_default()
    }

    /// How long ago `earlier` was; zero if it lies ahead (clocks of two nodes differ a little).
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Timestamp {
    /// The point this long before.
    #[must_use]
    pub fn earlier_by(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// ISO 8601 in UTC with milliseconds, as the wire writes it: `2022-05-15T22:20:03.535Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.digits() {
            return f.write_str(std::str::from_utf8(&text).unwrap_or_default());
        }
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(point) => write!(f, "{point:.3}"),
            Err(_) => write!(f, "1970-01-01T00:00:00.000Z"),
        }
    }
}

const DAY: i64 = 86_400_000;

/// From 0000-03-01, with which years begin that end with their leap day, to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

impl Timestamp {
    /// The text of a time in the years 1970 to 9999, which pages of people print by the thousand:
    /// two of each. The calendar is counted in eras of 400 years (Howard Hinnant, "chrono-Compatible
    /// Low-Level Date Algorithms").
    fn digits(self) -> Option<[u8; 24]> {
        let days = self.0.div_euclid(DAY) + DAYS_TO_1970;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = era * 400 + year + i64::from(month <= 2);
        if self.0 < 0 || year > 9999 {
            return None;
        }
        let time = self.0.rem_euclid(DAY);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let numbers = [
            (0..4, year),
            (5..7, month),
            (8..10, day),
            (11..13, time / 3_600_000),
            (14..16, time / 60_000 % 60),
            (17..19, time / 1000 % 60),
            (20..23, time % 1000),
        ];
        for (place, mut number) in numbers {
            for digit in text.get_mut(place)?.iter_mut().rev() {
                *digit = b'0' + u8::try_from(number % 10).ok()?;
                number /= 10;
            }
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_calendar() {
        // Every eleventh hour of the years in which anything happens, and some far away.
        let hours = (0..160 * 366 * 24).step_by(11).chain([2_000_000, 20_000_000, 70_389_480]);
        for hour in hours {
            let milliseconds = hour * 3_600_000 + hour % 3_599_999;
            let text = Timestamp::from_milliseconds(milliseconds).digits().expect("digits");
            let calendar = jiff::Timestamp::from_millisecond(milliseconds).expect("a time");
            assert_eq!(std::str::from_utf8(&text), Ok(format!("{calendar:.3}").as_str()));
        }
        for outside in [-1, 253_402_300_800_000, i64::MIN] {
            assert_eq!(Timestamp::from_milliseconds(outside).digits(), None, "{outside}");
        }
        assert_eq!(Timestamp::from_milliseconds(i64::MAX).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_timestamp_prints_three_digits_of_a_second_and_a_z() {
        for (milliseconds, text) in [
            (1_652_653_203_535, "2022-05-15T22:20:03.535Z"),
            (1_652_653_203_000, "2022-05-15T22:20:03.000Z"),
            (0, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Timestamp::from_milliseconds(milliseconds).to_string(), text);
        }
    }

    #[test]
    fn time_that_lies_ahead_is_no_time_ago() {
        let early = Timestamp::from_milliseconds(1_000);
        let late = early + Duration::from_mins(1);
        assert_eq!(late.since(early), Duration::from_mins(1));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
