//! Deadlines kept: whoever takes work on concludes it in time, with whatever there is. Looks at what participants say
//! of their work.
//!
//! A crash in the middle of a workflow shows here: the work that its steps were for is never concluded. Work that is
//! taken on again, after a restart, keeps its first deadline. What is not due before the history ends is not judged.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Every piece of work is concluded by the time it is due, whole or not.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeadlinesKept;

impl DeadlinesKept {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "deadlines_kept",
        about: "every piece of work that is taken on is concluded by the time it is due, whole or not",
        source: "gRPC, guide on deadlines: a caller hears of success or failure by its deadline",
        kind: PropertyKind::Liveness,
    };
}

impl Check for DeadlinesKept {
    fn property(&self) -> Property {
        DeadlinesKept::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for DeadlinesKept {
    type State = Agenda;

    fn begin(&self) -> Agenda {
        Agenda::default()
    }
}

/// The work that is taken on and not concluded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agenda {
    open: BTreeMap<String, Open>,
    /// Names of open work by when it is due: the first of them is looked at with every entry.
    due: BTreeSet<(Time, String)>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Open {
    due: Time,
    by: Seen,
}

impl Observe for Agenda {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        if let Some((due, work)) = self.due.first().filter(|(due, _)| *due < entry.at) {
            let by = self.open[work].by;
            let missing = Seen::missing(*due, by.node, format_args!("has not concluded {work}"));
            let steps = vec![by.step(format_args!("takes on {work}, due at {due}")), missing];
            let contradiction = format!("{work} was due at {due}, and nobody concluded it.");
            return Some(DeadlinesKept::PROPERTY.refuted("work that is overdue", steps, contradiction));
        }
        match &entry.event {
            Event::Fact(Fact::Undertaken { work, due }) if !self.open.contains_key(work) => {
                self.open.insert(work.clone(), Open { due: *due, by: Seen::of(place, entry) });
                self.due.insert((*due, work.clone()));
            }
            Event::Fact(Fact::Concluded { work, .. }) => {
                if let Some(Open { due, .. }) = self.open.remove(work) {
                    self.due.remove(&(due, work.clone()));
                    self.judged += 1;
                }
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
