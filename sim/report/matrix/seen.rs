//! What one run of a pattern showed: which properties it violated, what came of it, what it cost.

use crate::check::Verdict;
use crate::explore::Outcome;
use crate::fact::Fact;
use crate::history::{Event, History, Operation};
use crate::scenario::Run;
use crate::time::{Duration, Time};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What came of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The first decision was right.
    Right,
    /// It was wrong.
    Wrong,
    /// Nobody decided.
    None,
    /// The run crashed.
    Crashed,
}

/// An anomaly as the matrix shows it, with the properties whose violation shows it.
pub struct Kind {
    /// Its name in the literature.
    pub name: &'static str,
    /// Any of these.
    pub properties: &'static [&'static str],
}

/// Every anomaly that is looked for.
pub const ANOMALIES: [Kind; 13] = [
    Kind { name: "lost update", properties: &["no_lost_update"] },
    Kind { name: "stale generation", properties: &["no_stale_generation"] },
    Kind { name: "stale read", properties: &["linearizable"] },
    Kind { name: "divergence", properties: &["eventual_convergence"] },
    Kind { name: "stale hand-off", properties: &["no_stale_hand_off"] },
    Kind { name: "stale read of own session", properties: &["read_your_writes", "monotonic_reads"] },
    Kind { name: "session out of order", properties: &["monotonic_writes", "writes_follow_reads"] },
    Kind { name: "causal reversal", properties: &["causal_consistency"] },
    Kind { name: "long fork", properties: &["no_long_fork"] },
    Kind { name: "write skew", properties: &["no_write_skew"] },
    Kind { name: "phantom tool", properties: &["no_phantom_tool"] },
    Kind { name: "causal cascade", properties: &["no_causal_cascade"] },
    Kind { name: "letters out of causal order", properties: &["causal_delivery"] },
];

/// What one run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Properties that it violated.
    pub violated: BTreeSet<&'static str>,
    /// Properties that held and of which there was something to judge. Neither is so of a run that crashed, nor of what
    /// a checker gave up on.
    pub held: BTreeSet<&'static str>,
    /// What came of it.
    pub ending: Ending,
    /// Calls of the store that were answered, and letters that arrived.
    pub operations: u64,
    /// From the beginning of each of them to its end, summed.
    pub waited: Duration,
    /// Messages among agents and replicas.
    pub messages: u64,
    /// Their words of eight bytes.
    pub words: u64,
}

impl Seen {
    /// What this run showed.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Seen {
        match outcome {
            Ok(run) => Seen::of_run(run),
            Err(_) => Seen { ending: Ending::Crashed, ..Seen::nothing() },
        }
    }

    fn nothing() -> Seen {
        Seen {
            violated: BTreeSet::new(),
            held: BTreeSet::new(),
            ending: Ending::None,
            operations: 0,
            waited: Duration::ZERO,
            messages: 0,
            words: 0,
        }
    }

    fn of_run(run: &Run) -> Seen {
        let mut seen = Seen::nothing();
        for judged in &run.judged {
            match judged.verdict {
                Verdict::Violated(_) => _ = seen.violated.insert(judged.property.name),
                Verdict::Holds { judged: 1.. } if run.crash.is_none() => _ = seen.held.insert(judged.property.name),
                Verdict::Unknown { .. } | Verdict::Holds { .. } => {}
            }
        }
        seen.ending = match (&run.crash, run.figures.decisions, run.figures.correct) {
            (Some(_), ..) => Ending::Crashed,
            (None, 0, _) => Ending::None,
            (None, _, 0) => Ending::Wrong,
            _ => Ending::Right,
        };
        seen.take_time(&run.history);
        (seen.messages, seen.words) = (run.figures.shared.messages, run.figures.shared.words);
        seen
    }

    fn take_time(&mut self, history: &History) {
        let (mut asked, mut sent, mut taken) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        for entry in history.entries() {
            let since = match &entry.event {
                Event::Operation(Operation::Ask { op, .. }) => {
                    asked.insert(*op, entry.at);
                    None
                }
                Event::Operation(Operation::Heard { op, .. }) => asked.remove(op),
                Event::Fact(Fact::Sent { number, .. }) => {
                    sent.entry((entry.node, *number)).or_insert(entry.at);
                    None
                }
                // Whoever wrote a letter need not wait for it.
                Event::Fact(Fact::Delivered { from, number, .. }) if *from != entry.node => {
                    let fresh = taken.insert((entry.node, *from, *number));
                    sent.get(&(*from, *number)).copied().filter(|_| fresh)
                }
                _ => None,
            };
            self.count(since, entry.at);
        }
    }

    fn count(&mut self, since: Option<Time>, at: Time) {
        if let Some(since) = since {
            self.operations += 1;
            self.waited = self.waited + at.since(since);
        }
    }

    /// Whether it showed this anomaly.
    #[must_use]
    pub fn shows(&self, kind: &Kind) -> bool {
        kind.properties.iter().any(|property| self.violated.contains(property))
    }

    /// Whether it showed any.
    #[must_use]
    pub fn shows_any(&self) -> bool {
        ANOMALIES.iter().any(|kind| self.shows(kind))
    }
}
