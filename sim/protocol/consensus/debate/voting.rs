//! From the debate to the vote: when this member takes the chair, and what it puts. Knows nothing of how votes are
//! counted.

use super::floor::favourite;
use super::{Debate, Floor, Message, Motion, Progress, Speech, Split, Stage, Timer};
use crate::fact::{Slot, Value};
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::consensus::vote::{Content, Letter};
use crate::protocol::team::Reason;

impl Debate {
    /// A letter about a vote. A call ends this member's debate, even one that it has not heard of.
    pub(super) fn on_letter(&mut self, from: NodeId, letter: Letter<Speech>, effects: &mut Effects<Debate>) {
        let slot = letter.slot;
        let calls = matches!(letter.content, Content::Call { .. } | Content::Put { .. });
        if calls && self.votes.outcome(slot).is_none() {
            self.floors.entry(slot).or_default();
            self.close(slot, effects);
            self.back_off(slot, effects);
        }
        let speech = self.floors.get(&slot).map_or(Speech::Pass, |floor| floor.final_speech(self.me));
        let progress = self.votes.receive(from, letter, || speech, effects);
        self.follow_up(slot, progress, effects);
    }

    /// Tells a member what was voted; says whether there was anything to tell.
    pub(super) fn tell(&self, member: NodeId, slot: Slot, effects: &mut Effects<Debate>) -> bool {
        let Some(motion) = self.votes.outcome(slot) else { return false };
        let content = Content::Outcome { motion: motion.clone() };
        effects.send(member, Message::Vote(Letter { slot, content }));
        true
    }

    /// Takes the chair when nobody else's vote comes to an end.
    pub(super) fn take_chair(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        if !self.config.takes_the_chair(self.turn(slot)) {
            return;
        }
        let Some(floor) = self.floors.get(&slot).filter(|floor| floor.stage == Stage::Closed) else { return };
        let speech = floor.final_speech(self.me);
        self.back_off(slot, effects);
        let progress = self.votes.stand(slot, speech, effects);
        self.follow_up(slot, progress, effects);
    }

    pub(super) fn back_off(&self, slot: Slot, effects: &mut Effects<Debate>) {
        effects.arm(Timer::Chair(slot), self.config.backoff.clone());
    }

    /// Acts on what a step of a vote came to.
    pub(super) fn follow_up(&mut self, slot: Slot, progress: Progress, effects: &mut Effects<Debate>) {
        match progress {
            Progress::Open => {}
            Progress::Seated => self.wait_for_the_rest(slot, effects),
            Progress::Preempted => {
                effects.disarm(Timer::Tally(slot));
                effects.disarm(Timer::Motion(slot));
            }
            Progress::Refused { value, reasons } => self.on_refused(slot, value, reasons, effects),
            Progress::Settled(motion) => self.settle(slot, &motion, effects),
        }
    }

    /// A majority is there. Who is obliged puts at once; else the rest may come for a while, for each answer counts.
    fn wait_for_the_rest(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        let present = self.votes.brought(slot).count();
        if present == self.members.len() || self.votes.obliged(slot).is_some() {
            self.put_motion(slot, effects);
        } else if present == self.members.majority() {
            effects.arm(Timer::Tally(slot), self.config.tally..=self.config.tally);
        }
    }

    /// Puts what the members brought.
    pub(super) fn put_motion(&mut self, slot: Slot, effects: &mut Effects<Debate>) {
        if self.votes.chairs(slot).is_none() || self.votes.has_put(slot) {
            return;
        }
        effects.disarm(Timer::Tally(slot));
        let Some(floor) = self.floors.get(&slot) else { return };
        let motion = match self.votes.obliged(slot) {
            Some(motion) => Some(motion.clone()),
            None => self.motion(slot, floor),
        };
        match motion {
            Some(motion) => {
                effects.arm(Timer::Motion(slot), self.config.patience..=self.config.patience);
                let progress = self.votes.put(slot, motion, effects);
                self.follow_up(slot, progress, effects);
            }
            None => {
                self.votes.adjourn(slot);
                self.reopen(slot, effects);
            }
        }
    }

    /// The motion that follows from what was brought; none if the debate has to go on.
    fn motion(&self, slot: Slot, floor: &Floor) -> Option<Motion> {
        let answers = self.votes.brought(slot).filter_map(|(_, speech)| speech.answer());
        let most = favourite(answers.filter(|value| !floor.refused.contains_key(*value)));
        let spent = floor.round.max(floor.latest_round()) + 1 >= self.config.most;
        match most {
            _ if floor.refused.len() >= self.config.refusals as usize => Some(Motion::GiveUp),
            Some(most) if most.members >= self.members.majority() => Some(Motion::Adopt(most.value)),
            Some(most) if self.config.split == Split::Plurality => Some(Motion::Adopt(most.value)),
            Some(_) => Some(Motion::GiveUp),
            None => spent.then_some(Motion::GiveUp),
        }
    }

    /// What was put did not pass the members' checks: it falls out, and this member puts what is left.
    fn on_refused(&mut self, slot: Slot, value: Value, reasons: Vec<Reason>, effects: &mut Effects<Debate>) {
        let Some(floor) = self.floors.get_mut(&slot) else { return };
        if let Some(reason) = reasons.first().filter(|_| self.config.drops_what_was_refused()) {
            floor.refused.insert(value, *reason);
        }
        self.take_chair(slot, effects);
    }

    /// The slot is settled: clients hear of it, and nothing else about it is wanted any more.
    fn settle(&mut self, slot: Slot, motion: &Motion, effects: &mut Effects<Debate>) {
        self.close(slot, effects);
        for timer in [Timer::Chair(slot), Timer::Tally(slot), Timer::Motion(slot)] {
            effects.disarm(timer);
        }
        let clients = self.floors.remove(&slot).map(|floor| floor.clients).unwrap_or_default();
        clients.into_iter().for_each(|op| effects.respond(op, motion.outcome(slot)));
    }
}
