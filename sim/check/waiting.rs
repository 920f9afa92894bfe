//! Who waits for what since when, and since when it can be had: the common ground of the termination checkers.
//!
//! Who asks for a decision or for the log is owed an answer; an administrator is not, since a team may refuse.
//!
//! A promise counts from the heal on. Before it anything may be lost, so a client that gave up by then may never have
//! reached the team, and nothing is owed to it.

use super::dense::Dense;
use super::online::Seen;
use super::verdict::Step;
use crate::fact::Slot;
use crate::history::{Entry, Environment, Event, Operation};
use crate::id::{NodeId, Role};
use crate::time::{Duration, Time, seconds};

/// How long a healed team may take. An election takes a few seconds at most; a model's reply rarely more than 20 s,
/// and one refused or timed-out proposal is followed by another: 20 s twice, and once more in reserve.
pub(super) const WITHIN: Duration = seconds(60);

/// Every call, the heal, and how far the history reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    calls: Dense<Call>,
    heal: Option<Heal>,
    until: Time,
}

/// An operation as its client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The decision it waits for; `None` for the log.
    pub(super) slot: Option<Slot>,
    pub(super) invoked: Seen,
    pub(super) outcome: Outcome,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It did not.
    Open,
    /// The client heard the decision.
    Answered(Seen),
    /// The client heard that there will be none.
    Refused(Seen),
    /// The client gave up or crashed.
    Gone(Seen),
}

/// The end of faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heal {
    pub(super) by: Seen,
    pub(super) core: Vec<NodeId>,
}

impl Waiting {
    /// Takes an entry in.
    #[inline]
    pub(super) fn observe(&mut self, place: usize, entry: &Entry) {
        self.until = entry.at;
        match &entry.event {
            Event::Operation(operation) => self.operate(operation, Seen::of(place, entry)),
            Event::Environment(Environment::Healed { core }) => {
                self.heal = Some(Heal { by: Seen::of(place, entry), core: core.clone() });
            }
            Event::Environment(Environment::Crashed) if entry.node.role() == Role::Client => {
                self.lose(Seen::of(place, entry));
            }
            _ => {}
        }
    }

    /// The heal, if there was one.
    pub(super) fn heal(&self) -> Option<&Heal> {
        self.heal.as_ref()
    }

    /// Whether the history reaches this instant.
    pub(super) fn reaches(&self, instant: Time) -> bool {
        self.until >= instant
    }

    /// The calls by clients the heal reached that were not lost before it, in the order of their operations.
    pub(super) fn owed<'a>(&'a self, heal: &'a Heal) -> impl Iterator<Item = (u64, &'a Call)> + 'a {
        self.calls.iter().filter(|(_, call)| {
            let lost = match call.outcome {
                Outcome::Refused(end) | Outcome::Gone(end) => end.place < heal.by.place,
                Outcome::Open | Outcome::Answered(_) => false,
            };
            heal.reached(call.invoked.node) && !lost
        })
    }

    fn operate(&mut self, operation: &Operation, by: Seen) {
        let (op, outcome) = match operation {
            Operation::Invoke { op, slot } => {
                self.calls.get_or(op.0, || Call { slot: Some(*slot), invoked: by, outcome: Outcome::Open });
                return;
            }
            Operation::Read { op } => {
                self.calls.get_or(op.0, || Call { slot: None, invoked: by, outcome: Outcome::Open });
                return;
            }
            Operation::Administer { .. } | Operation::Done { .. } | Operation::Ask { .. } | Operation::Heard { .. } => {
                return;
            }
            Operation::Ok { op, .. } | Operation::Log { op, .. } => (op, Outcome::Answered(by)),
            Operation::Fail { op } => (op, Outcome::Refused(by)),
            Operation::Info { op } => (op, Outcome::Gone(by)),
        };
        if let Some(call) = self.calls.get_mut(op.0).filter(|call| call.outcome == Outcome::Open) {
            call.outcome = outcome;
        }
    }

    #[cold]
    fn lose(&mut self, crash: Seen) {
        let ops: Vec<u64> = self.calls.iter().map(|(op, _)| op).collect();
        for op in ops {
            let call = self.calls.get_mut(op).expect("an operation that was just listed");
            if call.invoked.node == crash.node && call.outcome == Outcome::Open {
                call.outcome = Outcome::Gone(crash);
            }
        }
    }
}

impl Call {
    /// From when on an answer was due.
    pub(super) fn since(&self, heal: &Heal) -> Time {
        self.invoked.at.max(heal.by.at)
    }

    /// The step in which it began.
    pub(super) fn step(&self, op: u64) -> Step {
        self.invoked.step(format_args!("invokes operation {op} about {}", self.what()))
    }

    /// What it waits for, in words.
    pub(super) fn what(&self) -> String {
        self.slot.map_or_else(|| "the log".to_owned(), |slot| slot.to_string())
    }
}

impl Heal {
    /// The heal that an entry is, if it is one.
    #[inline]
    pub(super) fn at(place: usize, entry: &Entry) -> Option<Heal> {
        match &entry.event {
            Event::Environment(Environment::Healed { core }) => {
                Some(Heal { by: Seen::of(place, entry), core: core.clone() })
            }
            _ => None,
        }
    }

    /// The step of the heal as one node felt it.
    pub(super) fn step(&self, node: NodeId) -> Step {
        Seen { node, ..self.by }.step("is up and connected from now on")
    }

    /// A heal that names no client left them all alone; one that names some left the others cut off.
    pub(super) fn reached(&self, client: NodeId) -> bool {
        self.core.contains(&client) || self.core.iter().all(|node| node.role() != Role::Client)
    }
}
