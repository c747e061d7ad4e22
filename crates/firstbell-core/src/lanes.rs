//! Who is served at the same time, so that whoever is slow or fails holds up nobody but themselves:
//! receivers of webhooks, and districts whose rosters are fetched.
//!
//! Who is prompt has [`Rules::of_one`] lanes, all but the first of them only while half of all lanes are
//! free. Who failed the last time, or took longer than [`Rules::prompt`], is in trouble: they have one
//! lane, and all who are in trouble have [`Rules::of_troubled`] together. Who had a turn longest ago is
//! next.
//!
//! So those who are prompt find a lane at once, unless as many others as there are lanes left begin to
//! be slow in the same moment. That costs as long as one of these may keep a lane, once: afterwards they
//! are known.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// How many lanes there are, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How many a node has.
    pub all: u32,
    /// How many of them one has who is prompt.
    pub of_one: u32,
    /// How many all together have who are in trouble.
    pub of_troubled: u32,
    /// Who takes longer is slow.
    pub prompt: Duration,
}

/// What is known of somebody before they are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The last time went well, or there was none.
    Works,
    /// The last time did not.
    Fails,
}

/// Whom a node serves now, and what it knows of who is how.
#[derive(Debug)]
pub struct Lanes<Id> {
    rules: Rules,
    known: HashMap<Id, Known>,
    turns: u64,
}

#[derive(Debug, Default)]
struct Known {
    under_way: u32,
    is_slow: bool,
    is_failing: bool,
    /// When it had its last turn, counted in turns of all.
    turn: u64,
}

impl Known {
    const fn is_in_trouble(&self) -> bool {
        self.is_slow || self.is_failing
    }
}

impl<Id: Copy + Eq + Hash> Lanes<Id> {
    /// Lanes by these rules, all of them free.
    pub fn new(rules: Rules) -> Self {
        Self { rules, known: HashMap::new(), turns: 0 }
    }

    /// Puts what waits in the order in which lanes are asked for: the first of each before the second of
    /// any, and among those the one whose turn was longest ago.
    pub fn order<M>(&self, waiting: &mut [M], of: impl Fn(&M) -> (usize, Id)) {
        waiting.sort_by_key(|it| {
            let (place, id) = of(it);
            (place, self.known.get(&id).map_or(0, |it| it.turn))
        });
    }

    /// Takes a lane; whether there is one.
    pub fn enter(&mut self, id: Id, health: Health) -> bool {
        self.known.entry(id).or_default().is_failing = health == Health::Fails;
        let all: u32 = self.known.values().map(|it| it.under_way).sum();
        let troubled = self.troubled();
        let Rules { all: most, of_one, of_troubled, .. } = self.rules;
        let Some(known) = self.known.get_mut(&id) else { return false };
        let has_room = match known.under_way {
            0 if known.is_in_trouble() => troubled < of_troubled && all < most,
            0 => all < most,
            _ if known.is_in_trouble() => false,
            theirs => theirs < of_one && all < most / 2,
        };
        if has_room {
            self.turns += 1;
            known.turn = self.turns;
            known.under_way += 1;
        }
        has_room
    }

    /// Says of somebody with a lane that they are taking longer than [`Rules::prompt`]. From now on they
    /// are in trouble; whether they keep the lane, because no others in trouble have all that these may
    /// have.
    pub fn overstay(&mut self, id: Id) -> bool {
        if let Some(known) = self.known.get_mut(&id) {
            known.is_slow = true;
        }
        self.troubled() <= self.rules.of_troubled
    }

    /// Gives a lane back; `took` is how long it was needed, where that says how slow they are.
    pub fn leave(&mut self, id: Id, took: Option<Duration>) {
        let Some(known) = self.known.get_mut(&id) else { return };
        known.under_way = known.under_way.saturating_sub(1);
        if let Some(took) = took {
            known.is_slow = took > self.rules.prompt;
        }
    }

