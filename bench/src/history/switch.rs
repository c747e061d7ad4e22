//! Something that administrators switch off and on: whether a person may enter, whether an
//! application is connected. Between the beginning of a write and its end nobody knows which of the
//! two holds, so there are two questions: was it *surely* off, and was it *perhaps* off?

use super::Moment;

/// A write that set the switch.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    /// Which event.
    pub event: usize,
    /// When it began.
    pub begin: Moment,
    /// When it was acknowledged; none where no answer came.
    pub end: Option<Moment>,
}

impl Write {
    fn last(&self) -> Moment {
        self.end.unwrap_or(Moment::MAX)
    }
}

/// All writes to one switch.
#[derive(Debug, Clone, Default)]
pub struct Switch {
    /// Those that switched it off.
    pub off: Vec<Write>,
    /// Those that switched it on.
    pub on: Vec<Write>,
}

/// What a switch is before anybody touches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Initially {
    /// A person may enter.
    On,
    /// An application is connected nowhere.
    Off,
}

/// Why a switch was surely off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// This event switched it off.
    Event(usize),
    /// Nobody had ever switched it on.
    NeverOn,
}

impl Switch {
    /// Whether it was off from `begin` to `end`, whatever the order of overlapping writes was, for
    /// somebody who may read it `stale` microseconds late.
    pub fn surely_off(
        &self,
        initially: Initially,
        (begin, end): (Moment, Moment),
        stale: Moment,
    ) -> Option<Because> {
        if initially == Initially::Off && self.on.iter().all(|write| write.begin >= end) {
            return Some(Because::NeverOn);
        }
        let known = |write: &&Write| write.last().saturating_add(stale) < begin;
        let off = self.off.iter().filter(known).max_by_key(|write| write.begin)?;
        let untouched = |on: &Write| on.last() < off.begin || on.begin >= end;
        self.on.iter().all(untouched).then_some(Because::Event(off.event))
    }

    /// Whether it may have been off at some moment from `begin` to `end`, for somebody who may read
    /// it `stale` microseconds late.
    pub fn perhaps_off(
        &self,
        initially: Initially,
        (begin, end): (Moment, Moment),
        stale: Moment,
    ) -> bool {
        let on_again = |since: Moment| {
            self.on.iter().any(|on| on.begin >= since && on.last().saturating_add(stale) <= begin)
        };
        let earlier = self.off.iter().filter(|write| write.begin < end);
        match earlier.map(Write::last).max() {
            Some(last) => !on_again(last),
            None => initially == Initially::Off && !on_again(0),
        }
    }

    /// The write that ended for good what was there before it: something that came to be between
    /// `born.0` and `born.1`, and for which nothing tells that it came to be after the switch was on
    /// again. Only writes that were acknowledged before `seen` count.
    pub fn ended(&self, born: (Moment, Moment), seen: Moment) -> Option<usize> {
        let ends = |off: &&Write| {
            let on_meanwhile = self.on.iter().any(|on| on.last() > off.begin && on.begin < born.1);
            off.end.is_some_and(|end| end < seen && born.0 < end) && !on_meanwhile
        };
        self.off.iter().find(ends).map(|off| off.event)
    }

    /// Whether some write may have ended what came to be at `born`, as far as somebody can tell who
    /// looked until `seen`.
    pub fn perhaps_ended(&self, born: (Moment, Moment), seen: Moment) -> bool {
        self.off.iter().any(|off| off.begin < seen && off.last() > born.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(event: usize, begin: Moment, end: Option<Moment>) -> Write {
        Write { event, begin, end }
    }

    #[test]
    fn between_two_acknowledged_writes_it_is_off() {
        let switch = Switch { off: vec![write(1, 10, Some(20))], on: vec![write(2, 50, Some(60))] };
        for (span, stale, surely, perhaps) in [
            ((5, 9), 0, None, false),
            ((5, 12), 0, None, true),
            ((15, 30), 0, None, true),
            ((21, 30), 0, Some(Because::Event(1)), true),
            ((21, 30), 5, None, true),
            ((26, 50), 5, Some(Because::Event(1)), true),
            ((30, 51), 0, None, true),
            ((55, 70), 0, None, true),
            ((60, 70), 0, None, false),
            ((62, 70), 5, None, true),
        ] {
            let found = switch.surely_off(Initially::On, span, stale);
            assert_eq!(found, surely, "surely {span:?}");
            assert_eq!(switch.perhaps_off(Initially::On, span, stale), perhaps, "perhaps {span:?}");
        }
    }

    #[test]
    fn a_write_that_was_cut_off_may_come_at_any_time() {
        let switch = Switch { off: vec![write(1, 10, None)], on: vec![write(2, 50, Some(60))] };
        assert_eq!(switch.surely_off(Initially::On, (100, 110), 0), None);
        assert!(switch.perhaps_off(Initially::On, (100, 110), 0));
    }

    #[test]
    fn what_was_never_on_is_off() {
        let switch = Switch { off: Vec::new(), on: vec![write(1, 50, Some(60))] };
        assert_eq!(switch.surely_off(Initially::Off, (10, 50), 0), Some(Because::NeverOn));
        assert_eq!(switch.surely_off(Initially::Off, (10, 51), 0), None);
        assert!(switch.perhaps_off(Initially::Off, (10, 51), 0));
        assert!(!switch.perhaps_off(Initially::Off, (60, 70), 0));
    }

    #[test]
    fn what_was_there_before_stays_ended_after_it_is_on_again() {
        let switch = Switch { off: vec![write(1, 10, Some(20))], on: vec![write(2, 50, Some(60))] };
        for (born, seen, ended) in [
            ((1, 5), 100, Some(1)),
            ((1, 5), 20, None),
            // Born while it was switched off: before, then, as it could not be born afterwards.
            ((12, 30), 100, Some(1)),
            // This may have been born after it was on again.
            ((12, 55), 100, None),
            ((70, 75), 100, None),
        ] {
            assert_eq!(switch.ended(born, seen), ended, "{born:?} seen at {seen}");
        }
        assert!(switch.perhaps_ended((12, 55), 100));
        assert!(!switch.perhaps_ended((20, 55), 100));
        assert!(!switch.perhaps_ended((1, 5), 10));
    }
}
