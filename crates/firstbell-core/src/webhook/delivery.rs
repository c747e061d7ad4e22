//! A message on its way: how often it is tried, and what an answer means.

use std::fmt;
use std::time::Duration;

use crate::id::{ApplicationId, DeliveryId, DistrictId};
use crate::reach::AddressRefusal;
use crate::secret::Random;
use crate::time::Timestamp;

/// How long a receiver may take to answer.
pub const TIMEOUT: Duration = Duration::from_secs(15);

/// Whoever sends and shows no sign of life for this long has died; somebody else sends again.
pub const LEASE: Duration = Duration::from_mins(1);

/// How long after each try the next one follows, give or take [`JITTER_PERCENT`]: the schedule that
/// Standard Webhooks recommends. After the last one it is given up.
pub const RETRIED_AFTER: [Duration; 7] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];

/// How long that takes. Where news come sooner than a receiver mends, each message takes the place of the
/// one before; the last of them is given up when none has arrived for so long.
pub const GIVEN_UP_AFTER: Duration = {
    let mut whole = Duration::ZERO;
    let mut place = 0;
    while place < RETRIED_AFTER.len() {
        whole = whole.saturating_add(RETRIED_AFTER[place]);
        place += 1;
    }
    whole
};

/// So that receivers who failed together are not called together.
const JITTER_PERCENT: u32 = 20;

/// The longest pause that a receiver may ask for.
pub const MOST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// How long it is known what became of a message.
pub const ENDED_KEPT_FOR: Duration = Duration::from_hours(24 * 30);

/// A message that says that there are new events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its identifier; [`message_id`] is how the receiver knows it.
    pub id: DeliveryId,
    /// Whom it is for.
    pub application: ApplicationId,
    /// Whose events are new.
    pub district: DistrictId,
    /// When they were told.
    pub made: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub tries: u32,
    /// When it was tried last.
    pub last_try: Option<Timestamp>,
    /// What came of that, in words.
    pub last_answer: Option<String>,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// It will be tried.
    Waiting {
        /// Not before.
        due: Timestamp,
    },
    /// The receiver has it.
    Arrived {
        /// Since then.
        at: Timestamp,
    },
    /// It did not arrive, and a newer one says the same.
    Superseded {
        /// Since then.
        at: Timestamp,
    },
    /// It did not arrive and was given up: the dead letters.
    Dead {
        /// Since then.
        at: Timestamp,
    },
}

impl DeliveryState {
    /// The name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting { .. } => "waiting",
            Self::Arrived { .. } => "arrived",
            Self::Superseded { .. } => "superseded",
            Self::Dead { .. } => "dead",
        }
    }
}

/// How the receiver knows a message.
pub fn message_id(id: DeliveryId) -> String {
    format!("msg_{id}")
}

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The receiver answered.
    Status {
        /// With this status (RFC 9110 section 15).
        code: u16,
        /// And asked to be left alone for so long.
        retry_after: Option<Duration>,
    },
    /// There was no answer in time.
    TimedOut,
    /// There was no connection, no trust in the certificate, or the connection broke.
    NoConnection,
    /// The name has no address.
    NoAddress,
    /// It is not to be sent there, or what the name resolves to is not to be reached.
    Refused(AddressRefusal),
    /// There is no secret to sign it with: what is kept was sealed under another key, or is none.
    Unsigned,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code, .. } => write!(f, "answered {code}"),
            Self::TimedOut => write!(f, "no answer within {} seconds", TIMEOUT.as_secs()),
            Self::NoConnection => f.write_str("no connection, or it broke"),
            Self::NoAddress => f.write_str("the name has no address"),
            Self::Refused(why) => write!(f, "not sent: {why}"),
            Self::Unsigned => f.write_str("not sent: the secret cannot be opened; make a new one"),
        }
    }
}

/// A try of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Try {
    /// Which one of this message it is, counted from 1.
    pub number: u32,
    /// When the first news were that have not arrived, where the message took the place of another that
    /// told of them.
    pub inherited: Option<Timestamp>,
}

/// What is to be done after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it arrived.
    Arrived,
    /// The receiver is there no more: nothing is sent to it from now on.
    Gone,
    /// It is tried again.
    Again {
        /// Not before.
        at: Timestamp,
        /// And nothing else is sent to this receiver before, where it asked for that.
        quiet_until: Option<Timestamp>,
    },
    /// It is given up.
    Dead,
}

/// What is to be done after a try.
pub fn judge(answer: &Answer, tried: Try, now: Timestamp, random: &mut dyn Random) -> Verdict {
    let asked = match *answer {
        Answer::Status { code: 200..300, .. } => return Verdict::Arrived,
        Answer::Status { code: 410, .. } => return Verdict::Gone,
        Answer::Status { code: 429 | 503, retry_after } => retry_after,
        _ => None,
    };
    if tried.inherited.is_some_and(|since| now.since(since) >= GIVEN_UP_AFTER) {
        return Verdict::Dead;
    }
    let place = usize::try_from(tried.number.saturating_sub(1)).unwrap_or(usize::MAX);
    let Some(span) = RETRIED_AFTER.get(place) else { return Verdict::Dead };
    let asked = asked.map(|span| span.min(MOST_RETRY_AFTER));
    let at = now + jittered(*span, random).max(asked.unwrap_or_default());
    Verdict::Again { at, quiet_until: asked.map(|span| now + span) }
}

fn jittered(span: Duration, random: &mut dyn Random) -> Duration {
    let mut bytes = [0; 4];
    random.fill(&mut bytes);
    let permille =
        (100 - JITTER_PERCENT) * 10 + u32::from_be_bytes(bytes) % (JITTER_PERCENT * 20 + 1);
    span * permille / 1000
}

