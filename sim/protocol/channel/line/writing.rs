//! A writer's side: letters are taken, sent, sent again and settled. Knows nothing of what came.

use super::durable::{Incarnation, Parcel, Write};
use super::frame::{Content, Timer};
use super::{Line, Order};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::channel::{Audience, Bounds, Delivery, Letter, LetterId, Post, Posted, Refusal};
use crate::time::Duration;

impl Line {
    /// The holder wants a letter sent.
    pub(super) fn post(&mut self, op: OpId, Post { to, body }: Post, effects: &mut Effects<Line>) {
        if let Err(refusal) = self.admit(to, body.bytes().len() as u64) {
            return effects.respond(op, Posted::Refused(refusal));
        }
        let id = LetterId { from: self.me, number: self.disk.posted + 1 };
        let letter = Letter { id, to, body };
        let own = to.includes(self.me).then_some(self.disk.delivered + 1);
        let readers: Vec<NodeId> = self.members.others(self.me).filter(|reader| to.includes(*reader)).collect();
        let past = (self.order == Order::Causal).then(|| self.past_to_send());
        let parcel = Parcel { letter: letter.clone(), past };
        let settled = self.settled();
        self.save(Write::Posted { parcel, to: readers.clone(), own, settled }, effects);
        effects.respond(op, Posted::Accepted(id));
        if let Some(position) = own {
            effects.ask(position, Delivery { position, letter });
        }
        for reader in readers {
            self.send_on(reader, effects);
        }
    }

    /// Whether a letter can be taken, and if not, why. Refusing changes nothing.
    fn admit(&self, to: Audience, bytes: u64) -> Result<(), Refusal> {
        let Bounds { outbox, inbox, body, .. } = self.bounds;
        if let Audience::One(one) = to
            && !self.members.contains(one)
        {
            return Err(Refusal::Stranger(one));
        }
        if bytes > body {
            return Err(Refusal::TooLong { bytes, bound: body });
        }
        if to.includes(self.me) && !self.has_room() {
            return Err(Refusal::Full { behind: self.me, bound: inbox });
        }
        let readers = self.members.others(self.me).filter(|reader| to.includes(*reader));
        let behind = readers.into_iter().find(|reader| self.waiting_for(*reader) >= outbox);
        behind.map_or(Ok(()), |behind| Err(Refusal::Full { behind, bound: outbox }))
    }

    /// The numbers of the letters for a reader that are not known to have arrived, lowest first.
    fn pending(&self, reader: NodeId) -> Vec<u64> {
        let Some(stream) = self.disk.streams.get(&reader) else { return Vec::new() };
        let arrived = &self.peers[&reader].arrived;
        stream.waiting.keys().copied().filter(|number| !arrived.contains(number)).collect()
    }

    /// Sends what the window allows and was not sent in this life.
    pub(super) fn send_on(&mut self, reader: NodeId, effects: &mut Effects<Line>) {
        let pending = self.pending(reader);
        let met = self.disk.met.get(&reader).is_some_and(|known| *known != Incarnation::UNKNOWN);
        let Bounds { window, .. } = self.bounds;
        let peer = self.peers.get_mut(&reader).expect("a member of the team");
        let Some(first) = pending.first().copied() else {
            if std::mem::take(&mut peer.armed) {
                effects.disarm(Timer::Resend(reader));
            }
            return;
        };
        let fresh = !peer.armed;
        let (flown, limit) = (peer.flown, first + peer.room.unwrap_or(window).min(window));
        if met {
            let allowed = |number: &u64| *number > flown && *number < limit;
            for number in pending.into_iter().filter(allowed) {
                self.send_letter(reader, number, effects);
            }
        } else if fresh {
            self.send(reader, Content::Hello, effects);
        }
        if fresh {
            self.arm(reader, effects);
        }
    }

    fn send_letter(&mut self, reader: NodeId, number: u64, effects: &mut Effects<Line>) {
        let Some(parcel) = self.disk.streams.get(&reader).and_then(|stream| stream.waiting.get(&number)) else {
            return;
        };
        let content = Content::Letter { number, parcel: parcel.clone() };
        self.send(reader, content, effects);
        let peer = self.peers.get_mut(&reader).expect("a member of the team");
        peer.flown = peer.flown.max(number);
    }

    fn arm(&mut self, reader: NodeId, effects: &mut Effects<Line>) {
        let Bounds { resend, resend_most, .. } = self.bounds;
        let peer = self.peers.get_mut(&reader).expect("a member of the team");
        peer.armed = true;
        // Far fewer doublings than that reach the longest span.
        let doubled = resend.0.saturating_mul(1 << peer.tries.min(20));
        let span = Duration(doubled.min(resend_most.0));
        // Half as long again at most: members that lost the same link do not all come back in one instant.
        effects.arm(Timer::Resend(reader), span..=Duration(span.0 + span.0 / 2));
    }

    /// Nothing came for a while: what was sent is sent again. If there was no room for anything, one letter asks.
    pub(super) fn resend(&mut self, reader: NodeId, effects: &mut Effects<Line>) {
        let Some(peer) = self.peers.get_mut(&reader) else { return };
        (peer.armed, peer.tries) = (false, peer.tries.saturating_add(1));
        let flown = peer.flown;
        let pending = self.pending(reader);
        let Some(first) = pending.first().copied() else { return };
        if self.disk.met.contains_key(&reader) {
            let window = usize::try_from(self.bounds.window).unwrap_or(usize::MAX);
            let again: Vec<u64> =
                pending.into_iter().filter(|number| self.sends_again() && *number <= flown.max(first)).collect();
            for number in again.into_iter().take(window) {
                self.send_letter(reader, number, effects);
            }
        } else {
            self.send(reader, Content::Hello, effects);
        }
        self.arm(reader, effects);
    }

    /// A reader has letters, durably.
    pub(super) fn on_ack(&mut self, reader: NodeId, upto: u64, beyond: &[u64], room: u64, effects: &mut Effects<Line>) {
        let pending = self.pending(reader);
        let peer = self.peers.get_mut(&reader).expect("a member of the team");
        let before = peer.arrived.len();
        peer.arrived.extend(pending.into_iter().filter(|number| *number <= upto || beyond.contains(number)));
        peer.room = Some(room);
        if peer.arrived.len() > before {
            // The next repetition counts from here.
            peer.tries = 0;
            if std::mem::take(&mut peer.armed) {
                effects.disarm(Timer::Resend(reader));
            }
        }
        self.send_on(reader, effects);
    }
}
