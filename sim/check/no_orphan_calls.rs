//! No orphan calls: every call has an outcome and every outcome has a call. Judges agents by what they report of
//! themselves and by what reached them.
//!
//! An outcome is a result, a refusal, or the knowledge that nothing came in time. A call whose caller crashed has none
//! until somebody makes it again under the same name. Judged when the run has [ended](Environment::Ended); a history
//! that breaks off says nothing of calls under way, and neither does one that ends while a caller may still come to
//! it: so long after the call, or after a crash or start of its caller, nobody is blamed.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Environment, Event, History};
use crate::id::NodeId;
use crate::time::{Duration, Time, seconds};
use std::collections::BTreeMap;

/// How long a call may be under way. A caller is patient for 10 s unless told otherwise, and one that crashed comes
/// back within 9 s under every plan of faults that is drawn.
const UNDER_WAY: Duration = seconds(20);

/// Every call that an agent makes comes to an outcome that some agent takes in, and no agent takes in the outcome of a
/// call that nobody made.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOrphanCalls;

impl NoOrphanCalls {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_orphan_calls",
        about: "every call of a tool comes to an outcome, and every outcome belongs to a call",
        source: "the chat APIs: each call needs a result of its id; Nelson: Remote Procedure Call (1981), orphans",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoOrphanCalls {
    fn property(&self) -> Property {
        NoOrphanCalls::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoOrphanCalls {
    type State = Open;

    fn begin(&self) -> Open {
        Open::default()
    }
}

/// The calls so far, and whether they came to an outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    calls: BTreeMap<String, Call>,
    /// When each caller last crashed or started.
    stirred: BTreeMap<NodeId, Time>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    tool: String,
    by: Seen,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Ended,
}

impl Observe for Open {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Fact(Fact::Called { call, tool, .. }) => {
                self.judged += 1;
                let by = Seen::of(place, entry);
                self.calls.insert(call.clone(), Call { tool: tool.clone(), by, state: State::Open });
            }
            Event::Fact(Fact::CallEnded { call, outcome }) => match self.calls.get_mut(call) {
                Some(known) => known.state = State::Ended,
                None => {
                    let step = Seen::of(place, entry).step(format_args!("takes {outcome} for the outcome of {call}"));
                    let contradiction = format!("Nobody made {call}.");
                    let shape = "an outcome without a call";
                    return Some(NoOrphanCalls::PROPERTY.refuted(shape, vec![step], contradiction));
                }
            },
            Event::Environment(Environment::Crashed | Environment::Started { .. }) => {
                self.stirred.insert(entry.node, entry.at);
            }
            Event::Environment(Environment::Ended) => return self.ended(entry),
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Open {
    fn ended(&self, entry: &Entry) -> Option<Witness> {
        let since = |by: Seen| self.stirred.get(&by.node).map_or(by.at, |stirred| by.at.max(*stirred));
        let given_up = |call: &Call| call.state == State::Open && since(call.by) + UNDER_WAY <= entry.at;
        let open = self.calls.iter().filter(|(_, call)| given_up(call));
        let (name, Call { tool, by, .. }) = open.min_by_key(|(_, call)| call.by.place)?;
        let steps = vec![
            by.step(format_args!("calls {tool} as {name}")),
            Seen::missing(entry.at, by.node, format_args!("has taken in no outcome of {name}")),
        ];
        let contradiction = format!("{name} never came to an outcome: nobody knows whether it was carried out.");
        Some(NoOrphanCalls::PROPERTY.refuted("a call without an outcome", steps, contradiction))
    }
}
