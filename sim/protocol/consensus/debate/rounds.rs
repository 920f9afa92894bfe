//! The rounds of a debate: asking, speaking, hearing, going on, stopping. Knows nothing of how a vote is taken.

use super::floor::Overdue;
use super::{Debate, Floor, Message, Speech, Speeches, Split, Stage, Stop, Timer, Write};
use crate::fact::{Fact, Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::{Ask, Reason};
use std::collections::BTreeMap;

impl Debate {
    /// Takes part in a debate that is new here: tells everyone and asks the own model.
    pub(super) fn join(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        if self.floors.contains_key(&slot) || self.votes.outcome(slot).is_some() {
            return;
        }
        self.floors.insert(slot, Floor::default());
        self.begin_round(slot, 0, effects);
        self.repeat(slot, effects);
    }

    /// Goes on in a round that an earlier life was in: with a new question if it had not spoken there.
    pub(super) fn resume(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        let Some(floor) = self.floors.get(&slot) else { return };
        if floor.has_spoken(self.me) {
            effects.arm(Timer::Floor(slot), self.config.floor..=self.config.floor);
        } else {
            self.begin_round(slot, floor.round, effects);
        }
        self.repeat(slot, effects);
    }

    /// Asks the own model for an answer in this round, and no longer for one in another.
    fn begin_round(&mut self, slot: Slot, round: u32, effects: &mut Effects<Debate>) {
        let ticket = self.votes.next_ticket();
        let Some(floor) = self.floors.get_mut(&slot) else { return };
        if let Some(earlier) = floor.asked.replace(ticket) {
            effects.cancel(earlier);
        }
        (floor.round, floor.stage, floor.overdue) = (round, Stage::Open, Overdue::No);
        let (own, peers) = (floor.last_answer(self.me).cloned(), floor.stances(self.me));
        let refusals = floor.refused.values().copied().collect();
        let ask = if round == 0 || (own.is_none() && peers.is_empty()) {
            Ask::Propose { slot, refusals }
        } else {
            Ask::Revise { slot, own, peers, refusals }
        };
        effects.ask(ticket, ask);
        effects.disarm(Timer::Floor(slot));
        effects.disarm(Timer::Chair(slot));
        effects.arm(Timer::Patience(slot), self.config.patience..=self.config.patience);
    }

    /// Speaks, once a round: durable before anyone hears of it.
    pub(super) fn speak(&mut self, slot: Slot, speech: Speech, effects: &mut Effects<Debate>) {
        let Some(floor) = self.floors.get_mut(&slot) else { return };
        let Some(ticket) = floor.asked.take() else { return };
        if speech == Speech::Pass {
            effects.cancel(ticket);
        }
        let (me, round) = (self.me, floor.round);
        if let Some(write) = self.config.surviving(Write::Said { slot, round, speech: speech.clone() }) {
            effects.persist(write);
        }
        report(slot, round, &speech, effects);
        floor.hear(me, Speeches::from([(round, speech)]));
        effects.disarm(Timer::Patience(slot));
        effects.arm(Timer::Floor(slot), self.config.floor..=self.config.floor);
        let speeches = floor.said.get(&me).cloned().unwrap_or_default();
        effects.send_all(self.members.others(me), &Message::Said { slot, speeches });
        self.go_on(slot, effects);
    }

    /// Says again what was said, to everyone, for as long as the debate is open: whoever was heard need not have heard.
    pub(super) fn repeat(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        let Some(floor) = self.floors.get(&slot).filter(|floor| floor.stage == Stage::Open) else { return };
        let speeches = floor.said.get(&self.me).cloned().unwrap_or_default();
        effects.send_all(self.members.others(self.me), &Message::Said { slot, speeches });
        effects.arm(Timer::Resend(slot), self.config.resend..=self.config.resend);
    }

    /// A member's speeches. Who speaks of what is settled is told so.
    pub(super) fn on_said(&mut self, from: NodeId, slot: Slot, speeches: Speeches, effects: &mut Effects<Debate>) {
        if self.tell(from, slot, effects) {
            return;
        }
        self.join(slot, effects);
        let Some(floor) = self.floors.get_mut(&slot) else { return };
        floor.hear(from, speeches);
        let later = floor.latest_round();
        if floor.stage == Stage::Open && later > floor.round {
            self.begin_round(slot, later, effects);
        }
        self.go_on(slot, effects);
    }

    /// The chair found nothing that could be put: the debate goes on, if this member is not further already.
    pub(super) fn on_reopened(
        &mut self,
        slot: Slot,
        round: u32,
        refused: BTreeMap<Value, Reason>,
        effects: &mut Effects<Debate>,
    ) {
        if self.votes.outcome(slot).is_some() {
            return;
        }
        self.join(slot, effects);
        let Some(floor) = self.floors.get_mut(&slot) else { return };
        if round > floor.round {
            floor.refused.extend(refused);
            self.begin_round(slot, round, effects);
            self.repeat(slot, effects);
        }
    }

    /// Opens the debate again, as a chair that has nothing to put.
    pub(super) fn reopen(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        let Some(floor) = self.floors.get(&slot) else { return };
        let round = floor.round.max(floor.latest_round()) + 1;
        let message = Message::Reopened { slot, round, refused: floor.refused.clone() };
        effects.send_all(self.members.others(self.me), &message);
        self.begin_round(slot, round, effects);
        self.repeat(slot, effects);
    }

    /// The others have had their time.
    pub(super) fn end_floor(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        if let Some(floor) = self.floors.get_mut(&slot) {
            floor.overdue = Overdue::Yes;
            self.go_on(slot, effects);
        }
    }

    /// Ends the round or the debate, if it is time.
    fn go_on(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        let (all, majority) = (self.members.len(), self.members.majority());
        let Some(floor) = self.floors.get(&slot).filter(|floor| floor.stage == Stage::Open) else { return };
        let round = u64::from(floor.round);
        if let Some(agreed) = floor.agreement(&self.config, &self.members) {
            // What the rule asks for, whatever was counted.
            let alpha = if self.config.stop == Stop::All { all } else { majority } as u64;
            effects.note(Fact::Agreed { slot, term: 0, round, value: agreed.value, alpha, beta: 1 });
            return self.stand_by(slot, effects);
        }
        if !floor.has_spoken(self.me) {
            return;
        }
        let spoke = floor.speeches(&self.config).count();
        // A round of passes takes its time: models that fail at once would spend every round in one outage.
        let answered = floor.speeches(&self.config).any(|speech| speech.answer().is_some());
        if (spoke == all && answered)
            || (spoke >= majority && floor.overdue == Overdue::Yes && self.config.goes_on_without_the_late())
        {
            self.end_round(slot, effects);
        }
    }

    /// The round is over: another one follows, or the debate is over too.
    fn end_round(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        let Some(floor) = self.floors.get(&slot) else { return };
        let next = floor.round + 1;
        let ripe = floor.has_candidate()
            && (self.config.split == Split::Plurality || floor.has_majority(&self.config, &self.members));
        if next >= self.config.most || (next >= self.config.rounds && ripe) {
            return self.stand_by(slot, effects);
        }
        self.begin_round(slot, next, effects);
        self.repeat(slot, effects);
    }

    /// The debate is over for this member, which waits for its turn to take the chair.
    fn stand_by(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        self.close(slot, effects);
        let wait = self.config.turn * self.turn(slot);
        effects.arm(Timer::Chair(slot), wait..=wait);
    }

    /// After how many others it is this member's turn to take the chair.
    pub(super) fn turn(&self, slot: Slot) -> u64 {
        let size = self.members.len() as u64;
        let place = self.members.iter().position(|member| member == self.me).unwrap_or_default() as u64;
        (place + size - slot.0 % size) % size
    }

    /// Ends the member's part in the debate: it stands by its last answer, and its model is not wanted any more.
    pub(super) fn close(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        let Some(floor) = self.floors.get_mut(&slot) else { return };
        floor.stage = Stage::Closed;
        if let Some(ticket) = floor.asked.take() {
            effects.cancel(ticket);
        }
        for timer in [Timer::Patience(slot), Timer::Floor(slot), Timer::Resend(slot)] {
            effects.disarm(timer);
        }
    }
}

/// Reports a speech that is durable.
pub(super) fn report(slot: Slot, round: u32, speech: &Speech, effects: &mut Effects<Debate>) {
    if let Speech::Answer(value) = speech {
        effects.note(Fact::Proposed { slot, value: value.clone() });
        effects.note(Fact::Answered { slot, term: 0, round: u64::from(round), value: value.clone() });
    }
}
