//! Breaker legality: open lets nothing through, half-open one call at a time. Looks at what a process says of its
//! breakers and at the calls of tools and of its model that it makes.

use super::calls::Calling;
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Circuit, Fact};
use crate::history::{Entry, Event, History};
use crate::id::ProcessId;
use std::collections::BTreeMap;

/// A process calls nothing, tool or model, on which its breaker is open, and makes one call at a time while it is
/// half-open.
#[derive(Clone, Copy, Debug, Default)]
pub struct BreakerLegality;

impl BreakerLegality {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "breaker_legality",
        about: "no call passes an open breaker, and one at a time passes a half-open one",
        source: "Nygard 2007 (Release It!), section 5.2",
        kind: PropertyKind::Safety,
    };
}

impl Check for BreakerLegality {
    fn property(&self) -> Property {
        BreakerLegality::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for BreakerLegality {
    type State = Breakers;

    fn begin(&self) -> Breakers {
        Breakers::default()
    }
}

/// Every process's breakers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breakers {
    known: BTreeMap<(ProcessId, String), Guard>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Guard {
    circuit: Circuit,
    switched: Seen,
    /// The call that is out since it is half-open.
    probe: Option<Probe>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Probe {
    call: String,
    by: Seen,
}

impl Observe for Breakers {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let by = Seen::of(place, entry);
        if let Event::Fact(Fact::Switched { tool, circuit }) = &entry.event {
            let guard = Guard { circuit: *circuit, switched: by, probe: None };
            self.known.insert((entry.process, tool.clone()), guard);
        }
        match Calling::of(&entry.event)? {
            Calling::Begins { call, what } => {
                let guard = self.known.get_mut(&(entry.process, what.to_owned()))?;
                self.judged += 1;
                match (guard.circuit, &guard.probe) {
                    (Circuit::Closed, _) => {}
                    (Circuit::Open, _) => return leaked(what, guard, call, by),
                    // Beside itself, as a hedge: one probe, put twice.
                    (Circuit::HalfOpen, Some(probe)) if probe.call == call => {}
                    (Circuit::HalfOpen, Some(probe)) => return stampede(what, guard, probe, call, by),
                    (Circuit::HalfOpen, None) => guard.probe = Some(Probe { call: call.to_owned(), by }),
                }
            }
            Calling::Ends { call } => {
                for guard in self.known.values_mut() {
                    guard.probe.take_if(|probe| probe.call == *call && probe.by.process == entry.process);
                }
            }
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn leaked(tool: &str, guard: &Guard, call: &str, by: Seen) -> Option<Witness> {
    let steps = vec![
        guard.switched.step(format_args!("opens its breaker on {tool}")),
        by.step(format_args!("calls {tool} as {call}")),
    ];
    let contradiction = format!("{call} passed a breaker that was open.");
    Some(BreakerLegality::PROPERTY.refuted("a call through an open breaker", steps, contradiction))
}

#[cold]
fn stampede(tool: &str, guard: &Guard, probe: &Probe, call: &str, by: Seen) -> Option<Witness> {
    let steps = vec![
        guard.switched.step(format_args!("half-opens its breaker on {tool}")),
        probe.by.step(format_args!("calls {tool} as {}", probe.call)),
        by.step(format_args!("calls {tool} as {call}")),
    ];
    let contradiction = format!("Two probes of {tool} are out at once: {} and {call}.", probe.call);
    Some(BreakerLegality::PROPERTY.refuted("a stampede through a half-open breaker", steps, contradiction))
}
