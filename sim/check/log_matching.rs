//! Log matching: an entry's index and term stand for the whole log up to it. Reads what members append.
//!
//! Holds over all time and not only between logs of one moment: a term has one leader, and it creates one entry per
//! index. A report that fits no log (a gap, an overwritten entry, a commit beyond the end) is a violation here, since
//! the other Raft properties cannot be judged on it.

use super::dense::Dense;
use super::logs::{Change, Logs, Missing, Prefix};
use super::online::{Observe, Online, Seen, both, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, Event, History};

/// Two logs with an entry of the same index and term are identical up to it. Twin on operations:
/// [`ClientAgreement`](super::ClientAgreement).
#[derive(Clone, Copy, Debug, Default)]
pub struct LogMatching;

impl LogMatching {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "log_matching",
        about: "logs that share an entry's index and term are identical up to that entry",
        source: "Ongaro, Ousterhout: Raft (USENIX ATC 2014), figure 3 and section 5.3",
        kind: PropertyKind::Safety,
    };
}

impl Check for LogMatching {
    fn property(&self) -> Property {
        LogMatching::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts, Lane::Environment]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for LogMatching {
    type State = MatchingLogs;

    fn begin(&self) -> MatchingLogs {
        MatchingLogs::default()
    }
}

/// Every log, and the different prefixes that end at each index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatchingLogs {
    logs: Logs,
    ending_at: Dense<Vec<Prefix>>,
    judged: u64,
}

impl Observe for MatchingLogs {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        match self.logs.observe(place, entry)? {
            Change::Known(_) => self.judged += 1,
            Change::Novel(prefix) => {
                self.judged += 1;
                return self.compare(prefix);
            }
            Change::Misfit { length } => return misfit(Seen::of(place, entry), entry, length),
            Change::Cut(_) | Change::Committed(_) => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl MatchingLogs {
    fn compare(&mut self, novel: Prefix) -> Option<Witness> {
        let link = self.logs.link(novel);
        let rivals = self.ending_at.slot(link.index);
        if let Some(rival) = rivals.iter().find(|rival| self.logs.link(**rival).term == link.term) {
            let rival = *rival;
            return self.refute(rival, novel);
        }
        rivals.push(novel);
        None
    }

    #[cold]
    fn refute(&self, rival: Prefix, novel: Prefix) -> Option<Witness> {
        let Missing { missing, instead } = self.logs.first_missing(Some(novel), rival);
        let (last, parting) = (self.logs.link(novel), self.logs.link(missing).index);
        let who = both(self.logs.link(rival).first.node, last.first.node);
        let (index, term) = (last.index, last.term);
        let (shape, contradiction) = if parting == index {
            ("two entries of one index and term", format!("Entry {index} of term {term} is not the same for {who}."))
        } else {
            let said = format!("{who} held entry {index} of term {term} over different entries {parting}.");
            ("one entry over different logs", said)
        };
        let steps = [Some(missing), instead, Some(rival), Some(novel)];
        let steps = steps.into_iter().flatten().map(|prefix| self.logs.step(prefix)).collect();
        Some(LogMatching::PROPERTY.refuted(shape, steps, contradiction))
    }
}

#[cold]
fn misfit(seen: Seen, entry: &Entry, length: u64) -> Option<Witness> {
    let Event::Fact(fact) = &entry.event else { return None };
    let said = format!("{}'s log ended at entry {length}.", entry.node);
    Some(LogMatching::PROPERTY.refuted("a report that fits no log", vec![seen.step(fact)], said))
}
