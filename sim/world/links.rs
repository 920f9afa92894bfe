//! All links of a world, made when first used.

use super::link::{LINK_LANES, Link};
use super::roster::Roster;
use crate::id::NodeId;
use crate::seed::Piece::{Node, Text};
use crate::seed::Streams;
use crate::time::Time;

/// Directed links, in one square: a row for each sender, in it a column for each receiver.
pub(super) struct Links {
    roster: Roster,
    streams: Streams,
    /// When all faults end.
    healed: Option<Time>,
    /// How many participants there is room for.
    width: usize,
    square: Vec<Option<Box<Link>>>,
    /// How many cuts there are on all of them: mostly none, and then no link need be looked at.
    cuts: u32,
}

impl Links {
    /// The links among so many agents and all others of a roster. Agents may join later.
    pub(super) fn new(roster: Roster, agents: u16, streams: Streams, healed: Option<Time>) -> Links {
        let width = roster.place(NodeId::agent(agents));
        Links { roster, streams, healed, width, square: empty(width), cuts: 0 }
    }

    /// The link from one participant to another.
    #[inline]
    pub(super) fn get(&mut self, from: NodeId, to: NodeId) -> &mut Link {
        let (row, column) = (self.roster.place(from), self.roster.place(to));
        if row.max(column) >= self.width {
            self.widen(row.max(column) + 1);
        }
        let (streams, healed) = (&self.streams, self.healed);
        let link = &mut self.square[row * self.width + column];
        link.get_or_insert_with(|| made(streams, from, to, healed))
    }

    /// The link, if it was ever used.
    #[inline]
    pub(super) fn find(&self, from: NodeId, to: NodeId) -> Option<&Link> {
        let (row, column) = (self.roster.place(from), self.roster.place(to));
        if row.max(column) >= self.width {
            return None;
        }
        self.square[row * self.width + column].as_deref()
    }

    /// Whether the link is cut now.
    #[inline]
    pub(super) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts > 0 && self.find(from, to).is_some_and(|link| link.cuts > 0)
    }

    /// A fault of this number is on the link from now on, and cuts it so many times, none or one.
    pub(super) fn begin(&mut self, from: NodeId, to: NodeId, number: u32, cuts: u32) {
        let link = self.get(from, to);
        link.faults.push(number);
        link.cuts += cuts;
        self.cuts += cuts;
    }

    /// One strike of a fault ends on the link, if it is on; says whether it was.
    pub(super) fn end(&mut self, from: NodeId, to: NodeId, number: u32, cuts: u32) -> bool {
        let ended = self.get(from, to).end(number, cuts);
        if ended {
            self.cuts -= cuts;
        }
        ended
    }

    /// Makes room for more participants, and for as many again, so that this happens seldom.
    #[cold]
    fn widen(&mut self, least: usize) {
        let width = least.max(2 * self.width);
        let mut square = empty(width);
        for (place, link) in self.square.drain(..).enumerate() {
            square[place / self.width * width + place % self.width] = link;
        }
        (self.width, self.square) = (width, square);
    }
}

fn empty(width: usize) -> Vec<Option<Box<Link>>> {
    (0..width * width).map(|_| None).collect()
}

#[cold]
fn made(streams: &Streams, from: NodeId, to: NodeId, healed: Option<Time>) -> Box<Link> {
    Box::new(Link::new(streams.braid(&LINK_LANES, [Node(from), Text("->"), Node(to)]), healed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;

    #[test]
    fn links_stay_what_they_are_when_agents_join() {
        let mut links = Links::new(Roster::of(1, 1, 0), 2, Streams::of(Seed(1)), None);
        let (old, new) = ([NodeId::agent(1), NodeId::model(0)], [NodeId::agent(9), NodeId::client(0)]);
        links.begin(old[0], old[1], 7, 1);
        assert!(links.find(new[0], new[1]).is_none());
        links.begin(new[0], new[1], 8, 1);
        assert!(links.is_cut(old[0], old[1]) && links.is_cut(new[0], new[1]));
        assert!(!links.is_cut(old[1], old[0]) && links.find(new[1], new[0]).is_none());
        assert!(!links.end(old[0], old[1], 8, 1) && links.end(old[0], old[1], 7, 1));
        assert!(!links.is_cut(old[0], old[1]) && links.is_cut(new[0], new[1]));
    }
}
