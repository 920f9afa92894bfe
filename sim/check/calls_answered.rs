//! Once faults are over, a shared store answers: every call that begins when its replicas have had time to recover.
//!
//! As clients see it. A call that waits for a change waits as long as nothing changes, so nothing is owed to it; nor
//! to a caller that crashed, or that the heal left cut off. Whoever gives up was not answered, so how long a call may
//! take is how long its caller waits. Knows no store and no replica.

use super::online::{Observe, Online, Seen};
use super::waiting::{Heal, WITHIN};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::call::Looks;
use crate::history::{Asked, Entry, Environment, Event, History, Operation};
use crate::id::OpId;
use crate::time::{Duration, Time};
use std::collections::BTreeMap;

/// Every call of a shared store that begins after the heal and a time of recovery is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallsAnswered {
    /// How long replicas may take to recover after the heal.
    pub recovery: Duration,
    /// How long a caller may wait that does not give up.
    pub within: Duration,
}

impl CallsAnswered {
    /// As long as a healed team may take for a decision. Replicas are up and a leader is elected within some 15 s, but
    /// links keep their order, so a message that a fault made late holds up what was sent after it: for 48 s in one of
    /// 2,000 runs.
    pub const DEFAULT: CallsAnswered = CallsAnswered { recovery: WITHIN, within: WITHIN };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "calls_answered",
        about: "once faults are over and replicas have recovered, a shared store answers every call",
        source: "Gilbert, Lynch 2002, section 4 (availability in partially synchronous networks)",
        kind: PropertyKind::Liveness,
    };
}

impl Check for CallsAnswered {
    fn property(&self) -> Property {
        CallsAnswered::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        // Before the heal nothing is owed to anyone.
        let is_heal = |entry: &Entry| matches!(entry.event, Event::Environment(Environment::Healed { .. }));
        let Some(healed) = history.entries().iter().position(is_heal) else { return Verdict::Holds { judged: 0 } };
        let mut state = self.begin();
        let mut entries = history.entries().iter().enumerate().skip(healed);
        let violation = entries.find_map(|(place, entry)| state.observe(place, entry));
        violation.map_or_else(|| state.conclude(), Verdict::Violated)
    }
}

impl Online for CallsAnswered {
    type State = Owed;

    fn begin(&self) -> Owed {
        Owed { rule: *self, heal: None, open: BTreeMap::new(), until: Time::ZERO, judged: 0 }
    }
}

/// Who is owed an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    rule: CallsAnswered,
    heal: Option<Heal>,
    /// Calls under way that are owed one, by number.
    open: BTreeMap<OpId, Call>,
    until: Time,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    asked: Asked,
    begun: Seen,
}

impl Observe for Owed {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        self.until = entry.at;
        match &entry.event {
            Event::Environment(Environment::Healed { core }) => {
                self.heal = Some(Heal { by: Seen::of(place, entry), core: core.clone() });
            }
            Event::Environment(Environment::Crashed) => self.open.retain(|_, call| call.begun.node != entry.node),
            Event::Operation(Operation::Ask { op, asked }) if self.owes(entry, asked) => {
                self.open.insert(*op, Call { asked: asked.clone(), begun: Seen::of(place, entry) });
            }
            Event::Operation(Operation::Heard { op, .. }) => {
                self.judged += u64::from(self.open.remove(op).is_some());
            }
            Event::Operation(Operation::Fail { op } | Operation::Info { op }) => {
                let call = self.open.remove(op)?;
                return self.refute(&call, Seen::of(place, entry));
            }
            _ => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        let due = |call: &Call| call.begun.at + self.rule.within;
        let late = self.open.values().find(|call| due(call) <= self.until);
        if let Some(call) = late {
            let waits = Seen { at: due(call), ..call.begun };
            return self.refute(call, waits).map_or(Verdict::Holds { judged: self.judged }, Verdict::Violated);
        }
        match self.open.values().next() {
            Some(call) => {
                let limit = format!("the run ended before {}, when a call of {} was due", due(call), call.begun.node);
                Verdict::Unknown { limit }
            }
            None => Verdict::Holds { judged: self.judged },
        }
    }
}