/// How long a receiver asks to be left alone: the value of `Retry-After`, seconds or a date
/// (RFC 9110 section 10.2.3). None where it is neither.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(MOST_RETRY_AFTER, Duration::from_secs));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(Timestamp::from_milliseconds(date.as_millisecond()).since(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::tests::Counting;

    const NOW: Timestamp = Timestamp::from_milliseconds(1_780_000_000_000);

    fn status(code: u16) -> Answer {
        Answer::Status { code, retry_after: None }
    }

    const fn nth(number: u32) -> Try {
        Try { number, inherited: None }
    }

    fn wait(answer: &Answer, number: u32, random: &mut dyn Random) -> Option<Duration> {
        match judge(answer, nth(number), NOW, random) {
            Verdict::Again { at, .. } => Some(at.since(NOW)),
            _ => None,
        }
    }

    #[test]
    fn what_an_answer_means_hangs_on_its_status() {
        for (answer, expected) in [
            (status(200), Some(Verdict::Arrived)),
            (status(204), Some(Verdict::Arrived)),
            (status(299), Some(Verdict::Arrived)),
            (status(410), Some(Verdict::Gone)),
            (status(199), None),
            (status(302), None),
            (status(400), None),
            (status(404), None),
            (status(500), None),
            (Answer::TimedOut, None),
            (Answer::NoConnection, None),
            (Answer::NoAddress, None),
            (Answer::Refused(AddressRefusal::Private), None),
            (Answer::Unsigned, None),
        ] {
            let verdict = judge(&answer, nth(1), NOW, &mut Counting(0));
            match expected {
                Some(expected) => assert_eq!(verdict, expected, "{answer}"),
                None => assert!(matches!(verdict, Verdict::Again { .. }), "{answer}"),
            }
        }
    }

    #[test]
    fn tries_come_later_and_later_and_end() {
        let random = &mut Counting(17);
        for (number, seconds) in (1..).zip([5, 300, 1800, 7200, 18_000, 36_000, 36_000]) {
            let mut waits: Vec<_> = (0..200)
                .map(|_| wait(&status(500), number, random).unwrap().as_secs_f64())
                .collect();
            let nominal = f64::from(seconds);
            assert!(
                waits.iter().all(|it| (nominal * 0.8..=nominal * 1.2).contains(it)),
                "{number}"
            );
            waits.sort_by(f64::total_cmp);
            assert!(waits[199] - waits[0] > nominal * 0.2, "{number}: they lie apart");
        }
        assert_eq!(judge(&status(500), nth(8), NOW, random), Verdict::Dead);
        assert_eq!(judge(&Answer::TimedOut, nth(80), NOW, random), Verdict::Dead);
        assert_eq!(judge(&status(200), nth(8), NOW, random), Verdict::Arrived);
    }

    #[test]
    fn news_that_no_message_could_tell_for_the_whole_schedule_are_given_up() {
        let hour = Duration::from_hours(1);
        assert_eq!(GIVEN_UP_AFTER.as_secs(), 5 + 300 + 1800 + 7200 + 18_000 + 2 * 36_000);
        let verdict = |age: Duration, number| {
            let tried = Try { number, inherited: Some(NOW.earlier_by(age)) };
            judge(&status(500), tried, NOW, &mut Counting(0))
        };
        for number in [1, 2, 7] {
            let young = verdict(GIVEN_UP_AFTER.checked_sub(hour).unwrap(), number);
            assert!(matches!(young, Verdict::Again { .. }), "{number}: {young:?}");
            assert_eq!(verdict(GIVEN_UP_AFTER, number), Verdict::Dead, "{number}");
        }
        assert_eq!(verdict(hour, 8), Verdict::Dead, "its own schedule ends as ever");
        let late = Try { number: 1, inherited: Some(NOW.earlier_by(100 * hour)) };
        assert_eq!(judge(&status(200), late, NOW, &mut Counting(0)), Verdict::Arrived);
    }

    #[test]
    fn a_receiver_may_ask_to_be_left_alone() {
        let after = |code, seconds| Answer::Status {
            code,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        for (code, asked, expected, quiet) in [
            (429, 3600, 3600, Some(3600)),
            (503, 3600, 3600, Some(3600)),
            (503, 1_000_000, 86_400, Some(86_400)),
            (500, 3600, 5, None),
        ] {
            let verdict = judge(&after(code, asked), nth(1), NOW, &mut Counting(0));
            let Verdict::Again { at, quiet_until } = verdict else { panic!("{code}: {verdict:?}") };
            assert!(at.since(NOW).as_secs().abs_diff(expected) <= 1, "{code} {asked}: {at}");
            assert_eq!(
                quiet_until.map(|until| until.since(NOW).as_secs()),
                quiet,
                "{code} {asked}"
            );
        }
        let soon = judge(&after(503, 1), nth(3), NOW, &mut Counting(0));
        let Verdict::Again { at, .. } = soon else { panic!("{soon:?}") };
        assert!(at.since(NOW) >= Duration::from_mins(24), "never earlier than without");
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_as_a_date() {
        let now = Timestamp::from_milliseconds(784_111_777_000);
        for (value, seconds) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:51:37 GMT", Some(120)),
            ("Sun, 06 Nov 1994 08:40:00 GMT", Some(0)),
            ("99999999999999999999999", Some(86_400)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            let found = retry_after(value, now).map(|span| span.as_secs());
            assert_eq!(found, seconds, "{value:?}");
        }
    }
}
