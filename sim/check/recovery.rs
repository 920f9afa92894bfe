//! Recovery: once what troubled a tool is over, calls of it succeed again. Looks at when the world saw the tool
//! troubled and at how calls ended that were made well after that.
//!
//! A system that stays down when its trigger is gone is in a metastable failure: its own load keeps it there.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{CallOutcome, Fact};
use crate::history::{Entry, Environment, Event, History};
use crate::id::Role;
use crate::time::{Duration, seconds};
use std::collections::BTreeMap;

/// Of the calls of a tool that are made after it has been well again for so long, so many percent get their result.
#[derive(Clone, Copy, Debug)]
pub struct Recovery {
    /// How long after a tool's last trouble.
    pub grace: Duration,
    /// How many percent of the calls, retries included, must get a result.
    pub percent: u64,
}

/// Fewer calls are no evidence.
const ENOUGH: u64 = 10;

impl Recovery {
    /// A minute, which lets a backlog of a minute drain at twice its load; half of the calls.
    pub const DEFAULT: Recovery = Recovery { grace: seconds(60), percent: 50 };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "recovery",
        about: "when what troubled a tool is over, calls of it succeed again",
        source: "Bronson et al. 2021 (Metastable Failures in Distributed Systems), section 2; Huang et al. 2022 (OSDI)",
        kind: PropertyKind::Liveness,
    };
}

impl Check for Recovery {
    fn property(&self) -> Property {
        Recovery::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Recovery {
    type State = Convalescence;

    fn begin(&self) -> Convalescence {
        Convalescence { bound: *self, ..Convalescence::default() }
    }
}

impl PartialEq for Recovery {
    fn eq(&self, other: &Recovery) -> bool {
        (self.grace, self.percent) == (other.grace, other.percent)
    }
}

impl Eq for Recovery {}

impl Default for Recovery {
    fn default() -> Recovery {
        Recovery::DEFAULT
    }
}

/// How calls end after the last trouble.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Convalescence {
    bound: Recovery,
    /// The end of the last trouble, if it is over.
    well: Option<Seen>,
    /// Calls made after the grace that have not ended.
    open: BTreeMap<String, Seen>,
    /// How many of them ended, how many with a result, and the last one without.
    ended: u64,
    served: u64,
    last: Option<Vain>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Vain {
    call: String,
    by: Seen,
}

impl Observe for Convalescence {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        match &entry.event {
            Event::Environment(Environment::Crashed | Environment::Paused) if entry.node.role() == Role::Tool => {
                *self = Convalescence { bound: self.bound, ..Convalescence::default() };
            }
            Event::Environment(Environment::Resumed | Environment::Started { .. })
                if entry.node.role() == Role::Tool && place > 0 =>
            {
                self.well = Some(by);
            }
            Event::Fact(Fact::Called { call, .. })
                if self.well.is_some_and(|well| entry.at >= well.at + self.bound.grace) =>
            {
                self.open.insert(call.clone(), by);
            }
            Event::Fact(Fact::CallEnded { call, outcome }) => {
                if let Some(by) = self.open.remove(call) {
                    self.ended += 1;
                    match outcome {
                        CallOutcome::Unknown => self.last = Some(Vain { call: call.clone(), by }),
                        CallOutcome::Result(_) | CallOutcome::Declined(_) => self.served += 1,
                    }
                }
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        let Convalescence { bound, well, ended, served, last, .. } = self;
        match (well, last) {
            (Some(well), Some(vain)) if ended >= ENOUGH && served * 100 < ended * bound.percent => {
                let steps =
                    vec![well.step("is well again"), vain.by.step(format_args!("calls in vain as {}", vain.call))];
                let contradiction = format!(
                    "Of {ended} calls made more than {} after the last trouble, {served} got a result.",
                    bound.grace
                );
                Verdict::Violated(Recovery::PROPERTY.refuted("a metastable failure", steps, contradiction))
            }
            _ => Verdict::Holds { judged: ended },
        }
    }
}
