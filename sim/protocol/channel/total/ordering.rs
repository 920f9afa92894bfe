//! From letters to the log and back: submitting, proposing, delivering in order. Knows nothing of Raft's messages.

use super::{Message, Timer, Total};
use crate::fact::{Slot, Value};
use crate::id::{NodeId, OpId};
use crate::protocol::channel::{Audience, Bounds, Delivery, Letter, LetterId};
use crate::protocol::consensus::Raft;
use crate::protocol::team::{Answer, Ask, Reason, Request};
use crate::protocol::{Effect, Effects, Event, Protocol};
use crate::time::{Duration, Time};
use std::collections::VecDeque;

/// Room for a member's index in a slot.
const INDEX_BITS: u32 = 16;

/// The slot that a letter has in the log.
fn slot_of(id: LetterId) -> Slot {
    Slot(id.number << INDEX_BITS | id.from.index() as u64)
}

/// The letter that a slot of the log is about.
fn letter_of(slot: Slot) -> LetterId {
    let index = u16::try_from(slot.0 & ((1 << INDEX_BITS) - 1)).expect("as many bits as an index has");
    LetterId { from: NodeId::agent(index), number: slot.0 >> INDEX_BITS }
}

impl Total {
    /// Submits what the window allows and was not submitted in this life.
    pub(super) fn submit(&mut self, effects: &mut Effects<Total>) {
        let Some(first) = self.outbox.keys().next().copied() else {
            if std::mem::take(&mut self.armed) {
                effects.disarm(Timer::Resubmit);
            }
            return;
        };
        let fresh = self.outbox.range(self.flown + 1..).take_while(|(number, _)| **number < first + self.bounds.window);
        let fresh: Vec<Letter> = fresh.map(|(_, letter)| letter.clone()).collect();
        for letter in fresh {
            self.flown = letter.id.number;
            effects.send_all(self.members.others(self.me), &Message::Submit(letter));
        }
        if !self.armed {
            self.arm(effects);
        }
    }

    fn arm(&mut self, effects: &mut Effects<Total>) {
        let Bounds { resend, resend_most, .. } = self.bounds;
        self.armed = true;
        let span = Duration(resend.0.saturating_mul(1 << self.tries.min(20)).min(resend_most.0));
        effects.arm(Timer::Resubmit, span..=Duration(span.0 + span.0 / 2));
    }

    /// Nothing of it came into the log for a while: it is submitted again.
    pub(super) fn resubmit(&mut self, effects: &mut Effects<Total>) {
        (self.armed, self.tries) = (false, self.tries.saturating_add(1));
        for letter in self.outbox.range(..=self.flown).map(|(_, letter)| letter.clone()) {
            effects.send_all(self.members.others(self.me), &Message::Submit(letter));
        }
        self.submit(effects);
    }

    /// A member wants its letter in the log.
    pub(super) fn on_submit(&mut self, letter: Letter, effects: &mut Effects<Total>) {
        if self.delivers_early() {
            return self.deliver(letter, effects);
        }
        if !self.raft.decisions().contains(slot_of(letter.id)) {
            self.pool.insert(letter.id, letter);
        }
    }

    /// A leader proposes what is not in the log.
    pub(super) fn lead(&mut self, now: Time, effects: &mut Effects<Total>) {
        if !self.raft.is_leader() {
            return;
        }
        if self.proposed.term != self.raft.term() {
            self.proposed.term = self.raft.term();
            self.proposed.letters.clear();
        }
        let fresh = self.pool.keys().filter(|id| !self.proposed.letters.contains(id)).copied();
        for id in fresh.collect::<Vec<_>>() {
            self.proposed.letters.insert(id);
            // Nobody waits for what Raft answers: the log is the answer.
            let (op, request) = (OpId(slot_of(id).0), Request::Propose { slot: slot_of(id) });
            self.pass(now, Event::Invoke { op, request }, effects);
        }
    }

