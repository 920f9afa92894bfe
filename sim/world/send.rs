//! Messages on their way: sent, struck, held, delivered.

use super::World;
use super::envelope::{Envelope, Flight, Parted, Route};
use super::link::{Fate, Special, destroys};
use super::nemesis::{Until, Waiting};
use super::outcome::Traffic;
use super::process::Incoming;
use super::recorder::{Note, Who};
use super::shape::{cuts, lasts};
use super::slab::Place;
use super::struck::Struck;
use crate::agent::{Command, Letter};
use crate::fault::Kind;
use crate::id::{NodeId, Role};
use crate::protocol::team::TeamProtocol;
use crate::protocol::{Effect, Event};
use crate::time::Time;
use crate::trace::{Cause, Happening, Mark};
use std::vec::Drain;

impl<P: TeamProtocol> World<P> {
    /// Sends a message over the link to `to`. It is put where it stays until it is delivered before anything else is
    /// done, because to move it costs more than to look at it.
    #[inline(always)]
    pub(super) fn send(&mut self, who: Who, to: NodeId, envelope: Envelope<P::Message>, cause: Cause) {
        let route = Route::between(who.node, to, cause);
        let place = self.flights.insert(Flight { route, envelope });
        self.send_off(who, to, place, cause);
    }

    /// Sends the next of a step's effects, which is a message.
    #[inline(always)]
    pub(super) fn send_first(&mut self, who: Who, cause: Cause, effects: &mut Drain<'_, Effect<P>>) {
        let room = self.flights.room();
        match effects.next() {
            Some(Effect::Send { to, message }) => {
                let route = Route::between(who.node, to, cause);
                let place = room.fill(Flight { route, envelope: Envelope::Peer(message) });
                self.send_off(who, to, place, cause);
            }
            other => mistaken(other),
        }
    }

    /// Sends the first of an agent's commands, which is a message and by far the most frequent one.
    #[inline(always)]
    pub(super) fn send_parcel(&mut self, who: Who, cause: Cause) {
        let room = self.flights.room();
        match self.commands.pop_front() {
            Some(Command::Send { to, parcel }) => {
                let route = Route::between(who.node, to, cause);
                let place = room.fill(Flight { route, envelope: Envelope::Any(parcel) });
                self.send_off(who, to, place, cause);
            }
            other => mistaken(other),
        }
    }

    fn send_off(&mut self, who: Who, to: NodeId, place: Place, cause: Cause) {
        let now = self.recorder.now;
        let Flight { route, envelope } = self.flights.get_mut(place);
        let (about, words) = envelope.measure();
        let note = Note::about(about).with(to);
        route.about = about;
        route.sent = self.recorder.record_with(who, Happening::Sent, cause, note, || envelope.told());
        self.recorder.figures.messages += 1;
        if self.is_metered(who.node, to) {
            self.recorder.figures.shared.add(Traffic { messages: 1, words });
        }
        if who.node == to {
            return self.queue.push_kept(now, place);
        }
        match self.links.get(who.node, to).undisturbed(now, self.setup.latency) {
            Some(arrival) => self.queue.push_kept(arrival, place),
            None => self.send_disturbed(who.node, to, place, words),
        }
        if !self.waiting.is_empty() {
            self.release(|waiting| waiting.until == Until::Crossed { from: to, to: who.node });
        }
    }

    /// Sends a message on a link where faults are on or wait for the n-th message.
    #[cold]
    fn send_disturbed(&mut self, from: NodeId, to: NodeId, place: Place, words: u64) {
        let link = self.links.get(from, to);
        let fate = if link.armed.is_empty() {
            link.fate(self.recorder.now, self.setup.latency, words, &self.setup.schedule.faults)
        } else {
            self.armed_fate(from, to, words)
        };
        if fate.is_plain() && !self.links.is_cut(from, to) {
            self.queue.push_kept(fate.arrival, place);
        } else {
            self.send_struck(place, fate);
        }
    }

