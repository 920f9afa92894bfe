//! Total order: whoever gets the same kind of letters takes them in the same order.
//!
//! In the prefix form: among letters to the same receivers, the n-th that anyone takes is the n-th that everyone takes,
//! so whoever is behind has a prefix. Neither FIFO nor causal order follows from it. Letters to different groups are
//! not compared.

use super::dense::{Dense, key_of};
use super::letters::{Alone, Known, News, Posted, Reader, Receipt, judge_letters};
use super::online::Online;
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
        judge_letters(Orders::default(), history)
    }
}

impl Online for TotalOrder {
    type State = Alone<Orders>;

    fn begin(&self) -> Alone<Orders> {
        Alone::of(Orders::default())
    }
}

/// The order of each group, as far as anyone has taken it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Orders {
    groups: BTreeMap<Vec<NodeId>, usize>,
    /// By address: its group. Who names the same receivers in another order writes to the same group.
    by_address: Vec<Option<usize>>,
    orders: Vec<Order>,
    judged: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Order {
    /// By place in the group's order: who took what there first.
    first: Vec<Receipt>,
    /// How many of the group's letters each has taken.
    taken: Dense<usize>,
}

impl Reader for Orders {
    #[inline]
    fn hear(&mut self, news: News, known: Known<'_>, _: usize, _: &Entry) -> Option<Witness> {
        let News::Taken(receipt) = news else { return None };
        // A letter that nobody sent has no group: that is another property's business.
        let posted = known.sent(receipt.letter)?;
        // Who gets a letter alone has nobody to agree with.
        if known.readers(posted).len() < 2 {
            return None;
        }
        self.judged += 1;
        let group = self.group(posted, known);
        let order = &mut self.orders[group];
        let taken = order.taken.slot(key_of(receipt.by.node));
        let at = *taken;
        *taken += 1;
        match order.first.get(at) {
            None => order.first.push(receipt),
            Some(first) if first.letter != receipt.letter => return refute(*first, receipt, at),
            Some(_) => {}
        }
        None
    }

    fn conclude(self) -> Verdict {
        Verdict::Holds { judged: self.judged }
    }
}

impl Orders {
    #[inline]
    fn group(&mut self, posted: Posted, known: Known<'_>) -> usize {
        let address = posted.to.number();
        match self.by_address.get(address) {
            Some(Some(group)) => *group,
            _ => self.new_address(address, known.readers(posted).to_vec()),
        }
    }

    #[cold]
    fn new_address(&mut self, address: usize, mut readers: Vec<NodeId>) -> usize {
        readers.sort_unstable();
        let fresh = self.orders.len();
        let group = *self.groups.entry(readers).or_insert(fresh);
        if group == fresh {
            self.orders.push(Order::default());
        }
        if address >= self.by_address.len() {
            self.by_address.resize(address + 1, None);
        }
        self.by_address[address] = Some(group);
        group
    }
}

#[cold]
fn refute(first: Receipt, second: Receipt, at: usize) -> Option<Witness> {
    let step = |Receipt { letter, position, by, .. }: Receipt| by.step(format_args!("takes {letter} as {position}"));
    let which = at + 1;
    let contradiction = format!(
        "Letter {which} of their group is {} for {} and {} for {}.",
        first.letter, first.by.node, second.letter, second.by.node
    );
    Some(TotalOrder::PROPERTY.refuted("two orders of letters", vec![step(first), step(second)], contradiction))
}
