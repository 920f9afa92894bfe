//! Messages on their way: sent, struck, held, delivered.

use super::envelope::{Envelope, Flight, Parted};
use super::link::{Fate, Special, destroys};
use super::nemesis::{Until, Waiting};
use super::process::Incoming;
use super::recorder::{Note, Who};
use super::shape::{cuts, lasts};
use super::struck::Struck;
use super::{Due, World};
use crate::agent::Letter;
use crate::fault::Kind;
use crate::id::{NodeId, Role};
use crate::protocol::Event;
use crate::protocol::team::TeamProtocol;
use crate::time::Time;
use crate::trace::{Cause, Happening, Mark};

impl<P: TeamProtocol> World<P> {
    /// Sends a message over the link to `to`.
    #[inline]
    pub(super) fn send(&mut self, who: Who, to: NodeId, envelope: Envelope<P::Message>, cause: Cause) {
        let (about, words) = envelope.measure();
        let note = Note::about(about).with(to);
        let sent = self.recorder.record_with(who, Happening::Sent, cause, note, || envelope.told());
        self.recorder.figures.messages += 1;
        let flight = Flight { claimed: who.node, from: who.node, to, envelope, about, sent, struck: Struck::NONE };
        if who.node == to {
            self.queue.push(self.recorder.now, Due::Deliver(flight));
            return;
        }
        let now = self.recorder.now;
        let link = self.links.get(self.roster, &self.streams, who.node, to);
        if link.armed.is_empty() {
            let fate = link.fate(now, self.setup.latency, words, &self.setup.schedule.faults);
            if fate.is_plain() && link.cuts == 0 {
                self.queue.push(fate.arrival, Due::Deliver(flight));
            } else {
                self.send_struck(flight, fate);
            }
        } else {
            let fate = self.armed_fate(who.node, to, words);
            self.send_struck(flight, fate);
        }
        if !self.waiting.is_empty() {
            self.release(|waiting| waiting.until == Until::Crossed { from: to, to: who.node });
        }
    }

    /// Sends a message that a fault struck.
    #[cold]
    fn send_struck(&mut self, mut flight: Flight<P::Message>, fate: Fate) {
        if self.links.is_cut(self.roster, flight.from, flight.to) {
            // A link that lies about a cut makes the loss its own.
            let lies = fate.special.is_some_and(|special| special.kind == Kind::FalseSuccess);
            let kind = if lies { Some(Kind::FalseSuccess) } else { self.cutting_kind(flight.from, flight.to) };
            self.drop_flight(&flight, kind);
            return;
        }
        if let Some(second) = fate.second {
            self.send_second(flight.clone(), second, fate.special);
        }
        match fate.special {
            Some(special) if destroys(special.kind) => self.drop_flight(&flight, Some(special.kind)),
            Some(special) => {
                flight.struck = fate.shifted;
                self.send_special(flight, special, fate.arrival);
            }
            None => {
                flight.struck = fate.shifted;
                self.launch(flight, fate.arrival);
            }
        }
    }

    /// A second copy follows, unless the link holds both.
    fn send_second(&mut self, mut flight: Flight<P::Message>, arrival: Time, special: Option<Special>) {
        flight.struck = Struck::by(Kind::Duplicate);
        match special {
            Some(special) if special.kind == Kind::Hold => self.send_special(flight, special, arrival),
            _ => self.launch(flight, arrival),
        }
    }

    /// A message is on its way, and whatever struck it has acted.
    fn launch(&mut self, flight: Flight<P::Message>, arrival: Time) {
        flight.struck.kinds().for_each(|kind| self.recorder.ledger.fired(kind));
        self.queue.push(arrival, Due::Deliver(flight));
    }

    /// What a fault does to a message besides shifting or destroying it; where it cannot act it lets the message pass.
    fn send_special(&mut self, mut flight: Flight<P::Message>, special: Special, arrival: Time) {
        match special.kind {
            Kind::CorruptUnnoticed => match corrupted::<P>(&flight.envelope, special.draw) {
                Some(envelope) => {
                    flight.about = envelope.measure().0;
                    flight.envelope = envelope;
                }
                // A message that cannot be altered unnoticed is dropped.
                None => return self.drop_flight(&flight, Some(special.kind)),
            },
            Kind::ForgedSender => match self.other_member(flight.from, flight.to, special.draw) {
                Some(other) => flight.claimed = other,
                None => return self.launch(flight, arrival),
            },
            _ => return self.hold(flight, special, arrival),
        }
        flight.struck = flight.struck.with(special.kind);
        self.launch(flight, arrival);
    }

    /// A member that is neither the sender nor the receiver, if there is one.
    fn other_member(&self, from: NodeId, to: NodeId, draw: u64) -> Option<NodeId> {
        let others: Vec<NodeId> = self.members.iter().filter(|node| *node != from && *node != to).collect();
        let count = others.len() as u64;
        (count > 0).then(|| others[usize::try_from(draw % count).expect("a member")])
    }

