//! Seeds and named streams of draws.

use super::name::{Name, NameHash};
use super::pins::{Domain, Pins};
use super::{Braid, Ratio, Table};
use crate::time::Duration;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;

/// What names a run besides its scenario and pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Seed(pub u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Mixes the seed into four key words; the increment and multipliers are SplitMix64's (Steele et al., OOPSLA 2014).
fn key(seed: Seed) -> [u8; 32] {
    let mut bytes = [0; 32];
    let mut state = seed.0;
    for chunk in bytes.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    bytes
}

/// All streams of one run.
///
/// ```
/// use synod::seed::{Seed, Streams};
/// let streams = Streams::of(Seed(7));
/// let first = streams.stream(format_args!("delay/{}", "a1->a2")).word();
/// assert_eq!(first, streams.stream(format_args!("delay/a1->a2")).word());
/// assert_ne!(first, streams.stream(format_args!("loss/a1->a2")).word());
/// let half = synod::seed::Ratio::of(1, 2);
/// let heads = |name: &str| streams.stream(format_args!("coin/{name}")).chance(half);
/// assert_eq!(streams.chance(format_args!("coin/a1"), half), heads("a1"));
/// ```
#[derive(Clone)]
pub struct Streams {
    generator: ChaCha8Rng,
    pins: Pins,
}

impl Streams {
    /// The streams of a seed, unpinned.
    #[must_use]
    pub fn of(seed: Seed) -> Streams {
        Streams::pinned(seed, Pins::none())
    }

    /// The streams of a seed with some draws pinned.
    #[must_use]
    pub fn pinned(seed: Seed, pins: Pins) -> Streams {
        Streams { generator: ChaCha8Rng::from_seed(key(seed)), pins }
    }

    /// The pins these streams obey.
    #[must_use]
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// The stream of this name, from its first draw.
    #[must_use]
    #[inline]
    pub fn stream(&self, name: impl Name) -> Stream {
        let watched = self.pins.watches(&name).map(|name| Box::new((name, self.pins.clone())));
        // Made where it goes to, and named there: a generator is large.
        let mut stream = Stream { generator: self.generator.clone(), index: 0, watched };
        stream.generator.set_stream(name.number());
        stream
    }

    /// Whether draws of this stream are pinned or recorded. Otherwise what is settled anyway need not be drawn.
    #[must_use]
    pub(crate) fn is_watched(&self, name: &impl Name) -> bool {
        self.pins.watches(name).is_some()
    }

    /// The first draw of this stream, of which nobody takes another: whether something of this probability happens.
    #[must_use]
    #[inline]
    pub fn chance(&self, name: impl Name, probability: Ratio) -> bool {
        if self.pins.watches(&name).is_some() {
            return self.stream(name).chance(probability);
        }
        // Nobody takes another draw, so what is certain need not be drawn.
        if probability == Ratio::ALWAYS {
            return true;
        }
        probability.admits(self.generator(name.number()).next_u64())
    }

    /// A braid of [`LANES`](super::LANES) streams that advance together; lane `i` is called `<lanes[i]>/<entity>`.
    #[must_use]
    #[inline]
    pub fn braid(&self, lanes: &'static [&'static str], entity: impl Name) -> Braid {
        let watched = self.pins.watches_any(lanes, &entity).map(|names| Box::new((names, self.pins.clone())));
        Braid::new(&self.generator, entity.hashed(NameHash::of("braid/")).number(), watched)
    }

    #[inline]
    fn generator(&self, number: u64) -> ChaCha8Rng {
        let mut generator = self.generator.clone();
        generator.set_stream(number);
        generator
    }
}

/// One named stream. Every method but [`Stream::index`] makes exactly one draw.
#[derive(Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
    index: u64,
    watched: Option<Box<(String, Pins)>>,
}

/// What a task's generator draws from: a stream.
pub type Draws = Stream;

impl Stream {
    /// How many draws were made.
    #[must_use]
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// A choice from `least..=most`; `harmless` is what a shrinker would pin.
    ///
    /// # Panics
    /// If the domain is empty or does not hold the harmless choice.
    #[inline]
    pub fn choose(&mut self, least: u64, most: u64, harmless: u64) -> u64 {
        assert!(
            least <= harmless && harmless <= most,
            "domain {least}..={most} must hold its harmless choice {harmless}"
        );
        let word = self.generator.next_u64();
        let drawn = scale(word, least, most);
        self.settle(drawn, Domain { least, most, harmless })
    }

    /// One of `options`, numbered from 0, which is the harmless one.
    ///
    /// # Panics
    /// If there is no option.
    pub fn below(&mut self, options: u64) -> u64 {
        assert!(options > 0, "a choice needs an option");
        self.choose(0, options - 1, 0)
    }

    /// One of these items; the first is the harmless one.
    ///
    /// # Panics
    /// If there is no item.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[usize::try_from(self.below(items.len() as u64)).expect("an index of a slice")]
    }

    /// Whether something of this probability happens; not happening is harmless.
    #[inline]
    pub fn chance(&mut self, probability: Ratio) -> bool {
        let drawn = u64::from(probability.admits(self.generator.next_u64()));
        self.settle(drawn, Domain { least: 0, most: 1, harmless: 0 }) == 1
    }

    /// This choice, unless it is pinned to another one of its domain, whose least is the harmless one.
    ///
    /// # Panics
    /// If the choice lies outside of the domain.
    pub fn settled(&mut self, choice: u64, domain: RangeInclusive<u64>) -> u64 {
        assert!(domain.contains(&choice), "domain {domain:?} must hold the choice {choice}");
        self.generator.next_u64();
        self.settle(choice, Domain { least: *domain.start(), most: *domain.end(), harmless: *domain.start() })
    }

    /// A span within a range; the least is harmless.
    #[inline]
    pub fn within(&mut self, range: RangeInclusive<Duration>) -> Duration {
        Duration(self.choose(range.start().0, range.end().0, range.start().0))
    }

    /// A span from a quantile table of multiples of `unit`; the least is harmless.
    pub fn sample(&mut self, table: &Table, unit: Duration) -> Duration {
        let drawn = table.span(self.generator.next_u64(), unit);
        let (least, most) = table.bounds(unit);
        Duration(self.settle(drawn.0, Domain { least: least.0, most: most.0, harmless: least.0 }))
    }

    /// A raw word, for content whose every value is as harmless as any other.
    pub fn word(&mut self) -> u64 {
        let drawn = self.generator.next_u64();
        self.settle(drawn, Domain { least: 0, most: u64::MAX, harmless: 0 })
    }

    #[inline]
    fn settle(&mut self, drawn: u64, domain: Domain) -> u64 {
        let index = self.index;
        self.index += 1;
        match &self.watched {
            None => drawn,
            Some(watched) => watched.1.decide(&watched.0, index, drawn, domain),
        }
    }
}

/// Maps a uniform word onto `least..=most` by the high half of a product: no rejection, so a stream never slips.
#[inline]
pub(super) const fn scale(word: u64, least: u64, most: u64) -> u64 {
    let span = (most - least) as u128 + 1;
    least + ((word as u128 * span) >> 64) as u64
}
