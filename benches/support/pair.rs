//! Two rates, measured in turns so that whatever else the machine does hits both. Knows nothing of what is measured.
#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "a bench measures real time")]

use std::fmt;
use std::time::Instant;

/// Pieces of work done in a span of real time.
#[derive(Clone, Copy)]
pub struct Rate(pub f64);

impl Rate {
    /// Of work that returns how many pieces it did.
    pub fn of(work: &mut dyn FnMut() -> u64) -> Rate {
        let start = Instant::now();
        let pieces = work();
        Rate(pieces as f64 / start.elapsed().as_secs_f64())
    }
}

/// How many times faster one kind of work was than another, round by round.
pub struct Ratios(Vec<f64>);

impl Ratios {
    /// Measures both in turns, `rounds` times, after one round that warms up.
    pub fn measure(rounds: usize, mut ours: impl FnMut() -> u64, mut theirs: impl FnMut() -> u64) -> Ratios {
        let mut ratio = || Rate::of(&mut ours).0 / Rate::of(&mut theirs).0;
        ratio();
        let mut ratios: Vec<f64> = (0..rounds.max(1)).map(|_| ratio()).collect();
        ratios.sort_by(f64::total_cmp);
        Ratios(ratios)
    }

    /// The ratio in the middle.
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
}

impl fmt::Display for Ratios {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.0[0], self.0[self.0.len() - 1]);
        write!(f, "{:.1}x (min {least:.1}, max {most:.1})", self.median())
    }
}
