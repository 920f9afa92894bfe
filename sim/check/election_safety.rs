//! Election safety: at most one leader per term. Reads who reports to have won.

use super::dense::Dense;
use super::online::{Observe, Online, Seen, decisive, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// No term has two leaders. Twin on operations: [`ClientAgreement`](super::ClientAgreement).
///
/// A member elected again in the same term after a restart is a second leader too: who remembers its term stands in
/// a greater one.
#[derive(Clone, Copy, Debug, Default)]
pub struct ElectionSafety;

impl ElectionSafety {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "election_safety",
        about: "at most one leader is elected in a term",
        source: "Ongaro, Ousterhout: Raft (USENIX ATC 2014), figure 3 and section 5.2",
        kind: PropertyKind::Safety,
    };
}

impl Check for ElectionSafety {
    fn property(&self) -> Property {
        ElectionSafety::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for ElectionSafety {
    type State = Winners;

    fn begin(&self) -> Winners {
        Winners::default()
    }
}

/// The leader of each term.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Winners {
    by_term: Dense<Election>,
    judged: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Election {
    last: u64,
    by: Seen,
}

decisive!(Winners { by_term });
decisive!(Election { by });

impl Observe for Winners {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let Event::Fact(Fact::Elected { term, last }) = &entry.event else { return None };
        self.judged += 1;
        let election = Election { last: *last, by: Seen::of(place, entry) };
        let first = *self.by_term.get_or(*term, || election);
        let same = first.by.node == entry.node && first.by.process == entry.process;
        if same { None } else { refute(*term, first, election) }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(term: u64, first: Election, second: Election) -> Option<Witness> {
    let (one, other) = (first.by.node, second.by.node);
    let (shape, contradiction) = if one == other {
        ("one member elected again after a restart", format!("{one} won term {term} in two lives."))
    } else {
        ("two leaders of one term", format!("{one} and {other} both won term {term}."))
    };
    let steps = [first, second].map(|election| election.by.step(Fact::Elected { term, last: election.last }));
    Some(ElectionSafety::PROPERTY.refuted(shape, steps.into(), contradiction))
}
