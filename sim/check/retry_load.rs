//! Retry load: retries add no more than their share to a tool's load. Looks at the calls that the world saw agents
//! make.
//!
//! The same call made again is a retry, by whatever name its maker goes.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};
use std::collections::BTreeMap;

/// At any instant all retries of a tool's calls are at most so many percent of its first calls, and so many more.
#[derive(Clone, Copy, Debug)]
pub struct RetryLoad {
    /// In percent of the first calls so far.
    pub percent: u64,
    /// And so many besides: what all callers have in reserve.
    pub reserve: u64,
}

impl RetryLoad {
    /// A tenth, as Google bounds retries (SRE, chapter 21), and fifty: five in reserve for each of ten callers.
    pub const DEFAULT: RetryLoad = RetryLoad { percent: 10, reserve: 50 };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "retry_load",
        about: "retries add no more than their share to a tool's load",
        source: "Beyer et al. 2016 (Site Reliability Engineering), chapter 21: per-client retry budgets",
        kind: PropertyKind::Safety,
    };
}

impl Check for RetryLoad {
    fn property(&self) -> Property {
        RetryLoad::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for RetryLoad {
    type State = Load;

    fn begin(&self) -> Load {
        Load { bound: [self.percent, self.reserve], tools: BTreeMap::new(), calls: BTreeMap::new() }
    }
}

/// The calls so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    bound: [u64; 2],
    tools: BTreeMap<String, Count>,
    /// When each call was made first.
    calls: BTreeMap<String, Seen>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    first: u64,
    again: u64,
}

impl Observe for Load {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Called { call, tool, .. }) = &entry.event else { return None };
        let by = Seen::of(place, entry);
        let count = self.tools.entry(tool.clone()).or_default();
        let Some(first) = self.calls.get(call) else {
            self.calls.insert(call.clone(), by);
            count.first += 1;
            return None;
        };
        count.again += 1;
        let [percent, reserve] = self.bound;
        let bound = count.first * percent / 100 + reserve;
        (count.again > bound).then(|| {
            let steps = vec![
                first.step(format_args!("calls {tool} as {call} for the first time")),
                by.step(format_args!("calls {tool} as {call} again: retry number {} of all", count.again)),
            ];
            let (again, first) = (count.again, count.first);
            let contradiction =
                format!("{tool} was called {first} times and {again} times again; {bound} retries are borne.");
            RetryLoad::PROPERTY.refuted("a retry storm", steps, contradiction)
        })
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.tools.values().map(|count| count.first).sum() }
    }
}
