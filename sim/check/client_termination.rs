//! Termination as clients see it: once faults have stopped, whoever keeps waiting is answered in time.
//!
//! Reads no fact, so members who report decisions but answer nobody are caught. A client that gives up before the
//! bound has passed is not judged: it might have been answered.

use super::online::{Observe, Online, Seen, judge};
use super::waiting::{Call, Heal, Outcome, WITHIN, Waiting};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, History};
use crate::time::Duration;

/// After the heal every operation that a client keeps waiting for is answered in bounded virtual time. Twin on facts:
/// [`Termination`](super::Termination).
#[derive(Clone, Copy, Debug)]
pub struct ClientTermination {
    /// The bound, from the heal or the invocation, whichever is later.
    pub within: Duration,
}

impl Default for ClientTermination {
    fn default() -> ClientTermination {
        ClientTermination::DEFAULT
    }
}

impl ClientTermination {
    /// With the same bound as [`Termination`](super::Termination).
    pub const DEFAULT: ClientTermination = ClientTermination { within: WITHIN };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "client_termination",
        about: "after the heal every client that keeps waiting is answered, in bounded time",
        source: "Dwork, Lynch, Stockmeyer: Consensus in the Presence of Partial Synchrony (1988), section 2.2",
        kind: PropertyKind::Liveness,
    };
}

impl Check for ClientTermination {
    fn property(&self) -> Property {
        ClientTermination::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ClientTermination {
    type State = Patience;

    fn begin(&self) -> Patience {
        Patience { within: self.within, waiting: Waiting::default() }
    }
}

/// Who waits for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    within: Duration,
    waiting: Waiting,
}

enum Settlement {
    Answered,
    NotJudged,
    Open,
    Stalled { shape: &'static str, end: Option<(Seen, &'static str)> },
}

impl Observe for Patience {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        self.waiting.observe(place, entry);
        None
    }

    fn conclude(self) -> Verdict {
        let Some(heal) = self.waiting.heal() else { return Verdict::Holds { judged: 0 } };
        let mut judged = 0;
        let mut limit = None;
        for (op, call) in self.waiting.owed(heal) {
            match self.settle(call, heal) {
                Settlement::Answered => judged += 1,
                Settlement::NotJudged => {}
                Settlement::Open => {
                    let due = call.since(heal) + self.within;
                    limit = limit.or(Some(format!("the run ended before {due}, when operation {op} was due")));
                }
                Settlement::Stalled { shape, end } => {
                    return Verdict::Violated(self.refute(shape, end, op, call, heal));
                }
            }
        }
        limit.map_or(Verdict::Holds { judged }, |limit| Verdict::Unknown { limit })
    }
}

impl Patience {
    fn settle(&self, call: &Call, heal: &Heal) -> Settlement {
        let due = call.since(heal) + self.within;
        match call.outcome {
            Outcome::Answered(end) if end.place < heal.by.place => Settlement::NotJudged,
            Outcome::Answered(end) if end.at <= due => Settlement::Answered,
            Outcome::Answered(end) => {
                Settlement::Stalled { shape: "a client is answered late", end: Some((end, "is answered at last")) }
            }
            Outcome::Refused(end) => Settlement::Stalled {
                shape: "a client is refused",
                end: Some((end, "hears that there is no decision")),
            },
            Outcome::Gone(end) if end.at < due => Settlement::NotJudged,
            Outcome::Gone(end) => Settlement::Stalled { shape: "a client waits in vain", end: Some((end, "gives up")) },
            Outcome::Open if self.waiting.reaches(due) => {
                Settlement::Stalled { shape: "a client waits in vain", end: None }
            }
            Outcome::Open => Settlement::Open,
        }
    }

    #[cold]
    fn refute(&self, shape: &str, end: Option<(Seen, &'static str)>, op: u64, call: &Call, heal: &Heal) -> Witness {
        let (client, what, within) = (call.invoked.node, call.what(), self.within);
        let last = match end {
            Some((by, how)) => by.step(format_args!("{how} (operation {op})")),
            None => Seen::missing(call.since(heal) + within, client, format_args!("still waits for {what}")),
        };
        let steps = vec![call.step(op), heal.step(client), last];
        let said = match call.slot {
            Some(slot) => format!("The healed team had {within} to tell {client} its decision of {slot} and did not."),
            None => format!("The healed team had {within} to tell {client} its log and did not."),
        };
        ClientTermination::PROPERTY.refuted(shape, steps, said)
    }
}
