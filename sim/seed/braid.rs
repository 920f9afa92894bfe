//! Several streams of one entity that advance together: half a ChaCha block a step, 32 bits a stream.

use super::pins::{Domain, Pins};
use super::stream::scale;
use super::{Ratio, Table};
use crate::time::Duration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Streams in a braid: eight words are half a ChaCha block, so an unused lane costs nothing more.
pub const LANES: usize = 8;

/// The generator makes four blocks of 64 bytes at a time, so a braid takes as many: enough for eight steps.
const WORDS: usize = 64;
const WORD_BYTES: usize = 4;

/// Names of the lanes and the pins they obey.
type Watched = Box<(Vec<String>, Pins)>;

/// Eight streams in step. Each [`advance`](Braid::advance) makes one draw on every lane, used or not, so that
/// switching one kind of decision on never moves another.
#[derive(Clone)]
pub struct Braid {
    generator: ChaCha8Rng,
    /// The draws of this step and of those that follow it, little-endian; most are never looked at.
    words: [u8; WORDS * WORD_BYTES],
    /// Where this step's draws stand among them.
    place: usize,
    steps: u64,
    watched: Option<Watched>,
}

impl Braid {
    /// From the stream of this number.
    #[inline]
    pub(super) fn new(streams: &ChaCha8Rng, number: u64, watched: Option<Watched>) -> Braid {
        let words = [0; WORDS * WORD_BYTES];
        // The first step finds nothing left and takes the first blocks.
        let mut braid = Braid { generator: streams.clone(), words, place: WORDS - LANES, steps: 0, watched };
        braid.generator.set_stream(number);
        braid
    }

    /// Moves every lane to its next draw.
    #[inline]
    pub fn advance(&mut self) {
        self.place += LANES;
        if self.place == WORDS {
            self.refill();
        }
        self.steps += 1;
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self) {
        self.generator.fill_bytes(&mut self.words);
        self.place = 0;
    }

    /// The lane's draw in this step: 32 bits, said twice, so that the least and the greatest word are both among them.
    /// They choose among nanoseconds up to four seconds one by one, and beyond that every few.
    #[inline]
    fn word(&self, lane: usize) -> u64 {
        let draw = u64::from(u32::from_le_bytes(self.words.as_chunks().0[self.place + lane]));
        draw << 32 | draw
    }

    /// How many times the braid advanced.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The lane's current choice from `least..=most`.
    #[inline]
    pub fn choose(&self, lane: usize, least: u64, most: u64) -> u64 {
        self.settle(lane, scale(self.word(lane), least, most), Domain { least, most, harmless: least })
    }

    /// Whether the lane's current draw falls within the probability.
    #[inline]
    pub fn chance(&self, lane: usize, probability: Ratio) -> bool {
        let drawn = u64::from(probability.admits(self.word(lane)));
        self.settle(lane, drawn, Domain { least: 0, most: 1, harmless: 0 }) == 1
    }

    /// The lane's current span from a quantile table of multiples of `unit`.
    pub fn sample(&self, lane: usize, table: &Table, unit: Duration) -> Duration {
        let (least, most) = table.bounds(unit);
        let domain = Domain { least: least.0, most: most.0, harmless: least.0 };
        Duration(self.settle(lane, table.span(self.word(lane), unit).0, domain))
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
