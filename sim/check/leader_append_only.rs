//! Leader append-only: a leader never changes what is in its log. Reads what it reports between winning and leading
//! no more.

use super::lives::{Lives, forgets};
use super::logs::{Change, Logs};
use super::online::{Observe, Online, Seen, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::fact::Fact;
use crate::history::{Entry, Event, History};

/// A leader never overwrites or deletes entries in its log. Twin on operations:
/// [`ClientAgreement`](super::ClientAgreement).
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaderAppendOnly;

impl LeaderAppendOnly {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "leader_append_only",
        about: "a leader only appends to its log, never overwrites or deletes",
        source: "Ongaro, Ousterhout: Raft (USENIX ATC 2014), figure 3 and section 5.3",
        kind: PropertyKind::Safety,
    };
}

impl Check for LeaderAppendOnly {
    fn property(&self) -> Property {
        LeaderAppendOnly::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for LeaderAppendOnly {
    type State = Leaderships;

    fn begin(&self) -> Leaderships {
        Leaderships::default()
    }
}

/// Every log, and which processes lead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaderships {
    logs: Logs,
    leading: Lives<Option<Leadership>>,
    judged: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leadership {
    term: u64,
    last: u64,
    won: Seen,
}

impl Observe for Leaderships {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match &entry.event {
            Event::Fact(Fact::Elected { term, last }) => {
                let won = Seen::of(place, entry);
                *self.leading.slot(entry) = Some(Leadership { term: *term, last: *last, won });
            }
            Event::Fact(Fact::SteppedDown { .. } | Fact::Recovered { .. }) => *self.leading.slot(entry) = None,
            // Neither a vote nor an entry of a greater term is a leader's: it has stepped down, if silently.
            Event::Fact(Fact::Voted { term, .. } | Fact::Appended { term, .. }) => {
                let leading = self.leading.slot(entry);
                *leading = leading.filter(|leadership| *term <= leadership.term);
            }
            _ if forgets(entry) => *self.leading.slot(entry) = None,
            _ => {}
        }
        let change = self.logs.observe(place, entry)?;
        let leadership = (*self.leading.get(entry)?)?;
        self.judge(leadership, change, Seen::of(place, entry), entry)
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Leaderships {
    fn judge(&mut self, leadership: Leadership, change: Change, seen: Seen, entry: &Entry) -> Option<Witness> {
        let (shape, index) = match change {
            Change::Novel(_) | Change::Known(_) => {
                self.judged += 1;
                return None;
            }
            Change::Cut(prefix) => ("a leader deleted entries", self.logs.link(prefix).index),
            Change::Misfit { length } => match &entry.event {
                Event::Fact(Fact::Appended { index, .. }) if *index <= length => {
                    ("a leader overwrote an entry", *index)
                }
                _ => return None,
            },
            Change::Committed(_) => return None,
        };
        refute(shape, index, leadership, seen, entry)
    }
}

#[cold]
fn refute(shape: &str, index: u64, leadership: Leadership, seen: Seen, entry: &Entry) -> Option<Witness> {
    let Event::Fact(fact) = &entry.event else { return None };
    let Leadership { term, last, won } = leadership;
    let said = format!("{} still led term {term} when it lost entry {index}.", entry.node);
    let steps = vec![won.step(Fact::Elected { term, last }), seen.step(fact)];
    Some(LeaderAppendOnly::PROPERTY.refuted(shape, steps, said))
}
