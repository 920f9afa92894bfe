//! The shapes of network faults: which kinds cut, which last, and which directed links a partition parts. Knows no
//! world.

use crate::fault::{Fault, Kind, Site};
use crate::id::NodeId;
use crate::time::{Duration, millis};

/// A link that flaps faster than messages travel is merely lossy.
const FASTEST_FLAP: Duration = millis(1);

/// Whether a kind cuts links.
pub(super) const fn cuts(kind: Kind) -> bool {
    matches!(kind, Kind::Cut | Kind::Flap | Kind::PartitionSplit | Kind::PartitionIsolate)
        || matches!(kind, Kind::PartitionRing | Kind::PartitionBridge | Kind::PartitionOneWay)
}

/// Whether a kind is a state of the link. Every other kind strikes single messages.
pub(super) const fn lasts(kind: Kind) -> bool {
    cuts(kind) || matches!(kind, Kind::Hold | Kind::Bandwidth)
}

/// Whether a kind parts members from members.
const fn is_partition(kind: Kind) -> bool {
    cuts(kind) && !matches!(kind, Kind::Cut | Kind::Flap)
}

/// How long a flapping link stays as it is.
pub(super) fn flap_period(fault: &Fault) -> Duration {
    Duration(fault.strength).max(FASTEST_FLAP)
}

/// The directed links that a network fault is about. `node` is the member it is about, if it is about one.
pub(super) fn struck_links(fault: &Fault, node: Option<NodeId>, all: &[NodeId]) -> Vec<(NodeId, NodeId)> {
    match (&fault.site, node) {
        (Site::Link { from, to }, _) => return vec![(*from, *to)],
        // At a telling moment a link fault strikes everything the node sends to its peers.
        (Site::Whoever, Some(node)) if !is_partition(fault.kind) => {
            return all.iter().filter(|peer| **peer != node).map(|peer| (node, *peer)).collect();
        }
        _ => {}
    }
    let parting = Parting::of(fault, node, all);
    let mut links = Vec::new();
    for (from, sender) in all.iter().enumerate() {
        let cut = all.iter().enumerate().filter(|(to, _)| from != *to && parting.cuts(from, *to));
        links.extend(cut.map(|(_, receiver)| (*sender, *receiver)));
    }
    links
}

/// A partition of members into a side that it is about, and the rest.
struct Parting {
    kind: Kind,
    /// Where each member is.
    sides: Vec<Side>,
    /// How many the rest are.
    rest: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Inside,
    /// At this place among the rest.
    Rest(usize),
}

impl Parting {
    fn of(fault: &Fault, node: Option<NodeId>, all: &[NodeId]) -> Parting {
        let is_inside = |member: &NodeId| match &fault.site {
            Site::Side(side) => side.contains(member),
            _ => Some(*member) == node,
        };
        let mut rest = 0;
        let side = |member| {
            if is_inside(member) {
                return Side::Inside;
            }
            rest += 1;
            Side::Rest(rest - 1)
        };
        let sides = all.iter().map(side).collect();
        Parting { kind: fault.kind, sides, rest }
    }

    /// Whether it cuts the directed link between two members, by their places.
    fn cuts(&self, from: usize, to: usize) -> bool {
        let (here, there) = (self.sides[from], self.sides[to]);
        let inside = |side: Side| side == Side::Inside;
        match self.kind {
            Kind::PartitionSplit | Kind::PartitionIsolate => inside(here) != inside(there),
            Kind::PartitionOneWay => inside(here) && !inside(there),
            Kind::PartitionRing => {
                let apart = from.abs_diff(to);
                apart != 1 && apart != self.sides.len() - 1
            }
            Kind::PartitionBridge => match (here, there) {
                (Side::Rest(one), Side::Rest(other)) => (one * 2 < self.rest) != (other * 2 < self.rest),
                _ => false,
            },
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Members;
    use crate::time::{Time, seconds};

    /// How many directed links this partition of a team of so many cuts.
    fn cut_links(kind: Kind, site: Site, size: u16) -> usize {
        let all: Vec<NodeId> = Members::of(size).iter().collect();
        let when = crate::fault::When::At(Time::ZERO);
        let fault = Fault { when, span: seconds(1), ..Fault::on(kind, site) };
        struck_links(&fault, None, &all).len()
    }

    #[test]
    fn a_bridge_parts_the_others_into_two_halves_wherever_it_stands() {
        for (size, cut) in [(3, 2), (4, 4), (5, 8), (7, 18)] {
            for bridge in 0..size {
                let site = Site::Side(vec![NodeId::agent(bridge)]);
                assert_eq!(cut_links(Kind::PartitionBridge, site, size), cut, "a bridge at {bridge} of {size}");
            }
        }
    }

    #[test]
    fn a_ring_leaves_each_member_two_neighbours() {
        for (size, cut) in [(3, 0), (4, 4), (5, 10), (7, 28)] {
            let all = Site::Side(Members::of(size).iter().collect());
            assert_eq!(cut_links(Kind::PartitionRing, all, size), cut, "a ring of {size}");
        }
    }
}
