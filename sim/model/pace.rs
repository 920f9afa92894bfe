//! How long a reply takes, in integers. Knows no request and no clock.

use super::Weather;
use crate::seed::{LOGNORMAL_20, LOGNORMAL_70, LOGNORMAL_100, Ratio, Stream, Table};
use crate::time::{Duration, micros, millis};
use serde::Serialize;

/// How long a reply takes: the first token, then so long for each token. All spans are medians of lognormal ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Until the first token, σ = 0.7.
    pub first_token: Duration,
    /// For each token, σ = 0.2; one draw a reply, since a reply is fast or slow as a whole.
    pub per_token: Duration,
    /// Tokens of silent reasoning before a usual reply, σ = 1.
    pub reasoning: u32,
    /// The same before a long one, σ = 0.2.
    pub long_reasoning: u32,
    /// How many replies take long reasoning.
    pub long: Ratio,
    /// When the provider is slow as a whole.
    pub weather: Weather,
}

impl Pace {
    /// Calibrated on 73,963 logged replies (public material of arXiv 2603.12229): p50 2.75 s, p90 14.6, p95 29.8, p99
    /// 44.4, p99.9 58.1. Short replies of [`Diagnose`](super::Diagnose) then meet each of these within 5 %, slow
    /// periods left out. The log's shoulder between p90 and p95 is a narrow slow mode, as its replies with many edits are
    /// (σ = .3 around 32 s, facts of the same material), above a wide usual one.
    #[must_use]
    pub const fn usual() -> Pace {
        Pace {
            // Medians of seven models over a day (modelstats.ai): 477 to 1,626 ms, p95/p50 1.3 to 3.7; σ = .7 gives
            // 3.2.
            first_token: millis(600),
            // 62 tokens a second, of the measured 26 to 192.
            per_token: millis(16),
            reasoning: 82,
            long_reasoning: 1_860,
            // The fitted share of the slow mode; the published fit has 5 to 15 % in its tail.
            long: Ratio::percent(9),
            weather: Weather::usual(),
        }
    }
}

/// How fast one call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tempo {
    /// Until the model begins to write or to reason.
    pub(super) start: Duration,
    /// For each token.
    pub(super) per_token: Duration,
    /// Tokens of silent reasoning before the first one of the reply.
    pub(super) reasoning: u32,
}

impl Tempo {
    /// Always the same draws in the same order.
    pub(super) fn drawn(pace: &Pace, draws: &mut Stream) -> Tempo {
        let start = draws.sample(&LOGNORMAL_70, pace.first_token);
        let per_token = draws.sample(&LOGNORMAL_20, pace.per_token);
        let usual = count(draws, &LOGNORMAL_100, pace.reasoning);
        let long = count(draws, &LOGNORMAL_20, pace.long_reasoning);
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
