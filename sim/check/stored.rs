//! Checkers of shared stores, put to a run's own history. Knows no property: it translates histories and witnesses.

use super::consistency::{Chain, CheckStore, Kind};
use super::verdict::Step;
use super::{Check, Lane, Property, Verdict, Witness};
use crate::fact::Session;
use crate::history::{History, Lens, Projection};
use crate::id::NodeId;

/// A checker of stores as a checker of runs.
///
/// ```
/// use synod::check::consistency::Linearizable;
/// use synod::check::{Check, OfStore, Verdict};
/// let check = OfStore::whole(Linearizable::DEFAULT);
/// assert_eq!(check.property().name, "linearizable");
/// assert_eq!(check.check(&synod::history::History::new()), Verdict::Holds { judged: 0 });
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OfStore<C> {
    check: C,
    lens: Lens,
}

impl<C> OfStore<C> {
    /// For a checker that knows what a thread is, or does not mind.
    #[must_use]
    pub const fn whole(check: C) -> OfStore<C> {
        OfStore { check, lens: Lens::Whole }
    }

    /// For a checker that knows single values only: each entry of a thread is one.
    #[must_use]
    pub const fn entry_by_entry(check: C) -> OfStore<C> {
        OfStore { check, lens: Lens::EntryByEntry }
    }
}

impl<C: CheckStore> Check for OfStore<C> {
    fn property(&self) -> Property {
        self.check.property()
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Operations, Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        let projection = match history.of_store(self.lens) {
            Ok(projection) => projection,
            Err(wrong) => return Verdict::Unknown { limit: format!("no history of a store: {wrong}") },
        };
        match self.check.check(&projection.store) {
            Verdict::Holds { judged } => Verdict::Holds { judged },
            Verdict::Unknown { limit } => Verdict::Unknown { limit },
            Verdict::Violated(chain) => Verdict::Violated(witness(&chain, projection)),
        }
    }
}

/// The chain's events as steps, and its reasons before its contradiction.
fn witness(chain: &Chain, projection: &Projection) -> Witness {
    let steps = chain.events.iter().map(|event| Step {
        place: match event.kind {
            Kind::Operation => projection.places.get(event.number).copied(),
            Kind::Replica => projection.records.get(event.number).copied(),
        },
        at: event.from,
        node: who(&event.who),
        what: event.what.clone(),
    });
    let because = chain.edges.iter().map(|edge| edge.because.clone());
    let sentences: Vec<String> = because.chain([chain.contradiction.clone()]).collect();
    Witness {
        property: chain.property,
        shape: chain.pattern.to_owned(),
        steps: steps.collect(),
        contradiction: sentences.join("\n  "),
    }
}

/// The node that a session or a replica is named after.
fn who(name: &str) -> NodeId {
    let session: Option<Session> = name.parse().ok();
    session.map_or(NodeId::agent(0), |session| session.node)
}

#[cfg(test)]
mod tests {
    use super::super::consistency::EventualConvergence;
    use super::*;
    use crate::fact::{Fact, WriteId};
    use crate::history::{Entry, Environment, Event, Operation};
    use crate::id::{OpId, ProcessId};
    use crate::time::Time;

    #[test]
    fn a_witness_points_at_what_replicas_told_and_not_at_calls() {
        let write = WriteId { session: Session::of(NodeId::client(0)), number: 1 };
        let took = |state| Event::Fact(Fact::Took { write, state });
        let mut history = History::new();
        for (node, event) in [
            (NodeId::client(0), Event::Operation(Operation::Info { op: OpId(7) })),
            (NodeId::agent(0), took(1)),
            (NodeId::client(0), Event::Operation(Operation::Info { op: OpId(8) })),
            (NodeId::agent(1), took(2)),
            (NodeId::agent(0), Event::Environment(Environment::Settled)),
        ] {
            history.push(Entry { at: Time::ZERO, node, process: ProcessId(0), event });
        }
        let verdict = OfStore::whole(EventualConvergence).check(&history);
        let steps = &verdict.witness().expect("they differ").steps;
        let told: Vec<_> = steps.iter().map(|step| (step.place, step.node)).collect();
        assert_eq!(told, [(Some(1), NodeId::agent(0)), (Some(3), NodeId::agent(1))]);
    }
}
