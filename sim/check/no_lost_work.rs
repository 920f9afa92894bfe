//! No lost work: what somebody was told is seen to, is seen to. Looks at what participants say of work.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::time::{Duration, seconds};
use std::collections::BTreeMap;

/// Every piece of work that was acknowledged well before the end of the run is concluded by then, by whomever; what is
/// missing of it may be said to be missing.
#[derive(Clone, Copy, Debug)]
pub struct NoLostWork {
    /// How long before the end.
    pub grace: Duration,
}

impl NoLostWork {
    /// A minute, in which a participant that crashed is back and has done what it found on its disk.
    pub const DEFAULT: NoLostWork = NoLostWork { grace: seconds(60) };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_lost_work",
        about: "work that was acknowledged is concluded",
        source: "Gray, Reuter 1993 (Transaction Processing), durability; Cemri et al. 2025 (MAST), mode 1.4",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoLostWork {
    fn property(&self) -> Property {
        NoLostWork::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoLostWork {
    type State = Promised;

    fn begin(&self) -> Promised {
        Promised { grace: self.grace, open: BTreeMap::new(), done: BTreeMap::new(), judged: 0 }
    }
}

/// What was acknowledged, and what of it was concluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    grace: Duration,
    open: BTreeMap<String, Seen>,
    done: BTreeMap<String, Seen>,
    judged: u64,
}

impl Observe for Promised {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            // Acknowledged again after it was concluded: the work is done, the word was late.
            Event::Fact(Fact::Acknowledged { work }) if !self.done.contains_key(work) => {
                self.open.entry(work.clone()).or_insert(by);
            }
            Event::Fact(Fact::Concluded { work, .. }) => {
                self.judged += u64::from(self.open.remove(work).is_some());
                self.done.insert(work.clone(), by);
            }
            Event::Environment(Environment::Ended) => {
                let (work, told) = self.open.iter().find(|(_, told)| by.at.since(told.at) > self.grace)?;
                let steps = vec![told.step(format_args!("acknowledges {work}")), by.step("sees the run end")];
                let contradiction = format!("{work} was acknowledged, and nobody concluded it.");
                return Some(NoLostWork::PROPERTY.refuted("acknowledged work that is lost", steps, contradiction));
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
