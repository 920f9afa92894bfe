//! Herd: callers that failed together do not come back together. Looks at calls of tools and of models.

use super::calls::Calling;
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, History};
use crate::time::{Duration, millis};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// No more than so many retries of calls of a tool, or of models, begin within one window.
#[derive(Clone, Copy, Debug)]
pub struct Herd {
    /// How many.
    pub most: usize,
    /// How long the window is.
    pub window: Duration,
}

impl Herd {
    /// Five in a tenth of a second: of eight callers that wait up to ten seconds, six fall into one window in fewer
    /// than one run in a million.
    pub const DEFAULT: Herd = Herd { most: 5, window: millis(100) };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "herd",
        about: "retries do not come in herds",
        source: "Brooker 2015 (Exponential Backoff And Jitter)",
        kind: PropertyKind::Safety,
    };
}

impl Check for Herd {
    fn property(&self) -> Property {
        Herd::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Herd {
    type State = Herds;

    fn begin(&self) -> Herds {
        let Herd { most, window } = *self;
        Herds { most, window, made: BTreeSet::new(), latest: BTreeMap::new(), judged: 0 }
    }
}

/// The retries of the last window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Herds {
    most: usize,
    window: Duration,
    made: BTreeSet<String>,
    latest: BTreeMap<String, VecDeque<Seen>>,
    judged: u64,
}

impl Observe for Herds {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Some(Calling::Begins { call, what: tool }) = Calling::of(&entry.event) else { return None };
        self.judged += 1;
        if self.made.insert(call.to_owned()) {
            return None;
        }
        let latest = self.latest.entry(tool.to_owned()).or_default();
        latest.push_back(Seen::of(place, entry));
        while latest.front().is_some_and(|first| entry.at.since(first.at) > self.window) {
            latest.pop_front();
        }
        (latest.len() > self.most).then(|| {
            let ends = [latest.front(), latest.back()];
            let steps = ends.into_iter().flatten().map(|by| by.step(format_args!("calls {tool} again"))).collect();
            let contradiction = format!("{} retries of {tool} began within {}.", latest.len(), self.window);
            Herd::PROPERTY.refuted("a herd of retries", steps, contradiction)
        })
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
