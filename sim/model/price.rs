//! What calls cost, in integer micro-dollars. Counts no call.

use super::Usage;
use serde::Serialize;
use std::fmt;

/// Money in millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MicroDollars(pub u64);

/// In dollars, to the millionth.
impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// Prices of a million tokens.
///
/// ```
/// use synod::model::{MicroDollars, Price, Usage};
/// let price = Price::usual();
/// let cost = price.of(Usage { input_tokens: 1_000, output_tokens: 100 });
/// assert_eq!(cost, MicroDollars(4_500));
/// assert_eq!(cost.to_string(), "$0.004500");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Of tokens read.
    pub input: MicroDollars,
    /// Of tokens written, those of silent reasoning included.
    pub output: MicroDollars,
}

impl Price {
    /// $3 and $15: list prices of middle-sized models of 2025. A choice of ours.
    #[must_use]
    pub const fn usual() -> Price {
        Price { input: MicroDollars(3_000_000), output: MicroDollars(15_000_000) }
    }

    /// What a call of this usage costs, rounded up.
    #[must_use]
    pub fn of(self, usage: Usage) -> MicroDollars {
        let part = |tokens: u32, price: MicroDollars| u128::from(tokens) * u128::from(price.0);
        let millionths = part(usage.input_tokens, self.input) + part(usage.output_tokens, self.output);
        MicroDollars(u64::try_from(millionths.div_ceil(1_000_000)).unwrap_or(u64::MAX))
    }
}

/// What calls have cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spending {
    /// Replies that were generated and are charged for, read or not.
    pub calls: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Money.
    pub cost: MicroDollars,
}

impl Spending {
    /// One more call.
    pub fn charge(&mut self, usage: Usage, price: Price) {
        self.add(Spending {
            calls: 1,
            input_tokens: u64::from(usage.input_tokens),
            output_tokens: u64::from(usage.output_tokens),
            cost: price.of(usage),
        });
    }

    /// Takes back what was charged and not used after all.
    pub(crate) fn take_back(&mut self, saved: Spending) {
        self.calls -= saved.calls;
        self.input_tokens -= saved.input_tokens;
        self.output_tokens -= saved.output_tokens;
        self.cost.0 -= saved.cost.0;
    }

    /// Adds what others have cost.
    pub fn add(&mut self, other: Spending) {
        self.calls += other.calls;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cost.0 += other.cost.0;
    }
}
