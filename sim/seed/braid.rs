//! Several streams of one entity that advance together: one ChaCha block a step, one word a stream.

use super::pins::{Domain, Pins};
use super::stream::scale;
use super::{Ratio, Table};
use crate::time::Duration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Streams in a braid: eight words are one ChaCha block, so a step costs one block and an unused lane nothing more.
pub const LANES: usize = 8;

/// Names of the lanes and the pins they obey.
type Watched = Box<(Vec<String>, Pins)>;

/// Eight streams in step. Each [`advance`](Braid::advance) makes one draw on every lane, used or not, so that
/// switching one kind of decision on never moves another.
#[derive(Clone)]
pub struct Braid {
    generator: ChaCha8Rng,
    words: [u64; LANES],
    steps: u64,
    watched: Option<Watched>,
}

impl Braid {
    pub(super) fn new(generator: ChaCha8Rng, watched: Option<Watched>) -> Braid {
        Braid { generator, words: [0; LANES], steps: 0, watched }
    }

    /// Moves every lane to its next draw.
    #[inline]
    pub fn advance(&mut self) {
        for word in &mut self.words {
            *word = self.generator.next_u64();
        }
        self.steps += 1;
    }

    /// How many times the braid advanced.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The lane's current choice from `least..=most`.
    #[inline]
    pub fn choose(&self, lane: usize, least: u64, most: u64) -> u64 {
        self.settle(lane, scale(self.words[lane], least, most), Domain { least, most, harmless: least })
    }

    /// Whether the lane's current draw falls within the probability.
    #[inline]
    pub fn chance(&self, lane: usize, probability: Ratio) -> bool {
        let drawn = u64::from(probability.admits(self.words[lane]));
        self.settle(lane, drawn, Domain { least: 0, most: 1, harmless: 0 }) == 1
    }

    /// The lane's current span from a quantile table of multiples of `unit`.
    pub fn sample(&self, lane: usize, table: &Table, unit: Duration) -> Duration {
        let (least, most) = table.bounds(unit);
        let domain = Domain { least: least.0, most: most.0, harmless: least.0 };
        Duration(self.settle(lane, table.span(self.words[lane], unit).0, domain))
    }

    #[inline]
    fn settle(&self, lane: usize, drawn: u64, domain: Domain) -> u64 {
        debug_assert!(self.steps > 0, "advance the braid before its first choice");
        match &self.watched {
            None => drawn,
            Some(watched) => watched.1.decide(&watched.0[lane], self.steps - 1, drawn, domain),
        }
    }
}
