//! Eventual convergence: once faults are over and everything had time to arrive, all replicas took in the same writes
//! and show the same.
//!
//! Terry et al., *Managing update conflicts in Bayou*, SOSP 1995, section 2; Shapiro et al., *Conflict-free replicated
//! data types*, SSS 2011, definition 2.2 (eventual delivery and convergence). Judged only in a history that is settled:
//! before, nothing was promised. O(replica records). Knows no values.

use super::CheckStore;
use super::chain::{Chain, Happening};
use crate::check::{Property, PropertyKind, Verdict};
use crate::history::store::{Deed, StoreHistory};

/// In the end all replicas are alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converged;

const NAME: &str = "converged";

impl CheckStore for Converged {
    fn property(&self) -> Property {
        Property {
            name: NAME,
            about: "once everything had time to arrive, all replicas show the same",
            source: "Terry et al. 1995; Shapiro et al. 2011",
            kind: PropertyKind::Safety,
        }
    }

    fn check(&self, history: &StoreHistory) -> Verdict<Chain> {
        if !history.is_settled() {
            return Verdict::Holds { judged: 0 };
        }
        let mut last: Vec<Option<usize>> = vec![None; history.replica_names().len()];
        for (place, record) in history.replicas().iter().enumerate() {
            match record.what {
                Deed::State(_) => last[record.replica.0 as usize] = Some(place),
                Deed::Lost => last[record.replica.0 as usize] = None,
                Deed::Applied(_) => {}
            }
        }
        let ends: Vec<usize> = last.iter().flatten().copied().collect();
        let state = |place: usize| history.replicas()[place].what;
        match ends.iter().find(|end| state(**end) != state(ends[0])) {
            Some(other) => Verdict::Violated(tell(history, ends[0], *other)),
            None => Verdict::Holds { judged: ends.len() as u64 },
        }
    }
}

fn tell(history: &StoreHistory, one: usize, other: usize) -> Chain {
    let events: Vec<Happening> = [one, other]
        .into_iter()
        .map(|place| {
            let record = history.replicas()[place];
            let Deed::State(state) = record.what else { unreachable!("only states are compared") };
            Happening {
                // Past all operations: a replica's record is none.
                number: history.operations().len() + place,
                line: None,
                who: history.replica_names().text(record.replica.0).to_owned(),
                from: record.at,
                until: Some(record.at),
                what: format!("comes to its last state {:06x}", state & 0xff_ffff),
            }
        })
        .collect();
    let [who, whom] = [&events[0].who, &events[1].who];
    let contradiction = format!("{who} and {whom} still show different things although everything had time to arrive.");
    Chain { property: NAME, pattern: "replicas differ in the end", events, edges: Vec::new(), contradiction }
}
