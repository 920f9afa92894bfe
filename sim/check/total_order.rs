//! Total order: whoever gets the same kind of letters takes them in the same order.
//!
//! In the prefix form: among letters to the same receivers, the n-th that anyone takes is the n-th that everyone takes,
//! so whoever is behind has a prefix. Neither FIFO nor causal order follows from it. Letters to different groups are
//! not compared.

use super::letters::{Letters, News, Receipt};
use super::online::{Observe, Online, judge};
use super::{Check, Lane, Property, PropertyKind, Verdict, Witness};
use crate::history::{Entry, History};
use crate::id::NodeId;
use std::collections::BTreeMap;

/// Of letters to the same group, every receiver takes the same one first, the same one second, and so on.
#[derive(Clone, Copy, Debug, Default)]
pub struct TotalOrder;

impl TotalOrder {
    /// What it checks, and where that comes from.
    pub const PROPERTY: Property = Property {
        name: "total_order",
        about: "all receivers of a group take its letters in one order, each a prefix of it",
        source: "Defago, Schiper, Urban 2004, section 2.2 (uniform total order, prefix form)",
        kind: PropertyKind::Safety,
    };
}

impl Check for TotalOrder {
    fn property(&self) -> Property {
        TotalOrder::PROPERTY
    }

    fn lanes(&self) -> &'static [Lane] {
        &[Lane::Facts]
    }

    fn check(&self, history: &History) -> Verdict {
        judge(self.begin(), history)
    }
}

impl Online for TotalOrder {
    type State = Orders;

    fn begin(&self) -> Orders {
        Orders::default()
    }
}

/// The order of each group, as far as anyone has taken it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    letters: Letters,
    groups: BTreeMap<Vec<NodeId>, Group>,
    judged: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Group {
    /// By place in the group's order: who took what there first.
    first: Vec<Receipt>,
    /// How many of the group's letters each has taken.
    taken: BTreeMap<NodeId, usize>,
}

impl Observe for Orders {
    #[inline]
    fn observe(&mut self, place: usize, entry: &Entry) -> Option<Witness> {
        let News::Taken(receipt) = self.letters.observe(place, entry) else { return None };
        // A letter that nobody sent has no group: that is another property's business.
        let mut group = self.letters.sent(receipt.letter)?.to.clone();
        group.sort_unstable();
        // Who gets a letter alone has nobody to agree with.
        if group.len() < 2 {
            return None;
        }
        self.judged += 1;
        let group = self.groups.entry(group).or_default();
        let taken = group.taken.entry(receipt.by.node).or_default();
        let at = *taken;
        *taken += 1;
        match group.first.get(at) {
            None => group.first.push(receipt),
            Some(first) if first.letter != receipt.letter => return refute(*first, receipt, at),
            Some(_) => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

#[cold]
fn refute(first: Receipt, second: Receipt, at: usize) -> Option<Witness> {
    let step = |Receipt { letter, position, by }: Receipt| by.step(format_args!("takes {letter} as {position}"));
    let which = at + 1;
    let contradiction = format!(
        "Letter {which} of their group is {} for {} and {} for {}.",
        first.letter, first.by.node, second.letter, second.by.node
    );
    Some(TotalOrder::PROPERTY.refuted("two orders of letters", vec![step(first), step(second)], contradiction))
}