    /// Sends a message that a fault struck.
    fn send_struck(&mut self, place: Place, fate: Fate) {
        let mut flight = self.flights.take(place);
        let Route { from, to, .. } = flight.route;
        if self.links.is_cut(from, to) {
            // A link that lies about a cut makes the loss its own.
            let lies = fate.special.is_some_and(|special| special.kind == Kind::FalseSuccess);
            let kind = if lies { Some(Kind::FalseSuccess) } else { self.cutting_kind(from, to) };
            self.drop_flight(&flight, kind);
            return;
        }
        if let Some(second) = fate.second {
            self.send_second(flight.clone(), second, fate.special);
        }
        match fate.special {
            Some(special) if destroys(special.kind) => self.drop_flight(&flight, Some(special.kind)),
            Some(special) => {
                flight.route.struck = fate.shifted;
                self.send_special(flight, special, fate.arrival);
            }
            None => {
                flight.route.struck = fate.shifted;
                self.launch(flight, fate.arrival);
            }
        }
    }

    /// A second copy follows, unless the link holds both.
    fn send_second(&mut self, mut flight: Flight<P::Message>, arrival: Time, special: Option<Special>) {
        flight.route.struck = Struck::by(Kind::Duplicate);
        match special {
            Some(special) if special.kind == Kind::Hold => self.send_special(flight, special, arrival),
            _ => self.launch(flight, arrival),
        }
    }

    /// A message is on its way, and whatever struck it has acted.
    fn launch(&mut self, flight: Flight<P::Message>, arrival: Time) {
        flight.route.struck.kinds().for_each(|kind| self.recorder.ledger.fired(kind));
        self.fly(flight, arrival);
    }

    fn fly(&mut self, flight: Flight<P::Message>, arrival: Time) {
        let place = self.flights.insert(flight);
        self.queue.push_kept(arrival, place);
    }

    /// What a fault does to a message besides shifting or destroying it; where it cannot act it lets the message pass.
    fn send_special(&mut self, mut flight: Flight<P::Message>, special: Special, arrival: Time) {
        let Route { from, to, .. } = flight.route;
        match special.kind {
            Kind::CorruptUnnoticed => match corrupted::<P>(&flight.envelope, special.draw) {
                Some(envelope) => {
                    flight.route.about = envelope.measure().0;
                    flight.envelope = envelope;
                }
                // A message that cannot be altered unnoticed is dropped.
                None => return self.drop_flight(&flight, Some(special.kind)),
            },
            Kind::ForgedSender => match self.other_member(from, to, special.draw) {
                Some(other) => flight.route.claimed = other,
                None => return self.launch(flight, arrival),
            },
            _ => return self.hold(flight, special, arrival),
        }
        flight.route.struck = flight.route.struck.with(special.kind);
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
        let Route { from, to, about, sent, .. } = flight.route;
        let to_agent = to.role() == Role::Agent;
        let until = match kind {
            Kind::Hold => Some(Until::FaultEnds),
            Kind::LateDelivery if to_agent => Some(Until::TimerAt(to)),
            Kind::TurnEnd if to_agent && self.is_in_turn(to) => Some(Until::TurnOf(to)),
            Kind::Crossing if to_agent => Some(Until::Crossed { from, to }),
            _ => None,
        };
        let Some(until) = until else {
            return self.launch(flight, arrival);
        };
        let note = Note::about(about).with(to).marked(Mark::FAULT);
        self.recorder.record_with(Who::only(from), Happening::Held, sent, note, || kind.to_string());
        flight.route.struck = flight.route.struck.with(kind);
        flight.route.struck.kinds().for_each(|kind| self.recorder.ledger.fired(kind));
        self.waiting.push(Waiting { flight, until, fault, arrival });
    }

    /// Lets go of held messages, in the order they were sent.
    pub(super) fn release(&mut self, freed: impl Fn(&Waiting<P::Message>) -> bool) {
        let mut kept = Vec::new();
        for waiting in std::mem::take(&mut self.waiting) {
            if freed(&waiting) {
                self.fly(waiting.flight, waiting.arrival.max(self.recorder.now));
            } else {
                kept.push(waiting);
            }
        }
        self.waiting = kept;
    }

