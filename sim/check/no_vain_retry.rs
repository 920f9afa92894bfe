//! No vain retry: what was refused for good is not tried again. Looks at the calls that the world saw agents make.
//!
//! A tool that declines a call says that the call itself is at fault: made again, it is declined again.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{CallOutcome, Fact};
use crate::history::{Entry, Event, History};
use std::collections::BTreeMap;

/// No call that was declined is made again.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVainRetry;

impl NoVainRetry {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_vain_retry",
        about: "no call that was declined for good is made again",
        source: "Stoica et al. 2024 (WASABI, SOSP): retries of errors that are not recoverable",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoVainRetry {
    fn property(&self) -> Property {
        NoVainRetry::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoVainRetry {
    type State = Refusals;

    fn begin(&self) -> Refusals {
        Refusals::default()
    }
}

/// The calls that were declined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    declined: BTreeMap<String, Seen>,
    judged: u64,
}

impl Observe for Refusals {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            Event::Fact(Fact::CallEnded { call, outcome: CallOutcome::Declined(_) }) => {
                self.judged += 1;
                self.declined.insert(call.clone(), by);
            }
            Event::Fact(Fact::Called { call, tool, .. }) => {
                let refused = self.declined.get(call)?;
                let steps = vec![
                    refused.step(format_args!("hears that {call} is declined")),
                    by.step(format_args!("calls {tool} as {call} again")),
                ];
                let contradiction = format!("{call} was declined, and was made again as it was.");
                return Some(NoVainRetry::PROPERTY.refuted("a retry in vain", steps, contradiction));
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
