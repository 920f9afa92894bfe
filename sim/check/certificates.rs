//! Certificates of a Byzantine agreement: each names distinct voters, and no two contradict each other. Reads what
//! members report, nothing else.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::{Decision, Fact, Phase};
use crate::history::{Entry, Event, History};
use crate::id::NodeId;
use std::collections::BTreeMap;

/// No two precommit certificates of a height, and no two prevote certificates of one of its rounds, are for different
/// decisions; and no certificate counts a voter twice. A contradiction in one round names those who signed both;
/// between rounds a voter may have changed its mind by the rules, and nobody is named.
#[derive(Clone, Copy, Debug, Default)]
pub struct Certificates;

impl Certificates {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "certificates",
        about: "certificates name distinct voters, and no two of them contradict each other",
        source: "Buchman, Kwon, Milosevic: The latest gossip on BFT consensus (2018), lemmas 3 and 4",
        kind: PropertyKind::Safety,
    };
}

impl Check for Certificates {
    fn property(&self) -> Property {
        Certificates::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for Certificates {
    type State = Shown;

    fn begin(&self) -> Shown {
        Shown::default()
    }
}

/// The first certificate of each kind, by height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    decided: Dense<Certified>,
    prevoted: Dense<BTreeMap<u64, Certified>>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Certified {
    round: u64,
    decision: Decision,
    voters: Vec<NodeId>,
    by: Seen,
}

decisive!(Shown { decided, prevoted });
decisive!(Certified { decision });

impl Observe for Shown {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Certified { height, round, phase, decision, voters }) = &entry.event else { return None };
        self.judged += 1;
        let shown =
            Certified { round: *round, decision: decision.clone(), voters: voters.clone(), by: Seen::of(place, entry) };
        let mut distinct = voters.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() != voters.len() {
            let said = format!("{} holds a certificate in which a voter counts twice.", entry.node);
            let step = shown.by.step(format_args!("holds {phase}s of {voters:?} for {decision}"));
            return Some(Certificates::PROPERTY.refuted("a voter counts twice", vec![step], said));
        }
        let first = match phase {
            Phase::Precommit => self.decided.get_or(*height, || shown.clone()),
            Phase::Prevote => self.prevoted.slot(*height).entry(*round).or_insert_with(|| shown.clone()),
        };
        if first.decision == shown.decision { None } else { Some(refute(*height, *phase, first, &shown)) }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(height: u64, phase: Phase, one: &Certified, other: &Certified) -> Witness {
    let both: Vec<NodeId> = one.voters.iter().copied().filter(|voter| other.voters.contains(voter)).collect();
    let steps = [one, other].map(|shown| {
        shown.by.step(format_args!("holds {phase}s of {:?} for {} at height {height}", shown.voters, shown.decision))
    });
    let guilt = match (one.round, other.round) {
        (one, other) if one == other => format!("{both:?} signed both."),
        (one, other) => format!("they are of rounds {one} and {other}."),
    };
    let said = format!("Two certificates of {phase}s contradict each other at height {height}; {guilt}");
    Certificates::PROPERTY.refuted("two conflicting certificates", steps.into(), said)
}