    /// A message never arrives, because of this fault. If its receiver lives, it feels that.
    pub(super) fn drop_flight(&mut self, flight: &Flight<P::Message>, kind: Option<Kind>) {
        let Route { to, about, claimed, sent, .. } = flight.route;
        let note = Note::about(about).with(claimed).marked(Mark::FAULT);
        let who = self.receiver(to);
        self.recorder.record_with(who, Happening::Dropped, sent, note, || flight.envelope.told());
        let lives = to.role() != Role::Agent || !self.live[to.index()].is_empty();
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
        let link = self.links.get(from, to);
        let faults = &self.setup.schedule.faults;
        link.faults.iter().map(|number| faults[*number as usize].kind).find(|kind| cuts(*kind))
    }

    /// A message reaches its receiver, if the link still stands and somebody is there.
    #[inline]
    pub(super) fn deliver(&mut self, place: Place) {
        let route = self.flights.get(place).route;
        if route.from != route.to && self.links.is_cut(route.from, route.to) {
            let kind = self.cutting_kind(route.from, route.to);
            let flight = self.flights.take(place);
            return self.drop_flight(&flight, kind);
        }
        match route.to.role() {
            Role::Agent => self.deliver_to_agent(route, place),
            Role::Client => {
                self.feel(route.struck);
                let cause = self.delivered(Who::only(route.to), route, place);
                if let Envelope::Return(back) = self.flights.take(place).envelope {
                    self.client_hears(u16::try_from(route.to.index()).expect("a client"), *back, cause);
                }
            }
            Role::Tool => self.deliver_to_tool(route, place),
            Role::Model => {
                self.feel(route.struck);
                let cause = self.delivered(Who::only(route.to), route, place);
                match self.flights.take(place).envelope {
                    Envelope::Prompt(prompt) => self.prompted(route.to, route.claimed, *prompt, cause),
                    Envelope::Cancel(cancel) => self.cancelled(route.to, cancel, cause),
                    _ => {}
                }
            }
        }
    }

    /// A message reaches a tool; one that is down takes no calls.
    fn deliver_to_tool(&mut self, route: Route, place: Place) {
        if !self.is_serving(route.to) {
            let note = Note::about(route.about).with(route.claimed);
            self.recorder.record(Who::only(route.to), Happening::Dropped, route.sent, note);
            return drop(self.flights.take(place));
        }
        self.feel(route.struck);
        let cause = self.delivered(Who::only(route.to), route, place);
        if let Envelope::Call(call) = self.flights.take(place).envelope {
            self.tool_called(route.to, route.claimed, *call, cause);
        }
    }

    #[inline]
    fn delivered(&mut self, who: Who, route: Route, place: Place) -> Cause {
        let mark = if route.struck.is_empty() { Mark::NONE } else { Mark::FAULT };
        let note = Note::about(route.about).with(route.claimed).marked(mark);
        let flights = &self.flights;
        let text = || flights.get(place).envelope.told();
        self.recorder.record_with(who, Happening::Delivered, route.sent, note, text)
    }

    /// The receiver of a message observes what struck it.
    #[inline]
    fn feel(&mut self, struck: Struck) {
        if !struck.is_empty() {
            struck.kinds().for_each(|kind| self.recorder.ledger.felt(kind));
        }
    }

    #[inline]
    fn deliver_to_agent(&mut self, route: Route, place: Place) {
        match self.live[route.to.index()][..] {
            [] => {
                let note = Note::about(route.about).with(route.claimed);
                self.recorder.record(Who::only(route.to), Happening::Dropped, route.sent, note);
                drop(self.flights.take(place));
            }
            [..] if matches!(self.flights.get(place).envelope, Envelope::Parted(_)) => self.deliver_to_side(place),
            [process] => {
                self.feel(route.struck);
                let cause = self.delivered(self.who(process), route, place);
                self.reach(process, route.claimed, place, cause);
            }
            [..] => self.deliver_to_twins(route, place),
        }
    }

