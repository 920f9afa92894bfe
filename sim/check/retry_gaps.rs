//! Retry gaps: whoever tries again waits before it does. Looks at the calls that the world saw agents make and at how
//! they ended.
//!
//! How many come back at one instant is [`Herd`](super::Herd)'s matter, how many in all
//! [`RetryLoad`](super::RetryLoad)'s.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};
use crate::time::{Duration, millis};
use std::collections::BTreeMap;

/// No call is made again at once more than so often in a row.
#[derive(Clone, Copy, Debug)]
pub struct RetryGaps {
    /// A retry that begins no later than this after the try before ended comes at once.
    pub at_once: Duration,
    /// How many of those may follow each other.
    pub most: u64,
}

impl RetryGaps {
    /// Two, a hundredth of a second each: with full jitter any wait may be short, but of waits drawn from half a
    /// second, one and two, three are in fewer than one of a million calls.
    pub const DEFAULT: RetryGaps = RetryGaps { at_once: millis(10), most: 2 };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "retry_gaps",
        about: "whoever tries again waits before it does",
        source: "Stoica et al. 2024 (WASABI, SOSP), missing delays between retries; Brooker 2015",
        kind: PropertyKind::Safety,
    };
}

impl Check for RetryGaps {
    fn property(&self) -> Property {
        RetryGaps::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for RetryGaps {
    type State = Gaps;

    fn begin(&self) -> Gaps {
        let RetryGaps { at_once, most } = *self;
        Gaps { at_once, most, calls: BTreeMap::new(), judged: 0 }
    }
}

/// The calls so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gaps {
    at_once: Duration,
    most: u64,
    calls: BTreeMap<String, Tries>,
    judged: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tries {
    ended: Option<Seen>,
    /// Retries in a row that came at once.
    hasty: u64,
}

impl Observe for Gaps {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            Event::Fact(Fact::Called { call, tool, .. }) => {
                self.judged += 1;
                let tries = self.calls.entry(call.clone()).or_default();
                // What was not over is asked for twice: a hedge, and no retry.
                let before = tries.ended.take()?;
                tries.hasty = if by.at.since(before.at) <= self.at_once { tries.hasty + 1 } else { 0 };
                (tries.hasty > self.most).then(|| {
                    let steps = vec![
                        before.step(format_args!("hears the end of {call}")),
                        by.step(format_args!("calls {tool} as {call} again")),
                    ];
                    let contradiction = format!("{call} was made again at once {} times in a row.", tries.hasty);
                    RetryGaps::PROPERTY.refuted("retries without a wait", steps, contradiction)
                })
            }
            Event::Fact(Fact::CallEnded { call, .. }) => {
                self.calls.entry(call.clone()).or_default().ended = Some(by);
                None
            }
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
