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
    let is_inside = |member: &NodeId| match &fault.site {
        Site::Side(side) => side.contains(member),
        _ => Some(*member) == node,
    };
    let (side, rest): (Vec<NodeId>, Vec<NodeId>) = all.iter().partition(|member| is_inside(member));
    let parting = Parting { kind: fault.kind, all, side, rest };
    let pairs = all.iter().flat_map(|from| all.iter().map(|to| (*from, *to)));
    pairs.filter(|(from, to)| from != to && parting.cuts(*from, *to)).collect()
}

/// A partition of members into a side that it is about, and the rest.
struct Parting<'a> {
    kind: Kind,
    all: &'a [NodeId],
    side: Vec<NodeId>,
    rest: Vec<NodeId>,
}

impl Parting<'_> {
    /// Whether it cuts this directed link.
    fn cuts(&self, from: NodeId, to: NodeId) -> bool {
        let inside = |member: NodeId| self.side.contains(&member);
        match self.kind {
            Kind::PartitionSplit | Kind::PartitionIsolate => inside(from) != inside(to),
            Kind::PartitionOneWay => inside(from) && !inside(to),
            Kind::PartitionRing => {
                let place = |member: NodeId| self.all.iter().position(|other| *other == member).unwrap_or_default();
                let apart = place(from).abs_diff(place(to));
                apart != 1 && apart != self.all.len() - 1
            }
            Kind::PartitionBridge => {
                let place = |member: NodeId| self.rest.iter().position(|other| *other == member);
                let half = |member: NodeId| place(member).map(|place| place * 2 < self.rest.len());
                matches!((half(from), half(to)), (Some(one), Some(other)) if one != other)
            }
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
