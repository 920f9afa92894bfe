//! Messages on their way: sent, struck, held, delivered.

use super::envelope::{Envelope, Flight};
use super::link::Fate;
use super::nemesis::{Until, Waiting};
use super::process::{Body, Incoming};
use super::recorder::{Note, Who};
use super::{Due, World};
use crate::agent::Letter;
use crate::fault::{Kind, When};
use crate::id::{NodeId, Role};
use crate::protocol::Event;
use crate::protocol::team::TeamProtocol;
use crate::trace::{Cause, Happening, Mark};

impl<P: TeamProtocol> World<P> {
    /// Sends a message over the link to `to`.
    #[inline]
    pub(super) fn send(&mut self, who: Who, to: NodeId, envelope: Envelope<P::Message>, cause: Cause) {
        let (about, words) = envelope.measure();
        let note = Note::about(about).with(to);
        let sent = self.recorder.record_with(who, Happening::Sent, cause, note, || envelope.text());
        self.recorder.figures.messages += 1;
        let flight = Flight { claimed: who.node, from: who.node, to, envelope, about, sent, struck: None };
        if who.node == to {
            self.queue.push(self.recorder.now, Due::Deliver(flight));
            return;
        }
        let now = self.recorder.now;
        let link = self.links.get(self.roster, &self.streams, who.node, to);
        let number = link.sent();
        let armed = link.armed.iter().position(|(nth, _)| *nth == number).map(|place| link.armed.remove(place).1);
        link.faults.extend(armed);
        let fate = link.fate(now, self.setup.latency, words, &self.setup.schedule.faults);
        if armed.is_some() {
            link.faults.pop();
        }
        let cut = link.cuts > 0;
        if fate.struck.is_none() && !cut {
            self.queue.push(fate.arrival, Due::Deliver(flight));
        } else {
            self.send_struck(flight, fate);
        }
        if !self.waiting.is_empty() {
            self.release(|until| *until == Until::Crossed { from: to, to: who.node });
        }
    }

    /// Sends a message that a fault struck.
    #[cold]
    fn send_struck(&mut self, mut flight: Flight<P::Message>, fate: Fate) {
        if self.links.is_cut(self.roster, flight.from, flight.to) {
            let kind = self.cutting_kind(flight.from, flight.to);
            self.drop_flight(&flight, kind);
            return;
        }
        flight.struck = fate.struck;
        if let Some(kind) = fate.struck {
            self.recorder.ledger.fired(kind);
        }
        if let Some(second) = fate.second {
            self.queue.push(second, Due::Deliver(flight.clone()));
            flight.struck = None;
        }
        let Some(kind) = fate.special else {
            self.queue.push(fate.arrival, Due::Deliver(flight));
            return;
        };
        match kind {
            Kind::Loss | Kind::FalseSuccess | Kind::CorruptNoticed => self.drop_flight(&flight, None),
            Kind::CorruptUnnoticed => {
                if self.corrupt(&mut flight, fate.draw) {
                    self.queue.push(fate.arrival, Due::Deliver(flight));
                }
            }
            Kind::ForgedSender => {
                flight.claimed = self.other_member(flight.from, flight.to, fate.draw);
                self.queue.push(fate.arrival, Due::Deliver(flight));
            }
            _ => self.hold(flight, kind, fate),
        }
    }

    /// Alters a message between members; one of another kind, or one that cannot be altered unnoticed, is dropped.
    fn corrupt(&mut self, flight: &mut Flight<P::Message>, draw: u64) -> bool {
        let altered = match &flight.envelope {
            Envelope::Peer(message) => P::corrupted(message, draw),
            _ => None,
        };
        match altered {
            Some(message) => {
                flight.envelope = Envelope::Peer(message);
                true
            }
            None => {
                self.drop_flight(flight, None);
                false
            }
        }
    }

    /// A member that is neither the sender nor the receiver, if there is one.
    fn other_member(&self, from: NodeId, to: NodeId, draw: u64) -> NodeId {
        let others: Vec<NodeId> = self.members.iter().filter(|node| *node != from && *node != to).collect();
        match others.len() as u64 {
            0 => from,
            count => others[usize::try_from(draw % count).expect("a member")],
        }
    }

    /// Keeps a message until something happens at its receiver; a fault that does not apply lets it pass.
    fn hold(&mut self, flight: Flight<P::Message>, kind: Kind, fate: Fate) {
        let to_agent = flight.to.role() == Role::Agent;
        let until = match kind {
            Kind::Hold => Some(Until::FaultEnds),
            Kind::LateDelivery if to_agent => Some(Until::TimerAt(flight.to)),
            Kind::TurnEnd if to_agent && self.is_in_turn(flight.to) => Some(Until::TurnOf(flight.to)),
            Kind::Crossing if to_agent => Some(Until::Crossed { from: flight.from, to: flight.to }),
            _ => None,
        };
        let Some(until) = until else {
            self.queue.push(fate.arrival, Due::Deliver(flight));
            return;
        };
        let note = Note::about(flight.about).with(flight.to).marked(Mark::FAULT);
        self.recorder.record_with(Who::only(flight.from), Happening::Held, flight.sent, note, || kind.to_string());
        self.waiting.push(Waiting { flight, until });
    }

