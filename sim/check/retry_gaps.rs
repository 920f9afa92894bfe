//! Retry gaps: whoever tries again waits before it does. Looks at calls of tools and of models, and at when they end.
//!
//! How many come back at one instant is [`Herd`](super::Herd)'s matter, how many in all
//! [`RetryLoad`](super::RetryLoad)'s.

use super::calls::Calling;
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, History};
use crate::time::{Duration, millis};
use std::collections::BTreeMap;

/// No call is made again at once more than so often in a row, and none beside itself before it is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryGaps {
    /// A retry that begins no later than this after the try before ended comes at once.
    pub at_once: Duration,
    /// How many of those may follow each other.
    pub most: u64,
    /// A second try beside one that is under way, a hedge, begins no sooner than this after it.
    pub late: Duration,
}

impl RetryGaps {
    /// Two, a hundredth of a second each: with full jitter any wait may be short, but of waits drawn from half a
    /// second, one and two, three are in fewer than one of a million calls. Hedges may begin whenever they like.
    pub const DEFAULT: RetryGaps = RetryGaps { at_once: millis(10), most: 2, late: Duration::ZERO };

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
        Gaps { bound: *self, calls: BTreeMap::new(), judged: 0 }
    }
}

/// The calls so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gaps {
    bound: RetryGaps,
    calls: BTreeMap<String, Tries>,
    judged: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tries {
    began: Option<Seen>,
    ended: Option<Seen>,
    /// Retries in a row that came at once.
    hasty: u64,
}

impl Tries {
    /// One more after the one before had ended.
    fn again(&mut self, bound: &RetryGaps, ended: &Seen, by: &Seen, [tool, call]: [&str; 2]) -> Option<Witness> {
        self.hasty = if by.at.since(ended.at) <= bound.at_once { self.hasty + 1 } else { 0 };
        (self.hasty > bound.most).then(|| {
            let steps = vec![
                ended.step(format_args!("hears the end of {call}")),
                by.step(format_args!("calls {tool} as {call} again")),
            ];
            let contradiction = format!("{call} was made again at once {} times in a row.", self.hasty);
            RetryGaps::PROPERTY.refuted("retries without a wait", steps, contradiction)
        })
    }
}

/// One more while the one before is under way: a hedge, and no retry.
fn beside(bound: &RetryGaps, began: &Seen, by: &Seen, [tool, call]: [&str; 2]) -> Option<Witness> {
    let waited = by.at.since(began.at);
    (waited < bound.late).then(|| {
        let steps = vec![
            began.step(format_args!("calls {tool} as {call}")),
            by.step(format_args!("calls {tool} as {call} beside it")),
        ];
        let contradiction = format!("{call} was made twice within {waited}, and is late only after {}.", bound.late);
        RetryGaps::PROPERTY.refuted("a hedge of what is not late", steps, contradiction)
    })
}

impl Observe for Gaps {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match Calling::of(&entry.event)? {
            Calling::Begins { call, what } => {
                self.judged += 1;
                let tries = self.calls.entry(call.to_owned()).or_default();
                let began = tries.began.replace(by);
                match (tries.ended.take(), began) {
                    (Some(ended), _) => tries.again(&self.bound, &ended, &by, [what, call]),
                    (None, Some(began)) => beside(&self.bound, &began, &by, [what, call]),
                    (None, None) => None,
                }
            }
            Calling::Ends { call } => {
                self.calls.entry(call.to_owned()).or_default().ended = Some(by);
                None
            }
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
