//! Slow periods of a provider: spans of time in which all it serves take longer. Knows no call.

use crate::seed::{Ratio, Streams};
use crate::time::{Duration, Time, minutes};
use serde::Serialize;

/// How often and how much a provider is slow as a whole.
///
/// Time is cut into windows; whether a window is slow, and how slow, is drawn from a stream named after the provider
/// and the window. So no call, agent or fault more moves them, and everyone who calls at that time feels them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Weather {
    /// How long a window is.
    pub window: Duration,
    /// How many windows are slow.
    pub slow: Ratio,
    /// A slow window stretches everything to at least this many percent.
    pub least_percent: u32,
    /// And at most to this many.
    pub most_percent: u32,
}

impl Weather {
    /// A choice of ours, since logs show that there are slow periods but not how they are spread: one minute in
    /// twenty-five, from half as long again to three times as long.
    #[must_use]
    pub const fn usual() -> Weather {
        Weather { window: minutes(1), slow: Ratio::percent(4), least_percent: 150, most_percent: 300 }
    }

    /// So many percent of its usual time does a provider take at this instant.
    ///
    /// ```
    /// use synod::model::Weather;
    /// use synod::{seed::{Seed, Streams}, time::{seconds, Time}};
    /// let (weather, streams) = (Weather::usual(), Streams::of(Seed(1)));
    /// let then = |span| weather.percent(&streams, 0, Time::ZERO + seconds(span));
    /// assert_eq!(then(60), then(119), "one window");
    /// ```
    #[must_use]
    pub fn percent(&self, streams: &Streams, provider: usize, now: Time) -> u64 {
        let window = now.0 / self.window.0.max(1);
        let mut draws = streams.stream(format_args!("slow/{provider}/{window}"));
        let slow = draws.chance(self.slow);
        let (least, most) = (u64::from(self.least_percent), u64::from(self.most_percent));
        let percent = draws.choose(least, most, least);
        if slow { percent } else { 100 }
    }
}
