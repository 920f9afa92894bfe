//! Termination among members: once faults have stopped, the healed core decides all that clients wait for, in time.
//!
//! Says nothing about runs that never heal, and nothing about members outside the core.

use super::dense::{Dense, key_of};
use super::online::{Observe, Online, Seen, judge};
use super::verdict::Step;
use super::waiting::{Call, Heal, WITHIN, Waiting};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Fact, Slot};
use crate::history::{Entry, Event, History};
use crate::id::{NodeId, Role};
use crate::time::{Duration, Time};

/// After the heal every agent of the core decides every slot that a client asks about, in bounded virtual time.
/// Twin on operations: [`ClientTermination`](super::ClientTermination).
///
/// - A slot counts if a client asks about it after the heal, or did before and had not given up by the heal.
/// - It is due `within` after the heal or the invocation, whichever is later.
/// - A decision made before the heal, or in an earlier life, is a decision.
/// - Abstaining is a stall, whenever it happened: who abstains will not decide.
/// - If the history ends before the bound has passed, the verdict is [`Verdict::Unknown`].
#[derive(Clone, Copy, Debug)]
pub struct Termination {
    /// The bound.
    pub within: Duration,
}

impl Default for Termination {
    fn default() -> Termination {
        Termination::DEFAULT
    }
}

impl Termination {
    /// With a bound of sixty seconds: two slow model replies of 20 s, and as much as one in reserve.
    pub const DEFAULT: Termination = Termination { within: WITHIN };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "termination",
        about: "after the heal every member of the core decides what was asked, in bounded time",
        source: "Dwork, Lynch, Stockmeyer: Consensus in the Presence of Partial Synchrony (1988), section 2.2",
        kind: PropertyKind::Liveness,
    };
}

impl Check for Termination {
    fn property(&self) -> Property {
        Termination::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations, Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Termination {
    type State = Progress;

    fn begin(&self) -> Progress {
        Progress { within: self.within, waiting: Waiting::default(), ends: Dense::default(), reports: Dense::default() }
    }
}

/// What is asked, who decided what when, and each node's last report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    within: Duration,
    waiting: Waiting,
    /// How each member ended each slot, first endings only; a list as long as the team.
    ends: Dense<Vec<Ending>>,
    reports: Dense<Report>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ending {
    how: How,
    by: Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Decided,
    Abstained,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Report {
    fact: Fact,
    by: Seen,
}

/// A decision that was asked for, and by which call first.
#[derive(Clone, Copy)]
struct Owed<'a> {
    slot: Slot,
    op: u64,
    call: &'a Call,
}

/// What one member owes.
#[derive(Clone, Copy)]
struct Debt {
    node: NodeId,
    slot: Slot,
    due: Time,
}

enum Settlement {
    Paid,
    Open,
    Late(Seen),
    Abstained(Seen),
    Never,
}

impl Observe for Progress {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        self.waiting.observe(place, entry);
        if let Event::Fact(fact) = &entry.event {
            let by = Seen::of(place, entry);
            match fact {
                Fact::Decided { slot, .. } => self.end(*slot, Ending { how: How::Decided, by }),
                Fact::Abstained { slot } => self.end(*slot, Ending { how: How::Abstained, by }),
                // A score is the scenario's word, not the member's.
                Fact::Scored { .. } => return None,
                _ => {}
            }
            self.reports.put(key_of(entry.node), Report { fact: fact.clone(), by });
        }
        None
    }

    fn conclude(self) -> Verdict {
        let Some(heal) = self.waiting.heal() else { return Verdict::Holds { judged: 0 } };
        let mut judged = 0;
        let mut open = None;
        for Owed { slot, op, call } in self.asked(heal) {
            for node in heal.core.iter().copied().filter(|node| node.role() == Role::Agent) {
                let debt = Debt { node, slot, due: call.since(heal) + self.within };
                match self.settle(debt) {
                    Settlement::Paid => judged += 1,
                    Settlement::Open => open = open.or(Some(debt)),
                    stall => return Verdict::Violated(self.refute(debt, op, call, heal, &stall)),
                }
            }
        }
        match open {
            None => Verdict::Holds { judged },
            Some(Debt { node, slot, due }) => {
                Verdict::Unknown { limit: format!("the run ended before {due}, by when {node} must decide {slot}") }
            }
        }
    }
}

impl Progress {
    fn end(&mut self, slot: Slot, ending: Ending) {
        let endings = self.ends.slot(slot.0);
        if endings.iter().all(|known| known.by.node != ending.by.node || known.how != ending.how) {
            endings.push(ending);
        }
    }

    /// The first due call about each slot. Who reads waits for its answer alone, not for any member.
    fn asked<'a>(&'a self, heal: &'a Heal) -> impl Iterator<Item = Owed<'a>> {
        let mut by_slot: Dense<Owed<'a>> = Dense::default();
        for (op, call) in self.waiting.owed(heal) {
            let Some(slot) = call.slot else { continue };
            let first = by_slot.get_or(slot.0, || Owed { slot, op, call });
            if call.since(heal) < first.call.since(heal) {
                *first = Owed { slot, op, call };
            }
        }
        let asked: Vec<Owed<'a>> = by_slot.iter().map(|(_, asked)| *asked).collect();
        asked.into_iter()
    }

    fn settle(&self, Debt { node, slot, due }: Debt) -> Settlement {
        let end = |how| self.endings(slot).iter().find(|end| end.by.node == node && end.how == how).map(|end| end.by);
        match (end(How::Decided), end(How::Abstained)) {
            (Some(decided), _) if decided.at <= due => Settlement::Paid,
            (Some(decided), _) => Settlement::Late(decided),
            (None, Some(abstained)) => Settlement::Abstained(abstained),
            (None, None) if self.waiting.reaches(due) => Settlement::Never,
            (None, None) => Settlement::Open,
        }
    }

    fn endings(&self, slot: Slot) -> &[Ending] {
        self.ends.get(slot.0).map_or(&[], Vec::as_slice)
    }

    #[cold]
    fn refute(&self, debt: Debt, op: u64, call: &Call, heal: &Heal, stall: &Settlement) -> Witness {
        let Debt { node, slot, due } = debt;
        let someone = self.endings(slot).iter().any(|end| end.how == How::Decided && heal.core.contains(&end.by.node));
        let (shape, how) = match stall {
            Settlement::Late(_) => ("a member decides late", "decided only later"),
            Settlement::Abstained(_) => ("a member abstains", "abstained"),
            _ if someone => ("a member never decides", "did not decide"),
            _ => ("nobody decides", "did not decide, nor did anyone else in the core"),
        };
        let end = match stall {
            Settlement::Late(by) => by.step(format_args!("decides {slot} at last")),
            Settlement::Abstained(by) => by.step(Fact::Abstained { slot }),
            _ => Seen::missing(due, node, format_args!("has not decided {slot}")),
        };
        let mut steps: Vec<Step> = vec![call.step(op), heal.step(node), end];
        if let (Settlement::Never, Some(report)) = (stall, self.reports.get(key_of(node))) {
            steps.push(report.by.step(format_args!("{}, its last report", report.fact)));
        }
        let within = self.within;
        let said = format!("{node} had {within} for {slot} after the heal and {how}.");
        Termination::PROPERTY.refuted(shape, steps, said)
    }
}