    /// How many lanes those have who are in trouble.
    fn troubled(&self) -> u32 {
        let in_trouble = self.known.values().filter(|it| it.is_in_trouble());
        in_trouble.map(|it| it.under_way).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ApplicationId;
    use crate::webhook::LANES as RULES;

    type Receivers = Lanes<ApplicationId>;

    const SLOW: Option<Duration> = Some(Duration::from_secs(14));
    const SOON: Option<Duration> = Some(Duration::from_millis(30));

    fn receiver(number: u8) -> ApplicationId {
        ApplicationId::from_bytes([number; 12])
    }

    /// Takes as many lanes as there are for these, one after the other; how many.
    fn fill(lanes: &mut Receivers, receivers: impl Iterator<Item = u8>, health: Health) -> u32 {
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
        let mut lanes = Receivers::new(RULES);
        assert_eq!(fill(&mut lanes, 1..=1, Health::Works), RULES.of_one);
        assert_eq!(fill(&mut lanes, 2..=2, Health::Fails), 1);
        lanes.enter(receiver(3), Health::Works);
        lanes.leave(receiver(3), SLOW);
        assert_eq!(fill(&mut lanes, 3..=3, Health::Works), 1, "it was slow");
        lanes.leave(receiver(3), SOON);
        assert_eq!(fill(&mut lanes, 3..=3, Health::Works), RULES.of_one, "and is no longer");
        lanes.leave(receiver(2), SOON);
        assert_eq!(fill(&mut lanes, 2..=2, Health::Works), RULES.of_one, "it works again");
    }

    #[test]
    fn however_many_are_in_trouble_half_of_the_lanes_are_for_others() {
        let mut lanes = Receivers::new(RULES);
        for number in 1..=100 {
            if number % 2 == 0 && lanes.enter(receiver(number), Health::Works) {
                lanes.leave(receiver(number), SLOW);
            }
        }
        let health = |number| if number % 2 == 0 { Health::Works } else { Health::Fails };
        let troubled = (1..=100).filter(|it| lanes.enter(receiver(*it), health(*it))).count();
        assert_eq!(u32::try_from(troubled), Ok(RULES.of_troubled));
        for number in 101..=116 {
            assert!(lanes.enter(receiver(number), Health::Works), "{number}");
        }
        assert!(!lanes.enter(receiver(117), Health::Works), "all lanes are taken");
    }

    #[test]
    fn nobody_takes_a_second_lane_from_another_s_first() {
        let mut lanes = Receivers::new(RULES);
        assert_eq!(fill(&mut lanes, 1..=8, Health::Works), 4 * RULES.of_one + 4);
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
        let mut lanes = Receivers::new(RULES);
        for number in [2, 1, 3] {
            assert!(lanes.enter(receiver(number), Health::Works));
            lanes.leave(receiver(number), SOON);
        }
        let mut messages = vec![(2, 4), (1, 3), (2, 1), (1, 1), (1, 2), (1, 4)];
        lanes.order(&mut messages, |(place, number)| (*place, receiver(*number)));
        assert_eq!(messages, [(1, 4), (1, 2), (1, 1), (1, 3), (2, 4), (2, 1)]);
    }

    #[test]
    fn who_becomes_slow_keeps_the_lane_only_while_those_in_trouble_have_not_all_of_theirs() {
        let mut lanes = Receivers::new(Rules { all: 4, of_one: 1, of_troubled: 2, ..RULES });
        for number in 1..=4 {
            assert!(lanes.enter(receiver(number), Health::Works), "{number}");
        }
        assert!(!lanes.enter(receiver(5), Health::Works), "all lanes are taken");
        for (number, keeps) in [(1, true), (2, true), (3, false), (4, false)] {
            assert_eq!(lanes.overstay(receiver(number)), keeps, "{number}");
            if !keeps {
                lanes.leave(receiver(number), SLOW);
            }
        }
        assert!(!lanes.enter(receiver(3), Health::Works), "it is known to be slow");
        assert!(lanes.enter(receiver(5), Health::Works));
        assert!(lanes.overstay(receiver(1)), "it has its lane already");
        lanes.leave(receiver(1), SOON);
        assert!(lanes.enter(receiver(3), Health::Works), "there is room for one in trouble");
    }
}