impl Owed {
    fn owes(&self, entry: &Entry, asked: &Asked) -> bool {
        let recovered = |heal: &Heal| entry.at >= heal.by.at + self.rule.recovery && heal.reached(entry.node);
        asked.looks == Looks::AtOnce && self.heal.as_ref().is_some_and(recovered)
    }

    #[cold]
    fn refute(&self, call: &Call, end: Seen) -> Option<Witness> {
        let heal = self.heal.as_ref()?;
        let what = format!("{} of {}", call.asked.call, call.asked.key);
        let steps = vec![
            heal.step(call.begun.node),
            call.begun.step(format_args!("asks for a {what}")),
            end.step("has heard no answer"),
        ];
        let said = format!(
            "Faults had been over for {} when {} asked for a {what}, and no replica answered.",
            call.begun.at.since(heal.by.at),
            call.begun.node
        );
        Some(CallsAnswered::PROPERTY.refuted("a call without an answer", steps, said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call as Kind;
    use crate::fact::{Key, Session};
    use crate::history::{Heard, Holds};
    use crate::id::{NodeId, ProcessId};
    use crate::time::seconds;

    const CLIENT: NodeId = NodeId::client(0);

    fn ask(looks: Looks) -> Event {
        let (session, key) = (Session::of(CLIENT), Key::from("plan"));
        let (value, expected, expected_write, write, turn) = (None, None, None, None, None);
        let asked = Asked { session, call: Kind::Read, key, value, expected, expected_write, write, turn, looks };
        Event::Operation(Operation::Ask { op: OpId(1), asked })
    }

    /// A heal at 40 s, then these, each at its second.
    fn verdict(events: Vec<(u64, Event)>) -> Verdict {
        let healed = Event::Environment(Environment::Healed { core: vec![NodeId::agent(0), CLIENT] });
        let mut history = History::new();
        for (at, event) in [(40, healed)].into_iter().chain(events) {
            history.push(Entry { at: Time::ZERO + seconds(at), node: CLIENT, process: ProcessId(0), event });
        }
        CallsAnswered::DEFAULT.check(&history)
    }

    fn heard() -> Event {
        Event::Operation(Operation::Heard { op: OpId(1), heard: Heard { holds: Holds::Yes, content: None } })
    }

    #[test]
    fn who_gives_up_after_the_recovery_was_not_answered() {
        let gives_up = || Event::Operation(Operation::Info { op: OpId(1) });
        let Verdict::Violated(witness) = verdict(vec![(110, ask(Looks::AtOnce)), (113, gives_up())]) else {
            panic!("it was owed an answer")
        };
        assert!(witness.contradiction.contains("over for 70 s when c1 asked for a read of plan"), "{witness}");
        // Before that, or for a change, nobody is owed one.
        assert_eq!(verdict(vec![(99, ask(Looks::AtOnce)), (102, gives_up())]), Verdict::Holds { judged: 0 });
        assert_eq!(verdict(vec![(110, ask(Looks::OnceChanged)), (113, gives_up())]), Verdict::Holds { judged: 0 });
    }

    #[test]
    fn who_waits_is_answered_in_time_or_it_is_not_known_yet() {
        assert_eq!(verdict(vec![(110, ask(Looks::AtOnce)), (111, heard())]), Verdict::Holds { judged: 1 });
        let end = || (200, Event::Environment(Environment::Settled));
        assert!(matches!(verdict(vec![(110, ask(Looks::AtOnce)), end()]), Verdict::Violated(_)));
        assert!(matches!(verdict(vec![(190, ask(Looks::AtOnce)), end()]), Verdict::Unknown { .. }));
        let crash = (112, Event::Environment(Environment::Crashed));
        assert_eq!(verdict(vec![(110, ask(Looks::AtOnce)), crash, end()]), Verdict::Holds { judged: 0 });
    }
}
