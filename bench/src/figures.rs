//! Latencies and medians.

use std::time::Duration;

use serde::Serialize;

/// What the latencies of a run come to.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(clippy::struct_field_names, reason = "the unit belongs to the name in the JSON")]
pub struct Latency {
    /// Half were faster, in milliseconds.
    pub p50_ms: f64,
    /// One in a hundred was slower, in milliseconds.
    pub p99_ms: f64,
    /// The slowest, in milliseconds.
    pub max_ms: f64,
}

impl Latency {
    /// Of the latencies of all logins, in any order.
    pub fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |share: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "an index below the number of logins of one run"
            )]
            let index = (share * all.len() as f64).ceil() as usize;
            let found = all.get(index.saturating_sub(1)).copied().unwrap_or_default();
            found.as_secs_f64() * 1e3
        };
        Self { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1.0) }
    }
}

/// The value in the middle, or between the two in the middle; 0 of nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[half],
        _ => f64::midpoint(sorted[half - 1], sorted[half]),
    }
}

/// A number of things as a float, to be divided.
pub fn count(number: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of one run are far below 2^52")]
    let float = number as f64;
    float
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_an_odd_and_of_an_even_number() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(&[]).abs() < 1e-9);
    }

    #[test]
    fn one_in_a_hundred_is_slower_than_p99() {
        let latency = Latency::of((1..=1000).map(Duration::from_millis).collect());
        assert!((latency.p50_ms - 500.0).abs() < 1e-9);
        assert!((latency.p99_ms - 990.0).abs() < 1e-9);
        assert!((latency.max_ms - 1000.0).abs() < 1e-9);
    }
}
