//! Numbers that look random and are the same for the same seed. Not for secrets: whoever knows
//! one can compute the next. The sandbox's passwords are printed on the screen anyway.

/// `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice for one thing (a student, a school) of one sandbox: what comes before and after it
    /// does not change it.
    pub fn of(seed: u64, what: u64, number: usize) -> Self {
        let mut dice = Self(seed ^ what.rotate_left(32));
        let mixed = dice.next() ^ number as u64;
        Self(mixed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, and without, `bound`; 0 if there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        let next = self.next();
        usize::try_from(next % (bound.max(1) as u64)).unwrap_or_default()
    }

    /// One of several.
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> Option<&'t T> {
        from.get(self.below(from.len()))
    }

    /// A word of several, or nothing.
    pub fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick(from).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_those_of_the_paper() {
        let mut dice = Dice(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| dice.next()).collect();
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }
}