    /// A message that some copies only may hear.
    #[cold]
    fn deliver_to_side(&mut self, place: Place) {
        let Flight { route, envelope } = self.flights.take(place);
        self.feel(route.struck);
        if let Envelope::Parted(parted) = envelope {
            let Parted { heard_by, message } = *parted;
            self.deliver_parted(&Flight { route, envelope: Envelope::Peer(message) }, &heard_by);
        }
    }

    /// A copy of a message reaches one live copy of its receiver.
    pub(super) fn reach_copy(&mut self, process: u32, flight: Flight<P::Message>) {
        let route = flight.route;
        let copy = self.flights.insert(flight);
        let cause = self.delivered(self.who(process), route, copy);
        self.reach(process, route.claimed, copy, cause);
    }

    /// Every live copy gets one. It may stop at what it hears, so the list is settled first.
    #[cold]
    fn deliver_to_twins(&mut self, route: Route, place: Place) {
        self.feel(route.struck);
        let flight = self.flights.take(place);
        for process in self.live[route.to.index()].clone() {
            self.reach_copy(process, flight.clone());
        }
    }

    /// A message reaches one live copy. By far the most need not wait.
    #[inline(always)]
    fn reach(&mut self, process: u32, from: NodeId, place: Place, cause: Cause) {
        let target = &self.processes[process as usize];
        let (free, pure) = (target.is_free(), target.is_pure());
        match self.flights.get(place).envelope {
            Envelope::Peer(_) if free && pure => {
                self.step_with(process, cause, |flights| match flights.take(place).envelope {
                    Envelope::Peer(message) => Event::Deliver { from, message },
                    other => mistaken(other),
                })
            }
            Envelope::Any(_) if free && !pure => match self.flights.take(place).envelope {
                Envelope::Any(parcel) => self.hand_over(process, from, parcel, cause),
                other => mistaken(other),
            },
            _ => {
                let envelope = self.flights.take(place).envelope;
                self.reach_later(process, from, envelope, cause);
            }
        }
    }

    /// A message reaches one live copy that may be busy, or it is none of the most frequent ones.
    fn reach_later(&mut self, process: u32, from: NodeId, envelope: Envelope<P::Message>, cause: Cause) {
        if let Some(incoming) = self.incoming(process, from, envelope) {
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
            Envelope::Return(back) if !pure && Self::is_caller(process.id, &back) => Incoming::Consulted(back),
            Envelope::Any(parcel) if !pure => Incoming::Letter(Letter { from, parcel }),
            _ => return None,
        })
    }

    /// The fate of a message on a link where faults wait for the n-th one. Of those that waited for this one, some
    /// strike it alone; one that lasts begins and is on the link from now on.
    #[cold]
    fn armed_fate(&mut self, from: NodeId, to: NodeId, words: u64) -> Fate {
        let link = self.links.get(from, to);
        let number = link.sent();
        let due: Vec<u32> = link.armed.extract_if(.., |(nth, _)| *nth == number).map(|(_, fault)| fault).collect();
        let begun: Vec<u32> = due.into_iter().filter(|fault| self.begin_fault(*fault, None)).collect();
        let faults = &self.setup.schedule.faults;
        let link = self.links.get(from, to);
        let fate = link.fate(self.recorder.now, self.setup.latency, words, faults);
        let single = |number: &u32| begun.contains(number) && !lasts(faults[*number as usize].kind);
        link.faults.retain(|number| !single(number));
        fate
    }
}

/// What was looked at just now is something else, which cannot be. It is forgotten rather than dropped: what a panic
/// would have to drop gets an address, and is copied there first.
#[inline(always)]
fn mistaken<T>(other: impl Sized) -> T {
    std::mem::forget(other);
    unreachable!("looked at just now")
}

/// The message altered in one place, if no checksum would notice.
fn corrupted<P: TeamProtocol>(envelope: &Envelope<P::Message>, draw: u64) -> Option<Envelope<P::Message>> {
    match envelope {
        Envelope::Peer(message) => P::corrupted(message, draw).map(Envelope::Peer),
        _ => None,
    }
}
