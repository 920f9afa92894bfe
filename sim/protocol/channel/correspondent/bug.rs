//! A bug is found, fixed and judged. Knows no order but that of the transcript.

use super::{Audience, Channel, Correspondent, Remark, Timer};
use crate::fact::{Slot, Value};
use crate::id::{NodeId, OpId};
use crate::protocol::Effects;
use crate::protocol::channel::{Letter, Post};
use crate::protocol::team::{Answer, Ask, Outcome, Stance};
use crate::time::{Duration, millis, seconds};

/// How long a fix takes. A small one: "found" and "fixed" come close together, as in teams of agents.
const FIX: (Duration, Duration) = (millis(100), seconds(3));
/// Before a model that gave nothing is asked again.
const PAUSE: Duration = seconds(1);

impl<C: Channel> Correspondent<C> {
    fn nth(&self, place: usize) -> Option<NodeId> {
        self.members.iter().nth(place)
    }

    fn is_tester(&self) -> bool {
        self.nth(0) == Some(self.me)
    }

    fn fixes(&self) -> bool {
        self.nth(1) == Some(self.me)
    }

    fn is_manager(&self) -> bool {
        self.nth(2) == Some(self.me)
    }

    /// A client wants to hear how things stand. The tester looks, finds a bug and says so.
    pub(super) fn on_report_wanted(&mut self, op: OpId, slot: Slot, effects: &mut Effects<Self>) {
        if !self.is_tester() {
            return effects.respond(op, Outcome::Elsewhere { hint: self.nth(0) });
        }
        if let Some(value) = self.verdict(slot) {
            return effects.respond(op, Outcome::Decided { slot, value });
        }
        self.clients.entry(slot).or_default().push(op);
        if !self.has_said(|said| *said == Remark::Found(slot)) {
            self.tell(&Remark::Found(slot));
        }
    }

    fn tell(&mut self, remark: &Remark) {
        self.drafts.push_back(Post { to: Audience::All, body: remark.value() });
    }

    /// What was first said of a slot's state as a verdict.
    fn verdict(&self, slot: Slot) -> Option<Value> {
        self.heard.values().find_map(|letter| match Remark::read(&letter.body) {
            Some(Remark::Verdict(about, value)) if about == slot => Some(value),
            _ => None,
        })
    }

    /// What a remark makes this member do.
    pub(super) fn work_on(&mut self, remark: Remark, effects: &mut Effects<Self>) {
        match remark {
            Remark::Found(slot) if self.fixes() && !self.has_said(|said| *said == Remark::Fixed(slot)) => {
                effects.arm(Timer::Fix(slot), FIX.0..=FIX.1);
            }
            Remark::Found(slot) | Remark::Fixed(slot) if self.is_manager() => self.judge(slot, effects),
            Remark::Verdict(slot, _) => {
                let Some(value) = self.verdict(slot) else { return };
                effects.decide(slot, value.clone());
                for op in self.clients.remove(&slot).unwrap_or_default() {
                    effects.respond(op, Outcome::Decided { slot, value: value.clone() });
                }
            }
            _ => {}
        }
    }

    /// The fix is done.
    pub(super) fn fix(&mut self, slot: Slot) {
        if !self.has_said(|said| *said == Remark::Fixed(slot)) {
            self.tell(&Remark::Fixed(slot));
        }
    }

    /// Once the manager has heard of a bug and of its fix, its model is shown both as they stand in the transcript.
    pub(super) fn judge(&mut self, slot: Slot, effects: &mut Effects<Self>) {
        let is_about = |letter: &&Letter| match Remark::read(&letter.body) {
            Some(Remark::Found(about) | Remark::Fixed(about)) => about == slot,
            _ => false,
        };
        let peers: Vec<Stance> = self
            .heard
            .values()
            .filter(is_about)
            .map(|letter| Stance { by: letter.id.from, value: letter.body.clone() })
            .collect();
        let judged = self.has_said(|said| matches!(said, Remark::Verdict(about, _) if *about == slot));
        if peers.len() < 2 || judged || self.asked.values().any(|asked| *asked == slot) {
            return;
        }
        self.tickets += 1;
        self.asked.insert(self.tickets, slot);
        effects.ask(self.tickets, Ask::Revise { slot, own: None, peers, refusals: Vec::new() });
    }

    /// The manager's model answers.
    pub(super) fn on_answer(&mut self, ticket: u64, answer: Answer, effects: &mut Effects<Self>) {
        let Some(slot) = self.asked.remove(&ticket) else { return };
        match answer {
            Answer::Proposal(value) => self.tell(&Remark::Verdict(slot, value)),
            Answer::Nothing(_) | Answer::Approved | Answer::Refused(_) => {
                effects.arm(Timer::AskAgain(slot), PAUSE..=PAUSE);
            }
        }
    }
}
