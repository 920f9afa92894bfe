//! How long a reply takes, in integers. Knows no request and no clock.

use super::Weather;
use crate::seed::{LOGNORMAL_40, LOGNORMAL_70, Ratio, Stream, Table};
use crate::time::{Duration, micros, millis};
use serde::Serialize;

/// How long a reply takes: the first token, then so long for each token. All spans are medians of lognormal ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Until the first token, σ = 0.7.
    pub first_token: Duration,
    /// For each token, σ = 0.4; one draw a reply, since a reply is fast or slow as a whole.
    pub per_token: Duration,
    /// Tokens of reasoning in a usual reply, σ = 0.7: they take time and cost money, and no caller sees them. They lie
    /// between the tokens that are seen, as in replies whose beginning does not wait for them:
    /// [`first_token`](Pace::first_token) is what a stream's reader waits for.
    pub reasoning: u32,
    /// The same in a long one, σ = 0.4.
    pub long_reasoning: u32,
    /// How many replies take long reasoning.
    pub long: Ratio,
    /// When the provider is slow as a whole.
    pub weather: Weather,
}

impl Pace {
    /// The quickest of seven models over a day (modelstats.ai): 477 ms to the first token, 192 tokens a second, and no
    /// long reasoning.
    #[must_use]
    pub const fn quick() -> Pace {
        Pace { first_token: millis(477), per_token: micros(5_208), long: Ratio::NEVER, ..Pace::usual() }
    }

    /// The slowest of them: 1,626 ms to the first token, 26 tokens a second. How long it reasons is as usual.
    ///
    /// ```
    /// use synod::model::{Pace, Profile};
    /// let slow = Profile { pace: Pace::slow(), ..Profile::grounded() };
    /// assert!(slow.pace.per_token > Pace::usual().per_token && Pace::usual().per_token > Pace::quick().per_token);
    /// ```
    #[must_use]
    pub const fn slow() -> Pace {
        Pace { first_token: millis(1_626), per_token: micros(38_462), ..Pace::usual() }
    }

    /// Calibrated on 73,963 logged replies (public material of arXiv 2603.12229): p50 2.75 s, p90 14.6, p95 29.8, p99
    /// 44.4, p99.9 58.1. Short replies of [`Diagnose`](super::Diagnose) then take 2.6, 15.0, 23.6, 42.2 and 72.0 s,
    /// measured over 200,000 calls: two modes of these widths do not reach the log's shoulder between p90 and p95,
    /// where they stay 21 % below, and are 24 % above at p99.9. Slow periods, which the log has, are not in here.
    #[must_use]
    pub const fn usual() -> Pace {
        Pace {
            // Medians of seven models over a day (modelstats.ai): 477 to 1,626 ms, p95/p50 1.3 to 3.7; σ = .7 gives
            // 3.2.
            first_token: millis(600),
            // 62 tokens a second, of the measured 26 to 192.
            per_token: millis(16),
            reasoning: 75,
            long_reasoning: 1_100,
            // The fitted share of the slow mode; the published fit has 5 to 15 % in its tail.
            long: Ratio::percent(15),
            weather: Weather::usual(),
        }
    }
}

/// How fast one call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tempo {
    /// Until the first token.
    pub(super) start: Duration,
    /// For each token.
    pub(super) per_token: Duration,
    /// Tokens of reasoning between those of the reply.
    pub(super) reasoning: u32,
}

impl Tempo {
    /// Always the same draws in the same order.
    pub(super) fn drawn(pace: &Pace, draws: &mut Stream) -> Tempo {
        let start = draws.sample(&LOGNORMAL_70, pace.first_token);
        let per_token = draws.sample(&LOGNORMAL_40, pace.per_token);
        let usual = count(draws, &LOGNORMAL_70, pace.reasoning);
        let long = count(draws, &LOGNORMAL_40, pace.long_reasoning);
        let reasoning = if draws.chance(pace.long) { long } else { usual };
        Tempo { start, per_token, reasoning }
    }

    /// Until so many tokens are there.
    pub(super) fn until(&self, tokens: u32) -> Duration {
        self.start + self.per_token * u64::from(tokens)
    }
}

/// A count from a table of spans: a unit is a microsecond, which leaves the table three decimals to round.
fn count(draws: &mut Stream, table: &Table, median: u32) -> u32 {
    let one = micros(1).as_nanos();
    u32::try_from(draws.sample(table, micros(u64::from(median))).as_nanos() / one).unwrap_or(u32::MAX)
}