    /// Lets go of held messages, in the order they were sent.
    pub(super) fn release(&mut self, now_is: impl Fn(&Until) -> bool) {
        let mut kept = Vec::new();
        for waiting in std::mem::take(&mut self.waiting) {
            if now_is(&waiting.until) {
                self.queue.push(self.recorder.now, Due::Deliver(waiting.flight));
            } else {
                kept.push(waiting);
            }
        }
        self.waiting = kept;
    }

    /// A message never arrives. If its receiver lives, it feels that.
    fn drop_flight(&mut self, flight: &Flight<P::Message>, cut_by: Option<Kind>) {
        let note = Note::about(flight.about).with(flight.claimed).marked(Mark::FAULT);
        let who = self.receiver(flight.to);
        let text = || flight.envelope.text();
        self.recorder.record_with(who, Happening::Dropped, flight.sent, note, text);
        let lives = flight.to.role() != Role::Agent || !self.live[flight.to.index()].is_empty();
        if let Some(kind) = flight.struck.filter(|_| lives) {
            self.recorder.ledger.felt(kind);
        }
        if let Some(kind) = cut_by {
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
        link.faults.iter().map(|number| faults[*number as usize].kind).find(|kind| super::nemesis::cuts(*kind))
    }

    /// A message reaches its receiver, if the link still stands and somebody is there.
    pub(super) fn deliver(&mut self, flight: Flight<P::Message>) {
        if flight.from != flight.to && self.links.is_cut(self.roster, flight.from, flight.to) {
            let kind = self.cutting_kind(flight.from, flight.to);
            self.drop_flight(&Flight { struck: None, ..flight }, kind);
            return;
        }
        if let Some(kind) = flight.struck {
            self.recorder.ledger.felt(kind);
        }
        let mark = if flight.struck.is_some() { Mark::FAULT } else { Mark::NONE };
        let note = Note::about(flight.about).with(flight.claimed).marked(mark);
        match flight.to.role() {
            Role::Agent => self.deliver_to_agent(flight, note),
            Role::Client => {
                let cause = self.delivered(Who::only(flight.to), &flight, note);
                if let Envelope::Return(back) = flight.envelope {
                    self.client_hears(u16::try_from(flight.to.index()).expect("a client"), *back, cause);
                }
            }
            Role::Model => {
                let cause = self.delivered(Who::only(flight.to), &flight, note);
                if let Envelope::Prompt(prompt) = flight.envelope {
                    self.prompted(flight.to, flight.claimed, *prompt, cause);
                }
            }
        }
    }

    fn delivered(&mut self, who: Who, flight: &Flight<P::Message>, note: Note) -> Cause {
        self.recorder.record_with(who, Happening::Delivered, flight.sent, note, || flight.envelope.text())
    }

    fn deliver_to_agent(&mut self, mut flight: Flight<P::Message>, note: Note) {
        let index = flight.to.index();
        let copies = self.live[index].len();
        if copies == 0 {
            let note = note.marked(Mark::NONE);
            self.recorder.record(Who::only(flight.to), Happening::Dropped, flight.sent, note);
            return;
        }
        for copy in 0..copies {
            let process = self.live[index][copy];
            let cause = self.delivered(self.who(process), &flight, note);
            let last = copy + 1 == copies;
            let envelope = if last {
                std::mem::replace(&mut flight.envelope, Envelope::Invoke(super::envelope::NO_INVOKE))
            } else {
                flight.envelope.clone()
            };
            let incoming = self.incoming(process, flight.claimed, envelope);
            if let Some(incoming) = incoming {
                self.handle(process, incoming, cause);
            }
        }
    }

    /// What a message is to the process it reaches.
    fn incoming(&self, process: u32, from: NodeId, envelope: Envelope<P::Message>) -> Option<Incoming<P>> {
        let process = &self.processes[process as usize];
        let pure = matches!(process.body, Body::Pure(_));
        Some(match envelope {
            Envelope::Peer(message) if pure => Incoming::Event(Event::Deliver { from, message }),
            Envelope::Invoke(invoke) if pure => {
                Incoming::Event(Event::Invoke { op: invoke.op, request: invoke.request })
            }
            // A reply is for the process that asked, not for a later one under the same name.
            Envelope::Reply(reply) if reply.process == process.id => Incoming::Reply(reply),
            Envelope::Any(parcel) if !pure => Incoming::Letter(Letter { from, parcel }),
            _ => return None,
        })
    }

    /// Faults that wait for the n-th message of a link.
    pub(super) fn arm_link(&mut self, fault: u32) {
        let planned = &self.setup.schedule.faults[fault as usize];
        let (When::Nth(nth), crate::fault::Site::Link { from, to }) = (planned.when, &planned.site) else { return };
        let (from, to) = (*from, *to);
        self.links.get(self.roster, &self.streams, from, to).armed.push((nth, fault));
    }
}
