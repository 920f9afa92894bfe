//! Who orchestrates: signs of life, taking over, fencing the one before. Knows nothing of how answers are collected.

use super::desk::{Desk, Duty};
use super::message::{Accepted, Epoch, Message, Timer, Write};
use super::{Orchestrator, Succession};
use crate::fact::Slot;
use crate::id::NodeId;
use crate::protocol::Effects;
use crate::protocol::team::Outcome;
use std::collections::{BTreeMap, BTreeSet};

impl Orchestrator {
    /// The orchestrator was silent for too long, or this member's own fence got no majority.
    pub(super) fn take_over(&mut self, effects: &mut Effects<Orchestrator>) {
        match self.config.succession {
            Succession::Unfenced if matches!(self.duty, Duty::Worker) => self.reign(Box::default(), effects),
            Succession::Fenced if !matches!(self.duty, Duty::Orchestrating(_)) => self.fence(effects),
            _ => {}
        }
    }

    /// Asks a majority to refuse everyone before. The own promise comes first, so a new life never reuses this epoch.
    fn fence(&mut self, effects: &mut Effects<Orchestrator>) {
        let epoch = self.seen.max(self.disk.promised).next_of(self.me, &self.members);
        let before = std::mem::replace(&mut self.duty, Duty::Worker);
        let clients = if let Duty::Fencing(desk) = before { desk.clients } else { BTreeMap::new() };
        self.save(Write::Promise(epoch), effects);
        let found = self.disk.accepted.clone();
        let desk = Desk { epoch, promises: BTreeSet::from([self.me]), found, clients, ..Desk::default() };
        self.duty = Duty::Fencing(Box::new(desk));
        effects.send_all(self.members.others(self.me), &Message::Fence { epoch });
        self.watch(effects);
        self.reign_if_promised(effects);
    }

    pub(super) fn on_fence(&mut self, from: NodeId, epoch: Epoch, effects: &mut Effects<Orchestrator>) {
        if epoch < self.disk.promised {
            return effects.send(from, Message::Refused { promised: self.disk.promised });
        }
        if epoch > self.disk.promised {
            self.step_back(Some(from), effects);
            self.save(Write::Promise(epoch), effects);
            self.watch(effects);
        }
        effects.send(from, Message::Promised { epoch, accepted: self.disk.accepted.clone() });
    }

    pub(super) fn on_promised(
        &mut self,
        from: NodeId,
        epoch: Epoch,
        accepted: BTreeMap<Slot, Accepted>,
        effects: &mut Effects<Orchestrator>,
    ) {
        match &mut self.duty {
            Duty::Fencing(desk) if desk.epoch == epoch => {
                desk.promises.insert(from);
                desk.find(accepted);
                self.reign_if_promised(effects);
            }
            _ => {}
        }
    }

    fn reign_if_promised(&mut self, effects: &mut Effects<Orchestrator>) {
        match std::mem::replace(&mut self.duty, Duty::Worker) {
            Duty::Fencing(desk) if desk.promises.len() >= self.members.majority() => self.reign(desk, effects),
            other => self.duty = other,
        }
    }

    /// Begins to orchestrate: first with what may have been decided before, verbatim, then with what is wanted.
    pub(super) fn reign(&mut self, desk: Box<Desk>, effects: &mut Effects<Orchestrator>) {
        let found = desk.found.clone();
        // What this member was asked to report on is still open as far as it knows: a successor takes that up too.
        let open = self.own.keys().filter(|slot| !self.decided.contains_key(slot));
        let wanted: BTreeSet<Slot> = desk.clients.keys().chain(open).copied().collect();
        self.duty = Duty::Orchestrating(desk);
        self.chief = None;
        effects.disarm(Timer::Silence);
        effects.arm(Timer::Resend, self.config.resend..=self.config.resend);
        self.beat(effects);
        for (slot, accepted) in found {
            match self.decided.get(&slot).cloned() {
                Some(value) => self.announce(slot, &value, effects),
                None => self.have_accepted(slot, accepted.value, effects),
            }
        }
        for slot in wanted {
            self.collect(slot, effects);
        }
    }

    /// Shows everyone that the orchestrator lives, and again after a while.
    pub(super) fn beat(&mut self, effects: &mut Effects<Orchestrator>) {
        let Duty::Orchestrating(desk) = &self.duty else { return };
        effects.send_all(self.members.others(self.me), &Message::Beat { epoch: desk.epoch });
        effects.arm(Timer::Beat, self.config.heartbeat..=self.config.heartbeat);
    }

    pub(super) fn on_beat(&mut self, from: NodeId, epoch: Epoch, effects: &mut Effects<Orchestrator>) {
        if epoch < self.disk.promised {
            return effects.send(from, Message::Refused { promised: self.disk.promised });
        }
        match self.config.succession {
            // It knows no epochs and goes on beside the other.
            Succession::Unfenced if !matches!(self.duty, Duty::Worker) => return,
            Succession::Unfenced => {}
            Succession::Fenced => self.step_back(Some(from), effects),
        }
        self.chief = Some(from);
        self.watch(effects);
    }

    /// Someone promised a later epoch: whoever acts in an earlier one is through.
    pub(super) fn on_refused(&mut self, promised: Epoch, effects: &mut Effects<Orchestrator>) {
        self.seen = self.seen.max(promised);
        match &self.duty {
            Duty::Fencing(desk) | Duty::Orchestrating(desk) if desk.epoch < promised => self.step_back(None, effects),
            _ => {}
        }
    }

    /// Becomes a worker; clients are sent elsewhere, for the successor may decide their slots.
    fn step_back(&mut self, chief: Option<NodeId>, effects: &mut Effects<Orchestrator>) {
        self.chief = chief;
        let (Duty::Fencing(desk) | Duty::Orchestrating(desk)) = std::mem::replace(&mut self.duty, Duty::Worker) else {
            return;
        };
        effects.disarm(Timer::Beat);
        effects.disarm(Timer::Resend);
        desk.cases.into_keys().for_each(|slot| effects.disarm(Timer::Deadline(slot)));
        for op in desk.clients.into_values().flatten() {
            effects.respond(op, Outcome::Elsewhere { hint: chief });
        }
        self.watch(effects);
    }

    /// Waits for a sign of life, the longer the later this member's turn is.
    pub(super) fn watch(&self, effects: &mut Effects<Orchestrator>) {
        let rank = self.members.iter().take_while(|member| *member != self.me).count() as u64;
        let least = self.config.silence + self.config.stagger * rank;
        // Half a stagger of chance, so that two that began together do not go on together.
        effects.arm(Timer::Silence, least..=least + crate::time::Duration(self.config.stagger.0 / 2));
    }
}
