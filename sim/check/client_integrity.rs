//! Integrity as clients see it: an operation is asked once and answered at most once, to whoever asked, about what
//! was asked. Knows nothing of what the answer says.
//!
//! Giving up (`info`) completes an operation too: a late answer belongs to nobody.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Step, Verdict, Witness};
use crate::fact::Slot;
use crate::history::{Entry, Event, History, Operation};
use crate::id::OpId;
use std::fmt;

/// An operation completes at most once, after its invocation, at its client. Twin on facts:
/// [`Integrity`](super::Integrity).
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientIntegrity;

impl ClientIntegrity {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "client_integrity",
        about: "an operation is invoked once and completes at most once, later, at its own client",
        source: "Herlihy, Wing: Linearizability (TOPLAS 1990), section 2.1, well-formed histories",
        kind: PropertyKind::Safety,
    };
}

impl Check for ClientIntegrity {
    fn property(&self) -> Property {
        ClientIntegrity::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ClientIntegrity {
    type State = Calls;

    fn begin(&self) -> Calls {
        Calls::default()
    }
}

/// How far each operation got.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    calls: Dense<Call>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    about: About,
    invoked: Seen,
    completed: Option<Completion>,
}

/// What an operation asks for, and what its answer can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Decision(Slot),
    Log,
    Team,
    Store,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Completion {
    by: Seen,
    how: &'static str,
}

impl Observe for Calls {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Operation(operation) = &entry.event else { return None };
        let by = Seen::of(place, entry);
        let answer = |how| Completion { by, how };
        match operation {
            Operation::Invoke { op, slot } => self.invoke(*op, About::Decision(*slot), by),
            Operation::Read { op } => self.invoke(*op, About::Log, by),
            Operation::Administer { op, .. } => self.invoke(*op, About::Team, by),
            Operation::Ask { op, .. } => self.invoke(*op, About::Store, by),
            Operation::Ok { op, slot, .. } => {
                self.complete(*op, Some(About::Decision(*slot)), answer("is answered in"))
            }
            Operation::Log { op, .. } => self.complete(*op, Some(About::Log), answer("is answered in")),
            Operation::Done { op } => self.complete(*op, Some(About::Team), answer("is answered in")),
            Operation::Heard { op, .. } => self.complete(*op, Some(About::Store), answer("is answered in")),
            Operation::Fail { op } => self.complete(*op, None, answer("is refused in")),
            Operation::Info { op } => self.complete(*op, None, answer("gives up")),
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Calls {
    fn invoke(&mut self, op: OpId, about: About, invoked: Seen) -> Option<Witness> {
        if let Some(earlier) = self.calls.get(op.0) {
            let steps = vec![earlier.invocation(op), Call { about, invoked, completed: None }.invocation(op)];
            return refute("invoked twice", steps, format!("Operation {} was invoked twice.", op.0));
        }
        self.calls.get_or(op.0, || Call { about, invoked, completed: None });
        None
    }

    fn complete(&mut self, op: OpId, about: Option<About>, completion: Completion) -> Option<Witness> {
        self.judged += 1;
        let number = op.0;
        let Some(call) = self.calls.get_mut(number) else {
            let said = format!("Nobody had invoked operation {number}.");
            return refute("never invoked", vec![completion.step(op)], said);
        };
        if call.invoked.node != completion.by.node {
            let whose = call.invoked.node;
            let said = format!("Operation {number} belongs to {whose}.");
            return refute("completed by a stranger", vec![call.invocation(op), completion.step(op)], said);
        }
        if let Some(earlier) = &call.completed {
            let steps = vec![earlier.step(op), completion.step(op)];
            return refute("completed twice", steps, format!("Operation {number} was complete already."));
        }
        if about.is_some_and(|about| about != call.about) {
            let said = format!("Operation {number} asked about {}.", call.about);
            return refute("answered about another slot", vec![call.invocation(op), completion.step(op)], said);
        }
        call.completed = Some(completion);
        None
    }
}

impl Call {
    fn invocation(&self, op: OpId) -> Step {
        self.invoked.step(format_args!("invokes operation {} about {}", op.0, self.about))
    }
}

impl Completion {
    fn step(&self, op: OpId) -> Step {
        self.by.step(format_args!("{} operation {}", self.how, op.0))
    }
}

#[cold]
fn refute(shape: &str, steps: Vec<Step>, contradiction: String) -> Option<Witness> {
    Some(ClientIntegrity::PROPERTY.refuted(shape, steps, contradiction))
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            About::Decision(slot) => write!(f, "{slot}"),
            About::Log => f.write_str("the log"),
            About::Team => f.write_str("the team"),
            About::Store => f.write_str("the store"),
        }
    }
}