    /// One event for Raft, and what follows from it.
    pub(super) fn drive(&mut self, now: Time, event: Event<Raft>, effects: &mut Effects<Total>) {
        self.pass(now, event, effects);
        self.lead(now, effects);
        self.submit(effects);
    }

    fn pass(&mut self, now: Time, event: Event<Raft>, effects: &mut Effects<Total>) {
        let mut events = VecDeque::from([event]);
        let mut wanted = Effects::default();
        while let Some(event) = events.pop_front() {
            self.raft.step(now, event, &mut wanted);
            for effect in wanted.drain() {
                events.extend(turn(effect, self, effects));
            }
        }
    }

    /// What Raft asks: the letter that the slot is about.
    fn proposal(&self, ask: &Ask) -> Answer {
        let letter = match ask {
            Ask::Propose { slot, .. } => self.pool.get(&letter_of(*slot)),
            // Nothing is validated, and nobody deliberates.
            Ask::Validate { .. } | Ask::Revise { .. } => None,
        };
        letter.map_or(Answer::Nothing(Reason::Facts), |letter| Answer::Proposal(letter.body.clone()))
    }

    /// The log has a letter.
    fn decided(&mut self, slot: Slot, body: Value, effects: &mut Effects<Total>) {
        let id = letter_of(slot);
        self.pool.remove(&id);
        if id.from == self.me && self.outbox.remove(&id.number).is_some() {
            self.logged.insert(id.number);
            self.tries = 0;
        }
        if self.delivers_early() {
            return;
        }
        self.held.insert(id, Letter { id, to: Audience::All, body });
        while let Some(letter) = self.next_of(id.from) {
            self.deliver(letter, effects);
        }
    }

    fn next_of(&mut self, writer: NodeId) -> Option<Letter> {
        let number = self.cursors.get(&writer).copied().unwrap_or_default() + 1;
        let next = LetterId { from: writer, number };
        if self.keeps_senders_order() {
            return self.held.remove(&next);
        }
        let any = self.held.keys().find(|id| id.from == writer).copied()?;
        self.held.remove(&any)
    }

    fn deliver(&mut self, letter: Letter, effects: &mut Effects<Total>) {
        let cursor = self.cursors.entry(letter.id.from).or_default();
        *cursor = (*cursor).max(letter.id.number);
        self.delivered += 1;
        self.ready.push_back(Delivery { position: self.delivered, letter });
        self.hand_over(effects);
    }

    /// Hands over what the holder has room for.
    pub(super) fn hand_over(&mut self, effects: &mut Effects<Total>) {
        while self.handed - self.taken < self.bounds.inbox {
            let Some(delivery) = self.ready.pop_front() else { return };
            self.handed = delivery.position;
            effects.ask(delivery.position, delivery);
        }
    }
}

/// One of Raft's effects as the channel's; some are events for Raft.
fn turn(effect: Effect<Raft>, total: &mut Total, effects: &mut Effects<Total>) -> Option<Event<Raft>> {
    match effect {
        Effect::Send { to, message } => effects.send(to, Message::Raft(message)),
        Effect::Arm { timer, within } => effects.arm(Timer::Raft(timer), within),
        Effect::Disarm(timer) => effects.disarm(Timer::Raft(timer)),
        Effect::Persist(write) => effects.persist(super::Write::Raft(write)),
        Effect::Decide { slot, value } => total.decided(slot, value, effects),
        Effect::Note(fact) => effects.note(fact),
        Effect::Halt => effects.halt(),
        Effect::Ask { ticket, ask } => return Some(Event::Answer { ticket, answer: total.proposal(&ask) }),
        Effect::Cancel(_) | Effect::Return { .. } => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_names_one_letter() {
        for (index, number) in [(0, 1), (6, 1), (65_535, 1_000_000)] {
            let id = LetterId { from: NodeId::agent(index), number };
            assert_eq!(letter_of(slot_of(id)), id);
        }
    }
}
