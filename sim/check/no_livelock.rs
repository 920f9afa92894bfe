//! No livelock: work that kills or outlasts whoever takes it is not handed on for ever. Looks at what claimants say.

use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};
use std::collections::BTreeMap;

/// No piece of work is claimed more than so often without being concluded: each time its holder dies, or loses it, and
/// the next one takes it up. Everyone is busy, and nothing is ever done.
#[derive(Clone, Copy, Debug)]
pub struct NoLivelock {
    /// How often.
    pub most: u64,
}

impl NoLivelock {
    /// Five, the usual limit of deliveries before a queue sets a message aside. (Amazon's documents on dead-letter
    /// queues call for "high enough to allow sufficient retries"; their own examples have 3 to 5.)
    pub const DEFAULT: NoLivelock = NoLivelock { most: 5 };

    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "no_livelock",
        about: "no piece of work is taken up again and again without an end",
        source: "Alpern, Schneider 1985 (Defining Liveness), bounded; Hohpe, Woolf 2003, dead letter channel",
        kind: PropertyKind::Safety,
    };
}

impl Check for NoLivelock {
    fn property(&self) -> Property {
        NoLivelock::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for NoLivelock {
    type State = Rounds;

    fn begin(&self) -> Rounds {
        Rounds { most: self.most, open: BTreeMap::new(), judged: 0 }
    }
}

/// How often each piece of work was claimed since it was last concluded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounds {
    most: u64,
    open: BTreeMap<String, Round>,
    judged: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Round {
    claims: u64,
    first: Seen,
}

impl Observe for Rounds {
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Fact(Fact::Claimed { work, .. }) => {
                self.judged += 1;
                let by = Seen::of(place, entry);
                let round = self.open.entry(work.clone()).or_insert(Round { claims: 0, first: by });
                round.claims += 1;
                (round.claims > self.most).then(|| {
                    let (first, claims) = (round.first, round.claims);
                    let steps = vec![
                        first.step(format_args!("claims {work}")),
                        by.step(format_args!("claims {work}, for the {claims}th time")),
                    ];
                    let contradiction = format!("{work} was claimed {claims} times, and nobody concluded it.");
                    NoLivelock::PROPERTY.refuted("work that is taken up without end", steps, contradiction)
                })
            }
            Event::Fact(Fact::Concluded { work, .. }) => {
                self.open.remove(work);
                None
            }
            _ => None,
        }
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}
