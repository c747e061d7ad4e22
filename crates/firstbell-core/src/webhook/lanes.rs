//! Which receivers a node sends to at the same time, so that whoever answers slowly or not at all holds
//! up nobody but themselves.
//!
//! A receiver that answers promptly has [`OF_ONE`] lanes, all but the first of them only while half of
//! all lanes are free. One that fails, or that took longer than [`PROMPT`] the last time, is in trouble:
//! it has one lane, and all who are have [`OF_TROUBLED`] together. Who had a turn longest ago is next.
//!
//! So those who answer promptly find a lane at once, unless as many others as there are lanes left begin
//! to be slow in the same moment; that is known of these after one message, so it costs
//! [`super::TIMEOUT`] once.

use std::collections::HashMap;
use std::time::Duration;

use crate::id::ApplicationId;

/// How many messages a node sends at a time.
pub const ALL: u32 = 32;

/// How many of them to one receiver.
pub const OF_ONE: u32 = 4;

/// How many to all together who are in trouble.
pub const OF_TROUBLED: u32 = 16;

/// Who takes longer to answer is slow.
pub const PROMPT: Duration = Duration::from_secs(2);

/// What is known of a webhook before a message is sent to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The last message arrived, or there was none.
    Works,
    /// The last message did not arrive.
    Fails,
}

/// Messages that a node sends now, and what it knows of who answers how.
#[derive(Debug, Default)]
pub struct Lanes {
    receivers: HashMap<ApplicationId, Receiver>,
    turns: u64,
}

#[derive(Debug, Default)]
struct Receiver {
    under_way: u32,
    is_slow: bool,
    is_failing: bool,
    /// When it had its last turn, counted in turns of all.
    turn: u64,
}

impl Receiver {
    const fn is_in_trouble(&self) -> bool {
        self.is_slow || self.is_failing
    }
}

impl Lanes {
    /// Puts messages in the order in which lanes are asked for: the first of each receiver before the
    /// second of any, and among those the one whose receiver had a turn longest ago.
    pub fn order<M>(&self, messages: &mut [M], of: impl Fn(&M) -> (usize, ApplicationId)) {
        messages.sort_by_key(|message| {
            let (place, receiver) = of(message);
            (place, self.receivers.get(&receiver).map_or(0, |it| it.turn))
        });
    }

    /// Takes a lane to a receiver; whether there is one.
    pub fn enter(&mut self, receiver: ApplicationId, health: Health) -> bool {
        self.receivers.entry(receiver).or_default().is_failing = health == Health::Fails;
        let all: u32 = self.receivers.values().map(|it| it.under_way).sum();
        let in_trouble = self.receivers.values().filter(|it| it.is_in_trouble());
        let troubled: u32 = in_trouble.map(|it| it.under_way).sum();
        let Some(known) = self.receivers.get_mut(&receiver) else { return false };
        let has_room = match known.under_way {
            0 if known.is_in_trouble() => troubled < OF_TROUBLED && all < ALL,
            0 => all < ALL,
            _ if known.is_in_trouble() => false,
            theirs => theirs < OF_ONE && all < ALL / 2,
        };
        if has_room {
            self.turns += 1;
            known.turn = self.turns;
            known.under_way += 1;
        }
        has_room
    }

    /// Gives a lane back; `took` is how long the answer did, where one was waited for.
    pub fn leave(&mut self, receiver: ApplicationId, took: Option<Duration>) {
        let Some(known) = self.receivers.get_mut(&receiver) else { return };
        known.under_way = known.under_way.saturating_sub(1);
        if let Some(took) = took {
            known.is_slow = took > PROMPT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Option<Duration> = Some(Duration::from_secs(14));
    const SOON: Option<Duration> = Some(Duration::from_millis(30));

    fn receiver(number: u8) -> ApplicationId {
        ApplicationId::from_bytes([number; 12])
    }

    /// Takes as many lanes as there are for these, one after the other; how many.
    fn fill(lanes: &mut Lanes, receivers: impl Iterator<Item = u8>, health: Health) -> u32 {
        let mut took = 0;
        for number in receivers {
            while lanes.enter(receiver(number), health) {
                took += 1;
            }
        }
        took
    }

    #[test]
    fn one_receiver_has_four_lanes_and_one_in_trouble_has_one() {
        let mut lanes = Lanes::default();
        assert_eq!(fill(&mut lanes, 1..=1, Health::Works), OF_ONE);
        assert_eq!(fill(&mut lanes, 2..=2, Health::Fails), 1);
        lanes.enter(receiver(3), Health::Works);
        lanes.leave(receiver(3), SLOW);
        assert_eq!(fill(&mut lanes, 3..=3, Health::Works), 1, "it was slow");
        lanes.leave(receiver(3), SOON);
        assert_eq!(fill(&mut lanes, 3..=3, Health::Works), OF_ONE, "and is no longer");
        lanes.leave(receiver(2), SOON);
        assert_eq!(fill(&mut lanes, 2..=2, Health::Works), OF_ONE, "it works again");
    }

    #[test]
    fn however_many_are_in_trouble_half_of_the_lanes_are_for_others() {
        let mut lanes = Lanes::default();
        for number in 1..=100 {
            if number % 2 == 0 && lanes.enter(receiver(number), Health::Works) {
                lanes.leave(receiver(number), SLOW);
            }
        }
        let health = |number| if number % 2 == 0 { Health::Works } else { Health::Fails };
        let troubled = (1..=100).filter(|it| lanes.enter(receiver(*it), health(*it))).count();
        assert_eq!(u32::try_from(troubled), Ok(OF_TROUBLED));
        for number in 101..=116 {
            assert!(lanes.enter(receiver(number), Health::Works), "{number}");
        }
        assert!(!lanes.enter(receiver(117), Health::Works), "all lanes are taken");
    }

    #[test]
    fn nobody_takes_a_second_lane_from_another_s_first() {
        let mut lanes = Lanes::default();
        assert_eq!(fill(&mut lanes, 1..=8, Health::Works), 4 * OF_ONE + 4);
        for number in 9..=20 {
            assert!(lanes.enter(receiver(number), Health::Works), "{number}");
        }
        assert!(!lanes.enter(receiver(21), Health::Works), "all lanes are taken");
        lanes.leave(receiver(1), None);
        assert!(!lanes.enter(receiver(1), Health::Works), "others come first");
        assert!(lanes.enter(receiver(21), Health::Works));
    }

    #[test]
    fn who_had_a_turn_longest_ago_is_next() {
        let mut lanes = Lanes::default();
        for number in [2, 1, 3] {
            assert!(lanes.enter(receiver(number), Health::Works));
            lanes.leave(receiver(number), SOON);
        }
        let mut messages = vec![(2, 4), (1, 3), (2, 1), (1, 1), (1, 2), (1, 4)];
        lanes.order(&mut messages, |(place, number)| (*place, receiver(*number)));
        assert_eq!(messages, [(1, 4), (1, 2), (1, 1), (1, 3), (2, 4), (2, 1)]);
    }
}
