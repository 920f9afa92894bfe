//! Valid calls: every call names a tool that exists and says what the tool asks for. Judges what agents call, not what
//! their models ask of them.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::fact::{Fact, Value};
use crate::history::{Decline, Entry, Environment, Event, Fit, History};
use std::collections::{BTreeMap, BTreeSet};

/// Every call names an existing tool, and its arguments satisfy the tool's schema.
#[derive(Clone, Copy, Debug, Default)]
pub struct ValidCalls;

impl ValidCalls {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "valid_calls",
        about: "every call names a tool that exists, with arguments of its schema",
        source: "Model Context Protocol 2025-06-18, server/tools; Cemri et al. 2025 (MAST), failure mode 1.1",
        kind: PropertyKind::Safety,
    };
}

impl Check for ValidCalls {
    fn property(&self) -> Property {
        ValidCalls::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ValidCalls {
    type State = Calls;

    fn begin(&self) -> Calls {
        Calls::default()
    }
}

/// The tools there are and what they were called with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    tools: BTreeSet<String>,
    called: BTreeMap<String, Called>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Called {
    tool: String,
    arguments: Value,
    by: Seen,
}

impl Called {
    fn step(&self, call: &str) -> Step {
        let Called { tool, arguments, by } = self;
        by.step(format_args!("calls {tool}({arguments}) as {call}"))
    }
}

impl Observe for Calls {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Environment(Environment::Serves { tool, .. }) => _ = self.tools.insert(tool.clone()),
            Event::Fact(Fact::Called { call, tool, arguments }) => {
                self.judged += 1;
                let called = Called { tool: tool.clone(), arguments: arguments.clone(), by: Seen::of(place, entry) };
                let unknown = !self.tools.contains(tool);
                let step = called.step(call);
                self.called.insert(call.clone(), called);
                if unknown {
                    let contradiction = format!("There is no tool '{tool}'.");
                    return Some(ValidCalls::PROPERTY.refuted("a tool that does not exist", vec![step], contradiction));
                }
            }
            Event::Environment(Environment::Executed { call, tool, fit: Fit::Misfits, .. }) => {
                return self.refute(call, tool, Seen::of(place, entry), "carries out");
            }
            Event::Environment(Environment::Declined { call, tool, why: Decline::Arguments, .. }) => {
                return self.refute(call, tool, Seen::of(place, entry), "declines");
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Calls {
    #[cold]
    fn refute(&self, call: &str, tool: &str, by: Seen, verb: &str) -> Option<Witness> {
        let called = self.called.get(call).map(|called| called.step(call));
        let steps = called.into_iter().chain([by.step(format_args!("{verb} {tool} as {call}"))]).collect();
        let contradiction = format!("The arguments of {call} do not satisfy the schema of {tool}.");
        Some(ValidCalls::PROPERTY.refuted("arguments that do not fit", steps, contradiction))
    }
}
