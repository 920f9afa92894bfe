//! A reader's side: letters come, wait their turn, are delivered and acknowledged. Knows nothing of what is sent.

use super::durable::{Arrival, Cursor, Parcel, Settled, Write};
use super::frame::Content;
use super::{Line, Order};
use crate::id::NodeId;
use crate::protocol::channel::Delivery;
use crate::protocol::{Effects, Fold};
use std::collections::BTreeSet;

impl Line {
    /// A letter comes.
    pub(super) fn on_letter(&mut self, from: NodeId, number: u64, parcel: Parcel, effects: &mut Effects<Line>) {
        if self.is_repetition(&self.cursor(from), number) {
            return self.acknowledge(from, effects);
        }
        let timely = self.has_room() && self.may_deliver(from, number, &parcel);
        let held = &mut self.peers.get_mut(&from).expect("a member of the team").held;
        // What is delivered now leaves at once, so it does not count.
        if timely || (held.len() as u64) < self.bounds.held {
            held.insert(number, parcel);
        }
        self.deliver_what_may_be(effects);
        if !timely && !self.has_room() {
            self.acknowledge(from, effects);
        }
    }

    fn cursor(&self, writer: NodeId) -> Cursor {
        self.believed(self.disk.cursors.get(&writer).cloned().unwrap_or_default())
    }

    /// Whether the holder can be handed another letter.
    pub(super) fn has_room(&self) -> bool {
        self.room() > 0
    }

    fn room(&self) -> u64 {
        let open = self.disk.inbox.iter().filter(|delivery| delivery.position > self.taken).count() as u64;
        self.bounds.inbox.saturating_sub(open)
    }

    /// Rule 5.
    fn may_deliver(&self, from: NodeId, number: u64, parcel: &Parcel) -> bool {
        match self.order {
            Order::Unordered => true,
            Order::Fifo => self.is_next(&self.cursor(from), number),
            Order::Causal => self.is_next(&self.cursor(from), number) && self.has_the_past_of(from, parcel),
        }
    }

    /// Whether every letter to this member that the writer knew of was delivered. Its own before this one have lower
    /// numbers.
    fn has_the_past_of(&self, from: NodeId, parcel: &Parcel) -> bool {
        let Some(past) = parcel.past.as_ref().filter(|_| self.waits_for_the_past()) else { return true };
        past.senders()
            .filter(|sender| *sender != from)
            .all(|sender| past.of(sender, self.me) <= self.cursor(sender).upto)
    }

    /// Delivers held letters, one after the other, as long as one may be and the holder has room; then acknowledges
    /// them all. One write makes them durable.
    pub(super) fn deliver_what_may_be(&mut self, effects: &mut Effects<Line>) {
        let (mut arrivals, mut readers) = (Vec::new(), BTreeSet::new());
        while let Some((from, number)) = self.next_in_turn() {
            let parcel = self.peers.get_mut(&from).and_then(|peer| peer.held.remove(&number)).expect("it is held");
            let arrival = self.arrival(number, parcel);
            self.disk.fold(&Write::Came { arrivals: vec![arrival.clone()], settled: Settled::default() });
            arrivals.push(arrival);
            readers.insert(from);
        }
        if arrivals.is_empty() {
            return;
        }
        let settled = self.settled();
        self.disk.fold(&Write::Came { arrivals: Vec::new(), settled: settled.clone() });
        if !self.acks_what_is_durable() {
            readers.iter().for_each(|from| self.acknowledge(*from, effects));
        }
        effects.persist(Write::Came { arrivals: arrivals.clone(), settled });
        for Arrival { position, parcel, .. } in arrivals {
            effects.ask(position, Delivery { position, letter: parcel.letter });
        }
        if self.acks_what_is_durable() {
            readers.iter().for_each(|from| self.acknowledge(*from, effects));
        }
    }

    fn next_in_turn(&mut self) -> Option<(NodeId, u64)> {
        if !self.has_room() {
            return None;
        }
        let held =
            self.peers.iter().flat_map(|(from, peer)| peer.held.iter().map(move |(number, it)| (*from, *number, it)));
        let mut held = held.filter(|(from, number, parcel)| self.may_deliver(*from, *number, parcel));
        held.next().map(|(from, number, _)| (from, number))
    }

    fn arrival(&self, number: u64, mut parcel: Parcel) -> Arrival {
        parcel.past = parcel.past.map(|past| self.past_to_learn(past));
        Arrival { number, position: self.disk.delivered + 1, parcel }
    }

    /// Tells a writer what has come, durably, and how much more the holder can be handed.
    pub(super) fn acknowledge(&mut self, writer: NodeId, effects: &mut Effects<Line>) {
        let cursor = self.cursor(writer);
        let room = self.room();
        self.peers.get_mut(&writer).expect("a member of the team").refused = room == 0;
        let beyond = cursor.beyond.into_iter().collect();
        self.send(writer, Content::Ack { upto: cursor.upto, beyond, room }, effects);
    }

    /// The holder has taken in everything up to a position. Who was told that there is no room is told that there is.
    pub(super) fn on_taken(&mut self, position: u64, effects: &mut Effects<Line>) {
        self.taken = self.taken.max(position.min(self.disk.delivered));
        self.deliver_what_may_be(effects);
        if !self.has_room() {
            return;
        }
        let refused = self.peers.iter().filter(|(_, peer)| peer.refused).map(|(peer, _)| *peer);
        for writer in refused.collect::<Vec<_>>() {
            self.acknowledge(writer, effects);
        }
    }
}