    /// Keeps a message until something happens at its receiver, or the fault ends; a fault that does not apply lets it
    /// pass.
    fn hold(&mut self, mut flight: Flight<P::Message>, special: Special, arrival: Time) {
        let Special { kind, fault, .. } = special;
        let to_agent = flight.to.role() == Role::Agent;
        let until = match kind {
            Kind::Hold => Some(Until::FaultEnds),
            Kind::LateDelivery if to_agent => Some(Until::TimerAt(flight.to)),
            Kind::TurnEnd if to_agent && self.is_in_turn(flight.to) => Some(Until::TurnOf(flight.to)),
            Kind::Crossing if to_agent => Some(Until::Crossed { from: flight.from, to: flight.to }),
            _ => None,
        };
        let Some(until) = until else {
            return self.launch(flight, arrival);
        };
        let note = Note::about(flight.about).with(flight.to).marked(Mark::FAULT);
        self.recorder.record_with(Who::only(flight.from), Happening::Held, flight.sent, note, || kind.to_string());
        flight.struck = flight.struck.with(kind);
        flight.struck.kinds().for_each(|kind| self.recorder.ledger.fired(kind));
        self.waiting.push(Waiting { flight, until, fault, arrival });
    }

    /// Lets go of held messages, in the order they were sent.
    pub(super) fn release(&mut self, freed: impl Fn(&Waiting<P::Message>) -> bool) {
        let mut kept = Vec::new();
        for waiting in std::mem::take(&mut self.waiting) {
            if freed(&waiting) {
                let at = waiting.arrival.max(self.recorder.now);
                self.queue.push(at, Due::Deliver(waiting.flight));
            } else {
                kept.push(waiting);
            }
        }
        self.waiting = kept;
    }

    /// A message never arrives, because of this fault. If its receiver lives, it feels that.
    pub(super) fn drop_flight(&mut self, flight: &Flight<P::Message>, kind: Option<Kind>) {
        let note = Note::about(flight.about).with(flight.claimed).marked(Mark::FAULT);
        let who = self.receiver(flight.to);
        let text = || flight.envelope.told();
        self.recorder.record_with(who, Happening::Dropped, flight.sent, note, text);
        let lives = flight.to.role() != Role::Agent || !self.live[flight.to.index()].is_empty();
        if let Some(kind) = kind {
            self.recorder.ledger.fired(kind);
            if lives {
                self.recorder.ledger.felt(kind);
            }
        }
    }

    fn receiver(&self, node: NodeId) -> Who {
        match node.role() {
            Role::Agent => self.live[node.index()].first().map_or(Who::only(node), |process| self.who(*process)),
            _ => Who::only(node),
        }
    }

    /// The kind of the first active fault that cuts this link.
    pub(super) fn cutting_kind(&mut self, from: NodeId, to: NodeId) -> Option<Kind> {
        let link = self.links.get(self.roster, &self.streams, from, to);
        let faults = &self.setup.schedule.faults;
        link.faults.iter().map(|number| faults[*number as usize].kind).find(|kind| cuts(*kind))
    }

    /// A message reaches its receiver, if the link still stands and somebody is there.
    #[inline]
    pub(super) fn deliver(&mut self, flight: Flight<P::Message>) {
        if flight.from != flight.to && self.links.is_cut(self.roster, flight.from, flight.to) {
            let kind = self.cutting_kind(flight.from, flight.to);
            self.drop_flight(&flight, kind);
            return;
        }
        let mark = if flight.struck.is_empty() { Mark::NONE } else { Mark::FAULT };
        let note = Note::about(flight.about).with(flight.claimed).marked(mark);
        match flight.to.role() {
            Role::Agent => self.deliver_to_agent(flight, note),
            Role::Client => {
                self.feel(flight.struck);
                let cause = self.delivered(Who::only(flight.to), &flight, note);
                if let Envelope::Return(back) = flight.envelope {
                    self.client_hears(u16::try_from(flight.to.index()).expect("a client"), *back, cause);
                }
            }
            Role::Tool => self.deliver_to_tool(flight, note),
            Role::Model => {
                self.feel(flight.struck);
                let cause = self.delivered(Who::only(flight.to), &flight, note);
                match flight.envelope {
                    Envelope::Prompt(prompt) => self.prompted(flight.to, flight.claimed, *prompt, cause),
                    Envelope::Cancel(cancel) => self.cancelled(flight.to, cancel, cause),
                    _ => {}
                }
            }
        }
    }

    /// A message reaches a tool; one that is down takes no calls.
    fn deliver_to_tool(&mut self, flight: Flight<P::Message>, note: Note) {
        if !self.is_serving(flight.to) {
            self.recorder.record(Who::only(flight.to), Happening::Dropped, flight.sent, note.marked(Mark::NONE));
            return;
        }
        self.feel(flight.struck);
        let cause = self.delivered(Who::only(flight.to), &flight, note);
        if let Envelope::Call(call) = flight.envelope {
            self.tool_called(flight.to, flight.claimed, *call, cause);
        }
    }

