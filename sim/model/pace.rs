//! How long a reply takes, in integers. Draws nothing itself.

use crate::seed::Ratio;
use crate::time::{Duration, millis};
use serde::Serialize;

/// How long a reply takes: the first token, then so long for each token. All spans are medians of lognormal ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Pace {
    /// Until the first token, σ = 0.7.
    pub first_token: Duration,
    /// For each token, σ = 0.4; one draw a reply, since a reply is fast or slow as a whole.
    pub per_token: Duration,
    /// Tokens of silent reasoning before a usual reply, σ = 0.7.
    pub reasoning: u32,
    /// The same before a long one, σ = 0.4.
    pub long_reasoning: u32,
    /// How many replies take long reasoning.
    pub long: Ratio,
}

impl Pace {
    /// Calibrated on 73,963 logged replies (public material of arXiv 2603.12229): p50 2.75 s, p90 14.6, p95 29.8, p99
    /// 44.4, p99.9 58.1. Short replies of [`Diagnose`](super::Diagnose) then take 2.6, 15.0, 23.6, 42.2 and 72.0 s,
    /// measured over 200,000 calls: two modes do not reach the log's shoulder at p95, and slow periods are not in here.
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
        }
    }
}
