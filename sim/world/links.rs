//! All links of a world, made when first used.

use super::link::{LINK_LANES, Link};
use super::roster::Roster;
use crate::id::NodeId;
use crate::seed::Piece::{Node, Text};
use crate::seed::Streams;
use crate::time::Time;

/// Room for the links of a small team in one piece: a member and each participant, there and back, and some more.
const ROOM: usize = 4;

/// Directed links, in one square: a row for each sender, in it a column for each receiver.
pub(super) struct Links {
    roster: Roster,
    streams: Streams,
    /// When all faults end.
    healed: Option<Time>,
    /// How many participants there is room for.
    width: usize,
    /// Where among the links each is, once it was used.
    square: Vec<Option<u32>>,
    links: Vec<Link>,
    /// How many cuts there are on all of them: mostly none, and then no link need be looked at.
    cuts: u32,
}

impl Links {
    /// The links among so many agents and all others of a roster. Agents may join later.
    pub(super) fn new(roster: Roster, agents: u16, streams: Streams, healed: Option<Time>) -> Links {
        let width = roster.place(NodeId::agent(agents));
        let links = Vec::with_capacity(ROOM * width);
        Links { roster, streams, healed, width, square: vec![None; width * width], links, cuts: 0 }
    }

    /// The link from one participant to another.
    #[inline(always)]
    pub(super) fn get(&mut self, from: NodeId, to: NodeId) -> &mut Link {
        let (row, column) = (self.roster.place(from), self.roster.place(to));
        if row.max(column) >= self.width {
            self.widen(row.max(column) + 1);
        }
        let place = row * self.width + column;
        let number = self.square[place].unwrap_or_else(|| self.make(from, to, place));
        &mut self.links[number as usize]
    }

    #[cold]
    fn make(&mut self, from: NodeId, to: NodeId, place: usize) -> u32 {
        let number = u32::try_from(self.links.len()).expect("fewer than four billion links");
        let draws = self.streams.braid(&LINK_LANES, [Node(from), Text("->"), Node(to)]);
        self.links.push(Link::new(draws, self.healed));
        self.square[place] = Some(number);
        number
    }

    /// The link, if it was ever used.
    #[inline]
    pub(super) fn find(&self, from: NodeId, to: NodeId) -> Option<&Link> {
        let (row, column) = (self.roster.place(from), self.roster.place(to));
        if row.max(column) >= self.width {
            return None;
        }
        self.square[row * self.width + column].map(|number| &self.links[number as usize])
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
        let mut square = vec![None; width * width];
        for (place, link) in self.square.drain(..).enumerate() {
            square[place / self.width * width + place % self.width] = link;
        }
        (self.width, self.square) = (width, square);
    }
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