    #[inline]
    fn delivered(&mut self, who: Who, flight: &Flight<P::Message>, note: Note) -> Cause {
        self.recorder.record_with(who, Happening::Delivered, flight.sent, note, || flight.envelope.told())
    }

    /// The receiver of a message observes what struck it.
    #[inline]
    fn feel(&mut self, struck: Struck) {
        if !struck.is_empty() {
            struck.kinds().for_each(|kind| self.recorder.ledger.felt(kind));
        }
    }

    #[inline]
    fn deliver_to_agent(&mut self, flight: Flight<P::Message>, note: Note) {
        match self.live[flight.to.index()][..] {
            [] => {
                let note = note.marked(Mark::NONE);
                self.recorder.record(Who::only(flight.to), Happening::Dropped, flight.sent, note);
            }
            [process] if !matches!(flight.envelope, Envelope::Parted(_)) => {
                self.feel(flight.struck);
                self.reach(process, flight, note);
            }
            [..] if matches!(flight.envelope, Envelope::Parted(_)) => self.deliver_to_side(flight),
            // Twins; one may stop at what it hears, so the list is settled first.
            [..] => {
                self.feel(flight.struck);
                for process in self.live[flight.to.index()].clone() {
                    self.reach(process, flight.clone(), note);
                }
            }
        }
    }

    /// A message that some copies only may hear.
    #[cold]
    fn deliver_to_side(&mut self, mut flight: Flight<P::Message>) {
        self.feel(flight.struck);
        if let Envelope::Parted(parted) = flight.envelope {
            let Parted { heard_by, message } = *parted;
            flight.envelope = Envelope::Peer(message);
            self.deliver_parted(flight, &heard_by);
        }
    }

    /// A message reaches one live copy of its receiver.
    pub(super) fn reach_copy(&mut self, process: u32, flight: Flight<P::Message>) {
        let mark = if flight.struck.is_empty() { Mark::NONE } else { Mark::FAULT };
        let note = Note::about(flight.about).with(flight.claimed).marked(mark);
        self.reach(process, flight, note);
    }

    /// A message reaches one live copy.
    #[inline]
    fn reach(&mut self, process: u32, mut flight: Flight<P::Message>, note: Note) {
        let cause = self.delivered(self.who(process), &flight, note);
        let target = &self.processes[process as usize];
        if let Envelope::Peer(message) = flight.envelope {
            // By far the most frequent case, and it need not wait.
            if target.is_pure() && target.is_free() {
                return self.step(process, Event::Deliver { from: flight.claimed, message }, cause);
            }
            flight.envelope = Envelope::Peer(message);
        }
        if let Some(incoming) = self.incoming(process, flight.claimed, flight.envelope) {
            self.handle(process, incoming, cause);
        }
    }

    /// What a message is to the process it reaches.
    fn incoming(&self, process: u32, from: NodeId, envelope: Envelope<P::Message>) -> Option<Incoming<P>> {
        let process = &self.processes[process as usize];
        let pure = process.is_pure();
        Some(match envelope {
            Envelope::Peer(message) if pure => Incoming::Event(Event::Deliver { from, message }),
            Envelope::Invoke(invoke) if pure => {
                Incoming::Event(Event::Invoke { op: invoke.op, request: invoke.request })
            }
            // A reply is for the process that asked, not for a later one under the same name.
            Envelope::Reply(reply) if reply.process == process.id => Incoming::Reply(reply),
            Envelope::Piece(piece) if piece.process == process.id => Incoming::Piece(piece),
            Envelope::Answer(answer) if !pure => Incoming::Called(answer),
            Envelope::Any(parcel) if !pure => Incoming::Letter(Letter { from, parcel }),
            _ => return None,
        })
    }

    /// The fate of a message on a link where faults wait for the n-th one. Of those that waited for this one, some
    /// strike it alone; one that lasts begins and is on the link from now on.
    #[cold]
    fn armed_fate(&mut self, from: NodeId, to: NodeId, words: u64) -> Fate {
        let link = self.links.get(self.roster, &self.streams, from, to);
        let number = link.sent();
        let due: Vec<u32> = link.armed.extract_if(.., |(nth, _)| *nth == number).map(|(_, fault)| fault).collect();
        let begun: Vec<u32> = due.into_iter().filter(|fault| self.begin_fault(*fault, None)).collect();
        let faults = &self.setup.schedule.faults;
        let link = self.links.get(self.roster, &self.streams, from, to);
        let fate = link.fate(self.recorder.now, self.setup.latency, words, faults);
        let single = |number: &u32| begun.contains(number) && !lasts(faults[*number as usize].kind);
        link.faults.retain(|number| !single(number));
        fate
    }
}

/// The message altered in one place, if no checksum would notice.
fn corrupted<P: TeamProtocol>(envelope: &Envelope<P::Message>, draw: u64) -> Option<Envelope<P::Message>> {
    match envelope {
        Envelope::Peer(message) => P::corrupted(message, draw).map(Envelope::Peer),
        _ => None,
    }
}
